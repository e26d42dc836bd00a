"""Lists of people as they come from elsewhere: a CSV of any common kind, read row by row and believed in nothing.

ListError (AdministrationError)
├── ListUnreadable   not a text file of a kind that is known; says where it went wrong
└── HeaderUnusable   the first row does not name the columns
"""

import codecs
import csv
import difflib
import io
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum, unique
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Literal, Protocol

from kiosk.administration.errors import AdministrationError
from kiosk.language import printable

# A row of a person has about sixty characters: this is a million people.
MAXIMUM_BYTES: Final = 64 * 1024 * 1024
_CHUNK: Final = 1024 * 1024
# In octets. Six cells of a person fill no hundredth of it; without a limit one line may be the whole file, in memory.
LONGEST_LINE: Final = 64 * 1024
_DELIMITERS: Final = ";,\t"
_HEADER_LENGTH: Final = 4096
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), also in full width.
FORMULA: Final = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001  the full-width signs are meant
_QUOTE: Final = "'"

Unreadable = Literal["no_file", "too_big", "empty", "nul", "utf16", "encoding", "quotes", "field"]


class ListError(AdministrationError):
    """Base of what makes a whole list unusable."""


class ListUnreadable(ListError):
    """`why` it cannot be read, at `line` of the file when that is known."""

    def __init__(self, why: Unreadable, line: int | None = None) -> None:
        super().__init__(f"{why} at {line}")
        self.why: Unreadable = why
        self.line = line


class HeaderUnusable(ListError):
    """`problem` is unknown, double or missing; `column` what it says, `nearest` the known name that it resembles."""

    def __init__(self, problem: Literal["unknown", "double", "missing"], column: str, nearest: str | None) -> None:
        super().__init__(f"{problem}: {column}")
        self.problem = problem
        self.column = column
        self.nearest = nearest


class CsvReader(Protocol):
    """What `csv.reader` makes; its type has no public name."""

    @property
    def line_num(self) -> int:
        """Lines read so far."""

    def __next__(self) -> list[str]:
        """The next row."""


@unique
class Column(StrEnum):
    """What a list can tell; the values are the names in the header that an export writes."""

    NAME = "inlognaam"
    DISPLAY_NAME = "naam"
    ROLE = "rol"
    PHONE = "telefoon"
    LANGUAGE = "taal"
    APP = "app"


