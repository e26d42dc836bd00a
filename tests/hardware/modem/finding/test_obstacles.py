"""What is in the way of a modem, and how it is named."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.modem.finding import Obstacle, find_modems
from hardware.port_user import PortUser
from hardware.serial_line import PortBusy, PortForbidden, SerialLine
from hardware.simulator import Fault, SimulatedSim
from tests.hardware.modem.finding.places import FORBIDDEN, PIN, Plug, four_ports, only
from tests.hardware.modem.plugging import (
    UNKNOWN,
    Machine,
)
from tests.hardware.modem.scripted import ScriptedModem

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


def busy(user: PortUser | None) -> Callable[[str], SerialLine]:
    def opener(port: str) -> SerialLine:
        raise PortBusy(port, user)

    return opener
