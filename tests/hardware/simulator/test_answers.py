"""What the simulated modems answer, family by family and command by command."""

import dataclasses
import re

import pytest

from hardware.modem.answers_sim import iccid
from hardware.simulator import HUAWEI_E173, PROFILES, ZTE_MF190, SimulatedModem, SimulatedNetwork, SimulatedSim
from hardware.simulator.profile import Chatter
from tests.hardware.simulator.client import FINAL, NUMBER, PDU, TEXT, Client
from tests.hardware.simulator.conftest import MakeModem


@pytest.mark.parametrize("profile", PROFILES)
def test_every_family_tells_who_it_is(make_modem: MakeModem, profile: str) -> None:
    modem = make_modem(profile)
    with Client(modem.port) as client:
        answers = client.ask("AT+CGMI") + client.ask("AT+CGMM") + client.ask("AT+CGMR") + client.ask("AT+CGSN")
        about = client.ask("ATI")

    family = PROFILES[profile]
    for expected in (family.manufacturer, family.model, family.revision, modem.imei):
        assert f"\r\n{expected}\r\n\r\nOK\r\n".encode() in answers
    assert family.identification[0].encode() in about


@pytest.mark.parametrize("profile", PROFILES)
def test_every_family_tells_the_iccid_in_its_own_way_and_no_other(make_modem: MakeModem, profile: str) -> None:
    modem = make_modem(profile)
    commands = ["+QCCID", "+CCID", "^ICCID?", "+CICCID", "#CCID"]
    with Client(modem.port) as client:
        telling = [command for command in commands if modem.sim.iccid.encode() in client.ask(f"AT{command}")]
        by_file = client.ask("AT+CRSM=176,12258,0,0,10")

    assert set(telling) == set(commands) & set(PROFILES[profile].iccid_answers)
    # A ZTE has no other way than the file of the SIM, where the digits of each octet are exchanged.
    assert telling or profile == "zte_mf190"
    assert iccid(by_file.decode().splitlines(), "+CRSM") == modem.sim.iccid


@pytest.mark.parametrize("profile", PROFILES)
def test_every_family_tells_the_pin_tries_by_a_command_of_its_own_and_by_csim(
    make_modem: MakeModem, profile: str
) -> None:
    modem = make_modem(profile, sim=SimulatedSim(pin="1234", pin_tries=2))
    (command,) = PROFILES[profile].pin_tries_answers
    with Client(modem.port) as client:
        own = client.ask(f"AT{command}")
        raw = client.ask('AT+CSIM=10,"0020000100"')

    assert re.search(rb"\b2\b", own)
    assert b'+CSIM: 4,"63C2"' in raw


@pytest.mark.parametrize("profile", PROFILES)
def test_every_family_registers_in_its_own_domains(make_modem: MakeModem, profile: str) -> None:
    with Client(make_modem(profile).port) as client:
        answers = {domain: client.ask(f"AT{domain}?") for domain in ("+CREG", "+CGREG", "+CEREG")}

    registered = {domain for domain, answer in answers.items() if f"{domain}: 0,1\r\n".encode() in answer}
    assert registered == set(PROFILES[profile].domains)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_family_sends_a_message_that_its_phone_gets(
    make_modem: MakeModem, air: SimulatedNetwork, profile: str
) -> None:
    phone = air.phone(NUMBER)
    with Client(make_modem(profile).port) as client:
        client.ask("AT+CMGF=0")
        answer = client.send(PDU)

    assert answer == b"\r\n+CMGS: 0\r\n\r\nOK\r\n"
    assert phone.texts == (TEXT,)


@pytest.mark.parametrize(
    ("profile", "plain", "numbers", "words"),
    [
        ("quectel_ec25", b"ERROR", b"ERROR", b"ERROR"),
        ("huawei_e173", b"COMMAND NOT SUPPORT", b"COMMAND NOT SUPPORT", b"COMMAND NOT SUPPORT"),
        ("huawei_e3372", b"ERROR", b"ERROR", b"ERROR"),
        ("zte_mf190", b"ERROR", b"ERROR", b"ERROR"),
        ("sim800", b"ERROR", b"+CME ERROR: 100", b"+CME ERROR: unknown"),
    ],
)
def test_an_unknown_command_fails_in_the_way_of_the_family(
    make_modem: MakeModem, profile: str, plain: bytes, numbers: bytes, words: bytes
) -> None:
    with Client(make_modem(profile).port) as client:
        for level, expected in enumerate((plain, numbers, words)):
            client.ask(f"AT+CMEE={level}")
            assert client.ask("AT+NOSUCH=1") == b"\r\n" + expected + b"\r\n"


