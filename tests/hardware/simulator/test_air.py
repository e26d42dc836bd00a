"""Networks, weather, store and forward, phones: seen through a station that is no modem."""

import threading
from dataclasses import dataclass, field

import pytest

from hardware.simulator import (
    ReceivedMessage,
    SimulatedNetwork,
    SimulatedPhone,
    StatusReport,
    UnknownOperator,
)
from hardware.simulator.phone import Delivery
from hardware.simulator.tpdu import Submit, decode_submit, decode_submit_pdu, encode_submit
from tests.hardware.simulator.client import LENGTH, NUMBER, PDU, PDU_WITH_REPORT, TEXT

KPN, VODAFONE = "20408", "20404"
SENDER = "+31612000001"


@dataclass
class Station:
    number: str = SENDER
    reachable: bool = True
    reports: list[StatusReport] = field(default_factory=list)
    messages: list[Delivery] = field(default_factory=list)
    weather_changes: int = 0

    def receive_report(self, report: StatusReport) -> None:
        self.reports.append(report)

    def receive_message(self, delivery: Delivery) -> None:
        self.messages.append(delivery)

    def weather_changed(self) -> None:
        self.weather_changes += 1


@pytest.fixture
def station(air: SimulatedNetwork) -> Station:
    made = Station()
    air.attach(made)
    return made


def submit_to(number: str, text: str = TEXT) -> Submit:
    return decode_submit(encode_submit(number, text, first_octet=0x31, validity=0, protocol=0, data_coding=0))


def send(air: SimulatedNetwork, station: Station, *, network: str = KPN, submit: Submit | None = None) -> int | None:
    return air.submit(station, network, submit or decode_submit_pdu(PDU_WITH_REPORT, LENGTH), 7)


