from typing import Any

import pytest

from data.challenges import Challenge
from data.errors import NoTransaction
from data.ids import new_id
from data.messages import Message, MessageKind, MessageState
from data.modems import Modem, ModemState
from data.users import Role
from kiosk.delivery.candidates import NOT_SEEN, SEEN_MS, SIM_GUARD
from kiosk.delivery.limits import DAY_MS, HOUR_MS
from kiosk.delivery.outbox import DeliveryState, Limit, LimitScope, Outbox
from tests.kiosk.delivery.house import MINUTE, PHONE, House


def commit(house: House, message: Message, modem: Modem) -> str:
    """What the journal does."""
    transmission_id = new_id()
    with house.db.transaction(write=True):
        assert house.db.messages.commit(
            message.id,
            transmission_id=transmission_id,
            modem_id=modem.id,
            network=modem.network,
            network_name=modem.network_name,
            iccid=modem.iccid,
            now=house.clock.now(),
        )
    return transmission_id


def send(house: House, message: Message, modem: Modem, reference: int = 7) -> str:
    transmission_id = commit(house, message, modem)
    with house.db.transaction(write=True):
        assert house.db.messages.sent(message.id, transmission_id, reference=reference, now=house.clock.now())
    return transmission_id


def queue_many(house: House, count: int, *, name: str = "jansen", desk: str = "balie", number: str = PHONE) -> None:
    sign_in = house.sign_in(name, desk)
    challenge = house.challenge(sign_in)
    for _ in range(count):
        house.queue(challenge, number=number)


def limit(
    house: House, *, name: str = "jansen", number: str = PHONE, desk: str = "balie", reserved: bool = False
) -> Limit | None:
    sign_in = house.sign_in(name, desk)
    assert sign_in.user_id is not None
    return house.outbox.limit_for(
        user_id=sign_in.user_id, number=number, desk_id=sign_in.desk_id, reserved=reserved, now=house.clock.now()
    )


def scope(reached: Limit | None) -> LimitScope | None:
    return None if reached is None else reached.scope


# limits


def test_a_person_may_ask_for_five_codes_an_hour(still: House) -> None:
    queue_many(still, 4)
    assert limit(still) is None
    queue_many(still, 1)
    assert limit(still) == Limit(LimitScope.USER_HOUR, still.clock.now() + HOUR_MS + 1)


def test_a_limit_ends_exactly_when_it_says(still: House) -> None:
    queue_many(still, 5)
    reached = limit(still)
    assert reached is not None
    still.clock.fixed = reached.again_at - 1
    assert scope(limit(still)) is LimitScope.USER_HOUR
    still.clock.fixed = reached.again_at
    assert limit(still) is None


def test_a_person_may_ask_for_ten_codes_a_day(still: House) -> None:
    start = still.clock.now()
    queue_many(still, 5)
    still.clock.ahead = 2 * HOUR_MS
    queue_many(still, 5)
    still.clock.ahead = 4 * HOUR_MS
    assert limit(still) == Limit(LimitScope.USER_DAY, start + DAY_MS + 1)


def test_of_several_limits_the_one_that_ends_last_is_told(still: House) -> None:
    queue_many(still, 10)
    assert scope(limit(still)) is LimitScope.USER_DAY


def test_a_number_gets_ten_codes_an_hour_whoever_asks(still: House) -> None:
    for number in range(5):
        queue_many(still, 2, name=f"person {number}", desk=f"desk {number}")
    assert scope(limit(still, name="another", desk="other")) is LimitScope.NUMBER_HOUR
    assert limit(still, name="another", desk="other", number="+31687654321") is None


def test_a_desk_sends_twenty_codes_an_hour(still: House) -> None:
    for number in range(10):
        queue_many(still, 2, name=f"person {number}", number=f"+3161000000{number}")
    assert scope(limit(still, name="another", number="+31687654321")) is LimitScope.DESK_HOUR
    assert limit(still, name="another", number="+31687654321", desk="other") is None


