"""QrCode: a QR code in half blocks, light on dark never inverted."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.look import GLYPHS
from screens.widgets.base import kiosk

# Light modules around the code, as ISO/IEC 18004 asks; scanners need all four.
QUIET_ZONE = 4

# From this size of the terminal on there is room beside the text.
ROOM = Size(100, 30)

HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class QrCode(Widget):
    """Shows `text` as a QR code, error correction L, as small as it can be."""

    def __init__(self, text: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        # Every page of the sign-in may lead to a code, few do, and segno brings clients for mail and the web along.
        import segno  # noqa: PLC0415  see above

        super().__init__(id=id, classes=classes)
        self._matrix = tuple(
            tuple(bool(module) for module in row)
            for row in segno.make_qr(text, error="l", boost_error=False).matrix_iter(border=QUIET_ZONE)
        )

    @property
    def cells_needed(self) -> Size:
        """Width and height in cells: one module wide, two modules high."""
        return Size(len(self._matrix[0]), (len(self._matrix) + 1) // 2)

    @property
    def drawable(self) -> bool:
        """Whether the font has half blocks and the terminal has room beside the text."""
        app = kiosk(self)
        return GLYPHS[app.look.glyphs].half_blocks and app.size.width >= ROOM.width and app.size.height >= ROOM.height

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  Textual's signature
        """Cells of a row."""
        return self.cells_needed.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Rows of cells."""
        return self.cells_needed.height

    def on_mount(self) -> None:
        """No room or no glyphs: nothing at all rather than a code that cannot be scanned."""
        self.display = self.drawable

    def render(self) -> Content:
        """The code: dark modules on a light fill."""
        light = tuple([False] * len(self._matrix[0]))
        rows = [*self._matrix, light] if len(self._matrix) % 2 else list(self._matrix)
        lines = [
            "".join(HALVES[pair] for pair in zip(rows[row], rows[row + 1], strict=True))
            for row in range(0, len(rows), 2)
        ]
        return Content.styled("\n".join(lines), "$qr-dark on $qr-light")
