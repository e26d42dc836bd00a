"""QrDialog: a QR code on the whole screen, for windows without room beside the text."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Center

from screens.look import GLYPHS
from screens.page import Dialog, Page
from screens.widgets.base import Line
from screens.widgets.qr_code import ROOM, QrCode

# The line that tells the way back, on the whole screen.
HINT_ROWS = 1


class QrDialog(Dialog[None]):
    """Any key returns; without bar and strip, because the code needs their rows."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """The code and the way back."""
        with Center(id="qr-place"):
            yield QrCode(self._text, id="qr")
        yield Line("sign_in.page.qr.hint", id="qr-hint")

    def on_mount(self) -> None:
        """Shown here even where there is no room beside a text."""
        self.query_one("#qr").display = True

    def retitle(self, title_id: str | None = None, step: tuple[int, int] | None = None) -> None:
        """There is no frame to write into."""

    def on_key(self, event: events.Key) -> None:
        """Any key returns."""
        event.stop()
        self._return()

    def letter(self, letter: str) -> bool:  # noqa: ARG002  any letter
        """Any letter too."""
        self._return()
        return True

    def on_click(self) -> None:
        """Mouse or touch too."""
        self._return()

    def action_back(self) -> None:
        """Esc too."""
        self._return()

    def action_first_action(self) -> None:
        """Enter too."""
        self._return()

    def _return(self) -> None:
        if self.is_current:
            self.dismiss(None)


def fits_beside(code: QrCode, page: Page[None], *, rows_around: int) -> bool:
    """Whether the code can stand beside the text of the page, with `rows_around` it."""
    room = page.room
    return code.drawable and room.width >= ROOM.width and code.cells_needed.height + rows_around <= room.height


def fits_alone(code: QrCode, page: Page[None]) -> bool:
    """Whether the whole code with its quiet zone and the line below it fit on the screen, where the font has its glyphs."""
    needed, size = code.cells_needed, page.app.size
    fits = needed.width <= size.width and needed.height + HINT_ROWS <= size.height
    return GLYPHS[page.kiosk.look.glyphs].half_blocks and fits
