"""Authenticator app: the six digits that it shows now."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Stage
from screens.sign_in.code_page import CodePage
from screens.widgets.base import Line
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.keypad import Keypad


class TotpPage(CodePage):
    """Names the site, because an app may hold many."""

    stage: ClassVar[Stage] = Stage.TOTP
    title_id = "app.title"
    takes_code_typed_ahead = True

    def compose_card(self) -> ComposeResult:
        """Intro, boxes, the next step and the ways out."""
        yield Line("app.intro")
        with Center(id="boxes"):
            yield CodeBoxes((6,), id="code")
        yield self.message
        yield from self.compose_actions()
        yield Keypad()
