"""A configured modem is found by its IMEI when its port has another name now, or its name belongs to another device."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardware.modem import locating
from hardware.modem.fleet import Fleet
from hardware.modem.locating import Locator
from hardware.modem.owner import ModemOwner
from hardware.modem.probe import PROBE_PACE
from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.settings import Identity, ModemSettings
from hardware.modem.status import ModemState
from hardware.serial_line import PortMissing, SerialLine
from hardware.simulator import Fault, SimulatedModem, SimulatedSim
from tests.hardware.modem.finding.places import FORBIDDEN, PIN, Plug, four_ports
from tests.hardware.modem.harness import QUICK
from tests.hardware.modem.plugging import PACE, UNKNOWN, Machine
from tests.hardware.modem.scripted import ScriptedModem

OTHER_IMEI = "490154203237518"


@pytest.fixture
def real_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulated modems count as real ones, which may be asked although nobody configured them."""
    monkeypatch.setattr(locating, "_PSEUDO_TERMINALS", "/none/")


def noord(machine: Machine, modem: SimulatedModem | None = None, **given: Any) -> ModemSettings:
    """Configured by a name that nobody has, with the IMEI of this modem."""
    values: dict[str, Any] = {"port": str(machine.dev / "ttyUSB9"), "imei": modem.imei if modem else OTHER_IMEI}
    return ModemSettings(name="noord", pace=QUICK, **(values | given))


def locator(machine: Machine, *settings: ModemSettings) -> Locator:
    return Locator(lambda: settings, around=machine.around, pace=PACE, seconds=5.0)


def where(finder: Locator, settings: ModemSettings) -> str:
    return finder.locate(settings, threading.Event())


@pytest.mark.usefixtures("real_ports")
def test_a_modem_whose_name_is_gone_is_found_among_several_ports_by_its_imei(machine: Machine, modem: Plug) -> None:
    first = [modem(f"ttyUSB{number}", Fault.DEAF) for number in (0, 1)]
    ours, other = modem("ttyUSB2"), modem("ttyUSB3")
    four_ports(machine, [each.port for each in (*first, ours)], UNKNOWN, path="1-1.1")
    four_ports(machine, [other.port], UNKNOWN, path="1-1.2")
    settings = noord(machine, ours)
    assert where(locator(machine, settings), settings) == ours.port


@pytest.mark.usefixtures("real_ports")
def test_who_a_device_is_is_asked_once_until_something_is_plugged_in_or_out(machine: Machine, modem: Plug) -> None:
    deaf, other = modem("ttyUSB0", Fault.DEAF), modem("ttyUSB1")
    for number, each in enumerate((deaf, other), start=1):
        four_ports(machine, [each.port], UNKNOWN, path=f"1-1.{number}")
    settings = noord(machine)
    finder = locator(machine, settings)
    for _ in range(3):
        with pytest.raises(PortMissing):
            where(finder, settings)
    asked = [each.received.count(b"ATQ0V1E0\r") for each in (deaf, other)]
    heard = [len(each.received) for each in (deaf, other)]
    assert all(asked)
    with pytest.raises(PortMissing):
        where(finder, settings)
    assert [len(each.received) for each in (deaf, other)] == heard

    came = modem("ttyUSB2", imei=OTHER_IMEI)
    four_ports(machine, [came.port], UNKNOWN, path="1-1.3")
    assert where(finder, settings) == came.port
    # The one that had said nothing is asked anew; the one that told who it is is not.
    assert len(deaf.received) > heard[0]
    assert len(other.received) == heard[1]


@pytest.mark.usefixtures("real_ports")
def test_a_modem_that_was_still_starting_is_asked_again_after_a_pause(machine: Machine, modem: Plug) -> None:
    starting = modem("ttyUSB0", Fault.DEAF)
    four_ports(machine, [starting.port], UNKNOWN)
    settings = noord(machine, starting)
    finder, now = locator(machine, settings), time.monotonic()
    finder.now = lambda: now
    with pytest.raises(PortMissing):
        where(finder, settings)
    starting.clear()
    with pytest.raises(PortMissing):
        where(finder, settings)
    finder.now = lambda: now + 16
    assert where(finder, settings) == starting.port


