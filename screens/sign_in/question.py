"""Question: yes or no."""

from textual import on
from textual.app import ComposeResult

from kiosk.sign_in.outcomes import Sentence
from screens.page import Dialog
from screens.widgets.action import Action
from screens.widgets.base import Line


class Question(Dialog[bool]):
    """One sentence to be answered; Esc is no."""

    def __init__(self, question: Sentence) -> None:
        super().__init__()
        self._question = question

    def compose_card(self) -> ComposeResult:
        """The sentence and its two answers."""
        yield Line(self._question)
        yield Action("common.yes.button", id="yes", kind="primary", key="j", classes="gap")
        yield Action("common.no.button", id="no", kind="side", key="n", classes="gap")

    @on(Action.Pressed, "#yes")
    def _yes(self) -> None:
        self.dismiss(True)

    @on(Action.Pressed, "#no")
    def _no(self) -> None:
        self.dismiss(False)
