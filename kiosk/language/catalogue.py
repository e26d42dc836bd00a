"""The catalogues: stable id → words, in Dutch and English."""

import gettext
import math
import re
from functools import cache
from pathlib import Path
from typing import Self

from kiosk.language.clean import printable
from kiosk.language.errors import CatalogueMissing, MissingText, UnknownLanguage, WrongPlaceholders
from kiosk.language.sms import sms_name

# Dutch first: it is the default.
LANGUAGES = ("nl", "en")

FOLDER = Path(__file__).parent

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")

# Above this many seconds a wait is told in minutes.
_SECONDS_TOLD_AS_SECONDS = 120


class Language:
    """The words of one language by stable id (`sign_in.login.title`)."""

    def __init__(self, code: str, catalogue: gettext.NullTranslations) -> None:
        self.code = code
        self._catalogue = catalogue

    @classmethod
    def load(cls, code: str, folder: Path = FOLDER) -> Self:
        """Read the compiled catalogue of `code`; raises `UnknownLanguage` and `CatalogueMissing`."""
        if code not in LANGUAGES:
            raise UnknownLanguage(code)
        return cls(code, _read(folder / f"{code}.mo"))

    def __repr__(self) -> str:
        return f"Language({self.code!r})"

    def has(self, text_id: str) -> bool:
        """Whether there are words for `text_id`."""
        # gettext answers an unknown id with itself; the empty id is the header of the catalogue.
        return text_id != "" and self._catalogue.gettext(text_id) != text_id

    def placeholders(self, text_id: str) -> frozenset[str]:
        """Return the names of the values that the words of `text_id` ask for; raises `MissingText`."""
        return frozenset(PLACEHOLDER.findall(self._words(text_id)))

    def text(self, text_id: str, **values: str | int) -> str:
        """Return the words of `text_id`, each `{placeholder}` replaced by its value made printable.

        Raises `MissingText` for an unknown id and `WrongPlaceholders` unless `values` are exactly what the words ask for.
        """
        return self._fill(text_id, {name: printable(str(value)) for name, value in values.items()})

    def sms(self, text_id: str, **values: str | int) -> str:
        """Return the words of an SMS (`text.*`), each value made fit for the basic GSM-7 set by `sms_name`.

        Raises as `text` does. The length is checked when the configuration is read, not here.
        """
        return self._fill(text_id, {name: sms_name(str(value)) for name, value in values.items()})

    def seconds(self, seconds: float) -> str:
        """Return a wait with its word: "1 seconde", "45 seconden", above 120 seconds in minutes rounded up ("3 minuten")."""
        whole = max(0, math.ceil(seconds))
        if whole > _SECONDS_TOLD_AS_SECONDS:
            return self.text("unit.minutes", n=math.ceil(whole / 60))
        return self.text("unit.seconds.one" if whole == 1 else "unit.seconds.other", n=whole)

    def _fill(self, text_id: str, values: dict[str, str]) -> str:
        words = self._words(text_id)
        asked = self.placeholders(text_id)
        if asked != values.keys():
            raise WrongPlaceholders(text_id, asked - values.keys(), frozenset(values.keys() - asked))
        # One pass, so that braces inside a value are never read as a placeholder.
        return PLACEHOLDER.sub(lambda found: values[found[1]], words)

    def _words(self, text_id: str) -> str:
        if not self.has(text_id):
            raise MissingText(text_id, self.code)
        return self._catalogue.gettext(text_id)


@cache
def _read(path: Path) -> gettext.GNUTranslations:
    try:
        with path.open("rb") as file:
            return gettext.GNUTranslations(file)
    except FileNotFoundError as error:
        raise CatalogueMissing(path) from error
