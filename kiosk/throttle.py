"""What wrong passwords cost: rising waits per name, a lock, and a pause of a desk that is being sprayed.

Names are counted by a keyed hash, so that a name that does not exist costs the same, looks the same and is kept
nowhere (people type passwords into the name field). A guess is answered under the counter: the check, the count and the
answer are one write transaction, so guesses in parallel learn no more than guesses one after another.
"""

from dataclasses import dataclass
from enum import StrEnum, unique

from data.database import Database
from data.throttles import Throttle
from kiosk.policy import Policy

_NAME = "password"
_SPRAY = "spray"
_DESK = "desk"


@unique
class Gate(StrEnum):
    """Why nobody may try now."""

    NAME_WAITS = "name_waits"
    NAME_LOCKED = "name_locked"
    DESK_PAUSES = "desk_pauses"


@dataclass(frozen=True, slots=True)
class Closed:
    """Not now; `until` is kiosk time in milliseconds, None when only an administrator opens it."""

    gate: Gate
    until: int | None


class PasswordThrottle:
    """The counters of one desk; the caller holds the transaction."""

    def __init__(self, database: Database, policy: Policy, desk_id: str) -> None:
        self._throttles = database.throttles
        self._password = policy.password
        self._spraying = policy.spraying
        self._desk_id = desk_id

    def closed(self, name_hash: str, now: int) -> Closed | None:
        """Whether a password for this name may be tried at this desk now."""
        desk = self._throttles.get(_DESK, self._desk_id)
        if desk is not None and _waits(desk, now):
            return Closed(Gate.DESK_PAUSES, desk.until)
        name = self._throttles.get(_NAME, name_hash)
        if name is None:
            return None
        if name.count >= self._password.lock_after:
            return Closed(Gate.NAME_LOCKED, None)
        return Closed(Gate.NAME_WAITS, name.until) if _waits(name, now) else None

    def failed(self, name_hash: str, now: int) -> Closed | None:
        """Count a failure; what is closed by it from now on."""
        name = self._throttles.raise_(_NAME, name_hash, now=now, until=None, window_ms=None)
        wait_ms = self._wait_seconds(name.count) * 1000
        if wait_ms:
            self._throttles.set_until(_NAME, name_hash, now + wait_ms)
        if self._sprayed(name_hash, now):
            return Closed(Gate.DESK_PAUSES, now + self._spraying.pause_seconds * 1000)
        return self.closed(name_hash, now)

    def succeeded(self, name_hash: str) -> None:
        """A right password forgets the failures of its name."""
        self._throttles.clear(_NAME, name_hash)

    def count(self, name_hash: str) -> int:
        """Failures in a row of this name."""
        name = self._throttles.get(_NAME, name_hash)
        return 0 if name is None else name.count

    def _wait_seconds(self, failures: int) -> int:
        over = failures - self._password.free_failures
        if over <= 0:
            return 0
        doublings = min(over - 1, 16)
        return min(self._password.first_wait_seconds << doublings, self._password.maximum_wait_seconds)

    def _sprayed(self, name_hash: str, now: int) -> bool:
        window_ms = self._spraying.window_minutes * 60_000
        scope = f"{_SPRAY}/{self._desk_id}"
        # Who makes up names must not fill the disk.
        self._throttles.prune(scope, now - window_ms)
        self._throttles.raise_(scope, name_hash, now=now, until=None, window_ms=window_ms)
        recent = self._throttles.of_scope(scope, since=now - window_ms)
        if len(recent) < self._spraying.names or sum(row.count for row in recent) < self._spraying.failures:
            return False
        for row in recent:
            self._throttles.clear(scope, row.key)
        self._throttles.raise_(_DESK, self._desk_id, now=now, until=None, window_ms=None)
        self._throttles.set_until(_DESK, self._desk_id, now + self._spraying.pause_seconds * 1000)
        return True


def _waits(throttle: Throttle, now: int) -> bool:
    return throttle.until is not None and throttle.until > now
