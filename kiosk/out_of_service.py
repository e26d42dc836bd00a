"""Why nobody can sign in at this desk: one cause with a sentence and a reference, the same until it is over."""

import logging
from dataclasses import dataclass

from data.errors import DatabaseUnavailable, DataError, SchemaTooNew, WrongKey
from kiosk.keys import KeyFileError, KeyMissing
from kiosk.sign_in.troubles import new_reference

log = logging.getLogger("kiosk.desk")


@dataclass(frozen=True, slots=True)
class OutOfService:
    """`text_id` is the sentence, `reference` finds the cause in the log of the machine."""

    text_id: str
    reference: str


def text_id_of(error: BaseException) -> str | None:
    """The sentence of a cause that goes away by itself or that somebody can take away; None for a mistake of ours."""
    match error:
        case DatabaseUnavailable():
            return f"out.database.{error.reason}"
        case SchemaTooNew():
            return "out.schema"
        case WrongKey():
            return "out.key_wrong"
        case KeyMissing():
            return "out.key_missing"
        case KeyFileError():
            return "out.key"
        case DataError():
            return "error.database"
        case OSError():
            return "out.files"
        case _:
            return None


class Troubles:
    """Gives every trouble its reference, and writes it down once however often it is met."""

    def __init__(self) -> None:
        self._now: OutOfService | None = None

    def met(self, error: BaseException) -> OutOfService | None:
        """The trouble that `error` is; None for a mistake of ours."""
        text_id = text_id_of(error)
        if text_id is None:
            return None
        if self._now is None or self._now.text_id != text_id:
            self._now = OutOfService(text_id, new_reference())
            log.error("reference %s: out of service: %s: %s", self._now.reference, type(error).__name__, error)
        return self._now

    def over(self) -> None:
        """It works again."""
        if self._now is not None:
            log.warning("reference %s: in service again", self._now.reference)
        self._now = None
