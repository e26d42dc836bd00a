"""SMS code: the six digits, how long they are good and what is known of the SMS, live."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Moved, Refused, Sentence, Stage
from kiosk.sign_in.views import SignInView, SmsView
from screens.sign_in.code_page import CodePage
from screens.sign_in.stage_page import MS_PER_SECOND
from screens.widgets.base import Line
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.keypad import Keypad
from screens.widgets.time_left import TimeLeft

# A back-up code has two digits more than the boxes: typed here it is recognised and costs no try.
BACKUP_CODE_SPARE = 2


class SmsCodePage(CodePage):
    """Wrong digits are cleared and cost a try; too few are kept and cost none."""

    stage: ClassVar[Stage] = Stage.SMS_CODE
    title_id = "sms.title"

    def compose_card(self) -> ComposeResult:
        """Intro, boxes, time, the SMS, the next step and the ways out."""
        yield Line(id="intro", classes="center")
        with Center(id="boxes"):
            yield CodeBoxes((6,), spare=BACKUP_CODE_SPARE, id="code")
        yield TimeLeft(id="time-left")
        yield Line(id="sms-status")
        yield Line(id="sms-sender", classes="quiet")
        yield Line(id="sms-resent", classes="quiet")
        yield Line(id="sms-next", classes="quiet")
        yield self.message
        yield from self.compose_actions()
        yield Keypad()

    def show_view(self) -> None:
        """How the SMS goes and how long the code is good."""
        sms = self.view.sms
        if sms is None:
            return
        intro = "first.phone.enter" if self.view.confirming_phone else "sms.intro.line"
        self.query_one("#intro", Line).say(intro)
        self.query_one("#sms-status", Line).say(sms.status_line)
        self.query_one("#sms-sender", Line).say(_sender(sms))
        self.query_one("#sms-resent", Line).say("sign_in.page.resent.line" if sms.both_work else None)
        self._show_time_left(sms)
        self._show_next(sms)
        self.make_room()

    def _show_time_left(self, sms: SmsView) -> None:
        time_left = self.query_one("#time-left", TimeLeft)
        if self.code_left_seconds > 0:
            whole = (sms.valid_until - sms.issued_at) / MS_PER_SECOND
            time_left.start(left_seconds=self.code_left_seconds, whole_seconds=whole)
            return
        time_left.stop()
        if self.message.sentence is None:
            self.message.failure(Sentence("sms.code.expired"))

    @property
    def much_to_read(self) -> bool:
        """Also while more is said of phone and SMS."""
        several = self.view.sms is not None and self.view.sms.both_work
        return super().much_to_read or several or self.view.confirming_phone

    def _show_next(self, sms: SmsView) -> None:
        """What to do about the SMS, unless something newer is to be read."""
        self.query_one("#sms-next", Line).say(None if self.message.sentence is not None else sms.status_next)

    def take(self, view: SignInView) -> None:
        """Good news is read by the time the SMS stands elsewhere; what to do about the SMS comes back."""
        moved = view.sms is not None and self.view.sms is not None and view.sms.state is not self.view.sms.state
        if moved and self.message.tone != "failure":
            self.message.clear()
        super().take(view)

    @on(TimeLeft.Ended)
    def _code_ended(self) -> None:
        self.message.clear()
        self.show_view()

    def refuse(self, refused: Refused) -> None:
        """The message takes the place of what there was to do."""
        super().refuse(refused)
        self.show_view()

    def tell(self, news: Moved) -> None:
        """As `refuse`."""
        super().tell(news)
        self.show_view()

    def action_back(self) -> None:
        """Esc: back to the login page."""
        self.leave()


def _sender(sms: SmsView) -> Sentence | None:
    if sms.sender_tail is None or sms.network is None:
        return None
    return Sentence("sign_in.page.sender.line", {"tail": sms.sender_tail})
