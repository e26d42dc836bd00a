import dataclasses
import time
from pathlib import Path

import pytest

from hardware.modem.settings import Pace
from hardware.modem.status import ModemState
from hardware.simulator import PROFILES, REAL, SimulatedModem, SimulatedNetwork, SimulatedSim
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import ERROR, OK, ScriptedModem, once

# A modem that takes 20 ms for each command, switched on long ago.
TWENTY_MILLISECONDS = dataclasses.replace(REAL, submit=0.0, boot=0.0)


def commands(modem: SimulatedModem) -> list[str]:
    """What the kiosk said, without the ESC that comes first."""
    return [text.strip("\x1b") for text in modem.received.decode("latin-1").split("\r") if text.strip("\x1b")]


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_every_family_is_ready_after_at_most_22_commands(family: str, air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(family, air=air) as modem, Harness(modem.port, state) as harness:
        status = harness.ready().status
        assert len(commands(modem)) <= 22
        assert (status.network, status.network_name, status.imei, status.iccid) == (
            "20408",
            "KPN",
            modem.imei,
            modem.sim.iccid,
        )
        assert status.manufacturer
        assert status.model
        assert status.registered
        assert status.bars == 4
        assert status.service_centre
        assert status.imsi_network == "20408"
        assert status.simulated


def test_ready_within_a_second_of_opening_at_20_ms_per_command(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem("telit_le910", air=air, pace=TWENTY_MILLISECONDS) as modem:
        started = time.monotonic()
        with Harness(modem.port, state, pace=Pace()) as harness:
            harness.ready()
            assert time.monotonic() - started <= 1.0


@pytest.mark.parametrize(
    "fault",
    [
        "echo_stuck",
        "double_cr",
        "lf_only",
        "nul_bytes",
        "one_byte_at_a_time=0.1",
        "answer_before_ok_order",
        "urc_in_answer",
        "verbose_errors",
        "v0_left_on",
        "q1_left_on",
        "ucs2_left_on",
        "rssi_flood=20",
        "unknown_urc_flood=20",
        "first_at_ignored=3",
        "garbage_at_start",
        "slow=50",
        # Slower than one AT is waited for: each try is answered, one after another.
        "slow=250",
        "sim_busy=0.3",
        "sim_pin2",
        "cpin_without_ok",
        "sms_not_ready=0.3",
        "cs_denied",
        "radio_off",
        "sim_memory_full",
    ],
)
def test_a_modem_with_this_habit_becomes_ready(fault: str, air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air, faults=[fault]) as modem, Harness(modem.port, state) as harness:
        status = harness.ready().status
        assert (status.network, status.imei) == ("20408", modem.imei)


@pytest.mark.parametrize(
    ("fault", "expected", "reason"),
    [
        ("sim_absent", ModemState.SIM_PROBLEM, "no_sim"),
        ("sim_failure", ModemState.SIM_PROBLEM, "sim_failure"),
        ("sim_puk", ModemState.SIM_PROBLEM, "puk_required"),
        ("sim_busy", ModemState.SIM_PROBLEM, "sim_unreadable"),
        ("csca_lost", ModemState.SIM_PROBLEM, "no_service_centre"),
        ("text_mode_only", ModemState.DOWN, "no_pdu_mode"),
        ("no_sms_on_port", ModemState.DOWN, "no_pdu_mode"),
        ("deaf", ModemState.DOWN, "silent"),
        ("not_registered", ModemState.NO_NETWORK, "searching"),
        ("registration_denied", ModemState.NO_NETWORK, "denied"),
    ],
)
def test_a_modem_that_cannot_serve_says_why(
    fault: str, expected: ModemState, reason: str, air: SimulatedNetwork, state: Path
) -> None:
    pace = dataclasses.replace(QUICK, sim_busy=0.3)
    with SimulatedModem(air=air, faults=[fault]) as modem, Harness(modem.port, state, pace=pace) as harness:
        harness.wait_for_state(expected, reason)
        modem.clear()
        harness.ready()


def test_a_stale_prompt_swallows_no_command_and_sends_nothing(scripted: ScriptedModem, state: Path) -> None:
    scripted.in_prompt()
    with Harness(scripted.port, state) as harness:
        harness.ready()
    assert scripted.committed == []
    assert scripted.heard[0] == "AT"


def test_a_configured_service_centre_is_written_where_the_sim_has_none(air: SimulatedNetwork, state: Path) -> None:
    with (
        SimulatedModem(air=air, faults=["csca_lost"]) as modem,
        Harness(modem.port, state, smsc="+31653131313") as harness,
    ):
        assert harness.ready().status.service_centre == "+31653131313"


def test_a_service_centre_on_the_sim_is_left_alone(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, smsc="+31600000000") as harness:
        harness.ready()
        assert not [command for command in commands(modem) if command.startswith("AT+CSCA=")]


def test_reports_are_asked_for_in_a_form_that_the_modem_takes(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {"AT+CNMI=2,1,0,1,0": ERROR}
    with Harness(scripted.port, state) as harness:
        harness.ready()
    assert [each for each in scripted.heard if "CNMI" in each] == ["AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0"]


def test_another_modem_than_the_configured_one_is_not_used(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state, imei="354237065082228") as harness:
        harness.wait_for_state(ModemState.DOWN, "other_modem")
    assert "AT+CPIN?" not in scripted.heard


def test_another_sim_than_the_configured_one_is_not_used(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, iccid="8931080000000000027") as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM, "other_sim")


def test_every_refusal_that_may_be_tolerated_is(scripted: ScriptedModem, state: Path) -> None:
    refused = (
        "ATQ0V1E0",
        "AT+CMEE=1",
        "AT+CGMI",
        "AT+CGMM",
        "AT+CGMR",
        "AT+CGSN",
        "AT+CFUN?",
        "AT+CCID",
        "AT+ICCID",
        "AT+CRSM",
        "AT+CIMI",
        "AT+CSCA?",
        "AT+CNMI",
        "AT+CSMS",
        "AT+COPS",
        "AT+COPS?",
        "AT+CSQ",
        "AT+CESQ",
    )
    scripted.answers |= dict.fromkeys(refused, ERROR)
    with Harness(scripted.port, state) as harness:
        status = harness.ready().status
    assert (status.imei, status.network, status.signal_dbm) == ("", "", None)


def test_registration_is_looked_for_in_every_domain(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {
        "AT+CREG?": b"\r\n+CREG: 0,3\r\n\r\nOK\r\n",
        "AT+CEREG?": ERROR,
        "AT+CGREG?": b"\r\n+CGREG: 0,5\r\n\r\nOK\r\n",
    }
    with Harness(scripted.port, state) as harness:
        assert harness.ready().status.registered


def test_signal_is_asked_another_way_when_the_usual_one_does_not_know(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {
        "AT+CSQ": b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n",
        "AT+CESQ": b"\r\n+CESQ: 99,99,255,255,20,50\r\n\r\nOK\r\n",
    }
    with Harness(scripted.port, state) as harness:
        assert harness.ready().status.signal_dbm == -91


def test_a_restart_while_being_set_up_begins_the_set_up_anew(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CIMI"] = once(b"\r\nRDY\r\n", b"\r\n204080000000001\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        harness.ready()
    assert scripted.heard.count("ATQ0V1E0") == 2


def test_a_modem_that_restarts_for_ever_is_down_for_that_reason(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CIMI"] = b"\r\nRDY\r\n"
    with Harness(scripted.port, state) as harness:
        harness.wait_for_state(ModemState.DOWN, "restarted")


def test_registration_that_comes_later_is_heard_at_once(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CREG?"] = b"\r\n+CREG: 0,2\r\n\r\nOK\r\n"
    with Harness(scripted.port, state) as harness:
        harness.wait_for_state(ModemState.NO_NETWORK, "searching")
        scripted.say(b'\r\n+CREG: 1,"00AB","01CEAD8F",7\r\n')
        harness.ready()
    assert "AT+CREG=1" in scripted.heard


def test_a_sim_in_another_home_network_keeps_its_own_identity(air: SimulatedNetwork, state: Path) -> None:
    sim = SimulatedSim(network="20404", number="+31612000009", may_roam=True)
    with SimulatedModem(air=air, network="20408", sim=sim) as modem, Harness(modem.port, state) as harness:
        assert harness.ready().status.imsi_network == "20404"


def test_a_silent_step_is_passed_over(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, basic=0.1)
    scripted.answers["AT+CGMR"] = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        assert harness.ready().status.model == "M1"


def test_radio_is_switched_on_without_a_restart(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {"AT+CFUN?": b"\r\n+CFUN: 0\r\n\r\nOK\r\n", "AT+CFUN": OK}
    with Harness(scripted.port, state) as harness:
        harness.ready()
    assert [each for each in scripted.heard if each.startswith("AT+CFUN=")] == ["AT+CFUN=1"]


def test_a_radio_that_stays_off_is_the_reason(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {"AT+CFUN?": b"\r\n+CFUN: 4\r\n\r\nOK\r\n", "AT+CFUN": ERROR}
    with Harness(scripted.port, state) as harness:
        harness.wait_for_state(ModemState.DOWN, "radio_off")