def test_the_last_fifth_of_the_site_is_kept_for_administrators_and_technicians(still: House) -> None:
    outbox = Outbox(still.db, still.policy_with(per_site_hour=10), still.doorbell)
    for number in range(4):
        queue_many(still, 2, name=f"person {number}", desk=f"desk {number}", number=f"+3161000000{number}")
    user, desk = still.user("another"), still.sign_in("another", "other").desk_id
    asked: dict[str, Any] = {"user_id": user.id, "number": "+31687654321", "desk_id": desk, "now": still.clock.now()}
    assert scope(outbox.limit_for(**asked, reserved=False)) is LimitScope.SITE_HOUR
    assert outbox.limit_for(**asked, reserved=True) is None
    queue_many(still, 2, name="yet another", desk="third", number="+31600000000")
    assert scope(outbox.limit_for(**asked, reserved=True)) is LimitScope.SITE_HOUR


def test_a_sign_in_that_succeeds_gives_its_sms_back(still: House) -> None:
    message = still.queue()
    for _ in range(4):
        still.queue()
    assert limit(still) is not None
    assert message.sign_in_id is not None
    with still.db.transaction(write=True):
        still.outbox.answered(message.sign_in_id, now=still.clock.now())
    assert limit(still) is None


def test_notices_and_tests_cost_nobody_a_code(still: House) -> None:
    for _ in range(6):
        still.queue(kind=MessageKind.NOTICE)
    assert limit(still) is None


# queueing and taking back


def test_a_message_belongs_to_the_transaction_of_who_queues_it(still: House) -> None:
    sign_in = still.sign_in()
    with pytest.raises(NoTransaction):
        still.outbox.queue(
            kind=MessageKind.CODE,
            user_id=sign_in.user_id,
            desk_id=sign_in.desk_id,
            sign_in_id=sign_in.id,
            challenge_id=None,
            number=PHONE,
            text="Uw code is 482913",
            priority=0,
            not_after=still.clock.now() + MINUTE,
            language="nl",
            now=still.clock.now(),
        )


def test_the_doorbell_rings_after_the_commit_and_only_when_something_was_queued(still: House) -> None:
    challenge = still.challenge(still.sign_in())
    assert not still.doorbell.wait(0)
    with still.db.transaction(write=True):
        still.queue(challenge)
        assert not still.doorbell.wait(0)
    assert still.doorbell.wait(0)


def test_a_number_in_another_country_fails_at_once_and_shows_the_other_ways(still: House) -> None:
    still.modem()
    message = still.queue(number="+32470123456")
    assert message.state is MessageState.FAILED
    delivery = still.delivery(message)
    assert (delivery.state, delivery.final, delivery.error) == (DeliveryState.MODEM_DOWN, True, "country")
    assert not still.outbox.may_go_to("+32470123456")
    assert still.outbox.may_go_to(PHONE)


def test_a_country_code_is_not_mistaken_for_the_beginning_of_another(still: House) -> None:
    outbox = Outbox(still.db, still.policy_with(countries=("1", "31")), still.doorbell)
    assert outbox.may_go_to("+12025550123")
    assert not outbox.may_go_to("+3212345678")


def test_who_leaves_takes_back_what_has_not_gone_out(still: House) -> None:
    message = still.queue()
    assert message.sign_in_id is not None
    with still.db.transaction(write=True):
        assert still.outbox.cancel(message.sign_in_id, now=still.clock.now()) == 1
    assert still.state(message) is MessageState.CANCELLED


# how an SMS stands


def test_the_first_in_line_is_being_sent_and_says_over_which_network_from_which_number(still: House) -> None:
    still.modem()
    delivery = still.delivery(still.queue())
    assert (delivery.state, delivery.final, delivery.position) == (DeliveryState.SENDING, False, 0)
    assert (delivery.network_name, delivery.network_group, delivery.sender_tail) == ("KPN", "KPN", "01")


def test_the_others_in_line_know_how_many_go_before(still: House) -> None:
    still.modem()
    positions = [still.delivery(message).position for message in [still.queue() for _ in range(3)]]
    assert positions == [0, 1, 2]


def test_two_free_modems_send_two_at_a_time(still: House) -> None:
    still.modem()
    still.vodafone()
    deliveries = [still.delivery(message) for message in [still.queue() for _ in range(3)]]
    assert [one.state for one in deliveries] == [DeliveryState.SENDING, DeliveryState.SENDING, DeliveryState.QUEUE]
    assert deliveries[2].position == 1


def test_what_the_modem_is_busy_with_goes_before_too(still: House) -> None:
    modem = still.modem()
    commit(still, still.queue(), modem)
    delivery = still.delivery(still.queue())
    assert (delivery.state, delivery.position) == (DeliveryState.QUEUE, 1)


