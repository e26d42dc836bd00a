from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.world import World
from tests.kiosk.yubikey.desk_with_keys import KeyDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[KeyDesk]:
    """A desk with a person who has a phone and no key yet."""
    world = World.make(tmp_path)
    world.modem()
    world.person()
    world.give_backup_code()
    try:
        yield KeyDesk(world)
    finally:
        world.close()
