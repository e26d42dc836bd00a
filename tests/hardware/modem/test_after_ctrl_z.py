"""What becomes of an SMS after the point of no return: sent, refused, or unknown and never sent again."""

import dataclasses
import threading
from pathlib import Path

import pytest

from hardware.modem.causes import ErrorClass
from hardware.modem.jobs import NotSent, Refused, Sent, Unknown
from hardware.modem.status import ModemState, ModemStatus
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import (
    OK,
    PROMPT,
    SENT,
    Chatter,
    Reply,
    ScriptedModem,
    after,
    once,
)


def unplug(modem: ScriptedModem) -> bytes:
    modem.unplug()
    return b""


def test_a_lost_answer_is_unknown_and_the_sms_went_out_once(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.2)
    scripted.after_ctrl_z = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        result = harness.ready().send()
        assert isinstance(result, Unknown)
        assert result.reason == "no_answer"
        scripted.after_ctrl_z = SENT
        assert isinstance(harness.send(), Sent)
    assert len(scripted.committed) == 2


def test_a_late_answer_is_told_with_its_reference(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.1)
    scripted.after_ctrl_z = after(0.4, SENT)
    with Harness(scripted.port, state, pace=pace) as harness:
        assert isinstance(harness.ready().send(), Unknown)
        harness.wait_for(lambda: harness.late == [7])


def test_a_late_answer_after_its_time_is_not_told(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.1, late=0.0)
    scripted.after_ctrl_z = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        assert isinstance(harness.ready().send(), Unknown)
        scripted.say(SENT)
        scripted.after_ctrl_z = b"\r\n+CMGS: 8\r\n\r\nOK\r\n"
        result = harness.send()
        assert isinstance(result, Sent)
        assert (result.reference, harness.late) == (8, [])


def test_a_late_answer_before_the_next_prompt_belongs_to_the_message_before(
    scripted: ScriptedModem, state: Path
) -> None:
    pace = dataclasses.replace(QUICK, final=0.1)
    scripted.after_ctrl_z = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        assert isinstance(harness.ready().send(), Unknown)
        scripted.prompt = SENT + PROMPT
        scripted.after_ctrl_z = b"\r\n+CMGS: 8\r\n\r\nOK\r\n"
        result = harness.send()
        assert isinstance(result, Sent)
        assert (result.reference, harness.late) == (8, [7])


def test_an_answer_that_comes_during_the_next_send_is_told_apart(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.1, after_ok=0.5)
    scripted.after_ctrl_z = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        assert isinstance(harness.ready().send(), Unknown)
        scripted.after_ctrl_z = lambda modem: SENT + after(0.05, b"\r\n+CMGS: 8\r\n\r\nOK\r\n")(modem)
        result = harness.send()
        assert isinstance(result, Sent)
        assert (result.reference, harness.late) == (8, [7])


def test_a_refusal_behind_the_answer_of_the_message_before_is_ours(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.1, after_ok=0.5)
    scripted.after_ctrl_z = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        assert isinstance(harness.ready().send(), Unknown)
        scripted.after_ctrl_z = lambda modem: SENT + after(0.05, b"\r\n+CMS ERROR: 42\r\n")(modem)
        assert isinstance(harness.send(), Refused)
        assert harness.late == [7]


def test_a_modem_that_stays_busy_is_listened_to_and_comes_back(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.1, basic=0.05, attention=0.05)
    silent = dict.fromkeys(("AT", "AT+CMGF?", "ATQ0V1E0"), b"")

    def nothing_more(modem: ScriptedModem) -> bytes:
        modem.answers |= silent
        return b""

    scripted.after_ctrl_z = nothing_more
    with Harness(scripted.port, state, pace=pace) as harness:
        assert isinstance(harness.ready().send(), Unknown)
        harness.wait_for_state(ModemState.DOWN, "silent")
        for command in silent:
            del scripted.answers[command]
        scripted.answers["AT+CMGF?"] = b"\r\n+CMGF: 0\r\n\r\nOK\r\n"
        scripted.say(SENT)
        harness.wait_for(lambda: harness.late == [7])
        harness.ready()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"\r\nERROR\r\n", "error"),
        (b"\r\n+CMS ERROR: 500\r\n", "cms_500"),
        (b"\r\n+CMS ERROR: 127\r\n", "cms_127"),
        (b"\r\n+CMS ERROR: 255\r\n", "cms_255"),
        (b"\r\n+CMS ERROR: 332\r\n", "cms_332"),
        (b"\r\n+CMS ERROR: 512\r\n", "cms_512"),
        (b"\r\n+CMS ERROR: something else\r\n", "error"),
        (b"\r\n+CME ERROR: 100\r\n", "cme_100"),
        (b"\r\nOK\r\n", "no_reference"),
        (b"\r\nRDY\r\n", "modem_restarted"),
        (b"\r\nNORMAL POWER DOWN\r\n", "modem_restarted"),
        (unplug, "port_gone"),
    ],
)
def test_an_unclear_end_is_unknown_and_never_sent_again(
    scripted: ScriptedModem, state: Path, answer: Reply, reason: str
) -> None:
    scripted.after_ctrl_z = answer
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert isinstance(result, Unknown)
        assert result.reason == reason
    assert len(scripted.committed) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "code", "error_class"),
    [
        (b"\r\n+CMS ERROR: 42\r\n", "cms", 42, ErrorClass.OTHER_MODEM),
        (b"\r\n+CMS ERROR: 38\r\n", "cms", 38, ErrorClass.OTHER_MODEM),
        (b"\r\n+CMS ERROR: 28\r\n", "cms", 28, ErrorClass.PERMANENT_NUMBER),
        (b"\r\n+CMS ERROR: 21\r\n", "cms", 21, ErrorClass.MODEM_DOWN),
        (b"\r\n+CMS ERROR: 310\r\n", "cms", 310, ErrorClass.MODEM_DOWN),
        (b"\r\n+CMS ERROR: 304\r\n", "cms", 304, ErrorClass.OUR_BUG),
        (b"\r\n+CMS ERROR: SIM not inserted\r\n", "cms", 310, ErrorClass.MODEM_DOWN),
        (b"\r\n+CME ERROR: 30\r\n", "cme", 30, ErrorClass.OTHER_MODEM),
    ],
)
def test_a_clear_refusal_has_its_code_and_class(
    scripted: ScriptedModem, state: Path, answer: bytes, kind: str, code: int, error_class: ErrorClass
) -> None:
    scripted.after_ctrl_z = answer
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert isinstance(result, Refused)
        assert (result.kind, result.code, result.error_class) == (kind, code, error_class)
    assert len(scripted.committed) == 1


