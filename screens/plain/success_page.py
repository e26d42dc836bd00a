"""Right after the second factor in lines: the new back-up code."""

from collections.abc import Iterator
from typing import Final

from kiosk.sign_in.outcomes import Moved, Outcome, Stage
from kiosk.sign_in.views import SignInView, SuccessView
from screens.plain.page import PlainPage
from screens.plain.talk import Choice, Page, Talk

GROUP: Final = 4


def say_code(talk: Talk, code: str) -> None:
    """A back-up code in two groups, and digit by digit."""
    groups = (code[:GROUP], code[GROUP:])
    say = talk.words.text
    talk.line(f"{say('backup.title')} {' '.join(groups)}")
    # A voice reads 1753 as a number, and nobody writes that down.
    talk.line(", ".join(" ".join(say(f"people.digit.{digit}") for digit in group) for group in groups))


def sends_code(talk: Talk, page: Page, success: SuccessView | None) -> bool:
    """Whether the code is to come by SMS as well; else the person goes on."""
    choices = [Choice(False, talk.words.text("common.continue.button"), "d")]
    if success is not None and success.may_send_sms:
        choices.append(Choice(True, talk.words.text("success.sms.button"), "s"))
    talk.offer(choices)
    return talk.choose(talk.words.text("plain.choose.label"), choices, page)


def is_noted(talk: Talk, page: Page) -> bool:
    """Whether the code was written down."""
    say = talk.words.text
    talk.line(say("success.noted.title"))
    talk.line(say("success.noted.text"))
    choices = [
        Choice(True, say("success.noted.yes.button"), "j"),
        Choice(False, say("success.noted.no.button"), "n"),
    ]
    talk.offer(choices)
    return talk.choose(say("plain.choose.label"), choices, page)


class SuccessPage(PlainPage):
    """The code is said once, again when asked for, and is gone from the terminal after DOORGAAN."""

    stage = Stage.SUCCESS
    title_id = "success.title"
    idle_text_id = "plain.idle.backup_code"

    def introduce(self) -> None:
        """The code, in two groups and digit by digit."""
        self.title()
        success = self._success
        if success is None or success.backup_code is None:
            if success is not None and success.notice is not None:
                self.talk.say(success.notice)
            return
        self.talk.line(self.text("success.first" if success.first else "success.new"))
        say_code(self.talk, success.backup_code)
        self.talk.line(self.text("success.once.line"))

    @property
    def _success(self) -> SuccessView | None:
        return self.view.success

    def changed(self, before: SignInView, now: SignInView) -> Iterator[str]:
        """How the SMS with the code goes."""
        if now.success is not None and now.success.sms is not None:
            told = before.success.sms if before.success is not None else None
            if now.success.sms != told:
                yield self.talk.words.say(now.success.sms)

    def turn(self) -> Outcome | None:
        """The SMS, or on."""
        success = self._success
        if sends_code(self.talk, self, success):
            return self.do(lambda sign_in: sign_in.send_backup_code_by_sms())
        return self._go_on() if success is not None and success.backup_code is not None else self._confirm()

    def _go_on(self) -> Outcome | None:
        if is_noted(self.talk, self):
            return self._confirm()
        if self._success is not None and self._success.backup_code is not None:
            say_code(self.talk, self._success.backup_code)
        return None

    def _confirm(self) -> Outcome | None:
        outcome = self.do(lambda sign_in: sign_in.confirm_backup_code())
        if isinstance(outcome, Moved):
            # Nobody who comes later scrolls back to the code.
            self.talk.clear()
        return outcome

    def back(self) -> Outcome | None:
        """There is no way back from here."""
        return None

    @property
    def idle_seconds(self) -> int | None:
        """A code that nobody looks at does not stay."""
        return self.here.facts.success_idle_seconds