@pytest.mark.parametrize(
    ("level", "expected"), [(0, b"\r\nERROR\r\n"), (1, b"+CME ERROR: 11"), (2, b"+CME ERROR: SIM PIN required")]
)
def test_errors_take_the_form_that_cmee_asks(make_modem: MakeModem, level: int, expected: bytes) -> None:
    with Client(make_modem(sim=SimulatedSim(pin="1234")).port) as client:
        client.ask(f"AT+CMEE={level}")

        assert expected in client.ask("AT+CIMI")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("AT", b"\r\nOK\r\n"),
        ("at+csq", b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n"),
        ("AT+CSQ;+CREG?", b"\r\n+CSQ: 18,99\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n"),
        ("AT+CREG=2;+CREG?", b'\r\n+CREG: 2,1,"00A8","00530408",7\r\n\r\nOK\r\n'),
        ("AT+COPS?", b'\r\n+COPS: 0,0,"KPN",7\r\n\r\nOK\r\n'),
        ("AT+COPS=3,2;+COPS?", b'\r\n+COPS: 0,2,"20408",7\r\n\r\nOK\r\n'),
        ("AT+CSCA?", b'\r\n+CSCA: "+31653131313",145\r\n\r\nOK\r\n'),
        ("AT+CPMS?", b'\r\n+CPMS: "ME",0,255,"ME",0,255,"ME",0,255\r\n\r\nOK\r\n'),
        ('AT+CPMS="SM","SM","SM"', b"\r\n+CPMS: 0,20,0,20,0,20\r\n\r\nOK\r\n"),
        ('AT+CPMS="XX"', b"\r\n+CMS ERROR: 302\r\n"),
        ("AT+CNMI=2,1,0,1,0;+CNMI?", b"\r\n+CNMI: 2,1,0,1,0\r\n\r\nOK\r\n"),
        ("AT+CNMI=9", b"\r\n+CME ERROR: 50\r\n"),
        ("AT+CMGF?", b"\r\n+CMGF: 0\r\n\r\nOK\r\n"),
        ("AT+CSMS=0", b"\r\n+CSMS: 1,1,1\r\n\r\nOK\r\n"),
        ("AT+CSMS?", b"\r\n+CSMS: 0,1,1,1\r\n\r\nOK\r\n"),
        ("AT+CFUN?", b"\r\n+CFUN: 1\r\n\r\nOK\r\n"),
        ("AT+CPIN?", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"),
        ('AT+CLCK="SC",2', b"\r\n+CLCK: 0\r\n\r\nOK\r\n"),
        ("AT+CGMM=?", b"\r\nOK\r\n"),
        ("AT+CSCS?", b'\r\n+CSCS: "GSM"\r\n\r\nOK\r\n'),
        ("AT+CMEE?", b"\r\n+CMEE: 1\r\n\r\nOK\r\n"),
        ("AT+CMMS=2;+CMMS?", b"\r\n+CMMS: 2\r\n\r\nOK\r\n"),
        ("AT+CGSMS?", b"\r\n+CGSMS: 3\r\n\r\nOK\r\n"),
        ("AT+CTZU=1;+CTZU?", b"\r\n+CTZU: 1\r\n\r\nOK\r\n"),
        ("ATS3?", b"\r\n013\r\n\r\nOK\r\n"),
        ("ATD112;", b"\r\nNO CARRIER\r\n"),
        ("AT+CNMA", b"\r\n+CMS ERROR: 340\r\n"),
        ("AT+CMGR=1", b"\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMGD=1", b"\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMGD=1,4", b"\r\nOK\r\n"),
        ("AT+CMGL=4", b"\r\nOK\r\n"),
        ("AT+CRSM=176,12258,0,0,10", b'"9813'),
    ],
)
def test_a_command_is_answered_as_the_standards_have_it(client: Client, command: str, expected: bytes) -> None:
    assert expected in client.ask(command)


