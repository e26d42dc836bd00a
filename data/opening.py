"""Opening a database: file modes, the lock, the copy before migrating, the key check."""

import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from data import key_check
from data.connection import Connection
from data.copying import copy_whole, remove_database
from data.errors import DatabaseInUse, DatabaseUnavailable
from data.files import PRIVATE_DIRECTORY, PRIVATE_FILE, file_lock, sync_directory
from data.schema import migrating
from data.vault import Vault

COPIES_KEPT: Final = 2
# A migration of a large database under another process's lock may take this long.
LOCK_SECONDS: Final = 60.0


@contextmanager
def opening_lock(path: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """One process at a time opens or migrates `path`; raises DatabaseUnavailable("busy") after `seconds`."""
    with ExitStack() as stack:
        try:
            stack.enter_context(file_lock(path.with_name(path.name + ".lock"), seconds=seconds))
        except TimeoutError:
            raise DatabaseUnavailable("busy", path, "another process is opening it") from None
        yield


def _in_use(path: Path) -> Path:
    """The file that everybody who has the database at `path` open holds a shared lock on."""
    return path.with_name(path.name + ".in-use")


def join_users(path: Path) -> int:
    """Be one of those who have `path` open, until the descriptor given is closed; under the opening lock."""
    descriptor = os.open(_in_use(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE)
    # Whoever replaces the database holds the opening lock too, so this never waits.
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody has `path` open nor opens it meanwhile; raises DatabaseInUse, at once."""
    with opening_lock(path):
        try:
            with file_lock(_in_use(path), seconds=0.0):
                yield
        except TimeoutError:
            raise DatabaseInUse(path, _in_use(path)) from None


def prepare_directory(path: Path, *, create: bool) -> None:
    """Make the directory of `path`, 0700; raises DatabaseUnavailable("missing") when there is nothing and `create` is false."""
    if not create and not path.exists():
        raise DatabaseUnavailable("missing", path)
    path.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)


def prepare_file(path: Path) -> None:
    """Make `path` 0600, or take from it what others may; under the opening lock."""
    if not path.exists():
        # Before SQLite makes it with the mode of the umask; -wal and -shm take the mode of the database. Never done
        # to an existing one: closing any descriptor of a file drops the locks that SQLite holds on it (POSIX).
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE_FILE))
        sync_directory(path.parent)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & ~0o700:
        path.chmod(mode & 0o700)


def bring_up_to_date(
    connection: Connection, vault: Vault, *, migrations: Sequence[migrating.Migration]
) -> tuple[str, ...]:
    """Copy, migrate, check the key and the triggers, all or nothing.

    Gives the names of triggers that had gone from a database that needed no migration.
    Raises SchemaTooNew, WrongKey, DatabaseUnavailable.
    """
    with connection.transaction(write=True):
        is_new = not migrating.applied(connection)
        pending = migrating.pending(connection, migrations)
        if not is_new:
            key_check.use(connection, vault)
            _check_writable(connection)
        if pending:
            if not is_new:
                copy_before(connection.path, migrating.version(pending[0].NAME))
            migrating.migrate(connection, migrations)
        restored = migrating.restore_triggers(connection)
        if is_new:
            key_check.keep(connection, vault)
    if pending and not is_new:
        check_whole(connection)
    return () if pending else restored


def check_whole(connection: Connection, *, thoroughly: bool = False) -> None:
    """Raise DatabaseUnavailable("corrupt") when SQLite finds something.

    For a million people its quick check takes 0.2 s, the full one, which also compares the indexes, 0.6 s.
    """
    found = connection.rows("PRAGMA integrity_check(1)" if thoroughly else "PRAGMA quick_check(1)")[0][0]
    if found != "ok":
        raise DatabaseUnavailable("corrupt", connection.path, str(found))


def copy_before(path: Path, version: int) -> Path:
    """Keep what is committed now beside the database, 0600 and on the disk, before migration `version` touches it.

    The caller holds the write lock, so nothing can be committed between the copy and the migration.
    """
    copy = path.with_name(f"{path.name}.before-{version:04d}")
    unfinished = copy.with_name(copy.name + ".part")
    remove_database(unfinished)
    copy_whole(path, unfinished)
    unfinished.rename(copy)
    sync_directory(path.parent)
    for old in sorted(path.parent.glob(f"{path.name}.before-????"))[:-COPIES_KEPT]:
        old.unlink()
    return copy


def _check_writable(connection: Connection) -> None:
    """Raise "read_only" now rather than at the first sign-in: BEGIN IMMEDIATE alone is let pass on a read-only file."""
    connection.change("UPDATE meta SET value = value WHERE key IS NULL", {})
