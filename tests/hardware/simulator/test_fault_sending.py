"""Each fault around the sending of a message, as it shows in the bytes and at the phone."""

import pytest
import serial

from hardware.simulator import Fault, SimulatedModem, SimulatedPhone
from tests.hardware.simulator.client import CTRL_Z, FINAL, LENGTH, PDU, PDU_WITH_REPORT, TEXT, Client
from tests.hardware.simulator.conftest import MakeModem

SENT = b"\r\n+CMGS: 0\r\n\r\nOK\r\n"

# Long enough for anything that comes at once, short enough for a test that waits for nothing.
A_MOMENT = 0.1


def commit(client: Client) -> None:
    """Everything up to and with Ctrl-Z."""
    client.prompt()
    client.write(PDU.encode() + CTRL_Z)


def test_answer_lost_sends_once_and_says_nothing(client: Client, modem: SimulatedModem, phone: SimulatedPhone) -> None:
    modem.inject(Fault.ANSWER_LOST, times=1)

    commit(client)

    assert (client.within(A_MOMENT), phone.texts) == (b"", (TEXT,))
    assert client.ask("AT") == b"\r\nOK\r\n"
    assert client.send().startswith(b"\r\n+CMGS: 1")


def test_answer_late_answers_commands_meanwhile_and_then_tells_the_reference(
    client: Client, modem: SimulatedModem, phone: SimulatedPhone
) -> None:
    modem.inject(Fault.ANSWER_LATE, 0.5, times=1)

    commit(client)
    meanwhile = client.ask("AT")

    assert (meanwhile, phone.texts) == (b"\r\nOK\r\n", (TEXT,))
    assert client.expect(FINAL) == SENT


def test_cmgs_takes_keeps_the_port_busy(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.CMGS_TAKES, 0.1, times=1)

    commit(client)
    client.write(b"AT\r")

    assert client.expect(FINAL + FINAL) == SENT + b"\r\nOK\r\n"


@pytest.mark.parametrize("cause", [42, 38, 28, 500])
def test_cms_error_refuses_once_with_its_number(client: Client, modem: SimulatedModem, cause: int) -> None:
    modem.inject(Fault.CMS_ERROR, cause, times=1)

    refused = client.send()

    assert (refused, modem.sent) == (f"\r\n+CMS ERROR: {cause}\r\n".encode(), ())
    assert client.send() == SENT


def test_a_fault_without_count_happens_until_it_is_cleared(client: Client, modem: SimulatedModem) -> None:
    modem.inject("cms_error=38")
    refused = [client.send() for _ in range(3)]
    modem.clear("cms_error")

    assert refused == [b"\r\n+CMS ERROR: 38\r\n"] * 3
    assert client.send() == SENT


def test_generic_error_sends_nothing(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.GENERIC_ERROR)

    assert (client.send(), modem.sent) == (b"\r\nERROR\r\n", ())


@pytest.mark.parametrize(
    ("fault", "answer"), [("error_after_send", b"ERROR"), ("error_after_send=500", b"+CMS ERROR: 500")]
)
def test_error_after_send_sends_all_the_same(
    client: Client, modem: SimulatedModem, phone: SimulatedPhone, fault: str, answer: bytes
) -> None:
    modem.inject(fault)

    assert (client.send(), phone.texts) == (b"\r\n" + answer + b"\r\n", (TEXT,))


def test_reference_missing_says_ok_alone(client: Client, modem: SimulatedModem, phone: SimulatedPhone) -> None:
    modem.inject(Fault.REFERENCE_MISSING)

    assert (client.send(), phone.texts) == (b"\r\nOK\r\n", (TEXT,))


def test_never_sent_says_nothing_and_sends_nothing(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.NEVER_SENT)

    commit(client)

    assert (client.within(A_MOMENT), modem.sent) == (b"", ())


@pytest.mark.parametrize(("went_out", "count"), [(1, 1), (0, 0)])
def test_reset_during_send_says_the_banner_instead_of_an_answer(
    client: Client, modem: SimulatedModem, went_out: int, count: int
) -> None:
    modem.inject(Fault.RESET_DURING_SEND, went_out, times=1)

    commit(client)
    banner = client.expect(rb"PB DONE\r\n")

    assert (b"RDY" in banner, b"+CMGS" in banner, len(modem.sent)) == (True, False, count)
    assert client.ask("AT") == b"AT\r\r\nOK\r\n"


@pytest.mark.parametrize(("went_out", "count"), [(1, 1), (0, 0)])
def test_gone_during_send_takes_the_port_away(client: Client, modem: SimulatedModem, went_out: int, count: int) -> None:
    modem.inject(Fault.GONE_DURING_SEND, went_out, times=1)

    commit(client)

    assert modem.wait_for(lambda: not modem.plugged)
    assert len(modem.sent) == count
    with pytest.raises(serial.SerialException):
        client.expect(FINAL)


def test_urc_during_send_puts_lines_before_the_answer(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.URC_DURING_SEND)

    assert client.send() == (b"\r\n^RSSI:17\r\n\r\n+CREG: 1\r\n\r\n+QZZZ: 7\r\n\r\n^BOOT:23706721,0,0,0,75\r\n" + SENT)


def test_incoming_call_rings_and_ends_before_the_answer(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.INCOMING_CALL)
    commit(client)

    answer = client.expect(rb"\r\n\+CMGS: 0\r\n\r\nOK\r\n")

    assert answer.startswith(b'\r\nRING\r\n\r\n+CLIP: "+31201234567"')
    assert b"\r\nNO CARRIER\r\n" in answer


# Before Ctrl-Z


@pytest.mark.parametrize(
    ("fault", "prompt"), [(Fault.PROMPT_WITHOUT_SPACE, b"\r\n>"), (Fault.PROMPT_CRLF, b"\r\n>\r\n")]
)
def test_odd_prompts_have_exactly_these_bytes(
    client: Client, modem: SimulatedModem, fault: Fault, prompt: bytes
) -> None:
    modem.inject(fault)
    client.write(b"AT+CMGS=29\r")

    shown = client.within(A_MOMENT)
    client.write(PDU.encode() + CTRL_Z)

    assert (shown, client.expect(FINAL)) == (prompt, SENT)


def test_prompt_missing_shows_nothing_and_takes_the_pdu(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.PROMPT_MISSING)
    client.write(b"AT+CMGS=29\r")

    shown = client.within(A_MOMENT)
    client.write(PDU.encode() + CTRL_Z)

    assert (shown, client.expect(FINAL)) == (b"", SENT)


def test_prompt_late_comes_later(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.PROMPT_LATE, 0.5, times=1)
    client.write(b"AT+CMGS=29\r")

    assert client.within(A_MOMENT) == b""
    assert client.expect(rb"> $") == b"\r\n> "


def test_prompt_refused_gives_an_error_instead(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.PROMPT_REFUSED, 38)

    assert client.ask("AT+CMGS=29") == b"\r\n+CMS ERROR: 38\r\n"


def test_gone_before_prompt_takes_the_port_away_at_cmgs(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.GONE_BEFORE_PROMPT)
    client.write(b"AT+CMGS=29\r")

    assert modem.wait_for(lambda: not modem.plugged)
    with pytest.raises(serial.SerialException):
        client.expect(rb"> ")


def test_gone_after_prompt_shows_it_and_takes_the_port_away(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.GONE_AFTER_PROMPT)

    client.prompt()
    # However fast the program is, this SMS is not heard any more.
    client.write(PDU.encode() + b"\x1a")

    assert modem.wait_for(lambda: not modem.plugged)
    assert modem.sent == ()


def test_pdu_echo_gives_the_pdu_back_although_the_echo_is_off(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.PDU_ECHO)

    assert client.send() == PDU.encode() + SENT


def test_dropped_characters_make_the_pdu_too_short(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.DROPPED_CHARACTERS, 20, times=1)

    refused = client.send()

    assert (refused, modem.sent) == (b"\r\n+CMS ERROR: 304\r\n", ())
    assert client.send() == SENT


# Delivery reports


def reports(client: Client, modem: SimulatedModem, fault: Fault | str) -> bytes:
    modem.inject(fault)
    client.ask("AT+CNMI=2,1,0,1,0")
    client.send(PDU_WITH_REPORT, LENGTH)
    return client.within(A_MOMENT)


def test_report_lost_tells_nothing(client: Client, modem: SimulatedModem) -> None:
    assert reports(client, modem, Fault.REPORT_LOST) == b""


def test_report_stored_tells_an_index_instead(client: Client, modem: SimulatedModem) -> None:
    assert reports(client, modem, Fault.REPORT_STORED) == b'\r\n+CDSI: "SR",1\r\n'


def test_report_garbled_has_half_a_pdu(client: Client, modem: SimulatedModem) -> None:
    told = reports(client, modem, Fault.REPORT_GARBLED).split(b"\r\n")

    assert told[1] == b"+CDS: 12"
    assert len(told[2]) == 2 * (8 + 12)


def test_report_of_another_names_a_foreign_reference(client: Client, modem: SimulatedModem) -> None:
    assert b"\r\n07911356131313F306640B91" in reports(client, modem, Fault.REPORT_OF_ANOTHER)


def test_clock_wrong_moves_reports_and_clock(make_modem: MakeModem, phone: SimulatedPhone) -> None:
    right, wrong = make_modem(), make_modem(faults=["clock_wrong=864000"])
    times = []
    for modem in (right, wrong):
        with Client(modem.port) as client:
            times.append(client.ask("AT+CCLK?"))

    assert times[0][:19] != times[1][:19]


def test_modem_clock_wrong_moves_the_clock_alone_and_lets_nobody_set_it(
    make_modem: MakeModem, phone: SimulatedPhone
) -> None:
    right, wrong = make_modem(), make_modem(faults=["modem_clock_wrong=864000"])
    times = []
    for modem in (right, wrong):
        with Client(modem.port) as client:
            times.append(client.ask("AT+CCLK?"))
            settable = client.ask("AT+CTZU=1")

    assert times[0][:19] != times[1][:19]
    assert b"OK" not in settable
