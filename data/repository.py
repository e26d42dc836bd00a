"""What every repository stands on: statements with named parameters, and rows as frozen dataclasses."""

import dataclasses
import json
import types
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

from data import key_check
from data.connection import Connection, Row, Value
from data.vault import Vault

T = TypeVar("T")


def _from_json(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


def _converter(hint: Any) -> Callable[[Any], Any] | None:
    """How a value of SQLite becomes a value of type `hint`; None when it is one already."""
    if get_origin(hint) in {Union, types.UnionType}:
        converter = next((c for c in map(_converter, get_args(hint)) if c), None)
        return None if converter is None else lambda value: None if value is None else converter(value)
    if get_origin(hint) is tuple:
        return _from_json
    if hint is bool or (isinstance(hint, type) and issubclass(hint, StrEnum)):
        return hint
    return None


class Reader(Generic[T]):
    """Turns rows into `cls`, a dataclass whose fields are named like the columns; columns it does not name are left."""

    def __init__(self, cls: type[T]) -> None:
        assert dataclasses.is_dataclass(cls)
        hints = get_type_hints(cls)
        self._cls: Final[Callable[..., T]] = cls
        self._names: Final = tuple(field.name for field in dataclasses.fields(cls))
        self._converters: Final = {name: c for name in self._names if (c := _converter(hints[name]))}

    def __call__(self, row: Row) -> T:
        """The dataclass of one row."""
        values = {name: row[name] for name in self._names}
        for name, convert in self._converters.items():
            values[name] = convert(values[name])
        return self._cls(**values)


class Repository:
    """Base of the repositories; each speaks for one table. Writes need an open write transaction (NoTransaction)."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def _sealed(self, plaintext: bytes, *, table: str, column: str, row: str) -> bytes:
        """Sealed by the key of the database at this moment; read `key_id` of the vault after it."""
        key_check.follow(self._connection, self._vault)
        return self._vault.seal(plaintext, table=table, column=column, row=row)

    def _rows(self, sql: str, **values: Value) -> list[Row]:
        return self._connection.rows(sql, values)

    def _first(self, sql: str, **values: Value) -> Row | None:
        rows = self._connection.rows(sql, values)
        return rows[0] if rows else None

    def _number(self, sql: str, **values: Value) -> int:
        """The one number that a counting statement gives."""
        number = self._connection.rows(sql, values)[0][0]
        assert isinstance(number, int)
        return number

    def _change(self, sql: str, **values: Value) -> int:
        return self._connection.change(sql, values)

    def _hit(self, sql: str, **values: Value) -> bool:
        """Whether a compare-and-set hit its row."""
        return self._connection.change(sql, values) == 1

    def _changed(self, sql: str, **values: Value) -> Row | None:
        """The row that a statement with RETURNING changed; None when it hit none."""
        rows = self._connection.changed(sql, values)
        return rows[0] if rows else None
