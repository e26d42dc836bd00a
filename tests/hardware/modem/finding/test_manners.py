"""A probe bears bad manners and has good ones."""

import _thread
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serial.tools.list_ports_common import ListPortInfo

from hardware.modem.finding import FindingProgress, Obstacle, Search, find_modems
from hardware.modem.known_modems import HUAWEI, Portless, portless
from hardware.modem.probe import PROBE_PACE, probe
from hardware.modem.usb import PortsUnlisted, Surroundings, UsbDevice, UsbInterface, plugged_in
from hardware.serial_line import SerialLine
from hardware.simulator import Fault
from tests.hardware.modem.finding.places import FORBIDDEN, Plug, four_ports, only
from tests.hardware.modem.plugging import (
    PACE,
    UNKNOWN,
    Machine,
)
from tests.hardware.modem.scripted import ScriptedModem

# Bad manners


def test_a_prompt_that_another_program_left_is_left_without_sending(machine: Machine) -> None:
    with ScriptedModem() as scripted:
        scripted.in_prompt()
        found = only(find_modems(machine.search(), [scripted.port]))
        scripted.wait_for(lambda: scripted.escapes > 0)

        assert (found.usable, scripted.committed) == (True, [])


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ECHO_STUCK,
        Fault.DOUBLE_CR,
        Fault.LF_ONLY,
        Fault.NUL_BYTES,
        Fault.VERBOSE_ERRORS,
        Fault.V0_LEFT_ON,
        Fault.Q1_LEFT_ON,
        Fault.UCS2_LEFT_ON,
        Fault.RSSI_FLOOD,
        Fault.UNKNOWN_URC_FLOOD,
        Fault.FIRST_AT_IGNORED,
        Fault.GARBAGE_AT_START,
        Fault.ANSWER_BEFORE_OK_ORDER,
        Fault.URC_IN_ANSWER,
    ],
)
def test_a_modem_with_bad_manners_is_found(machine: Machine, modem: Plug, fault: Fault) -> None:
    there = modem("ttyUSB0", fault)

    found = only(find_modems(machine.search(), [there.port]))

    assert found.port is not None
    assert found.port.probed is not None
    assert (found.obstacle, found.port.probed.imei) == (Obstacle.NONE, there.imei)


def test_a_modem_that_has_just_been_plugged_in_is_asked_again(machine: Machine) -> None:
    banner = b"\r\nRDY\r\n"
    answers = iter([banner])
    with ScriptedModem({"AT+CMGF?": lambda _: next(answers, b"\r\n+CMGF: 0\r\n\r\nOK\r\n")}) as scripted:
        found = only(find_modems(machine.search(), [scripted.port]))

    assert found.port is not None
    assert found.port.probed is not None
    assert (found.port.probed.speaks_sms, found.port.probed.whole) == (True, True)


def test_a_modem_that_restarts_again_and_again_ends_the_probe(machine: Machine) -> None:
    with ScriptedModem({"AT+CMGF?": b"\r\nRDY\r\n"}) as scripted:
        found = only(find_modems(machine.search(), [scripted.port]))

    assert found.port is not None
    assert found.port.probed is not None
    assert (found.port.probed.speaks_at, found.port.probed.whole) == (True, False)


def test_a_device_that_echoes_everything_is_no_modem(machine: Machine) -> None:
    with ScriptedModem({"AT": b"", "ATQ0V1E0": b""}) as scripted:
        scripted.echo = True

        assert only(find_modems(machine.search(), [scripted.port])).obstacle is Obstacle.SILENT


def test_a_port_that_talks_without_a_pause_is_given_up_in_time(machine: Machine) -> None:
    began = time.monotonic()
    found = only(find_modems(replace(machine.search(), opener=Talkative), ["ttyUSB0"]))

    assert (found.usable, time.monotonic() - began < 3.0) == (False, True)


def test_a_port_that_takes_no_bytes_is_silent(machine: Machine) -> None:
    with ScriptedModem() as scripted:
        scripted.jam()
        search = replace(machine.search(), opener=lambda port: SerialLine(port, write_timeout=0.1))

        assert only(find_modems(search, [scripted.port])).obstacle is Obstacle.SILENT


def test_a_modem_that_stops_answering_ends_the_probe_in_time(machine: Machine) -> None:
    with ScriptedModem({"AT+CGMI": b"", "AT+CGMM": b"", "AT+CGSN": b"", "AT+CMGF?": b"", "AT+CSCA?": b""}) as scripted:
        began = time.monotonic()
        found = only(find_modems(machine.search(seconds=1.0), [scripted.port]))

    assert time.monotonic() - began < 3.0
    assert found.port is not None
    assert found.port.probed is not None
    assert (found.port.probed.speaks_at, found.port.probed.whole) == (True, False)


