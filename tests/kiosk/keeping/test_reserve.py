"""The reserve for a full disk: kept while there is room, let go of when there is none, made again."""

import logging
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from kiosk.desk import RESERVE_AFTER_MS, Desk
from kiosk.keeping import reserve
from kiosk.keeping.reserve import LOW_BYTES, RESERVE_BYTES, Reserve
from tests.kiosk.terminal import FACTS, Terminal
from tests.kiosk.world import World

GIGABYTE = 10**9


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The disk as it has so much left, in bytes."""

    def has(free: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(GIGABYTE, GIGABYTE - free, free))

    return has


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kiosk.db.reserve"


def test_it_takes_real_room_while_there_is_plenty(path: Path, disk: Callable[[int], None]) -> None:
    disk(GIGABYTE // 2)
    Reserve(path).look()

    found = path.stat()
    assert (found.st_size, found.st_mode & 0o777) == (RESERVE_BYTES, 0o600)
    assert found.st_blocks * 512 >= RESERVE_BYTES


def test_a_full_disk_gets_it_and_it_is_made_again_when_there_is_room(
    path: Path, disk: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    kept = Reserve(path)
    disk(GIGABYTE // 2)
    kept.look()

    disk(LOW_BYTES)
    kept.look()
    assert path.exists()
    disk(LOW_BYTES - 1)
    kept.look()
    assert not path.exists()
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    disk(RESERVE_BYTES)
    kept.look()
    assert not path.exists()
    disk(GIGABYTE // 2)
    kept.look()
    assert path.exists()


def test_half_of_it_is_none_of_it(
    path: Path, disk: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    disk(GIGABYTE // 2)
    monkeypatch.setattr(os, "posix_fallocate", full)
    kept = Reserve(path)
    kept.look()
    kept.look()

    assert not path.exists()
    assert [record.message for record in caplog.records] == ["the reserve for a full disk: No space left on device"]


def test_a_desk_looks_after_it_once_it_has_run_for_a_while(
    tmp_path: Path, path: Path, disk: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reserve, "RESERVE_BYTES", 4096)
    disk(GIGABYTE // 2)
    with closing(World.make(tmp_path)) as world:
        terminal = Terminal.open(world)
        terminal.desk._presence.close()
        desk = Desk(world.site, FACTS, terminal.clock, reserve=Reserve(path))
        desk.poll()
        assert not path.exists()

        world.clock.at += RESERVE_AFTER_MS
        desk.poll()
        assert path.exists()
        desk._presence.close()