def test_the_clock_is_the_network_time_with_its_zone(make_modem: MakeModem) -> None:
    air = SimulatedNetwork(now_ms=lambda: 1_795_448_826_417)
    with Client(make_modem(air=air).port) as client:
        assert b'+CCLK: "26/11/23,16:47:06+04"' in client.ask("AT+CCLK?")


def test_a_scan_tells_which_network_serves_and_which_the_card_may_not_use(client: Client) -> None:
    answer = client.ask("AT+COPS=?")

    assert b'(2,"KPN","KPN","20408",7)' in answer
    assert b'(3,"vodafone NL","voda NL","20404",7)' in answer
    assert answer.endswith(b",,(0,1,2,3,4),(0,1,2)\r\n\r\nOK\r\n")


def test_a_card_that_may_not_roam_is_denied_at_another_network_until_selection_is_automatic(client: Client) -> None:
    denied = client.ask('AT+COPS=1,2,"20404"')
    state = client.ask("AT+CREG?")
    client.ask("AT+COPS=0")

    assert b"+CME ERROR: 32" in denied
    assert b"+CREG: 0,3" in state
    assert b"+CREG: 0,1" in client.ask("AT+CREG?")


def test_manual_then_automatic_selection_falls_back_by_itself(client: Client) -> None:
    client.ask('AT+COPS=4,2,"20404"')

    assert b"+CREG: 0,1" in client.ask("AT+CREG?")


def test_a_card_that_may_roam_registers_elsewhere_and_sends_over_that_network(
    make_modem: MakeModem, air: SimulatedNetwork
) -> None:
    phone = air.phone(NUMBER)
    with Client(make_modem(sim=SimulatedSim(may_roam=True)).port) as client:
        client.ask('AT+COPS=1,2,"20404"')
        state = client.ask("AT+CREG?")
        client.send()

    assert b"+CREG: 0,5" in state
    assert [message.network for message in phone.messages] == ["20404"]


def test_an_outage_of_the_network_is_told_when_reports_were_asked(
    client: Client, modem: SimulatedModem, air: SimulatedNetwork
) -> None:
    client.ask("AT+CREG=1")

    air.outage("20408")
    client.expect(rb"\r\n\+CREG: 2\r\n")
    air.restore("20408")
    client.expect(rb"\r\n\+CREG: 1\r\n")

    assert modem.serving_network == "20408"


def test_without_a_network_a_message_fails_in_the_way_of_the_family(
    make_modem: MakeModem, air: SimulatedNetwork
) -> None:
    air.outage("20408")
    causes = {}
    for profile in PROFILES:
        with Client(make_modem(profile).port) as client:
            client.ask("AT+CMGF=0")
            causes[profile] = int(client.send().split(b"ERROR: ")[1])

    assert causes == {name: profile.not_registered_cause for name, profile in PROFILES.items()}


def test_flight_mode_takes_the_modem_off_the_air_and_full_function_brings_it_back(client: Client) -> None:
    client.ask("AT+CFUN=4")
    off = client.ask("AT+CREG?") + client.ask("AT+CSQ")
    client.ask("AT+CFUN=1")

    assert b"+CREG: 0,0" in off
    assert b"+CSQ: 99,99" in off
    assert b"+CREG: 0,1" in client.ask("AT+CREG?")


def test_the_signal_follows_its_strength(client: Client, modem: SimulatedModem) -> None:
    modem.set_signal(-113)
    weak = client.ask("AT+CSQ")
    modem.set_signal(-51)

    assert (b"+CSQ: 0,99" in weak, b"+CSQ: 31,99" in client.ask("AT+CSQ")) == (True, True)


