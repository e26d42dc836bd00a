"""What a person is told when the database cannot be used: a sentence and a reference, never a traceback."""

import functools
import logging
import secrets
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

from data.errors import DatabaseUnavailable, DataError
from kiosk.sign_in.outcomes import Outcome, Refused, Sentence, Stage

log = logging.getLogger("kiosk.sign_in")
P = ParamSpec("P")

_LETTERS: Final = "XYZ"
"""References of this process begin with a letter of their own: the audit log could not be written."""


class Standing(Protocol):
    """Has a stage that a failed transition leaves alone."""

    @property
    def stage(self) -> Stage:
        """Where the sign-in stands."""


S = TypeVar("S", bound=Standing)


def sentence_for(error: DataError) -> Sentence:
    """The words for a database that failed."""
    full = isinstance(error, DatabaseUnavailable) and error.reason == "disk_full"
    return Sentence("error.disk_full" if full else "error.database")


def told(transition: Callable[Concatenate[S, P], Outcome]) -> Callable[Concatenate[S, P], Outcome]:
    """Turn a failing database into a Refused: its transaction was rolled back, so nothing moved and nothing is lost."""

    @functools.wraps(transition)
    def wrapped(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Outcome:
        try:
            return transition(self, *args, **kwargs)
        except DataError as error:
            reference = f"{secrets.choice(_LETTERS)}{secrets.randbelow(1000):03d}"
            # Not the traceback: its frames hold what the person typed.
            log.error("reference %s: %s failed: %r", reference, transition.__name__, error)
            return Refused(sentence_for(error), self.stage, reference, names_contact=True, clears_field=False)

    return wrapped
