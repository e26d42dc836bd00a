"""Somebody with the database file and without the key changes the log; each way is named."""

import hashlib
import json
import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.audit_check import Fault, HeadState, Verification
from data.audit_search import AuditFilter
from data.database import Database
from data.errors import ConstraintBroken
from kiosk.keys import AuditHeadFile
from kiosk.vault import FileVault
from tests.data.conftest import OpenDatabase
from tests.data.long_log import lay
from tests.data.things import NOW, Things

ROWS = 30
Tamper = Callable[[sqlite3.Connection], object]


@pytest.fixture
def log(open_database: OpenDatabase) -> Database:
    """A database with 30 rows in its log, of which pruning has wiped the first three and noted so in row 30."""
    db = open_database()
    Things(db).audit(ROWS - 1)
    with closing(sqlite3.connect(db.path)) as raw:
        raw.execute("CREATE TABLE kept AS SELECT * FROM audit")
        raw.commit()
    with db.transaction(write=True):
        db.audit.prune(
            "sign_in.password", NOW + 3, limit=ROWS, at=NOW + ROWS, at_wall=NOW + ROWS, actor="admin", origin="desk"
        )
    return db


def tamper(path: Path, how: Tamper) -> None:
    """What root with a tool for SQLite can do, triggers and checks switched off."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        how(raw)


def found(verification: Verification) -> tuple[Fault | None, int | None]:
    assert not verification.ok
    return verification.kind, verification.first_bad_seq


def sql(*statements: str) -> Tamper:
    return lambda raw: [raw.execute(statement) for statement in statements]


def rewrite(raw: sqlite3.Connection) -> None:
    """Another body with a digest that fits it."""
    salt, body = raw.execute("SELECT salt, body FROM audit WHERE seq = 9").fetchone()
    body = body.replace("wrong", "right")
    digest = hashlib.sha256(salt + body.encode()).digest()
    raw.execute("UPDATE audit SET body = ?, digest = ? WHERE seq = 9", (body, digest))


def put_contents_back(raw: sqlite3.Connection) -> None:
    """What a row said before pruning, from a copy of the file."""
    [(body, salt)] = raw.execute("SELECT body, salt FROM kept WHERE seq = 2").fetchall()
    raw.execute("UPDATE audit SET body = ?, salt = ? WHERE seq = 2", (body, salt))


def forge(raw: sqlite3.Connection) -> None:
    """One more row at the end, with the mac of another."""
    raw.execute("INSERT INTO audit SELECT 31, at, at_wall, body, salt, digest, mac FROM audit WHERE seq = 30")


def forge_restore(raw: sqlite3.Connection) -> None:
    """Deleted rows, and the row after the hole says that a restore is the reason."""
    raw.execute("DELETE FROM audit WHERE seq BETWEEN 9 AND 11")
    body, salt = raw.execute("SELECT body, salt FROM audit WHERE seq = 12").fetchone()
    row = json.loads(body)
    row["event"] |= {"action": "storage.restored", "parameters": {"last_seq": 8}}
    body = json.dumps(row, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(salt + body.encode()).digest()
    raw.execute("UPDATE audit SET body = ?, digest = ? WHERE seq = 12", (body, digest))


def swap(columns: str, one: int, other: int) -> Tamper:
    def how(raw: sqlite3.Connection) -> None:
        rows = [raw.execute(f"SELECT {columns} FROM audit WHERE seq = ?", (seq,)).fetchone() for seq in (one, other)]
        assignments = ", ".join(f"{column} = ?" for column in columns.split(", "))
        for seq, row in zip((other, one), rows, strict=True):
            raw.execute(f"UPDATE audit SET {assignments} WHERE seq = ?", (*row, seq))

    return how


EVERYTHING = "at, at_wall, body, salt, digest, mac"


@pytest.mark.parametrize(
    ("how", "kind", "seq"),
    [
        (sql("UPDATE audit SET body = replace(body, 'wrong', 'right') WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET at = at - 1 WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET at_wall = at_wall + 1 WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET salt = randomblob(16) WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET salt = NULL WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET body = NULL WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET body = NULL, salt = NULL WHERE seq = 9"), Fault.WIPED, 9),
        (sql("UPDATE audit SET body = CAST(x'ff' AS TEXT) WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET digest = randomblob(32) WHERE seq = 2"), Fault.ALTERED, 2),
        (sql("UPDATE audit SET mac = randomblob(32) WHERE seq = 9"), Fault.ALTERED, 9),
        (sql("UPDATE audit SET mac = x'00' WHERE seq = 30"), Fault.ALTERED, 30),
        (rewrite, Fault.ALTERED, 9),
        (put_contents_back, Fault.ALTERED, 2),
        (forge, Fault.ALTERED, 31),
        (forge_restore, Fault.ALTERED, 12),
        (swap(EVERYTHING, 9, 10), Fault.SWAPPED, 9),
        (swap(EVERYTHING, 1, 30), Fault.SWAPPED, 1),
        (swap("at, at_wall, body, salt, digest", 9, 20), Fault.SWAPPED, 9),
        (sql("DELETE FROM audit WHERE seq = 1"), Fault.MISSING_FIRST, 1),
        (sql("DELETE FROM audit WHERE seq <= 20"), Fault.MISSING_FIRST, 1),
        (sql("DELETE FROM audit WHERE seq = 9"), Fault.MISSING_MIDDLE, 9),
        (sql("DELETE FROM audit WHERE seq BETWEEN 9 AND 12"), Fault.MISSING_MIDDLE, 9),
        (sql("DELETE FROM audit WHERE seq = 30"), Fault.MISSING_LAST, 30),
        (sql("DELETE FROM audit WHERE seq > 20"), Fault.MISSING_LAST, 21),
        (sql("DELETE FROM audit"), Fault.MISSING_ALL, 1),
        (sql("DELETE FROM audit", "DELETE FROM meta WHERE key = 'audit_head'"), Fault.MISSING_ALL, 1),
        (sql("DELETE FROM meta WHERE key = 'audit_head'"), Fault.ALTERED, 30),
        (sql("UPDATE meta SET value = 'nonsense' WHERE key = 'audit_head'"), Fault.ALTERED, 30),
    ],
)
def test_what_was_done_to_the_log_is_named(log: Database, how: Tamper, kind: Fault, seq: int) -> None:
    assert log.audit.verify().ok
    tamper(log.path, how)
    assert found(log.audit.verify()) == (kind, seq)


@pytest.mark.parametrize(
    ("how", "last"),
    [
        (sql("DELETE FROM audit WHERE seq <= 20"), 20),
        (sql("DELETE FROM audit WHERE seq BETWEEN 9 AND 12"), 12),
        (sql("DELETE FROM audit WHERE seq > 20"), 30),
        (sql("DELETE FROM audit"), 30),
        (swap(EVERYTHING, 9, 10), 10),
        (swap("at, at_wall, body, salt, digest", 9, 20), 20),
        (sql("UPDATE audit SET at = at - 1 WHERE seq = 9"), 9),
    ],
)
def test_up_to_where_it_was_done_is_named_too(log: Database, how: Tamper, last: int) -> None:
    tamper(log.path, how)
    assert log.audit.verify().last_bad_seq == last


def test_until_when_the_log_was_good_is_told(log: Database) -> None:
    tamper(log.path, sql("DELETE FROM audit WHERE seq = 9"))
    found = log.audit.verify()
    assert (found.last_seq, found.good_until, found.rows) == (8, NOW + 7, 8)


@pytest.fixture
def mixed(open_database: OpenDatabase) -> Database:
    """Every third row is of an action that is kept shorter; up to row 21 these are pruned."""
    db = open_database()
    with db.transaction(write=True):
        for number in range(1, ROWS + 1):
            action = "sms.sent" if number % 3 == 0 else "sign_in.password"
            db.audit.append(action=action, result="ok", origin="-", actor="-", at=NOW + number, at_wall=NOW + number)
        for before in (NOW + 10, NOW + 22):
            db.audit.prune("sms.sent", before, limit=ROWS, at=NOW + 31, at_wall=NOW + 31, actor="-", origin="-")
    return db


@pytest.mark.parametrize("seq", [1, 2, 8, 20])
def test_a_row_that_is_wiped_among_pruned_ones_is_named(mixed: Database, seq: int) -> None:
    assert (mixed.audit.verify().ok, mixed.audit.verify().pruned) == (True, 7)
    tamper(mixed.path, sql(f"UPDATE audit SET body = NULL, salt = NULL WHERE seq = {seq}"))
    assert found(mixed.audit.verify()) == (Fault.WIPED, seq)


def test_of_several_rows_that_are_wiped_among_pruned_ones_the_number_is_told(mixed: Database) -> None:
    tamper(mixed.path, sql("UPDATE audit SET body = NULL, salt = NULL WHERE seq IN (1, 2, 8)"))
    verification = mixed.audit.verify()
    assert (found(verification), verification.wiped) == ((Fault.WIPED, None), 3)


def test_what_is_pruned_while_a_check_runs_is_no_fault(open_database: OpenDatabase) -> None:
    db, other = open_database(), open_database()
    lay(db, 5_000)

    def prune(done: int, _total: int) -> None:
        if done == 2_000:
            with other.transaction(write=True):
                other.audit.prune(
                    "sign_in.password", NOW + 4_000, limit=9_999, at=NOW + 9_999, at_wall=NOW, actor="-", origin="-"
                )

    check = db.audit.check()
    assert check.run(prune).pruned == 0
    with db.transaction(write=True):
        assert check.go_on().ok
    assert db.audit.verify().pruned == 3_999


def test_a_value_that_was_written_down_is_found_again(log: Database) -> None:
    value = log.audit.verify().mac
    Things(log).audit(5)
    found = log.audit.verify(expected=value[:8])
    assert (found.ok, found.expected_seq) == (True, 30)


def test_another_log_has_not_the_value_that_was_written_down(log: Database) -> None:
    assert found(log.audit.verify(expected=bytes(8))) == (Fault.UNEXPECTED, None)


def test_an_altered_row_can_still_be_listed_with_the_others(log: Database) -> None:
    tamper(log.path, sql("UPDATE audit SET body = CAST(x'ff' AS TEXT) WHERE seq = 9"))
    rows = {row.seq: row for row in log.audit_search.newest(AuditFilter(), limit=99)}
    assert [seq for seq, row in rows.items() if row.altered] == [9]
    assert rows[9].event is None
    assert rows[10].event is not None


def test_of_a_hundred_thousand_rows_the_altered_one_is_named(open_database: OpenDatabase) -> None:
    db = open_database()
    lay(db, 100_000)
    tamper(db.path, sql("UPDATE audit SET at_wall = at_wall + 1 WHERE seq = 77777"))
    told: list[int] = []
    assert found(db.audit.verify(lambda done, _: told.append(done))) == (Fault.ALTERED, 77_777)
    assert told == list(range(2_000, 77_777, 2_000))


def keep_old_head(raw: sqlite3.Connection) -> None:
    """Delete the last rows and make the database forget that there were any."""
    raw.execute("DELETE FROM audit WHERE seq > 20")
    (mac,) = raw.execute("SELECT mac FROM audit WHERE seq = 20").fetchone()
    raw.execute("UPDATE meta SET value = ? WHERE key = 'audit_head'", (f"20 {mac.hex()}",))


def test_last_rows_deleted_together_with_the_note_of_them_are_found_by_the_file_beside_the_key(log: Database) -> None:
    tamper(log.path, keep_old_head)
    assert log.audit.head_state() is HeadState.OLD_COPY
    assert found(log.audit.verify()) == (Fault.OLD_COPY, 21)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seq=st.integers(4, ROWS),
    column=st.sampled_from(["at", "at_wall", "body", "salt", "digest", "mac"]),
    value=st.one_of(st.integers(-(2**62), 2**62), st.binary(max_size=40), st.text(max_size=40)),
)
def test_no_single_change_goes_unseen(log: Database, seq: int, column: str, value: int | bytes | str) -> None:
    wanted = {"at": int, "at_wall": int, "body": str}.get(column, bytes)
    if not isinstance(value, wanted):
        return
    with closing(sqlite3.connect(log.path)) as raw:
        (before,) = raw.execute(f"SELECT {column} FROM audit WHERE seq = ?", (seq,)).fetchone()
    try:
        tamper(log.path, lambda raw: raw.execute(f"UPDATE audit SET {column} = ? WHERE seq = ?", (value, seq)))
    except (sqlite3.DataError, UnicodeEncodeError):
        return
    assert log.audit.verify().ok is (value == before)
    tamper(log.path, lambda raw: raw.execute(f"UPDATE audit SET {column} = ? WHERE seq = ?", (before, seq)))
    assert log.audit.verify().ok


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit WHERE seq = 9",
        "UPDATE audit SET body = 'x' WHERE seq = 9",
        "UPDATE audit SET body = NULL, salt = NULL, at = 1 WHERE seq = 9",
        "UPDATE audit SET body = NULL, salt = NULL, mac = zeroblob(32) WHERE seq = 9",
        "UPDATE audit SET seq = 99, body = NULL, salt = NULL WHERE seq = 9",
        "INSERT INTO audit VALUES (9, 1, 1, 'x', x'00', zeroblob(32), zeroblob(32))",
        "REPLACE INTO audit VALUES (9, 1, 1, 'x', x'00', zeroblob(32), zeroblob(32))",
        "INSERT INTO audit SELECT * FROM audit WHERE seq = 9 ON CONFLICT (seq) DO UPDATE SET body = 'x'",
    ],
)
def test_no_statement_of_ours_can_change_the_log(log: Database, statement: str) -> None:
    with pytest.raises(ConstraintBroken), log.transaction(write=True):
        log._connection.change(statement, {})
    assert log.audit.verify().ok


def test_replace_is_stopped_also_without_recursive_triggers(log: Database) -> None:
    with closing(sqlite3.connect(log.path)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute("REPLACE INTO audit VALUES (9, 1, 1, 'x', x'00', zeroblob(32), zeroblob(32))")


def test_writing_goes_on_after_a_deletion_and_the_hole_stays_to_be_seen(log: Database) -> None:
    tamper(log.path, sql("DELETE FROM audit WHERE seq > 20"))
    Things(log).audit(2)
    assert [row.seq for row in log.audit.rows(after=19)] == [20, 31, 32]
    assert found(log.audit.verify()) == (Fault.MISSING_MIDDLE, 21)


def test_the_check_reads_the_log_piece_by_piece(open_database: OpenDatabase) -> None:
    db = open_database()
    Things(db).audit(12_000)
    tracemalloc.start()
    assert db.audit.verify().ok
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


class Site:
    """A database that can be put back to what it was, as from a back-up, while the head beside the key stays."""

    def __init__(self, path: Path, vault: FileVault, head: AuditHeadFile) -> None:
        self._path, self._vault, self._head = path, vault, head

    def open(self) -> Database:
        return Database.open(self._path, self._vault, self._head, now=NOW)

    def write(self, rows: int) -> None:
        with self.open() as db:
            Things(db).audit(rows)

    def keep(self, name: str) -> None:
        shutil.copyfile(self._path, self._path.with_name(name))

    def put_back(self, name: str) -> None:
        shutil.copyfile(self._path.with_name(name), self._path)

    def after_old_copy(self) -> None:
        self.write(5)
        self.keep("old")
        self.write(5)
        self.put_back("old")


@pytest.fixture
def site(path: Path, vault: FileVault, head: AuditHeadFile) -> Site:
    return Site(path, vault, head)


def test_an_old_copy_is_seen_before_and_after_it_was_written_to(site: Site, head: AuditHeadFile) -> None:
    site.after_old_copy()
    with site.open() as db:
        assert db.audit.head_state() is HeadState.OLD_COPY
        assert found(db.audit.verify()) == (Fault.OLD_COPY, 6)
    site.write(50)
    with site.open() as db:
        assert db.audit.head_state() is HeadState.OLD_COPY
        assert found(db.audit.verify()) == (Fault.OLD_COPY, 10)
    kept = head.load()
    assert kept is not None
    assert kept[0] == 10


def test_after_the_rules_of_a_restore_the_log_goes_on_above_every_number(site: Site) -> None:
    site.after_old_copy()
    with site.open() as db:
        db.apply_restore_rules(NOW, 0)
        Things(db).audit()
        assert [row.seq for row in db.audit.rows()] == [1, 2, 3, 4, 5, 11, 12]
        assert db.audit.head_state() is HeadState.CURRENT
        verification = db.audit.verify()
    assert (verification.ok, verification.restored_at, verification.lost) == (True, (11,), ((6, 10),))


def test_a_restore_that_was_rolled_back_leaves_the_head_alone(site: Site, head: AuditHeadFile) -> None:
    site.after_old_copy()
    with site.open() as db:
        with pytest.raises(KeyError), db.transaction(write=True):  # noqa: PT012  the block is what is tested
            db.apply_restore_rules(NOW, 0)
            raise KeyError
        Things(db).audit(20)
        assert db.audit.head_state() is HeadState.OLD_COPY
    kept = head.load()
    assert kept is not None
    assert kept[0] == 10


def test_a_second_restore_of_the_same_copy_is_seen_too(site: Site) -> None:
    site.after_old_copy()
    with site.open() as db:
        db.apply_restore_rules(NOW, 0)
    site.put_back("old")
    with site.open() as db:
        assert db.audit.head_state() is HeadState.OLD_COPY
        db.apply_restore_rules(NOW, 0)
        assert [row.seq for row in db.audit.rows(after=5)] == [12]
        assert db.audit.verify().ok


def test_a_row_deleted_after_a_restore_is_seen(site: Site, path: Path) -> None:
    site.after_old_copy()
    with site.open() as db:
        db.apply_restore_rules(NOW, 0)
        Things(db).audit()
        tamper(path, sql("DELETE FROM audit WHERE seq = 11"))
        assert found(db.audit.verify()) == (Fault.MISSING_MIDDLE, 6)


def test_a_new_empty_database_in_the_place_of_the_old_is_seen(site: Site, path: Path) -> None:
    site.write(3)
    for file in path.parent.iterdir():
        file.unlink()
    with site.open() as db:
        assert db.audit.head_state() is HeadState.OLD_COPY
        assert found(db.audit.verify()) == (Fault.MISSING_ALL, 1)
        db.apply_restore_rules(NOW, 0)
        assert db.audit.verify().ok
