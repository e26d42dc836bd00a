"""Which port of which device is a modem that can send, and what is said of the others."""

import _thread
import contextlib
import os
import re
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serial.tools.list_ports_common import ListPortInfo

from hardware.modem.finding import FindingProgress, FoundModem, Obstacle, Search, find_modems
from hardware.modem.known_modems import AT_INTERFACE, HUAWEI, Portless, portless
from hardware.modem.probe import PROBE_PACE, SimState, probe
from hardware.modem.usb import PortsUnlisted, Surroundings, UsbDevice, UsbInterface, plugged_in
from hardware.port_user import PortUser
from hardware.serial_line import PortBusy, PortForbidden, SerialLine
from hardware.simulator import Fault, SimulatedModem, SimulatedNetwork, SimulatedSim
from tests.hardware.modem.plugging import (
    DISC,
    E3372_HILINK,
    EC25,
    ETHERNET,
    HUAWEI_AT,
    PACE,
    UNKNOWN,
    VENDOR_SPECIFIC,
    Machine,
)
from tests.hardware.modem.scripted import ScriptedModem

MODESWITCH_DATA = Path("/usr/share/usb_modeswitch/configPack.tar.gz")
PIN = "4321"
# What must never be written to a port that is only looked at.
FORBIDDEN = re.compile(rb"CPIN=|CMGS|CMGW|CPWD|CLCK|CFUN=|\x1a")

Plug = Callable[..., SimulatedModem]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.fixture
def modem(machine: Machine, air: SimulatedNetwork) -> Iterator[Plug]:
    """Makes simulated modems behind ports of the machine."""
    with contextlib.ExitStack() as stack:

        def make(name: str, *faults: Fault, profile: str = "quectel_ec25", **given: object) -> SimulatedModem:
            made = SimulatedModem(profile, air=air, name=name, directory=machine.dev, faults=faults, **given)  # type: ignore[arg-type]
            return stack.enter_context(made)

        yield make


@pytest.fixture
def held() -> Iterator[Callable[..., None]]:
    """Opens ports in another program, until the end of the test."""
    processes: list[subprocess.Popen[str]] = []

    def hold(port: str, program: str = sys.executable) -> None:
        opens = (
            "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print('open', flush=True); sys.stdin.read()"
        )
        arguments = [program, "-c", opens, port] if program == sys.executable else [program, port]
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"

    yield hold
    for process in processes:
        process.communicate(timeout=20)


def four_ports(machine: Machine, ports: list[str], identity: tuple[int, int] = EC25, path: str = "1-1.2") -> None:
    machine.plug(path, identity, [(VENDOR_SPECIFIC, port) for port in ports])


def only(found: tuple[FoundModem, ...]) -> FoundModem:
    assert len(found) == 1
    return found[0]


# Which port


def test_where_the_at_interface_is_known_no_other_port_is_touched(machine: Machine, modem: Plug) -> None:
    modems = [modem(f"ttyUSB{number}") for number in range(4)]
    four_ports(machine, [each.port for each in modems])

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert (found.port.port.device, found.usable, found.obstacle) == (modems[2].port, True, Obstacle.NONE)
    assert [bool(each.received) for each in modems] == [False, False, True, False]


def test_of_an_unknown_device_the_port_that_sends_sms_is_chosen(machine: Machine, modem: Plug) -> None:
    ports = [
        modem("ttyUSB0", Fault.DEAF).port,
        modem("ttyUSB1", Fault.NO_SMS_ON_PORT).port,
        modem("ttyUSB2").port,
        modem("ttyUSB3", Fault.DEAF).port,
    ]
    four_ports(machine, ports, UNKNOWN)

    found = only(find_modems(machine.search()))

    assert [each.obstacle for each in found.ports] == [
        Obstacle.SILENT,
        Obstacle.NO_SMS,
        Obstacle.NONE,
        Obstacle.SILENT,
    ]
    assert found.port is found.ports[2]