def test_the_right_pin_opens_the_card_and_the_network(make_modem: MakeModem) -> None:
    with Client(make_modem(sim=SimulatedSim(pin="1234")).port) as client:
        before = client.ask("AT+CPIN?") + client.ask("AT+CREG?")
        client.ask('AT+CPIN="1234"')

        assert b"+CPIN: SIM PIN\r\n" in before
        assert b"+CREG: 0,0" in before
        assert b"+CPIN: READY" in client.ask("AT+CPIN?")
        assert b"+CREG: 0,1" in client.ask("AT+CREG?")


def test_wrong_pins_cost_tries_until_the_puk_is_asked(make_modem: MakeModem) -> None:
    modem = make_modem(sim=SimulatedSim(pin="1234", puk="12345678"))
    with Client(modem.port) as client:
        answers = [client.ask("AT+CPIN=9999") for _ in range(4)]
        state = client.ask("AT+CPIN?")
        unblocked = client.ask('AT+CPIN="12345678","4321"')

    assert [answer.split(b"ERROR: ")[1].strip() for answer in answers] == [b"16", b"16", b"12", b"12"]
    assert b"+CPIN: SIM PUK" in state
    assert (unblocked, modem.sim.pin) == (b"\r\nOK\r\n", "4321")


def test_a_pin_that_nobody_asked_for_is_refused_and_costs_nothing(client: Client, modem: SimulatedModem) -> None:
    assert b"+CME ERROR: 3" in client.ask('AT+CPIN="1234"')
    assert modem.sim.pin_tries == 3


def test_ussd_is_answered_by_an_unsolicited_line(client: Client) -> None:
    client.write(b'AT+CUSD=1,"*101#",15\r')

    assert client.expect(rb'\+CUSD: 0,"[^"]+",15\r\n').startswith(b"\r\nOK\r\n")


def test_a_huawei_wants_and_gives_packed_ussd(make_modem: MakeModem) -> None:
    with Client(make_modem("huawei_e173").port) as client:
        client.write(b'AT+CUSD=1,"AA180C3602",15\r')

        # "Uw " packed.
        assert b'+CUSD: 0,"D53B' in client.expect(rb"\+CUSD: [^\r]*\r\n")


def test_reset_of_the_line_brings_back_echo_and_words(client: Client) -> None:
    client.ask("ATV0", rb"0\r")
    client.write(b"ATZ\r")
    client.expect(rb"\r\nOK\r\n")

    assert client.ask("AT") == b"AT\r\r\nOK\r\n"


def test_results_as_numbers_have_no_line_feed(client: Client) -> None:
    client.ask("ATV0", rb"0\r")

    assert client.ask("AT+CSQ", rb"0\r$") == b"+CSQ: 18,99\r\n0\r"
    assert client.ask("AT+NOSUCH", rb"4\r$") == b"4\r"


def test_a_quiet_modem_gives_no_results(client: Client) -> None:
    client.write(b"ATQ1\rAT+CSQ\rATQ0\r")

    assert client.expect(FINAL) == b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n"


def test_a_slash_repeats_the_last_command(client: Client) -> None:
    client.ask("AT+CSQ")

    assert b"+CSQ: 18,99" in client.ask("A/")


def test_commands_written_in_one_go_are_answered_one_after_another(client: Client) -> None:
    client.write(b"AT+CSQ\rAT\r" * 500)

    answers = b"".join(client.expect(FINAL) for _ in range(1000))

    assert answers == b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n\r\nOK\r\n" * 500


def test_the_echo_gives_back_what_was_written(modem: SimulatedModem) -> None:
    with Client(modem.port, quiet=False) as client:
        assert client.ask("AT+CSQ") == b"AT+CSQ\r\r\n+CSQ: 18,99\r\n\r\nOK\r\n"


def test_a_restart_forgets_settings_and_says_the_banner(client: Client) -> None:
    client.ask("AT+CMEE=0")
    client.write(b"AT+CFUN=1,1\r")

    client.expect(rb"OK\r\n.*RDY.*\+CPIN: READY.*PB DONE\r\n")

    assert b"+CMEE: 1" in client.ask("AT+CMEE?")


def test_a_stick_that_restarts_leaves_its_port_and_comes_back(make_modem: MakeModem) -> None:
    modem = make_modem("huawei_e173")
    with Client(modem.port) as client:
        client.write(b"AT+CFUN=1,1\r")
        client.expect(FINAL)
        assert modem.wait_for(lambda: not modem.plugged)
    assert modem.wait_for(lambda: modem.plugged)

    with Client(modem.port) as client:
        assert client.ask("AT") == b"\r\nOK\r\n"