@pytest.mark.usefixtures("real_ports")
def test_asking_enters_no_pin_and_sends_nothing(machine: Machine, modem: Plug, tmp_path: Path) -> None:
    locked = modem("ttyUSB0", sim=SimulatedSim(network="20408", pin=PIN))
    four_ports(machine, [locked.port], UNKNOWN)
    pin_file = tmp_path / "pin"
    pin_file.write_text(PIN)
    pin_file.chmod(0o600)
    settings = noord(machine, locked, pin_file=pin_file)
    assert where(locator(machine, settings), settings) == locked.port
    assert locked.received
    assert not FORBIDDEN.search(locked.received)


def test_a_pseudo_terminal_is_asked_only_when_it_is_configured(machine: Machine, modem: Plug) -> None:
    there = modem("ttyUSB0")
    four_ports(machine, [there.port], UNKNOWN)
    settings = noord(machine, there)
    with pytest.raises(PortMissing):
        where(locator(machine, settings), settings)
    assert not there.received
    zuid = ModemSettings(name="zuid", port=there.port)
    assert where(locator(machine, settings, zuid), settings) == there.port


@pytest.mark.usefixtures("real_ports")
def test_a_port_named_by_its_socket_is_not_looked_for_in_others_unless_the_modem_may_be_anywhere(
    machine: Machine, modem: Plug
) -> None:
    there = modem("ttyUSB0")
    four_ports(machine, [there.port], UNKNOWN)
    by_path = str(machine.dev / "serial/by-path/pci-0000:00:14.0-usb-0:1.4:1.2-port0")
    settings = noord(machine, there, port=by_path)
    with pytest.raises(PortMissing):
        where(locator(machine, settings), settings)
    anywhere = replace(settings, anywhere=True)
    assert where(locator(machine, anywhere), anywhere) == there.port
    # The engine stops it in another socket than the adopted one, and shows it there.
    adopted = replace(settings, adopted=Identity(imei=there.imei, iccid="1", socket="1-1.4"))
    assert where(locator(machine, adopted), adopted) == there.port


@pytest.mark.usefixtures("real_ports")
def test_a_search_that_is_called_off_ends_at_once_and_is_made_again(machine: Machine, modem: Plug) -> None:
    there = modem("ttyUSB0", Fault.DEAF)
    four_ports(machine, [there.port], UNKNOWN)
    settings = noord(machine, there)
    finder = Locator(lambda: (settings,), around=machine.around)
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    began = time.monotonic()
    with pytest.raises(PortMissing):
        finder.locate(settings, cancelled)
    assert 0.2 < time.monotonic() - began < 1.0
    there.clear()
    assert where(finder, settings) == there.port


@pytest.mark.usefixtures("real_ports")
def test_a_port_that_takes_no_bytes_does_not_hold_up_the_end(machine: Machine) -> None:
    with ScriptedModem() as scripted:
        scripted.jam()
        four_ports(machine, [scripted.port], UNKNOWN)
        settings = noord(machine)
        finder = Locator(
            lambda: (settings,), around=machine.around, opener=lambda port: SerialLine(port, write_timeout=5.0)
        )
        cancelled = threading.Event()
        threading.Timer(0.2, cancelled.set).start()
        began = time.monotonic()
        with pytest.raises(PortMissing):
            finder.locate(settings, cancelled)
        assert time.monotonic() - began < 2.0


# With the owners of the modems


@contextmanager
def fleet(state: Path, *settings: ModemSettings) -> Iterator[tuple[Fleet, threading.Condition]]:
    changed = threading.Condition()

    def tell(*_: object) -> None:
        with changed:
            changed.notify_all()

    driven = Fleet(
        settings,
        opener=lambda port: SerialLine(port, write_timeout=0.3),
        on_status=tell,
        on_report=tell,
        on_late=tell,
        refused_pins=RefusedPinsFile(state),
    )
    driven.start()
    try:
        yield driven, changed
    finally:
        assert driven.stop(1.0)


def states(driven: Fleet) -> dict[str, tuple[ModemState, str, str]]:
    return {name: (one.state, one.reason, one.port) for name, one in driven.statuses().items()}


