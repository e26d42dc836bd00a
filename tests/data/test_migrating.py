import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.database import Database
from data.errors import DatabaseUnavailable, SchemaTooNew, StatementFailed
from data.schema import MIGRATIONS, m0010_roaming
from data.schema.migrating import Migration
from kiosk.vault import FileVault
from tests.data.killing import ROOT
from tests.data.things import NOW, Things


@dataclass
class Step:
    NAME: str
    SQL: str


NEXT = Step(
    "9005_next", "ALTER TABLE users ADD COLUMN shoe_size INTEGER; CREATE TABLE shoes (id TEXT PRIMARY KEY) STRICT;"
)

KILLED_HALF_WAY = """
import os, signal, sys
from pathlib import Path
from data.database import Database
from data.schema import MIGRATIONS, m0010_roaming
from kiosk.keys import MasterKey
from kiosk.vault import FileVault
from tests.data.test_migrating import NEXT

class Killed:
    NAME = "9006_killed"
    @property
    def SQL(self):
        os.kill(os.getpid(), signal.SIGKILL)

Database.open(Path(sys.argv[1]), FileVault(MasterKey(bytes(range(32)))), now=1, migrations=[*MIGRATIONS, NEXT, Killed()])
"""


def migrated(path: Path, vault: FileVault, steps: Sequence[Migration]) -> Database:
    return Database.open(path, vault, now=NOW, migrations=[*MIGRATIONS, *steps])


def copies(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir() if ".before-" in file.name)


def columns(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as raw:
        return {row[1] for row in raw.execute("PRAGMA table_info(users)")}


@pytest.fixture
def user_name(path: Path, vault: FileVault) -> str:
    """Somebody in a database of the schema of today, closed."""
    with Database.open(path, vault, now=NOW) as db:
        return Things(db).user("anna").name


def test_a_new_database_and_one_that_is_up_to_date_leave_no_copy(path: Path, vault: FileVault) -> None:
    for _ in range(2):
        Database.open(path, vault, now=NOW).close()
    assert copies(path) == []


def test_what_is_there_is_kept_and_copied_before_it_is_migrated(path: Path, vault: FileVault, user_name: str) -> None:
    with migrated(path, vault, [NEXT]) as db:
        assert db.users.by_name(user_name) is not None
    assert "shoe_size" in columns(path)
    [copy] = copies(path)
    assert copy == "kiosk.db.before-9005"
    assert "shoe_size" not in columns(path.with_name(copy))
    assert stat.S_IMODE(path.with_name(copy).stat().st_mode) == 0o600
    with closing(sqlite3.connect(path.with_name(copy))) as raw:
        assert raw.execute("SELECT name FROM users").fetchall() == [("anna",)]
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_copy_holds_what_another_process_has_only_in_its_log(path: Path, vault: FileVault) -> None:
    with Database.open(path, vault, now=NOW) as running:
        Things(running).user("bert")
        migrated(path, vault, [NEXT]).close()
        with closing(sqlite3.connect(path.with_name("kiosk.db.before-9005"))) as raw:
            assert raw.execute("SELECT name FROM users").fetchall() == [("bert",)]


@pytest.mark.usefixtures("user_name")
def test_the_last_two_copies_are_kept(path: Path, vault: FileVault) -> None:
    steps = [Step(f"{number:04d}_step", f"CREATE TABLE t{number} (a TEXT) STRICT") for number in range(9005, 9009)]
    for count in range(1, 5):
        migrated(path, vault, steps[:count]).close()
    assert copies(path) == ["kiosk.db.before-9007", "kiosk.db.before-9008"]


@pytest.mark.usefixtures("user_name")
def test_a_migration_that_fails_keeps_nothing_of_itself_nor_of_the_ones_before_it(path: Path, vault: FileVault) -> None:
    with pytest.raises(StatementFailed):
        migrated(path, vault, [NEXT, Step("9006_wrong", "CREATE TABLE shoes (id TEXT)")])
    assert "shoe_size" not in columns(path)
    with migrated(path, vault, [NEXT]) as db:
        assert db.users.count() == 1


def test_a_migration_killed_half_way_is_done_again(path: Path, vault: FileVault, user_name: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_HALF_WAY, str(path)], cwd=ROOT, check=False)
    assert killed.returncode < 0
    assert "shoe_size" not in columns(path)
    with migrated(path, vault, [NEXT, Step("9006_killed", "CREATE TABLE laces (id TEXT) STRICT")]) as db:
        assert db.users.by_name(user_name) is not None
    assert "shoe_size" in columns(path)
    assert copies(path) == ["kiosk.db.before-9005"]