def test_when_the_known_interface_is_another_after_all_the_others_are_asked(machine: Machine, modem: Plug) -> None:
    ports = [modem("ttyUSB0").port, modem("ttyUSB1").port, modem("ttyUSB2", Fault.DEAF).port]
    four_ports(machine, ports)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert found.port.port.device == ports[0]


def test_a_huawei_stick_is_asked_where_it_marks_at(machine: Machine, modem: Plug) -> None:
    modems = [modem("ttyUSB0", profile="huawei_e173"), modem("ttyUSB1", profile="huawei_e173")]
    interfaces = [(VENDOR_SPECIFIC, modems[0].port), (HUAWEI_AT, modems[1].port)]
    machine.plug("1-1", (HUAWEI, 0x9999), interfaces)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert found.port.port.device == modems[1].port
    assert not modems[0].received


def test_what_the_modem_says_of_itself_is_told(machine: Machine, modem: Plug) -> None:
    there = modem("ttyUSB2", sim=SimulatedSim(iccid="8931440400000000008", network="20408"))
    four_ports(machine, [there.port], UNKNOWN)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    probed = found.port.probed
    assert probed is not None
    assert (probed.manufacturer, probed.model, probed.imei) == ("Quectel", "EC25", there.imei)
    assert (probed.iccid, probed.sim, probed.speaks_sms, probed.whole) == (
        "8931440400000000008",
        SimState.READY,
        True,
        True,
    )


def test_two_sticks_of_the_same_kind_are_told_apart_by_socket_and_imei(machine: Machine, modem: Plug) -> None:
    modems = [modem("ttyUSB0"), modem("ttyUSB1")]
    for number, each in enumerate(modems, start=1):
        four_ports(machine, [each.port], UNKNOWN, path=f"1-1.{number}")

    found = find_modems(machine.search())

    assert [(one.usb.path, one.port.probed.imei) for one in found if one.usb and one.port and one.port.probed] == [
        ("1-1.1", modems[0].imei),
        ("1-1.2", modems[1].imei),
    ]


def test_a_port_without_usb_is_asked_too(machine: Machine, modem: Plug) -> None:
    machine.plug_serial(modem("ttyS0").port)

    found = only(find_modems(machine.search()))

    assert (found.usb, found.usable) == (None, True)


def test_a_port_that_is_named_need_not_be_listed(machine: Machine, modem: Plug) -> None:
    there = modem("somewhere")

    found = only(find_modems(machine.search(), [there.port]))

    assert found.port is not None
    assert (found.port.port.device, found.usable) == (there.port, True)


def test_a_port_that_is_named_twice_is_asked_once(machine: Machine, modem: Plug) -> None:
    there = modem("ttyUSB0")
    stable = machine.name_by_path("pci-usb-0:1.1-port0", there.port)

    assert only(find_modems(machine.search(), [there.port, stable])).usable


def test_a_listed_port_that_is_named_keeps_its_usb_identity(machine: Machine, modem: Plug) -> None:
    modems = [modem("ttyUSB0"), modem("ttyUSB1")]
    four_ports(machine, [each.port for each in modems], UNKNOWN)
    stable = machine.name_by_path("pci-usb-0:1.1-port0", modems[1].port)

    found = only(find_modems(machine.search(), [stable]))

    assert found.usb is not None
    assert [each.port.name for each in found.ports] == [stable]
    assert not modems[0].received


def test_the_name_by_path_is_the_one_for_the_configuration(machine: Machine, modem: Plug) -> None:
    port = modem("ttyUSB0").port
    four_ports(machine, [port], UNKNOWN)
    machine.name_by_path("pci-0000:00:14.0-usbv2-0:2:1.2-port0", port)
    stable = machine.name_by_path("pci-0000:00:14.0-usb-0:2:1.2-port0", port)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert (found.port.port.name, found.port.port.device) == (stable, port)


def test_without_probing_no_port_is_opened(machine: Machine, modem: Plug) -> None:
    modems = [modem(f"ttyUSB{number}") for number in range(3)]
    four_ports(machine, [each.port for each in modems])

    found = only(find_modems(replace(machine.search(), probing=False)))

    assert found.port is not None
    assert (found.port.port.device, found.obstacle, found.usable) == (modems[2].port, Obstacle.NOT_PROBED, False)
    assert not any(each.transcript for each in modems)


