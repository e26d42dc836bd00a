import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data import opening
from data.database import Database
from data.errors import DatabaseUnavailable, WrongKey
from data.schema.triggers import TRIGGERS
from kiosk.keys import MasterKey
from kiosk.vault import FileVault
from tests.data.conftest import OpenDatabase
from tests.data.killing import ROOT
from tests.data.things import NOW, Things

FIRST_START = """
import sys
from pathlib import Path
from data.database import Database
from kiosk.keys import MasterKey
from kiosk.vault import FileVault
vault = FileVault(MasterKey(bytes(range(32))))
sys.stdin.readline()
with Database.open(Path(sys.argv[1]), vault, now=1) as db:
    with db.transaction(write=True):
        db.desks.ensure("site", sys.argv[2])
print("done")
"""


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("loose_umask")
def test_only_the_owner_may_read_what_is_made(db: Database, things: Things) -> None:
    things.user()
    modes = {file.name: mode(file) for file in db.path.parent.iterdir()}
    assert modes == dict.fromkeys(
        ("kiosk.db", "kiosk.db-wal", "kiosk.db-shm", "kiosk.db.lock", "kiosk.db.in-use"), 0o600
    )
    assert mode(db.path.parent) == 0o700


def test_a_database_that_others_may_read_is_closed_to_them(db: Database, open_database: OpenDatabase) -> None:
    db.path.chmod(0o644)
    open_database()
    assert mode(db.path) == 0o600


def test_a_database_that_is_not_there_is_not_made_when_that_was_not_asked(path: Path, vault: FileVault) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        Database.open(path, vault, now=NOW, create=False)
    assert caught.value.reason == "missing"
    assert not path.parent.exists()


def test_every_connection_has_the_pragmas_that_keep_what_is_committed(db: Database) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "secure_delete": 1,
        "recursive_triggers": 1,
        "busy_timeout": 5000,
    }
    assert {name: db._connection.rows(f"PRAGMA {name}")[0][0] for name in wanted} == wanted


def test_every_table_of_ours_is_strict(db: Database) -> None:
    tables = db._connection.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main'")
    loose = {row["name"] for row in tables if not row["strict"]}
    assert loose == {"_sqlite_migrations", "sqlite_schema"}
    assert len(tables) > 15


def test_what_a_sign_in_or_a_search_asks_for_is_found_by_an_index(db: Database) -> None:
    plans = {
        "SELECT * FROM users WHERE name_key = 'a'": "USING INDEX",
        "SELECT * FROM users WHERE deleted_at IS NULL ORDER BY name_key LIMIT 9": "SCAN users USING INDEX sqlite_autoindex",
        "SELECT count(*) FROM users WHERE deleted_at IS NULL": "users_of_block",
        "SELECT id FROM users WHERE deleted_at IS NULL AND block IN (1, 2) GROUP BY block": "users_of_block",
        "SELECT user_id FROM factors WHERE number_tail = '78'": "factors_by_tail",
        "SELECT * FROM factors WHERE user_id = 'a'": "factors_of_user",
        "SELECT * FROM factors WHERE number_index IS NOT NULL AND number_index = x'00'": "factors_by_number",
        "SELECT * FROM backup_codes WHERE user_id = 'a' AND state IN ('issued', 'confirmed')": "backup_codes_one_live",
        "SELECT * FROM backup_codes WHERE user_id = 'a' AND state = 'used' ORDER BY used_at DESC": "backup_codes_used",
        "SELECT * FROM temporary_codes WHERE user_id = 'a' AND state = 'issued'": "temporary_codes_one_live",
        "SELECT * FROM messages WHERE state = 'queued' AND not_after > 1 ORDER BY priority, queued_at": "messages_queue",
        "SELECT * FROM messages WHERE state = 'committed'": "messages_committed",
        "SELECT count(*) FROM messages WHERE charged = 1 AND user_id = 'a' AND queued_at > 1": "messages_charged_user",
        "SELECT * FROM transmissions WHERE modem_id = 'a' AND started_at > 1": "transmissions_of_modem",
        "UPDATE challenges SET wiped_at = 1 WHERE wiped_at IS NULL AND expires_at <= 1": "challenges_to_wipe",
    }
    for sql, index in plans.items():
        plan = " ".join(row["detail"] for row in db._connection.rows(f"EXPLAIN QUERY PLAN {sql}"))
        assert index in plan, sql


def test_the_wrong_key_is_refused_with_both_ids_and_changes_nothing(db: Database, vault: FileVault) -> None:
    other = FileVault(MasterKey(bytes(32)))
    before = db.data_version()
    with pytest.raises(WrongKey) as caught:
        Database.open(db.path, other, now=NOW)
    assert (caught.value.expected, caught.value.given) == (vault.key_id, other.key_id)
    assert db.data_version() == before


@pytest.mark.parametrize("value", [None, "", "nonsense", "00000000 zz"])
def test_a_database_without_a_key_check_fits_no_key(db: Database, vault: FileVault, value: str | None) -> None:
    with db.transaction(write=True):
        if value is None:
            db._connection.change("DELETE FROM meta WHERE key = 'key_check'", {})
        else:
            db.meta.set("key_check", value)
    with pytest.raises(WrongKey):
        Database.open(db.path, vault, now=NOW)


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_trigger_that_was_taken_away_stands_again_and_that_is_written_down(
    db: Database, open_database: OpenDatabase, name: str
) -> None:
    with sqlite3.connect(db.path) as raw:
        raw.execute(f"DROP TRIGGER {name}")
    raw.close()
    again = open_database()
    assert_triggers_stand(again)
    [row] = again.audit.rows()
    assert row.event is not None
    assert row.event.action == "storage.triggers_restored"
    assert row.event.parameters == {"triggers": [name]}


def test_a_trigger_that_was_made_harmless_is_replaced(db: Database, open_database: OpenDatabase) -> None:
    with sqlite3.connect(db.path) as raw:
        raw.execute("DROP TRIGGER audit_never_deleted")
        raw.execute("CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit BEGIN SELECT 1; END")
    raw.close()
    assert_triggers_stand(open_database())


def assert_triggers_stand(db: Database) -> None:
    rows = db._connection.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    assert {row["name"]: row["sql"] for row in rows} == TRIGGERS


def test_a_second_opener_is_told_busy_when_the_first_takes_too_long(path: Path) -> None:
    path.parent.mkdir()
    with (
        opening.opening_lock(path),
        pytest.raises(DatabaseUnavailable) as caught,
        opening.opening_lock(path, seconds=0),
    ):
        pass
    assert caught.value.reason == "busy"


def test_the_lock_is_free_after_opening(db: Database) -> None:
    with db.path.with_name("kiosk.db.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_writer_that_waits_too_long_is_told_busy(db: Database, path: Path, vault: FileVault) -> None:
    with Database.open(path, vault, now=NOW, busy_ms=1) as impatient:
        with (
            db.transaction(write=True),
            pytest.raises(DatabaseUnavailable) as caught,
            impatient.transaction(write=True),
        ):
            pass
        assert caught.value.reason == "busy"
        with impatient.transaction(write=True):
            impatient.meta.set("then", "fine")


def test_three_first_starts_at_once_all_succeed(path: Path, vault: FileVault) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", FIRST_START, str(path), desk],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for desk in ("one", "two", "three")
    ]
    for start in starts:
        assert start.stdin is not None
        start.stdin.write("\n")
        start.stdin.flush()
    assert [start.communicate(timeout=60)[0] for start in starts] == ["done\n"] * 3
    with Database.open(path, vault, now=NOW) as db:
        assert len(db._connection.rows("SELECT id FROM desks")) == 3