def test_a_first_start_killed_half_way_is_done_again(path: Path, vault: FileVault) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED_HALF_WAY, str(path)], cwd=ROOT, check=False)
    assert killed.returncode < 0
    with Database.open(path, vault, now=NOW) as db:
        assert db.users.count() == 0


@pytest.mark.usefixtures("user_name")
def test_a_newer_schema_is_refused_and_stays_as_it_is(path: Path, vault: FileVault) -> None:
    migrated(path, vault, [NEXT, Step("9007_later", "CREATE TABLE later (a TEXT) STRICT")]).close()
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew) as caught:
        Database.open(path, vault, now=NOW)
    assert (caught.value.found, caught.value.known) == (9007, int(MIGRATIONS[-1].NAME[:4]))
    assert path.read_bytes() == before


@pytest.mark.usefixtures("user_name")
def test_rebuilding_the_audit_table_does_not_lose_its_triggers(path: Path, vault: FileVault) -> None:
    rebuild = """CREATE TABLE audit_new AS SELECT * FROM audit; DROP TABLE audit;
        CREATE TABLE audit (seq INTEGER PRIMARY KEY, at INTEGER, at_wall INTEGER, body TEXT, salt BLOB, digest BLOB,
        mac BLOB) STRICT; INSERT INTO audit SELECT * FROM audit_new; DROP TABLE audit_new"""
    with migrated(path, vault, [Step("9005_rebuild", rebuild)]) as db:
        triggers = db._connection.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        assert len(triggers) == 3
        assert list(db.audit.rows()) == []


@pytest.mark.usefixtures("user_name")
def test_without_room_for_the_copy_nothing_is_migrated(
    path: Path, vault: FileVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("data.opening.os.fsync", full)
    with pytest.raises(DatabaseUnavailable) as caught:
        migrated(path, vault, [NEXT])
    assert caught.value.reason == "disk_full"
    assert "shoe_size" not in columns(path)
    assert copies(path) == []


def test_tries_from_before_their_sims_were_kept_count_for_their_modem(path: Path, vault: FileVault) -> None:
    before = [one for one in MIGRATIONS if one.NAME < "0009"]
    with Database.open(path, vault, now=NOW, migrations=[*before, m0010_roaming]) as old:
        things = Things(old)
        modem, message = things.modem(), things.message()
        with closing(sqlite3.connect(path)) as raw, raw:
            # As the journal of that schema did.
            raw.execute(
                "INSERT INTO transmissions (id, message_id, modem_id, state, started_at) VALUES (?, ?, ?, 'sent', ?)",
                ("t" * 26, message.id, modem.id, NOW),
            )
    with Database.open(path, vault, now=NOW) as db:
        assert [one.iccid for one in db.transmissions.of_message(message.id)] == [None]
        assert db.transmissions.per_sim(modem.id, modem.iccid, NOW) == 1


def test_people_from_before_there_were_blocks_are_found_also_without_marks(path: Path, vault: FileVault) -> None:
    before = [one for one in MIGRATIONS if one.NAME < "0021"]
    Database.open(path, vault, now=NOW, migrations=before).close()
    people = [("müller", "Jan Möller", None), ("anna", "Anna", None), ("", "", NOW), ("wacht", "Müller", 0)]
    with closing(sqlite3.connect(path)) as raw, raw:
        for number, (name, shown, deleted_at) in enumerate(people):
            raw.execute(
                """INSERT INTO users (id, name, name_key, display_name, display_key, role, language, state, password_state,
                    created_at, deleted_at) VALUES (?, ?, ?, ?, ?, 'staff', 'nl', 'active', 'own', 0, ?)""",
                (f"{number:026d}", name, name or "deleted", shown, shown.casefold(), deleted_at),
            )
    with Database.open(path, vault, now=NOW) as db:
        assert [user.name for user in db.users.all(search="muller")] == ["müller"]
        assert [user.name for user in db.users.all(search="Moller")] == ["müller"]
        assert [user.name for user in db.users.all(search="n")] == ["anna", "müller"]
        assert db.users.count() == 2
