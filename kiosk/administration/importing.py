"""Importing people: a trial that says what will happen per row, then all of it or nothing.

The rows are staged in batches where nobody sees them, so that sign-ins go on; one short transaction puts them in place.
Imported people are invited and have no password: one is made when their slip is printed.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from data.ids import new_id
from data.imports import Imports, Staged, StagedPerson
from kiosk.administration.authority import Act, check, check_proved, use
from kiosk.administration.changing import Office, record_refusal
from kiosk.administration.errors import AdministrationError, Forbidden
from kiosk.administration.four_eyes import Approved, Content
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.lists import ListFile, opened_list
from kiosk.administration.rows import Accepts, Judged, Outcome, Problem, RowCheck, SeenRow, Wrong, seen_row

T = TypeVar("T")

# A batch is one write transaction of some milliseconds; a person who signs in meanwhile waits that long.
BATCH: Final = 250
PROBLEMS_KEPT: Final = 1_000
SEEN_KEPT: Final = 1_000
_DISCARDED_TOGETHER: Final = 1_000
# A million people are checked in minutes: what lay here so long belongs to an import that died.
_STALE_MS: Final = 3600 * 1000
# So many people stand in one row of the log.
_NAMED_TOGETHER: Final = 1_000


class NotAllRight(AdministrationError):
    """Something is wrong with the list, or became so since the trial; nothing was changed. `report` says what."""

    def __init__(self, report: "Report") -> None:
        super().__init__(f"{report.wrong} rows")
        self.report = report


class StagedLost(AdministrationError):
    """The rows do not wait any more, or not all: it took hours, or it was put in place already. Nothing was changed."""


class Stopped(AdministrationError):
    """Whoever asked for it stopped it; nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a trial found."""

    encoding: str
    delimiter: str
    digest: str
    rows: int
    new: int
    changed: int
    same: int
    wrong: int
    """Rows with at least one problem."""
    cured: int
    """Cells that were accepted as proposed."""
    shared_numbers: int
    problems: tuple[Problem, ...]
    """The first thousand, in the order of the list."""
    rows_seen: tuple[SeenRow, ...]
    """The first thousand of each outcome, in the order of the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A trial; with `import_id` its rows are staged and wait to be put in place."""

    report: Report
    import_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What was put in place."""

    import_id: str
    added: int
    changed: int
    reference: str


def accept_nothing(_problem: Problem) -> bool:
    """Take no proposal."""
    return False


def accept_all(_problem: Problem) -> bool:
    """Take every proposal."""
    return True


def silent(_rows: int) -> None:
    """Tell nobody."""


def prepare(
    office: Office,
    path: Path,
    *,
    accepts: Accepts = accept_nothing,
    stage: bool,
    progress: Callable[[int], None] = silent,
    stopped: Callable[[], bool] = lambda: False,
) -> Prepared:
    """Check a list and, with `stage`, keep its good rows ready; what a dead import left is discarded.

    Args:
        office: In whose name.
        path: The list.
        accepts: Says for each problem with a cure whether that is taken.
        stage: False for a trial alone.
        progress: Told the rows done, after each batch.
        stopped: Asked after each batch.

    Raises ListError, Stopped, Forbidden, OSError, DataError.
    """
    _check(office)
    import_id = new_id() if stage else None
    if stage:
        _discard_old(office)
    try:
        with opened_list(path) as opened:
            report = _judge_all(office, opened, accepts, import_id, progress=progress, stopped=stopped)
    except BaseException:
        if import_id is not None:
            discard(office, import_id)
        raise
    if report.wrong and import_id is not None:
        discard(office, import_id)
        import_id = None
    return Prepared(report=report, import_id=import_id)


def put_in_place(office: Office, prepared: Prepared, why: Why) -> Imported:
    """Make the staged rows people, all or none, once.

    Raises NotAllRight, StagedLost, AdministrationError, DataError.
    """
    why = checked_why(why)
    if prepared.import_id is None:
        raise NotAllRight(prepared.report)
    site, import_id = office.site, prepared.import_id
    try:
        # Before the write lock: what is staged changes no more.
        staged = site.database.imports.staged(import_id)
        with site.database.transaction(write=True):
            now = site.clock.now()
            approved = check(site, office.authority, Act.IMPORT, None, now, content=content_of(prepared.report))
            use(site, approved, now)
            imports = site.database.imports
            if clashes := imports.conflicts(staged, limit=PROBLEMS_KEPT):
                raise NotAllRight(_with_clashes(prepared.report, clashes))
            swapped = imports.swap(staged, now)
            if (swapped.added, swapped.changed) != (prepared.report.new, prepared.report.changed):
                raise StagedLost
            reference = _write_down(office, prepared, why, staged, approved)
            imports.show_changes(
                staged, what=Act.IMPORT.value, actor=office.authority.actor, reason=why.reason, now=now
            )
    except Forbidden as error:
        error.reference = record_refusal(office, Act.IMPORT, None, error.rule)
        if error.wanted is not None:
            error.wanted = error.wanted.because(why)
        raise
    finally:
        discard(office, import_id)
    return Imported(import_id=import_id, added=swapped.added, changed=swapped.changed, reference=reference)


