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

from data.audit_check import Verification, never, silent
from data.audit_search import AuditFilter
from data.users import Role
from kiosk.administration.authority import session_holds
from kiosk.audit.asking import Asked, understood
from kiosk.audit.checking import in_groups, value_of, verify_log
from kiosk.audit.export import AuditExport, Exported
from kiosk.audit.reading import AuditFound, AuditLine, AuditReader
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
        self._found: AuditFound | None = None

    # Reading

    def search(self, asked: Asked) -> Searched:
        """The newest lines of what is asked, from now on also for `older`, `newer` and `oldest`; raises AuditError."""
        self._check()
        self._found = AuditReader(self._site, self._trail, actor=self._key.reader_id).search(asked)
        return Searched(self._found.count, self.newest())

    def newest(self) -> tuple[AuditLine, ...]:
        """The newest lines again."""
        return tuple(self._searched().newest(LINES))

    def older(self, before: int) -> tuple[AuditLine, ...]:
        """The next lines below number `before`, newest first."""
        return tuple(self._searched().newest(LINES, before=before))

    def newer(self, after: int) -> tuple[AuditLine, ...]:
        """The next lines above number `after`, newest first."""
        return tuple(self._searched().newer(LINES, after=after))

    def oldest(self) -> tuple[AuditLine, ...]:
        """The first lines of all, newest first."""
        return self.newer(0)

    def value(self, seq: int) -> str:
        """The beginning of the value of a row, in groups of four."""
        self._check()
        value = self._site.database.audit.value(seq)
        return "" if value is None else in_groups(value, _ROW_GROUPS)

    def last_check(self) -> LastCheck | None:
        """The last check of the whole log by anybody; None when there was none, or its row was pruned."""
        self._check()
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

    def _searched(self) -> AuditFound:
        self._check()
        assert self._found is not None, "search() comes first"
        return self._found
