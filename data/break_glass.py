"""The code in the sealed envelope: it stands for a second administrator, once, and its use is to be read by another one."""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@unique
class BreakGlassState(StrEnum):
    """At most one code is LIVE."""

    LIVE = "live"
    USED = "used"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakGlassCode:
    """One code; times in milliseconds UTC. `act`, `person_id` and `reason` are what it was used for, `read_by` who has read that."""

    id: str
    code_hash: str | None = field(repr=False)
    made_by: str
    made_at: int
    state: BreakGlassState
    used_by: str | None
    used_at: int | None
    act: str | None
    person_id: str | None
    reason: str | None
    read_by: str | None
    read_at: int | None


_CODE: Final = Reader(BreakGlassCode)


class BreakGlass(Repository):
    """The codes that there have been."""

    def make(self, *, code_hash: str, made_by: str, now: int) -> BreakGlassCode:
        """A new code; the one before is void."""
        self.void_live()
        row = self._changed(
            """INSERT INTO break_glass (id, code_hash, made_by, made_at, state)
            VALUES (:id, :code_hash, :made_by, :now, 'live') RETURNING *""",
            id=new_id(),
            code_hash=code_hash,
            made_by=made_by,
            now=now,
        )
        assert row is not None
        return _CODE(row)

    def live(self) -> BreakGlassCode | None:
        """The code that can be used."""
        row = self._first("SELECT * FROM break_glass WHERE state = 'live'")
        return None if row is None else _CODE(row)

    def get(self, code_id: str) -> BreakGlassCode | None:
        """The code with this id."""
        row = self._first("SELECT * FROM break_glass WHERE id = :id", id=code_id)
        return None if row is None else _CODE(row)

    def consume(self, code_id: str, *, used_by: str, act: str, person_id: str | None, reason: str, now: int) -> bool:
        """Use the code; True for one caller only."""
        return self._hit(
            """UPDATE break_glass SET state = 'used', code_hash = NULL, used_by = :used_by, used_at = :now, act = :act,
                person_id = :person_id, reason = :reason WHERE id = :id AND state = 'live'""",
            id=code_id,
            used_by=used_by,
            act=act,
            person_id=person_id,
            reason=reason,
            now=now,
        )

    def void_live(self) -> int:
        """The live code counts no more; how many there were."""
        return self._change("UPDATE break_glass SET state = 'void', code_hash = NULL WHERE state = 'live'")

    def unread(self, since: int) -> list[BreakGlassCode]:
        """Uses since then that no other administrator has read, oldest first."""
        rows = self._rows(
            """SELECT * FROM break_glass WHERE state = 'used' AND read_at IS NULL AND used_at >= :since
            ORDER BY used_at, id""",
            since=since,
        )
        return [_CODE(row) for row in rows]

    def mark_read(self, code_id: str, read_by: str, now: int) -> bool:
        """Somebody else than who used it has read it; True once."""
        return self._hit(
            """UPDATE break_glass SET read_by = :by, read_at = :now
            WHERE id = :id AND state = 'used' AND read_at IS NULL AND used_by <> :by""",
            id=code_id,
            by=read_by,
            now=now,
        )