def test_two_modems_whose_names_were_exchanged_are_both_found(modem: Plug, state: Path) -> None:
    one, other = modem("ttyUSB0"), modem("ttyUSB1")
    configured = [
        ModemSettings(name="noord", port=one.port, imei=other.imei, pace=QUICK),
        ModemSettings(name="zuid", port=other.port, imei=one.imei, pace=QUICK),
    ]
    right = {"noord": (ModemState.READY, "", other.port), "zuid": (ModemState.READY, "", one.port)}
    with fleet(state, *configured) as (driven, changed), changed:
        assert changed.wait_for(lambda: states(driven) == right, 20), states(driven)


def test_a_modem_found_under_the_name_of_another_that_is_away_leaves_that_one_missing(modem: Plug, state: Path) -> None:
    there, away = modem("ttyUSB0"), modem("ttyUSB1")
    away_path = away.port
    away.unplug()
    configured = [
        ModemSettings(name="noord", port=there.port, imei=away.imei, pace=QUICK),
        ModemSettings(name="zuid", port=away_path, imei=there.imei, pace=QUICK),
    ]
    with fleet(state, *configured) as (driven, changed):
        with changed:
            assert changed.wait_for(lambda: states(driven)["zuid"] == (ModemState.READY, "", there.port), 20)
            assert changed.wait_for(lambda: states(driven)["noord"][:2] == (ModemState.GONE, "port_missing"), 20)
        away.plug()
        with changed:
            assert changed.wait_for(lambda: states(driven)["noord"] == (ModemState.READY, "", away_path), 20)
            assert states(driven)["zuid"] == (ModemState.READY, "", there.port)


def test_a_replaced_modem_that_nobody_waits_for_is_still_shown_for_adoption(modem: Plug, state: Path) -> None:
    there = modem("ttyUSB0")
    adopted = Identity(imei=OTHER_IMEI, iccid="8931440400000000008")
    with fleet(state, ModemSettings(name="noord", port=there.port, adopted=adopted, pace=QUICK)) as (driven, changed):
        with changed:
            assert changed.wait_for(lambda: states(driven)["noord"][:2] == (ModemState.DOWN, "other_modem"), 20)
        status = driven.statuses()["noord"]
        assert (status.imei, status.iccid) == (there.imei, there.sim.iccid)


def owner_of(settings: ModemSettings, finder: Locator, state: Path) -> ModemOwner:
    return ModemOwner(
        settings,
        opener=SerialLine,
        on_status=lambda _: None,
        on_report=lambda _, __: None,
        on_late=lambda _, __: None,
        refused_pins=RefusedPinsFile(state),
        locator=finder,
    )


@pytest.mark.usefixtures("real_ports")
def test_a_name_that_belongs_to_a_silent_port_now_is_left_for_the_port_that_answers(
    machine: Machine, modem: Plug, state: Path
) -> None:
    silent, ours = modem("ttyUSB1", Fault.DEAF), modem("ttyUSB2")
    four_ports(machine, [silent.port, ours.port], UNKNOWN)
    settings = noord(machine, ours, port=silent.port)
    owner = owner_of(settings, locator(machine, settings), state)
    owner.start()
    assert ours.wait_for(lambda: b"AT+CNMI" in ours.received, 20)
    assert owner.stop(1.0)


def test_a_modem_that_falls_silent_is_waited_for_at_its_port(machine: Machine, modem: Plug) -> None:
    there = modem("ttyUSB0")
    settings = noord(machine, there, port=there.port)
    finder = locator(machine, settings)
    finder.note(there.port, there.imei)
    finder.note_silence(there.port)
    assert where(finder, settings) == there.port
    assert not there.received


@pytest.mark.usefixtures("real_ports")
def test_an_owner_that_is_searching_stops_at_once(machine: Machine, modem: Plug, state: Path) -> None:
    deaf = modem("ttyUSB0", Fault.DEAF)
    four_ports(machine, [deaf.port], UNKNOWN)
    settings = noord(machine)
    # As slow as on a real machine: fifteen seconds for this port.
    finder = Locator(lambda: (settings,), around=machine.around, pace=replace(PROBE_PACE, attention_tries=100))
    owner = owner_of(settings, finder, state)
    owner.start()
    assert deaf.wait_for(lambda: b"AT" in deaf.received)
    began = time.monotonic()
    assert owner.stop(0.0)
    assert time.monotonic() - began < 1.0
