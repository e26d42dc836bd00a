"""A site whose log holds a day of work."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kiosk.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World.make(tmp_path)) as made:
        yield made


@pytest.fixture
def busy(world: World) -> World:
    """Two people, of whom one signed in by SMS, and a name that does not exist: 9 rows or more."""
    modem = world.modem()
    world.person("jan")
    world.person("piet", phone=None, app=True)
    world.attempt("fout", name="jan")
    world.attempt("fout", name="niemand")
    sign_in = world.begun("jan")
    code = world.code_of_queued()
    world.transmit(modem)
    sign_in.answer(code)
    return world
