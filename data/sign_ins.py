"""Sign-ins: one row per person who came as far as a right password, until it ends."""

from dataclasses import dataclass
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRow:
    """One sign-in; times in milliseconds UTC. `stage`, `method` and `result` are codes of the domain."""

    id: str
    desk_id: str
    user_id: str | None
    stage: str
    method: str | None
    failures: int
    started_at: int
    ended_at: int | None
    result: str | None


_SIGN_IN: Final = Reader(SignInRow)


class SignIns(Repository):
    """The sign-ins of all desks."""

    def start(self, *, desk_id: str, user_id: str | None, stage: str, now: int) -> SignInRow:
        """A new sign-in."""
        row = self._changed(
            """INSERT INTO sign_ins (id, desk_id, user_id, stage, started_at)
            VALUES (:id, :desk_id, :user_id, :stage, :now) RETURNING *""",
            id=new_id(),
            desk_id=desk_id,
            user_id=user_id,
            stage=stage,
            now=now,
        )
        assert row is not None
        return _SIGN_IN(row)

    def get(self, sign_in_id: str) -> SignInRow | None:
        """The sign-in with this id."""
        row = self._first("SELECT * FROM sign_ins WHERE id = :id", id=sign_in_id)
        return None if row is None else _SIGN_IN(row)

    def unfinished(self, desk_id: str) -> list[SignInRow]:
        """Sign-ins of a desk that have not ended, oldest first."""
        rows = self._rows(
            "SELECT * FROM sign_ins WHERE desk_id = :desk_id AND ended_at IS NULL ORDER BY started_at", desk_id=desk_id
        )
        return [_SIGN_IN(row) for row in rows]

    def of_user(self, user_id: str, *, stage: str, limit: int) -> list[SignInRow]:
        """Sign-ins of a person that stand or ended at this stage, the latest first."""
        rows = self._rows(
            """SELECT * FROM sign_ins WHERE user_id = :user_id AND stage = :stage
            ORDER BY started_at DESC, rowid DESC LIMIT :limit""",
            user_id=user_id,
            stage=stage,
            limit=limit,
        )
        return [_SIGN_IN(row) for row in rows]

    def abandoned(self, before: int) -> list[SignInRow]:
        """Sign-ins of any desk that began before that time and have not ended, oldest first."""
        rows = self._rows(
            "SELECT * FROM sign_ins WHERE ended_at IS NULL AND started_at < :before ORDER BY started_at", before=before
        )
        return [_SIGN_IN(row) for row in rows]

    def set_stage(self, sign_in_id: str, stage: str, method: str | None) -> bool:
        """Move on; False when the sign-in has ended."""
        return self._hit(
            "UPDATE sign_ins SET stage = :stage, method = :method WHERE id = :id AND ended_at IS NULL",
            id=sign_in_id,
            stage=stage,
            method=method,
        )

    def claim_failure(self, sign_in_id: str, *, limit: int) -> int | None:
        """Count a failure before the comparison; the new count, or None when ended or `limit` was reached already."""
        row = self._changed(
            """UPDATE sign_ins SET failures = failures + 1
            WHERE id = :id AND ended_at IS NULL AND failures < :limit RETURNING failures""",
            id=sign_in_id,
            limit=limit,
        )
        return None if row is None else int(row[0])

    def finish(self, sign_in_id: str, result: str, method: str | None, now: int) -> bool:
        """End the sign-in; True for one caller only."""
        return self._hit(
            """UPDATE sign_ins SET ended_at = :now, result = :result, method = coalesce(:method, method)
            WHERE id = :id AND ended_at IS NULL""",
            id=sign_in_id,
            result=result,
            method=method,
            now=now,
        )

    def finish_all(self, result: str, now: int) -> int:
        """End every sign-in that is under way; how many."""
        return self._change(
            "UPDATE sign_ins SET ended_at = :now, result = :result WHERE ended_at IS NULL", result=result, now=now
        )
