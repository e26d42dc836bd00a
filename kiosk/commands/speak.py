"""The words of the commands: which language, and how a failure is told; never a traceback for what people can mend."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import click

from data.errors import (
    DatabaseUnavailable,
    DataError,
    SchemaTooNew,
    SealBroken,
    WrongKey,
)
from kiosk.config import ConfigurationErrors, sentence
from kiosk.keys import KeyFileError, KeyForeign, KeyMalformed, KeyMissing, KeyTooOpen
from kiosk.language import LANGUAGES, CatalogueMissing, Language

LANGUAGE_VARIABLE: Final = "KIOSK_LANGUAGE"
# Exit codes (DESIGN §8).
FAILED: Final = 1
WRONG_USE: Final = 2

_KEYS: Final = {
    KeyMissing: "missing",
    KeyTooOpen: "too_open",
    KeyForeign: "foreign",
    KeyMalformed: "malformed",
}


def language_code(given: str | None = None) -> str:
    """The language of a command: as given, else `$KIOSK_LANGUAGE`, else Dutch."""
    code = given or os.environ.get(LANGUAGE_VARIABLE, "")
    return code if code in LANGUAGES else LANGUAGES[0]


def load_language(given: str | None = None) -> Language:
    """The words of a command."""
    try:
        return Language.load(language_code(given))
    except CatalogueMissing as error:
        raise click.ClickException(str(error)) from None


def fail(message: str, code: int = FAILED) -> NoReturn:
    """Say what is wrong and end."""
    click.echo(message, err=True)
    sys.exit(code)


@contextmanager
def told(language: Language) -> Iterator[None]:
    """Turn failures that people can mend into a sentence and an exit code."""
    try:
        yield
    except ConfigurationErrors as errors:
        fail("\n".join(sentence(error, language) for error in errors.errors), WRONG_USE)
    except KeyFileError as error:
        fail(language.text(f"command.error.key.{_KEYS.get(type(error), 'unreadable')}", path=str(error.path)))
    except DataError as error:
        fail(database_sentence(error, language))


def database_sentence(error: DataError, language: Language) -> str:
    """What is the matter with the database and what to do."""
    match error:
        case DatabaseUnavailable():
            return language.text(f"command.error.database.{error.reason}", path=str(error.path))
        case SchemaTooNew():
            return language.text("command.error.schema.too_new", found=error.found, known=error.known)
        case WrongKey():
            return language.text("command.error.wrong_key")
        case SealBroken():
            return language.text("command.error.seal", detail=f"{error.table}.{error.column}")
        case _:
            return language.text("command.error.database.other", detail=str(error))
