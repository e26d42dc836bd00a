"""Proposals of a trial that are taken, and what the counts come to with them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kiosk.administration.importing import Report
from kiosk.administration.rows import Outcome, Problem, SeenRow, Wrong

Place = tuple[int, str, str]
"""Line, column and what is wrong: a problem, whichever trial found it."""


@dataclass
class Taken:
    """`everything`: also the proposals that are not shown."""

    places: set[Place] = field(default_factory=set)
    everything: bool = False

    def __contains__(self, problem: Problem) -> bool:
        return problem.cure is not None and (self.everything or place(problem) in self.places)

    def accepts(self) -> Callable[[Problem], bool]:
        """For the domain, in whose thread nothing changes under it."""
        taken, everything = frozenset(self.places), self.everything
        return lambda problem: everything or place(problem) in taken

    def counts(self, report: Report) -> Mapping[Outcome, int]:
        """How many rows each outcome has with what was taken, as far as the problems are shown."""
        counts = Counter(
            {
                Outcome.NEW: report.new,
                Outcome.CHANGE: report.changed,
                Outcome.SAME: report.same,
                Outcome.WRONG: report.wrong,
            }
        )
        for outcome in self._mended(report).values():
            counts[Outcome.WRONG] -= 1
            counts[outcome] += 1
        return counts

    def rows(self, report: Report, outcome: Outcome) -> Iterator[SeenRow]:
        """The rows of one outcome with what was taken, as far as they are kept."""
        mended = self._mended(report)
        return (row for row in report.rows_seen if mended.get(row.line, row.outcome) is outcome)

    def _mended(self, report: Report) -> dict[int, Outcome]:
        """Lines that were wrong and are not any more; whoever is there already is changed."""
        wrong = dict[int, bool]()
        mended = dict[int, Outcome]()
        for one in report.problems:
            wrong[one.line] = wrong.get(one.line, False) or one not in self
            there = one.wrong is Wrong.EXISTS or mended.get(one.line) is Outcome.CHANGE
            mended[one.line] = Outcome.CHANGE if there else Outcome.NEW
        return {line: outcome for line, outcome in mended.items() if not wrong[line]}


def place(problem: Problem) -> Place:
    """Where it is and what."""
    return problem.line, "" if problem.column is None else problem.column.value, problem.wrong.value
