"""A stick that restarts in another shape while the kiosk drives it."""

from pathlib import Path

from hardware.modem.finding import Obstacle, find_modems
from hardware.modem.jobs import NotSent
from hardware.modem.status import ModemState
from hardware.simulator import SimulatedNetwork
from tests.hardware.modem.finding.places import Plug, only
from tests.hardware.modem.harness import Harness
from tests.hardware.modem.plugging import DISC, HUAWEI_AT, Machine

STICK, STICK_AS_DISC = (0x12D1, 0x1001), (0x12D1, 0x1F01)


def test_a_stick_that_comes_back_as_a_disc_is_gone_and_found_to_be_one(
    machine: Machine, modem: Plug, air: SimulatedNetwork, state: Path
) -> None:
    stick = modem("ttyUSB0")
    machine.plug("1-1.2", STICK, [(HUAWEI_AT, stick.port)])
    with Harness(stick.port, state) as harness:
        harness.ready()
        stick.unplug()
        machine.listed.clear()
        machine.plug("1-1.3", STICK_AS_DISC, [(DISC, None)])
        harness.wait_for_state(ModemState.GONE, "port_missing")

        assert isinstance(harness.send(), NotSent)
        shapes = {found.obstacle for found in find_modems(machine.search()) if found.port is None}
        assert Obstacle.DISC in shapes

        # The driver's package has done its work: the port is there again.
        stick.plug()
        harness.ready()
    assert b"CFUN=" not in stick.received
    assert not air.accepted


def test_a_disc_alone_is_told_with_its_cure(machine: Machine) -> None:
    machine.plug("1-1.3", STICK_AS_DISC, [(DISC, None)])
    assert only(find_modems(machine.search())).obstacle is Obstacle.DISC
