"""A list that is far longer than what is kept of it: every line is reached by the keys, and no two are kept twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from textual import on
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from screens.widgets import long_rows
from screens.widgets.long_rows import LongRows
from screens.widgets.rows import Cell, Column, Row

ALL = 150
AT_ONCE = 30


@dataclass(frozen=True)
class Numbered:
    seq: int


def some(numbers: range) -> list[Numbered]:
    return [Numbered(seq) for seq in numbers]


def row(line: Numbered) -> Row:
    return Row(str(line.seq), (Cell(f"line {line.seq}"),))


class Sample(App[None]):
    """Answers as a log does; `asked` is how often."""

    asked = 0

    def compose(self) -> ComposeResult:
        yield LongRows((Column("", 0),), id="rows")

    def on_mount(self) -> None:
        self.rows.begin(some(range(ALL, ALL - AT_ONCE, -1)), whole=False)
        self.rows.present(row, empty="")
        self.rows.focus()

    @property
    def rows(self) -> "LongRows[Numbered]":
        return self.query_one(LongRows)

    @on(LongRows.Wanted)
    def _wanted(self, event: LongRows.Wanted) -> None:
        self.asked += 1
        lines = {
            "older": range(event.edge - 1, max(0, event.edge - 1 - AT_ONCE), -1),
            "newer": range(min(ALL, event.edge + AT_ONCE), event.edge, -1),
            "oldest": range(AT_ONCE, 0, -1),
            "newest": range(ALL, ALL - AT_ONCE, -1),
        }[event.which]
        self.rows.take(event.which, some(lines))


@pytest.fixture(autouse=True)
def _little_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_rows, "KEPT", 60)
    monkeypatch.setattr(long_rows, "NEAR", 15)


@asynccontextmanager
async def sample() -> AsyncIterator[tuple[Sample, Pilot[None]]]:
    app = Sample()
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        yield app, pilot


def kept(app: Sample) -> list[int]:
    return [line.seq for line in app.rows._lines]


async def test_going_down_and_up_reaches_every_line_once_and_keeps_few() -> None:
    async with sample() as (app, pilot):
        seen = [ALL]
        for by, last in ((1, 1), (-1, ALL)):
            while app.rows.line is not None and app.rows.line.seq != last:
                app.rows.action_page(by)
                await pilot.pause()
                assert app.rows.line is not None
                assert app.rows.current == str(app.rows.line.seq)
                assert abs(app.rows.line.seq - seen[-1]) <= 12
                assert kept(app) == sorted(set(kept(app)), reverse=True)
                assert len(kept(app)) <= 60
                seen.append(app.rows.line.seq)
        assert seen[-1] == ALL


async def test_end_and_home_jump_over_what_was_never_read() -> None:
    async with sample() as (app, pilot):
        await pilot.press("end")
        assert (app.rows.current, app.asked) == ("1", 1)
        await pilot.press("up", "home")
        assert app.rows.current == str(ALL)
        await pilot.press("home", "up")
        assert app.rows.current == str(ALL)


async def test_a_list_that_is_whole_asks_for_nothing() -> None:
    async with sample() as (app, pilot):
        app.rows.begin(some(range(3, 0, -1)), whole=True)
        app.rows.present(row, empty="")
        await pilot.press("end", "down", "home")
        assert (app.rows.current, app.asked) == ("3", 0)
