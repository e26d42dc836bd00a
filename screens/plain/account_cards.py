"""What Mijn account changes, in lines: back-up code, password, authenticator app; and the latest sign-ins."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kiosk.account.account import NotSignedIn
from kiosk.account.views import AccountView, AppView, RecentSignIn
from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import SuccessView
from screens.account.lines import moment, result, sign_in_method
from screens.plain.account_card import Card, Done
from screens.plain.factor_pages import say_app_key
from screens.plain.first_pages import ask_new_password, say_rules
from screens.plain.success_page import is_noted, say_code, sends_code
from screens.plain.talk import LOOK_SECONDS, Back, Elsewhere

if TYPE_CHECKING:
    from kiosk.desk import Desk
    from screens.plain.home import HomePage

# So many sign-ins are said in one go.
AT_ONCE: Final = 5


class BackupCodeCard(Card):
    """The new code, once; the old one is void already, so every way out asks whether it was written down."""

    title_id = "account.backup.title"

    def __init__(self, home: "HomePage", view: AccountView) -> None:
        super().__init__(home)
        self.idle_text_id = "plain.idle.backup_code"
        self._backup: SuccessView | None = view.backup
        self._looked = self.talk.now

    @property
    def idle_seconds(self) -> int:
        """A code that nobody looks at does not stay."""
        return self.here.facts.success_idle_seconds

    def introduce(self) -> None:
        """The code, in two groups and digit by digit."""
        super().introduce()
        self.talk.line(self.text("account.backup.intro"))
        self._say()

    def _say(self) -> None:
        if self._backup is not None and self._backup.backup_code is not None:
            say_code(self.talk, self._backup.backup_code)

    def news(self) -> Iterator[str]:
        """How the SMS with the code goes."""
        yield from super().news()
        before = None if self._backup is None else self._backup.sms
        if before is None or self.talk.now - self._looked < LOOK_SECONDS:
            return
        self._looked = self.talk.now
        view = self.look()
        if view is None:
            return
        self._backup = view.backup
        sms = None if self._backup is None else self._backup.sms
        if sms is not None and sms != before:
            yield self.talk.words.say(sms)

    def turn(self) -> None:
        """The SMS, or on."""
        try:
            if sends_code(self.talk, self, self._backup):
                answer = self.do(lambda account: account.send_backup_code())
                if answer is not None:
                    self._backup = answer[1].backup
                    if self._backup is not None and self._backup.sms is not None:
                        self.talk.say(self._backup.sms)
                return
            noted = is_noted(self.talk, self)
        except Back:
            noted = False
        if not noted:
            self._say()
            return
        answer = self.do(lambda account: account.confirm_backup_code())
        # Nobody who comes later scrolls back to the code.
        self.talk.clear()
        if answer is not None and answer[0].notice is not None:
            self.talk.say(answer[0].notice)
        raise Done


class PasswordCard(Card):
    """The present one, the new one twice."""

    title_id = "account.password.title"

    def __init__(self, home: "HomePage", minimum: int) -> None:
        super().__init__(home)
        self._minimum = minimum

    def introduce(self) -> None:
        """The rules of the first sign-in."""
        super().introduce()
        say_rules(self.talk, self._minimum)
        self.talk.lines(self.keys())

    def turn(self) -> None:
        """All three, none of them shown."""
        present = self.talk.ask(self.text("account.password.present.label"), self, secret=True)
        new, repeated = ask_new_password(self.talk, self)
        if self.done(lambda account: account.change_password(present, new, repeated)):
            raise Done


class AppCard(Card):
    """The key of a new app, which counts from its first right code on."""

    title_id = "account.app.title"

    def __init__(self, home: "HomePage", app: AppView) -> None:
        super().__init__(home)
        self._app = app

    def introduce(self) -> None:
        """What to type into the app."""
        super().introduce()
        say_app_key(self.talk, self._app.secret)
        self.talk.lines(self.keys())

    def turn(self) -> None:
        """Its first code."""
        typed = self.talk.ask(self.text("app.code.label"), self)
        answer = self.do(lambda account: account.answer_app(typed))
        if answer is not None:
            # The key has served.
            self.talk.clear()
            if answer[0].notice is not None:
                self.talk.say(answer[0].notice)
            raise Done
        view = self.look()
        if view is not None and view.app is None:
            # It stood there too long, which has been said.
            raise Back

    def leave(self) -> None:
        """The key counts for nothing, and nobody reads it here."""
        self.talk.clear()
        self.do(lambda account: account.leave_app())


class RecentCard(Card):
    """A few at a time, the latest first; this very session is marked."""

    title_id = "account.recent.title"

    def __init__(self, home: "HomePage") -> None:
        super().__init__(home)
        self._recent: tuple[RecentSignIn, ...] = ()
        self._from = 0

    def introduce(self) -> None:
        """Title and the latest."""
        super().introduce()
        self._recent = self.here.attempt.ask(lambda desk, _sign_in: _recent(desk), self.here.language)
        self._from = 0
        self._say()
        self.talk.line(self.text("plain.account.recent.advice"))

    def _say(self) -> None:
        words, now = self.talk.words, self.here.now_ms
        for one in self._recent[self._from : self._from + AT_ONCE]:
            parts = (moment(words, one.at, now), one.desk or "-", sign_in_method(words, one), result(words, one))
            self.talk.line(", ".join(parts))
        self._from += AT_ONCE

    def turn(self) -> None:
        """The next few, as long as there are any."""
        if self._from >= len(self._recent):
            raise Done
        left = len(self._recent) - self._from
        typed = self.talk.ask(
            self.talk.words.say(Sentence("plain.account.recent.label", {"count": min(left, AT_ONCE)})), self
        )
        if typed.strip():
            raise Back
        self._say()


def _recent(desk: "Desk") -> tuple[RecentSignIn, ...]:
    try:
        return desk.account().recent()
    except NotSignedIn:
        raise Elsewhere from None
