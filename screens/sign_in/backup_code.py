"""Back-upcode: eight digits, good once; a temporary code of the administrator is fine here too."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Stage
from screens.sign_in.code_page import CodePage
from screens.widgets.base import Line
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.keypad import Keypad


class BackupCodePage(CodePage):
    """Two groups of four, as they stand on paper."""

    stage: ClassVar[Stage] = Stage.BACKUP_CODE
    title_id = "backup.title"

    def compose_card(self) -> ComposeResult:
        """Intro, boxes, the next step and the ways out."""
        yield Line("backup.intro")
        with Center(id="boxes"):
            yield CodeBoxes((4, 4), id="code")
        yield Line("backup.temporary.hint", classes="quiet center")
        yield self.message
        yield from self.compose_actions()
        yield Keypad()
