"""Making a back-up while people sign in: a snapshot beside the database, checked, then sealed to where it is kept."""

import errno
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from data.copying import check_copy, copy_whole, remove_database
from data.database import Database
from data.files import file_lock
from kiosk.audit import NOBODY, AuditTrail
from kiosk.clock import Clock
from kiosk.keeping.errors import BackupBusy, BackupExists, BackupUnsound, NotWritten, PlaceMissing
from kiosk.keeping.manifest import Manifest
from kiosk.keeping.sealed_file import FRAME_BYTES, FileKeys, read_sealed, write_sealed
from kiosk.keeping.state import BACKUP_AT

# What stays free on the disk of the database, in bytes.
RESERVE: Final = 20 * 1024 * 1024


class Backups:
    """Makes back-ups of one database, whose keys they are sealed with.

    Args:
        database: Open, for the calling thread.
        keys: What seals.
        trail: Where it is written down.
        site: Name of the site, for the manifest.
        clock: Kiosk and wall time.
    """

    def __init__(self, database: Database, keys: FileKeys, trail: AuditTrail, *, site: str, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._trail = trail
        self._site = site
        self._clock = clock

    def make(self, path: Path, *, actor: str = NOBODY, reason: str | None = None) -> Manifest:
        """Make the file `path`, read it back and write it down; nothing is left of one that fails.

        Raises BackupExists, BackupBusy, PlaceMissing, BackupUnsound, NotWritten,
        DataError (a damaged database is not backed up), OSError.
        """
        if not path.parent.is_dir():
            raise PlaceMissing(path.parent)
        if path.exists():
            raise BackupExists(path)
        with ExitStack() as stack:
            keep_alone(stack, self._database.path)
            # Of two keys, the one that the copy will name.
            self._database.follow_key()
            made_at, made_at_wall = self._clock.now(), self._clock.wall()
            copy = self._database.path.with_name(f"{self._database.path.name}.backup")
            # What a killed one left.
            remove_database(copy)
            stack.callback(remove_database, copy)
            need_room(copy, self._database.path.stat().st_size)
            copy_whole(self._database.path, copy)
            manifest = self._describe(copy, made_at, made_at_wall)
            write_sealed(path, self._keys, _frames(manifest, copy))
            self._read_back(path, manifest)
        self._note(manifest, actor, reason)
        return manifest

    def _describe(self, copy: Path, made_at: int, made_at_wall: int) -> Manifest:
        facts = check_copy(copy)
        with copy.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Manifest(
            site=self._site,
            made_at=made_at,
            made_at_wall=made_at_wall,
            key_id=self._keys.key_id,
            schema=facts.schema,
            rows=facts.rows,
            audit_seq=facts.audit_seq,
            audit_mac=facts.audit_mac.hex(),
            size=copy.stat().st_size,
            sha256=digest,
        )

    def _read_back(self, path: Path, manifest: Manifest) -> None:
        """A medium that keeps something else than it was given is found now, and not on the day it is needed."""
        frames = read_sealed(path, self._keys)
        next(frames)
        digest = hashlib.sha256()
        for frame in frames:
            digest.update(frame)
        if digest.hexdigest() != manifest.sha256:
            path.unlink()
            raise BackupUnsound(path, "contents", "the medium does not keep what it was given")

    def _note(self, manifest: Manifest, actor: str, reason: str | None) -> None:
        with self._database.transaction(write=True):
            self._database.meta.set(BACKUP_AT, str(manifest.made_at))
            self._trail.record(
                "backup.made",
                "done",
                actor=actor,
                parameters={"size": manifest.size, "audit_seq": manifest.audit_seq, "reason": reason},
            )


def keep_alone(stack: ExitStack, database: Path) -> None:
    """Until the stack ends no other process makes or puts back a back-up of this database; raises BackupBusy at once."""
    try:
        stack.enter_context(file_lock(database.with_name(f"{database.name}.keeping"), seconds=0.0))
    except TimeoutError:
        raise BackupBusy(database) from None


def need_room(copy: Path, size: int) -> None:
    """A copy beside the database must not take the room that people who sign in need; raises NotWritten."""
    if shutil.disk_usage(copy.parent).free < size + RESERVE:
        raise NotWritten(copy, OSError(errno.ENOSPC, "too little room"))


def _frames(manifest: Manifest, copy: Path) -> Iterator[bytes]:
    yield manifest.encode()
    with copy.open("rb") as file:
        while frame := file.read(FRAME_BYTES):
            yield frame
