import dataclasses
from pathlib import Path

import pytest

from hardware.modem.status import ModemState
from hardware.simulator import PROFILES, SimulatedModem, SimulatedNetwork, SimulatedSim
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import ERROR, OK, ScriptedModem, once

LOCKED = b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
THREE_TRIES = b"\r\n+CPINR: SIM PIN,3,3\r\n\r\nOK\r\n"


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_text("1234\n")
    path.chmod(0o600)
    return path


def entries(modem: SimulatedModem) -> int:
    """How often a PIN was typed."""
    return modem.received.count(b"AT+CPIN=")


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_the_right_pin_opens_the_sim_of_every_family(
    family: str, air: SimulatedNetwork, state: Path, pin_file: Path
) -> None:
    with (
        SimulatedModem(family, air=air, sim=SimulatedSim(pin="1234")) as modem,
        Harness(modem.port, state, pin_file=pin_file) as harness,
    ):
        harness.ready()
        assert entries(modem) == 1


def test_a_wrong_pin_is_entered_once_and_never_again(air: SimulatedNetwork, state: Path, pin_file: Path) -> None:
    sim = SimulatedSim(pin="9999")
    with SimulatedModem(air=air, sim=sim) as modem:
        with Harness(modem.port, state, pin_file=pin_file) as harness:
            harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_refused")
            # The owner looks again and again, and so does the next one.
            assert modem.wait_for(lambda: modem.received.count(b"AT+CPIN?") > 3)
        with Harness(modem.port, state, pin_file=pin_file) as harness:
            harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_refused")
            assert harness.status.pin_tries == 2
        assert (entries(modem), sim.pin_tries) == (1, 2)


def test_another_pin_in_the_file_is_tried_once_more_and_then_no_other(
    air: SimulatedNetwork, state: Path, pin_file: Path
) -> None:
    sim = SimulatedSim(pin="9999")
    with SimulatedModem(air=air, sim=sim) as modem, Harness(modem.port, state, pin_file=pin_file) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_refused")
        pin_file.write_text("4321")
        harness.wait_for(lambda: sim.pin_tries == 1)
        pin_file.write_text("9999")
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_last_try")
        assert sim.pin_tries == 1


@pytest.mark.parametrize("tries", [0, 1])
def test_the_last_tries_are_for_a_person(air: SimulatedNetwork, state: Path, pin_file: Path, tries: int) -> None:
    sim = SimulatedSim(pin="1234", pin_tries=tries)
    with SimulatedModem(air=air, sim=sim) as modem, Harness(modem.port, state, pin_file=pin_file) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_last_try" if tries else "puk_required")
        assert (entries(modem), sim.pin_tries) == (0, tries)


def test_tries_that_cannot_be_read_mean_no_entry(air: SimulatedNetwork, state: Path, pin_file: Path) -> None:
    with (
        SimulatedModem(air=air, sim=SimulatedSim(pin="1234"), faults=["pin_tries_unreadable"]) as modem,
        Harness(modem.port, state, pin_file=pin_file) as harness,
    ):
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_tries_unknown")
        assert entries(modem) == 0


def test_without_a_pin_file_the_tries_are_shown_and_nothing_is_entered(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air, sim=SimulatedSim(pin="1234")) as modem, Harness(modem.port, state) as harness:
        status = harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_required")
        harness.wait_for(lambda: harness.status.pin_tries == 3)
        assert (status.reason, entries(modem)) == ("pin_required", 0)


def test_a_pin_that_a_person_enters_elsewhere_brings_the_modem_back(air: SimulatedNetwork, state: Path) -> None:
    sim = SimulatedSim(pin="1234")
    with SimulatedModem(air=air, sim=sim) as modem, Harness(modem.port, state) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_required")
        sim.enter_pin("1234")
        harness.ready()


def test_another_sim_gets_no_pin(air: SimulatedNetwork, state: Path, pin_file: Path) -> None:
    with (
        SimulatedModem(air=air, sim=SimulatedSim(pin="1234")) as modem,
        Harness(modem.port, state, pin_file=pin_file, iccid="8931080000000000027") as harness,
    ):
        harness.wait_for_state(ModemState.SIM_PROBLEM, "other_sim")
        assert entries(modem) == 0


def test_a_pin_file_that_others_may_read_gets_no_pin_entered(
    air: SimulatedNetwork, state: Path, pin_file: Path
) -> None:
    pin_file.chmod(0o644)
    with (
        SimulatedModem(air=air, sim=SimulatedSim(pin="1234")) as modem,
        Harness(modem.port, state, pin_file=pin_file) as harness,
    ):
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_file_open")
        assert entries(modem) == 0


