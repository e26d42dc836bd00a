"""The words of the commands: which language, and how a failure is told; never a traceback for what people can mend."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

import click

from kiosk.config import ConfigurationErrors, sentence
from kiosk.language import LANGUAGES, CatalogueMissing, Language

log = logging.getLogger("kiosk.process")

LANGUAGE_VARIABLE: Final = "KIOSK_LANGUAGE"
# Exit codes (DESIGN §8).
FAILED: Final = 1
WRONG_USE: Final = 2


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
    """Say what is wrong and end; also to the log of a command that has one."""
    if logging.getLogger().handlers:
        log.error("%s", message)
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
    except OSError as error:
        if error.filename is None:
            raise
        fail(language.text("command.error.file", path=str(error.filename), detail=error.strerror or "-"))
    except Exception as error:
        # Imported when it is needed: keys and database are half of what a terminal loads before it paints.
        from kiosk.commands.failures import sentence_of  # noqa: PLC0415  see above

        told_so = sentence_of(error, language)
        if told_so is None:
            raise
        fail(told_so)
