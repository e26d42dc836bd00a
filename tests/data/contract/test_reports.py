from collections.abc import Callable

import pytest

from data.database import Database
from data.errors import Wiped
from data.journal import REPORT_WINDOW_MS
from data.messages import Message, MessageState
from data.modems import Modem
from data.transmissions import ReportState
from tests.data.contract.sending import again, sent, sent_without_a_reference, unknown
from tests.data.things import MINUTE, NOW, NUMBER, Things


@pytest.fixture
def modem(things: Things) -> Modem:
    return things.modem()


@pytest.mark.parametrize(
    ("delivered", "state"),
    [(True, MessageState.DELIVERED), (False, MessageState.UNDELIVERED), (None, MessageState.SENT)],
)
@pytest.mark.parametrize("arrive", [sent, sent_without_a_reference, unknown])
def test_a_report_tells_what_became_of_a_message(
    db: Database,
    things: Things,
    modem: Modem,
    arrive: Callable[[Database, Message, Modem], str],
    delivered: bool | None,
    state: MessageState,
) -> None:
    message = things.message()
    transmission_id = arrive(db, message, modem)
    with db.transaction(write=True):
        about = db.messages.report(modem.id, 7, NUMBER, delivered=delivered, status=0, now=NOW + 5)
    transmission = db.transmissions.get(transmission_id)
    assert about == again(db, message)
    assert about is not None
    assert (about.state, about.error) == (state, None)
    assert transmission is not None
    assert (transmission.reference, transmission.reported_at, transmission.report_status) == (7, NOW + 5, 0)


def test_the_network_may_report_twice_and_the_first_final_word_stands(
    db: Database, things: Things, modem: Modem
) -> None:
    message = things.message()
    transmission_id = sent(db, message, modem)
    with db.transaction(write=True):
        db.messages.report(modem.id, 7, NUMBER, delivered=None, status=0x30, now=NOW + 1)
        db.messages.report(modem.id, 7, NUMBER, delivered=True, status=0, now=NOW + 2)
        db.messages.report(modem.id, 7, NUMBER, delivered=False, status=0x41, now=NOW + 3)
    transmission = db.transmissions.get(transmission_id)
    assert transmission is not None
    assert (transmission.report, transmission.reported_at) == (ReportState.DELIVERED, NOW + 2)
    assert again(db, message).state is MessageState.DELIVERED


def test_a_report_is_about_the_newest_with_its_reference_modem_and_number(
    db: Database, things: Things, modem: Modem
) -> None:
    other_modem = things.modem("860000000000002")
    old, newest, other_number, elsewhere, unanswered = (
        things.message(number=number) for number in (NUMBER, NUMBER, "+31600000000", NUMBER, NUMBER)
    )
    sent(db, old, modem, now=NOW)
    sent(db, newest, modem, now=NOW + 1)
    sent(db, other_number, modem, now=NOW + 2)
    sent(db, elsewhere, other_modem, now=NOW + 2)
    unknown(db, unanswered, modem)
    with db.transaction(write=True):
        about = db.messages.report(modem.id, 7, NUMBER, delivered=True, status=0, now=NOW + 3)
    assert about is not None
    assert about.id == newest.id


@pytest.mark.parametrize(
    ("reported", "found"),
    [
        (f"0{NUMBER[3:]}", True),
        (NUMBER[1:], True),
        (f"00{NUMBER[1:]}", True),
        (NUMBER[-6:], False),
        ("0699999999", False),
    ],
)
def test_a_report_may_name_the_number_as_people_of_the_country_do(
    db: Database, things: Things, modem: Modem, reported: str, found: bool
) -> None:
    message = things.message()
    sent(db, message, modem)
    with db.transaction(write=True):
        db.messages.report(modem.id, 7, reported, delivered=True, status=0, now=NOW + 1)
    assert again(db, message).state is (MessageState.DELIVERED if found else MessageState.SENT)


def test_of_two_numbers_that_end_alike_none_is_guessed(db: Database, things: Things, modem: Modem) -> None:
    both = [things.message(number=number) for number in ("+31612345678", "+32612345678")]
    for message in both:
        sent(db, message, modem)
    with db.transaction(write=True):
        assert db.messages.report(modem.id, 7, "0612345678", delivered=True, status=0, now=NOW + 1) is None


def test_a_report_after_a_day_is_about_nothing(db: Database, things: Things, modem: Modem) -> None:
    sent(db, things.message(), modem)
    with db.transaction(write=True):
        assert db.messages.report(modem.id, 7, NUMBER, delivered=True, status=0, now=NOW + REPORT_WINDOW_MS) is None
        assert db.messages.report(modem.id, 8, NUMBER, delivered=True, status=0, now=NOW) is None


