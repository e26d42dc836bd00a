"""Approvals: what one administrator asked and another approves or not; it is used once, by whoever asked."""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@unique
class ApprovalState(StrEnum):
    """WAITING and APPROVED ones count until they expire; a REFUSED one stays to be read."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedApproval:
    """One request; times in milliseconds UTC.

    `person_id` is None for what concerns nobody who is there yet, `answer` why it was refused, `ended_at` when nobody had
    anything to do with it any more.
    """

    id: str
    act: str
    person_id: str | None
    asked_by: str
    asked_at: int
    expires_at: int
    reason: str
    ticket: str
    digest: bytes
    sealed_content: bytes | None = field(repr=False)
    state: ApprovalState
    decided_by: str | None
    decided_at: int | None
    broke_glass: str | None
    """Which code of the sealed envelope stands for whoever did not approve it."""
    answer: str | None
    ended_at: int | None


_APPROVAL: Final = Reader(AskedApproval)


class Approvals(Repository):
    """The requests of all administrators."""

    def ask(
        self,
        *,
        act: str,
        person_id: str | None,
        asked_by: str,
        reason: str,
        ticket: str,
        digest: bytes,
        content: bytes,
        broke_glass: str | None = None,
        expires_at: int,
        now: int,
    ) -> AskedApproval:
        """A request that waits; with a code of the sealed envelope it is approved at once."""
        request_id = new_id()
        sealed = self._sealed(content, table="approvals", column="sealed_content", row=request_id)
        row = self._changed(
            """INSERT INTO approvals (id, act, person_id, asked_by, asked_at, expires_at, reason, ticket, digest,
                sealed_content, key_id, state, broke_glass)
            VALUES (:id, :act, :person_id, :asked_by, :now, :expires_at, :reason, :ticket, :digest,
                :sealed, :key_id, iif(:broke_glass IS NULL, 'waiting', 'approved'), :broke_glass) RETURNING *""",
            id=request_id,
            act=act,
            person_id=person_id,
            asked_by=asked_by,
            reason=reason,
            ticket=ticket,
            digest=digest,
            sealed=sealed,
            key_id=self._vault.key_id,
            broke_glass=broke_glass,
            expires_at=expires_at,
            now=now,
        )
        assert row is not None
        return _APPROVAL(row)

    def get(self, request_id: str) -> AskedApproval | None:
        """The request with this id."""
        row = self._first("SELECT * FROM approvals WHERE id = :id", id=request_id)
        return None if row is None else _APPROVAL(row)

    def content(self, request: AskedApproval) -> bytes | None:
        """What exactly is asked; None once it is over. Raises SealBroken."""
        if request.sealed_content is None:
            return None
        return self._vault.open(request.sealed_content, table="approvals", column="sealed_content", row=request.id)

    def open_ones(self, now: int, *, person_id: str | None = None) -> list[AskedApproval]:
        """What somebody has to do something with still, oldest first; of one person, or of all."""
        rows = self._rows(
            """SELECT * FROM approvals WHERE ended_at IS NULL AND expires_at > :now
                AND (:person_id IS NULL OR person_id = :person_id) ORDER BY asked_at, id""",
            person_id=person_id,
            now=now,
        )
        return [_APPROVAL(row) for row in rows]

    def approved(self, *, asked_by: str, act: str, person_id: str | None, now: int) -> list[AskedApproval]:
        """What was approved of this, and may be done still."""
        rows = self._rows(
            """SELECT * FROM approvals WHERE asked_by = :asked_by AND act = :act AND person_id IS :person_id
                AND state = 'approved' AND expires_at > :now ORDER BY asked_at DESC, id""",
            asked_by=asked_by,
            act=act,
            person_id=person_id,
            now=now,
        )
        return [_APPROVAL(row) for row in rows]

    def approve(self, request_id: str, decided_by: str, now: int) -> bool:
        """Somebody else agrees; True once, while it waits."""
        return self._hit(
            """UPDATE approvals SET state = 'approved', decided_by = :by, decided_at = :now
            WHERE id = :id AND state = 'waiting' AND expires_at > :now""",
            id=request_id,
            by=decided_by,
            now=now,
        )

    def refuse(self, request_id: str, decided_by: str, answer: str, now: int) -> bool:
        """Somebody else does not agree, and says why; also after having approved it, as long as it was not used."""
        return self._hit(
            """UPDATE approvals SET state = 'refused', decided_by = :by, decided_at = :now, answer = :answer
            WHERE id = :id AND state IN ('waiting', 'approved') AND expires_at > :now""",
            id=request_id,
            by=decided_by,
            answer=answer,
            now=now,
        )

    def spend(self, request_id: str, now: int) -> bool:
        """It is done now; True for one caller only."""
        return self._hit(
            """UPDATE approvals SET state = 'used', sealed_content = NULL, ended_at = :now
            WHERE id = :id AND state = 'approved' AND expires_at > :now""",
            id=request_id,
            now=now,
        )

    def withdraw(self, request_id: str, now: int) -> bool:
        """Whoever asked needs it no more, or has read that it was refused; True once."""
        return self._hit(
            """UPDATE approvals SET state = iif(state = 'refused', 'refused', 'withdrawn'), sealed_content = NULL,
                ended_at = :now WHERE id = :id AND ended_at IS NULL""",
            id=request_id,
            now=now,
        )

    def withdraw_all(self, now: int) -> int:
        """Nothing that was asked counts any more; how many did."""
        return self._change(
            """UPDATE approvals SET state = iif(state = 'refused', 'refused', 'withdrawn'), sealed_content = NULL,
                ended_at = :now WHERE ended_at IS NULL""",
            now=now,
        )

    def prune(self, now: int) -> list[AskedApproval]:
        """Throw away what is over; those that ran out while somebody could still have done something with them."""
        expired = [
            _APPROVAL(row)
            for row in self._rows(
                "SELECT * FROM approvals WHERE ended_at IS NULL AND expires_at <= :now ORDER BY asked_at, id", now=now
            )
        ]
        self._change("DELETE FROM approvals WHERE expires_at <= :now", now=now)
        return expired
