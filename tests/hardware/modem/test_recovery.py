"""The ladder: every rung when it is due, not more often, and with its reason."""

import dataclasses
from pathlib import Path

import pytest

from hardware.modem.jobs import Sent, Unknown
from hardware.modem.known_modems import survives_radio_cycle
from hardware.modem.reasons import Reason
from hardware.modem.recovery import Recovery
from hardware.modem.status import ModemState, ModemStatus, Rung
from hardware.modem.status_board import StatusBoard
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import OK, ScriptedModem, once

SEARCHING = {f"AT+{domain}?": f"\r\n+{domain}: 0,2\r\n\r\nOK\r\n".encode() for domain in ("CREG", "CGREG", "CEREG")}
NO_OPERATOR = b"\r\n+COPS: 0\r\n\r\nOK\r\n"
SOON = dataclasses.replace(QUICK, no_network=0.05, radio_again=30.0)


def rungs(harness: Harness) -> list[tuple[str, str]]:
    return [(step.rung.value, step.reason) for step in harness.status.recovery]


def test_after_minutes_without_a_network_the_radio_is_switched_off_and_on_and_all_is_set_up_again(
    scripted: ScriptedModem, state: Path
) -> None:
    def found(modem: ScriptedModem) -> bytes:
        modem.answers["AT+CREG?"] = b"\r\n+CREG: 0,1\r\n\r\nOK\r\n"
        return OK

    scripted.answers |= {**SEARCHING, "AT+CFUN=1": found}
    with Harness(scripted.port, state, pace=SOON) as harness:
        harness.wait_for_state(ModemState.NO_NETWORK, "searching")
        harness.ready()
        assert rungs(harness) == [("radio", "searching")]
    radio = [one for one in scripted.heard if one.startswith("AT+CFUN=")]
    assert radio == ["AT+CFUN=0", "AT+CFUN=1"]
    assert "AT+CMGF=0" in scripted.heard[scripted.heard.index("AT+CFUN=1") :]


