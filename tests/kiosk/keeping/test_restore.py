"""Putting back: people sign in, nothing one-time becomes good again, and whenever it stops there is a whole database."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.commands.site import open_site
from kiosk.keeping.state import REHEARSED_AT, time_in_meta
from kiosk.keys import MasterKey
from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from kiosk.wall_clock import wall_ms
from tests.kiosk.commands.command_line import ROOT, Kiosk
from tests.kiosk.keeping.stopping import every_stop
from tests.kiosk.keeping.test_backup import names, small_disk
from tests.kiosk.world import BACKUP_CODE, PASSWORD, World, why

__all__ = ["small_disk"]
MakeBackup = Callable[[], Path]
MINUTE = 60_000

HOLD_IT_OPEN = """
import sys
from pathlib import Path
from kiosk.commands.site import enter
from kiosk.config import Config
with enter(Config.load(Path(sys.argv[1]))).open_database():
    print("open", flush=True)
    sys.stdin.read()
"""


def restored_desk(kiosk: Kiosk) -> World:
    """A desk on what was restored, a minute after the rules that were applied by the machine's clock."""
    return World.reopened(kiosk.directory, at=wall_ms() + MINUTE)


def put_back(kiosk: Kiosk, path: Path) -> None:
    done = kiosk.type("restore", str(path), "--reason", "test")
    assert done.exit_code == 0, done.output


def test_on_another_machine_a_person_signs_in_with_password_and_app(
    world: World, elsewhere: Kiosk, backup: MakeBackup
) -> None:
    created = world.person(phone=None, app=True)
    path = backup()

    put_back(elsewhere, path)

    with closing(restored_desk(elsewhere)) as desk:
        sign_in = desk.begun()
        assert sign_in.answer(desk.app_code(created)) == Moved(Stage.SUCCESS)


@pytest.mark.parametrize("head_is_there", [True, False])
def test_a_back_up_code_that_was_used_after_the_back_up_stays_used(
    world: World, elsewhere: Kiosk, backup: MakeBackup, head_is_there: bool
) -> None:
    world.person()
    world.give_backup_code()
    path = backup()
    sign_in = world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    assert sign_in.answer(BACKUP_CODE) == Moved(Stage.SUCCESS)
    if head_is_there:
        shutil.copy(world.site.database.path.parent / "keys" / "audit.head", elsewhere.key.parent)

    put_back(elsewhere, path)

    with closing(restored_desk(elsewhere)) as desk:
        desk.modem()
        again = desk.begun()
        again.take(MethodKind.BACKUP_CODE)
        assert not isinstance(again.answer(BACKUP_CODE), Moved)


def test_an_app_code_that_was_used_after_the_back_up_stays_used(
    world: World, elsewhere: Kiosk, backup: MakeBackup
) -> None:
    created = world.person(phone=None, app=True)
    world.clock.at = wall_ms()
    path = backup()
    code = world.app_code(created)
    assert world.begun().answer(code) == Moved(Stage.SUCCESS)

    put_back(elsewhere, path)

    with closing(World.reopened(elsewhere.directory, at=world.clock.at)) as desk:
        assert not isinstance(desk.begun().answer(code), Moved)


def test_a_one_time_password_that_was_used_after_the_back_up_stays_used(
    world: World, elsewhere: Kiosk, backup: MakeBackup
) -> None:
    world.clock.at = wall_ms()
    created = world.invite()
    path = backup()

    put_back(elsewhere, path)

    with closing(restored_desk(elsewhere)) as desk:
        assert why(desk.attempt(created.one_time_password)) == "first.one_time.expired"


def test_it_is_audited_and_the_chain_goes_on_above_every_number_that_was_given(
    world: World, kiosk: Kiosk, backup: MakeBackup
) -> None:
    world.person()
    path = backup()
    world.attempt("wrong")
    world.attempt("wrong")
    last = max(row.seq for row in world.site.database.audit.rows())
    world.close()

    put_back(kiosk, path)

    with open_site(kiosk.premises()) as site:
        rows = {row.event.action: row for row in site.database.audit.rows() if row.event}
        assert rows["storage.restored"].seq > last
        event = rows["restore.done"].event
        assert event is not None
        assert event.parameters["reason"] == "test"
        assert site.database.audit.verify().ok
        assert site.database.audit.head_state() == "current"


def test_the_database_before_it_is_kept_aside_whole(world: World, kiosk: Kiosk, backup: MakeBackup) -> None:
    path = backup()
    world.person()
    world.close()

    put_back(kiosk, path)

    [aside] = [name for name in names(kiosk.directory) if ".replaced-" in name]
    with closing(sqlite3.connect(kiosk.directory / aside)) as raw:
        assert raw.execute("SELECT count(*) FROM users").fetchone() == (1,)
    assert "j.devries" not in kiosk.type("users", "list").stdout


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b"this is no database" * 400),
        lambda path: os.truncate(path, path.stat().st_size // 2),
    ],
)
def test_it_is_put_back_when_the_database_is_lost_or_damaged(
    world: World, kiosk: Kiosk, backup: MakeBackup, harm: Callable[[Path], None]
) -> None:
    world.person()
    path = backup()
    world.close()
    harm(kiosk.database)

    put_back(kiosk, path)

    with closing(restored_desk(kiosk)) as desk:
        desk.modem()
        assert desk.begun().stage is Stage.SMS_CODE


