"""Questions to the operator by USSD: every form of answer, and never a dialogue that stays open."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.modem.errand import ErrandCancelled
from hardware.modem.errands.ussd import BadUssdCode, UssdEnd, UssdLines, ask_ussd, packed_hexadecimal
from hardware.modem.errands.waiting import Refusal
from hardware.modem.jobs import Sent
from tests.hardware.modem.harness import Harness
from tests.hardware.modem.scripted import ERROR, OK, ScriptedModem

SECONDS = 5
ASK = 'AT+CUSD=1,"*101#",15'


@pytest.fixture
def harness(scripted: ScriptedModem, state: Path) -> Iterator[Harness]:
    with Harness(scripted.port, state) as harness:
        yield harness.ready()


@pytest.mark.parametrize(
    "answer",
    [
        b'\r\nOK\r\n\r\n+CUSD: 0,"Tegoed: 4,50 euro",15\r\n',
        b'\r\n+CUSD: 0,"Tegoed: 4,50 euro",15\r\n\r\nOK\r\n',
        b'\r\nOK\r\n\r\n+CUSD: 2,"005400650067006F00650064003A00200034002C003500300020006500750072006F",72\r\n',
        b'\r\nOK\r\n\r\n+CUSD: 0,"D4F2F95D26EB4034560D062AD7E56F",15\r\n',
    ],
    ids=["after_ok", "before_ok", "ucs2", "packed"],
)
def test_an_answer_is_read_in_every_form(harness: Harness, scripted: ScriptedModem, answer: bytes) -> None:
    scripted.answers[ASK] = answer
    found = harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS)
    assert (found.end, [text.lower() for text in found.texts]) == (UssdEnd.ANSWERED, ["tegoed: 4,50 euro"])
    assert "AT+CUSD=2" not in scripted.heard


def test_an_answer_over_several_lines_is_one_text(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers[ASK] = b'\r\nOK\r\n\r\n+CUSD: 0,"Tegoed:\r\n4,50 euro\r\nGeldig t/m 31-12",15\r\n'
    found = harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS)
    assert found.texts == ("Tegoed:\n4,50 euro\nGeldig t/m 31-12",)


def test_a_second_answer_belongs_to_the_first_and_holds_nothing_up(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers[ASK] = b'\r\nOK\r\n\r\n+CUSD: 0,"Een moment",15\r\n\r\n+CUSD: 0,"Tegoed 4,50",15\r\n'
    found = harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS)
    assert found.texts == ("Een moment", "Tegoed 4,50")
    assert isinstance(harness.send(), Sent)


def test_a_menu_is_answered_with_the_replies_in_turn(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers |= {
        ASK: b'\r\nOK\r\n\r\n+CUSD: 1,"1 Tegoed 2 Bundel",15\r\n',
        'AT+CUSD=1,"1",15': b'\r\nOK\r\n\r\n+CUSD: 0,"4,50 euro",15\r\n',
    }
    found = harness.ask(lambda session: ask_ussd(session, "*101#", ["1"])).result(SECONDS)
    assert (found.end, found.texts) == (UssdEnd.ANSWERED, ("1 Tegoed 2 Bundel", "4,50 euro"))


def test_a_menu_without_a_reply_is_closed(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers[ASK] = b'\r\nOK\r\n\r\n+CUSD: 1,"1 Tegoed 2 Bundel",15\r\n'
    found = harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS)
    assert (found.end, found.texts) == (UssdEnd.MENU_CLOSED, ("1 Tegoed 2 Bundel",))
    assert "AT+CUSD=2" in scripted.heard


def test_an_operator_that_says_nothing_ends_at_the_limit_and_is_closed(
    harness: Harness, scripted: ScriptedModem
) -> None:
    assert harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS).end is UssdEnd.NO_ANSWER
    assert "AT+CUSD=2" in scripted.heard
    assert isinstance(harness.send(), Sent)


def test_what_the_network_does_not_support_is_told(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers[ASK] = b"\r\nOK\r\n\r\n+CUSD: 4\r\n"
    assert harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS).end is UssdEnd.NOT_SUPPORTED


def test_a_refusal_has_the_modems_code(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CUSD"] = b"\r\n+CME ERROR: 30\r\n"
    found = harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS)
    assert (found.end, found.refused) == (UssdEnd.REFUSED, Refusal(family="cme", code=30))


def test_a_modem_that_wants_octets_gets_them_when_characters_are_refused(
    harness: Harness, scripted: ScriptedModem
) -> None:
    scripted.answers |= {ASK: ERROR, 'AT+CUSD=1,"AA182C3602",15': b'\r\nOK\r\n\r\n+CUSD: 0,"4,50",15\r\n'}
    assert harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS).texts == ("4,50",)


def test_a_maker_known_for_octets_gets_them_at_once(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers |= {
        "AT+CGMI": b"\r\nhuawei\r\n\r\nOK\r\n",
        'AT+CUSD=1,"AA182C3602",15': b'\r\nOK\r\n\r\n+CUSD: 0,"4,50",15\r\n',
    }
    with Harness(scripted.port, state) as harness:
        harness.ready()
        assert harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS).texts == ("4,50",)
    assert ASK not in scripted.heard


def test_the_character_set_is_as_before_afterwards(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers |= {"AT+CSCS?": b'\r\n+CSCS: "UCS2"\r\n\r\nOK\r\n', ASK: b'\r\nOK\r\n\r\n+CUSD: 0,"4,50",15\r\n'}
    harness.ask(lambda session: ask_ussd(session, "*101#")).result(SECONDS)
    assert [one for one in scripted.heard if one.startswith("AT+CSCS=")] == ['AT+CSCS="GSM"', 'AT+CSCS="UCS2"']


def test_a_cancelled_question_is_closed(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers[ASK] = OK
    cancelled = threading.Event()
    asked = harness.ask(lambda session: ask_ussd(session, "*101#"), cancelled=cancelled)
    scripted.wait_for(lambda: ASK in scripted.heard)
    cancelled.set()
    harness.owner.wake()
    with pytest.raises(ErrandCancelled):
        asked.result(SECONDS)
    scripted.wait_for(lambda: "AT+CUSD=2" in scripted.heard)


@pytest.mark.parametrize("code", ["", 'x"', "*101#\r", "ATH", "*" * 33])
def test_what_no_phone_can_type_is_never_asked(harness: Harness, scripted: ScriptedModem, code: str) -> None:
    with pytest.raises(BadUssdCode):
        harness.ask(lambda session: ask_ussd(session, code)).result(SECONDS)
    assert not [one for one in scripted.heard if one.startswith("AT+CUSD")]


def test_packed_octets_are_those_of_the_standard() -> None:
    assert packed_hexadecimal("*101#") == "AA182C3602"
    assert packed_hexadecimal("*100#") == "AA180C3602"


def test_lines_of_nobody_are_no_answer() -> None:
    lines = UssdLines()
    lines.hear("^RSSI: 20")
    lines.hear("+CREG: 1")
    assert not list(lines.take())
