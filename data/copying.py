"""A copy of a whole database while others go on writing, what can be said of it, and putting one in the place of another."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from data.audit_chain import last_row
from data.connection import FAILURES, Connection, translated
from data.errors import DatabaseUnavailable
from data.files import PRIVATE_FILE, sync_directory
from data.schema import migrating

# What SQLite keeps beside a database that is open.
COMPANIONS: Final = ("-wal", "-shm")
# What a database that was replaced is called, before the time.
ASIDE: Final = ".replaced-"
# Nobody else has a copy.
_BUSY_MS: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFacts:
    """What a database holds: name of its newest migration, rows by table, number and mac of its last audit row."""

    schema: str
    rows: Mapping[str, int]
    audit_seq: int
    audit_mac: bytes


def copy_whole(path: Path, copy: Path) -> None:
    """Make `copy`, 0600 and on the disk, of what is committed at `path` now; nothing is left of one that fails.

    It is one file, without a write-ahead log beside it. Raises DatabaseUnavailable, FileExistsError.
    """
    descriptor = os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            # In one step, that is one snapshot: between steps each commit of another process would begin it anew.
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        os.fsync(descriptor)
    except BaseException as error:
        remove_database(copy)
        if isinstance(error, FAILURES):
            raise translated(error, path) from None
        raise
    finally:
        os.close(descriptor)


def remove_database(path: Path) -> None:
    """Take away a copy and what SQLite keeps beside it, as far as it is there."""
    for name in (path.name, f"{path.name}-journal", *(path.name + end for end in COMPANIONS)):
        path.with_name(name).unlink(missing_ok=True)


def check_copy(path: Path) -> CopyFacts:
    """What a copy holds, after SQLite's whole check of it; raises DatabaseUnavailable("corrupt")."""
    with closing(Connection(path, busy_ms=_BUSY_MS)) as connection:
        found = connection.rows("PRAGMA integrity_check(1)")[0][0]
        if found != "ok":
            raise DatabaseUnavailable("corrupt", path, str(found))
        applied = migrating.applied(connection)
        if not applied:
            raise DatabaseUnavailable("corrupt", path, "it is not a database of the kiosk")
        seq, mac = last_row(connection)
        return CopyFacts(schema=applied[-1], rows=_rows(connection), audit_seq=seq, audit_mac=mac)


def _rows(connection: Connection) -> dict[str, int]:
    tables = connection.rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '!_%' ESCAPE '!'"
    )
    # The names are those of our migrations; a name cannot be a parameter.
    return {row["name"]: connection.rows(f'SELECT count(*) FROM "{row["name"]}"')[0][0] for row in tables}  # noqa: S608


def make_single(path: Path) -> None:
    """Bring everything into the one file, on the disk; nobody else has it open. Raises DatabaseUnavailable."""
    with closing(Connection(path, busy_ms=_BUSY_MS)) as connection:
        if connection.rows("PRAGMA journal_mode=DELETE")[0][0] != "delete":
            raise DatabaseUnavailable("busy", path, "the write-ahead log is in use")
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def name_aside(path: Path, now: int) -> Path:
    """A name beside `path`, with the time in UTC, that nothing has."""
    moment = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    name = path.with_name(f"{path.name}{ASIDE}{moment}")
    for number in count(2):
        if not name.exists():
            break
        name = path.with_name(f"{path.name}{ASIDE}{moment}-{number}")
    return name


def put_in_place(new: Path, path: Path, aside: Path) -> None:
    """Give `new` the name `path` in one step; what lay there keeps the name `aside`.

    Nobody has either open, and `new` is one file. Whenever it stops, a whole database lies at `path`. Raises OSError.
    """
    if path.exists():
        _bring_aside(path, aside)
    new.rename(path)
    sync_directory(path.parent)


def _bring_aside(path: Path, aside: Path) -> None:
    try:
        make_single(path)
    except DatabaseUnavailable:
        # A damaged one is kept with its log, for whoever examines it; left here, SQLite would play it into the new one.
        for end in COMPANIONS:
            companion = path.with_name(path.name + end)
            if companion.exists():
                companion.rename(aside.with_name(aside.name + end))
    for other in path.parent.glob(f"{path.name}{ASIDE}*"):
        # A second name that one who was stopped here gave it.
        if other.samefile(path):
            other.unlink()
    aside.hardlink_to(path)
    sync_directory(path.parent)