def test_a_rejected_duplicate_was_sent_before(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = b"\r\n+CMS ERROR: 197\r\n"
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert isinstance(result, Sent)
        assert result.reference is None


def test_a_flood_of_unknown_lines_lengthens_no_limit(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.3)
    scripted.after_ctrl_z = b""
    with Chatter(scripted, b"\r\n+NOBODY: KNOWS\r\n", 0.02), Harness(scripted.port, state, pace=pace) as harness:
        result = harness.ready().send()
    assert isinstance(result, Unknown)
    assert 0.25 < result.seconds < 1.5


def test_a_call_in_between_is_no_answer(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = b'\r\nRING\r\n\r\n+CLIP: "+31687654321",145\r\n\r\nNO CARRIER\r\n' + SENT
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)
        scripted.wait_for(lambda: "AT+CHUP" in scripted.heard)


def test_a_stray_ok_before_the_answer_is_waited_out(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, after_ok=2.0)
    scripted.after_ctrl_z = lambda modem: OK + after(0.1, SENT)(modem)
    with Harness(scripted.port, state, pace=pace) as harness:
        assert isinstance(harness.ready().send(), Sent)


def test_an_answer_whose_ok_is_lost_is_sent_all_the_same(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = b"\r\n+CMGS: 7\r\n"
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)
        assert isinstance(harness.send(), Sent)
    assert len(scripted.committed) == 2


def test_a_port_that_vanishes_behind_the_answer_does_not_take_it_back(scripted: ScriptedModem, state: Path) -> None:
    def answer(modem: ScriptedModem) -> bytes:
        threading.Timer(0.05, modem.unplug).start()
        return b"\r\n+CMGS: 7\r\n"

    scripted.after_ctrl_z = answer
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)


def test_unplugged_in_the_journal_is_unknown(scripted: ScriptedModem, state: Path) -> None:
    def journal(_: ModemStatus) -> bool:
        scripted.unplug()
        return True

    with Harness(scripted.port, state) as harness:
        result = harness.ready().send(journal=journal)
    assert isinstance(result, Unknown)
    assert result.reason == "port_gone"
    assert scripted.committed == []


def test_a_modem_that_restarted_is_set_up_again(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = once(b"\r\nRDY\r\n", SENT)
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Unknown)
        assert isinstance(harness.send(), Sent)
    assert scripted.heard.count("ATQ0V1E0") == 2


def test_a_lost_service_centre_is_written_back_once(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = once(b"\r\n+CMS ERROR: 330\r\n", SENT)
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Refused)
        assert isinstance(harness.send(), Sent)
    assert [each for each in scripted.heard if each.startswith("AT+CSCA=")] == ['AT+CSCA="+31653131313",145']


def test_a_modem_whose_network_refuses_the_sim_is_out_of_service_and_comes_back(
    scripted: ScriptedModem, state: Path
) -> None:
    scripted.after_ctrl_z = once(b"\r\n+CMS ERROR: 50\r\n", once(b"\r\n+CMS ERROR: 50\r\n", SENT))
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Refused)
        assert isinstance(harness.send(number="+31687654321"), Refused)
        harness.wait_for_state(ModemState.DOWN, "barred")
        assert harness.send() == NotSent(reason="barred", error_class=ErrorClass.MODEM_DOWN)
        assert isinstance(harness.ready().send(), Sent)


def test_one_number_that_the_network_bars_takes_no_modem_out_of_service(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = once(b"\r\n+CMS ERROR: 50\r\n", SENT)
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Refused)
        assert isinstance(harness.send(number="+31687654321"), Sent)
    assert not any(status.reason == "barred" for status in harness.statuses)


def test_one_number_again_and_again_is_the_sim_after_all(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = b"\r\n+CMS ERROR: 50\r\n"
    with Harness(scripted.port, state) as harness:
        harness.ready()
        for _ in range(3):
            harness.send()
        harness.wait_for_state(ModemState.DOWN, "barred")


def test_a_sim_that_fails_in_a_send_is_looked_at_again(scripted: ScriptedModem, state: Path) -> None:
    def failure(modem: ScriptedModem) -> bytes:
        modem.answers["AT+CPIN?"] = b"\r\n+CME ERROR: 13\r\n"
        return b"\r\n+CMS ERROR: 313\r\n"

    scripted.after_ctrl_z = failure
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Refused)
        harness.wait_for_state(ModemState.SIM_PROBLEM, "sim_failure")