# What is no modem


@pytest.mark.parametrize(
    ("identity", "interfaces", "obstacle"),
    [
        (E3372_HILINK, [ETHERNET, DISC], Obstacle.NETWORK_CARD),
        ((HUAWEI, 0x14DB), [ETHERNET], Obstacle.NETWORK_CARD),
        ((0x19D2, 0x1405), [ETHERNET, DISC], Obstacle.NETWORK_CARD),
        ((HUAWEI, 0x1F01), [DISC], Obstacle.DISC),
        ((HUAWEI, 0x1446), [DISC, DISC], Obstacle.DISC),
        ((0x19D2, 0x2000), [DISC], Obstacle.DISC),
        (EC25, [VENDOR_SPECIFIC] * 4, Obstacle.NO_DRIVER),
        ((HUAWEI, 0x9999), [HUAWEI_AT], Obstacle.NO_DRIVER),
    ],
)
def test_a_stick_without_ports_is_refused_with_the_reason(
    machine: Machine, identity: tuple[int, int], interfaces: list[tuple[int, int, int]], obstacle: Obstacle
) -> None:
    machine.plug("2-1", identity, [(triple, None) for triple in interfaces], name="Mobile\x1b[2J\nBroadband")

    found = only(find_modems(machine.search()))

    assert (found.obstacle, found.port, found.usable) == (obstacle, None, False)
    assert found.usb is not None
    assert found.usb.name == "Mobile [2J Broadband"


@pytest.mark.parametrize(
    ("identity", "interfaces", "manufacturer"),
    [
        ((0x046D, 0xC31C), [(0x03, 0x01, 0x01)], ""),
        ((0x0781, 0x5567), [DISC], ""),
        ((HUAWEI, 0x1038), [DISC], "Android"),
    ],
    ids=["keyboard", "memory stick", "telephone"],
)
def test_other_usb_devices_are_not_mentioned(
    machine: Machine, identity: tuple[int, int], interfaces: list[tuple[int, int, int]], manufacturer: str
) -> None:
    machine.plug("2-1", identity, [(triple, None) for triple in interfaces], manufacturer=manufacturer)

    assert find_modems(machine.search()) == ()


@pytest.mark.skipif(not MODESWITCH_DATA.exists(), reason="usb-modeswitch-data is not installed")
def test_the_known_sticks_are_those_of_usb_modeswitch() -> None:
    switched: dict[str, set[str]] = {}
    with tarfile.open(MODESWITCH_DATA) as pack:
        for member in pack.getmembers():
            content = pack.extractfile(member)
            text = content.read().decode("utf-8", "replace") if content else ""
            products = re.findall(r"^TargetProduct(?:List)?= *\"?(?:0x)?([0-9a-fA-F,]+)", text, re.MULTILINE)
            switched[member.name.removeprefix("./")] = set(",".join(products).lower().split(","))

    sticks = {f"{vendor:04x}:{product:04x}" for vendor, product in AT_INTERFACE if vendor in {HUAWEI, 0x19D2}}
    after = {f"{name[:5]}{product}" for name, products in switched.items() for product in products}
    assert sticks <= after
    assert switched["12d1:1f01"] == {"14db", "14dc"}
    assert {"19d2:2000", "1bbb:f000", "1e0e:f000"} <= switched.keys()


# Ports that cannot be had


def test_a_port_that_another_program_uses_is_told_with_its_name(
    machine: Machine, modem: Plug, held: Callable[..., None]
) -> None:
    there = modem("ttyUSB0")
    four_ports(machine, [there.port], UNKNOWN)
    held(there.port)

    found = only(find_modems(machine.search()))

    assert (found.obstacle, found.usable) == (Obstacle.PORT_BUSY, False)
    assert found.port is not None
    assert found.port.holder is not None
    assert found.port.holder.name.startswith("python")
    assert not there.received


