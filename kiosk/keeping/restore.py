"""Putting a back-up back, and rehearsing that: everything is checked on a copy beside the database before anything changes."""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.copying import check_copy, copy_whole, make_single, name_aside, put_in_place, remove_database
from data.database import Database
from data.errors import DatabaseUnavailable, DataError
from data.files import PRIVATE_DIRECTORY, PRIVATE_FILE
from data.opening import alone
from data.restoring import mark_restored
from data.vault import AuditHead
from kiosk.keeping.backup import keep_alone, need_room
from kiosk.keeping.errors import BackupDamaged, BackupUnsound, NotWritten
from kiosk.keeping.manifest import Manifest
from kiosk.keeping.sealed_file import read_sealed
from kiosk.vault import FileVault

log = logging.getLogger("kiosk.keeping")

_NAME: Final = "kiosk.db"
_NEWER: Final = "newer.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put back; `aside` is where the database before it lies, None when there was none.

    `carried` is from how many people something is taken that was taken from them after the back-up; None when nobody
    knows: nothing lay there, or it was damaged, of another history, or not to be looked at.
    """

    manifest: Manifest
    aside: Path | None
    carried: int | None


def rehearse(backup: Path, vault: FileVault, database: Path, *, now: int) -> Manifest:
    """Open a back-up beside where the database lies, check all of it, and throw it away.

    Raises KeepingError, DataError (SchemaTooNew, WrongKey), OSError.
    """
    with ExitStack() as stack:
        keep_alone(stack, database)
        return stack.enter_context(_opened(backup, vault, database, now=now))[0]


def restore(
    backup: Path, vault: FileVault, database: Path, head: AuditHead, *, now: int, forget_newer: bool = False
) -> Restored:
    """Put a back-up in the place of the database, which is kept aside; what that took away since is taken away again.

    `forget_newer` leaves what it knows aside. Whenever it stops, the old or the new database lies there whole; the new one is marked, so that whoever opens it
    first applies the rules of a restore. Raises as `rehearse`, and DatabaseInUse while anybody has the database open.
    """
    database.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    with ExitStack() as stack:
        keep_alone(stack, database)
        # Before minutes of work; and again when it is exchanged.
        with alone(database):
            pass
        manifest, copy = stack.enter_context(_opened(backup, vault, database, now=now))
        aside = name_aside(database, now)
        with alone(database):
            newer = None if forget_newer else _newer(database, copy.with_name(_NEWER), vault, head, manifest, now=now)
            with Database.open(copy, vault, now=now, create=False) as marked:
                carried = mark_restored(marked, manifest.made_at, newer, now)
            make_single(copy)
            put_in_place(copy, database, aside)
    return Restored(manifest=manifest, aside=aside if aside.exists() else None, carried=carried)


def _newer(
    database: Path, copy: Path, vault: FileVault, head: AuditHead, manifest: Manifest, *, now: int
) -> Path | None:
    """A copy of the database that is replaced, of our schema; None when it is not whole or does not go on from the back-up.

    Raises NotWritten, DatabaseUnavailable when there is no room for the copy.
    """
    if not database.exists():
        return None
    need_room(copy, database.stat().st_size)
    try:
        copy_whole(database, copy)
        check_copy(copy)
        last = head.load()
        # Without the head, which a row that opening adds to the copy would move.
        with Database.open(copy, vault, now=now, create=False) as opened:
            known = (manifest.audit_seq, bytes.fromhex(manifest.audit_mac))
            goes_on = last is not None and all(opened.audit.has(*row) for row in (known, last))
            found = opened.audit.verify()
        if goes_on and found.ok:
            return copy
        log.warning("the database that is replaced tells nothing: %s", found.kind or "another history")
    except (DataError, OSError) as error:
        if isinstance(error, DatabaseUnavailable) and error.reason == "disk_full":
            raise
        # Often what is the reason for putting back.
        log.warning("the database that is replaced tells nothing: %s", error)
    with suppress(OSError):
        remove_database(copy)
    return None


@contextmanager
def _opened(backup: Path, vault: FileVault, database: Path, *, now: int) -> Iterator[tuple[Manifest, Path]]:
    """The database out of a back-up, found sound and brought to our schema, in a directory that is gone afterwards."""
    directory = database.with_name(f"{database.name}.restoring")
    # What a killed one left.
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=PRIVATE_DIRECTORY)
    try:
        copy = directory / _NAME
        manifest = _unseal(backup, vault, copy)
        _check(backup, manifest, copy, vault, now=now)
        yield manifest, copy
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _unseal(backup: Path, vault: FileVault, copy: Path) -> Manifest:
    frames = read_sealed(backup, vault)
    try:
        manifest = Manifest.parse(next(frames))
    except ValueError:
        raise BackupDamaged(backup) from None
    need_room(copy, manifest.size)
    size, digest = _write(copy, frames)
    if (size, digest) != (manifest.size, manifest.sha256):
        raise BackupUnsound(backup, "contents", "not what was sealed")
    return manifest


def _write(copy: Path, frames: Iterator[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of what was written."""
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        for frame in frames:
            try:
                _write_whole(descriptor, frame)
            except OSError as error:
                raise NotWritten(copy, error) from error
            digest.update(frame)
            size += len(frame)
    finally:
        os.close(descriptor)
    return size, digest.hexdigest()


def _write_whole(descriptor: int, frame: bytes) -> None:
    rest = memoryview(frame)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _check(backup: Path, manifest: Manifest, copy: Path, vault: FileVault, *, now: int) -> None:
    try:
        facts = check_copy(copy)
    except DatabaseUnavailable as error:
        if error.reason != "corrupt":
            raise
        raise BackupUnsound(backup, "database", error.detail) from None
    if not manifest.fits(facts):
        raise BackupUnsound(backup, "contents", "not what the manifest says")
    # Without the head beside the key, which knows later rows: that this copy is older is what a back-up is.
    with Database.open(copy, vault, now=now, create=False) as opened:
        found = opened.audit.verify()
    if not found.ok:
        raise BackupUnsound(backup, "audit", f"{found.kind} at {found.first_bad_seq}")
