"""One desk with two modems on two networks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk with a KPN and a Vodafone modem."""
    made = World.make(tmp_path)
    made.modem("noord", "20408")
    made.modem("zuid", "20404")
    yield made
    made.close()
