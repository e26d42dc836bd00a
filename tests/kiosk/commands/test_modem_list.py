"""`kiosk modem list`: a table, a sentence for each problem, and lines that the configuration takes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from hardware.modem.finding import FoundModem, FoundPort, Obstacle
from hardware.modem.usb import SerialPort, UsbDevice
from hardware.port_user import PortUser
from hardware.simulator import Fault, SimulatedModem, SimulatedNetwork, SimulatedSim
from kiosk.commands import modem_list
from kiosk.commands.modem_list import list_modems
from kiosk.config import Config
from kiosk.language import LANGUAGES
from tests.hardware.modem.plugging import E3372_HILINK, EC25, ETHERNET, UNKNOWN, VENDOR_SPECIFIC, Machine

ROOT = Path(__file__).resolve().parents[3]
ICCID = "8931440400000000008"


class Desk:
    """A machine and what the command says about it."""

    def __init__(self, machine: Machine, stack: ExitStack) -> None:
        self.machine = machine
        self._stack = stack
        self._air = SimulatedNetwork()

    def modem(self, name: str, *faults: Fault, iccid: str = ICCID) -> SimulatedModem:
        sim = SimulatedSim(network="20408", iccid=iccid)
        modem = SimulatedModem(air=self._air, name=name, directory=self.machine.dev, faults=faults, sim=sim)
        return self._stack.enter_context(modem)

    def quectel(self, *faults: Fault) -> SimulatedModem:
        """An EC25 with all its ports; the one for AT."""
        modem = self.modem("ttyUSB2", *faults)
        ports = ["ttyUSB0", "ttyUSB1", modem.port, "ttyUSB3"]
        self.machine.plug(
            "1-1.2", EC25, [(VENDOR_SPECIFIC, port) for port in ports], manufacturer="Quectel", name="EC25-EU"
        )
        return modem

    def says(self, *arguments: str) -> str:
        result = CliRunner().invoke(list_modems, list(arguments), obj=self.machine.around)
        assert result.exit_code == 0, result.output
        return result.output

    def facts(self, *arguments: str) -> list[dict[str, Any]]:
        found = json.loads(self.says("--json", *arguments))["modems"]
        assert isinstance(found, list)
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ExitStack() as stack:
        yield Desk(Machine(tmp_path / "machine"), stack)


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_modem_stands_in_the_table_with_what_tells_it_apart(desk: Desk) -> None:
    modem = desk.quectel()

    lines = desk.says().splitlines()

    assert lines[0].split() == ["Apparaat", "Model", "IMEI", "SIM", "SMS", "Bevinding"]
    assert lines[1].split() == [modem.port, "Quectel", "EC25", f"..{modem.imei[-4:]}", "..0008", "ja", "bruikbaar"]


def test_the_lines_for_the_configuration_load(desk: Desk, tmp_path: Path) -> None:
    modem = desk.quectel()
    stable = desk.machine.name_by_path("pci-0000:00:14.0-usb-0:1.2:1.2-port0", modem.port)

    text = desk.says()
    config = Config.parse('[site]\nname = "Noord"\n' + text[text.index("[modem.") :], tmp_path / "kiosk.toml")

    assert f"\n  {stable}\n" in text
    assert [(one.port, one.imei, one.iccid) for one in config.modems] == [(stable, modem.imei, ICCID)]


def test_a_sim_that_waits_for_its_pin_gets_a_line_for_it(desk: Desk, tmp_path: Path) -> None:
    desk.quectel(Fault.SIM_PIN)

    text = desk.says()
    config = Config.parse('[site]\nname = "Noord"\n' + text[text.index("[modem.") :], tmp_path / "kiosk.toml")

    assert "De SIM wacht op zijn pincode." in text
    assert config.modems[0].pin_file == tmp_path / "keys/modem1.pin"


def test_two_modems_get_names_of_their_own(desk: Desk, tmp_path: Path) -> None:
    for number, iccid in enumerate((ICCID, "8931440400000000016"), start=1):
        port = desk.modem(f"ttyUSB{number}", iccid=iccid).port
        desk.machine.plug(f"1-{number}", UNKNOWN, [(VENDOR_SPECIFIC, port)])

    text = desk.says()
    config = Config.parse('[site]\nname = "Noord"\n' + text[text.index("[modem.") :], tmp_path / "kiosk.toml")

    assert [one.name for one in config.modems] == ["modem1", "modem2"]


def test_a_number_that_the_configuration_would_refuse_is_left_out_of_its_lines(desk: Desk) -> None:
    port = desk.modem("ttyUSB0", iccid="8931440400000000001").port
    desk.machine.plug("1-1", UNKNOWN, [(VENDOR_SPECIFIC, port)])

    facts = desk.facts()[0]

    assert facts["iccid"] == "8931440400000000001"
    assert [line.partition(" ")[0] for line in facts["configuration"].splitlines()] == [
        "[modem.modem1]",
        "port",
        "imei",
    ]


def test_the_same_is_told_to_a_program(desk: Desk) -> None:
    modem = desk.quectel()

    facts = desk.facts()[0]

    assert (facts["usable"], facts["reason"], facts["sms"], facts["what_to_do"]) == (True, "usable", True, None)
    assert (facts["device"], facts["imei"], facts["iccid"]) == (modem.port, modem.imei, ICCID)
    assert facts["usb"] == {
        "path": "1-1.2",
        "vendor": "2c7c",
        "product": "0125",
        "manufacturer": "Quectel",
        "name": "EC25-EU",
    }
    assert [(port["interface"], port["known_at"], port["at"]) for port in facts["ports"]] == [
        (0, False, None),
        (1, False, None),
        (2, True, True),
        (3, False, None),
    ]


def test_without_probing_nothing_is_asked_and_nothing_is_claimed(desk: Desk) -> None:
    modem = desk.quectel()

    facts = desk.facts("--no-probe")[0]

    assert (facts["sms"], facts["usable"], facts["imei"], facts["configuration"]) == (None, False, None, None)
    assert modem.transcript == ()


def test_a_hilink_stick_is_refused_in_words(desk: Desk) -> None:
    desk.machine.plug("1-1.4", E3372_HILINK, [(ETHERNET, None)], manufacturer="HUAWEI_MOBILE", name="HUAWEI_MOBILE")

    text = desk.says("--language", "en")

    assert "USB 1-1.4  HUAWEI_MOBILE  -     -    no   network card only" in text
    assert "USB 1-1.4: This stick (HiLink) is only a network card and has no port for SMS." in text
    assert "[modem." not in text


def test_a_sentence_that_holds_for_several_stands_there_once(desk: Desk) -> None:
    for path in ("1-1", "1-2"):
        desk.machine.plug(path, E3372_HILINK, [(ETHERNET, None)])

    text = desk.says()

    assert text.count("Deze stick (HiLink)") == 1
    assert "USB 1-1, USB 1-2: " in text


def test_modem_manager_is_kept_away_by_a_line_for_udev(desk: Desk) -> None:
    desk.quectel()
    desk.machine.run("ModemManager")

    text = desk.says()

    assert "ModemManager draait op deze machine en zal deze modem storen." in text
    assert "/etc/udev/rules.d/78-kiosk-modem.rules" in text
    assert '\nATTRS{idVendor}=="2c7c", ATTRS{idProduct}=="0125", ENV{ID_MM_DEVICE_IGNORE}="1"\n' in text


def test_nothing_plugged_in_is_said_in_words(desk: Desk) -> None:
    assert desk.says("--language", "en").startswith("No modem was found.")
    assert desk.facts() == []


def test_what_a_device_says_of_itself_cannot_draw_on_the_terminal(desk: Desk) -> None:
    desk.machine.plug("1-1", E3372_HILINK, [(ETHERNET, None)], name="\x1b[2J\x07evil\u202e")

    assert not {"\x1b", "\x07", "\u202e"} & set(desk.says())


def found(obstacle: Obstacle, **port: Any) -> FoundModem:
    one = FoundPort(port=SerialPort(device="/dev/ttyUSB2"), obstacle=obstacle, **port)
    usb = UsbDevice(path="1-1", vendor=0x2C7C, product=0x0125)
    return FoundModem(usb=usb, ports=(one,), port=one, obstacle=obstacle)


def said_of(modem: FoundModem, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.setattr(modem_list, "find_modems", lambda *_: (modem,))
    result = CliRunner().invoke(list_modems, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_finding_has_its_words(obstacle: Obstacle, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = said_of(found(obstacle), monkeypatch, "--language", language)

    assert text.count("/dev/ttyUSB2") == (1 if obstacle is Obstacle.NONE else 2)


@pytest.mark.parametrize(
    ("modem", "sentence"),
    [
        (
            found(Obstacle.PORT_BUSY, holder=PortUser(4711, "gammu-smsd")),
            "Het programma gammu-smsd (proces 4711) gebruikt deze modem. Stop dat programma",
        ),
        (found(Obstacle.PORT_BUSY, holder=PortUser(4711, "kiosk")), "De kiosk zelf (proces 4711) gebruikt deze modem"),
        (found(Obstacle.PORT_BUSY), 'Kijk met "sudo kiosk modem list" welk'),
        (
            found(Obstacle.PORT_FORBIDDEN, group="dialout", account="balie"),
            'Typ "sudo usermod -aG dialout balie" en meld u opnieuw aan.',
        ),
        (found(Obstacle.MODEM_MANAGER), "ModemManager gebruikt deze modem. Houd het eraf met de regel voor udev."),
        (found(Obstacle.MODEM_MANAGER), 'ATTRS{idProduct}=="0125", ENV{ID_MM_DEVICE_IGNORE}="1"'),
    ],
)
def test_the_cure_is_named(modem: FoundModem, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sentence in said_of(modem, monkeypatch)


def test_a_port_without_usb_is_kept_from_modem_manager_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    one = FoundPort(port=SerialPort(device="/dev/ttyS1"), obstacle=Obstacle.MODEM_MANAGER)
    modem = FoundModem(usb=None, ports=(one,), port=one, obstacle=Obstacle.MODEM_MANAGER)

    assert 'KERNEL=="ttyS1", ENV{ID_MM_PORT_IGNORE}="1"' in said_of(modem, monkeypatch)


def test_ports_that_cannot_be_listed_are_a_failure_in_words(desk: Desk) -> None:
    def lister() -> list[Any]:
        raise PermissionError

    around = desk.machine.around.__class__(lister=lister)
    result = CliRunner().invoke(list_modems, [], obj=around)

    assert (result.exit_code, words(result.output)) == (
        1,
        "De seriële poorten van deze machine zijn niet te lezen.",
    )


def test_this_machine_is_looked_at_when_nothing_else_is_said() -> None:
    """In a process of its own, on the ports and the sysfs of the machine that runs the tests."""
    program = "from kiosk.commands.modem_list import list_modems; list_modems()"
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    result = subprocess.run(
        [sys.executable, "-c", program, "--no-probe", "--json"],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env=environment,
        text=True,
    )

    assert result.returncode == 0, result.stderr
    assert "modems" in json.loads(result.stdout)


def test_it_is_a_command_for_the_group() -> None:
    assert (isinstance(list_modems, click.Command), list_modems.name) == (True, "list")
