"""A modem that nobody confirmed, or another one than was confirmed, gets no PIN and no SMS; and it is found again."""

import threading
from pathlib import Path

import pytest

from hardware.modem import owner
from hardware.modem.jobs import NotSent, Sent
from hardware.modem.locating import Locator, socket_of
from hardware.modem.settings import Identity, ModemSettings
from hardware.modem.status import ModemState
from hardware.modem.usb import Surroundings
from hardware.serial_line import PortMissing
from tests.hardware.modem.harness import Harness
from tests.hardware.modem.scripted import ScriptedModem

IMEI = "354237065082227"
ICCID = "8931080000000000019"
THIS = Identity(imei=IMEI, iccid=ICCID)
WAITS_FOR_PIN = b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"


def pin_file(directory: Path) -> Path:
    file = directory / "pin"
    file.write_text("7391")
    file.chmod(0o600)
    return file


def entered_a_pin(scripted: ScriptedModem) -> bool:
    return any(command.startswith("AT+CPIN=") for command in scripted.heard)


def test_a_modem_that_was_never_adopted_is_shown_and_gets_nothing(
    scripted: ScriptedModem, state: Path, tmp_path: Path
) -> None:
    scripted.answers["AT+CPIN?"] = WAITS_FOR_PIN
    with Harness(scripted.port, state, must_be_adopted=True, pin_file=pin_file(tmp_path)) as harness:
        status = harness.wait_for_state(ModemState.SIM_PROBLEM, "not_adopted")
        assert (status.imei, status.iccid) == (IMEI, ICCID)
        assert isinstance(harness.send(), NotSent)
    assert not entered_a_pin(scripted)
    assert scripted.committed == []


def test_the_adopted_modem_serves(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state, must_be_adopted=True, adopted=THIS) as harness:
        assert isinstance(harness.ready().send(), Sent)


def test_another_sim_than_the_adopted_one_gets_no_pin(scripted: ScriptedModem, state: Path, tmp_path: Path) -> None:
    scripted.answers["AT+CPIN?"] = WAITS_FOR_PIN
    adopted = Identity(imei=IMEI, iccid="8931080000000000027")
    with Harness(scripted.port, state, adopted=adopted, pin_file=pin_file(tmp_path)) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "other_sim")
    assert not entered_a_pin(scripted)


def test_another_modem_than_the_adopted_one_is_not_used(scripted: ScriptedModem, state: Path) -> None:
    adopted = Identity(imei="866325047507649", iccid=ICCID)
    with Harness(scripted.port, state, adopted=adopted) as harness:
        status = harness.wait_for_state(ModemState.DOWN, "other_modem")
        # Both are needed to adopt it.
        assert (status.imei, status.iccid) == (IMEI, ICCID)
        assert isinstance(harness.send(), NotSent)
    assert scripted.committed == []


@pytest.mark.parametrize(("anywhere", "ready"), [(False, False), (True, True)])
def test_another_socket_needs_a_new_look_unless_the_modem_may_be_anywhere(
    scripted: ScriptedModem, state: Path, monkeypatch: pytest.MonkeyPatch, anywhere: bool, ready: bool
) -> None:
    monkeypatch.setattr(owner, "socket_of", lambda _: ("1-3", 2))
    adopted = Identity(imei=IMEI, iccid=ICCID, socket="1-2", interface=2)
    with Harness(scripted.port, state, adopted=adopted, anywhere=anywhere) as harness:
        if ready:
            harness.ready()
        else:
            status = harness.wait_for_state(ModemState.DOWN, "other_socket")
            assert (status.imei, status.iccid) == (IMEI, ICCID)


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A stick with three interfaces in socket 1-1.2, whose ports were numbered from 4 on."""
    root = tmp_path / "sys"
    (root / "class" / "tty").mkdir(parents=True)
    for number, interface in ((4, 0), (5, 1), (6, 2)):
        device = root / "devices" / "usb1" / "1-1" / "1-1.2" / f"1-1.2:1.{interface}" / f"ttyUSB{number}"
        device.mkdir(parents=True)
        (root / "class" / "tty" / f"ttyUSB{number}").mkdir()
        (root / "class" / "tty" / f"ttyUSB{number}" / "device").symlink_to(device)
    (root / "class" / "tty" / "ttyS0").mkdir()
    return root


def test_socket_and_interface_of_a_port_are_read(sysfs: Path) -> None:
    assert socket_of("/dev/ttyUSB6", sysfs) == ("1-1.2", 2)
    assert socket_of("/dev/ttyS0", sysfs) == ("", None)
    assert socket_of("socket://127.0.0.1:7000", sysfs) == ("", None)


def place(sysfs: Path, settings: ModemSettings) -> str:
    around = Surroundings(lister=list, sysfs=sysfs)
    return Locator(lambda: (settings,), around=around).locate(settings, threading.Event())


def test_a_modem_whose_port_was_numbered_anew_is_found_in_its_socket(sysfs: Path) -> None:
    adopted = Identity(imei=IMEI, iccid=ICCID, socket="1-1.2", interface=2)
    settings = ModemSettings(name="n", port="/dev/ttyUSB2", adopted=adopted)
    assert place(sysfs, settings) == "/dev/ttyUSB6"


def test_the_configured_port_holds_while_nothing_says_otherwise(sysfs: Path, tmp_path: Path) -> None:
    there = tmp_path / "tty"
    there.touch()
    assert place(sysfs, ModemSettings(name="n", port=str(there))) == str(there)
    elsewhere = Identity(imei=IMEI, iccid=ICCID, socket="2-1", interface=0)
    assert place(sysfs, ModemSettings(name="n", port=str(there), adopted=elsewhere)) == str(there)


def test_a_modem_without_any_place_is_missing(sysfs: Path) -> None:
    with pytest.raises(PortMissing):
        place(sysfs, ModemSettings(name="n", port=""))
