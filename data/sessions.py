"""Sessions: who is signed in where."""

from dataclasses import dataclass
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person signed in at one desk; times in milliseconds UTC."""

    id: str
    user_id: str
    desk_id: str
    sign_in_id: str | None
    method: str
    epoch: int
    started_at: int
    seen_at: int
    ended_at: int | None
    end_reason: str | None


_SESSION: Final = Reader(Session)


class Sessions(Repository):
    """The sessions of all desks."""

    def start(
        self, user_id: str, desk_id: str, method: str, epoch: int, now: int, *, sign_in_id: str | None = None
    ) -> Session:
        """A new session."""
        row = self._changed(
            """INSERT INTO sessions (id, user_id, desk_id, sign_in_id, method, epoch, started_at, seen_at)
            VALUES (:id, :user_id, :desk_id, :sign_in_id, :method, :epoch, :now, :now) RETURNING *""",
            id=new_id(),
            user_id=user_id,
            desk_id=desk_id,
            sign_in_id=sign_in_id,
            method=method,
            epoch=epoch,
            now=now,
        )
        assert row is not None
        return _SESSION(row)

    def get(self, session_id: str) -> Session | None:
        """The session with this id."""
        row = self._first("SELECT * FROM sessions WHERE id = :id", id=session_id)
        return None if row is None else _SESSION(row)

    def touch(self, session_id: str, now: int) -> bool:
        """Somebody is there; False when the session has ended or the person's epoch has moved on."""
        return self._hit(
            """UPDATE sessions SET seen_at = max(seen_at, :now) WHERE id = :id AND ended_at IS NULL
            AND epoch = (SELECT epoch FROM users WHERE users.id = sessions.user_id)""",
            id=session_id,
            now=now,
        )

    def renew(self, session_id: str, epoch: int) -> bool:
        """Go on under the epoch that this very session has just raised; False when it has ended."""
        return self._hit(
            "UPDATE sessions SET epoch = :epoch WHERE id = :id AND ended_at IS NULL", id=session_id, epoch=epoch
        )

    def end(self, session_id: str, reason: str, now: int) -> bool:
        """End the session; True for one caller only."""
        return self._hit(
            "UPDATE sessions SET ended_at = :now, end_reason = :reason WHERE id = :id AND ended_at IS NULL",
            id=session_id,
            reason=reason,
            now=now,
        )

    def end_all(self, reason: str, now: int, *, user_id: str | None = None, method: str | None = None) -> int:
        """End the sessions of a person, or of everybody; only those begun by `method` when it is given; how many."""
        return self._change(
            """UPDATE sessions SET ended_at = :now, end_reason = :reason
            WHERE ended_at IS NULL AND (:user_id IS NULL OR user_id = :user_id)
            AND (:method IS NULL OR method = :method)""",
            user_id=user_id,
            method=method,
            reason=reason,
            now=now,
        )

    def last_of(self, user_id: str) -> Session | None:
        """The session of a person that began last."""
        row = self._first(
            "SELECT * FROM sessions WHERE user_id = :user_id ORDER BY started_at DESC, rowid DESC LIMIT 1",
            user_id=user_id,
        )
        return None if row is None else _SESSION(row)

    def live(self, *, user_id: str | None = None, desk_id: str | None = None) -> list[Session]:
        """The sessions that have not ended, of a person or at a desk when one is given, oldest first."""
        rows = self._rows(
            """SELECT * FROM sessions WHERE ended_at IS NULL AND (:user_id IS NULL OR user_id = :user_id)
            AND (:desk_id IS NULL OR desk_id = :desk_id) ORDER BY rowid""",
            user_id=user_id,
            desk_id=desk_id,
        )
        return [_SESSION(row) for row in rows]
