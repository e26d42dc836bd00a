"""How a message is taken: prompt, strictness, point of no return, references, reports."""

import pytest

from hardware.simulator import SimulatedModem, SimulatedNetwork, SimulatedPhone
from tests.hardware.simulator.client import (
    CTRL_Z,
    ESCAPE,
    FINAL,
    LENGTH,
    PDU,
    PDU_WITH_REPORT,
    TEXT,
    Client,
)
from tests.hardware.simulator.conftest import MakeModem


@pytest.mark.parametrize(
    ("what", "pdu", "length", "cause"),
    [
        ("wrong length", PDU, LENGTH + 1, 304),
        ("odd hexadecimal", PDU[:-1], LENGTH, 304),
        ("no hexadecimal", "hello", LENGTH, 304),
        ("nothing", "", LENGTH, 304),
        ("bad destination", PDU.replace("0B91", "0B11"), LENGTH, 304),
        ("reserved alphabet", PDU.replace("F80000", "F8000C"), LENGTH, 144),
    ],
)
def test_a_wrong_pdu_is_refused_and_nothing_goes_out(
    client: Client, modem: SimulatedModem, what: str, pdu: str, length: int, cause: int
) -> None:
    answer = client.send(pdu, length)

    assert (answer, modem.sent) == (f"\r\n+CMS ERROR: {cause}\r\n".encode(), ()), what


@pytest.mark.parametrize("length", ["0", "6", "165", "abc", '"+31612345678"'])
def test_a_length_that_no_submit_can_have_gets_no_prompt(client: Client, length: str) -> None:
    assert client.ask(f"AT+CMGS={length}") == b"\r\n+CMS ERROR: 304\r\n"


def test_a_wrong_pdu_leaves_the_modem_ready_for_a_right_one(client: Client, phone: SimulatedPhone) -> None:
    client.send(PDU, LENGTH - 1)

    client.send()

    assert phone.texts == (TEXT,)


def test_nothing_goes_out_before_ctrl_z(client: Client, modem: SimulatedModem) -> None:
    client.prompt()

    client.write(PDU.encode() + b"\r\n")

    assert not modem.wait_for(lambda: bool(modem.sent), timeout=0.1)


def test_escape_in_the_prompt_sends_nothing_and_answers_ok(client: Client, modem: SimulatedModem) -> None:
    client.prompt()

    client.write(PDU.encode() + ESCAPE)

    assert (client.expect(FINAL), modem.sent) == (b"\r\nOK\r\n", ())


def test_commands_in_the_prompt_are_swallowed_until_escape(client: Client) -> None:
    client.prompt()

    client.write(b"AT\r")
    silent = client.within(0.1)
    client.write(ESCAPE)

    assert (silent, client.expect(FINAL)) == (b"", b"\r\nOK\r\n")


def test_ctrl_z_and_escape_outside_the_prompt_do_nothing(client: Client, modem: SimulatedModem) -> None:
    client.write(ESCAPE + b"\r" + CTRL_Z + b"\r")

    assert (client.ask("AT"), modem.sent) == (b"\r\nOK\r\n", ())


def test_the_card_counts_the_references_whatever_the_pdu_says(client: Client, modem: SimulatedModem) -> None:
    answers = [client.send(f"{PDU[:4]}{reference}{PDU[6:]}") for reference in ("00", "2A", "FF")]

    assert answers == [f"\r\n+CMGS: {number}\r\n\r\nOK\r\n".encode() for number in range(3)]
    assert [message.reference for message in modem.sent] == [0, 1, 2]


def test_nothing_is_dropped_as_a_duplicate(client: Client, phone: SimulatedPhone) -> None:
    client.send()
    client.send()

    assert phone.texts == (TEXT, TEXT)


def test_what_is_written_while_a_message_is_under_way_waits(make_modem: MakeModem, phone: SimulatedPhone) -> None:
    modem = make_modem(faults=["cmgs_takes=0.1:once"])
    with Client(modem.port) as client:
        client.prompt()
        client.write(PDU.encode() + CTRL_Z + b"AT+CMGS=29\r")
        first = client.expect(FINAL)
        client.expect(rb"\r\n> $")
        client.write(PDU.encode() + CTRL_Z)
        second = client.expect(FINAL)

    assert (first, second) == (b"\r\n+CMGS: 0\r\n\r\nOK\r\n", b"\r\n+CMGS: 1\r\n\r\nOK\r\n")


def test_what_was_sent_is_kept_decoded(client: Client, modem: SimulatedModem) -> None:
    client.send(PDU_WITH_REPORT)

    (message,) = modem.sent
    assert (message.number, message.text, message.network) == ("+31612345678", TEXT, "20408")
    assert (message.submit.status_report, message.submit.validity_minutes) == (True, 10)


def test_the_phone_sees_the_number_of_the_card(make_modem: MakeModem, phone: SimulatedPhone) -> None:
    for name in ("north", "south"):
        modem = make_modem(name=name)
        with Client(modem.port) as client:
            client.send()
        assert phone.messages[-1].sender == modem.sim.number

    assert phone.messages[0].sender != phone.messages[1].sender


def test_a_refusal_of_the_network_is_told_with_its_cause(
    client: Client, modem: SimulatedModem, air: SimulatedNetwork
) -> None:
    air.refuse("20408", 38)

    assert (client.send(), modem.sent) == (b"\r\n+CMS ERROR: 38\r\n", ())


