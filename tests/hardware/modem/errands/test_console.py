"""The AT console: all that goes over the line, nothing that is secret, and never an SMS by the back door."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem.errand import ErrandCancelled
from hardware.modem.errands import console
from hardware.modem.errors import ModemUnfit
from hardware.modem.jobs import NotSent, Sent
from hardware.modem.session import ModemSession
from hardware.modem.status import ModemState
from hardware.serial_line import PortGone
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import Harness
from tests.hardware.modem.scripted import OK, ScriptedModem

SECONDS = 5


@pytest.fixture
def harness(scripted: ScriptedModem, state: Path) -> Iterator[Harness]:
    with Harness(scripted.port, state) as harness:
        yield harness.ready()


def ask(harness: Harness, line: str, seconds: float = 1.0) -> console.ConsoleAnswer:
    return harness.ask(lambda session: console.ask(session, line, seconds=seconds)).result(SECONDS)


def test_the_transcript_has_both_directions_with_their_bytes(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["ATI"] = b"\r\nACME\r\nRevision: 3\r\n\r\nOK\r\n"
    found = ask(harness, "ATI")
    assert [(line.direction.value, line.text) for line in found.lines] == [
        (">", "ATI"),
        ("<", "ACME"),
        ("<", "Revision: 3"),
        ("<", "OK"),
    ]
    assert (found.lines[0].raw, found.lines[2].raw) == (b"ATI\r", b"Revision: 3\r\n")
    assert found.end is console.ConsoleEnd.ANSWERED
    assert found.final is not None
    assert found.final.ok


def test_lines_that_nobody_asked_for_stand_in_the_transcript(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CSQ"] = b'\r\n^RSSI: 9\r\n\r\n+CSQ: 9,99\r\n\r\nOK\r\n\r\n+CMTI: "SM",4\r\n'
    assert [line.text for line in ask(harness, "AT+CSQ").lines] == [
        "AT+CSQ",
        "^RSSI: 9",
        "+CSQ: 9,99",
        "OK",
        '+CMTI: "SM",4',
    ]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ('AT+CPIN="4711"', "AT+CPIN=***"),
        ("at+cpin=4711", "at+cpin=***"),
        ('AT+CPWD="SC","4711","0815"', "AT+CPWD=***"),
        ('AT+CSQ;+CLCK="SC",0,"4711"', "AT+CSQ;+CLCK=***"),
        ('AT+CSIM=26,"00200001083437313100000000"', "AT+CSIM=***"),
        ("ATD**04*4711*0815*0815#;", "ATD**04****;"),
    ],
)
def test_no_pin_is_kept_not_even_in_its_echo(harness: Harness, scripted: ScriptedModem, line: str, kept: str) -> None:
    scripted.echo = True
    found = ask(harness, line)
    assert [one.text for one in found.lines[:2]] == [kept, kept]
    assert b"4711" not in b"".join(one.raw for one in found.lines)
    assert "4711" not in repr(found)


@pytest.mark.parametrize("line", ["AT+CMGS=29", 'AT+CMGS="+31612345678"', "AT+CMGW=29"])
def test_a_prompt_is_left_by_escape_and_nothing_is_sent(harness: Harness, scripted: ScriptedModem, line: str) -> None:
    def prompt(modem: ScriptedModem) -> bytes:
        modem.in_prompt()
        return b"\r\n> "

    scripted.answers[line] = prompt
    assert ask(harness, line).end is console.ConsoleEnd.PROMPT
    assert not scripted.committed
    del scripted.answers[line]
    assert isinstance(harness.send(), Sent)


@pytest.mark.parametrize("line", ["AT+CMGF=1", "ATV0", "ATE1", "AT&F", "ATZ"])
def test_after_a_line_that_may_change_it_the_dialogue_is_put_back(
    harness: Harness, scripted: ScriptedModem, line: str
) -> None:
    ask(harness, line)
    place = scripted.heard.index(line)
    assert scripted.heard[place + 1 :] == ["ATQ0V1E0", "AT+CMEE=1", "AT+CMGF=0"]


def test_a_question_changes_nothing(harness: Harness, scripted: ScriptedModem) -> None:
    ask(harness, "AT+CGSMS?")
    assert scripted.heard[-1] == "AT+CGSMS?"


def test_without_an_answer_the_line_is_given_up_and_the_next_one_gets_its_own(
    harness: Harness, scripted: ScriptedModem
) -> None:
    scripted.answers["AT+SLOW"] = b""
    assert ask(harness, "AT+SLOW", seconds=0.1).end is console.ConsoleEnd.NO_ANSWER
    assert ask(harness, "AT+CSQ").lines[1].text == "+CSQ: 20,99"


def test_a_cancelled_line_ends_at_once(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+SLOW"] = b""
    cancelled = threading.Event()
    asked = harness.ask(lambda session: console.ask(session, "AT+SLOW", seconds=60), cancelled=cancelled)
    scripted.wait_for(lambda: "AT+SLOW" in scripted.heard)
    cancelled.set()
    harness.owner.wake()
    with pytest.raises(ErrandCancelled):
        asked.result(SECONDS)
    assert isinstance(harness.send(), Sent)


def test_digits_for_results_are_understood(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["ATV0"] = b"0\r"
    found = ask(harness, "ATV0")
    assert found.final is not None
    assert found.final.ok


def test_a_restart_that_takes_the_port_away_is_told(harness: Harness, scripted: ScriptedModem) -> None:
    def restart(modem: ScriptedModem) -> bytes:
        modem.unplug()
        return b""

    scripted.answers["AT+CFUN=1,1"] = restart
    with pytest.raises(PortGone):
        ask(harness, "AT+CFUN=1,1")


@pytest.mark.parametrize("line", ["", "AT\rAT+CMGS=1", "AT\x1a", "ATé", "A" * 401])
def test_what_is_not_one_line_is_never_written(harness: Harness, scripted: ScriptedModem, line: str) -> None:
    before = list(scripted.heard)

    def run(session: ModemSession) -> console.ConsoleAnswer:
        return console.ask(session, line)

    with pytest.raises(console.BadConsoleLine):
        harness.ask(run).result(SECONDS)
    assert scripted.heard == before


def test_listening_shows_what_comes_by_itself(harness: Harness, scripted: ScriptedModem) -> None:
    heard: list[console.ConsoleLine] = []
    listening = threading.Event()

    def run(session: ModemSession) -> tuple[console.ConsoleLine, ...]:
        listening.set()
        return console.listen(session, 0.3, heard.append)

    asked = harness.ask(run)
    assert listening.wait(SECONDS)
    scripted.say(b"\r\n+CREG: 1\r\n")
    assert [line.text for line in asked.result(SECONDS)] == ["+CREG: 1"]
    assert [line.text for line in heard] == ["+CREG: 1"]


def test_an_answer_of_ok_alone_is_one_line(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT"] = OK
    assert [line.text for line in ask(harness, "AT").lines] == ["AT", "OK"]


def test_a_modem_that_does_not_take_pdu_mode_back_sends_nothing_until_it_does(
    harness: Harness, scripted: ScriptedModem
) -> None:
    scripted.answers["AT+CMGF=0"] = b"\r\nERROR\r\n"
    with pytest.raises(ModemUnfit):
        ask(harness, "AT+CMGF=1")
    harness.wait_for_state(ModemState.DOWN, "no_pdu_mode")
    assert isinstance(harness.send(), NotSent)
    del scripted.answers["AT+CMGF=0"]
    assert isinstance(harness.ready().send(), Sent)


@given(
    pin=st.from_regex(r"[0-9]{4,8}", fullmatch=True),
    cuts=st.lists(st.integers(1, 40), max_size=6),
    command=st.sampled_from(
        ['AT+CPIN="{}"', "at+cpin={}", 'AT+CPWD="SC","{}","9876"', "AT^CPIN={}", "ATD**04*{}*1111*1111#"]
    ),
)
def test_no_pin_is_kept_however_its_echo_is_cut(pin: str, cuts: list[int], command: str) -> None:
    kept: list[console.ConsoleLine] = []
    transcript = console.Transcript(kept.append)
    line = command.format(pin)
    transcript.take(">", line.encode() + b"\r")
    echo = line.encode() + b"\r\r\nOK\r\n"
    place = 0
    for cut in [*cuts, len(echo)]:
        transcript.take("<", echo[place : place + cut])
        place += cut
    transcript.close()
    assert kept[-1].text == "OK"
    shown = "".join(one.text + one.raw.decode("latin-1") for one in kept)
    assert pin not in shown


def test_a_restart_of_the_radio_on_order_leaves_the_modem_ready(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, health_seconds=0.05) as harness:
        harness.ready()
        ask(harness, "AT+CFUN=0")
        ask(harness, "AT+CFUN=1")
        harness.ready()
        assert isinstance(harness.send(), Sent)
