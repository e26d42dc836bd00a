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
from kiosk.accounts import AccountError, NameTaken, NameUnusable, NeedsOtherFactor, NumberUnusable
from kiosk.config import ConfigurationErrors, sentence
from kiosk.keys import KeyExists, KeyFileError, KeyForeign, KeyMalformed, KeyMissing, KeyTooOpen
from kiosk.language import LANGUAGES, CatalogueMissing, Language

LANGUAGE_VARIABLE: Final = "KIOSK_LANGUAGE"
# Exit codes (DESIGN §8).
FAILED: Final = 1
WRONG_USE: Final = 2

_KEYS: Final = {
    KeyExists: "exists",
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
    """Turn failures that people can mend into a sentence and an exit code.

    A file that cannot be read or made is one; an OSError without a file is a fault of ours.
    """
    try:
        yield
    except ConfigurationErrors as errors:
        fail("\n".join(sentence(error, language) for error in errors.errors), WRONG_USE)
    except KeyFileError as error:
        fail(key_sentence(error, language))
    except DataError as error:
        fail(database_sentence(error, language))
    except AccountError as error:
        fail(account_sentence(error, language))
    except OSError as error:
        if error.filename is None:
            raise
        fail(language.text("command.error.file", path=str(error.filename), detail=error.strerror or "-"))


def key_sentence(error: KeyFileError, language: Language) -> str:
    """What is the matter with the key file and what to do."""
    return language.text(f"command.error.key.{_KEYS.get(type(error), 'unreadable')}", path=str(error.path))


def account_sentence(error: AccountError, language: Language) -> str:
    """What is wrong with an account that was asked for."""
    match error:
        case NameTaken():
            return language.text("command.users.error.name_taken", name=error.name)
        case NameUnusable():
            return language.text("command.users.error.name_unusable", name=error.name)
        case NeedsOtherFactor():
            return language.text("command.users.error.needs_other_factor", role=error.role.value)
        case NumberUnusable():
            return language.text(f"command.users.error.number_{error.reason}")
        case _:
            raise error


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
