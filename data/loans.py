"""Loans: a modem that another process of the kiosk drives for a while, and modems that a technician took out of service.

Modems are meant by their name in the configuration. That a borrower lives shows by a lock that it holds (`kiosk.delivery.loans`),
never by its row.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository

# Ended loans are kept so long, for whoever asks why codes waited; the audit log has them for longer.
KEPT_MS: Final = 30 * 24 * 60 * 60 * 1000


@unique
class LoanEnd(StrEnum):
    """How a loan ended."""

    RETURNED = "returned"
    IDLE = "idle"
    """Nothing was asked of the modem for too long."""
    DIED = "died"
    REFUSED = "refused"
    """It was never granted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """One loan; times in milliseconds UTC, `purpose` a code, `borrower` a desk or a command, `actor` who asked."""

    id: str
    modem: str
    purpose: str
    borrower: str
    actor: str
    asked_at: int
    granted_at: int | None
    ended_at: int | None
    ended_by: LoanEnd | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOut:
    """A modem that a technician took out of service."""

    modem: str
    reason: str
    actor: str
    at: int


_LOAN: Final = Reader(Loan)
_TAKEN_OUT: Final = Reader(TakenOut)


class Loans(Repository):
    """Who has which modem."""

    def ask(self, *, modem: str, purpose: str, borrower: str, actor: str, now: int) -> Loan:
        """Ask for a modem; the caller holds its lock, so that a loan that is still open belongs to a dead process."""
        self._change(
            "UPDATE loans SET ended_at = :now, ended_by = 'died' WHERE modem = :modem AND ended_at IS NULL",
            modem=modem,
            now=now,
        )
        row = self._changed(
            """INSERT INTO loans (id, modem, purpose, borrower, actor, asked_at)
            VALUES (:id, :modem, :purpose, :borrower, :actor, :now) RETURNING *""",
            id=new_id(),
            modem=modem,
            purpose=purpose,
            borrower=borrower,
            actor=actor,
            now=now,
        )
        assert row is not None
        return _LOAN(row)

    def get(self, loan_id: str) -> Loan | None:
        """The loan with this id."""
        row = self._first("SELECT * FROM loans WHERE id = :id", id=loan_id)
        return None if row is None else _LOAN(row)

    def open(self) -> list[Loan]:
        """Loans that have not ended, oldest first; at most one per modem."""
        return [_LOAN(row) for row in self._rows("SELECT * FROM loans WHERE ended_at IS NULL ORDER BY asked_at, rowid")]

    def grant(self, loan_id: str, now: int) -> bool:
        """The port is free for the borrower, once."""
        return self._hit(
            "UPDATE loans SET granted_at = :now WHERE id = :id AND granted_at IS NULL AND ended_at IS NULL",
            id=loan_id,
            now=now,
        )

    def end(self, loan_id: str, by: LoanEnd, now: int) -> bool:
        """The borrower has let go of the port, or is dead; once."""
        return self._hit(
            "UPDATE loans SET ended_at = :now, ended_by = :by WHERE id = :id AND ended_at IS NULL",
            id=loan_id,
            by=by,
            now=now,
        )

    def prune(self, now: int) -> int:
        """Forget loans that ended long ago; how many."""
        return self._change("DELETE FROM loans WHERE ended_at <= :before", before=now - KEPT_MS)

    def take_out(self, *, modem: str, reason: str, actor: str, now: int) -> bool:
        """Take a modem out of service; False when it is out already."""
        return self._hit(
            """INSERT INTO modems_out (modem, reason, actor, at) VALUES (:modem, :reason, :actor, :now)
            ON CONFLICT (modem) DO NOTHING""",
            modem=modem,
            reason=reason,
            actor=actor,
            now=now,
        )

    def put_back(self, modem: str) -> bool:
        """Put a modem into service again; False when it was not out."""
        return self._hit("DELETE FROM modems_out WHERE modem = :modem", modem=modem)

    def taken_out(self) -> dict[str, TakenOut]:
        """The modems that are out of service, by name."""
        rows = [_TAKEN_OUT(row) for row in self._rows("SELECT * FROM modems_out")]
        return {row.modem: row for row in rows}
