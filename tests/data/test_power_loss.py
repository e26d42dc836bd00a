"""The power goes while codes are consumed; `power_loss.c` keeps what a disk must have kept."""

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from data.audit_check import HeadState
from tests.data.consumer import open_database, prepare
from tests.data.killing import assert_whole, consume_and_kill, consumed

CODES = 60
SOURCE = Path(__file__).with_name("power_loss.c")

Crash = Callable[..., tuple[list[str], list[str], Path]]


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler; type: apt-get install gcc libc6-dev")
    library = tmp_path_factory.mktemp("shim") / "power_loss.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def keep_all(directory: Path, disk: Path) -> None:
    """What lies in the directory before the test is on the disk."""
    for file in directory.iterdir():
        inode = str(file.stat().st_ino)
        shutil.copyfile(file, disk / f"inode-{inode}")
        (disk / f"name-{file.name}").write_text(inode)


def directory_after(disk: Path, directory: Path) -> Path:
    """What the machine finds when the power is back."""
    directory.mkdir()
    for name in disk.glob("name-*"):
        inode = disk / f"inode-{name.read_text()}"
        target = directory / name.name.removeprefix("name-")
        target.write_bytes(inode.read_bytes() if inode.exists() else b"")
        target.chmod(0o600)
    return directory


@pytest.fixture
def lose_power(shim: Path, tmp_path: Path) -> Crash:
    def lose_power(after: int, *pragmas: str) -> tuple[list[str], list[str], Path]:
        """All codes, those that were told to be consumed, and the directory that is left."""
        directory, disk = tmp_path / "before", tmp_path / "disk"
        directory.mkdir()
        disk.mkdir()
        challenges = prepare(directory, CODES)
        keep_all(directory, disk)
        environment = {
            "LD_PRELOAD": str(shim),
            "POWER_LOSS_DIRECTORY": str(directory.resolve()),
            "POWER_LOSS_DISK": str(disk),
        }
        told = consume_and_kill(directory, after, pragmas=pragmas, environment=environment)
        return challenges, told, directory_after(disk, tmp_path / "after")

    return lose_power


@pytest.mark.parametrize("seed", range(4))
def test_power_loss_brings_no_consumed_code_back(lose_power: Crash, seed: int) -> None:
    challenges, told, directory = lose_power(random.Random(seed).randrange(1, CODES))
    with open_database(directory) as db:
        assert told
        assert set(told) <= consumed(db, challenges)
        assert_whole(db, challenges)


def test_the_simulated_power_loss_would_catch_a_database_that_is_not_synced(lose_power: Crash) -> None:
    challenges, told, directory = lose_power(CODES, "synchronous=NORMAL", "wal_autocheckpoint=0")
    with open_database(directory) as db:
        assert len(told) == CODES
        assert consumed(db, challenges) == set()
        # And the file beside the key, which is synced, knows that this is not what it was.
        assert db.audit.head_state() is HeadState.OLD_COPY


def test_power_loss_right_after_the_first_start_leaves_a_database_that_opens(shim: Path, tmp_path: Path) -> None:
    directory, disk = tmp_path / "before", tmp_path / "disk"
    directory.mkdir()
    disk.mkdir()
    (directory / "wanted").write_text("")
    consume_and_kill(
        directory,
        after=1,
        environment={
            "LD_PRELOAD": str(shim),
            "POWER_LOSS_DIRECTORY": str(directory.resolve()),
            "POWER_LOSS_DISK": str(disk),
        },
    )
    with open_database(directory_after(disk, tmp_path / "after")) as db:
        assert db.users.count() == 0
        assert db.audit.verify().ok