def test_a_huawei_chatters_until_it_is_told_not_to(make_modem: MakeModem) -> None:
    hasty = dataclasses.replace(HUAWEI_E173, chatter=(Chatter(0.01, ("^RSSI:{rssi}", "^BOOT:1,0,0,0,77")),))
    with Client(make_modem(hasty).port) as client:
        client.expect(rb"\r\n\^RSSI:18\r\n\r\n\^BOOT:1,0,0,0,77\r\n\r\n\^RSSI:18\r\n")
        client.ask("AT^CURC=0")

        assert client.within(0.1) == b""


def test_a_zte_chatters_until_it_is_asked_about_its_memories(make_modem: MakeModem) -> None:
    hasty = dataclasses.replace(ZTE_MF190, chatter=(Chatter(0.01, ("+ZUSIMR:2",)),))
    with Client(make_modem(hasty).port) as client:
        client.expect(rb"\r\n\+ZUSIMR:2\r\n\r\n\+ZUSIMR:2\r\n")
        assert b"ERROR" in client.ask("AT^CURC=0")
        client.expect(rb"\r\n\+ZUSIMR:2\r\n")
        client.ask("AT+CPMS?")

        assert client.within(0.1) == b""


def test_somebody_who_calls_rings_with_a_number_when_that_was_asked(client: Client, modem: SimulatedModem) -> None:
    client.ask("AT+CLIP=1")

    modem.call_in("+31201234567")

    assert b'+CLIP: "+31201234567",145' in client.expect(rb"RING\r\n.*\+CLIP[^\r]*\r\n")


def test_the_list_of_commands_holds_those_that_are_answered(client: Client) -> None:
    listed = client.ask("AT+CLAC")

    assert {b"AT+CMGS", b"AT+CPIN", b"AT+COPS"} <= set(listed.split())


def test_stored_messages_can_be_written_listed_sent_and_deleted(client: Client, modem: SimulatedModem) -> None:
    client.ask("AT+CMGW=29", rb"\r\n> $")
    client.write(PDU.encode() + b"\x1a")
    written = client.expect(FINAL)
    listed = client.ask("AT+CMGL=2")
    sent = client.ask("AT+CMSS=1")
    deleted = client.ask("AT+CMGD=1,3")

    assert (written, sent, deleted) == (
        b"\r\n+CMGW: 1\r\n\r\nOK\r\n",
        b"\r\n+CMSS: 0\r\n\r\nOK\r\n",
        b"\r\nOK\r\n",
    )
    assert f"+CMGL: 1,2,,29\r\n{PDU}\r\n".encode() in listed
    assert [message.text for message in modem.sent] == [TEXT]


def test_one_modem_reads_what_another_sent_to_its_number(make_modem: MakeModem) -> None:
    receiver = make_modem(sim=SimulatedSim(number=NUMBER), name="receiver")
    sender = make_modem("sim800", network="20404", name="sender")
    with Client(receiver.port) as listening, Client(sender.port) as sending:
        listening.ask("AT+CNMI=2,1,0,0,0")
        sending.send()
        listening.expect(rb'\r\n\+CMTI: "ME",1\r\n')
        read = listening.ask("AT+CMGR=1")

    assert b"+CMGR: 0,,34\r\n0791" in read
    assert PDU[-32:].encode() in read


def test_messages_that_do_not_fit_wait_at_the_network_until_there_is_room(make_modem: MakeModem) -> None:
    receiver = make_modem("telit_le910", sim=SimulatedSim(number=NUMBER, capacity=1))
    sender = make_modem("sim800")
    with Client(receiver.port) as listening, Client(sender.port) as sending:
        sending.send()
        sending.send()
        listening.expect(rb"\+CMTI[^\r]*\r\n")
        listening.ask("AT+CMGD=1")

        assert listening.expect(rb"\+CMTI[^\r]*\r\n") == b'\r\n+CMTI: "SM",1\r\n'
