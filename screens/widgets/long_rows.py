"""LongRows: a stretch of a list that is far longer than what is kept of it; more is asked for before the cursor needs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from textual.message import Message

from screens.widgets.rows import Column, Row, Rows

Which = Literal["older", "newer", "oldest", "newest"]

# Kept at most; what lies further away is read again when somebody goes there.
KEPT: Final = 1_000
# So near to an end of what is kept more of it is asked for: some screens full.
NEAR: Final = 80


class Numbered(Protocol):
    """A line with its number; the list is in the order of falling numbers."""

    @property
    def seq(self) -> int:
        """The number."""


L = TypeVar("L", bound=Numbered)


class LongRows(Rows, Generic[L]):
    """The newest lines first. `begin` starts anew, `take` brings what `LongRows.Wanted` asked for."""

    @dataclass
    class Wanted(Message):
        """Lines beyond number `edge` are wanted; for oldest and newest it says nothing."""

        which: Which
        edge: int

    def __init__(self, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(columns, **kwargs)
        self._lines: list[L] = []
        self._present: Callable[[L], Row] | None = None
        self._wanting = False
        self._at_newest = self._at_oldest = True

    @property
    def line(self) -> L | None:
        """The line with the cursor."""
        return self._lines[self._cursor] if self._lines else None

    def begin(self, lines: Sequence[L], *, whole: bool) -> None:
        """Another list: its newest lines; `whole`: there are no others. `present` shows them."""
        self._lines, self._wanting = list(lines), False
        self._at_newest, self._at_oldest = True, whole
        self._rows, self._cursor, self._top = (), 0, 0

    def present(self, row: Callable[[L], Row], *, empty: str) -> None:
        """Show all lines, each as `row` says."""
        self._present = row
        self.show([row(line) for line in self._lines], empty=empty)

    def take(self, which: Which, lines: Sequence[L]) -> None:
        """What was wanted; the cursor stays on its line, or goes to the end that it was sent to."""
        self._wanting = False
        if self._present is None:
            return
        match which:
            case "older":
                self._at_oldest = not lines
                self._join(older=lines)
            case "newer":
                self._at_newest = not lines
                self._join(newer=lines)
            case _:
                self._lines = list(lines)
                self._at_newest, self._at_oldest = which == "newest", which == "oldest"
                self._rows = tuple(map(self._present, self._lines))
                self._cursor = 0 if which == "newest" else max(0, len(lines) - 1)
                self.refresh(layout=True)
                self.post_message(self.Moved(self, self.current))

    def give_up(self) -> None:
        """What was wanted does not come."""
        self._wanting = False

    def _join(self, *, older: Sequence[L] = (), newer: Sequence[L] = ()) -> None:
        assert self._present is not None
        rows = [*map(self._present, newer), *self._rows, *map(self._present, older)]
        lines = [*newer, *self._lines, *older]
        cursor, top = self._cursor + len(newer), self._top + len(newer)
        too_many = max(0, len(lines) - KEPT)
        if too_many and older:
            lines, rows, cursor, top = lines[too_many:], rows[too_many:], cursor - too_many, top - too_many
            self._at_newest = False
        elif too_many:
            lines, rows = lines[:KEPT], rows[:KEPT]
            self._at_oldest = False
        self._lines, self._rows = lines, tuple(rows)
        self._cursor, self._top = max(0, cursor), max(0, top)
        self.refresh()

    def _go(self, place: int) -> None:
        super()._go(place)
        if self._cursor >= len(self._lines) - NEAR and not self._at_oldest:
            self._want("older")
        elif self._cursor < NEAR and not self._at_newest:
            self._want("newer")

    def action_end(self, last: int) -> None:
        """To the first or the last row of all."""
        if (self._at_oldest if last else self._at_newest) or not self._lines:
            super().action_end(last)
        else:
            self._want("oldest" if last else "newest")

    def _want(self, which: Which) -> None:
        if self._wanting or not self._lines:
            return
        self._wanting = True
        edge = self._lines[-1 if which == "older" else 0].seq
        self.post_message(self.Wanted(which, edge))
