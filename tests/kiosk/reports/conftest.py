from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kiosk.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World.make(tmp_path)) as made:
        yield made
