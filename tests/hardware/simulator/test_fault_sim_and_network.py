"""Each fault of the card and of the network."""

import time

import pytest

from hardware.simulator import Fault, SimulatedModem, SimulatedPhone, SimulatedSim
from tests.hardware.simulator.client import DEADLINE_SECONDS, TEXT, Client
from tests.hardware.simulator.conftest import MakeModem

A_MOMENT = 0.1


@pytest.mark.parametrize(
    ("fault", "cpin", "cms"),
    [
        (Fault.SIM_ABSENT, b"+CME ERROR: 10", b"+CMS ERROR: 310"),
        (Fault.SIM_FAILURE, b"+CME ERROR: 13", b"+CMS ERROR: 313"),
        (Fault.SIM_BUSY, b"+CME ERROR: 14", b"+CMS ERROR: 314"),
        (Fault.SIM_PIN, b"+CPIN: SIM PIN\r\n", b"+CMS ERROR: 311"),
        (Fault.SIM_PUK, b"+CPIN: SIM PUK\r\n", b"+CMS ERROR: 316"),
    ],
)
def test_a_card_that_is_not_open_says_why_and_sends_nothing(
    client: Client, modem: SimulatedModem, fault: Fault, cpin: bytes, cms: bytes
) -> None:
    modem.inject(fault)

    assert cpin in client.ask("AT+CPIN?")
    assert cms in client.ask("AT+CMGS=29")
    assert b"+CREG: 0,0" in client.ask("AT+CREG?")


@pytest.mark.parametrize("fault", [Fault.SIM_ABSENT, Fault.SIM_BUSY, Fault.SIM_PIN, Fault.SIM_PUK])
def test_a_card_works_again_when_its_fault_is_cleared(client: Client, modem: SimulatedModem, fault: Fault) -> None:
    modem.inject(fault)
    modem.clear(fault)

    assert b"+CPIN: READY" in client.ask("AT+CPIN?")
    assert b"+CREG: 0,1" in client.ask("AT+CREG?")


@pytest.mark.parametrize("fault", ["sim_busy=0.3", "sms_not_ready=0.3"])
def test_a_fault_of_some_seconds_ends_by_itself(client: Client, modem: SimulatedModem, fault: str) -> None:
    modem.inject(fault)
    early = client.ask("AT+CSCA?")
    deadline = time.monotonic() + DEADLINE_SECONDS
    while b"ERROR" in (answer := client.ask("AT+CSCA?")):
        assert time.monotonic() < deadline

    assert (b"ERROR" in early, b"+CSCA: " in answer) == (True, True)


def test_sim_pin_opens_with_0000_and_closes_again_at_power_on(make_modem: MakeModem) -> None:
    modem = make_modem(faults=["sim_pin"])
    with Client(modem.port) as client:
        client.ask("AT+CPIN=0000")
        opened = client.ask("AT+CPIN?")
    modem.unplug()
    modem.plug()

    with Client(modem.port) as client:
        assert b"READY" in opened
        assert b"+CPIN: SIM PIN" in client.ask("AT+CPIN?")


def test_one_pin_try_left_is_the_last_one_whatever_happens_to_the_power(make_modem: MakeModem) -> None:
    modem = make_modem(faults=["one_pin_try_left"], sim=SimulatedSim(pin="1234"))
    with Client(modem.port) as client:
        tries = client.ask("AT+QPINC?")
        wrong = client.ask("AT+CPIN=9999")
    modem.unplug()
    modem.plug()

    with Client(modem.port) as client:
        assert b'+QPINC: "SC",1,10' in tries
        assert wrong == b"\r\n+CME ERROR: 12\r\n"
        assert b"+CPIN: SIM PUK" in client.ask("AT+CPIN?")


def test_pin_tries_unreadable_fails_every_command_that_tells_them(make_modem: MakeModem) -> None:
    for profile, command in (("quectel_ec25", "+QPINC?"), ("huawei_e173", "^CPIN?"), ("telit_le910", "+CPINR")):
        with Client(make_modem(profile, faults=["pin_tries_unreadable", "sim_pin"]).port) as client:
            answers = client.ask(f"AT{command}") + client.ask('AT+CSIM=10,"0020000100"')

        assert b"63C" not in answers
        assert b"OK" not in answers


def test_sim_pin2_is_said_although_the_card_works(client: Client, modem: SimulatedModem, phone: SimulatedPhone) -> None:
    modem.inject(Fault.SIM_PIN2)

    assert client.ask("AT+CPIN?") == b"\r\n+CPIN: SIM PIN2\r\n\r\nOK\r\n"
    client.send()
    assert phone.texts == (TEXT,)


def test_cpin_without_ok_says_the_state_alone(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.CPIN_WITHOUT_OK)
    client.write(b"AT+CPIN?\r")

    assert client.within(A_MOMENT) == b"\r\n+CPIN: READY\r\n"


def test_sim_memory_full_shows_in_the_memory_and_refuses_to_keep(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.SIM_MEMORY_FULL)

    assert b"+CPMS: 20,20," in client.ask('AT+CPMS="SM","SM","SM"')


def test_csca_lost_refuses_until_a_number_is_written(
    client: Client, modem: SimulatedModem, phone: SimulatedPhone
) -> None:
    modem.inject(Fault.CSCA_LOST)
    empty = client.ask("AT+CSCA?")
    refused = client.send()
    client.ask('AT+CSCA="+31653131313",145')
    client.send()

    assert (b'+CSCA: "",129' in empty, refused) == (True, b"\r\n+CMS ERROR: 330\r\n")
    assert phone.texts == (TEXT,)