def content_of(report: Report) -> Content:
    """What a second administrator approves of a list: this one, with what was proposed and taken."""
    return Content(
        {
            "sha256": report.digest,
            "rows": report.rows,
            "new": report.new,
            "changed": report.changed,
            "cured": report.cured,
        }
    )


def check_list(office: Office, report: Report, why: Why) -> None:
    """Raise Forbidden unless a list that was tried may be imported now: asked before all of it is read again."""
    try:
        with office.site.database.transaction(write=False):
            check(office.site, office.authority, Act.IMPORT, None, office.site.clock.now(), content=content_of(report))
    except Forbidden as error:
        error.reference = record_refusal(office, Act.IMPORT, None, error.rule)
        if error.wanted is not None:
            error.wanted = error.wanted.because(checked_why(why))
        raise


def discard(office: Office, import_id: str) -> None:
    """Forget the staged rows of an import, in batches; raises DataError."""
    _emptied(office, lambda imports: imports.discard(import_id, limit=_DISCARDED_TOGETHER))


def _discard_old(office: Office) -> None:
    before = office.site.clock.now() - _STALE_MS
    _emptied(office, lambda imports: imports.discard_old(before, limit=_DISCARDED_TOGETHER))


def _emptied(office: Office, discard_some: Callable[[Imports], int]) -> None:
    while True:
        began = time.monotonic()
        with office.site.database.transaction(write=True):
            if not discard_some(office.site.database.imports):
                return
        # Nobody queues for the write lock of SQLite: whoever wants it looks now and then, and must find it free as often as not.
        time.sleep(time.monotonic() - began)


def _check(office: Office) -> None:
    """What a second administrator must approve is known when the list was read, and asked when it is put in place."""
    site, authority = office.site, office.authority
    try:
        with site.database.transaction(write=False):
            check_proved(site, authority, site.clock.now())
    except Forbidden as error:
        error.reference = record_refusal(office, Act.IMPORT, None, error.rule)
        raise


def _judge_all(
    office: Office,
    opened: ListFile,
    accepts: Accepts,
    import_id: str | None,
    *,
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> Report:
    judge = RowCheck(office.site, accepts)
    counts = dict.fromkeys(Outcome, 0)
    problems: list[Problem] = []
    seen: list[SeenRow] = []
    cured = 0
    for rows in _batches(opened.rows, BATCH):
        with office.site.database.transaction(write=False):
            judged = [judge.judge(row) for row in rows]
        for row, one in zip(rows, judged, strict=True):
            counts[one.outcome] += 1
            if counts[one.outcome] <= SEEN_KEPT:
                seen.append(seen_row(row, one))
            cured += one.cured
            problems += one.problems[: PROBLEMS_KEPT - len(problems)]
        if import_id is not None and not counts[Outcome.WRONG]:
            _stage(office, import_id, judged)
        progress(sum(counts.values()))
        if stopped():
            raise Stopped
    return Report(
        encoding=opened.encoding,
        delimiter=opened.delimiter,
        digest=opened.digest,
        rows=sum(counts.values()),
        new=counts[Outcome.NEW],
        changed=counts[Outcome.CHANGE],
        same=counts[Outcome.SAME],
        wrong=counts[Outcome.WRONG],
        cured=cured,
        shared_numbers=judge.shared_numbers,
        problems=tuple(problems),
        rows_seen=tuple(seen),
    )


def _stage(office: Office, import_id: str, judged: list[Judged]) -> None:
    people: list[StagedPerson] = [one.person for one in judged if one.person is not None]
    with office.site.database.transaction(write=True):
        office.site.database.imports.stage(import_id, people, office.site.clock.now())


def _write_down(office: Office, prepared: Prepared, why: Why, staged: Staged, approved: Approved | None) -> str:
    """Who was added and who was changed, by id, so many in a row of the log; the reference of the first row."""
    report, import_id = prepared.report, staged.import_id
    ticket = {"ticket": why.ticket} if why.ticket else {}
    actor = office.authority.actor
    reference = office.trail.record(
        "users.imported",
        "ok",
        actor=actor,
        about=import_id,
        parameters={
            "rows": report.rows,
            "added": report.new,
            "changed": report.changed,
            "same": report.same,
            "cured": report.cured,
            "sha256": report.digest,
            "reason": why.reason,
            **ticket,
            **({} if approved is None else approved.facts()),
        },
    )
    for action, people in (("users.import_added", staged.added), ("users.import_changed", staged.changed)):
        for ids in _batches(iter(people), _NAMED_TOGETHER):
            office.trail.record(action, "ok", actor=actor, about=import_id, parameters={"people": ids})
    return reference


def _with_clashes(report: Report, clashes: list[tuple[int, str]]) -> Report:
    problems = tuple(Problem(line=line, column=None, value=name, wrong=Wrong.TAKEN_SINCE) for line, name in clashes)
    return replace(report, wrong=len(problems), problems=problems)


def _batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch
