"""Each fault in the shape of answers and in being there at all."""

import pytest
import serial

from hardware.simulator import Fault, SimulatedModem, SimulatedPhone
from tests.hardware.simulator.client import CTRL_Z, FINAL, PDU, TEXT, Client
from tests.hardware.simulator.conftest import MakeModem

A_MOMENT = 0.1


def test_echo_stuck_echoes_in_spite_of_ate0(modem: SimulatedModem) -> None:
    modem.inject(Fault.ECHO_STUCK)
    with Client(modem.port) as client:
        assert client.ask("AT+CSQ") == b"AT+CSQ\r\r\n+CSQ: 18,99\r\n\r\nOK\r\n"


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (Fault.DOUBLE_CR, b"\r\r\n+CSQ: 18,99\r\r\n\r\r\nOK\r\r\n"),
        (Fault.LF_ONLY, b"\n+CSQ: 18,99\n\nOK\n"),
        (Fault.NUL_BYTES, b"\0\0\r\n+CSQ: 18,99\r\n\0\0\r\nOK\r\n"),
        (Fault.ANSWER_BEFORE_OK_ORDER, b"\r\nOK\r\n\r\n+CSQ: 18,99\r\n"),
        (Fault.URC_IN_ANSWER, b"\r\n+CSQ: 18,99\r\n\r\n^RSSI:17\r\n\r\nOK\r\n"),
    ],
)
def test_odd_answers_have_exactly_these_bytes(
    client: Client, modem: SimulatedModem, fault: Fault, answer: bytes
) -> None:
    modem.inject(fault)
    client.write(b"AT+CSQ\r")

    assert client.within(A_MOMENT) == answer


def test_an_answer_out_of_order_can_happen_once(client: Client, modem: SimulatedModem) -> None:
    modem.inject("answer_before_ok_order:once")
    client.ask("AT+CSQ", rb"99\r\n$")

    assert client.ask("AT+CSQ") == b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n"


def test_one_byte_at_a_time_comes_in_single_bytes(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.ONE_BYTE_AT_A_TIME)
    before = len(modem.transcript)

    answer = client.ask("AT+CSQ")

    written = [entry.octets for entry in modem.transcript[before:] if entry.direction == "out"]
    assert answer == b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n"
    assert {len(octets) for octets in written} == {1}


def test_a_message_is_sent_through_a_line_of_single_bytes(
    client: Client, modem: SimulatedModem, phone: SimulatedPhone
) -> None:
    modem.inject(Fault.ONE_BYTE_AT_A_TIME)

    assert (client.send(), phone.texts) == (b"\r\n+CMGS: 0\r\n\r\nOK\r\n", (TEXT,))


def test_verbose_errors_come_as_words_whatever_cmee_says(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.VERBOSE_ERRORS)
    client.ask("AT+CMEE=1")

    assert client.ask("AT+CMGR=1") == b"\r\n+CMS ERROR: invalid memory index\r\n"


def test_v0_left_on_gives_digits_until_atv1(make_modem: MakeModem) -> None:
    with Client(make_modem(faults=["v0_left_on"]).port, quiet=False) as client:
        digits = client.ask("ATE0", rb"\r0\r")
        client.ask("ATV1")

        assert (digits, client.ask("AT")) == (b"ATE0\r0\r", b"\r\nOK\r\n")


def test_q1_left_on_gives_nothing_until_atq0(make_modem: MakeModem) -> None:
    with Client(make_modem(faults=["q1_left_on"]).port, quiet=False) as client:
        client.write(b"ATE0\rAT\r")
        silence = client.within(A_MOMENT)

        assert (silence, client.ask("ATQ0")) == (b"ATE0\r", b"\r\nOK\r\n")


def test_ucs2_left_on_shows_numbers_in_hexadecimal(make_modem: MakeModem) -> None:
    with Client(make_modem(faults=["ucs2_left_on"]).port) as client:
        assert b'+CSCA: "002B003300310036' in client.ask("AT+CSCA?")
        client.ask('AT+CSCS="GSM"')
        assert b'+CSCA: "+316' in client.ask("AT+CSCA?")


@pytest.mark.parametrize(
    ("fault", "line"), [("rssi_flood=5", rb"\r\n\^RSSI:18\r\n"), ("unknown_urc_flood=5", rb"\r\n\+QZZZ: 7[^\r]*\r\n")]
)
def test_floods_come_again_and_again_until_they_are_cleared(
    client: Client, modem: SimulatedModem, fault: str, line: bytes
) -> None:
    modem.inject(fault)
    client.expect(line * 3)
    modem.clear()
    client.within(A_MOMENT)

    assert client.within(A_MOMENT) == b""


def test_a_message_can_be_sent_in_a_flood(client: Client, modem: SimulatedModem, phone: SimulatedPhone) -> None:
    modem.inject("unknown_urc_flood=5")
    client.write(b"AT+CMGS=29\r")
    client.expect(rb"\r\n> ")
    client.write(PDU.encode() + CTRL_Z)
    client.expect(rb"\r\n\+CMGS: 0\r\n")

    assert phone.texts == (TEXT,)


def test_first_at_ignored_neither_answers_nor_echoes_the_first_commands(make_modem: MakeModem) -> None:
    with Client(make_modem(faults=["first_at_ignored=2"]).port, quiet=False) as client:
        client.write(b"AT\rAT\r")
        silence = client.within(A_MOMENT)

        assert (silence, client.ask("AT")) == (b"", b"AT\r\r\nOK\r\n")


def test_garbage_at_start_comes_once_before_the_first_answer(make_modem: MakeModem) -> None:
    modem = make_modem(faults=["garbage_at_start"])
    with Client(modem.port, quiet=False) as client:
        first, second = client.ask("ATE0"), client.ask("AT")

    assert b"\x00\x00\xff\xfe" in first
    assert second == b"\r\nOK\r\n"


def test_garbage_comes_again_after_power_on(make_modem: MakeModem) -> None:
    modem = make_modem(faults=["garbage_at_start"])
    with Client(modem.port) as client:
        client.ask("AT")
    modem.unplug()
    modem.plug()

    with Client(modem.port, quiet=False) as client:
        assert b"\xff\xfe" in client.ask("AT")


def test_slow_answers_late_and_keeps_the_order(client: Client, modem: SimulatedModem) -> None:
    modem.inject("slow=500:once")
    client.write(b"AT+CSQ\r")
    nothing = client.within(A_MOMENT)
    client.write(b"AT\r")

    assert nothing == b""
    assert client.expect(FINAL + FINAL) == b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n\r\nOK\r\n"


def test_deaf_answers_nothing_until_it_is_cleared(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.DEAF)
    client.write(b"AT\r")
    silence = client.within(A_MOMENT)
    modem.clear(Fault.DEAF)

    assert (silence, client.ask("AT")) == (b"", b"\r\nOK\r\n")


def test_write_blocked_makes_a_write_time_out_until_it_is_cleared(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.WRITE_BLOCKED)
    client.line.write_timeout = A_MOMENT
    with pytest.raises(serial.SerialTimeoutException):
        client.write(b"AT\r")
    modem.clear(Fault.WRITE_BLOCKED)

    assert client.ask("AT") == b"\r\nOK\r\n"


def test_write_blocked_from_the_start_blocks_the_first_write(make_modem: MakeModem) -> None:
    modem = make_modem(faults=["write_blocked"])

    with pytest.raises(serial.SerialTimeoutException), serial.Serial(modem.port, write_timeout=A_MOMENT) as line:
        line.write(b"AT\r")


def test_no_sms_on_port_knows_at_and_no_message_commands(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.NO_SMS_ON_PORT)

    failed = [client.ask(command) for command in ("AT+CMGF?", "AT+CSCA?", "AT+CMGS=29", "AT+CNMI?")]

    assert failed == [b"\r\n+CME ERROR: 4\r\n"] * 4
    assert client.ask("AT") == b"\r\nOK\r\n"


def test_cmgl_hangs_until_the_modem_is_plugged_in_anew(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.CMGL_HANGS, times=1)
    client.write(b"AT+CMGL=4\rAT\r")
    silence = client.within(A_MOMENT)
    modem.unplug()
    modem.plug()

    with Client(modem.port) as again:
        assert (silence, again.ask("AT")) == (b"", b"\r\nOK\r\n")
