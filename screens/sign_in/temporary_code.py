"""Tijdelijke code: the eight digits that an administrator just gave this person."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Stage
from screens.sign_in.code_page import CodePage
from screens.widgets.base import Line
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.keypad import Keypad


class TemporaryCodePage(CodePage):
    """Follows the password at once while such a code lives; no SMS is sent."""

    stage: ClassVar[Stage] = Stage.TEMPORARY_CODE
    title_id = "temporary.title"

    def compose_card(self) -> ComposeResult:
        """Intro, boxes, the next step and the ways out."""
        yield Line("temporary.intro")
        with Center(id="boxes"):
            yield CodeBoxes((4, 4), id="code")
        yield self.message
        yield from self.compose_actions()
        yield Keypad()