@pytest.mark.parametrize(
    ("modem", "state"),
    [
        ("ready", DeliveryState.SENDING),
        ("starting", DeliveryState.QUEUE),
        ("no_network", DeliveryState.NO_NETWORK),
        ("sim_problem", DeliveryState.MODEM_DOWN),
        ("down", DeliveryState.MODEM_DOWN),
        ("gone", DeliveryState.MODEM_DOWN),
    ],
)
def test_the_state_of_the_only_modem_shows(still: House, modem: str, state: DeliveryState) -> None:
    still.modem(state=modem)
    assert still.delivery(still.queue()).state is state


def test_without_any_modem_nothing_can_be_sent(still: House) -> None:
    assert still.delivery(still.queue()).state is DeliveryState.MODEM_DOWN


def test_modems_that_nobody_has_written_about_for_a_minute_are_down(still: House) -> None:
    still.modem()
    message = still.queue()
    still.clock.ahead = SEEN_MS - 1
    assert still.delivery(message).state is DeliveryState.SENDING
    still.clock.ahead = SEEN_MS
    assert still.delivery(message).state is DeliveryState.MODEM_DOWN
    assert [(one.state, one.reason) for one in still.outbox.modems(still.clock.now())] == [(ModemState.DOWN, NOT_SEEN)]


def test_a_modem_that_was_taken_out_of_the_configuration_is_not_shown(still: House) -> None:
    still.modem("old")
    still.clock.ahead = SEEN_MS
    still.modem("new")
    assert [one.name for one in still.outbox.modems(still.clock.now())] == ["new"]


def test_the_way_of_an_sms_shows_step_by_step(still: House) -> None:
    modem = still.modem()
    message = still.queue()
    still.clock.ahead = 1000
    transmission_id = commit(still, message, modem)
    assert still.delivery(message).state is DeliveryState.SENDING
    with still.db.transaction(write=True):
        still.db.messages.sent(message.id, transmission_id, reference=7, now=still.clock.now())
    accepted = still.delivery(message)
    assert (accepted.state, accepted.at, accepted.final) == (DeliveryState.ACCEPTED, still.clock.now(), True)
    assert (accepted.network_name, accepted.sender_tail, accepted.tries) == ("KPN", "01", 1)
    still.clock.ahead = 3000
    with still.db.transaction(write=True):
        still.db.messages.report(modem.id, 7, PHONE, delivered=True, status=0, now=still.clock.now())
    delivered = still.delivery(message)
    assert (delivered.state, delivered.at) == (DeliveryState.DELIVERED, still.clock.now())


def test_an_sms_whose_sender_has_died_is_unknown_also_before_anybody_takes_over(still: House) -> None:
    modem = still.modem()
    message = still.queue()
    commit(still, message, modem)
    still.clock.ahead = SEEN_MS
    assert still.delivery(message).state is DeliveryState.UNKNOWN


@pytest.mark.parametrize(
    ("error", "state"),
    [("cms_38", DeliveryState.REFUSED), ("cme_16", DeliveryState.REFUSED), ("bad_text", DeliveryState.MODEM_DOWN)],
)
def test_only_what_a_network_refused_is_said_to_be_refused(still: House, error: str, state: DeliveryState) -> None:
    message = still.queue()
    with still.db.transaction(write=True):
        still.db.messages.failed(message.id, error, still.clock.now())
    assert still.delivery(message).state is state


def test_an_sms_that_was_too_late_will_not_come(still: House) -> None:
    still.modem()
    message = still.queue()
    still.clock.ahead = 6 * MINUTE
    with still.db.transaction(write=True):
        still.db.messages.expire(still.clock.now())
    assert still.delivery(message).state is DeliveryState.MODEM_DOWN


def test_of_a_code_the_latest_sms_is_shown(still: House) -> None:
    modem = still.modem()
    still.vodafone()
    first = still.queue()
    send(still, first, modem)
    second = still.resend(first)
    assert second.challenge_id is not None
    delivery = still.outbox.delivery_of(second.challenge_id, now=still.clock.now())
    assert (delivery.message_id, delivery.state, delivery.network_name) == (
        second.id,
        DeliveryState.SENDING,
        "Vodafone",
    )


