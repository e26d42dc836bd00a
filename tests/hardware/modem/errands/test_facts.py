"""The questions of a test: what the modem says, and that nothing is changed by asking."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.modem.errands import clock, dry_run, facts, sms_service
from hardware.modem.errands.waiting import Refusal
from tests.hardware.modem.harness import Harness
from tests.hardware.modem.scripted import ERROR, OK, ScriptedModem, once

SECONDS = 5


@pytest.fixture
def harness(scripted: ScriptedModem, state: Path) -> Iterator[Harness]:
    with Harness(scripted.port, state) as harness:
        yield harness.ready()


def test_identity_is_asked_anew(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CGMR"] = b'\r\n+CGMR: "2.0"\r\n\r\nOK\r\n'
    found = harness.ask(facts.identity).result(SECONDS)
    assert found == facts.Identity(manufacturer="ACME", model="M1", revision="2.0", imei="354237065082227")


def test_attention_tells_how_fast_the_modem_answers(harness: Harness) -> None:
    assert 0 < harness.ask(facts.attention).result(SECONDS).seconds < 1


def test_a_sim_that_waits_for_its_pin_is_read_without_entering_anything(
    harness: Harness, scripted: ScriptedModem
) -> None:
    scripted.answers |= {
        "AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n",
        "AT+CPINR": b"\r\n+CPINR: SIM PIN,3\r\n\r\nOK\r\n",
    }
    found = harness.ask(facts.sim_card).result(SECONDS)
    assert (found.state, found.pin_tries, found.iccid, found.refused) == ("SIM PIN", 3, "8931080000000000019", None)
    assert not [one for one in scripted.heard if one.startswith("AT+CPIN=")]


def test_no_sim_is_told_with_the_modems_code(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers |= {"AT+CPIN?": b"\r\n+CME ERROR: 10\r\n", "AT+CIMI": ERROR, "AT+CCID": ERROR}
    found = harness.ask(facts.sim_card).result(SECONDS)
    assert (found.state, found.refused, found.iccid, found.imsi_network) == ("", Refusal(family="cme", code=10), "", "")


def test_each_domain_has_its_own_registration(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers |= {
        "AT+CREG?": b"\r\n+CREG: 0,3\r\n\r\nOK\r\n",
        "AT+CGREG?": b"\r\n+CME ERROR: 4\r\n",
        "AT+CEREG?": b"\r\n+CEREG: 0,1\r\n\r\nOK\r\n",
    }
    found = harness.ask(facts.registrations).result(SECONDS)
    seen = {domain.name: domain.state.stat if domain.state else domain.refused for domain in found.domains}
    assert seen == {"CREG": 3, "CEREG": 1, "CGREG": Refusal(family="cme", code=4)}
    assert found.registered


def test_the_serving_network_has_digits_name_and_technology(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+COPS?"] = once(
        b'\r\n+COPS: 0,0,"KPN",7\r\n\r\nOK\r\n', b'\r\n+COPS: 0,2,"20408",7\r\n\r\nOK\r\n'
    )
    found = harness.ask(facts.serving).result(SECONDS)
    assert (found.mode, found.network, found.name, found.technology) == (0, "20408", "KPN", "4G")


def test_on_lte_the_signal_comes_from_its_own_question_and_the_status_follows(
    harness: Harness, scripted: ScriptedModem
) -> None:
    scripted.answers |= {
        "AT+CSQ": b"\r\n+CSQ: 99,99\r\n\r\nOK\r\n",
        "AT+CESQ": b"\r\n+CESQ: 99,99,255,255,20,50\r\n\r\nOK\r\n",
    }
    found = harness.ask(facts.signal).result(SECONDS)
    assert (found.dbm, found.bars, harness.status.signal_dbm) == (-91, 2, -91)


def test_a_sim_without_a_service_centre_is_told(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CSCA?"] = b'\r\n+CSCA: "",129\r\n\r\nOK\r\n'
    assert not harness.ask(facts.sms_centre).result(SECONDS).number


def test_a_full_memory_is_told(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CPMS?"] = b'\r\n+CPMS: "SM",10,10,"SM",10,10,"ME",0,99\r\n\r\nOK\r\n'
    found = harness.ask(facts.memories).result(SECONDS)
    assert found.full
    assert [memory.memory for memory in found.memories] == ["SM", "SM", "ME"]


def test_the_dry_run_reaches_the_prompt_and_sends_nothing(harness: Harness, scripted: ScriptedModem) -> None:
    escapes = scripted.escapes
    found = harness.ask(dry_run.dry_run).result(SECONDS)
    assert (found.outcome, scripted.committed, scripted.escapes) == ("prompt", [], escapes + 1)


def test_a_refused_dry_run_has_the_modems_code(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.prompt = b"\r\n+CMS ERROR: 310\r\n"
    found = harness.ask(dry_run.dry_run).result(SECONDS)
    assert (found.outcome, found.refused) == ("refused", Refusal(family="cms", code=310))


def test_a_dry_run_without_a_prompt_leaves_the_modem_able_to_send(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.prompt = once(b"", b"\r\n> ")
    assert harness.ask(dry_run.dry_run).result(SECONDS).outcome == "no_prompt"
    harness.send()
    assert len(scripted.committed) == 1


@pytest.mark.parametrize(("refuses", "written"), [(False, 3), (True, 1)])
def test_sms_that_go_over_packet_data_only_are_moved_to_the_circuit_side(
    harness: Harness, scripted: ScriptedModem, refuses: bool, written: int
) -> None:
    scripted.answers |= {
        "AT+CGSMS?": b"\r\n+CGSMS: 0\r\n\r\nOK\r\n",
        "AT+CGSMS=3": b"\r\n+CME ERROR: 50\r\n" if refuses else OK,
    }
    found = harness.ask(sms_service.prefer_circuit).result(SECONDS)
    assert (found.service, found.written) == (written, True)


def test_a_service_that_is_right_is_not_written_again(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CGSMS?"] = b"\r\n+CGSMS: 1\r\n\r\nOK\r\n"
    assert not harness.ask(sms_service.prefer_circuit).result(SECONDS).written
    assert not [one for one in scripted.heard if one.startswith("AT+CGSMS=")]


def test_the_modems_clock_is_measured_against_ours(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers |= {
        "AT+CTZU?": b"\r\n+CTZU: 1\r\n\r\nOK\r\n",
        "AT+CCLK?": b'\r\n+CCLK: "40/11/27,12:00:00+04"\r\n\r\nOK\r\n',
    }
    found = harness.ask(clock.modem_clock).result(SECONDS)
    assert found.from_network is True
    assert found.offset_seconds is not None
    assert found.offset_seconds > 86400


def test_a_clock_that_was_never_set_is_no_evidence(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CCLK?"] = b'\r\n+CCLK: "04/01/01,00:12:41+00"\r\n\r\nOK\r\n'
    found = harness.ask(clock.modem_clock).result(SECONDS)
    assert (found.at, found.offset_seconds) == (None, None)
