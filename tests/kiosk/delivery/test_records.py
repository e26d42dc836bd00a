"""What becomes of a message and its row in the audit log are one."""

from data.ids import new_id
from data.messages import Message, MessageState
from hardware.modem.jobs import Sent
from hardware.modem.reports import StatusReport
from kiosk.delivery.jobs import Flight, ModemLabel
from kiosk.delivery.records import Records
from tests.kiosk.delivery.house import PHONE, House


def report(status: int, reference: int = 7) -> StatusReport:
    return StatusReport(
        reference=reference, recipient=PHONE, service_centre_time=None, discharge_time=None, status=status
    )


def committed(house: House) -> Flight:
    flight = Flight(message=house.queue(), modem=house.modem(), label=ModemLabel(), transmission_id=new_id())
    with house.db.transaction(write=True):
        assert house.db.messages.commit(
            flight.message.id,
            transmission_id=flight.transmission_id,
            modem_id=flight.modem.id,
            network="20408",
            network_name="KPN",
            now=house.clock.now(),
        )
    return flight


def sent(house: House, records: Records) -> Message:
    flight = committed(house)
    records.sent(flight, Sent(reference=7, seconds=1.25))
    return flight.message


def test_a_report_that_comes_twice_is_told_once(still: House) -> None:
    records = Records(still.db, still.clock)
    message = sent(still, records)
    assert records.reported(still.modem().id, report(0))
    still.clock.ahead = 1
    assert records.reported(still.modem().id, report(0))
    assert still.audit() == [("sms.sent", "ok"), ("sms.delivered", "00")]
    assert still.state(message) is MessageState.DELIVERED


def test_a_report_that_the_network_still_tries_tells_nothing_final(still: House) -> None:
    records = Records(still.db, still.clock)
    message = sent(still, records)
    assert records.reported(still.modem().id, report(0x30))
    assert still.state(message) is MessageState.SENT
    assert still.audit() == [("sms.sent", "ok")]


def test_a_report_of_no_sms_of_ours_is_not_taken(still: House) -> None:
    records = Records(still.db, still.clock)
    sent(still, records)
    assert not records.reported(still.modem().id, report(0, reference=8))


def test_an_answer_without_a_reference_counts_as_sent(still: House) -> None:
    records = Records(still.db, still.clock)
    flight = committed(still)
    records.sent(flight, Sent(reference=None, seconds=1.0))
    assert still.state(flight.message) is MessageState.SENT


def test_an_answer_after_the_sms_was_given_up_still_counts(still: House) -> None:
    records = Records(still.db, still.clock)
    flight = committed(still)
    assert records.orphans_to_unknown(but={}) == 1
    records.sent(flight, Sent(reference=7, seconds=1.0))
    assert still.state(flight.message) is MessageState.SENT
    assert still.audit() == [("sms.unknown", "orphan"), ("sms.sent", "ok")]


def test_what_is_still_being_sent_is_no_orphan(still: House) -> None:
    records = Records(still.db, still.clock)
    flight = committed(still)
    assert records.orphans_to_unknown(but={flight.message.id: flight}) == 0
    assert still.state(flight.message) is MessageState.COMMITTED


def test_the_audit_row_tells_modem_and_network_and_how_long_it_took(still: House) -> None:
    records = Records(still.db, still.clock)
    message = sent(still, records)
    [event] = [row.event for row in still.db.audit.rows() if row.event and row.event.action == "sms.sent"]
    assert (event.object, event.origin, event.simulated) == (message.id, "dispatcher", True)
    assert event.parameters == {"kind": "code", "attempt": 1, "modem": "noord", "network": "KPN", "seconds": 1.2}
