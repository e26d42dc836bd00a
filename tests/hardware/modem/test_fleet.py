import time
from pathlib import Path

import pytest

from hardware.modem.fleet import Fleet
from hardware.modem.jobs import Sent
from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.settings import ModemSettings
from hardware.modem.status import ModemState
from hardware.serial_line import SerialLine
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import QUICK, Harness


def test_every_modem_has_its_owner_and_sends_over_its_own_network(air: SimulatedNetwork, state: Path) -> None:
    with (
        SimulatedModem(air=air, name="noord", network="20408") as noord,
        SimulatedModem("sim800", air=air, name="zuid", network="20404") as zuid,
    ):
        seen: dict[str, ModemState] = {}
        fleet = Fleet(
            [
                ModemSettings(name="noord", port=noord.port, pace=QUICK),
                ModemSettings(name="zuid", port=zuid.port, pace=QUICK),
            ],
            opener=SerialLine,
            on_status=lambda status: seen.__setitem__(status.name, status.state),
            on_report=lambda name, report: None,
            on_late=lambda name, reference: None,
            refused_pins=RefusedPinsFile(state),
        )
        jobs = Harness(noord.port, state)
        fleet.start()
        results = [fleet.submit(name, jobs.job()).result(10) for name in ("noord", "zuid")]
        assert all(isinstance(result, Sent) for result in results)
        assert [sms.network for sms in air.accepted] == ["20408", "20404"]
        assert {name: status.network for name, status in fleet.statuses().items()} == {
            "noord": "20408",
            "zuid": "20404",
        }
        with pytest.raises(KeyError):
            fleet.submit("west", jobs.job())
        started = time.monotonic()
        assert fleet.stop(1.0)
        assert time.monotonic() - started < 2
        assert seen == {"noord": ModemState.DOWN, "zuid": ModemState.DOWN}


def test_a_missing_modem_does_not_hold_up_the_other(air: SimulatedNetwork, state: Path, tmp_path: Path) -> None:
    with SimulatedModem(air=air) as modem:
        fleet = Fleet(
            [
                ModemSettings(name="weg", port=str(tmp_path / "none"), pace=QUICK),
                ModemSettings(name="noord", port=modem.port, pace=QUICK),
            ],
            opener=SerialLine,
            on_status=lambda status: None,
            on_report=lambda name, report: None,
            on_late=lambda name, reference: None,
            refused_pins=RefusedPinsFile(state),
        )
        fleet.start()
        assert isinstance(fleet.submit("noord", Harness(modem.port, state).job()).result(10), Sent)
        fleet.wake()
        assert fleet.statuses()["weg"].state is ModemState.GONE
        assert fleet.stop(1.0)
