from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem.lines import (
    LONGEST_LINE,
    PROMPT,
    Event,
    Expected,
    LineAssembler,
    Meaning,
    is_restart,
    meaning,
)
from tests.hardware.modem.recorded import recorded


def events(data: bytes, *, prompt: bool = False, sent: str = "", size: int | None = None) -> list[Event]:
    """What the assembler makes of `data`, fed at once or in pieces of `size`."""
    assembler = LineAssembler()
    assembler.prompt_expected = prompt
    if sent:
        assembler.sent(sent)
    pieces = [data[place : place + (size or len(data) or 1)] for place in range(0, len(data), size or len(data) or 1)]
    return [event for piece in pieces for event in assembler.feed(piece)]


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n+CREG: 0,1\r\n\r\nOK\r\n",
        b"\r\r\n+CREG: 0,1\r\r\n\r\r\nOK\r\r\n",
        b"+CREG: 0,1\nOK\n",
        b"\0\0\r\n+CR\0EG: 0,1\r\n\0\r\nOK\r\n\0",
        b"+CREG: 0,1   \r\n  OK\r",
    ],
)
def test_line_ends_of_every_kind_make_the_same_lines(data: bytes) -> None:
    assert events(data) == ["+CREG: 0,1", "OK"]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_make_no_difference(size: int) -> None:
    data = b"\r\n+CREG: 0,1\r\n\r\nOK\r\n\r\n> "
    assert events(data, prompt=True, size=size) == ["+CREG: 0,1", "OK", PROMPT]


@pytest.mark.parametrize("data", [b"\r\n> ", b"\r\n>", b"\r\n>\r\n", b"> \r\n", b">", b"\r\n\r\n   > "])
def test_prompt_is_seen_with_and_without_space_or_line_end(data: bytes) -> None:
    assert events(data, prompt=True) == [PROMPT]


def test_a_prompt_that_nobody_expects_needs_a_line_of_its_own() -> None:
    assert events(b">>> noise\r\n> \r\n>\r\n") == [">>> noise", PROMPT, PROMPT]


def test_prompt_in_the_middle_of_a_line_is_none() -> None:
    assert events(b"\r\na > b\r\n", prompt=True) == ["a > b"]


@pytest.mark.parametrize("data", [b"AT+CSQ\r\r\n+CSQ: 20,99\r\n", b"AT+CSQ\r\n+CSQ: 20,99\r\n"])
def test_echo_is_taken_out(data: bytes) -> None:
    assert events(data, sent="AT+CSQ") == ["+CSQ: 20,99"]


def test_echo_of_a_pdu_with_its_ctrl_z_is_taken_out() -> None:
    assert events(b"\r\n> 0011AB\x1a\r\n+CMGS: 7\r\n", prompt=True, sent="0011AB") == [PROMPT, "+CMGS: 7"]


def test_an_endless_line_is_dropped_and_the_next_one_read() -> None:
    assert events(b"x" * (3 * LONGEST_LINE) + b"\r\nOK\r\n", size=1000) == ["OK"]


def test_a_prompt_from_before_is_not_the_one_of_the_next_command() -> None:
    assembler = LineAssembler()
    list(assembler.feed(b"> "))
    assembler.forget_prompt()
    assembler.prompt_expected = True
    assert list(assembler.feed(b"\r\nOK\r\n")) == ["OK"]


def test_a_line_that_is_half_there_when_a_command_begins_is_kept() -> None:
    assembler = LineAssembler()
    list(assembler.feed(b"\r\n+CMG"))
    assembler.forget_prompt()
    assert list(assembler.feed(b"S: 7\r\n")) == ["+CMGS: 7"]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5), st.booleans())
def test_no_bytes_make_it_fail_and_no_cut_makes_a_difference(data: bytes, cuts: list[int], prompt: bool) -> None:
    assembler = LineAssembler()
    assembler.prompt_expected = prompt
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[first:last] for first, last in pairwise(places)]
    assert [event for piece in pieces for event in assembler.feed(piece)] == events(data, prompt=prompt)


@pytest.mark.parametrize(
    ("line", "expected", "is_a"),
    [
        ("+CREG: 0,1", Expected(("+CREG",)), Meaning.INFORMATION),
        ("+CREG:0,1", Expected(("+CREG",)), Meaning.INFORMATION),
        ("+CREGX: 1", Expected(("+CREG",)), Meaning.UNSOLICITED),
        ("OK", Expected(("+CREG",)), Meaning.FINAL),
        ("+CME ERROR: 14", Expected(("+CREG",)), Meaning.FINAL),
        ("^RSSI:17", Expected(("+CREG",)), Meaning.UNSOLICITED),
        ("whatever", Expected(("+CREG",)), Meaning.UNSOLICITED),
        ("whatever", Expected(free=True), Meaning.INFORMATION),
        ("^RSSI:17", Expected(free=True), Meaning.UNSOLICITED),
        ("RING", Expected(free=True), Meaning.UNSOLICITED),
        ("SMS Ready", Expected(free=True), Meaning.UNSOLICITED),
        ("RDY", Expected(free=True), Meaning.UNSOLICITED),
        ("NO CARRIER", Expected(free=True), Meaning.UNSOLICITED),
        ("NO CARRIER", Expected(), Meaning.UNSOLICITED),
        ("+CFUN: 1", Expected(("+CFUN",)), Meaning.INFORMATION),
        ("OK", Expected(free=True), Meaning.FINAL),
    ],
)
def test_lines_mean_what_the_order_of_the_classifier_says(line: str, expected: Expected, is_a: Meaning) -> None:
    assert meaning(line, expected) is is_a


@recorded("responses.json", "unsolicited")
def test_recorded_unsolicited_lines_answer_nothing(vector: dict[str, str]) -> None:
    for expected in (Expected(), Expected(("+CMGS",)), Expected(free=True)):
        assert meaning(vector["response"], expected) is Meaning.UNSOLICITED


@pytest.mark.parametrize(
    "line", ["RDY", "+CFUN: 1", "^SYSSTART", "*ATREADY: 1", "NORMAL POWER DOWN", "UNDER-VOLTAGE POWER DOWN"]
)
def test_start_up_banners_are_known(line: str) -> None:
    assert is_restart(line)


@pytest.mark.parametrize(
    "line", ["^BOOT:23706721,0,0,0,75", "SMS Ready", "Call Ready", "+CPIN: READY", "PB DONE", "UNDER-VOLTAGE WARNNING"]
)
def test_chatter_and_readiness_are_no_restart(line: str) -> None:
    assert not is_restart(line)
