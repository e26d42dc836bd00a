"""BlockDigits: a code in digits to be read from a distance."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Points:
    """How the points are drawn, in cells."""

    widths: tuple[int, int, int]
    """Of the three points of a row."""
    height: int = 1
    """0 for half a cell."""
    gap: int = 1
    """Between two digits."""
    group_gap: int = 3
    """Between two groups of digits."""


# A half block is square.
HALF_BLOCKS = Points((1, 1, 1), height=0)
# Of whole cells the outer points are two wide, so that eight digits with their gaps stay within the 54 columns of the card.
FILLS = Points((2, 1, 2))
# The same, square, for the wide card.
WIDE = Points((2, 2, 2), gap=2, group_gap=6)
# Three digits to be read from three metres.
FAR = Points((4, 4, 4), height=2, gap=4)

HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class BlockDigits(Widget):
    """`text` of digits and spaces, drawn with `points`, else by the room that the page has.

    On the small card half blocks where the font has them; else fills of spaces, which every console has.
    """

    def __init__(
        self,
        text: str,
        points: Points | None = None,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._text = text
        self._points = points

    def show(self, text: str) -> None:
        """Show other digits."""
        self._text = text
        self.refresh(layout=True)

    @property
    def points(self) -> Points:
        """How they are drawn now."""
        if self._points is not None:
            return self._points
        if self.screen.has_class("-vast"):
            return WIDE
        return HALF_BLOCKS if GLYPHS[kiosk(self).look.glyphs].half_blocks else FILLS

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  Textual's signature
        """Cells of all digits with their gaps."""
        return len(self._lit(0))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Three rows of half blocks, or five times the height of a point."""
        return ROWS * self.points.height or (ROWS + 1) // 2

    def _lit(self, row: int) -> list[bool]:
        """Which cells of a row of points are lit."""
        cells: list[bool] = []
        points = self.points
        for group in self._text.split():
            cells += [False] * points.group_gap if cells else []
            for number, digit in enumerate(group):
                cells += [False] * points.gap if number else []
                for column, width in enumerate(points.widths):
                    cells += [row < ROWS and POINTS[digit][row * COLUMNS + column] == "#"] * width
        return cells

    def render(self) -> Content:
        """The digits."""
        height = self.points.height
        if not height:
            pairs = [zip(self._lit(row), self._lit(row + 1), strict=True) for row in range(0, ROWS, 2)]
            return Content("\n").join(Content.styled("".join(HALVES[pair] for pair in row), "$here") for row in pairs)
        return Content("\n").join(self._fills(row // height) for row in range(ROWS * height))

    def _fills(self, row: int) -> Content:
        """Spaces, which every font has, on the colour of the digits."""
        return Content("").join(Content.styled(" ", "on $here" if lit else "") for lit in self._lit(row))