def test_a_device_that_is_in_use_gets_no_byte_on_its_other_ports(
    machine: Machine, modem: Plug, held: Callable[..., None]
) -> None:
    modems = [modem(f"ttyUSB{number}") for number in range(3)]
    four_ports(machine, [each.port for each in modems], UNKNOWN)
    held(modems[1].port)

    found = only(find_modems(machine.search()))

    assert found.obstacle is Obstacle.PORT_BUSY
    assert not any(each.received for each in modems)


def test_a_device_is_not_offered_while_somebody_who_cannot_be_seen_has_one_of_its_ports(
    machine: Machine, modem: Plug
) -> None:
    modems = [modem(f"ttyUSB{number}") for number in range(3)]
    four_ports(machine, [each.port for each in modems], UNKNOWN)

    def opener(port: str) -> SerialLine:
        if port == modems[1].port:
            raise PortBusy(port, None)
        return SerialLine(port)

    found = only(find_modems(replace(machine.search(), opener=opener)))

    assert (found.obstacle, found.usable, modems[2].received) == (Obstacle.PORT_BUSY, False, b"")


def test_without_probing_it_is_told_all_the_same_who_uses_a_port(
    machine: Machine, modem: Plug, held: Callable[..., None]
) -> None:
    there = modem("ttyUSB0")
    four_ports(machine, [there.port], UNKNOWN)
    held(there.port)

    assert only(find_modems(replace(machine.search(), probing=False))).obstacle is Obstacle.PORT_BUSY


def test_a_program_on_another_port_does_not_hide_the_known_one(
    machine: Machine, modem: Plug, held: Callable[..., None]
) -> None:
    modems = [modem(f"ttyUSB{number}") for number in range(3)]
    four_ports(machine, [each.port for each in modems])
    held(modems[1].port)

    found = only(find_modems(machine.search()))

    assert (found.usable, found.port) == (True, found.ports[2])


def test_modem_manager_is_named_when_it_has_the_port(
    machine: Machine, modem: Plug, held: Callable[..., None], tmp_path: Path
) -> None:
    there = modem("ttyUSB0")
    four_ports(machine, [there.port], UNKNOWN)
    program = tmp_path / "ModemManager"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        "os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    program.chmod(0o700)
    held(there.port, str(program))

    found = only(find_modems(machine.search()))

    assert found.obstacle is Obstacle.MODEM_MANAGER
    assert not there.received


def test_modem_manager_is_suspected_when_it_runs_and_nobody_can_be_seen(machine: Machine, modem: Plug) -> None:
    four_ports(machine, [modem("ttyUSB0").port], UNKNOWN)
    machine.run("ModemManager")

    found = only(find_modems(replace(machine.search(), opener=busy(None))))

    assert found.obstacle is Obstacle.MODEM_MANAGER_PERHAPS


@pytest.mark.parametrize(("program", "user"), [("cron", None), ("ModemManager", PortUser(7, "gammu-smsd"))])
def test_modem_manager_is_not_blamed_for_others(
    machine: Machine, modem: Plug, program: str, user: PortUser | None
) -> None:
    four_ports(machine, [modem("ttyUSB0").port], UNKNOWN)
    machine.run(program)

    found = only(find_modems(replace(machine.search(), opener=busy(user))))

    assert found.port is not None
    assert (found.obstacle, found.port.holder) == (Obstacle.PORT_BUSY, user)


@pytest.mark.parametrize("ignored", [False, True])
def test_modem_manager_interferes_unless_udev_tells_it_to_leave_the_device_alone(
    machine: Machine, modem: Plug, *, ignored: bool
) -> None:
    port = modem("ttyUSB0").port
    four_ports(machine, [port], UNKNOWN)
    machine.run("ModemManager")
    node = Path(port).stat().st_rdev
    lines = ["I:1", "E:ID_MM_CANDIDATE=1", *(["E:ID_MM_DEVICE_IGNORE=1"] if ignored else [])]
    (machine.around.udev / f"c{os.major(node)}:{os.minor(node)}").write_text("\n".join(lines))

    found = only(find_modems(machine.search()))

    assert (found.usable, found.interferes) == (True, not ignored)


