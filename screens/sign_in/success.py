"""U bent succesvol ingelogd: the new back-up code, once, until it was noted."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from kiosk.sign_in.outcomes import Moved, Refused, Stage
from kiosk.sign_in.views import SuccessView
from screens.sign_in.contact import say_failure
from screens.sign_in.noted import NotedDialog
from screens.sign_in.shown_code import ShownCodePage
from screens.sign_in.stage_page import StagePage
from screens.widgets.action import Action
from screens.widgets.base import Line


class SuccessPage(StagePage, ShownCodePage):
    """The code can be covered when somebody looks on; it is gone after DOORGAAN, and when nobody does anything."""

    stage: ClassVar[Stage] = Stage.SUCCESS
    AUTO_FOCUS = "#continue"
    title_id = "success.title"
    idle_text_id = "idle.backup_code"

    def __repr__(self) -> str:
        return "SuccessPage()"

    def compose_card(self) -> ComposeResult:
        """What it is, the digits, the SMS, the next step."""
        with Vertical(id="about"):
            yield Line(id="intro")
        yield from self.compose_code()
        yield Line(id="sms")
        yield self.message
        yield Action("success.sms.button", id="send", key="s", classes="gap")
        yield Action("common.continue.button", id="continue", kind="primary", classes="gap")

    @property
    def _success(self) -> SuccessView:
        empty = SuccessView(backup_code=None, first=False, notice=None, may_send_sms=False, sms=None)
        return self.view.success or empty

    @property
    def shown_code(self) -> str | None:
        """The new code."""
        return self._success.backup_code

    def show_view(self) -> None:
        """The code and how its SMS goes."""
        success = self._success
        self.show_code()
        if success.backup_code is None:
            self.query_one("#intro").display = False
            if success.notice is not None and self.message.sentence is None:
                say_failure(self.message, success.notice)
        else:
            self.query_one("#intro", Line).say("success.first" if success.first else "success.new")
        self.query_one("#send").display = success.may_send_sms
        self.query_one("#sms", Line).say(None if success.sms == self.message.sentence else success.sms)
        self.make_room()

    def refresh_words(self) -> None:
        """The name of the code is in the language of the page."""
        self.show_view()

    # What a person does

    @on(Action.Pressed, "#send")
    def _send(self) -> None:
        self.do(lambda sign_in: sign_in.send_backup_code_by_sms())

    @on(Action.Pressed, "#continue")
    def _continue(self) -> None:
        if self._success.backup_code is None:
            self._go_on(noted=True)
        elif not self.attempt.busy:
            self.app.push_screen(NotedDialog(), self._go_on)

    def _go_on(self, noted: bool | None) -> None:
        if noted:
            self.do(lambda sign_in: sign_in.confirm_backup_code())

    def tell(self, news: Moved) -> None:
        """That no code was made stays there."""
        super().tell(news)
        self.show_view()

    def refuse(self, refused: Refused) -> None:
        """Why no SMS goes is said once."""
        super().refuse(refused)
        self.show_view()

    @property
    def idle_seconds(self) -> int | None:
        """A code that nobody looks at does not stay."""
        return self.kiosk.facts.success_idle_seconds
