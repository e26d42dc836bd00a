"""Where files come in and go out: the configured exchange folder, or a removable medium that is plugged in; nowhere else."""

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from kiosk.new_file import new_file

# Where desktops and udisks mount media, each below a name of its own.
MEDIA: Final = (Path("/media"), Path("/run/media"))


class NoPlace(Exception):
    """There is no exchange folder and no medium that can be written."""


class NotSaved(Exception):
    """The file could not be written; `why` is the system's word."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def save(name: str, content: bytes, *, folder: Path | None, media: Iterable[Path] = MEDIA) -> str:
    """As `saving`, for what is there already as a whole; the name that it got."""
    with saving(name, folder=folder, media=media) as (out, given):
        out.write(content)
    return given


def dated_name(stem: str, at: datetime, ending: str) -> str:
    """`only-sms-20261127-0941.csv`; `at` is in the zone of the site."""
    return f"{stem}-{at:%Y%m%d-%H%M}.{ending}"


@dataclass(frozen=True, slots=True)
class FileThere:
    """A file that lies there: `medium` is the name of the stick, empty for the exchange folder; `at` its own time, in milliseconds UTC."""

    path: Path
    medium: str
    size: int
    at: int


def files(ending: str, *, folder: Path | None, media: Iterable[Path] = MEDIA) -> list[FileThere]:
    """What lies in the exchange folder and at the top of each medium under a name with this ending; the newest first."""
    found = []
    for place, medium in _places(folder, media):
        # A stick that is pulled out meanwhile has no files.
        with contextlib.suppress(OSError), os.scandir(place) as entries:
            found += [_there(one, medium) for one in entries if _ends(one, ending)]
    return sorted(found, key=lambda one: -one.at)


@contextlib.contextmanager
def saving(name: str, *, folder: Path | None, media: Iterable[Path] = MEDIA) -> Iterator[tuple[BinaryIO, str]]:
    """A new file for a long text, with the name that it got; gone again when the block fails. Raises NoPlace and NotSaved."""
    place = _place(folder, media)
    if place is None:
        raise NoPlace
    try:
        file = _free(place / name)
        with new_file(file) as out:
            yield out, file.name
    except OSError as error:
        raise NotSaved(error.strerror or "?") from error


def _free(file: Path) -> Path:
    """This name, else the same with a number: what lies there is never written over."""
    tried, number = file, 1
    while tried.exists():
        number += 1
        tried = file.with_stem(f"{file.stem}-{number}")
    return tried


def _ends(entry: os.DirEntry[str], ending: str) -> bool:
    # Neither a link, which may lead out of the folder, nor what some systems hide beside each file.
    return (
        entry.name.lower().endswith(ending) and not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)
    )


def _there(entry: os.DirEntry[str], medium: str) -> FileThere:
    facts = entry.stat(follow_symlinks=False)
    assert stat.S_ISREG(facts.st_mode)
    return FileThere(Path(entry.path), medium, facts.st_size, facts.st_mtime_ns // 1_000_000)


def _place(folder: Path | None, media: Iterable[Path]) -> Path | None:
    return next((place for place, _ in _places(folder, media) if os.access(place, os.W_OK)), None)


def _places(folder: Path | None, media: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """The exchange folder, then every medium with its name."""
    if folder is not None and folder.is_dir():
        yield folder, ""
    for root in media:
        for pattern in ("*", "*/*") if root.is_dir() else ():
            yield from ((each, each.name) for each in sorted(root.glob(pattern)) if os.path.ismount(each))