def test_a_message_reaches_its_phone_with_text_sender_and_network(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    assert send(air, station) is None

    (message,) = phone.messages
    assert (message.text, message.sender, message.network, message.network_name) == (TEXT, SENDER, KPN, "KPN")


@pytest.mark.parametrize("dialled", ["+31612345678", "0031612345678", "0612345678"])
def test_a_number_reaches_its_phone_however_it_is_dialled(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone, dialled: str
) -> None:
    send(air, station, submit=submit_to(dialled))

    assert phone.texts == (TEXT,)


def test_delivery_is_reported_with_the_reference_of_the_message(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    send(air, station)

    assert [(report.reference, report.status) for report in station.reports] == [(7, 0x00)]


def test_no_report_comes_that_was_not_asked_for(air: SimulatedNetwork, station: Station, phone: SimulatedPhone) -> None:
    send(air, station, submit=decode_submit_pdu(PDU, LENGTH))

    assert (phone.texts, station.reports) == ((TEXT,), [])


def test_a_phone_that_is_off_gets_the_message_when_it_is_on_and_both_are_reported(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    phone.off()
    send(air, station)
    before = (phone.texts, [report.status for report in station.reports])

    phone.on()

    assert before == ((), [0x30])
    assert (phone.texts, [report.status for report in station.reports]) == ((TEXT,), [0x30, 0x00])


def test_a_message_whose_validity_is_over_is_not_delivered_any_more(station: Station) -> None:
    now = 1_000_000
    air = SimulatedNetwork(now_ms=lambda: now)
    air.attach(station)
    phone = air.phone(NUMBER)
    phone.off()
    send(air, station)

    now += 10 * 60_000 + 1
    phone.on()

    assert (phone.texts, [report.status for report in station.reports]) == ((), [0x30, 0x46])


def test_a_number_that_nobody_has_fails_for_good(air: SimulatedNetwork, station: Station) -> None:
    assert send(air, station, submit=submit_to("+31699999999")) is None

    assert [report.status for report in station.reports] == [0x43]


def test_delivery_to_a_number_can_be_made_to_fail_and_to_work_again(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    air.fail_delivery(NUMBER, 0x45)
    send(air, station)
    air.fail_delivery(NUMBER, 0)
    send(air, station)

    assert ([report.status for report in station.reports], len(phone.messages)) == ([0x45, 0x00], 1)


def test_lost_messages_are_accepted_and_seen_by_nobody(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    air.lose_next(KPN, 2)

    causes = [send(air, station) for _ in range(3)]

    assert causes == [None] * 3
    assert [sms.lost for sms in air.accepted] == [True, True, False]
    assert (len(phone.messages), len(station.reports)) == (1, 1)


def test_losses_of_one_network_leave_another_alone(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    air.lose_next(KPN)

    send(air, station, network=VODAFONE)

    assert [message.network for message in phone.messages] == [VODAFONE]


def test_a_network_refuses_by_cause_as_often_as_it_is_told(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    air.refuse(KPN, 38, times=2)

    causes = [send(air, station) for _ in range(3)]

    assert (causes, len(air.accepted)) == ([38, 38, None], 1)


def test_a_network_refuses_one_number_and_takes_the_others(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    air.refuse(KPN, 28, number=NUMBER)

    assert (send(air, station), send(air, station, submit=submit_to("+31600000002"))) == (28, None)


def test_accepting_again_ends_the_refusals(air: SimulatedNetwork, station: Station, phone: SimulatedPhone) -> None:
    air.refuse(KPN, 38)
    air.accept(KPN)

    assert send(air, station) is None


def test_an_outage_tells_the_modems_and_hides_the_phones_of_that_network(
    air: SimulatedNetwork, station: Station
) -> None:
    phone = air.phone(NUMBER, home_network=VODAFONE)
    air.outage(VODAFONE)
    send(air, station)
    hidden = (phone.texts, air.is_up(VODAFONE))

    air.restore(VODAFONE)

    assert hidden == ((), False)
    assert (phone.texts, air.is_up(VODAFONE), station.weather_changes) == ((TEXT,), True, 2)


def test_a_delay_keeps_a_message_under_way(air: SimulatedNetwork, station: Station, phone: SimulatedPhone) -> None:
    air.delay(KPN, 0.05)

    send(air, station)
    under_way = phone.texts

    assert under_way == ()
    assert phone.wait_for(1)[0].text == TEXT


def test_nothing_arrives_any_more_once_the_air_is_closed(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    air.delay(KPN, 0.05)
    send(air, station)

    air.close()

    assert not air.wait_for(lambda: bool(phone.messages), timeout=0.15)


def test_reports_wait_for_a_station_that_is_away(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    phone.off()
    send(air, station)
    air.detach(station)
    phone.on()
    while_away = [report.status for report in station.reports]

    air.attach(station)
    air.registered(station)

    assert while_away == [0x30]
    assert [report.status for report in station.reports] == [0x30, 0x00]


def test_a_message_for_a_modem_waits_until_it_is_reachable(air: SimulatedNetwork, station: Station) -> None:
    other = Station(number="+31612000002", reachable=False)
    air.attach(other)
    send(air, station, submit=submit_to(other.number))

    other.reachable = True
    air.registered(other)

    assert [delivery.submit.text for delivery in other.messages] == [TEXT]


def test_parts_of_a_long_message_are_put_together_whatever_their_order(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    first, second = (
        decode_submit_pdu(f"0041000B911316325476F800080A050003420{2}0{part}00{letter}", 23)
        for part, letter in ((1, "4100E9"), (2, "420020"))
    )

    send(air, station, submit=second)
    before = phone.texts
    send(air, station, submit=first)

    assert (before, phone.texts) == ((), ("AéB ",))


def test_whoever_listens_hears_each_message_until_they_stop(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    heard: list[ReceivedMessage] = []
    stop = phone.on_message(heard.append)
    send(air, station)

    stop()
    send(air, station)

    assert (len(heard), len(phone.messages)) == (1, 2)


def test_waiting_for_a_message_that_does_not_come_ends_in_time(phone: SimulatedPhone) -> None:
    with pytest.raises(TimeoutError):
        phone.wait_for(1, timeout=0.01)


def test_phones_throw_away_what_arrived_when_told(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    send(air, station)

    phone.clear()

    assert phone.messages == ()


def test_an_unknown_network_is_refused_by_name(air: SimulatedNetwork) -> None:
    with pytest.raises(UnknownOperator):
        air.outage("99999")


def test_many_senders_at_once_lose_nothing(air: SimulatedNetwork, station: Station, phone: SimulatedPhone) -> None:
    threads = [threading.Thread(target=lambda: [send(air, station) for _ in range(50)], daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)

    assert (len(phone.messages), len(air.accepted), len(station.reports)) == (200, 200, 200)


def test_numbers_and_texts_do_not_show_in_any_repr(
    air: SimulatedNetwork, station: Station, phone: SimulatedPhone
) -> None:
    send(air, station)

    shown = repr((phone, phone.messages, air.accepted, station.reports))

    assert not any(secret in shown for secret in (NUMBER[1:], "482913", SENDER[1:]))


def test_where_every_number_exists_a_number_that_nobody_asked_for_has_a_phone() -> None:
    air = SimulatedNetwork(every_number_exists=True)

    assert air.subscriber("+31687654321") is air.phone("+31687654321")
    assert SimulatedNetwork().subscriber("+31687654321") is None
