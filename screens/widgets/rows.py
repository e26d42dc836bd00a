"""Rows: a table of one line per row with a cursor, for the dense pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from kiosk.language import printable
from screens.widgets.base import kiosk


@dataclass(frozen=True, slots=True)
class Cell:
    """Text with the token of its colour; a word always says the same as the colour."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Id of the heading's words (empty: none), cells wide; 0 takes what the others leave, for one column at most."""

    label: str
    width: int
    align: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `key` finds the cursor again when the rows change."""

    key: str
    cells: tuple[Cell, ...]


# The cursor's sign and the space after it; colour alone must not say where it is.
CURSOR = "> "


class Rows(Widget, can_focus=True):
    """Moves with the arrow keys; `Rows.Moved` tells where the cursor stands, and so does a click."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "end(0)", show=False),
        Binding("end", "end(1)", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        rows: "Rows"
        key: str

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        cursor: bool = True,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = tuple(columns)
        self.has_cursor = cursor
        self.can_focus = cursor
        self._rows: tuple[Row, ...] = ()
        self._cursor = 0
        self._top = 0
        self.empty = ""

    def show(self, rows: Sequence[Row], *, empty: str = "") -> None:
        """Show these rows; the cursor stays on the row of the same key."""
        before = self.current
        self._rows, self.empty = tuple(rows), empty
        keys = [row.key for row in self._rows]
        self._cursor = keys.index(before) if before in keys else min(self._cursor, max(0, len(keys) - 1))
        self.refresh(layout=True)
        if self.current != before:
            self.post_message(self.Moved(self, self.current))

    @property
    def current(self) -> str:
        """Key of the row with the cursor; empty without rows."""
        return self._rows[self._cursor].key if self._rows else ""

    def put_cursor(self, key: str) -> None:
        """Put the cursor on the row of this key, if there is one."""
        keys = [row.key for row in self._rows]
        if key in keys:
            self._go(keys.index(key))

    def follow_end(self) -> None:
        """Show the last row."""
        self._go(len(self._rows) - 1)

    def refresh_words(self) -> None:
        """The headings, in the language of the app; rows are told again by the page."""
        self.refresh()

    @property
    def _widths(self) -> tuple[int, ...]:
        taken = sum(column.width for column in self.columns) + len(self.columns) - 1 + len(CURSOR)
        rest = max(0, self.size.width - taken)
        return tuple(column.width or rest for column in self.columns)

    @property
    def _heading(self) -> bool:
        return any(column.label for column in self.columns)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """As many lines as there are, with the heading."""
        return max(1, len(self._rows)) + int(self._heading)

    def render(self) -> Content:
        """Heading, and the rows that fit."""
        lines = [self._line_of_heading()] if self._heading else []
        room = max(1, self.size.height - len(lines))
        self._top = (
            min(max(self._top, self._cursor - room + 1), self._cursor) if self.has_cursor else self._bottom(room)
        )
        if not self._rows and self.empty:
            lines.append(Content.styled(f"  {self.empty}", "$quiet"))
        for number, row in enumerate(self._rows[self._top : self._top + room], start=self._top):
            lines.append(self._line(row, here=self.has_cursor and number == self._cursor))
        return Content("\n").join(lines)

    def _bottom(self, room: int) -> int:
        return max(0, len(self._rows) - room)

    def _line_of_heading(self) -> Content:
        app = kiosk(self)
        texts = [app.text(column.label) if column.label else "" for column in self.columns]
        cells = [
            _fit(text, column, width) for text, column, width in zip(texts, self.columns, self._widths, strict=True)
        ]
        return Content.styled(" " * len(CURSOR) + " ".join(cells), "$quiet")

    def _line(self, row: Row, *, here: bool) -> Content:
        focused = here and self.has_focus
        parts: list[Content] = [Content(CURSOR if here else " " * len(CURSOR))]
        for number, (cell, column, width) in enumerate(zip(row.cells, self.columns, self._widths, strict=True)):
            text = (" " if number else "") + _fit(printable(cell.text), column, width)
            parts.append(Content.styled(text, "" if focused or not cell.style else cell.style))
        line = Content("").join(parts)
        return line.stylize("$on-here on $here") if focused else line

    # Moving

    def _go(self, place: int) -> None:
        if not self._rows:
            return
        place = max(0, min(place, len(self._rows) - 1))
        if place != self._cursor:
            self._cursor = place
            self.refresh()
            self.post_message(self.Moved(self, self.current))

    def action_move(self, by: int) -> None:
        """One row up or down."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """A page up or down."""
        self._go(self._cursor + by * max(1, self.size.height - 2))

    def action_end(self, last: int) -> None:
        """To the first or the last row."""
        self._go(len(self._rows) - 1 if last else 0)

    def on_click(self, event: events.Click) -> None:
        """Mouse or touch."""
        event.stop()
        if self.has_cursor:
            self._go(self._top + event.y - int(self._heading))
            self.focus()


def _fit(text: str, column: Column, width: int) -> str:
    """Exactly as wide as the column."""
    cut = text[:width]
    return cut.rjust(width) if column.align == "right" else cut.ljust(width)