def test_without_a_service_centre_in_pdu_or_card_nothing_goes_out(make_modem: MakeModem) -> None:
    modem = make_modem(faults=["csca_lost"])
    with Client(modem.port) as client:
        refused = client.send()
        taken = client.send("07911356131313F3" + PDU[2:])

    assert (refused, len(modem.sent)) == (b"\r\n+CMS ERROR: 330\r\n", 1)
    assert b"+CMGS: 0" in taken


# Delivery reports


def report_of(client: Client) -> str:
    """TPDU of the next +CDS."""
    told = client.expect(rb"\r\n\+CDS: \d+\r\n[0-9A-F]+\r\n").decode().split("\r\n")
    length, pdu = int(told[-3].split(": ")[1]), told[-2]
    return pdu[-2 * length :]


def test_a_report_comes_when_pdu_and_indications_ask_for_it(client: Client) -> None:
    client.ask("AT+CNMI=2,1,0,1,0")

    client.send(PDU_WITH_REPORT)

    report = report_of(client)
    assert report.startswith("06000B911316325476F8")
    assert report.endswith("00")


@pytest.mark.parametrize(("indications", "pdu"), [("2,1,0,0,0", PDU_WITH_REPORT), ("2,1,0,1,0", PDU)])
def test_no_report_comes_that_was_not_asked_for(client: Client, indications: str, pdu: str) -> None:
    client.ask(f"AT+CNMI={indications}")

    client.send(pdu)

    assert client.ask("AT") == b"\r\nOK\r\n"


def test_a_phone_that_is_off_is_reported_as_temporary_and_then_as_delivered(
    client: Client, phone: SimulatedPhone
) -> None:
    client.ask("AT+CNMI=2,1,0,1,0")
    phone.off()

    client.send(PDU_WITH_REPORT)
    first = report_of(client)
    phone.on()

    assert (first[-2:], report_of(client)[-2:]) == ("30", "00")


def test_reports_that_are_stored_are_told_by_memory_and_index(client: Client) -> None:
    client.ask("AT+CNMI=2,1,0,2,0")

    client.send(PDU_WITH_REPORT)
    told = client.expect(rb"\+CDSI[^\r]*\r\n")
    client.ask('AT+CPMS="SR"')

    assert told == b'\r\n+CDSI: "SR",1\r\n'
    assert b"+CMGR: 0,,25\r\n" in client.ask("AT+CMGR=1")


def test_with_service_one_the_second_report_waits_for_the_acknowledgement_of_the_first(client: Client) -> None:
    client.ask("AT+CSMS=1;+CNMI=2,1,0,1,0")
    client.send(PDU_WITH_REPORT)
    first = report_of(client)
    client.send(PDU_WITH_REPORT)
    nothing = client.within(0.05)
    client.ask("AT+CNMA")

    assert (first[2:4], nothing, report_of(client)[2:4]) == ("00", b"", "01")


def test_reports_of_a_time_without_a_network_come_when_it_is_back(
    client: Client, air: SimulatedNetwork, phone: SimulatedPhone
) -> None:
    client.ask("AT+CNMI=2,1,0,1,0")
    phone.off()
    client.send(PDU_WITH_REPORT)
    report_of(client)
    air.outage("20408")
    phone.on()
    meanwhile = client.within(0.05)

    air.restore("20408")

    assert (meanwhile, report_of(client)[-2:]) == (b"", "00")


# Text mode


def send_text(client: Client, number: str, text: bytes) -> bytes:
    client.ask("AT+CMGF=1")
    client.ask(f'AT+CMGS="{number}"', rb"\r\n> $")
    client.write(text + CTRL_Z)
    return client.expect(FINAL)


def test_a_text_is_sent_in_text_mode(client: Client, phone: SimulatedPhone) -> None:
    client.ask('AT+CSCS="IRA"')

    assert b"+CMGS: 0" in send_text(client, "+31612345678", b"Uw code is 482913")
    assert phone.texts == (TEXT,)


def test_a_text_in_ucs2_has_number_and_text_in_hexadecimal(client: Client, phone: SimulatedPhone) -> None:
    client.ask('AT+CSCS="UCS2";+CSMP=17,167,0,8')

    answer = send_text(client, "+31612345678".encode("utf-16-be").hex(), "é€š".encode("utf-16-be").hex().encode())

    assert (b"+CMGS: 0" in answer, phone.texts) == (True, ("é€š",))


def test_a_line_break_in_a_text_gets_another_prompt(client: Client, phone: SimulatedPhone) -> None:
    client.ask("AT+CMGF=1")
    client.ask('AT+CMGS="+31612345678"', rb"\r\n> $")
    client.write(b"a\r")
    client.expect(rb"\r\n> $")
    client.write(b"b" + CTRL_Z)
    client.expect(FINAL)

    assert phone.texts == ("a\nb",)


@pytest.mark.parametrize(("number", "text"), [("", b"x"), ("+31612345678", b"x" * 161)])
def test_a_text_that_cannot_be_sent_is_refused(client: Client, number: str, text: bytes) -> None:
    client.ask("AT+CMGF=1")
    client.write(f'AT+CMGS="{number}"\r'.encode() + text + CTRL_Z)

    assert b"+CMS ERROR: 30" in client.expect(FINAL)
