"""Desks: the places where people sign in."""

from dataclasses import dataclass
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@dataclass(frozen=True, slots=True)
class Desk:
    """One place; `name` is unique within its `site`."""

    id: str
    site: str
    name: str
    simulated: bool


_DESK: Final = Reader(Desk)


class Desks(Repository):
    """The desks known to this database."""

    def get(self, desk_id: str) -> Desk | None:
        """The desk with this id."""
        row = self._first("SELECT * FROM desks WHERE id = :id", id=desk_id)
        return None if row is None else _DESK(row)

    def ensure(self, site: str, name: str, *, simulated: bool = False) -> Desk:
        """The desk of that name, made when it is new."""
        row = self._changed(
            """INSERT INTO desks (id, site, name, simulated) VALUES (:id, :site, :name, :simulated)
            ON CONFLICT (site, name) DO UPDATE SET simulated = excluded.simulated RETURNING *""",
            id=new_id(),
            site=site,
            name=name,
            simulated=simulated,
        )
        assert row is not None
        return _DESK(row)

    def all(self) -> list[Desk]:
        """Every desk, by name."""
        return [_DESK(row) for row in self._rows("SELECT * FROM desks ORDER BY site, name")]
