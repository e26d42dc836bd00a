"""CodePage: what every page that takes the digits of a code does alike."""

from textual import on
from textual.app import ComposeResult

from kiosk.sign_in.outcomes import Refused
from screens.sign_in.factor_page import FactorPage
from screens.widgets.action import Action
from screens.widgets.code_boxes import CodeBoxes


class CodePage(FactorPage):
    """Code boxes with the id `code`, the next step, the other ways and the way back."""

    AUTO_FOCUS = "#code"

    def compose_actions(self) -> ComposeResult:
        """The foot of the page: what to do with the code, another way, the way back."""
        yield Action("common.sign_in.button", id="sign-in", kind="primary", classes="gap")
        yield from self.compose_ways_out()

    # What a person does

    @on(CodeBoxes.Submitted)
    def _submitted(self, event: CodeBoxes.Submitted) -> None:
        self._answer(event.text)

    @on(Action.Pressed, "#sign-in")
    def _sign_in(self) -> None:
        self._answer(self.query_one("#code", CodeBoxes).typed)

    def _answer(self, typed: str) -> None:
        self.do(lambda sign_in: sign_in.answer(typed))

    def refuse(self, refused: Refused) -> None:
        """Not right: empty boxes with the cursor in them, or what is there when it may stand."""
        super().refuse(refused)
        boxes = self.query_one("#code", CodeBoxes)
        if refused.clears_field:
            boxes.clear()
        boxes.focus()
