"""Proposals that are taken: what the counts come to, and of which outcome a row is then."""

from kiosk.administration.importing import Report
from kiosk.administration.lists import Column
from kiosk.administration.rows import CHANGE, Outcome, Problem, SeenRow, Wrong
from screens.administrator.taken import Taken, place


def problem(line: int, column: Column, wrong: Wrong, cure: str | None) -> Problem:
    return Problem(line=line, column=column, value="x", wrong=wrong, cure=cure)


ZERO = problem(2, Column.PHONE, Wrong.ZERO_LOST, "0612345678")
ROLE = problem(2, Column.ROLE, Wrong.ROLE, "beheerder")
THERE = problem(3, Column.NAME, Wrong.EXISTS, CHANGE)
NO_NAME = problem(4, Column.DISPLAY_NAME, Wrong.MISSING, None)
REPORT = Report(
    encoding="cp1252",
    delimiter=";",
    digest="",
    rows=5,
    new=1,
    changed=0,
    same=1,
    wrong=3,
    cured=0,
    shared_numbers=0,
    problems=(ZERO, ROLE, THERE, NO_NAME),
    rows_seen=tuple(
        SeenRow(line=line, outcome=outcome, cells={}, was="")
        for line, outcome in enumerate(
            (Outcome.WRONG, Outcome.WRONG, Outcome.WRONG, Outcome.NEW, Outcome.SAME), start=2
        )
    ),
)


def lines(taken: Taken) -> dict[str, list[int]]:
    return {one.value: [row.line for row in taken.rows(REPORT, one)] for one in Outcome}


def test_a_row_is_mended_when_all_that_is_wrong_with_it_is() -> None:
    taken = Taken({place(ZERO)})
    assert taken.counts(REPORT)[Outcome.WRONG] == 3
    taken.places.add(place(ROLE))

    assert taken.counts(REPORT) == {Outcome.NEW: 2, Outcome.CHANGE: 0, Outcome.SAME: 1, Outcome.WRONG: 2}
    assert lines(taken) == {"new": [2, 5], "change": [], "same": [6], "wrong": [3, 4]}


def test_whoever_is_there_already_is_changed_and_what_has_no_cure_stays_wrong() -> None:
    taken = Taken(everything=True)

    assert taken.counts(REPORT) == {Outcome.NEW: 2, Outcome.CHANGE: 1, Outcome.SAME: 1, Outcome.WRONG: 1}
    assert lines(taken) == {"new": [2, 5], "change": [3], "same": [6], "wrong": [4]}
    assert [one in taken for one in REPORT.problems] == [True, True, True, False]
