"""What a person is told when the database cannot be used: a sentence and a reference, never a traceback."""

import functools
import logging
import secrets
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

from data.errors import DatabaseUnavailable, DataError
from kiosk.passwords import HashError
from kiosk.sign_in.outcomes import Outcome, Refused, Sentence, Stage

log = logging.getLogger("kiosk.sign_in")
P = ParamSpec("P")

# No reference of the audit log begins with it (`data.audit.REFERENCE_LETTERS`): this failure stands in the log only.
REFERENCE_LETTER: Final = "Q"


class Standing(Protocol):
    """Has a stage that a failed transition leaves alone."""

    @property
    def stage(self) -> Stage:
        """Where the sign-in stands."""


S = TypeVar("S", bound=Standing)


def sentence_for(error: DataError | HashError) -> Sentence:
    """The words for a database that failed."""
    full = isinstance(error, DatabaseUnavailable) and error.reason == "disk_full"
    return Sentence("error.disk_full" if full else "error.database")


def sentence_of(error: BaseException) -> Sentence:
    """The words for whatever failed where nobody foresaw it: a database that failed says so there too."""
    return sentence_for(error) if isinstance(error, DataError | HashError) else Sentence("error.unexpected")


def new_reference() -> str:
    """What somebody reads out on the phone, and the log has."""
    return f"{REFERENCE_LETTER}{secrets.randbelow(1000):03d}"


def told(transition: Callable[Concatenate[S, P], Outcome]) -> Callable[Concatenate[S, P], Outcome]:
    """Turn a failing database into a Refused: its transaction was rolled back, so nothing moved and nothing is lost.

    A stored hash that is damaged, or made with another key, is such a failure too.
    """

    @functools.wraps(transition)
    def wrapped(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Outcome:
        try:
            return transition(self, *args, **kwargs)
        except (DataError, HashError) as error:
            reference = new_reference()
            log.error(  # noqa: TRY400  the frames of a traceback hold what the person typed
                "reference %s: %s failed: %r", reference, transition.__name__, error
            )
            return Refused(sentence_for(error), self.stage, reference, names_contact=True, clears_field=False)

    return wrapped
