"""Throttles: counters of failures and requests, per scope and key, with the time until which to wait."""

from dataclasses import dataclass
from typing import Final

from data.repository import Reader, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """One counter; times in milliseconds UTC. `key` is an id or a keyed hash, never what somebody typed."""

    scope: str
    key: str
    count: int
    first_at: int
    last_at: int
    until: int | None


_THROTTLE: Final = Reader(Throttle)


class Throttles(Repository):
    """All counters."""

    def get(self, scope: str, key: str) -> Throttle | None:
        """The counter; None when nothing was counted."""
        row = self._first("SELECT * FROM throttles WHERE scope = :scope AND key = :key", scope=scope, key=key)
        return None if row is None else _THROTTLE(row)

    def raise_(self, scope: str, key: str, *, now: int, until: int | None, window_ms: int | None) -> Throttle:
        """Count one more, or start again at 1 when the first is `window_ms` or more ago.

        `until` None leaves the wait as it is, or takes it away when counting starts again.
        """
        row = self._changed(
            """INSERT INTO throttles (scope, key, count, first_at, last_at, until)
            VALUES (:scope, :key, 1, :now, :now, :until)
            ON CONFLICT (scope, key) DO UPDATE SET
                count = iif(first_at <= :stale, 1, count + 1),
                until = coalesce(:until, iif(first_at <= :stale, NULL, until)),
                first_at = iif(first_at <= :stale, :now, first_at),
                last_at = :now
            RETURNING *""",
            scope=scope,
            key=key,
            now=now,
            until=until,
            stale=None if window_ms is None else now - window_ms,
        )
        assert row is not None
        return _THROTTLE(row)

    def set_until(self, scope: str, key: str, until: int | None) -> bool:
        """The time until which to wait; False when nothing was counted."""
        return self._hit(
            "UPDATE throttles SET until = :until WHERE scope = :scope AND key = :key", scope=scope, key=key, until=until
        )

    def clear(self, scope: str, key: str) -> bool:
        """Forget the counter; False when there was none."""
        return self._hit("DELETE FROM throttles WHERE scope = :scope AND key = :key", scope=scope, key=key)

    def prune(self, scope: str, before: int) -> int:
        """Forget the counters of a scope that nobody raised since; how many."""
        return self._change(
            "DELETE FROM throttles WHERE scope = :scope AND last_at < :before", scope=scope, before=before
        )

    def of_scope(self, scope: str, since: int) -> list[Throttle]:
        """The counters of a scope that were raised at `since` or later, the latest first."""
        rows = self._rows(
            "SELECT * FROM throttles WHERE scope = :scope AND last_at >= :since ORDER BY last_at DESC, key",
            scope=scope,
            since=since,
        )
        return [_THROTTLE(row) for row in rows]
