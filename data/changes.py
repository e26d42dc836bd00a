"""Changes: what somebody else changed about a person, shown to that person at the next sign-in."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from data.canonical import JSON, canonical
from data.connection import Row
from data.ids import new_id
from data.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; times in milliseconds UTC. `what` is a code, `actor` an id or `unix:LOGIN`."""

    id: str
    user_id: str
    what: str
    actor: str
    reason: str | None
    proof: str | None
    parameters: Mapping[str, JSON]
    at: int
    seen_at: int | None


def _change(row: Row) -> Change:
    return Change(**{**dict(row), "parameters": json.loads(row["parameters"])})


NO_PARAMETERS: Final[Mapping[str, JSON]] = {}


class Changes(Repository):
    """The changes to all people."""

    def add(
        self,
        user_id: str,
        *,
        what: str,
        actor: str,
        reason: str | None = None,
        proof: str | None = None,
        parameters: Mapping[str, JSON] = NO_PARAMETERS,
        now: int,
    ) -> Change:
        """Note a change."""
        row = self._changed(
            """INSERT INTO changes (id, user_id, what, actor, reason, proof, parameters, at)
            VALUES (:id, :user_id, :what, :actor, :reason, :proof, :parameters, :now) RETURNING *""",
            id=new_id(),
            user_id=user_id,
            what=what,
            actor=actor,
            reason=reason,
            proof=proof,
            parameters=canonical(parameters),
            now=now,
        )
        assert row is not None
        return _change(row)

    def add_to_all(self, what: str, *, actor: str, parameters: Mapping[str, JSON], now: int) -> int:
        """Note the same change for everybody; how many people."""
        # Ids as SQLite makes them, 104 random bits in the same 26 characters.
        return self._change(
            """INSERT INTO changes (id, user_id, what, actor, parameters, at)
            SELECT lower(hex(randomblob(13))), id, :what, :actor, :parameters, :now FROM users WHERE deleted_at IS NULL""",
            what=what,
            actor=actor,
            parameters=canonical(parameters),
            now=now,
        )

    def unseen(self, user_id: str) -> list[Change]:
        """What the person has not been shown, oldest first."""
        rows = self._rows(
            "SELECT * FROM changes WHERE user_id = :user_id AND seen_at IS NULL ORDER BY at, rowid", user_id=user_id
        )
        return [_change(row) for row in rows]

    def since(self, user_id: str, since: int) -> list[Change]:
        """What was changed since then, newest first."""
        rows = self._rows(
            "SELECT * FROM changes WHERE user_id = :user_id AND at >= :since ORDER BY at DESC, rowid DESC",
            user_id=user_id,
            since=since,
        )
        return [_change(row) for row in rows]

    def latest(self, user_id: str, *, limit: int = 1) -> list[Change]:
        """The newest changes, newest first."""
        rows = self._rows(
            "SELECT * FROM changes WHERE user_id = :user_id ORDER BY at DESC, rowid DESC LIMIT :limit",
            user_id=user_id,
            limit=limit,
        )
        return [_change(row) for row in rows]

    def mark_seen(self, change_id: str, now: int) -> bool:
        """The person has seen it; True once."""
        return self._hit("UPDATE changes SET seen_at = :now WHERE id = :id AND seen_at IS NULL", id=change_id, now=now)
