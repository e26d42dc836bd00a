"""Hebt u de code genoteerd: asked before the back-up code goes away for good."""

from textual import on
from textual.app import ComposeResult

from screens.page import Dialog
from screens.widgets.action import Action
from screens.widgets.base import Line


class NotedDialog(Dialog[bool]):
    """Starts on no, so that a second Enter in a hurry loses nothing."""

    AUTO_FOCUS = "#no"
    title_id = "success.noted.title"

    def compose_card(self) -> ComposeResult:
        """What happens, and the two answers."""
        yield Line("success.noted.text")
        yield Action("success.noted.yes.button", id="yes", kind="primary", key="j", classes="gap")
        yield Action("success.noted.no.button", id="no", key="n", classes="gap")

    @on(Action.Pressed, "#yes")
    def _noted(self) -> None:
        self.dismiss(True)

    @on(Action.Pressed, "#no")
    def _look_again(self) -> None:
        self.dismiss(False)
