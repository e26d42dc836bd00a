"""The log for one reader at a desk: an administrator or an auditor, over a connection of its own.

A search, a check or an export of a long log takes seconds; it lives in a thread of its own (`DomainThread`), so that the
desk and whoever types at it wait for nothing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

from data.audit import AuditRow
from data.audit_check import Verification, never, silent
from data.audit_search import AuditFilter
from data.users import Role
from kiosk.administration.authority import session_holds
from kiosk.audit.asking import Asked, understood
from kiosk.audit.checking import in_groups, value_of, verify_log
from kiosk.audit.export import AuditExport, Exported
from kiosk.audit.names import Names
from kiosk.audit.reading import AuditLine, AuditReader, line_of
from kiosk.audit.trail import AuditTrail
from kiosk.exchange import dated_name, saving
from kiosk.site import Site

ROLES: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
# So many lines are read at once; a page shows some thirty.
LINES: Final = 200
_LAST_CHECKS: Final = ("audit.verified", "audit.checkpoint")
_POLL_SECONDS: Final = 3600.0
# Of the value of a row, so many groups stand beside it.
_ROW_GROUPS: Final = 4


class MayNotRead(Exception):
    """The session has ended, or the person is neither administrator nor auditor (any more)."""


@unique
class Form(StrEnum):
    """How the log is handed over; the values are the endings of the files."""

    LINES = "jsonl"
    TABLE = "csv"


@dataclass(frozen=True, slots=True)
class Searched:
    """What a question found: how many lines, and the newest of them."""

    count: int
    lines: tuple[AuditLine, ...]


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The last check of the whole log by anybody: when (kiosk time), and how it ended as a code."""

    at: int
    result: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An export that lies on the medium under this name."""

    name: str
    exported: Exported


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomKey:
    """Lets one reader in; made by the desk, used in any thread. `folder` is the configured exchange folder."""

    reader_id: str
    session_id: str
    origin: str
    simulated: bool
    open_site: Callable[[], AbstractContextManager[Site]]
    folder: Path | None

    def enter(self) -> "AuditRoom":
        """The room, for the calling thread; raises DataError."""
        return AuditRoom(self)


class AuditRoom:
    """Reads, checks and hands over; each is a row in the log. Every method raises MayNotRead and DataError."""

    def __init__(self, key: RoomKey) -> None:
        self._key = key
        self._closing = ExitStack()
        self._site = self._closing.enter_context(key.open_site())
        self._trail = AuditTrail(self._site.database, self._site.clock, origin=key.origin, simulated=key.simulated)
        self._names = Names(self._site.database)
        self._wanted = AuditFilter()

    # Reading

    def search(self, asked: Asked) -> Searched:
        """The newest lines of what is asked, from now on also for `older`, `newer` and `oldest`; raises AuditError."""
        self._check()
        reader = AuditReader(self._site, self._trail, actor=self._key.reader_id)
        found = reader.search(asked)
        self._wanted, self._names = found.wanted, Names(self._site.database)
        return Searched(found.count, self._named(self._newest(None)))

    def newest(self) -> tuple[AuditLine, ...]:
        """The newest lines again."""
        self._check()
        return self._named(self._newest(None))

    def older(self, before: int) -> tuple[AuditLine, ...]:
        """The next lines below number `before`, newest first."""
        self._check()
        return self._named(self._newest(before))

    def newer(self, after: int) -> tuple[AuditLine, ...]:
        """The next lines above number `after`, newest first."""
        self._check()
        search = self._site.database.audit_search
        rows = search.oldest(self._wanted, limit=LINES, after=after)
        return self._named(rows[::-1])

    def oldest(self) -> tuple[AuditLine, ...]:
        """The first lines of all, newest first."""
        return self.newer(0)

    def value(self, seq: int) -> str:
        """The beginning of the value of a row, in groups of four."""
        value = self._site.database.audit.value(seq)
        return "" if value is None else in_groups(value, _ROW_GROUPS)

    def last_check(self) -> LastCheck | None:
        """The last check of the whole log; None when there was none, or its row was pruned."""
        found = self._site.database.audit_search.newest(AuditFilter(actions=_LAST_CHECKS), limit=1)
        return next((LastCheck(row.at, row.event.result) for row in found if row.event is not None), None)

    # Checking

    def verify(
        self, progress: Callable[[int, int], None] = silent, cancelled: Callable[[], bool] = never
    ) -> Verification:
        """Check the whole log; also raises OSError."""
        self._check()
        return verify_log(
            self._site.database, self._trail, actor=self._key.reader_id, progress=progress, cancelled=cancelled
        )

    def row_with(self, typed: str, found: Verification) -> int | None:
        """The row, of those that were found good, that has the value noted at an earlier visit; None: another log.

        Raises WrongValue.
        """
        value = value_of(typed)
        self._check()
        row = self._site.database.audit.with_value(value, up_to=found.last_seq)
        with self._site.database.transaction(write=True):
            facts = {"seq": row} if row is not None else {}
            result = "ok" if row is not None else "unexpected"
            self._trail.record("audit.value_compared", result, actor=self._key.reader_id, parameters=facts)
        return row

    # Handing over

    def export(
        self,
        asked: Asked,
        form: Form,
        progress: Callable[[int, int], None] = silent,
        cancelled: Callable[[], bool] = never,
    ) -> HandedOver:
        """Write what is asked to the exchange folder or a medium; raises AuditError, NoPlace, NotSaved."""
        self._check()
        export = AuditExport(self._site, self._trail, actor=self._key.reader_id, progress=progress, cancelled=cancelled)
        # Before a file is made: a mistake in the question must not leave one.
        understood(self._site, asked, self._key.reader_id)
        at = datetime.fromtimestamp(self._site.clock.wall() / 1000, UTC).astimezone(self._site.zone)
        with saving(dated_name("audit", at, form.value), folder=self._key.folder) as (out, name):
            done = export.table(out, asked) if form is Form.TABLE else export.lines(out, asked)
        return HandedOver(name, done)

    # In its thread

    def poll(self) -> float:
        """Nothing is watched."""
        return _POLL_SECONDS

    def close(self) -> None:
        """Let go of the connection."""
        self._closing.close()

    def _check(self) -> None:
        site, key = self._site, self._key
        if not session_holds(site, key.reader_id, key.session_id, ROLES, site.clock.now()):
            raise MayNotRead

    def _newest(self, before: int | None) -> list[AuditRow]:
        return self._site.database.audit_search.newest(self._wanted, limit=LINES, before=before)

    def _named(self, rows: list[AuditRow]) -> tuple[AuditLine, ...]:
        with self._site.database.transaction(write=False):
            return tuple(line_of(row, self._names) for row in rows)
