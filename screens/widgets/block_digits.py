"""BlockDigits: a code in digits to be read from a distance."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from screens.widgets.base import kiosk

# Five rows of three points per digit, row by row; every digit differs from every other in several points.
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
    " ": "." * 15,
}
COLUMNS = 3
ROWS = 5

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
        return kiosk(self).look.glyphs == "rich"

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  Textual's signature
        """Cells of all digits with one point between two."""
        return max(0, len(self._text) * (COLUMNS + 1) - 1) * self._cells_per_point

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Three rows of half blocks or five of fills."""
        return (ROWS + 1) // 2 if self.half_blocks else ROWS

    @property
    def _cells_per_point(self) -> int:
        # A full cell is twice as high as wide: two side by side make a square point.
        return 1 if self.half_blocks else 2

    def _lit(self, row: int) -> list[bool]:
        if row >= ROWS:
            return [False] * (len(self._text) * (COLUMNS + 1))
        points: list[bool] = []
        for digit in self._text:
            line = POINTS[digit][row * COLUMNS : (row + 1) * COLUMNS]
            points += [point == "#" for point in line] + [False]
        return points

    def render(self) -> Content:
        """The digits."""
        if self.half_blocks:
            pairs = [zip(self._lit(row), self._lit(row + 1), strict=True) for row in range(0, ROWS, 2)]
            return Content("\n").join(
                Content.styled("".join(HALVES[pair] for pair in row)[:-1], "$here") for row in pairs
            )
        return Content("\n").join(self._fills(row) for row in range(ROWS))

    def _fills(self, row: int) -> Content:
        return Content("").join(
            Content.styled("  ", "on $here") if lit else Content("  ") for lit in self._lit(row)[:-1]
        )
