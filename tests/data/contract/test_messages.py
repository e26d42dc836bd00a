import pytest

from data.database import Database
from data.errors import ConstraintBroken, Wiped
from data.ids import new_id
from data.messages import MessageKind, MessageState
from data.modems import Modem
from data.transmissions import TransmissionState
from tests.data.contract.sending import again, commit, sent, unknown
from tests.data.things import NOW, NUMBER, Things


@pytest.fixture
def modem(things: Things) -> Modem:
    return things.modem()


def test_number_and_text_come_back_and_no_repr_shows_them(db: Database, things: Things) -> None:
    message = things.message(text="Code 075391 é", avoid_groups=("kpn", "odido"))
    assert (db.messages.number(message), db.messages.text(message)) == (NUMBER, "Code 075391 é")
    assert (message.number_tail, message.avoid_groups) == (NUMBER[-2:], ("kpn", "odido"))
    assert "075391" not in repr(message)
    assert NUMBER[-3:] not in repr(message)


def test_the_queue_goes_by_priority_then_age(db: Database, things: Things) -> None:
    later = things.message(priority=1, now=NOW + 1)
    first, second = things.message(priority=1), things.message(priority=1)
    urgent = things.message(priority=0, now=NOW + 2)
    things.message(priority=0, not_after=NOW + 3)
    queue = db.messages.next_queued(NOW + 3, limit=9)
    assert queue == [urgent, first, second, later]
    assert db.messages.next_queued(NOW + 3, limit=1) == [urgent]


def test_the_position_counts_what_goes_before(db: Database, things: Things, modem: Modem) -> None:
    last, first, second = things.message(priority=2), things.message(), things.message()
    assert [db.messages.position(message.id) for message in (first, second, last)] == [0, 1, 2]
    commit(db, first, modem)
    assert [db.messages.position(message.id) for message in (first, second, last)] == [0, 0, 1]


def test_the_journal_says_yes_once(db: Database, things: Things, modem: Modem) -> None:
    message = things.message()
    transmission_id = commit(db, message, modem)
    assert transmission_id is not None
    assert commit(db, message, modem) is None
    [transmission] = db.transmissions.of_message(message.id)
    assert transmission == db.transmissions.get(transmission_id)
    assert (transmission.state, transmission.network_group) == (TransmissionState.COMMITTED, "kpn")
    assert again(db, message).state is MessageState.COMMITTED


def test_the_journal_says_no_when_it_is_too_late(db: Database, things: Things, modem: Modem) -> None:
    message = things.message(not_after=NOW + 1)
    assert commit(db, message, modem, now=NOW + 1) is None
    assert db.transmissions.of_message(message.id) == []


def test_the_journal_keeps_nothing_when_the_modem_is_not_known(db: Database, things: Things, modem: Modem) -> None:
    message = things.message()
    nobody = type(modem)(**{**{name: getattr(modem, name) for name in modem.__slots__}, "id": new_id()})
    with pytest.raises(ConstraintBroken):
        commit(db, message, nobody)
    assert again(db, message).state is MessageState.QUEUED


def test_a_sent_message_has_no_text_and_its_transmission_a_reference(
    db: Database, things: Things, modem: Modem
) -> None:
    message = things.message()
    transmission = db.transmissions.get(sent(db, message, modem, reference=255, now=NOW + 4))
    after = again(db, message)
    assert transmission is not None
    assert (transmission.state, transmission.reference, transmission.answered_at) == ("sent", 255, NOW + 4)
    assert (after.state, after.final_at) == (MessageState.SENT, NOW + 4)
    with pytest.raises(Wiped):
        db.messages.text(after)
    assert db.messages.number(after) == NUMBER


def test_an_answer_for_another_transmission_changes_nothing(db: Database, things: Things, modem: Modem) -> None:
    one, other = things.message(), things.message()
    commit(db, one, modem)
    transmission_id = commit(db, other, modem)
    assert transmission_id is not None
    with db.transaction(write=True):
        assert not db.messages.sent(one.id, transmission_id, reference=1, now=NOW)
        assert not db.messages.unknown(one.id, transmission_id, reason="x", now=NOW)
    assert again(db, one).state is MessageState.COMMITTED
    assert again(db, other).state is MessageState.COMMITTED


def test_an_unknown_message_becomes_sent_when_the_answer_comes_late(db: Database, things: Things, modem: Modem) -> None:
    message = things.message()
    transmission_id = unknown(db, message, modem)
    assert again(db, message).error == "no_answer"
    with db.transaction(write=True):
        assert db.messages.late_sent(transmission_id, 9, NOW + 1)
        assert not db.messages.late_sent(transmission_id, 9, NOW + 1)
    after = again(db, message)
    assert (after.state, after.error) == (MessageState.SENT, None)


def test_a_refusal_that_another_modem_may_mend_goes_back_to_the_queue_with_its_text(
    db: Database, things: Things, modem: Modem
) -> None:
    message = things.message()
    transmission_id = commit(db, message, modem)
    assert transmission_id is not None
    with db.transaction(write=True):
        assert db.messages.refused(transmission_id, "cms:38", NOW, final=False)
        assert not db.messages.refused(transmission_id, "cms:38", NOW, final=False)
    after = again(db, message)
    assert (after.state, after.committed_at) == (MessageState.QUEUED, None)
    assert db.messages.text(after) == "Code 123456"
    assert commit(db, message, modem) is not None
    assert [t.state for t in db.transmissions.of_message(message.id)] == ["failed", "committed"]


def test_a_final_refusal_fails_the_message(db: Database, things: Things, modem: Modem) -> None:
    message = things.message()
    transmission_id = commit(db, message, modem)
    assert transmission_id is not None
    with db.transaction(write=True):
        assert db.messages.refused(transmission_id, "cms:1", NOW, final=True)
    after = again(db, message)
    assert (after.state, after.error, after.sealed_text) == (MessageState.FAILED, "cms:1", None)


def test_an_unknown_message_is_never_refused_back_into_the_queue(db: Database, things: Things, modem: Modem) -> None:
    message = things.message()
    transmission_id = unknown(db, message, modem)
    with db.transaction(write=True):
        assert not db.messages.refused(transmission_id, "cms:38", NOW, final=False)
    assert again(db, message).state is MessageState.UNKNOWN
    assert commit(db, message, modem) is None


def test_a_modem_that_gives_up_leaves_the_message_in_the_queue(db: Database, things: Things, modem: Modem) -> None:
    message = things.message()
    with db.transaction(write=True):
        assert db.messages.try_failed(message.id, modem.id, "no_prompt", "20408", NOW)
    [tried] = db.transmissions.of_message(message.id)
    assert (tried.state, tried.error, tried.network_group) == (TransmissionState.NOT_SENT, "no_prompt", "kpn")
    assert db.messages.next_queued(NOW, limit=1) == [message]
    commit(db, message, modem)
    with db.transaction(write=True):
        assert not db.messages.try_failed(message.id, modem.id, "no_prompt", "20408", NOW)


@pytest.mark.parametrize("committed", [False, True])
def test_a_message_fails_from_the_queue_and_from_the_journal(
    db: Database, things: Things, modem: Modem, committed: bool
) -> None:
    message = things.message()
    if committed:
        commit(db, message, modem)
    with db.transaction(write=True):
        assert db.messages.failed(message.id, "cms:28", NOW)
        assert not db.messages.failed(message.id, "cms:28", NOW)
    after = again(db, message)
    assert (after.state, after.error, after.sealed_text) == (MessageState.FAILED, "cms:28", None)
    assert [t.state for t in db.transmissions.of_message(message.id)] == ["failed"] * committed


