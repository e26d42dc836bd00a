"""Busy, full, read-only, damaged and vanished databases: each is told apart, and nothing is lost."""

import importlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.connection import translated
from data.database import Database
from data.errors import ConstraintBroken, DatabaseUnavailable, StatementFailed, ValueNotStorable
from kiosk.keys import AuditHeadFile
from kiosk.vault import FileVault
from tests.data.things import NOW, Things

NOBODY = 65_534


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A directory of somebody who is not root, as whom the test runs; permissions mean nothing to root."""
    # The first migration imports it, possibly from where only root may read.
    importlib.import_module("sqlite_utils")
    directory = Path(tempfile.mkdtemp(prefix="kiosk-"))
    was_root = os.geteuid() == 0
    try:
        if was_root:
            os.chown(directory, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield directory
        directory.chmod(0o700)
    finally:
        # Else every test after this one runs as nobody.
        if was_root:
            os.seteuid(0)
        shutil.rmtree(directory)


def reason(act: Callable[[], object]) -> str:
    with pytest.raises(DatabaseUnavailable) as caught:
        act()
    return caught.value.reason


def write(db: Database) -> None:
    with db.transaction(write=True):
        db.meta.set("key", "value")


def fill(db: Database) -> None:
    """Write until there is no room."""
    with db.transaction(write=True):
        for number in range(100_000):
            db.meta.set(f"key {number}", "x" * 4_000)


def assert_sound(db: Database) -> None:
    assert db._connection.rows("PRAGMA integrity_check")[0][0] == "ok"
    assert db._connection.rows("PRAGMA foreign_key_check") == []
    assert db.audit.verify().ok


def test_a_read_only_file_is_told_as_such(unprivileged: Path, vault: FileVault) -> None:
    path = unprivileged / "kiosk.db"
    Database.open(path, vault, now=NOW).close()
    path.chmod(0o400)
    assert reason(lambda: Database.open(path, vault, now=NOW)) == "read_only"


def test_a_read_only_directory_is_told_as_such(unprivileged: Path, vault: FileVault) -> None:
    path = unprivileged / "kiosk.db"
    Database.open(path, vault, now=NOW).close()
    unprivileged.chmod(0o500)
    assert reason(lambda: Database.open(path, vault, now=NOW)) == "read_only"


def test_a_read_only_directory_without_a_database_is_told_as_such(unprivileged: Path, vault: FileVault) -> None:
    unprivileged.chmod(0o500)
    assert reason(lambda: Database.open(unprivileged / "kiosk.db", vault, now=NOW)) == "read_only"


def test_a_directory_that_may_not_be_entered_is_told_as_read_only(unprivileged: Path, vault: FileVault) -> None:
    unprivileged.chmod(0o000)
    assert reason(lambda: Database.open(unprivileged / "in" / "kiosk.db", vault, now=NOW)) == "read_only"


def test_a_full_disk_keeps_what_was_there_and_nothing_half(db: Database, things: Things) -> None:
    challenge = things.challenge()
    things.audit(3)
    [pages] = db._connection.rows("PRAGMA page_count")
    db._connection.rows(f"PRAGMA max_page_count={pages[0] + 8}")
    assert reason(lambda: fill(db)) == "disk_full"
    assert db.meta.get("key 0") is None
    assert db.challenges.get(challenge.id) == challenge
    assert_sound(db)
    db._connection.rows("PRAGMA max_page_count=1000000")
    things.audit()
    write(db)
    assert_sound(db)


def test_what_is_written_after_the_disk_was_full_in_the_same_transaction_is_not_kept(db: Database) -> None:
    [pages] = db._connection.rows("PRAGMA page_count")
    db._connection.rows(f"PRAGMA max_page_count={pages[0] + 8}")

    def go_on_regardless() -> None:
        with db.transaction(write=True):
            assert reason(lambda: fill(db)) == "disk_full"
            db.meta.set("small", "enough")

    with pytest.raises(AssertionError):
        go_on_regardless()
    assert db.meta.get("small") is None


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs to be root and allowed to mount; type: sudo make test")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_really_fills_up_keeps_what_was_there(small_disk: Path, vault: FileVault) -> None:
    with Database.open(small_disk / "kiosk.db", vault, AuditHeadFile(small_disk / "head"), now=NOW) as db:
        things = Things(db)
        challenge = things.challenge()
        things.audit(3)
        assert reason(lambda: fill(db)) == "disk_full"
        (small_disk / "rest").write_bytes(b"x" * (shutil.disk_usage(small_disk).free))
        assert reason(lambda: fill(db)) == "disk_full"
        assert db.challenges.get(challenge.id) == challenge
        assert_sound(db)
        (small_disk / "rest").unlink()
        things.audit()
        assert_sound(db)


def test_a_start_on_a_full_disk_is_told_as_such(small_disk: Path, vault: FileVault) -> None:
    (small_disk / "rest").write_bytes(b"x" * (shutil.disk_usage(small_disk).free))
    assert reason(lambda: Database.open(small_disk / "data" / "kiosk.db", vault, now=NOW)) == "disk_full"
    (small_disk / "rest").unlink()
    with Database.open(small_disk / "data" / "kiosk.db", vault, now=NOW) as db:
        assert_sound(db)


def test_a_database_on_a_read_only_file_system_is_told_as_such(small_disk: Path, vault: FileVault) -> None:
    path = small_disk / "kiosk.db"
    Database.open(path, vault, now=NOW).close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert reason(lambda: Database.open(path, vault, now=NOW)) == "read_only"


def test_a_row_that_committed_counts_even_when_the_head_beside_the_key_finds_no_room(
    small_disk: Path, path: Path, vault: FileVault, caplog: pytest.LogCaptureFixture
) -> None:
    head = AuditHeadFile(small_disk / "head")
    with Database.open(path, vault, head, now=NOW) as db:
        Things(db).audit()
        (small_disk / "rest").write_bytes(b"x" * (shutil.disk_usage(small_disk).free))
        Things(db).audit()
        assert "could not be kept beside the key" in caplog.text
        assert db.audit.head_state() == "lagging"
        (small_disk / "rest").unlink()
        write(db)
        assert db.audit.head_state() == "current"


@pytest.mark.parametrize("damage", [b"this is not a database at all" * 200, b"SQLite format 3\0" + b"\xff" * 8_000])
def test_a_damaged_file_is_told_as_such(path: Path, vault: FileVault, damage: bytes) -> None:
    Database.open(path, vault, now=NOW).close()
    path.write_bytes(damage)
    assert reason(lambda: Database.open(path, vault, now=NOW)) == "corrupt"
    assert path.read_bytes() == damage


def test_damage_found_while_reading_is_told_as_such(path: Path, vault: FileVault) -> None:
    with Database.open(path, vault, now=NOW) as db:
        Things(db).audit(2_000)
    pages = bytearray(path.read_bytes())
    pages[len(pages) // 3 :] = b"\xa5" * (len(pages) - len(pages) // 3)
    path.write_bytes(pages)

    def read() -> None:
        with Database.open(path, vault, now=NOW) as db:
            list(db.audit.rows())

    assert reason(read) == "corrupt"


def test_a_database_deleted_while_it_is_open_is_told_as_missing(db: Database) -> None:
    write(db)
    for file in db.path.parent.iterdir():
        file.unlink()
    assert reason(lambda: write(db)) == "missing"


def test_a_database_replaced_while_it_is_open_is_not_written_to_any_more(
    db: Database, path: Path, vault: FileVault
) -> None:
    other = path.with_name("other.db")
    Database.open(other, vault, now=NOW).close()
    other.replace(path)
    assert reason(lambda: write(db)) == "missing"
    assert db.meta.get("key") is None


@pytest.mark.parametrize("finds_out", ["by writing", "by looking"])
def test_what_stands_in_a_log_that_was_taken_away_is_brought_to_safety(
    path: Path, vault: FileVault, finds_out: str
) -> None:
    with Database.open(path, vault, now=NOW) as db, Database.open(path, vault, now=NOW) as beside:
        write(db)
        path.with_name(path.name + "-wal").unlink()
        assert reason(lambda: write(db) if finds_out == "by writing" else db.check_usable()) == "missing"
        # Killed at this moment nothing is lost: it is in the file, and what others write goes there too.
        shutil.copy(path, copy := path.with_name("copy.db"))
        assert reason(beside.check_usable) == "missing"
    with Database.open(copy, vault, now=NOW) as saved, Database.open(path, vault, now=NOW) as again:
        assert saved.meta.get("key") == again.meta.get("key") == "value"
        assert_sound(again)


def test_a_log_that_another_process_makes_anew_is_not_taken_for_the_old_one(path: Path, vault: FileVault) -> None:
    with Database.open(path, vault, now=NOW) as db:
        write(db)
        log = path.with_name(path.name + "-wal")
        log.replace(path.with_name("aside"))
        log.touch()
        assert reason(lambda: write(db)) == "missing"


def test_a_directory_in_the_place_of_the_database_is_told(path: Path, vault: FileVault) -> None:
    path.mkdir(parents=True)
    assert reason(lambda: Database.open(path, vault, now=NOW)) == "io"


def sqlite_error(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("message")
    error.sqlite_errorcode = code
    error.sqlite_errorname = "NAME"
    return error


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (sqlite3.SQLITE_BUSY, "busy"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "busy"),
        (sqlite3.SQLITE_BUSY_RECOVERY, "busy"),
        (sqlite3.SQLITE_LOCKED, "busy"),
        (sqlite3.SQLITE_PROTOCOL, "busy"),
        (sqlite3.SQLITE_FULL, "disk_full"),
        (sqlite3.SQLITE_IOERR_SHMSIZE, "disk_full"),
        (sqlite3.SQLITE_READONLY, "read_only"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "read_only"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "missing"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "corrupt"),
        (sqlite3.SQLITE_NOTADB, "corrupt"),
        (sqlite3.SQLITE_IOERR_FSYNC, "io"),
        (sqlite3.SQLITE_NOMEM, "io"),
        (sqlite3.SQLITE_CANTOPEN, "missing"),
    ],
)
def test_every_cause_of_sqlite_has_its_reason(code: int, reason: str, tmp_path: Path) -> None:
    error = translated(sqlite_error(code), tmp_path / "kiosk.db")
    assert isinstance(error, DatabaseUnavailable)
    assert (error.reason, error.detail) == (reason, "NAME")


def test_a_file_that_is_there_and_cannot_be_opened_is_not_missing(tmp_path: Path) -> None:
    error = translated(sqlite_error(sqlite3.SQLITE_CANTOPEN), tmp_path)
    assert isinstance(error, DatabaseUnavailable)
    assert error.reason == "io"


@pytest.mark.parametrize("code", [sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE, sqlite3.SQLITE_RANGE])
def test_a_mistake_of_ours_is_no_unavailable_database(code: int, tmp_path: Path) -> None:
    assert isinstance(translated(sqlite_error(code), tmp_path), StatementFailed)


def test_a_row_that_is_refused_says_which_constraint_and_no_value(db: Database, things: Things) -> None:
    with pytest.raises(ConstraintBroken) as caught:
        things.user(language="fr")
    assert "language" in caught.value.detail
    assert "fr" not in caught.value.detail.split()
    assert caught.value.__suppress_context__


def test_what_somebody_typed_is_not_in_the_error_when_it_cannot_be_stored(things: Things) -> None:
    with pytest.raises(ValueNotStorable) as caught:
        things.user(display_name="hunter2 \ud800")
    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_a_closed_database_says_so_as_a_data_error(db: Database, path: Path, vault: FileVault) -> None:
    other = Database.open(path, vault, now=NOW)
    other.close()
    with pytest.raises(StatementFailed):
        other.users.count()