def test_a_late_answer_after_a_report_changes_nothing(db: Database, things: Things, modem: Modem) -> None:
    message = things.message()
    transmission_id = unknown(db, message, modem)
    with db.transaction(write=True):
        db.messages.report(modem.id, 7, NUMBER, delivered=True, status=0, now=NOW)
        assert not db.messages.late_sent(transmission_id, 7, NOW)
    assert again(db, message).state is MessageState.DELIVERED


def test_numbers_are_wiped_when_no_report_can_come_any_more(db: Database, things: Things, modem: Modem) -> None:
    message, waiting = things.message(), things.message(not_after=NOW + 2 * REPORT_WINDOW_MS)
    sent(db, message, modem)
    with db.transaction(write=True):
        assert db.messages.wipe_old(NOW + REPORT_WINDOW_MS - 1) == 0
        assert db.messages.wipe_old(NOW + REPORT_WINDOW_MS) == 1
    with pytest.raises(Wiped):
        db.messages.number(again(db, message))
    assert db.messages.number(again(db, waiting)) == NUMBER


def test_evidence_counts_per_group_of_networks(db: Database, things: Things, modem: Modem) -> None:
    other = things.modem("860000000000002", network_group="odido", network_name="Odido")
    for seconds in (2, 9, 4):
        sent(db, things.message(), modem, reference=seconds)
        with db.transaction(write=True):
            db.messages.report(modem.id, seconds, NUMBER, delivered=True, status=0, now=NOW + seconds * 1000)
    unknown(db, things.message(), modem)
    with db.transaction(write=True):
        db.messages.try_failed(things.message().id, modem.id, "gone", None, NOW)
    sent(db, things.message(), other)
    by_group = {evidence.network_group: evidence for evidence in db.transmissions.evidence(NOW)}
    kpn, odido = by_group["kpn"], by_group["odido"]
    assert (kpn.sent, kpn.delivered, kpn.failed, kpn.unknown, kpn.median_seconds) == (3, 3, 0, 1, 4.0)
    assert (kpn.last_arrived_at, kpn.last_seconds) == (NOW + 9000, 9.0)
    assert (odido.sent, odido.delivered, odido.median_seconds, odido.last_arrived_at) == (1, 0, None, None)
    assert db.transmissions.evidence(NOW + 1) == []


def test_evidence_leaves_out_what_says_nothing_about_others(db: Database, things: Things, modem: Modem) -> None:
    mine, theirs = things.message(), things.message()
    sent(db, mine, modem, reference=1)
    sent(db, theirs, modem, reference=2)
    own = {one.id for one in db.transmissions.of_message(mine.id)}
    assert [one.sent for one in db.transmissions.evidence(NOW, without=own)] == [1]
    own |= {one.id for one in db.transmissions.of_message(theirs.id)}
    assert db.transmissions.evidence(NOW, without=own) == []


def test_the_sim_guard_counts_what_may_have_been_sent(db: Database, things: Things, modem: Modem) -> None:
    sent(db, things.message(), modem)
    unknown(db, things.message(), modem)
    with db.transaction(write=True):
        db.messages.try_failed(things.message().id, modem.id, "gone", None, NOW)
    assert db.transmissions.per_sim(modem.id, modem.iccid, NOW) == 2
    assert db.transmissions.per_sim(modem.id, modem.iccid, NOW + MINUTE) == 0


def test_what_a_sim_has_sent_follows_it_into_another_modem(db: Database, things: Things, modem: Modem) -> None:
    other = things.modem("860000000000002", iccid="8931000000000000002")
    sent(db, things.message(), modem)
    sent(db, things.message(), things.modem(iccid=None, key="860000000000003"))
    assert db.transmissions.per_sim(other.id, modem.iccid, NOW) == 1
    assert db.transmissions.per_sim(modem.id, other.iccid, NOW) == 0
    # A modem that does not tell its SIM now may have the one that sent.
    assert db.transmissions.per_sim(modem.id, None, NOW) == 1
    assert db.transmissions.per_sim(other.id, None, NOW) == 0


def test_a_modem_is_one_row_and_keeps_what_it_cannot_tell_now(db: Database, things: Things, modem: Modem) -> None:
    gone = things.modem(state="gone", reason="unplugged", imei=None, iccid=None, network=None, now=NOW + 9)
    assert db.modems.all() == [gone]
    assert db.modems.get(modem.id) == gone
    assert (gone.imei, gone.iccid, gone.network) == (modem.imei, modem.iccid, None)
    assert (gone.first_seen_at, gone.seen_at) == (NOW, NOW + 9)
