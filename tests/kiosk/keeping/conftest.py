"""A kiosk with a person on real files, and where its back-ups go."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kiosk.commands.command_line import CONFIGURATION, Kiosk
from tests.kiosk.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk; its files are those of `kiosk`."""
    directory = tmp_path / "here"
    directory.mkdir()
    made = World.make(directory)
    yield made
    made.close()


@pytest.fixture
def kiosk(world: World) -> Kiosk:
    """The same as seen by commands."""
    made = Kiosk(world.site.database.path.parent)
    made.config.write_text(CONFIGURATION, encoding="utf-8")
    return made


@pytest.fixture
def elsewhere(tmp_path: Path, kiosk: Kiosk) -> Kiosk:
    """Another machine that has the key, and nothing else."""
    made = Kiosk(tmp_path / "elsewhere")
    made.key.parent.mkdir(mode=0o700, parents=True)
    made.key.touch(mode=0o600)
    made.key.write_bytes(kiosk.key.read_bytes())
    made.config.write_text(CONFIGURATION, encoding="utf-8")
    return made


@pytest.fixture
def backup(kiosk: Kiosk, tmp_path: Path) -> Callable[[], Path]:
    """Makes a back-up with the command."""
    made = 0

    def make() -> Path:
        nonlocal made
        made += 1
        path = tmp_path / f"{made}.backup"
        done = kiosk.type("backup", str(path))
        assert done.exit_code == 0, done.output
        return path

    return make
