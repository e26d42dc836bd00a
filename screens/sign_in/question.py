"""Question: yes or no."""

from textual import on
from textual.app import ComposeResult

from kiosk.sign_in.outcomes import Sentence
from screens.page import Dialog
from screens.widgets.action import Action
from screens.widgets.base import Line


class Question(Dialog[bool]):
    """One sentence to be answered; Esc is no. A `cautious` one takes Enter for no: what it does cannot be undone."""

    def __init__(self, question: Sentence, *, cautious: bool = False) -> None:
        super().__init__()
        self._question = question
        self._cautious = cautious

    def on_mount(self) -> None:
        """Where Enter lands."""
        if self._cautious:
            self.query_one("#no").focus()

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
