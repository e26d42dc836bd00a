"""Telefoonnummer voor SMS: the number, then the code that came on that phone."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal

from kiosk.account.views import AccountView
from kiosk.sign_in.outcomes import Moved, Refused, Sentence
from kiosk.sign_in.views import SmsView
from screens.account.asked import Request
from screens.account.asking import AccountForm
from screens.account.proof import LOOK_SECONDS
from screens.sign_in.stage_page import MS_PER_SECOND
from screens.widgets.action import Action
from screens.widgets.base import Line
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.keypad import Keypad
from screens.widgets.number_box import NumberBox
from screens.widgets.time_left import TimeLeft


class NewPhonePage(AccountForm):
    """`replaces` are the last digits of the number that goes once the new one has been proved."""

    title_id = "account.phone.title"
    AUTO_FOCUS = "#number"

    def __init__(self, replaces: str | None) -> None:
        super().__init__()
        self._replaces = replaces

    def compose_card(self) -> ComposeResult:
        """The number, or the code for it."""
        yield Line(id="intro")
        with Horizontal(id="number-row", classes="gap"):
            yield Line("account.phone.number.label", id="number-label")
            yield NumberBox(id="number")
        yield Line("account.phone.risk", id="risk", classes="quiet gap")
        with Center(id="boxes"):
            yield CodeBoxes((6,), id="code")
        yield TimeLeft(id="time-left")
        yield Line(id="sms-status")
        yield self.message
        yield Action("sign_in.page.choose.sms.button", id="send", kind="primary", classes="gap")
        yield Action("account.phone.confirm.button", id="confirm", kind="primary", classes="gap")
        yield Action("no_sms.resend.button", id="resend", key="r", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("account.back.button", id="back", kind="link")
        yield Keypad()

    def on_mount(self) -> None:
        """The number first."""
        self._show(None)
        self.set_interval(LOOK_SECONDS, self._follow_sms)

    def take(self, view: AccountView) -> None:
        """How the SMS goes; after the last try the number is asked again."""
        waited = self._waits_for_code
        super().take(view)
        self._show(view.phone)
        if waited and not self._waits_for_code:
            self.query_one("#number", NumberBox).focus()

    def _show(self, sms: SmsView | None) -> None:
        for name in ("#number-row", "#risk", "#send"):
            self.query_one(name).display = sms is None
        for name in ("#boxes", "#time-left", "#confirm", "#resend"):
            self.query_one(name).display = sms is not None
        self.place_keypad()
        self.query_one("#sms-status", Line).say(None if sms is None else sms.status_line)
        if sms is not None:
            intro = Sentence("account.phone.intro.code", {"tail": sms.tail})
            left = (sms.valid_until - self.kiosk.clock.now_ms()) / MS_PER_SECOND
            whole = (sms.valid_until - sms.issued_at) / MS_PER_SECOND
            self.query_one("#time-left", TimeLeft).start(left_seconds=left, whole_seconds=whole)
        elif self._replaces is None:
            intro = Sentence("account.phone.intro.new")
        else:
            intro = Sentence("account.phone.intro.other", {"tail": self._replaces})
        self.query_one("#intro", Line).say(intro)

    @property
    def _waits_for_code(self) -> bool:
        return self.account is not None and self.account.phone is not None

    def _follow_sms(self) -> None:
        if self._waits_for_code and self.is_current:
            self.look()

    # What a person does

    @on(NumberBox.Submitted)
    def _number_submitted(self, event: NumberBox.Submitted) -> None:
        event.stop()
        self._send()

    @on(Action.Pressed, "#send")
    def _send(self) -> None:
        number = self.query_one("#number", NumberBox).value
        self.do(lambda account: account.begin_phone(number), self._sent)

    def _sent(self, news: Moved, _view: AccountView) -> None:
        self.tell(news)
        boxes = self.query_one("#code", CodeBoxes)
        boxes.clear()
        boxes.focus()

    @on(CodeBoxes.Submitted)
    def _code_submitted(self, event: CodeBoxes.Submitted) -> None:
        event.stop()
        self._answer(event.text)

    @on(Action.Pressed, "#confirm")
    def _confirm(self) -> None:
        self._answer(self.query_one("#code", CodeBoxes).typed)

    def _answer(self, typed: str) -> None:
        self.do(lambda account: account.answer_phone(typed), self._confirmed)

    def _confirmed(self, news: Moved, _view: AccountView) -> None:
        self.done(news)

    def refuse(self, refused: Refused) -> None:
        """After the last try it begins with a number again."""
        super().refuse(refused)
        boxes = self.query_one("#code", CodeBoxes)
        if refused.clears_field:
            boxes.clear()
        (boxes if self._waits_for_code else self.query_one("#number", NumberBox)).focus()
        if self._waits_for_code:
            self.look()

    @on(Action.Pressed, "#resend")
    def _resend(self) -> None:
        self.do(lambda account: account.resend_phone(), confirmed=lambda account: account.resend_phone(confirmed=True))

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()

    def leave_request(self) -> Request | None:
        """The number counts for nothing."""
        return lambda account: account.leave_phone()
