"""TimeLeft: a line that becomes shorter, with the rest in words; a ring on a large screen."""

import math
from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from kiosk.sign_in.outcomes import Sentence
from screens.look import GLYPHS
from screens.widgets.base import Ticking, kiosk
from screens.widgets.block_digits import HALVES

# The ring is so many rows high, of two points each, and as many points wide.
RING_ROWS: Final = 7
RING: Final = 2 * RING_ROWS
# From and to where its points lie, measured from its middle. What is gone is a thinner line: a difference without colour.
BAND_LIT: Final = (4.6, 7.0)
BAND_GONE: Final = (5.4, 6.4)


def ring(share: float) -> tuple[list[list[bool]], list[list[bool]]]:
    """Points of a ring of which `share` (0 to 1) is left, clockwise from the top: those that are lit, and those that were."""
    lit = [[False] * RING for _ in range(RING)]
    gone = [[False] * RING for _ in range(RING)]
    middle = (RING - 1) / 2
    for row in range(RING):
        for column in range(RING):
            right, up = column - middle, middle - row
            here = math.atan2(right, up) / math.tau % 1 < share
            least, most = BAND_LIT if here else BAND_GONE
            (lit if here else gone)[row][column] = least <= math.hypot(right, up) <= most
    return lit, gone


class TimeLeft(Widget, Ticking):
    """Counts down to the end of something, once a second; posts `TimeLeft.Ended` when it is reached.

    A ring where the style sheet gives it `RING_ROWS`: it has the class `-running` while there is something to show.
    """

    @dataclass
    class Ended(Message):
        """Nothing is left."""

        time_left: "TimeLeft"

        @property
        def control(self) -> "TimeLeft":
            """The countdown, so that `@on(TimeLeft.Ended, "#id")` works."""
            return self.time_left

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._ends_at: float | None = None
        self._whole = 1.0

    def start(self, *, left_seconds: float, whole_seconds: float) -> None:
        """Begin anywhere: `left_seconds` of `whole_seconds` are left now; calling it again corrects it."""
        self._ends_at = kiosk(self).clock.monotonic() + max(0.0, left_seconds)
        self._whole = max(1.0, whole_seconds)
        self.add_class("-running")
        self.refresh()

    def stop(self) -> None:
        """Show nothing and end nothing."""
        self._ends_at = None
        self.remove_class("-running")
        self.refresh()

    @property
    def left_seconds(self) -> float:
        """Seconds left; 0 when it does not run."""
        if self._ends_at is None:
            return 0.0
        return max(0.0, self._ends_at - kiosk(self).clock.monotonic())

    def tick(self) -> None:
        """Draw the rest; say once that it ended."""
        if self._ends_at is None:
            return
        if self.left_seconds == 0:
            self.stop()
            self.post_message(self.Ended(self))
        self.refresh()

    def refresh_words(self) -> None:
        """Say the rest in the language of the app."""
        self.refresh()

    def render(self) -> Content:
        """The line and the words beside it, or the ring around them."""
        if self._ends_at is None:
            return Content("")
        return self._line() if self.size.height < RING_ROWS else self._ring()

    def _ring(self) -> Content:
        lit, gone = ring(self.left_seconds / self._whole)
        words = kiosk(self).words.left(self.left_seconds)
        rows = []
        for row in range(RING_ROWS):
            cells = [self._cell(lit, gone, row, column) for column in range(RING)]
            if row == RING_ROWS // 2:
                start = (RING - len(words)) // 2
                cells[start : start + len(words)] = [(words, "$here $strong")]
            rows.append(Content.assemble(" " * ((self.size.width - RING) // 2), *cells))
        return Content("\n").join(rows)

    def _cell(self, lit: list[list[bool]], gone: list[list[bool]], row: int, column: int) -> tuple[str, str]:
        """One cell: what is left stands before what is gone, so that it never has two colours."""
        for points, style in ((lit, "$card-frame"), (gone, "$frame")):
            halves = (points[2 * row][column], points[2 * row + 1][column])
            if any(halves):
                return HALVES[halves], style
        return " ", ""

    def _line(self) -> Content:
        app = kiosk(self)
        glyphs = GLYPHS[app.look.glyphs]
        words = app.say(Sentence("common.time_left.line", {"left_time": app.words.left(self.left_seconds)}))
        cells = max(0, self.size.width - len(words) - 1)
        lit = min(cells, round(cells * self.left_seconds / self._whole))
        return Content.assemble(
            (glyphs.time_left * lit, "$card-frame"),
            (glyphs.time_gone * (cells - lit), "$frame"),
            " ",
            (words, "$here $strong"),
        )
