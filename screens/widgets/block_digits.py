"""BlockDigits: a code in digits to be read from a distance."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.look import GLYPHS
from screens.widgets.base import kiosk

# Five rows of three points per digit, row by row; every digit differs from every other in at least one bar.
POINTS = {
    "0": "####.##.##.####",
    "1": ".#.##..#..#.###",
    "2": "###..#####..###",
    "3": "###..####..####",
    "4": "#.##.####..#..#",
    "5": "####..###..####",
    "6": "####..####.####",
    "7": "###..#..#..#..#",
    "8": "####.#####.####",
    "9": "####.####..####",
}
COLUMNS = 3
ROWS = 5

# Cells per point of a row. A half block is square; of whole cells the outer points are two wide, so that eight digits
# with their gaps stay within the 54 columns of the card.
HALF_BLOCK_CELLS = (1, 1, 1)
FILL_CELLS = (2, 1, 2)

# Between two groups of digits, in cells; between two digits it is one.
GROUP_GAP = 3

HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class BlockDigits(Widget):
    """`text` of digits and spaces. Half blocks where the font has them, else fills of spaces, which every console has."""

    def __init__(self, text: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._text = text

    def show(self, text: str) -> None:
        """Show other digits."""
        self._text = text
        self.refresh(layout=True)

    @property
    def half_blocks(self) -> bool:
        """Whether a cell is two points high."""
        return GLYPHS[kiosk(self).look.glyphs].half_blocks

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  Textual's signature
        """Cells of all digits with their gaps."""
        return len(self._lit(0))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Three rows of half blocks or five of fills."""
        return (ROWS + 1) // 2 if self.half_blocks else ROWS

    def _lit(self, row: int) -> list[bool]:
        """Which cells of a row of points are lit."""
        cells: list[bool] = []
        widths = HALF_BLOCK_CELLS if self.half_blocks else FILL_CELLS
        for group in self._text.split():
            cells += [False] * GROUP_GAP if cells else []
            for number, digit in enumerate(group):
                cells += [False] if number else []
                for column, width in enumerate(widths):
                    cells += [row < ROWS and POINTS[digit][row * COLUMNS + column] == "#"] * width
        return cells

    def render(self) -> Content:
        """The digits."""
        if self.half_blocks:
            pairs = [zip(self._lit(row), self._lit(row + 1), strict=True) for row in range(0, ROWS, 2)]
            return Content("\n").join(Content.styled("".join(HALVES[pair] for pair in row), "$here") for row in pairs)
        return Content("\n").join(self._fills(row) for row in range(ROWS))

    def _fills(self, row: int) -> Content:
        """Spaces, which every font has, on the colour of the digits."""
        return Content("").join(Content.styled(" ", "on $here" if lit else "") for lit in self._lit(row))
