"""Geen SMS ontvangen: what was sent, what can be tried, in every situation that rows of the outbox can tell."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.factors import FactorKind, FactorState
from data.ids import new_id
from data.modems import ModemState
from data.users import Role
from kiosk.clock import ClockHealth
from kiosk.policy import Policy, SmsPolicy
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from kiosk.sign_in.views import AlternativesView, SmsState
from tests.kiosk.world import World, notice, why


def queued(world: World) -> None:
    assert world.messages()[0].state.value == "queued"


def accepted(world: World) -> None:
    world.transmit(world.modems["noord"])


def delivered(world: World) -> None:
    accepted(world)
    world.report(world.modems["noord"], delivered=True)


def not_delivered(world: World) -> None:
    accepted(world)
    world.report(world.modems["noord"], delivered=False)


def committed(world: World) -> str:
    """Between Ctrl-Z and the answer."""
    database, modem, transmission = world.site.database, world.modems["noord"], new_id()
    with database.transaction(write=True):
        assert database.messages.commit(
            world.messages()[-1].id,
            transmission_id=transmission,
            modem_id=modem.id,
            network=modem.network,
            network_name=modem.network_name,
            network_group=modem.network_group,
            now=world.clock.now(),
        )
    return transmission


def sending(world: World) -> None:
    committed(world)


def unknown(world: World) -> None:
    transmission = committed(world)
    with world.site.database.transaction(write=True):
        world.site.database.messages.unknown(
            world.messages()[-1].id, transmission, reason="no_answer", now=world.clock.now()
        )


def refused(world: World) -> None:
    transmission = committed(world)
    with world.site.database.transaction(write=True):
        world.site.database.messages.refused(transmission, "cms_28", world.clock.now(), final=True)


def no_network(world: World) -> None:
    for name, row in world.modems.items():
        assert row.network is not None
        world.modem(name, row.network, ModemState.NO_NETWORK)


def searching(world: World) -> None:
    """The dispatcher has begun to look for another network for it."""
    modem = world.modem("noord", may_roam=True)
    with world.site.database.transaction(write=True):
        world.site.database.modems.moved(modem.id, world.messages()[-1].id)


def modem_down(world: World) -> None:
    for name, row in world.modems.items():
        assert row.network is not None
        world.modem(name, row.network, ModemState.GONE)


def at_the_sms_page(world: World) -> SignIn:
    world.person()
    return world.begun()


@pytest.mark.parametrize(
    ("happened", "state", "sentence"),
    [
        (queued, SmsState.SENDING, "no_sms.not_sent"),
        (sending, SmsState.SENDING, "no_sms.sent_unknown"),
        (accepted, SmsState.ACCEPTED, "no_sms.sent"),
        (delivered, SmsState.DELIVERED, "no_sms.sent"),
        (not_delivered, SmsState.NOT_DELIVERED, "no_sms.sent"),
        (unknown, SmsState.UNKNOWN, "no_sms.sent_unknown"),
        (refused, SmsState.REFUSED, "no_sms.not_sent"),
        (no_network, SmsState.NO_NETWORK, "no_sms.not_sent"),
        (searching, SmsState.SEARCHING, "no_sms.not_sent"),
        (modem_down, SmsState.MODEM_DOWN, "no_sms.not_sent"),
    ],
)
def test_whether_an_sms_was_sent_is_told_truly(
    world: World, happened: Callable[[World], None], state: SmsState, sentence: str
) -> None:
    sign_in = at_the_sms_page(world)
    happened(world)

    sms, sent = sign_in.view().sms, sign_in.alternatives().sent

    assert sms is not None
    assert sms.state is state
    assert sent is not None
    assert (sent.text_id, sent.values) == (sentence, {"tail": "78"})


def test_the_states_above_are_all_but_the_queue() -> None:
    tried = {"sending", "accepted", "delivered", "not_delivered", "unknown", "refused", "no_network", "modem_down"}
    assert {state.value for state in SmsState} - tried == {"queue", "searching"}


def test_behind_others_the_number_of_sms_before_it_is_told(world: World) -> None:
    world.modem("zuid", "20404", ModemState.GONE)
    for number in range(3):
        world.person(f"p{number}", phone=f"+3161234560{number}")
        world.begun(f"p{number}")
    sign_in = at_the_sms_page(world)

    sms = sign_in.view().sms

    assert sms is not None
    assert sms.state is SmsState.QUEUE
    assert sms.status_line.values == {"count": 3}


def test_one_that_left_counts_although_the_next_one_does_not_leave(world: World) -> None:
    sign_in = at_the_sms_page(world)
    accepted(world)
    world.later(31)
    sign_in.resend(confirmed=True)
    modem_down(world)

    sent = sign_in.alternatives().sent

    assert sent is not None
    assert sent.text_id == "no_sms.sent"


def test_two_that_were_refused_are_not_told_as_sent(world: World) -> None:
    sign_in = at_the_sms_page(world)
    refused(world)
    world.later(31)
    sign_in.resend()
    words = world.text_of_queued()
    refused(world)

    sent = sign_in.alternatives().sent

    assert sent is not None
    assert sent.text_id == "no_sms.not_sent"
    assert "vorige SMS" not in words


# What to do


def advice(sign_in: SignIn) -> tuple[str, bool]:
    view = sign_in.alternatives()
    return view.advice.text_id, view.names_contact


def test_the_back_up_code_is_advised_to_who_has_one(world: World) -> None:
    sign_in = at_the_sms_page(world)
    without = advice(sign_in)
    world.give_backup_code()

    assert without == ("no_sms.try_resend_only", False)
    assert advice(sign_in) == ("no_sms.try", False)


def test_when_no_sms_can_be_sent_another_way_is_advised_or_else_the_administrator(world: World) -> None:
    sign_in = at_the_sms_page(world)
    modem_down(world)
    nothing = advice(sign_in)
    world.give_temporary_code()
    temporary = advice(sign_in)
    with world.site.database.transaction(write=True):
        world.site.database.temporary_codes.revoke_all(world.clock.now())
    world.give_backup_code()

    assert nothing == ("no_sms.try_nothing", True)
    assert temporary == ("no_sms.try_other", False)
    assert advice(sign_in) == ("no_sms.try_other", False)


def test_who_has_no_phone_is_not_advised_to_send_an_sms(world: World) -> None:
    world.person(phone=None, app=True)
    view = world.begun().alternatives()

    assert view.sent is None
    assert not view.resend
    assert view.advice.text_id == "no_sms.try_other"


def ways(view: AlternativesView) -> dict[MethodKind, str | None]:
    return {way.kind: None if way.why_not is None else way.why_not.text_id for way in view.ways}


def test_the_ways_stand_in_their_order_each_with_why_it_does_not_work(world: World) -> None:
    sign_in = at_the_sms_page(world)

    assert ways(sign_in.alternatives()) == {
        MethodKind.YUBIKEY: "no_sms.yubikey_none",
        MethodKind.BACKUP_CODE: "no_sms.backup_none",
    }
    assert why(sign_in.take(MethodKind.YUBIKEY)) == "no_sms.yubikey_none"


def test_ways_that_work_have_no_reason_why_not(world: World) -> None:
    created = world.person(app=True)
    world.give_backup_code()
    with world.site.database.transaction(write=True):
        world.site.database.factors.add(
            created.user.id,
            kind=FactorKind.YUBIKEY_FIDO2,
            label="sleutel",
            state=FactorState.ACTIVE,
            secret=b"x",
            index=None,
            now=world.clock.now(),
        )
    sign_in = world.begun()

    assert list(ways(sign_in.alternatives()).items()) == [
        (MethodKind.YUBIKEY, "yubikey.not_here"),
        (MethodKind.BACKUP_CODE, None),
        (MethodKind.TOTP, None),
    ]
    assert why(sign_in.take(MethodKind.YUBIKEY)) == "yubikey.not_here"
    world.clock.believed = ClockHealth.JUMPED
    assert ways(sign_in.alternatives())[MethodKind.TOTP] == "app.kiosk_clock"


# Sending again


def test_the_network_of_a_resend_is_named_before_it_is_pressed(world: World) -> None:
    sign_in = at_the_sms_page(world)
    accepted(world)

    over = sign_in.alternatives().resend_over
    world.later(31)

    assert over == "Vodafone"
    assert notice(sign_in.resend()) == "resend.line.over"


def test_pressed_before_an_sms_was_asked_for_it_sends_the_first(world: World) -> None:
    created = world.person(app=True)
    world.signed_in().cancel("person")
    with world.site.database.transaction(write=True):
        world.site.database.users.set_preferred_factor(created.user.id, FactorKind.TOTP)
    sign_in = world.begun()

    before = sign_in.alternatives()

    assert sign_in.view().sms is None
    assert before.sent is None
    assert before.resend
    assert sign_in.resend() == Moved(Stage.SMS_CODE)
    assert "Code: " in world.text_of_queued()


@pytest.mark.parametrize("happened", [queued, no_network, modem_down, sending])
def test_while_it_is_on_its_way_it_is_not_sent_twice(world: World, happened: Callable[[World], None]) -> None:
    sign_in = at_the_sms_page(world)
    happened(world)
    world.later(31)

    outcome = sign_in.resend(confirmed=True)

    assert why(outcome).startswith("sms.status.next.")
    assert len(world.messages()) == 1


@pytest.mark.parametrize("happened", [accepted, not_delivered, unknown, refused])
def test_one_that_is_over_can_be_sent_again(world: World, happened: Callable[[World], None]) -> None:
    sign_in = at_the_sms_page(world)
    happened(world)
    world.later(31)

    assert isinstance(sign_in.resend(confirmed=True), Moved)
    assert len(world.messages()) == 2


def test_without_any_modem_sending_again_says_until_when_the_earlier_one_is_good(world: World) -> None:
    sign_in = at_the_sms_page(world)
    accepted(world)
    world.later(31)
    modem_down(world)

    assert why(sign_in.resend()) == "resend.failed"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[World]:
    """A site whose only SIM may send two SMS an hour, one of them kept for administrators and technicians."""
    policy = Policy(sms=SmsPolicy(per_sim_hour=2, per_sim_day=2, reserve_percent=50))
    with closing(World.make(tmp_path, policy)) as world:
        world.modem()
        yield world


def test_the_last_sms_of_a_sim_is_for_who_can_mend_it(guarded: World) -> None:
    guarded.person()
    staff = guarded.begun()
    guarded.transmit(guarded.modems["noord"])
    colleague = guarded.invite("a.bakker", phone="+31612345677")
    technician = guarded.invite("t.techniek", phone="+31612345679", app=True, role=Role.TECHNICIAN)
    outcomes = []
    for created in (colleague, technician):
        sign_in = guarded.begun(created.user.name, created.one_time_password)
        sign_in.choose_own_password("eigen losse woorden hier", "eigen losse woorden hier")
        outcomes.append(sign_in.confirm_phone(right=True))

    assert staff.alternatives().advice.text_id == "no_sms.try_nothing"
    assert why(outcomes[0]) == "first.no_way"
    assert outcomes[1] == Moved(Stage.SMS_CODE)
