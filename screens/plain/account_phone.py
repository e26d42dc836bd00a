"""Telefoonnummer voor SMS in lines: the number, then the code that came on that phone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kiosk.account.views import AccountView
from kiosk.sign_in.views import SmsView
from screens.plain.account_card import Card, Done
from screens.plain.awaited_sms import AwaitedSms
from screens.plain.talk import LOOK_SECONDS

if TYPE_CHECKING:
    from screens.plain.home import HomePage


class PhoneCard(Card):
    """`replaces` are the last digits of the number that goes once the new one has been proved."""

    title_id = "account.phone.title"

    def __init__(self, home: "HomePage", replaces: str | None) -> None:
        super().__init__(home)
        self._replaces = replaces
        self._sms: SmsView | None = None
        self._awaited = AwaitedSms()
        self._looked = 0.0

    def introduce(self) -> None:
        """Which number, or which code."""
        super().introduce()
        self._say_what_now()

    def _say_what_now(self) -> None:
        if self._sms is not None:
            self.talk.line(self.text("account.phone.intro.code", {"tail": self._sms.tail}))
            self.talk.lines(self._awaited.introduce(self.talk.words, self._sms))
        elif self._replaces is not None:
            self.talk.line(self.text("account.phone.intro.other", {"tail": self._replaces}))
        else:
            self.talk.line(self.text("account.phone.intro.new"))
        if self._sms is None:
            self.talk.line(self.text("account.phone.risk"))
        self.talk.lines(self.keys())

    def keys(self) -> Iterator[str]:
        """Once more, back."""
        if self._sms is not None:
            yield f"R: {self.text('no_sms.resend.button')}"
        yield from super().keys()

    def news(self) -> Iterator[str]:
        """How the SMS goes."""
        yield from super().news()
        before = self._sms
        if before is None or self.talk.now - self._looked < LOOK_SECONDS:
            return
        view = self.look()
        self._looked = self.talk.now
        if view is None or view.phone is None:
            return
        self._sms = view.phone
        yield from self._awaited.news(self.talk.words, before, view.phone, self.here.now_ms)

    def turn(self) -> None:
        """The number, or the code."""
        if self._sms is None:
            number = self.talk.ask(self.text("account.phone.number.label"), self)
            answer = self.do(lambda account: account.begin_phone(number))
            if answer is not None:
                self._take(answer[1])
                self._say_what_now()
            return
        typed = self.talk.ask(self.text("sms.title"), self)
        if typed.strip().lower() == "r":
            self._resend()
        elif self.done(lambda account: account.answer_phone(typed)):
            raise Done
        else:
            self._after_refusal()

    def _resend(self) -> None:
        answer = self.do(
            lambda account: account.resend_phone(), confirmed=lambda account: account.resend_phone(confirmed=True)
        )
        if answer is not None and answer[0].notice is not None:
            self.talk.say(answer[0].notice)

    def _after_refusal(self) -> None:
        """After the last try it begins with a number again."""
        view = self.look()
        if view is not None:
            self._take(view)
            if self._sms is None:
                self._say_what_now()

    def _take(self, view: AccountView) -> None:
        self._sms = view.phone
        self._looked = self.talk.now

    def leave(self) -> None:
        """The number counts for nothing."""
        self.do(lambda account: account.leave_phone())