def test_a_memory_that_cannot_be_written_means_no_entry(air: SimulatedNetwork, tmp_path: Path, pin_file: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    with (
        SimulatedModem(air=air, sim=SimulatedSim(pin="1234")) as modem,
        Harness(modem.port, tmp_path / "state", pin_file=pin_file) as harness,
    ):
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_memory")
        assert entries(modem) == 0


def test_an_entry_whose_answer_is_lost_is_not_repeated_when_it_cost_a_try(
    scripted: ScriptedModem, state: Path, pin_file: Path
) -> None:
    two_tries = b"\r\n+CPINR: SIM PIN,2,3\r\n\r\nOK\r\n"
    scripted.answers |= {"AT+CPIN?": LOCKED, "AT+CPINR": once(THREE_TRIES, two_tries), "AT+CPIN": b""}
    pace = dataclasses.replace(QUICK, sim_enter=0.1)
    with Harness(scripted.port, state, pin_file=pin_file, pace=pace) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_refused")
    assert sum(each.startswith("AT+CPIN=") for each in scripted.heard) == 1


def test_a_refusal_that_is_none_because_the_sim_is_open_counts_as_accepted(
    scripted: ScriptedModem, state: Path, pin_file: Path
) -> None:
    ready = b"\r\n+CPIN: READY\r\n\r\nOK\r\n"
    scripted.answers |= {
        "AT+CPIN?": once(LOCKED, ready),
        "AT+CPINR": THREE_TRIES,
        "AT+CPIN": b"\r\n+CME ERROR: 3\r\n",
    }
    with Harness(scripted.port, state, pin_file=pin_file) as harness:
        harness.ready()
        assert harness.pins.may_enter("8931080000000000019", "1234", tries_left=2)


def test_a_sim_that_is_busy_with_the_pin_gets_it_again_only_with_all_its_tries(
    scripted: ScriptedModem, state: Path, pin_file: Path
) -> None:
    ready = b"\r\n+CPIN: READY\r\n\r\nOK\r\n"
    scripted.answers |= {
        "AT+CPIN?": once(LOCKED, once(LOCKED, once(LOCKED, ready))),
        "AT+CPINR": THREE_TRIES,
        "AT+CPIN": once(b"\r\n+CME ERROR: 14\r\n", OK),
    }
    with Harness(scripted.port, state, pin_file=pin_file) as harness:
        harness.ready()
    assert sum(each.startswith("AT+CPIN=") for each in scripted.heard) == 2


def test_a_device_lock_is_told_from_a_sim_lock(scripted: ScriptedModem, state: Path, pin_file: Path) -> None:
    scripted.answers["AT+CPIN?"] = b"\r\n+CPIN: PH-NET PIN\r\n\r\nOK\r\n"
    with Harness(scripted.port, state, pin_file=pin_file) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "device_locked")
    assert not any(each.startswith("AT+CPIN=") for each in scripted.heard)


def test_a_blocked_entry_is_told_as_puk(scripted: ScriptedModem, state: Path, pin_file: Path) -> None:
    scripted.answers |= {"AT+CPIN?": LOCKED, "AT+CPINR": THREE_TRIES, "AT+CPIN": b"\r\n+CME ERROR: 12\r\n"}
    with Harness(scripted.port, state, pin_file=pin_file) as harness:
        harness.wait_for(lambda: "puk_required" in [each.reason for each in harness.statuses])
    assert sum(each.startswith("AT+CPIN=") for each in scripted.heard) == 1


def test_a_plain_error_to_the_pin_counts_as_a_refusal(scripted: ScriptedModem, state: Path, pin_file: Path) -> None:
    scripted.answers |= {"AT+CPIN?": LOCKED, "AT+CPINR": THREE_TRIES, "AT+CPIN": ERROR}
    with Harness(scripted.port, state, pin_file=pin_file) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "pin_refused")
        scripted.wait_for(lambda: scripted.heard.count("AT+CPIN?") > 3)
    assert sum(each.startswith("AT+CPIN=") for each in scripted.heard) == 1


def test_a_sim_pulled_out_and_put_back_is_noticed(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.answers["AT+CPIN?"] = b"\r\n+CME ERROR: 10\r\n"
        scripted.say(b"\r\n+CPIN: NOT INSERTED\r\n")
        harness.wait_for_state(ModemState.SIM_PROBLEM, "no_sim")
        scripted.answers["AT+CPIN?"] = b"\r\n+CPIN: READY\r\n\r\nOK\r\n"
        scripted.say(b"\r\n+CPIN: READY\r\n")
        harness.ready()