def test_all_devices_are_asked_at_the_same_time(machine: Machine) -> None:
    together = threading.Barrier(2)

    def answer(_: ScriptedModem) -> bytes:
        together.wait(5)
        return b"\r\nOK\r\n"

    with ScriptedModem({"AT": answer}) as one, ScriptedModem({"AT": answer}) as other:
        for number, scripted in enumerate((one, other), start=1):
            four_ports(machine, [scripted.port], UNKNOWN, path=f"1-{number}")
        pace = replace(PACE, attention=5.0)

        assert [found.usable for found in find_modems(machine.search(pace=pace))] == [True, True]


def test_when_it_is_called_off_the_rest_is_not_asked(machine: Machine) -> None:
    cancelled = threading.Event()

    def asked(_: ScriptedModem) -> bytes:
        cancelled.set()
        return b""

    with ScriptedModem({"AT": asked}) as first, ScriptedModem() as second:
        four_ports(machine, [first.port, second.port], UNKNOWN)
        search = replace(machine.search(pace=PROBE_PACE), cancelled=cancelled)
        began = time.monotonic()
        found = only(find_modems(search))
        took = time.monotonic() - began

        assert [one.obstacle for one in found.ports] == [Obstacle.NOT_PROBED, Obstacle.NOT_PROBED]
        assert (second.heard, took < 1.5) == ([], True)


def test_an_interruption_gives_the_port_back(machine: Machine) -> None:
    with ScriptedModem({"AT": lambda _: _thread.interrupt_main() or b""}) as scripted:  # type: ignore[func-returns-value]
        with pytest.raises(KeyboardInterrupt):
            find_modems(machine.search(pace=PROBE_PACE), [scripted.port])

        SerialLine(scripted.port).close()


def test_progress_names_each_port_that_is_asked(machine: Machine, modem: Plug) -> None:
    ports = [modem("ttyUSB0", Fault.DEAF).port, modem("ttyUSB1").port]
    four_ports(machine, ports, UNKNOWN)
    told: list[FindingProgress] = []

    find_modems(replace(machine.search(), progress=told.append))

    assert told == [FindingProgress(ports[0], 0, 1), FindingProgress(ports[1], 0, 1)]


# Looking without asking


def test_a_device_that_is_pulled_out_while_ports_are_listed_is_no_trouble(machine: Machine, modem: Plug) -> None:
    port = modem("ttyUSB0").port
    four_ports(machine, [port], UNKNOWN)
    pulled = [TypeError("int() argument must be a string")]

    def lister() -> list[ListPortInfo]:
        if pulled:
            raise pulled.pop()
        return machine.listed

    found = plugged_in(replace(machine.around, lister=lister))

    assert [[each.device for each in one.ports] for one in found] == [[port]]


def test_ports_that_cannot_be_listed_at_all_are_told(machine: Machine) -> None:
    def lister() -> list[ListPortInfo]:
        raise PermissionError

    with pytest.raises(PortsUnlisted):
        plugged_in(replace(machine.around, lister=lister))


def test_a_machine_without_usb_has_no_devices(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"

    assert plugged_in(Surroundings(lister=list, sysfs=nowhere, dev=nowhere, udev=nowhere)) == ()


def test_ports_are_in_the_order_of_their_numbers(machine: Machine) -> None:
    for number in (10, 2, 1):
        machine.plug_serial(f"/dev/ttyUSB{number}")

    assert [one.ports[0].device for one in plugged_in(machine.around)] == [f"/dev/ttyUSB{n}" for n in (1, 2, 10)]


codes = st.integers(0, 0xFF)
interfaces = st.builds(UsbInterface, number=codes, usb_class=codes, subclass=codes, protocol=codes)


@given(
    device=st.builds(
        UsbDevice,
        path=st.just("1-1"),
        vendor=st.sampled_from([HUAWEI, 0x19D2, 0x2C7C, 0x0000]),
        product=st.integers(0, 0xFFFF),
        manufacturer=st.text(),
        interfaces=st.lists(interfaces).map(tuple),
    )
)
def test_what_is_nothing_but_a_disc_is_never_a_network_card(device: UsbDevice) -> None:
    if device.interfaces and all(one.usb_class == 0x08 for one in device.interfaces):
        assert portless(device) is not Portless.NETWORK_CARD or device.product in {0x14DB, 0x14DC}


@settings(max_examples=25)
@given(junk=st.binary(max_size=200))
def test_whatever_a_port_says_a_probe_ends_and_asks_nothing_dangerous(junk: bytes) -> None:
    with ScriptedModem({"AT": junk, "ATQ0V1E0": junk}) as scripted:
        pace = replace(PACE, attention=0.01, drain=0.0, quiet=0.0, basic=0.02, sim_read=0.02)
        probe(scripted.port, opener=SerialLine, pace=pace, seconds=0.3)

        assert not FORBIDDEN.search(bytes(scripted.received))


class Talkative(SerialLine):
    """A port that always has something more to read."""

    def __init__(self, port: str) -> None:
        self.port = port

    def read(self, deadline: float) -> bytes:
        return b"$GPGGA,000000.00,,,,,0,,,,,,,,*66\r\n"

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_search_by_default_looks_at_this_machine() -> None:
    assert Search().around.sysfs == Path("/sys")