def test_what_waits_is_cancelled_and_what_may_be_on_the_air_is_not(db: Database, things: Things, modem: Modem) -> None:
    sign_in = things.sign_in()
    waits, on_the_air, of_another = things.message(sign_in), things.message(sign_in), things.message()
    commit(db, on_the_air, modem)
    with db.transaction(write=True):
        assert db.messages.cancel_queued(sign_in.id, NOW) == 1
    states = [again(db, message).state for message in (waits, on_the_air, of_another)]
    assert states == ["cancelled", "committed", "queued"]
    assert commit(db, waits, modem) is None


def test_what_is_too_late_expires(db: Database, things: Things) -> None:
    late, in_time = things.message(not_after=NOW + 1), things.message(not_after=NOW + 2)
    with db.transaction(write=True):
        assert db.messages.expire(NOW + 1) == 1
    assert [again(db, message).state for message in (late, in_time)] == ["expired", "queued"]


def test_what_was_never_sent_keeps_neither_text_nor_number_nor_charge(db: Database, things: Things) -> None:
    sign_in = things.sign_in()
    cancelled, failed = things.message(sign_in), things.message()
    expired = things.message(not_after=NOW)
    with db.transaction(write=True):
        db.messages.cancel_queued(sign_in.id, NOW)
        db.messages.expire(NOW)
        db.messages.failed(failed.id, "no_modem", NOW)
    for message in (cancelled, failed, expired):
        after = again(db, message)
        assert (after.sealed_text, after.sealed_number, after.charged) == (None, None, False)


def test_orphans_become_unknown(db: Database, things: Things, modem: Modem) -> None:
    message, waiting = things.message(), things.message()
    transmission_id = commit(db, message, modem)
    assert transmission_id is not None
    assert [orphan.id for orphan in db.messages.orphans()] == [message.id]
    with db.transaction(write=True):
        assert db.messages.orphan_to_unknown(message.id, NOW)
        assert not db.messages.orphan_to_unknown(message.id, NOW)
        assert not db.messages.orphan_to_unknown(waiting.id, NOW)
    transmission = db.transmissions.get(transmission_id)
    assert transmission is not None
    assert transmission.state is TransmissionState.UNKNOWN
    assert again(db, message).state is MessageState.UNKNOWN
    assert db.messages.orphans() == []


def test_limits_count_codes_that_no_sign_in_has_answered(db: Database, things: Things) -> None:
    sign_in = things.sign_in()
    things.message(sign_in, now=NOW)
    things.message(sign_in, kind=MessageKind.BACKUP, now=NOW + 1)
    things.message(sign_in, kind=MessageKind.NOTICE, now=NOW + 2)
    things.message(number="+31600000000", now=NOW + 3)
    messages = db.messages
    assert messages.charged_since(user_id=sign_in.user_id, since=NOW) == 2
    assert messages.charged_since(desk_id=sign_in.desk_id, since=NOW + 1) == 1
    assert messages.charged_since(number=NUMBER, since=NOW) == 2
    assert messages.charged_since(since=NOW) == 3
    assert messages.oldest_charged(since=NOW + 1) == NOW + 1
    with db.transaction(write=True):
        assert messages.uncharge(sign_in.id) == 2
    assert messages.charged_since(user_id=sign_in.user_id, since=NOW) == 0
    assert messages.oldest_charged(user_id=sign_in.user_id, since=NOW) is None


def test_messages_of_a_sign_in_and_of_a_code_come_in_order(db: Database, things: Things) -> None:
    sign_in = things.sign_in()
    challenge = things.challenge(sign_in)
    code = things.message(sign_in, challenge_id=challenge.id)
    resend = things.message(sign_in, challenge_id=challenge.id, attempt_number=2)
    notice = things.message(sign_in, kind=MessageKind.NOTICE)
    assert db.messages.of_challenge(challenge.id) == [code, resend]
    assert db.messages.of_sign_in(sign_in.id) == [code, resend, notice]