def test_nothing_is_known_of_what_was_never_queued(still: House) -> None:
    challenge = still.challenge(still.sign_in())
    with pytest.raises(LookupError):
        still.outbox.delivery_of(challenge.id, now=still.clock.now())
    with pytest.raises(LookupError):
        still.outbox.delivery_of_message(new_id(), now=still.clock.now())


# networks used


def used(house: House, challenge: Challenge) -> frozenset[str]:
    return house.outbox.used_groups(challenge.id)


def test_a_network_is_used_from_the_moment_in_which_the_code_may_be_on_the_air(still: House) -> None:
    challenge = still.challenge(still.sign_in())
    modem = still.modem()
    message = still.queue(challenge)
    assert used(still, challenge) == frozenset()
    commit(still, message, modem)
    assert used(still, challenge) == {"KPN"}


def test_a_network_that_refused_the_code_or_never_got_it_was_not_used(still: House) -> None:
    challenge = still.challenge(still.sign_in())
    message = still.queue(challenge)
    with still.db.transaction(write=True):
        still.db.messages.try_failed(message.id, still.modem().id, "no_prompt", "20408", still.clock.now())
    transmission_id = commit(still, message, still.vodafone())
    with still.db.transaction(write=True):
        still.db.messages.refused(transmission_id, "cms_42", still.clock.now(), final=False)
    assert used(still, challenge) == frozenset()


def test_a_resend_that_may_not_take_the_same_network_waits_for_another(still: House) -> None:
    modem = still.modem()
    first = still.queue()
    send(still, first, modem)
    assert still.delivery(still.resend(first)).state is DeliveryState.NO_NETWORK


# the SIM guard


def test_a_sim_that_has_sent_what_it_may_is_down_for_staff_and_up_for_a_technician(still: House) -> None:
    outbox = Outbox(still.db, still.policy_with(per_sim_hour=5), still.doorbell)
    modem = still.modem()
    for _ in range(4):
        send(still, still.queue(), modem)
    assert [(one.state, one.reason) for one in outbox.modems(still.clock.now())] == [(ModemState.DOWN, SIM_GUARD)]
    assert outbox.modems(still.clock.now(), reserved=True)[0].state is ModemState.READY
    staff = still.queue()
    technician = still.queue(still.challenge(still.sign_in("technician", role=Role.TECHNICIAN)))
    now = still.clock.now()
    assert outbox.delivery_of_message(staff.id, now=now).state is DeliveryState.MODEM_DOWN
    assert outbox.delivery_of_message(technician.id, now=now).state is not DeliveryState.MODEM_DOWN


def test_a_sim_keeps_its_count_in_another_modem(still: House) -> None:
    outbox = Outbox(still.db, still.policy_with(per_sim_hour=5), still.doorbell)
    old = still.modem("old")
    for _ in range(4):
        send(still, still.queue(), old)
    still.modem("old", iccid="another")
    still.modem("new", iccid=old.iccid)
    reasons = {one.name: one.reason for one in outbox.modems(still.clock.now())}
    assert reasons == {"old": "", "new": SIM_GUARD}


def test_a_new_sim_in_the_same_modem_has_sent_nothing(still: House) -> None:
    outbox = Outbox(still.db, still.policy_with(per_sim_hour=5), still.doorbell)
    modem = still.modem()
    for _ in range(4):
        send(still, still.queue(), modem)
    still.modem(iccid="a new one")
    assert [one.state for one in outbox.modems(still.clock.now())] == [ModemState.READY]
    still.modem(iccid=modem.iccid)
    assert [one.reason for one in outbox.modems(still.clock.now())] == [SIM_GUARD]


def test_what_an_unnamed_sim_has_sent_counts_for_its_modem(still: House) -> None:
    outbox = Outbox(still.db, still.policy_with(per_sim_hour=5), still.doorbell)
    modem = still.modem(iccid=None)
    for _ in range(4):
        send(still, still.queue(), modem)
    assert [one.reason for one in outbox.modems(still.clock.now())] == [SIM_GUARD]
    # It tells its SIM now; that may be the one that sent all these.
    still.modem(iccid="told late")
    assert [one.reason for one in outbox.modems(still.clock.now())] == [SIM_GUARD]
    still.modem("other", iccid="of another modem")
    assert {one.name: one.reason for one in outbox.modems(still.clock.now())}["other"] == ""
