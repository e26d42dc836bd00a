"""Mistakes in the configuration, as data; `sentence` puts one into words.

ConfigurationErrors      all mistakes of one reading; each is a `ConfigurationError`, which is data and never raised alone
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.language import Language


class Problem(StrEnum):
    """What is wrong; the value is the last part of the id `configuration.problem.*`."""

    # The file as a whole.
    FILE_MISSING = "file_missing"
    FILE_UNREADABLE = "file_unreadable"
    NOT_UTF8 = "not_utf8"
    SYNTAX = "syntax"
    # One key of it.
    UNKNOWN = "unknown"
    MISSING = "missing"
    NOT_ALLOWED = "not_allowed"
    # The same for a value that may hold a secret and is therefore never repeated.
    NOT_ALLOWED_HIDDEN = "not_allowed_hidden"


@dataclass(frozen=True, slots=True)
class Allowed:
    """What would be right: `code` is the last part of the id `configuration.allowed.*`, `values` fills its placeholders."""

    code: str
    values: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationError:
    """One mistake.

    `path` is dotted with the real table names (`modem.noord.imei`; items of a list count from 1: `application[2].argv`); for the file
    itself it is the file's name. `value` is what stands there, printable and shortened, None when nothing does or when it may be a
    secret. `nearest` is the known key that was probably meant, dotted as well. `line` counts from 1 and is known for `SYNTAX` and
    `NOT_UTF8`. `detail` is what the library or the operating system said, printable.
    """

    path: str
    problem: Problem
    value: str | None = None
    allowed: Allowed | None = None
    nearest: str | None = None
    line: int | None = None
    detail: str = ""


class ConfigurationErrors(Exception):
    """The configuration cannot be used; `errors` holds every mistake found."""

    def __init__(self, errors: Sequence[ConfigurationError]) -> None:
        super().__init__("; ".join(f"{error.path}: {error.problem}" for error in errors))
        self.errors = tuple(errors)


def sentence(error: ConfigurationError, language: Language) -> str:
    """Return one mistake in words: what is wrong, what is allowed, what was probably meant."""
    values: dict[str, str | int] = {"path": error.path}
    if error.value is not None:
        values["value"] = error.value
    if error.line is not None:
        values["line"] = error.line
    if error.detail:
        values["detail"] = error.detail
    parts = [language.text(f"configuration.problem.{error.problem}", **values)]
    if error.allowed:
        allowed = language.text(f"configuration.allowed.{error.allowed.code}", **error.allowed.values)
        parts.append(language.text("configuration.expected", allowed=allowed))
    if error.nearest:
        parts.append(language.text("configuration.nearest", nearest=error.nearest))
    return " ".join(parts)
