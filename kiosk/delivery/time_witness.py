"""What networks say of the time while SMS go by: evidence of how far off the clock of this machine is, kept for every process."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from data.database import Database
from hardware.modem.network_time import report_offset_seconds
from hardware.modem.reports import StatusReport
from hardware.modem.status import ClockSource, ModemStatus
from kiosk.clock import EVIDENCE_KEY, Clock, ClockEvidence, Moment, TimeSource, evidence_to_text, kept_evidence

# A modem may pass the network's time on as often as it likes; it is written down once a minute.
KEEP_EVERY_MS: Final = 60_000
# A report that comes later than this may be about an earlier SMS with the same reference (TP-MR wraps at 256).
_SPAN_MS: Final = 60 * 60_000


@dataclass(frozen=True, slots=True)
class _Span:
    """When an SMS was on its way to the service centre, in milliseconds since the boot."""

    committed: int
    answered: int


class TimeWitness:
    """Used in a driver's thread. What takes a database writes in a transaction of its own and raises DataError."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spans: dict[tuple[str, int], _Span] = {}
        self._kept: dict[tuple[str, TimeSource], int] = {}
        self._read: dict[str, float] = {}

    def look(self, statuses: Iterable[ModemStatus], database: Database) -> None:
        """Keep what the modems' clocks and the networks behind them said since the last look."""
        for status in statuses:
            offset, read_at = status.clock_offset_seconds, status.clock_at
            if offset is None or read_at is None or self._read.get(status.name) == read_at:
                continue
            here, source = self._clock.moment(), _source_of(status)
            if here.boot_ms - self._kept.get((status.name, source), -KEEP_EVERY_MS) < KEEP_EVERY_MS:
                continue
            age_ms = round((time.monotonic() - read_at) * 1000)
            then = Moment(here.wall_ms - age_ms, here.boot_ms - age_ms, here.boot_id)
            self._keep(status.name, source, offset, then, database)
            self._read[status.name] = read_at

    def asked(self, status: ModemStatus, offset: float, database: Database) -> None:
        """A modem has just answered what its clock says, since somebody wanted to know."""
        self._keep(status.name, _told_by(status.clock_from_network), offset, self._clock.moment(), database)

    def sent(self, modem: str, reference: int | None, seconds: float) -> None:
        """The network has just taken an SMS, so many seconds after Ctrl-Z: in between its service centre stamped it."""
        if reference is not None:
            now = self._clock.moment().boot_ms
            self._spans[modem, reference] = _Span(committed=now - round(seconds * 1000), answered=now)

    def reported(self, modem: str, report: StatusReport, database: Database) -> None:
        """A delivery report of an SMS of ours has come; one that this process did not send is no evidence."""
        span, here = self._spans.get((modem, report.reference)), self._clock.moment()
        if span is None or here.boot_ms - span.answered > _SPAN_MS:
            return
        # By the wall clock as it runs now, which may have been set since.
        committed, answered = (_wall(here, boot_ms) for boot_ms in (span.committed, span.answered))
        offset = report_offset_seconds(report, committed, answered)
        if offset is not None:
            self._keep(modem, TimeSource.SERVICE_CENTRE, offset, here, database)

    def _keep(self, modem: str, source: TimeSource, offset: float, then: Moment, database: Database) -> None:
        new = ClockEvidence(
            modem=modem,
            source=source,
            offset_seconds=round(offset, 1),
            wall_ms=then.wall_ms,
            boot_ms=then.boot_ms,
            boot_id=then.boot_id,
        )
        with database.transaction(write=True):
            # Those of other modems may be written by who has borrowed them.
            others = [
                one
                for one in kept_evidence(database.meta.get(EVIDENCE_KEY))
                if (one.modem, one.source) != (modem, source) and one.at(then) is not None
            ]
            database.meta.set(EVIDENCE_KEY, evidence_to_text([*others, new]))
        self._kept[modem, source] = then.boot_ms


def _source_of(status: ModemStatus) -> TimeSource:
    return _told_by(status.clock_source is ClockSource.NETWORK or status.clock_from_network)


def _told_by(network: bool | None) -> TimeSource:
    return TimeSource.NETWORK if network else TimeSource.MODEM


def _wall(here: Moment, boot_ms: int) -> datetime:
    return datetime.fromtimestamp((here.wall_ms - (here.boot_ms - boot_ms)) / 1000, UTC)
