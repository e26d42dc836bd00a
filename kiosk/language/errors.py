"""What can go wrong with words; all of it is a mistake of ours or of the installation, never of the person.

LanguageError
├── UnknownLanguage      a code that no catalogue exists for
├── CatalogueMissing     the compiled catalogue is not there
├── MissingText          an id that the catalogue does not hold
└── WrongPlaceholders    values given and values asked for differ
"""

from pathlib import Path


class LanguageError(Exception):
    """Base of all errors of `kiosk.language`."""


class UnknownLanguage(LanguageError):
    """There is no catalogue for `code`."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no language {code!r}")
        self.code = code


class CatalogueMissing(LanguageError):
    """The compiled catalogue at `path` is missing: the program was not set up."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing: type `make setup`, which compiles the words")
        self.path = path


class MissingText(LanguageError, LookupError):
    """The catalogue of `language` holds no text `text_id`."""

    def __init__(self, text_id: str, language: str) -> None:
        super().__init__(f"no text {text_id!r} in language {language!r}")
        self.text_id = text_id
        self.language = language


class WrongPlaceholders(LanguageError):
    """The text `text_id` was given too few or too many values; names only, since values may be secret."""

    def __init__(self, text_id: str, missing: frozenset[str], extra: frozenset[str]) -> None:
        super().__init__(f"text {text_id!r}: missing {sorted(missing)}, extra {sorted(extra)}")
        self.text_id = text_id
        self.missing = missing
        self.extra = extra
