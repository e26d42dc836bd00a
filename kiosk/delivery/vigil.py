"""Watching over the modems for those who are not there: what left, came back or was exchanged, and what stays out of order."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hardware.modem.reasons import Reason
from hardware.modem.status import ModemState, ModemStatus
from kiosk.clock import EVIDENCE_KEY, Moment, compare, kept_evidence
from kiosk.delivery.alarms import AlarmCause, AlarmMeans, raise_alarm
from kiosk.delivery.records import Records

MINUTE_MS: Final = 60_000
# A stick that is numbered anew or restarts is away for some seconds; only then is it removed.
REMOVED_MS: Final = 30_000
_WORKING: Final = frozenset({ModemState.READY, ModemState.STARTING})
_BLOCKED: Final = frozenset({Reason.PUK_REQUIRED, Reason.PIN_REFUSED, Reason.PIN_LAST_TRY})
_EXCHANGED: Final = frozenset({Reason.OTHER_MODEM, Reason.OTHER_SIM, Reason.OTHER_SOCKET})
# Below this share or size nothing can be written soon, and then nobody can sign in.
_FREE_SHARE: Final = 0.03
_FREE_BYTES: Final = 50 * 1024 * 1024
_DISK_EVERY_MS: Final = 10 * MINUTE_MS


def too_full(total: int, free: int) -> bool:
    """Whether somebody must make room soon; sizes in bytes."""
    return free < max(_FREE_BYTES, total * _FREE_SHARE)


@dataclass(slots=True)
class _Seen:
    """One modem as it was seen: since when it does not work, since when it is gone, and what was told of that."""

    down_since: int | None = None
    gone_since: int | None = None
    removed: bool = False
    exchanged: str = ""


class Vigil:
    """Used in the dispatcher's thread, which hands in `records`; every method raises DataError and may be called again."""

    def __init__(self, means: AlarmMeans | None) -> None:
        self._means = means
        self._seen: dict[str, _Seen] = {}
        self._disk_at: int | None = None

    def look(self, statuses: Iterable[ModemStatus], records: Records, now: int) -> None:
        """One round over the modems that this process drives; those lent or out of service are left alone."""
        for status in statuses:
            seen = self._seen.setdefault(status.name, _Seen())
            self._comings(status, seen, records, now)
            self._troubles(status, seen, records, now)

    def forget(self, name: str) -> None:
        """Somebody has taken this modem: what comes is his doing."""
        self._seen.pop(name, None)

    def look_at_disk(self, directory: Path, records: Records, now: int) -> None:
        """Whether there is room left to write."""
        if self._disk_at is not None and 0 <= now - self._disk_at < _DISK_EVERY_MS:
            return
        self._disk_at = now
        usage = shutil.disk_usage(directory)
        if too_full(usage.total, usage.free):
            self._alarm(AlarmCause.DISK, "", records, now)

    def look_at_clock(self, here: Moment, records: Records, now: int) -> None:
        """Whether the networks tell another time; it is told and nothing is set or switched off (see `ClockHealth`)."""
        off = compare(kept_evidence(records.database.meta.get(EVIDENCE_KEY)), here).machine_off
        if off is not None:
            self._alarm(AlarmCause.CLOCK, "", records, now)

    def _comings(self, status: ModemStatus, seen: _Seen, records: Records, now: int) -> None:
        if status.state is ModemState.GONE:
            seen.gone_since = now if seen.gone_since is None else seen.gone_since
            if not seen.removed and now - seen.gone_since >= REMOVED_MS:
                records.modem_event("modem.removed", status.name, status.reason)
                seen.removed = True
        elif status.state is not ModemState.STARTING:
            if seen.removed:
                records.modem_event("modem.returned", status.name, status.state.value)
            seen.gone_since, seen.removed = None, False
        if status.reason in _EXCHANGED and seen.exchanged != status.reason:
            records.modem_event("modem.replaced", status.name, status.reason)
            seen.exchanged = status.reason
        elif status.state is ModemState.READY:
            seen.exchanged = ""

    def _troubles(self, status: ModemStatus, seen: _Seen, records: Records, now: int) -> None:
        if status.reason in _BLOCKED:
            self._alarm(AlarmCause.SIM_BLOCKED, status.name, records, now)
        if status.reason in _EXCHANGED:
            self._alarm(AlarmCause.MODEM_REPLACED, status.name, records, now)
        if status.state in _WORKING:
            # A start that never ends is a trouble too: only READY forgets it.
            seen.down_since = None if status.state is ModemState.READY else seen.down_since
            return
        seen.down_since = now if seen.down_since is None else seen.down_since
        if self._means is not None and now - seen.down_since >= self._means.down_minutes * MINUTE_MS:
            self._alarm(AlarmCause.MODEM_DOWN, status.name, records, now)

    def _alarm(self, cause: AlarmCause, subject: str, records: Records, now: int) -> None:
        if self._means is not None and self._means.phones:
            raise_alarm(records.database, self._means, cause, subject, now)
