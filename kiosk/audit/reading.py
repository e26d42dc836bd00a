"""Reading the log; that somebody reads it is itself a row, written before anything is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from data.audit import AuditEvent, AuditRow
from data.audit_search import AuditFilter
from data.canonical import JSON
from kiosk.audit.asking import Asked, as_facts, understood
from kiosk.audit.names import Names
from kiosk.audit.trail import AuditTrail
from kiosk.clock import TOLERATED_JUMP_MS
from kiosk.site import Site

PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One row with names.

    Attributes:
        seq: Its number.
        reference: Its short name, such as K482.
        at: Kiosk time, in milliseconds UTC.
        at_wall: What the clock of the machine said.
        event: What happened; None when its time is over or when it was altered.
        altered: Whether it was altered into something that cannot be read.
        actor_name: User name of who did it.
        object_name: User name of the person it was about.
        desk: Name of the desk.
    """

    seq: int
    reference: str
    at: int
    at_wall: int
    event: AuditEvent | None
    altered: bool
    actor_name: str | None
    object_name: str | None
    desk: str | None

    @property
    def clock_uncertain(self) -> bool:
        """Whether the clock of the machine was not believed."""
        return clock_uncertain(self.at, self.at_wall)

    def as_data(self) -> dict[str, JSON]:
        """All of it for a program; without an event only what pruning leaves."""
        facts: dict[str, JSON] = {
            "seq": self.seq,
            "reference": self.reference,
            "at": self.at,
            "at_wall": self.at_wall,
            "clock_uncertain": self.clock_uncertain,
            "pruned": self.event is None and not self.altered,
            "altered": self.altered,
        }
        if self.event is None:
            return facts
        return facts | {
            "action": self.event.action,
            "result": self.event.result,
            "actor": self.event.actor,
            "actor_name": self.actor_name,
            "object": self.event.object,
            "object_name": self.object_name,
            "origin": self.event.origin,
            "desk": self.desk,
            "parameters": self.event.parameters,
            "simulated": self.event.simulated,
        }


def clock_uncertain(at: int, at_wall: int) -> bool:
    """Whether kiosk time and the clock of the machine were further apart than a correction."""
    return abs(at - at_wall) > TOLERATED_JUMP_MS


def line_of(row: AuditRow, names: Names) -> AuditLine:
    """A row with the names of now."""
    event = row.event
    return AuditLine(
        seq=row.seq,
        reference=row.reference,
        at=row.at,
        at_wall=row.at_wall,
        event=event,
        altered=row.altered,
        actor_name=None if event is None else names.person(event.actor),
        object_name=None if event is None else names.object(event.object),
        desk=None if event is None else names.desk(event.origin),
    )


class AuditFound:
    """What a question found; rows written later do not change it."""

    def __init__(self, site: Site, wanted: AuditFilter, count: int) -> None:
        self.count: Final = count
        self.wanted: Final = wanted
        self._database = site.database
        self._names = Names(site.database)

    def newest(self, limit: int, *, before: int | None = None) -> list[AuditLine]:
        """The newest lines, or the newest of those with a number below `before`; newest first."""
        return self._named(self._database.audit_search.newest(self.wanted, limit=limit, before=before))

    def newer(self, limit: int, *, after: int) -> list[AuditLine]:
        """The next lines with a number above `after`; newest first."""
        return self._named(self._database.audit_search.oldest(self.wanted, limit=limit, after=after)[::-1])

    def all(self) -> Iterator[AuditLine]:
        """Every line, newest first, streaming."""
        before: int | None = None
        while lines := self.newest(PAGE, before=before):
            yield from lines
            before = lines[-1].seq

    def _named(self, rows: list[AuditRow]) -> list[AuditLine]:
        # As one: names are looked up row by row.
        with self._database.transaction(write=False):
            return [line_of(row, self._names) for row in rows]


class AuditReader:
    """Reads the log for one reader: a person, or `unix:LOGIN`."""

    def __init__(self, site: Site, trail: AuditTrail, *, actor: str) -> None:
        self._site = site
        self._trail = trail
        self._actor = actor

    def search(self, asked: Asked) -> AuditFound:
        """Find rows, and write down who looked for what; raises AuditError and DataError."""
        wanted = understood(self._site, asked, self._actor)
        # Before the write transaction: counting a long log takes seconds, in which people sign in.
        count = self._site.database.audit_search.bounds(wanted).count
        with self._site.database.transaction(write=True):
            facts = {**as_facts(wanted), "rows": count}
            self._trail.record("audit.read", "ok", actor=self._actor, parameters=facts)
        return AuditFound(self._site, wanted, count)
