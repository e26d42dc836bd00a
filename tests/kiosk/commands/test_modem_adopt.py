"""`kiosk modem adopt` on a modem that stands where another one was confirmed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hardware.simulator import SimulatedModem, SimulatedNetwork
from kiosk.commands.site import open_site
from tests.kiosk.commands.command_line import CONFIGURATION, Kiosk

ADOPT = ("modem", "adopt", "noord", "--reason", "vervangen", "--yes")
OTHER_IMEI, OTHER_ICCID = "490154203237518", "8931440400000000008"

Stand = Callable[[str, str], SimulatedModem]


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    return made


@pytest.fixture
def stand(kiosk: Kiosk) -> Iterator[Stand]:
    """stand("name", lines): another modem at the port of "noord", with these lines in its table."""
    with ExitStack() as stack:

        def put(name: str, lines: str = "") -> SimulatedModem:
            air = SimulatedNetwork()
            modem = SimulatedModem(air=air, network="20408", name=name)
            port = modem.start()
            stack.callback(air.close)
            stack.callback(modem.stop)
            kiosk.config.write_text(f'{CONFIGURATION}[modem.noord]\nport = "{port}"\n{lines}', encoding="utf-8")
            return modem

        yield put


def adopted(kiosk: Kiosk) -> tuple[str, str]:
    with open_site(kiosk.premises()) as site:
        live = site.database.adoptions.live()["noord"]
        return live.imei, live.iccid


def test_a_replacement_is_adopted(kiosk: Kiosk, stand: Stand) -> None:
    stand("first", "")
    assert kiosk.type(*ADOPT).exit_code == 0
    second = stand("second", "")
    told = kiosk.type(*ADOPT)
    assert told.exit_code == 0, told.output
    assert adopted(kiosk) == (second.imei, second.sim.iccid)


@pytest.mark.parametrize("key", ["imei", "iccid"])
def test_what_the_file_forbids_is_not_adopted_and_the_line_is_named(kiosk: Kiosk, stand: Stand, key: str) -> None:
    stand("first", f'{key} = "{ {"imei": OTHER_IMEI, "iccid": OTHER_ICCID}[key] }"\n')
    told = kiosk.type(*ADOPT)
    assert told.exit_code == 1
    assert f"een andere {key}" in told.output
    with open_site(kiosk.premises()) as site:
        assert site.database.adoptions.live() == {}


def test_adopting_a_simulated_modem_is_marked_as_that(kiosk: Kiosk, stand: Stand) -> None:
    stand("first", "")
    kiosk.type(*ADOPT)
    with open_site(kiosk.premises()) as site:
        marks = [
            row.event.simulated
            for row in site.database.audit.rows()
            if row.event and row.event.action == "modem.adopted"
        ]
    assert marks == [True]