def test_the_radio_is_not_switched_again_within_its_time(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= SEARCHING
    with Harness(scripted.port, state, pace=SOON, health_seconds=0.02) as harness:
        scripted.wait_for(lambda: "AT+CFUN=1" in scripted.heard)
        heard = len(scripted.heard)
        scripted.wait_for(lambda: len(scripted.heard) > heard + 40)
        assert rungs(harness) == [("radio", "searching")]
    assert scripted.heard.count("AT+CFUN=0") == 1


def test_a_short_loss_of_the_network_switches_nothing(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CREG?"] = once(b"\r\n+CREG: 0,2\r\n\r\nOK\r\n", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n")
    with Harness(scripted.port, state, pace=QUICK, health_seconds=0.02) as harness:
        harness.ready()
    assert "AT+CFUN=0" not in scripted.heard


def test_a_stick_that_a_reset_takes_off_the_bus_is_never_switched(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {**SEARCHING, "AT+CGMM": b"\r\nE1752\r\n\r\nOK\r\n"}
    with Harness(scripted.port, state, pace=SOON, health_seconds=0.02) as harness:
        harness.wait_for_state(ModemState.NO_NETWORK)
        heard = len(scripted.heard)
        scripted.wait_for(lambda: len(scripted.heard) > heard + 40)
    assert "AT+CFUN=0" not in scripted.heard


def test_switching_the_radio_costs_no_try_of_the_pin(air: SimulatedNetwork, state: Path, tmp_path: Path) -> None:
    pin = tmp_path / "pin"
    pin.write_text("4321\n")
    pin.chmod(0o600)
    with SimulatedModem(air=air, faults=["not_registered"]) as modem:
        modem.sim.pin = "4321"
        with Harness(modem.port, state, pace=SOON, pin_file=pin, health_seconds=0.02) as harness:
            harness.wait_for(lambda: ("radio", "searching") in rungs(harness))
            modem.clear()
            assert isinstance(harness.ready().send(), Sent)
        assert modem.sim.pin_tries == 3


@pytest.mark.parametrize(("words", "survives"), [("huawei E1752", False), ("QUECTEL EC25", True), ("", True)])
def test_models_that_do_not_survive_it_are_known(words: str, survives: bool) -> None:
    assert survives_radio_cycle(words) is survives


def test_a_choice_of_network_left_on_manual_is_taken_back(scripted: ScriptedModem, state: Path) -> None:
    def automatic(modem: ScriptedModem) -> bytes:
        modem.answers |= {
            "AT+CREG?": b"\r\n+CREG: 0,1\r\n\r\nOK\r\n",
            "AT+COPS?": b'\r\n+COPS: 0,2,"20408",7\r\n\r\nOK\r\n',
        }
        return OK

    denied = {key: value.replace(b",2", b",3") for key, value in SEARCHING.items()}
    scripted.answers |= {**denied, "AT+COPS?": b"\r\n+COPS: 1\r\n\r\nOK\r\n", "AT+COPS=0": automatic}
    with Harness(scripted.port, state) as harness:
        harness.wait_for_state(ModemState.NO_NETWORK, "denied")
        harness.ready()
        assert rungs(harness) == [("automatic", "+COPS: 1")]
        assert harness.status.selection == 0


def test_a_modem_that_chooses_by_itself_is_not_told_to_again(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {**SEARCHING, "AT+COPS?": NO_OPERATOR}
    with Harness(scripted.port, state, health_seconds=0.02) as harness:
        harness.wait_for_state(ModemState.NO_NETWORK)
        heard = len(scripted.heard)
        scripted.wait_for(lambda: len(scripted.heard) > heard + 30)
    assert "AT+COPS=0" not in scripted.heard


def test_manual_left_on_is_cured_on_the_simulated_modem_too(air: SimulatedNetwork, state: Path) -> None:
    with (
        SimulatedModem(air=air, faults=["manual_operator_left"]) as modem,
        Harness(modem.port, state, health_seconds=0.05) as harness,
    ):
        harness.ready()
        assert isinstance(harness.send(), Sent)
        assert harness.status.selection == 0


def test_while_the_network_is_looked_for_no_sms_waits(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {**SEARCHING, "AT+COPS?": b"\r\n+COPS: 1\r\n\r\nOK\r\n", "AT+COPS=0": b""}
    with Harness(scripted.port, state) as harness:
        scripted.wait_for(lambda: "AT+COPS=0" in scripted.heard)
        result = harness.submit().result(1)
    assert getattr(result, "reason", "") == "searching"


def test_on_lte_failing_sms_are_moved_to_the_other_side_of_the_network(air: SimulatedNetwork, state: Path) -> None:
    with (
        SimulatedModem(air=air, faults=["sms_needs_cs"]) as modem,
        Harness(modem.port, state, health_seconds=0.02) as harness,
    ):
        harness.ready()
        harness.wait_for(lambda: harness.status.sms_service == 3)
        assert [type(harness.send()) for _ in range(2)] == [Unknown, Unknown]
        harness.wait_for(lambda: harness.status.sms_service == 1)
        assert isinstance(harness.send(), Sent)
        assert ("sms_service", "3 to 1") in rungs(harness)


def test_sms_that_go_over_packet_data_alone_are_moved_at_once(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {"AT+CGSMS?": b"\r\n+CGSMS: 0\r\n\r\nOK\r\n", "AT+CGSMS=3": b"\r\n+CME ERROR: 50\r\n"}
    with Harness(scripted.port, state, health_seconds=0.02) as harness:
        harness.wait_for(lambda: harness.status.sms_service == 1)
    assert [one for one in scripted.heard if one.startswith("AT+CGSMS=")] == ["AT+CGSMS=3", "AT+CGSMS=1"]


def test_a_modem_that_falls_silent_climbs_from_resynchronising_to_opening_anew(
    air: SimulatedNetwork, state: Path
) -> None:
    pace = dataclasses.replace(QUICK, basic=0.05, attention=0.02)
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, pace=pace, health_seconds=0.02) as harness:
        harness.ready()
        modem.inject("deaf")
        harness.wait_for(lambda: Rung.REOPEN in {step.rung for step in harness.status.recovery})
        assert rungs(harness)[0][0] == "resync"
        modem.clear()
        harness.ready()


def test_a_modem_out_of_service_says_which_refusal_took_it_out(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = b"\r\n+CMS ERROR: 50\r\n"
    with Harness(scripted.port, state) as harness:
        harness.ready()
        for number in ("+31612345678", "+31687654321"):
            harness.send(number=number)
        harness.wait_for(lambda: ("out_of_service", "cms_50") in rungs(harness))
        # The step is noted while the modem is still called ready.
        harness.wait_for(lambda: any(status.reason == "barred" for status in harness.statuses))
        harness.ready()
    details = {status.detail for status in harness.statuses if status.reason == "barred"}
    assert (details, harness.statuses[-1].detail) == ({"cms_50"}, "")


def test_only_the_last_steps_are_kept(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = b"\r\n+CMS ERROR: 311\r\n"
    with Harness(scripted.port, state) as harness:
        for _ in range(10):
            harness.ready().send()
        harness.wait_for(lambda: len(harness.status.recovery) == 8)
    assert len(harness.status.recovery) == 8


def test_time_without_a_sim_is_no_time_without_a_network() -> None:
    board = StatusBoard(ModemStatus(name="noord", port="", state=ModemState.NO_NETWORK), lambda _: None)
    recovery = Recovery(board, dataclasses.replace(QUICK, no_network=0.0))
    recovery.network(registered=False)
    recovery.begin()
    assert recovery.radio_due()
    board.set_state(ModemState.SIM_PROBLEM, Reason.NO_SIM)
    recovery.begin()
    assert not recovery.radio_due()


@pytest.mark.parametrize(
    ("question", "as_set_up", "found"),
    [
        ("AT+CMGF?", b"\r\n+CMGF: 0\r\n\r\nOK\r\n", b"\r\n+CMGF: 1\r\n\r\nOK\r\n"),
        ("AT+CNMI?", b"\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n", b"\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n"),
    ],
    ids=["text_mode", "no_reports"],
)
def test_a_modem_that_restarted_without_a_word_is_set_up_again(
    scripted: ScriptedModem, state: Path, question: str, as_set_up: bytes, found: bytes
) -> None:
    scripted.answers[question] = as_set_up
    with Harness(scripted.port, state, health_seconds=0.01) as harness:
        harness.ready()
        scripted.wait_for(lambda: question in scripted.heard)
        scripted.answers[question] = once(found, as_set_up)
        harness.wait_for(lambda: harness.status.recovery != ())
        scripted.wait_for(lambda: scripted.heard.count("AT+CMGF=0") == 2)
    lost = found.split(b"\r\n")[1].decode()
    assert [(rung, reason.startswith(lost)) for rung, reason in rungs(harness)] == [("set_up", True)]
