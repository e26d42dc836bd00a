from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.simulator import SimulatedNetwork
from tests.hardware.modem.scripted import ScriptedModem


@pytest.fixture
def scripted() -> Iterator[ScriptedModem]:
    with ScriptedModem() as modem:
        yield modem


@pytest.fixture
def air() -> SimulatedNetwork:
    return SimulatedNetwork()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Where refused PINs are remembered."""
    return tmp_path / "state"
