"""Putting a plan on a machine, and taking it away again: exactly what was written, and nothing that somebody changed since.

The record says what was written, by its hash, and which directories were made for it. It is written before the files, with
the hashes of before and after, so that what lies there after a power failure is still known as ours.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Final

from data.files import sync_directory
from kiosk.machine.plan import File, Item, Link

RECORD: Final = PurePosixPath("/var/lib/kiosk-install.json")
# What another program or a person had put at the same place, when it was replaced by force.
SAVED: Final = ".before-kiosk"
DIRECTORY: Final = "directory"

Record = Mapping[PurePosixPath, frozenset[str]]


class State(StrEnum):
    """What lies at the place of an item."""

    MISSING = "missing"
    SAME = "same"
    OLD = "old"
    """An earlier version of ours, as we wrote it."""
    FOREIGN = "foreign"
    """Somebody else's, or changed since."""


@dataclass(frozen=True, slots=True)
class Step:
    """One item, and what lies in its place."""

    item: Item
    state: State


class Changed(Exception):
    """At these places lies something that is not ours, or not any more; nothing was written or removed."""

    def __init__(self, paths: Sequence[PurePosixPath]) -> None:
        super().__init__(", ".join(map(str, paths)))
        self.paths = tuple(paths)


class RecordUnreadable(Exception):
    """The record of what was written is damaged."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


@dataclass(frozen=True, slots=True)
class Place:
    """A machine whose root directory is `root`: this one, or an image of one."""

    root: Path = Path("/")

    def at(self, path: PurePosixPath) -> Path:
        """Where that path lies."""
        return self.root / path.relative_to("/")

    def compare(self, plan: Iterable[Item]) -> tuple[Step, ...]:
        """What would happen; raises RecordUnreadable."""
        record = self._record()
        return tuple(Step(item, self._state(item, record)) for item in plan)

    def leftovers(self, plan: Iterable[Item]) -> tuple[PurePosixPath, ...]:
        """What an earlier version wrote and this one does not."""
        wanted = {item.path for item in plan}
        return tuple(path for path, marks in self._record().items() if path not in wanted and DIRECTORY not in marks)

    def install(self, plan: Sequence[Item], *, force: bool = False) -> tuple[Step, ...]:
        """Write what differs; raises Changed, with nothing written, and OSError."""
        steps = self.compare(plan)
        record = self._record()
        leftovers = self.leftovers(plan)
        foreign = [step.item.path for step in steps if step.state is State.FOREIGN]
        foreign += [path for path in leftovers if not self._ours(path, record)]
        if foreign and not force:
            raise Changed(foreign)
        # What lay there all the same without us stays when we go.
        ours = {step.item.path for step in steps if step.state is not State.SAME or step.item.path in record}
        after = {item.path: frozenset({_mark(item)}) for item in plan if item.path in ours}
        made = self._directories(plan, record)
        before = {path: record.get(path, frozenset()) | after.get(path, frozenset()) for path in record.keys() | after}
        self._write_record(before | made)
        for step in steps:
            if step.state is not State.SAME:
                self._put(step)
        for path in leftovers:
            self._remove(path)
        self._write_record(after | made)
        return steps

    def uninstall(self, *, force: bool = False) -> tuple[PurePosixPath, ...]:
        """Remove what was written, and what was removed is returned; raises Changed, with nothing removed, and OSError."""
        record = self._record()
        foreign = [path for path in record if not self._ours(path, record)]
        if foreign and not force:
            raise Changed(foreign)
        removed = [path for path, marks in record.items() if DIRECTORY not in marks and self._remove(path)]
        with contextlib.suppress(FileNotFoundError):
            self.at(RECORD).unlink()
        # The innermost first. One in which somebody has put something since, such as the configuration, stays.
        for path in sorted((path for path, marks in record.items() if DIRECTORY in marks), reverse=True):
            with contextlib.suppress(OSError):
                self.at(path).rmdir()
        return tuple(removed)

    def _directories(self, plan: Iterable[Item], record: Record) -> dict[PurePosixPath, frozenset[str]]:
        """Those that must be made, and those that were made before."""
        kept = {path for path, marks in record.items() if DIRECTORY in marks}
        paths = (RECORD, *(item.path for item in plan))
        missing = {parent for path in paths for parent in path.parents if not self.at(parent).exists()}
        return dict.fromkeys(kept | missing, frozenset({DIRECTORY}))

    def _state(self, item: Item, record: Record) -> State:
        mark = self._mark_at(item.path)
        if mark is None:
            return State.MISSING
        if mark == _mark(item):
            return State.SAME
        return State.OLD if mark in record.get(item.path, ()) else State.FOREIGN

    def _ours(self, path: PurePosixPath, record: Record) -> bool:
        return self._mark_at(path) in {None, *record[path]}

    def _mark_at(self, path: PurePosixPath) -> str | None:
        place = self.at(path)
        if place.is_symlink():
            return _mark(Link(path, str(place.readlink())))
        try:
            return _hash(place.read_bytes(), place.stat().st_mode & 0o7777)
        except FileNotFoundError:
            return None
        except IsADirectoryError:
            return DIRECTORY

    def _put(self, step: Step) -> None:
        item, place = step.item, self.at(step.item.path)
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        saved = place.with_name(place.name + SAVED)
        if step.state is State.FOREIGN and not os.path.lexists(saved):
            place.rename(saved)
        new = place.with_name(f".{place.name}.new")
        with contextlib.suppress(FileNotFoundError):
            new.unlink()
        if isinstance(item, Link):
            new.symlink_to(item.target)
        else:
            _write(new, item.content.encode(), item.mode)
        # A unit or a rule that is read meanwhile is the old one or the new one, never half of it.
        new.replace(place)
        sync_directory(place.parent)

    def _remove(self, path: PurePosixPath) -> bool:
        place = self.at(path)
        saved = place.with_name(place.name + SAVED)
        if os.path.lexists(saved):
            saved.replace(place)
            return True
        try:
            place.unlink()
        except FileNotFoundError:
            return False
        return True

    def _record(self) -> dict[PurePosixPath, frozenset[str]]:
        place = self.at(RECORD)
        try:
            found = json.loads(place.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError:
            raise RecordUnreadable(place) from None
        if not isinstance(found, dict) or not all(isinstance(marks, list) for marks in found.values()):
            raise RecordUnreadable(place)
        return {PurePosixPath(path): frozenset(map(str, marks)) for path, marks in found.items()}

    def _write_record(self, record: Record) -> None:
        place = self.at(RECORD)
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.new")
        text = json.dumps({str(path): sorted(record[path]) for path in sorted(record)}, indent=1)
        _write(new, f"{text}\n".encode(), 0o600)
        new.replace(place)
        # Before the files that it speaks of.
        sync_directory(place.parent)


def _write(path: Path, content: bytes, mode: int) -> None:
    with path.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _mark(item: Item) -> str:
    if isinstance(item, File):
        return _hash(item.content.encode(), item.mode)
    return f"link {item.target}"


def _hash(content: bytes, mode: int) -> str:
    return f"{mode:04o} {hashlib.sha256(content).hexdigest()}"
