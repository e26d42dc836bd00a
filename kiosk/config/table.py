"""One table of the file: gives its values checked, and remembers what is wrong or left over."""

import difflib
from collections.abc import Mapping
from typing import TypeVar, cast

from kiosk.config.checks import Check, Refused
from kiosk.config.errors import Allowed, ConfigurationError, Problem
from kiosk.language import printable

T = TypeVar("T")

# A value is repeated to be recognised, not to be read whole.
_SHOWN_CHARACTERS = 60

# Low enough that `pin` finds `pin_file`.
_LIKENESS = 0.5


class Table:
    """A TOML table at the dotted `path` ("" for the file itself); its mistakes go into the list that all tables share."""

    def __init__(self, data: Mapping[str, object], path: str, mistakes: list[ConfigurationError]) -> None:
        self.path = path
        self._data = data
        self._mistakes = mistakes
        self._known: list[str] = []

    def dotted(self, key: str) -> str:
        """Return the path of `key` in this table."""
        return f"{self.path}.{printable(key)}" if self.path else printable(key)

    def optional(self, key: str, check: Check[T], default: T, *, hidden: bool = False) -> T:
        """Return the checked value of `key`, `default` when it is left out or wrong; `hidden`: a wrong value is never repeated."""
        self._known.append(key)
        if key not in self._data:
            return default
        try:
            return check(self._data[key])
        except Refused as refused:
            self._refuse(key, refused, hidden=hidden)
            return default

    def required(self, key: str, check: Check[T], allowed: Allowed, *, hidden: bool = False) -> T:
        """Return the checked value of `key`; when it is missing, `allowed` says what belongs there.

        After a mistake the result is None in spite of its type: nobody sees it, since a reading with mistakes ends in an error.
        """
        nothing = cast("T", None)
        if key not in self._data:
            self._known.append(key)
            self.mistake(ConfigurationError(path=self.dotted(key), problem=Problem.MISSING, allowed=allowed))
            return nothing
        return self.optional(key, check, nothing, hidden=hidden)

    def table(self, key: str) -> "Table | None":
        """Return the table `[key]`, None when it is left out or is no table."""
        self._known.append(key)
        value = self._data.get(key)
        if isinstance(value, dict):
            return Table(value, self.dotted(key), self._mistakes)
        if key in self._data:
            self._refuse(key, Refused(Allowed("table", {"path": self.dotted(key)})), hidden=True)
        return None

    def empty(self, key: str) -> "Table":
        """Return the table `[key]` as if the file held it with nothing in it."""
        return Table({}, self.dotted(key), self._mistakes)

    def tables(self, key: str) -> list["Table"]:
        """Return the tables `[[key]]`, counted from 1 in their paths."""
        self._known.append(key)
        value = self._data.get(key, [])
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return [Table(item, f"{self.dotted(key)}[{count}]", self._mistakes) for count, item in enumerate(value, 1)]
        self._refuse(key, Refused(Allowed("list_of_tables", {"path": self.dotted(key)})), hidden=True)
        return []

    def named_tables(self) -> list[tuple[str, "Table"]]:
        """Return the tables in this one whose names the site chooses, such as `[modem.NAME]`."""
        found = ((name, self.table(name)) for name in self._data)
        return [(name, table) for name, table in found if table]

    def mistake(self, mistake: ConfigurationError) -> None:
        """Remember a mistake that was found elsewhere."""
        self._mistakes.append(mistake)

    def refuse(self, key: str, allowed: Allowed, *, hidden: bool = False) -> None:
        """Remember that the value of `key` is right by itself but not beside the others."""
        self._refuse(key, Refused(allowed), hidden=hidden)

    def finish(self) -> None:
        """Remember every key that nobody asked for, with the known one that was probably meant."""
        for key in self._data:
            if key not in self._known:
                close = difflib.get_close_matches(key, self._known, n=1, cutoff=_LIKENESS)
                nearest = self.dotted(close[0]) if close else None
                # Without its value: an unknown key may be named `pin`.
                self.mistake(ConfigurationError(path=self.dotted(key), problem=Problem.UNKNOWN, nearest=nearest))

    def _refuse(self, key: str, refused: Refused, *, hidden: bool = False) -> None:
        self.mistake(
            ConfigurationError(
                path=self.dotted(key),
                problem=Problem.NOT_ALLOWED_HIDDEN if hidden else Problem.NOT_ALLOWED,
                value=None if hidden or key not in self._data else _shown(self._data[key]),
                allowed=refused.allowed,
            )
        )


def _shown(value: object) -> str:
    """A value much as TOML writes it, on one line and shortened."""
    return printable(_toml(value), maximum=_SHOWN_CHARACTERS)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(item)}' for key, item in value.items())} }}"
    return str(value)