def test_it_is_refused_while_anybody_has_the_database_open(world: World, kiosk: Kiosk, backup: MakeBackup) -> None:
    path = backup()
    world.close()
    command = [sys.executable, "-c", HOLD_IT_OPEN, str(kiosk.config)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as terminal:
        assert terminal.stdout is not None
        assert terminal.stdout.readline() == b"open\n"
        before = kiosk.database.read_bytes()
        done = kiosk.type("restore", str(path), "--reason", "test")
        assert done.exit_code == 1
        assert str(terminal.pid) in done.stderr
        assert kiosk.database.read_bytes() == before
        terminal.kill()
    put_back(kiosk, path)


def test_a_rehearsal_changes_nothing_while_people_sign_in_and_is_remembered(
    world: World, kiosk: Kiosk, backup: MakeBackup
) -> None:
    world.person()
    path = backup()
    world.give_backup_code()

    done = kiosk.type("restore", "--verify", str(path))

    assert done.exit_code == 0
    assert "1 personen" in done.stdout
    assert names(kiosk.directory) >= {"kiosk.db"}
    assert not {name for name in names(kiosk.directory) if "restoring" in name or "replaced" in name}
    assert time_in_meta(world.site.database, REHEARSED_AT) is not None
    sign_in = world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    assert sign_in.answer(BACKUP_CODE) == Moved(Stage.SUCCESS)


@pytest.mark.parametrize("verify", [("--verify",), ("--reason", "test")])
def test_a_damaged_back_up_changes_nothing(
    world: World, kiosk: Kiosk, backup: MakeBackup, verify: tuple[str, ...]
) -> None:
    path = backup()
    world.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    before = kiosk.database.read_bytes()

    done = kiosk.type("restore", str(path), *verify)

    assert done.exit_code == 1
    assert "geen hele back-up" in done.stderr
    assert kiosk.database.read_bytes() == before


def test_without_its_key_it_is_told_which_key_is_missing(elsewhere: Kiosk, backup: MakeBackup, world: World) -> None:
    path = backup()
    elsewhere.key.unlink()
    MasterKey.create(elsewhere.key)

    done = elsewhere.type("restore", str(path), "--reason", "test")

    assert done.exit_code == 1
    assert world.site.vault.key_id in done.stderr
    assert not elsewhere.database.exists()


def test_a_log_that_was_altered_before_the_back_up_is_found_by_the_rehearsal(
    world: World, kiosk: Kiosk, backup: MakeBackup
) -> None:
    world.person()
    with closing(sqlite3.connect(kiosk.database)) as raw, raw:
        raw.executescript("DROP TRIGGER audit_only_wiped; UPDATE audit SET at = at + 1 WHERE seq = 1")
    path = backup()

    done = kiosk.type("restore", "--verify", str(path))

    assert done.exit_code == 1
    assert "logboek" in done.stderr


def test_a_restore_without_a_reason_is_refused(kiosk: Kiosk, backup: MakeBackup) -> None:
    assert kiosk.type("restore", str(backup())).exit_code == 2


def test_wherever_it_is_killed_there_is_a_whole_database_and_nothing_one_time_is_good_again(
    world: World, kiosk: Kiosk, backup: MakeBackup
) -> None:
    world.person()
    world.give_backup_code()
    path = backup()
    sign_in = world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    assert sign_in.answer(BACKUP_CODE) == Moved(Stage.SUCCESS)
    used = next(row["code_hash"] for row in world.table("backup_codes") if row["state"] == "used")
    world.close()
    stops = 0
    for number in every_stop("restore", str(path), "--reason", "test", "--config", str(kiosk.config)):
        stops = number
        assert kiosk.type("users", "list").exit_code == 0
        with open_site(kiosk.premises()) as site:
            rows = site.database._connection.rows("SELECT code_hash, state FROM backup_codes")
            assert used not in {row["code_hash"] for row in rows if row["state"] in {"issued", "confirmed"}}
            assert site.database.audit.verify().ok

    assert stops > 10
    assert not {name for name in names(kiosk.directory) if "restoring" in name}
    with closing(restored_desk(kiosk)) as desk:
        desk.modem()
        again = desk.begun(password=PASSWORD)
        again.take(MethodKind.BACKUP_CODE)
        assert not isinstance(again.answer(BACKUP_CODE), Moved)


def test_a_full_disk_is_told_and_leaves_the_database(
    world: World, kiosk: Kiosk, backup: MakeBackup, small_disk: Path
) -> None:
    world.person()
    path = backup()
    world.close()
    here = Kiosk(small_disk)
    shutil.copytree(kiosk.directory, small_disk, dirs_exist_ok=True)
    (small_disk / "rest").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 100_000))
    before = here.database.read_bytes()

    done = here.type("restore", str(path), "--reason", "test")

    assert done.exit_code == 1
    assert "ENOSPC" in done.stderr
    assert here.database.read_bytes() == before
    assert "kiosk.db.restoring" not in names(small_disk)
