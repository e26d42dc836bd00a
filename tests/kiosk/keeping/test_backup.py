"""Back-ups: sealed, whole or not there, made while people sign in."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.keeping.backup import Backups
from kiosk.keeping.errors import BackupDamaged, BackupForeign, NotWritten
from kiosk.keeping.sealed_file import FRAME_BYTES, read_sealed, write_sealed
from kiosk.keeping.state import BACKUP_AT, time_in_meta
from kiosk.keys import MasterKey
from kiosk.vault import FileVault
from tests.kiosk.commands.command_line import Kiosk
from tests.kiosk.keeping.stopping import every_stop
from tests.kiosk.world import World

VAULT = FileVault(MasterKey(bytes(range(32))))
MakeBackup = Callable[[], Path]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("needs to be root and allowed to mount; type: sudo make test")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def rows_of(database: Path, sql: str) -> list[tuple[int]]:
    with closing(sqlite3.connect(database)) as raw:
        return raw.execute(sql).fetchall()


def test_only_the_owner_may_read_it_and_nothing_of_it_is_in_clear(world: World, backup: MakeBackup) -> None:
    world.person()

    path = backup()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    assert b"SQLite" not in content
    assert b"j.devries" not in content.lower()


def test_it_is_audited_and_its_time_is_remembered(world: World, kiosk: Kiosk, backup: MakeBackup) -> None:
    backup()

    [row] = [row.event for row in world.site.database.audit.rows() if row.event and row.event.action == "backup.made"]
    assert row.actor is not None
    assert row.actor.startswith("unix:")
    with kiosk.premises().open_database() as database:
        assert time_in_meta(database, BACKUP_AT) is not None


def test_the_manifest_says_what_is_in_it(world: World, kiosk: Kiosk, tmp_path: Path) -> None:
    world.person()

    manifest = json.loads(kiosk.type("backup", str(tmp_path / "one"), "--json").stdout)

    assert manifest["site"] == "Receptie Noord"
    assert manifest["rows"]["users"] == 1
    assert manifest["key_id"] == world.site.vault.key_id
    assert manifest["audit_seq"] == manifest["rows"]["audit"]


def test_a_file_that_is_there_is_never_replaced(kiosk: Kiosk, backup: MakeBackup) -> None:
    path = backup()
    before = path.read_bytes()

    done = kiosk.type("backup", str(path))

    assert (done.exit_code, "bestaat al" in done.stderr) == (1, True)
    assert path.read_bytes() == before


def test_a_directory_that_is_not_there_is_not_made(kiosk: Kiosk, tmp_path: Path) -> None:
    done = kiosk.type("backup", str(tmp_path / "stick" / "one"))

    assert done.exit_code == 1
    assert "Sluit het medium aan" in done.stderr
    assert not (tmp_path / "stick").exists()


def test_people_sign_in_while_it_is_made(world: World, kiosk: Kiosk, tmp_path: Path) -> None:
    world.person(app=True)
    ended = threading.Event()
    signed_in: list[int] = []

    def sign_in_all_the_time() -> None:
        with closing(World.reopened(kiosk.directory, at=world.clock.at)) as desk:
            while not ended.is_set():
                signed_in.append(1)
                assert desk.begun().stage.name == "TOTP"

    desk = threading.Thread(target=sign_in_all_the_time)
    desk.start()
    try:
        made = [kiosk.type("backup", str(tmp_path / f"{n}.backup")).exit_code for n in range(5)]
    finally:
        ended.set()
        desk.join()

    assert made == [0] * 5
    assert len(signed_in) > 5
    assert [kiosk.type("restore", "--verify", str(tmp_path / f"{n}.backup")).exit_code for n in range(5)] == [0] * 5


def test_wherever_it_is_killed_there_is_a_whole_one_or_none_and_the_next_one_works(
    kiosk: Kiosk, tmp_path: Path
) -> None:
    directory = tmp_path / "stick"
    directory.mkdir()
    path = directory / "one.backup"
    stops = 0
    for _ in every_stop(
        "backup", str(path), "--config", str(kiosk.config), before=lambda: path.unlink(missing_ok=True)
    ):
        stops += 1
        if path.exists():
            assert kiosk.type("restore", "--verify", str(path)).exit_code == 0

    assert stops > 5
    assert names(directory) == {"one.backup"}
    assert not {name for name in names(kiosk.directory) if name.startswith("kiosk.db.backup")}
    assert kiosk.type("restore", "--verify", str(path)).exit_code == 0


def test_a_full_medium_is_told_and_nothing_is_left_on_it(kiosk: Kiosk, small_disk: Path) -> None:
    (small_disk / "rest").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 100_000))

    done = kiosk.type("backup", str(small_disk / "one.backup"))

    assert done.exit_code == 1
    assert "ENOSPC" in done.stderr
    assert names(small_disk) == {"rest"}
    assert kiosk.type("users", "list").exit_code == 0


def test_a_damaged_database_is_not_backed_up(world: World, kiosk: Kiosk, tmp_path: Path) -> None:
    world.close()
    # One that nothing reads at a start.
    [[page]] = rows_of(kiosk.database, "SELECT rootpage FROM sqlite_master WHERE name = 'loop_tests'")
    with kiosk.database.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)

    done = kiosk.type("backup", str(tmp_path / "one"))

    assert done.exit_code == 1
    assert "beschadigd" in done.stderr
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize("size", [0, 1, FRAME_BYTES - 1, FRAME_BYTES])
def test_frames_come_back_as_they_were_sealed(tmp_path: Path, size: int) -> None:
    frames = [b"first", os.urandom(size), b"last"]
    write_sealed(tmp_path / "sealed", VAULT, iter(frames))
    assert list(read_sealed(tmp_path / "sealed", VAULT)) == frames


def test_every_cut_and_every_flipped_bit_is_found(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    write_sealed(path, VAULT, iter([b"first", b"second"]))
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place])
        with pytest.raises(BackupDamaged):
            list(read_sealed(path, VAULT))
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises((BackupDamaged, BackupForeign)):
            list(read_sealed(path, VAULT))
    path.write_bytes(whole + b"\0\0\0\x10" + bytes(16))
    with pytest.raises(BackupDamaged):
        list(read_sealed(path, VAULT))


def test_frames_that_change_places_are_found(tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    write_sealed(path, VAULT, iter([b"one", b"two", b"end"]))
    header, frame = 36, 4 + 3 + 16
    whole = path.read_bytes()
    first, second = whole[header : header + frame], whole[header + frame : header + 2 * frame]
    path.write_bytes(whole[:header] + second + first + whole[header + 2 * frame :])
    with pytest.raises(BackupDamaged):
        list(read_sealed(path, VAULT))


def test_a_back_up_of_another_key_names_it(tmp_path: Path) -> None:
    write_sealed(tmp_path / "sealed", VAULT, iter([b"one"]))
    with pytest.raises(BackupForeign) as caught:
        list(read_sealed(tmp_path / "sealed", FileVault(MasterKey(bytes(32)))))
    assert caught.value.key_id == VAULT.key_id


def test_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotWritten) as caught:
        write_sealed(tmp_path / "no" / "sealed", VAULT, iter([b"one"]))
    assert caught.value.reason == "ENOENT"


def test_a_medium_that_keeps_something_else_is_found_at_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = world.site.database
    vault = world.site.vault
    assert isinstance(vault, FileVault)

    def forgetful(path: Path, keys: FileVault, frames: Iterator[bytes]) -> None:
        write_sealed(path, keys, iter([next(iter(frames)), b"something else"]))

    monkeypatch.setattr("kiosk.keeping.backup.write_sealed", forgetful)
    backups = Backups(database, vault, world.trail, site="site", clock=world.clock)
    with pytest.raises(Exception, match="does not keep"):
        backups.make(tmp_path / "one")
    assert not (tmp_path / "one").exists()
    assert database.meta.get(BACKUP_AT) is None
