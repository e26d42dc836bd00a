"""What is done to one person with a reason and nothing more: unlock, password, back-up code, sessions, off, on, delete."""

from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from kiosk.administration.accounts import Deleted, delete, disable, enable
from kiosk.administration.changing import Office
from kiosk.administration.free_text import Why
from kiosk.administration.passwords import (
    Done,
    OneTimePassword,
    end_sessions,
    renew_backup_code,
    reset_password,
    unlock,
)
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import OfficePage, PersonForm
from screens.administrator.reason_form import ReasonForm
from screens.administrator.words import day
from screens.widgets.date_box import DateBox
from screens.widgets.field import Field


class DeedPage(ReasonForm, PersonForm):
    """What will happen, why, the number of the help desk."""

    EXPLAINED: ClassVar[str]
    """Id of what will happen."""
    DONE: ClassVar[str]
    """Id of what happened."""

    def explained(self) -> str:
        """What will happen, and to whom."""
        return self.kiosk.say(Sentence(self.EXPLAINED, {"who": self.who}))

    def submit(self) -> None:
        """Enter."""
        if (why := self.why()) is not None:
            self.carry_out(why)

    def carry_out(self, why: Why) -> None:
        """Do it, with this reason."""
        self.do(lambda office: self.act(office, why), self.finished)

    def act(self, office: Office, why: Why) -> Done:
        """What the domain is asked for."""
        raise NotImplementedError

    def finished(self, done: Done) -> None:
        """Back to the card."""
        self.done(Sentence(self.DONE), reference=done.reference)


class UnlockPage(DeedPage):
    """D: both stages in one stroke."""

    title_id = "people.unlock.title"
    EXPLAINED = "people.unlock.explained"
    DONE = "people.unlock.done"
    REASONS = ("mistyped", "new_phone", "no_sms", "holiday")

    def act(self, office: Office, why: Why) -> Done:
        """Unlock."""
        return unlock(office, self.person_id, why, seen=self.seen.card.version)


class SessionsPage(DeedPage):
    """S."""

    title_id = "people.sessions.title"
    EXPLAINED = "people.sessions.explained"
    DONE = "people.sessions.done"
    REASONS = ("left_open", "lost", "suspicion")

    def act(self, office: Office, why: Why) -> Done:
        """End them."""
        return end_sessions(office, self.person_id, why, seen=self.seen.card.version)


class BackupPage(DeedPage):
    """B: void; the person alone is shown a new one."""

    title_id = "people.backup.title"
    EXPLAINED = "people.backup.explained"
    DONE = "people.backup.done"
    REASONS = ("lost", "seen_by_others", "suspicion")

    def act(self, office: Office, why: Why) -> Done:
        """Renew it."""
        return renew_backup_code(office, self.person_id, why, seen=self.seen.card.version)


class ResetPage(DeedPage):
    """W: a one-time password that nobody chose, shown once."""

    title_id = "people.password.title"
    EXPLAINED = "people.password.explained"
    REASONS = ("forgotten", "one_time_expired", "suspicion")

    def carry_out(self, why: Why) -> None:
        """Make it."""
        version = self.seen.card.version
        self.do(lambda office: reset_password(office, self.person_id, why, seen=version), self._hand_over)

    def _hand_over(self, made: OneTimePassword) -> None:
        from screens.administrator.handover import HandoverPage  # noqa: PLC0415  each page when it is wanted

        page = HandoverPage(
            made.password,
            until=made.expires_at,
            reference=made.reference,
            name=self.name_shown,
            user=made.user.name,
            who=made.user.display_name,
        )
        page.ticket = self.ticket
        self.give_way(page)


class OffPage(DeedPage):
    """I: now, or from the beginning of a day."""

    title_id = "people.off.title"
    AUTO_FOCUS = "#date"
    EXPLAINED = "people.off.explained"
    DONE = "people.off.done"
    REASONS = ("leaves", "long_absence", "suspicion")

    def compose_more(self) -> ComposeResult:
        """The day."""
        yield DateBox("people.off.date", id="date", classes="gap")

    @property
    def box(self) -> DateBox:
        """The day."""
        return self.query_one("#date", DateBox)

    @on(DateBox.Complete)
    def _complete(self) -> None:
        if self.box.value is None:
            self.lacks("people.off.no_day", self.box)
        else:
            self.message.clear()
            self.focus_next()

    def submit(self) -> None:
        """Enter; half a day is a mistake, none is now."""
        if self.box.typed and self.box.value is None:
            self.lacks("people.off.no_day", self.box)
        else:
            super().submit()

    def act(self, office: Office, why: Why) -> Done:
        """Switch it off."""
        on_day: date | None = self.box.value
        return disable(office, self.person_id, why, on=on_day, seen=self.seen.card.version)

    def finished(self, done: Done) -> None:
        """Back to the card."""
        if self.box.value is None:
            super().finished(done)
            return
        at = done.user.disabled_from
        told = Sentence(
            "people.off.done_on", {"day": self.box.value.strftime("%d-%m-%Y") if at is None else day(self.kiosk, at)}
        )
        self.done(told, reference=done.reference)


class OnPage(DeedPage):
    """I, for somebody who is off."""

    title_id = "people.on.title"
    EXPLAINED = "people.on.explained"
    DONE = "people.on.done"
    REASONS = ("is_back", "mistake")

    def act(self, office: Office, why: Why) -> Done:
        """Switch it on."""
        return enable(office, self.person_id, why, seen=self.seen.card.version)


class DeletePage(DeedPage):
    """V: for good, so the user name is typed."""

    title_id = "people.delete.title"
    EXPLAINED = "people.delete.explained"
    REASONS = ("left", "asked", "double")

    def compose_body(self) -> ComposeResult:
        """The form, and the name to type at its end."""
        yield from super().compose_body()
        yield Field("people.delete.confirm", id="confirm", maximum_length=64, classes="compact inline gap")

    def carry_out(self, why: Why) -> None:
        """Only with the name of this very person."""
        field = self.query_one("#confirm", Field)
        if not self.seen.is_named(field.value):
            self.lacks("people.delete.other_name", field)
            return
        version = self.seen.card.version
        self.do(lambda office: delete(office, self.person_id, why, seen=version), self._deleted)

    def _deleted(self, gone: Deleted) -> None:
        self.close()
        # The card has nobody to show any more.
        self.app.pop_screen()
        below = self.app.screen
        if isinstance(below, OfficePage):
            below.tell(Sentence("people.delete.done"), reference=gone.reference)
