"""Back-up codes: one live per person, each good for one sign-in."""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@unique
class BackupCodeState(StrEnum):
    """ISSUED until the person has confirmed to have it; ISSUED and CONFIRMED are live."""

    ISSUED = "issued"
    CONFIRMED = "confirmed"
    USED = "used"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupCode:
    """One back-up code; times in milliseconds UTC."""

    id: str
    user_id: str
    state: BackupCodeState
    code_hash: str = field(repr=False)
    issued_at: int
    confirmed_at: int | None
    used_at: int | None
    revoked_at: int | None
    failures_in_row: int
    sent_by_sms_at: int | None


_BACKUP_CODE: Final = Reader(BackupCode)


class BackupCodes(Repository):
    """The back-up codes of all people."""

    def issue(self, user_id: str, *, code_hash: str, now: int) -> BackupCode:
        """A new live code; the one that was live is revoked."""
        self._change(
            """UPDATE backup_codes SET state = 'revoked', revoked_at = :now
            WHERE user_id = :user_id AND state IN ('issued', 'confirmed')""",
            user_id=user_id,
            now=now,
        )
        row = self._changed(
            """INSERT INTO backup_codes (id, user_id, state, code_hash, issued_at)
            VALUES (:id, :user_id, 'issued', :code_hash, :now) RETURNING *""",
            id=new_id(),
            user_id=user_id,
            code_hash=code_hash,
            now=now,
        )
        assert row is not None
        return _BACKUP_CODE(row)

    def get(self, code_id: str) -> BackupCode | None:
        """The code with this id."""
        row = self._first("SELECT * FROM backup_codes WHERE id = :id", id=code_id)
        return None if row is None else _BACKUP_CODE(row)

    def live(self, user_id: str) -> BackupCode | None:
        """The code that can be used now."""
        row = self._first(
            "SELECT * FROM backup_codes WHERE user_id = :user_id AND state IN ('issued', 'confirmed')",
            user_id=user_id,
        )
        return None if row is None else _BACKUP_CODE(row)

    def last_used(self, user_id: str) -> BackupCode | None:
        """The code used last: whoever types it again is told so."""
        row = self._first(
            """SELECT * FROM backup_codes WHERE user_id = :user_id AND state = 'used'
            ORDER BY used_at DESC, rowid DESC LIMIT 1""",
            user_id=user_id,
        )
        return None if row is None else _BACKUP_CODE(row)

    def claim_try(self, code_id: str, *, limit: int) -> int | None:
        """Count a try as failed before the comparison; the new count in a row, or None: refused.

        Refused is a code that is not live or has failed `limit` times in a row.
        """
        row = self._changed(
            """UPDATE backup_codes SET failures_in_row = failures_in_row + 1
            WHERE id = :id AND state IN ('issued', 'confirmed') AND failures_in_row < :limit
            RETURNING failures_in_row""",
            id=code_id,
            limit=limit,
        )
        return None if row is None else int(row[0])

    def clear_failures(self, code_id: str) -> bool:
        """Back to none in a row."""
        return self._hit("UPDATE backup_codes SET failures_in_row = 0 WHERE id = :id", id=code_id)

    def consume(self, code_id: str, now: int) -> bool:
        """Use the code; True for one caller only."""
        return self._hit(
            """UPDATE backup_codes SET state = 'used', used_at = :now, failures_in_row = 0
            WHERE id = :id AND state IN ('issued', 'confirmed')""",
            id=code_id,
            now=now,
        )

    def confirm(self, code_id: str, now: int) -> bool:
        """The person has the code: ISSUED → CONFIRMED."""
        return self._hit(
            "UPDATE backup_codes SET state = 'confirmed', confirmed_at = :now WHERE id = :id AND state = 'issued'",
            id=code_id,
            now=now,
        )

    def revoke(self, code_id: str, now: int) -> bool:
        """Make a live code void."""
        return self._hit(
            """UPDATE backup_codes SET state = 'revoked', revoked_at = :now
            WHERE id = :id AND state IN ('issued', 'confirmed')""",
            id=code_id,
            now=now,
        )

    def mark_sent_by_sms(self, code_id: str, now: int) -> bool:
        """Claim the one SMS that may carry this code; True once."""
        return self._hit(
            """UPDATE backup_codes SET sent_by_sms_at = :now
            WHERE id = :id AND sent_by_sms_at IS NULL AND state IN ('issued', 'confirmed')""",
            id=code_id,
            now=now,
        )

    def revoke_all(self, now: int) -> int:
        """Make every live code void; how many."""
        return self._change(
            "UPDATE backup_codes SET state = 'revoked', revoked_at = :now WHERE state IN ('issued', 'confirmed')",
            now=now,
        )
