"""Bevestig uw telefoon: is this the right number? Nothing has been sent yet."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Sentence, Stage
from screens.sign_in.stage_page import StagePage
from screens.widgets.action import Action
from screens.widgets.base import Line


class ConfirmPhonePage(StagePage):
    """First sign-in: yes sends the SMS."""

    stage: ClassVar[Stage] = Stage.CONFIRM_PHONE
    AUTO_FOCUS = "#yes"
    title_id = "first.phone.title"

    def compose_card(self) -> ComposeResult:
        """The question and its two answers."""
        yield Line(id="intro")
        yield self.message
        yield Action("common.yes.button", id="yes", kind="primary", key="j", classes="gap")
        yield Action("common.no.button", id="no", key="n", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("common.back.button", id="back", kind="link")

    def show_view(self) -> None:
        """The end of the number."""
        if self.view.phone is not None:
            self.query_one("#intro", Line).say(Sentence("first.phone.intro", {"tail": self.view.phone.tail}))

    @on(Action.Pressed, "#yes")
    def _right(self) -> None:
        self.do(lambda sign_in: sign_in.confirm_phone(right=True))

    @on(Action.Pressed, "#no")
    def _wrong(self) -> None:
        self.do(lambda sign_in: sign_in.confirm_phone(right=False))

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.leave()

    def action_back(self) -> None:
        """Esc: back to the login page."""
        self.leave()