def test_sms_not_ready_fails_message_commands_and_no_others(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.SMS_NOT_READY)

    assert client.ask("AT+CMGF=0") == b"\r\n+CMS ERROR: 500\r\n"
    assert client.ask("AT+CMGS=29") == b"\r\n+CMS ERROR: 500\r\n"
    assert b"+CPIN: READY" in client.ask("AT+CPIN?")


def test_text_mode_only_refuses_pdu_mode(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.TEXT_MODE_ONLY)

    assert client.ask("AT+CMGF=0") == b"\r\n+CMS ERROR: 303\r\n"
    assert b"+CMGF: 1" in client.ask("AT+CMGF?")


@pytest.mark.parametrize(
    ("fault", "creg", "cereg", "csq"),
    [
        (Fault.NOT_REGISTERED, 2, 2, b"18,99"),
        (Fault.REGISTRATION_DENIED, 3, 3, b"18,99"),
        (Fault.CS_DENIED, 3, 1, b"18,99"),
        (Fault.NO_SIGNAL, 2, 2, b"99,99"),
        (Fault.RADIO_OFF, 0, 0, b"99,99"),
    ],
)
def test_trouble_with_the_network_shows_in_registration_and_signal(
    client: Client, modem: SimulatedModem, fault: Fault, creg: int, cereg: int, csq: bytes
) -> None:
    modem.inject(fault)

    assert client.ask("AT+CREG?").startswith(f"\r\n+CREG: 0,{creg}\r\n".encode())
    assert client.ask("AT+CEREG?").startswith(f"\r\n+CEREG: 0,{cereg}\r\n".encode())
    assert csq in client.ask("AT+CSQ")


@pytest.mark.parametrize("fault", [Fault.NOT_REGISTERED, Fault.REGISTRATION_DENIED, Fault.NO_SIGNAL])
def test_without_registration_nothing_is_sent(client: Client, modem: SimulatedModem, fault: Fault) -> None:
    modem.inject(fault)

    assert (client.send(), modem.sent) == (b"\r\n+CMS ERROR: 331\r\n", ())


def test_denied_for_calls_still_sends_messages(client: Client, modem: SimulatedModem, phone: SimulatedPhone) -> None:
    modem.inject(Fault.CS_DENIED)

    client.send()

    assert phone.texts == (TEXT,)


def test_losing_the_network_is_told_when_reports_were_asked(client: Client, modem: SimulatedModem) -> None:
    client.ask("AT+CREG=1")

    modem.inject(Fault.NOT_REGISTERED)

    assert client.expect(rb"\+CREG[^\r]*\r\n") == b"\r\n+CREG: 2\r\n"


def test_radio_off_is_cured_by_full_functionality(make_modem: MakeModem) -> None:
    with Client(make_modem(faults=["radio_off"]).port) as client:
        off = client.ask("AT+CFUN?")
        client.ask("AT+CFUN=1")

        assert b"+CFUN: 0" in off
        assert b"+CREG: 0,1" in client.ask("AT+CREG?")


def test_manual_operator_left_is_denied_until_selection_is_automatic(make_modem: MakeModem) -> None:
    with Client(make_modem(faults=["manual_operator_left"]).port) as client:
        left = client.ask("AT+COPS?") + client.ask("AT+CREG?")
        client.ask("AT+COPS=0")

        assert b"+COPS: 1\r\n" in left
        assert b"+CREG: 0,3" in left
        assert b"+CREG: 0,1" in client.ask("AT+CREG?")


def test_scan_hangs_gives_no_answer(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.SCAN_HANGS)
    client.write(b"AT+COPS=?\r")

    assert client.within(A_MOMENT) == b""


@pytest.mark.parametrize(
    ("fault", "command"), [("scan_takes=0.5", b"AT+COPS=?\r"), ("reselection_takes=0.5", b"AT+COPS=0\r")]
)
def test_slow_work_with_operators_answers_later(
    client: Client, modem: SimulatedModem, fault: str, command: bytes
) -> None:
    modem.inject(fault)
    client.write(command)

    assert client.within(A_MOMENT) == b""
    assert client.expect(rb"OK\r\n").endswith(b"OK\r\n")


@pytest.mark.parametrize(
    ("fault", "command"), [("scan_takes=60", b"AT+COPS=?\r"), ("reselection_takes=60", b'AT+COPS=4,2,"20408"\r')]
)
def test_slow_work_with_operators_is_ended_by_a_character(
    client: Client, modem: SimulatedModem, fault: str, command: bytes
) -> None:
    modem.inject(fault)
    client.write(command)
    assert client.within(A_MOMENT) == b""

    client.write(b"\r")
    assert client.expect(rb"ERROR\r\n").endswith(b"ERROR\r\n")
    assert b"+COPS: 0" in client.ask("AT+COPS?")


def test_sms_needs_cs_fails_until_circuit_switched_is_chosen(
    client: Client, modem: SimulatedModem, phone: SimulatedPhone
) -> None:
    modem.inject(Fault.SMS_NEEDS_CS)
    refused = client.send()
    client.ask("AT+CGSMS=1")
    client.send()

    assert (refused, phone.texts) == (b"\r\n+CMS ERROR: 500\r\n", (TEXT,))


def test_ussd_silent_says_ok_and_nothing_more(client: Client, modem: SimulatedModem) -> None:
    modem.inject(Fault.USSD_SILENT)
    client.write(b'AT+CUSD=1,"*101#",15\r')

    assert client.within(A_MOMENT) == b"\r\nOK\r\n"