ENCODINGS: Final[Mapping[str, str]] = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
"""What people call the encodings that a list may have."""
# What an export adds and an import has no use for.
_IGNORED: Final = frozenset({"toestand", "methoden", "telefoon_einde", "laatst_ingelogd"})
_COLUMNS: Final[Mapping[str, Column]] = {
    **{column.value: column for column in Column},
    "gebruikersnaam": Column.NAME,
    "login": Column.NAME,
    "username": Column.NAME,
    "user_name": Column.NAME,
    "weergavenaam": Column.DISPLAY_NAME,
    "volledige_naam": Column.DISPLAY_NAME,
    "name": Column.DISPLAY_NAME,
    "display_name": Column.DISPLAY_NAME,
    "full_name": Column.DISPLAY_NAME,
    "role": Column.ROLE,
    "mobiel": Column.PHONE,
    "telefoonnummer": Column.PHONE,
    "phone": Column.PHONE,
    "mobile": Column.PHONE,
    "language": Column.LANGUAGE,
    "authenticator": Column.APP,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file on which it begins, its cells, and whether there are as many as columns."""

    line: int
    cells: Mapping[Column, str]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """What was found out about the file before its rows are read."""

    encoding: str
    delimiter: str
    columns: Sequence[Column | None]
    """In the order of the file; None is a column that says nothing to an import."""
    digest: str
    """SHA-256 of the file, as the log has it."""
    size: int
    rows: Iterator[Row]


@contextmanager
def opened_list(path: Path) -> Iterator[ListFile]:
    """The list at `path`; raises ListError here and while the rows are read, OSError."""
    # Not waiting for the other side of a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        size = _checked_size(descriptor)
        encoding, digest = _examined(file)
        file.seek(0)
        # Line ends as they are: csv wants to see those within quotes.
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        first = text.readline(_HEADER_LENGTH)
        delimiter = max(_DELIMITERS, key=first.count)
        text.seek(0)
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        columns = _columns(_header(reader))
        yield ListFile(
            encoding=encoding,
            delimiter=delimiter,
            columns=columns,
            digest=digest,
            size=size,
            rows=_rows(reader, columns),
        )


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `unguarded` takes the sign away again."""
    return f"{_QUOTE}{cell}" if cell.lstrip(_QUOTE)[:1] in FORMULA and cell.lstrip(_QUOTE) else cell


def unguarded(cell: str) -> str:
    """The cell without the sign that `guarded` put before it."""
    rest = cell.removeprefix(_QUOTE)
    return rest if rest != cell and rest.lstrip(_QUOTE)[:1] in FORMULA and rest.lstrip(_QUOTE) else cell


def _checked_size(descriptor: int) -> int:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise ListUnreadable("no_file")
    if facts.st_size > MAXIMUM_BYTES:
        raise ListUnreadable("too_big")
    return facts.st_size


def _examined(file: BinaryIO) -> tuple[str, str]:
    """Encoding and digest, after one look at every octet."""
    digest, utf8, cp1252 = sha256(), codecs.getincrementaldecoder("utf-8")(), codecs.getincrementaldecoder("cp1252")()
    valid, line = {"utf-8-sig": True, "cp1252": True}, 1
    first, run = True, 0
    while chunk := file.read(_CHUNK):
        if first and chunk[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            raise ListUnreadable("utf16")
        if (at := chunk.find(b"\0")) >= 0:
            raise ListUnreadable("nul", line + chunk.count(b"\n", 0, at))
        run, lines = _longest(run, chunk, line)
        line += lines
        digest.update(chunk)
        first = False
        for name, decoder in (("utf-8-sig", utf8), ("cp1252", cp1252)):
            valid[name] = valid[name] and _decodes(decoder, chunk)
    if first:
        raise ListUnreadable("empty")
    valid["utf-8-sig"] = valid["utf-8-sig"] and _decodes(utf8, b"", final=True)
    for name, good in valid.items():
        if good:
            return name, digest.hexdigest()
    raise ListUnreadable("encoding")


def _longest(run: int, chunk: bytes, line: int) -> tuple[int, int]:
    """How long the last line of `chunk` is, of which `run` octets came before it, and how many line ends there are."""
    lines = chunk.replace(b"\r", b"\n").split(b"\n")
    lengths = [len(one) for one in lines]
    lengths[0] += run
    if max(lengths) > LONGEST_LINE:
        at = next(place for place, length in enumerate(lengths) if length > LONGEST_LINE)
        before = sum(lengths[:at]) - (run if at else 0) + at
        raise ListUnreadable("field", line + chunk.count(b"\n", 0, before))
    return lengths[-1], chunk.count(b"\n")


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _header(reader: CsvReader) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        return []
    except csv.Error as error:
        raise _unreadable(error, 1) from None


def _unreadable(error: csv.Error, line: int) -> ListUnreadable:
    return ListUnreadable("field" if "field larger" in str(error) else "quotes", line)


def _columns(header: Sequence[str]) -> list[Column | None]:
    found: list[Column | None] = []
    for cell in header:
        name = "_".join(cell.casefold().split())
        column = _COLUMNS.get(name)
        # Spreadsheets leave columns without a name at the end.
        if column is None and name and name not in _IGNORED:
            nearest = next(iter(difflib.get_close_matches(name[:40], _COLUMNS, n=1)), None)
            raise HeaderUnusable("unknown", printable(cell, maximum=40), nearest)
        if column is not None and column in found:
            raise HeaderUnusable("double", column.value, None)
        found.append(column)
    for needed in (Column.NAME, Column.DISPLAY_NAME):
        if needed not in found:
            raise HeaderUnusable("missing", needed.value, None)
    return found


def _rows(reader: CsvReader, columns: Sequence[Column | None]) -> Iterator[Row]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _unreadable(error, line) from None
        if not any(cell.strip() for cell in cells):
            # What spreadsheets leave below a list.
            continue
        named = {
            column: unguarded(cell.strip()) for column, cell in zip(columns, cells, strict=False) if column is not None
        }
        yield Row(line, named, len(cells) == len(columns))
