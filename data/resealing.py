"""Moving what is sealed to the key in use, a few rows at a time, while others read and write."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from data import key_check
from data.errors import SealBroken
from data.repository import Repository

if TYPE_CHECKING:
    from data.connection import Row

# A transaction of some milliseconds, so that nobody at a desk waits for it.
ROWS_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table whose `columns` are sealed and bound to `id`, by the key in `key_id`."""

    name: str
    columns: tuple[str, ...]

    @property
    def holds_any(self) -> str:
        """The condition that something is sealed in a row; what was wiped keeps the id of the key it had."""
        return f"coalesce({', '.join((*self.columns, 'NULL'))}) IS NOT NULL"


SEALED_TABLES: Final = (
    SealedTable("factors", ("sealed_secret",)),
    SealedTable("challenges", ("sealed_code",)),
    SealedTable("messages", ("sealed_number", "sealed_text")),
    SealedTable("approvals", ("sealed_content",)),
)


class Resealing(Repository):
    """Reseals rows; which key is in use says the database."""

    def begin(self, kept: bytes) -> None:
        """Let the vault's key in use be that of this database from now on, `kept` holding the one before."""
        key_check.keep(self._connection, self._vault, kept=kept)

    # Names of tables and columns come from SEALED_TABLES; names cannot be parameters.

    def remaining(self) -> int:
        """How many rows need another key than the one in use."""
        return sum(
            self._number(
                f"SELECT count(*) FROM {table.name} WHERE key_id <> :key_id AND {table.holds_any}",  # noqa: S608
                key_id=self._vault.key_id,
            )
            for table in SEALED_TABLES
        )

    def left(self) -> list[str]:
        """What needs another key than the one in use, as `table ID`: after `reseal_some` has seen all, what no key opens."""
        return [
            f"{table.name} {row['id']}"
            for table in SEALED_TABLES
            for row in self._rows(
                f"SELECT id FROM {table.name} WHERE key_id <> :key_id AND {table.holds_any} ORDER BY id",  # noqa: S608
                key_id=self._vault.key_id,
            )
        ]

    def reseal_some(self, table: SealedTable, after: str) -> tuple[str | None, int]:
        """Reseal the next rows with an id above `after`; the last id looked at (None: there are none), and how many moved.

        A row that no key opens stays as it is.
        """
        rows = self._rows(
            f"""SELECT id, {", ".join(table.columns)} FROM {table.name}
            WHERE id > :after AND key_id <> :key_id AND {table.holds_any} ORDER BY id LIMIT :limit""",  # noqa: S608
            after=after,
            key_id=self._vault.key_id,
            limit=ROWS_AT_ONCE,
        )
        moved = sum(self._reseal(table, row) for row in rows)
        return (rows[-1]["id"], moved) if rows else (None, 0)

    def _reseal(self, table: SealedTable, row: "Row") -> bool:
        try:
            sealed = {column: self._again(table.name, column, row) for column in table.columns}
        except SealBroken:
            return False
        values = ", ".join(f"{column} = :{column}" for column in table.columns)
        return self._hit(
            f"UPDATE {table.name} SET {values}, key_id = :key_id WHERE id = :id",  # noqa: S608
            **sealed,
            key_id=self._vault.key_id,
            id=row["id"],
        )

    def _again(self, table: str, column: str, row: "Row") -> bytes | None:
        if row[column] is None:
            return None
        plain = self._vault.open(row[column], table=table, column=column, row=row["id"])
        return self._sealed(plain, table=table, column=column, row=row["id"])
