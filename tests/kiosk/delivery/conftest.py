from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kiosk.delivery.house import House, TestClock
from tests.kiosk.delivery.processes import Process, Start
from tests.kiosk.delivery.stage import Stage

NOW = 1_795_000_000_000  # 18 November 2026


@pytest.fixture
def still(tmp_path: Path) -> Iterator[House]:
    """A house whose clock stands still until the test turns it; modems are rows that the test writes."""
    house = House.make(tmp_path, clock=TestClock(fixed=NOW))
    yield house
    house.close()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A house with simulated modems, on the machine's clock."""
    stage = Stage(House.make(tmp_path))
    yield stage
    stage.close()


@pytest.fixture
def start(stage: Stage) -> Iterator[Start]:
    """Starts dispatchers in processes of their own, on the modems of the stage."""
    processes: list[Process] = []

    def one(*options: str, patience: float = 10) -> Process:
        processes.append(Process(stage, *options, patience=patience))
        processes[-1].until_started()
        return processes[-1]

    yield one
    for process in processes:
        process.end()