def test_without_the_right_to_open_it_group_and_account_are_told(machine: Machine, modem: Plug) -> None:
    def forbidden(port: str) -> SerialLine:
        raise PortForbidden(port, group="dialout", account="kiosk")

    four_ports(machine, [modem("ttyUSB0").port], UNKNOWN)

    found = only(find_modems(replace(machine.search(), opener=forbidden)))

    assert found.port is not None
    assert (found.obstacle, found.port.group, found.port.account) == (Obstacle.PORT_FORBIDDEN, "dialout", "kiosk")


@pytest.mark.parametrize(
    ("port", "obstacle"),
    [
        ("/dev/no-such-port", Obstacle.PORT_MISSING),
        ("/etc/hostname", Obstacle.NOT_A_PORT),
        ("x://y", Obstacle.NOT_A_PORT),
    ],
)
def test_a_name_that_is_no_port_is_told(machine: Machine, port: str, obstacle: Obstacle) -> None:
    assert only(find_modems(machine.search(), [port])).obstacle is obstacle


def test_a_stick_pulled_out_while_it_is_asked_is_missing(machine: Machine) -> None:
    with ScriptedModem({"AT": lambda modem: modem.unplug() or b""}) as scripted:  # type: ignore[func-returns-value]
        four_ports(machine, [scripted.port], UNKNOWN)

        assert only(find_modems(machine.search())).obstacle is Obstacle.PORT_MISSING


# SIM


@pytest.mark.parametrize(
    ("fault", "obstacle"),
    [
        (Fault.SIM_ABSENT, Obstacle.NO_SIM),
        (Fault.SIM_PIN, Obstacle.PIN_REQUIRED),
        (Fault.ONE_PIN_TRY_LEFT, Obstacle.PIN_REQUIRED),
        (Fault.SIM_PUK, Obstacle.PUK_REQUIRED),
        (Fault.SIM_FAILURE, Obstacle.SIM_FAILURE),
        (Fault.SIM_BUSY, Obstacle.SIM_BUSY),
        (Fault.SIM_PIN2, Obstacle.NONE),
        (Fault.CPIN_WITHOUT_OK, Obstacle.NONE),
        (Fault.CSCA_LOST, Obstacle.NONE),
        (Fault.SMS_NOT_READY, Obstacle.NONE),
        (Fault.NO_SIGNAL, Obstacle.NONE),
    ],
)
def test_a_modem_whose_sim_needs_help_can_be_used_and_says_so(
    machine: Machine, modem: Plug, fault: Fault, obstacle: Obstacle
) -> None:
    four_ports(machine, [modem("ttyUSB0", fault).port], UNKNOWN)

    found = only(find_modems(machine.search()))

    assert (found.usable, found.obstacle) == (True, obstacle)


def test_sms_is_not_denied_while_the_sim_keeps_it_closed(machine: Machine) -> None:
    refused = b"\r\n+CME ERROR: 11\r\n"
    answers = {"AT+CMGF?": refused, "AT+CSCA?": refused, "AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"}
    with ScriptedModem({**answers}) as scripted:
        four_ports(machine, [scripted.port], UNKNOWN)
        found = only(find_modems(machine.search()))

    assert found.port is not None
    assert found.port.probed is not None
    assert (found.port.probed.speaks_sms, found.obstacle, found.usable) == (None, Obstacle.PIN_REQUIRED, True)


def test_a_probe_sends_no_pin_and_no_message_whatever_the_modem_does(machine: Machine, modem: Plug) -> None:
    modems = {fault: modem(fault.value, fault, sim=SimulatedSim(network="20408", pin=PIN)) for fault in Fault}

    find_modems(machine.search(seconds=3.0), [each.port for each in modems.values()])

    asked = {fault: each.received for fault, each in modems.items()}
    assert {
        fault for fault, received in asked.items() if FORBIDDEN.search(received) or PIN.encode() in received
    } == set()
    assert sum(b"AT+CPIN?" in received for received in asked.values()) > len(Fault) / 2


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


def busy(user: PortUser | None) -> Callable[[str], SerialLine]:
    def opener(port: str) -> SerialLine:
        raise PortBusy(port, user)

    return opener


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
