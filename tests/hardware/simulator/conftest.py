import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hardware.simulator import Profile, SimulatedModem, SimulatedNetwork, SimulatedPhone
from tests.hardware.simulator.client import NUMBER, Client

CHECKOUT = Path(__file__).parents[3]

MakeModem = Callable[..., SimulatedModem]


@pytest.fixture
def air() -> Iterator[SimulatedNetwork]:
    network = SimulatedNetwork()
    yield network
    network.close()


@pytest.fixture
def phone(air: SimulatedNetwork) -> SimulatedPhone:
    return air.phone(NUMBER)


@pytest.fixture
def make_modem(air: SimulatedNetwork, tmp_path: Path) -> Iterator[MakeModem]:
    """Make and start modems; all are stopped at the end."""
    made: list[SimulatedModem] = []

    def make(profile: str | Profile = "quectel_ec25", **options: Any) -> SimulatedModem:
        modem = SimulatedModem(profile, **{"air": air, "directory": tmp_path, "name": f"modem{len(made)}", **options})
        made.append(modem)
        modem.start()
        return modem

    yield make
    for modem in made:
        modem.stop()


@pytest.fixture
def modem(make_modem: MakeModem, phone: SimulatedPhone) -> SimulatedModem:
    return make_modem()


@pytest.fixture
def client(modem: SimulatedModem) -> Iterator[Client]:
    with Client(modem.port) as opened:
        yield opened


def vectors(name: str) -> list[dict[str, Any]]:
    """Recorded answers and PDUs of real modems, where they are present."""
    directory = Path(os.environ.get("KIOSK_VECTORS", CHECKOUT.parent / "shared" / "vectors"))
    path = directory / f"{name}.json"
    if not path.exists():
        return []
    found: list[dict[str, Any]] = json.loads(path.read_text())["vectors"]
    return found
