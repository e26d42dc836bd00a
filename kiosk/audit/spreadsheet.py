"""Cells that no spreadsheet takes for a formula (OWASP, CSV injection), and that hold no control character."""

import csv
from collections.abc import Callable, Sequence

from kiosk.language import printable

# Also the wide forms, which some programs turn into the others.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Parameters of a row are the longest cell; Excel holds 32 767 characters.
_MAXIMUM = 32_000


def cell(value: object) -> str:
    """A value as the text of a cell."""
    text = "" if value is None else str(value)
    guard = "'" if text.lstrip(" ").startswith(_STARTS_A_FORMULA) else ""
    return guard + printable(text, maximum=_MAXIMUM)


class Spreadsheet:
    """Writes rows with `;` between cells, which Excel expects in Dutch and finds out in English; each cell in quotes."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put
        # So that Excel takes it for UTF-8.
        self.write("\ufeff")
        self._writer = csv.writer(self, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")

    def write(self, text: str) -> None:
        """What the writer of rows calls."""
        self._put(text.encode("utf-8"))

    def row(self, values: Sequence[object]) -> None:
        """One row."""
        self._writer.writerow([cell(value) for value in values])
