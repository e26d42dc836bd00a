"""Temporary codes: handed out by an administrator to somebody whose other factors fail, good once and for minutes."""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@unique
class TemporaryCodeState(StrEnum):
    """An ISSUED code is live until it expires."""

    ISSUED = "issued"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryCode:
    """One temporary code; times in milliseconds UTC.

    `issued_by` is the administrator's id, `proof` how the person was identified.
    """

    id: str
    user_id: str
    state: TemporaryCodeState
    code_hash: str = field(repr=False)
    issued_by: str
    reason: str
    proof: str
    issued_at: int
    expires_at: int
    used_at: int | None
    revoked_at: int | None
    tries: int
    ticket: str | None
    adds_app: bool
    """Whoever comes in by it may add an authenticator app at once."""


_TEMPORARY_CODE: Final = Reader(TemporaryCode)


class TemporaryCodes(Repository):
    """The temporary codes of all people."""

    def issue(
        self,
        user_id: str,
        *,
        code_hash: str,
        issued_by: str,
        reason: str,
        proof: str,
        ticket: str | None = None,
        adds_app: bool = False,
        expires_at: int,
        now: int,
    ) -> TemporaryCode:
        """A new code; one issued before is revoked."""
        self._change(
            """UPDATE temporary_codes SET state = 'revoked', revoked_at = :now
            WHERE user_id = :user_id AND state = 'issued'""",
            user_id=user_id,
            now=now,
        )
        row = self._changed(
            """INSERT INTO temporary_codes (id, user_id, state, code_hash, issued_by, reason, proof, ticket, adds_app,
                issued_at, expires_at)
            VALUES (:id, :user_id, 'issued', :code_hash, :issued_by, :reason, :proof, :ticket, :adds_app,
                :now, :expires_at) RETURNING *""",
            id=new_id(),
            user_id=user_id,
            code_hash=code_hash,
            issued_by=issued_by,
            reason=reason,
            proof=proof,
            ticket=ticket,
            adds_app=adds_app,
            now=now,
            expires_at=expires_at,
        )
        assert row is not None
        return _TEMPORARY_CODE(row)

    def get(self, code_id: str) -> TemporaryCode | None:
        """The code with this id."""
        row = self._first("SELECT * FROM temporary_codes WHERE id = :id", id=code_id)
        return None if row is None else _TEMPORARY_CODE(row)

    def live(self, user_id: str, now: int) -> TemporaryCode | None:
        """The code that can be used now."""
        row = self._first(
            "SELECT * FROM temporary_codes WHERE user_id = :user_id AND state = 'issued' AND expires_at > :now",
            user_id=user_id,
            now=now,
        )
        return None if row is None else _TEMPORARY_CODE(row)

    def claim_try(self, code_id: str, *, limit: int, now: int) -> int | None:
        """Count a try before the comparison; the new count, or None when used, revoked, expired or `limit` is reached."""
        row = self._changed(
            """UPDATE temporary_codes SET tries = tries + 1
            WHERE id = :id AND state = 'issued' AND expires_at > :now AND tries < :limit RETURNING tries""",
            id=code_id,
            limit=limit,
            now=now,
        )
        return None if row is None else int(row[0])

    def consume(self, code_id: str, now: int) -> bool:
        """Use the code; True for one caller only. A try claimed in time may be consumed a moment after the expiry."""
        return self._hit(
            "UPDATE temporary_codes SET state = 'used', used_at = :now WHERE id = :id AND state = 'issued'",
            id=code_id,
            now=now,
        )

    def revoke(self, code_id: str, now: int) -> bool:
        """Make an issued code void."""
        return self._hit(
            "UPDATE temporary_codes SET state = 'revoked', revoked_at = :now WHERE id = :id AND state = 'issued'",
            id=code_id,
            now=now,
        )

    def revoke_all(self, now: int) -> int:
        """Make every issued code void; how many."""
        return self._change(
            "UPDATE temporary_codes SET state = 'revoked', revoked_at = :now WHERE state = 'issued'", now=now
        )
