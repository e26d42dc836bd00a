"""The first sign-in: one-time password, own password, one factor proved, back-up code; continued when it was left half-way."""

from collections.abc import Callable

import pytest

from data.factors import FactorKind, FactorState
from data.modems import ModemState
from data.users import PasswordState, UserState
from kiosk.accounts import Created
from kiosk.clock import ClockHealth
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Stage
from tests.kiosk.world import PHONE, World, notice, other_than, why

OWN = "eigen losse woorden hier"


def at_own_password(world: World, created: Created) -> SignIn:
    sign_in = world.sign_in()
    assert sign_in.begin(created.user.name, created.one_time_password) == Moved(Stage.OWN_PASSWORD)
    return sign_in


def with_own_password(world: World, created: Created) -> SignIn:
    sign_in = at_own_password(world, created)
    assert isinstance(sign_in.choose_own_password(OWN, OWN), Moved)
    return sign_in


def no_modem(world: World) -> None:
    for name, row in world.modems.items():
        assert row.network is not None
        world.modem(name, row.network, ModemState.GONE)


def state_of(world: World, kind: FactorKind) -> FactorState:
    [factor] = [one for one in world.site.database.factors.of_user(world.user().id) if one.kind is kind]
    return factor.state


def test_the_whole_way_by_sms(world: World) -> None:
    sign_in = at_own_password(world, world.invite())
    own = sign_in.view().own_password
    steps = [sign_in.view().step]

    assert notice(sign_in.choose_own_password(OWN, OWN)) == "first.password.saved"
    assert sign_in.stage is Stage.CONFIRM_PHONE
    phone = sign_in.view().phone
    assert world.messages() == []
    steps.append(sign_in.view().step)
    assert sign_in.confirm_phone(right=True) == Moved(Stage.SMS_CODE)
    assert sign_in.view().confirming_phone
    assert world.text_of_queued().startswith("Receptie Noord: typ deze code op het scherm")
    steps.append(sign_in.view().step)
    assert sign_in.answer(world.code_of_queued()) == Moved(Stage.SUCCESS)
    success = sign_in.view().success
    steps.append(sign_in.view().step)

    assert own is not None
    assert not own.reset
    assert phone is not None
    assert phone.tail == PHONE[-2:]
    assert success is not None
    assert success.first
    assert steps == [(2, 4), (3, 4), (3, 4), (4, 4)]
    assert world.user().state is UserState.ACTIVE
    assert world.user().password_state is PasswordState.OWN
    assert state_of(world, FactorKind.SMS) is FactorState.ACTIVE
    assert sign_in.confirm_backup_code() == Moved(Stage.SIGNED_IN)
    assert world.begun(password=OWN).stage is Stage.SMS_CODE


def leave_at_own_password(world: World, created: Created) -> str:
    at_own_password(world, created).cancel("idle")
    return created.one_time_password


def leave_at_the_phone(world: World, created: Created) -> str:
    with_own_password(world, created).cancel("idle")
    return OWN


def leave_at_the_code(world: World, created: Created) -> str:
    sign_in = with_own_password(world, created)
    sign_in.confirm_phone(right=True)
    sign_in.cancel("idle")
    return OWN


@pytest.mark.parametrize(
    ("leave", "goes_on_at"),
    [
        (leave_at_own_password, Stage.OWN_PASSWORD),
        (leave_at_the_phone, Stage.CONFIRM_PHONE),
        (leave_at_the_code, Stage.CONFIRM_PHONE),
    ],
)
def test_a_first_sign_in_that_was_left_goes_on_next_time(
    world: World, leave: Callable[[World, Created], str], goes_on_at: Stage
) -> None:
    password = leave(world, world.invite())

    sign_in = world.begun(password=password)

    assert sign_in.stage is goes_on_at
    assert sign_in.view().step[1] == 4
    assert state_of(world, FactorKind.SMS) is FactorState.OFFERED


def test_a_wrong_code_of_the_sms_confirms_no_phone(world: World) -> None:
    sign_in = with_own_password(world, world.invite())
    sign_in.confirm_phone(right=True)

    assert why(sign_in.answer(other_than(world.code_of_queued()))) == "sms.code.wrong"
    assert state_of(world, FactorKind.SMS) is FactorState.OFFERED


def test_a_code_that_is_sent_again_to_a_new_phone_is_marked_as_the_second(world: World) -> None:
    sign_in = with_own_password(world, world.invite())
    sign_in.confirm_phone(right=True)
    code = world.code_of_queued()
    world.transmit(world.modems["noord"])
    world.later(31)

    sign_in.resend()

    assert "(2): dezelfde code" in world.text_of_queued()
    assert sign_in.answer(code) == Moved(Stage.SUCCESS)
    assert state_of(world, FactorKind.SMS) is FactorState.ACTIVE


def test_a_wrong_number_gets_no_sms_and_ends_with_what_to_ask_for(world: World) -> None:
    sign_in = with_own_password(world, world.invite())

    outcome = sign_in.confirm_phone(right=False)

    assert why(outcome) == "first.phone.wrong_number"
    assert isinstance(outcome, Refused)
    assert outcome.stage is sign_in.stage is Stage.ENDED
    assert outcome.names_contact
    assert world.recorded(outcome.reference) == ("sign_in.ended", "wrong_number")
    assert world.messages() == []


def test_without_modem_and_without_another_way_only_a_temporary_code_helps(world: World) -> None:
    no_modem(world)
    sign_in = with_own_password(world, world.invite())
    assert sign_in.stage is Stage.CONFIRM_PHONE

    outcome = sign_in.confirm_phone(right=True)

    assert why(outcome) == "first.no_way"
    assert isinstance(outcome, Refused)
    assert outcome.stage is Stage.ENDED
    assert world.recorded(outcome.reference) == ("sign_in.ended", "no_way")


def test_without_modem_the_app_that_was_offered_comes_first(world: World) -> None:
    no_modem(world)
    created = world.invite(app=True)
    sign_in = with_own_password(world, created)

    assert sign_in.stage is Stage.ENROL_TOTP
    enrol = sign_in.view().enrol_totp
    assert enrol is not None
    assert enrol.secret == created.totp_secret
    assert sign_in.answer(world.app_code(created)) == Moved(Stage.SUCCESS)
    assert state_of(world, FactorKind.TOTP) is FactorState.ACTIVE
    assert state_of(world, FactorKind.SMS) is FactorState.OFFERED


@pytest.mark.parametrize("right", [True, False])
def test_a_phone_that_cannot_be_confirmed_makes_way_for_the_app(world: World, right: bool) -> None:
    sign_in = with_own_password(world, world.invite(app=True))
    no_modem(world)

    outcome = sign_in.confirm_phone(right)

    assert notice(outcome) == ("first.phone.not_sent" if right else "first.phone.wrong_number")
    assert sign_in.stage is Stage.ENROL_TOTP
    assert world.messages() == []


def test_when_the_sms_does_not_come_the_app_that_was_offered_is_among_the_other_ways(world: World) -> None:
    created = world.invite(app=True)
    sign_in = with_own_password(world, created)
    sign_in.confirm_phone(right=True)

    ways = {way.kind: way.why_not for way in sign_in.alternatives().ways}

    assert ways[MethodKind.TOTP] is None
    assert sign_in.take(MethodKind.TOTP) == Moved(Stage.ENROL_TOTP)
    assert sign_in.answer(world.app_code(created)) == Moved(Stage.SUCCESS)
    assert state_of(world, FactorKind.TOTP) is FactorState.ACTIVE
    assert world.messages()[0].state.value == "cancelled"


def test_an_app_that_was_offered_to_somebody_who_has_a_way_does_not_count_yet(world: World) -> None:
    world.person()
    with world.site.database.transaction(write=True):
        world.site.database.factors.add(
            world.user().id,
            kind=FactorKind.TOTP,
            label="app",
            state=FactorState.OFFERED,
            secret=b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            index=None,
            now=world.clock.now(),
        )
    sign_in = world.begun()

    assert MethodKind.TOTP not in {way.kind for way in sign_in.alternatives().ways}
    assert why(sign_in.take(MethodKind.TOTP)) == "no_sms.try_other"


def test_an_offer_that_was_left_over_gives_no_second_factor_to_who_has_only_the_password(world: World) -> None:
    created = world.invite(app=True)
    sign_in = with_own_password(world, created)
    sign_in.confirm_phone(right=True)
    sign_in.answer(world.code_of_queued())
    sign_in.cancel("sign_out")
    phone = world.site.database.factors.of_user(created.user.id)[0]
    with world.site.database.transaction(write=True):
        world.site.database.factors.set_state(phone.id, FactorState.REVOKED)

    assert why(world.attempt(OWN)) == "sign_in.login.no_factor"


def test_an_app_becomes_active_only_after_a_right_code(world: World) -> None:
    created = world.invite(phone=None, app=True)
    sign_in = with_own_password(world, created)
    assert sign_in.stage is Stage.ENROL_TOTP

    assert why(sign_in.answer(other_than(world.app_code(created)))) == "app.wrong"
    assert state_of(world, FactorKind.TOTP) is FactorState.OFFERED
    enrol = sign_in.view().enrol_totp
    assert enrol is not None
    assert enrol.tries_left == 4
    assert sign_in.answer(world.app_code(created)) == Moved(Stage.SUCCESS)
    assert state_of(world, FactorKind.TOTP) is FactorState.ACTIVE


def test_the_first_code_of_the_app_is_used_too(world: World) -> None:
    created = world.invite(phone=None, app=True)
    with_own_password(world, created).answer(world.app_code(created))

    assert why(world.begun(password=OWN).answer(world.app_code(created))) == "app.used_before"


def test_an_app_cannot_be_added_while_the_clock_is_wrong(world: World) -> None:
    world.clock.believed = ClockHealth.BEFORE_BUILD
    created = world.invite(phone=None, app=True)
    sign_in = at_own_password(world, created)

    outcome = sign_in.choose_own_password(OWN, OWN)

    assert why(outcome) == "app.kiosk_clock"
    assert sign_in.stage is Stage.ENDED
    world.clock.believed = ClockHealth.OK
    assert world.begun(password=OWN).stage is Stage.ENROL_TOTP


def test_who_has_no_second_step_at_all_is_told_whom_to_ask(world: World) -> None:
    created = world.invite(phone=None)
    sign_in = at_own_password(world, created)

    outcome = sign_in.choose_own_password(OWN, OWN)

    assert why(outcome) == "sign_in.login.no_factor"
    assert isinstance(outcome, Refused)
    assert outcome.names_contact
    assert world.recorded(outcome.reference) == ("sign_in.ended", "no_factor")


def test_a_limit_on_sms_at_the_first_sign_in_leads_to_the_app(world: World) -> None:
    with_own_password(world, world.invite(app=True)).cancel("person")
    for _ in range(5):
        sign_in = world.begun(password=OWN)
        sign_in.confirm_phone(right=True)
        world.transmit(world.modems["noord"])
        sign_in.cancel("person")

    sixth = world.begun(password=OWN)

    assert notice(sixth.confirm_phone(right=True)) == "resend.limit.hour"
    assert sixth.stage is Stage.ENROL_TOTP


def test_a_limit_on_sms_without_an_app_stays_at_the_question(world: World) -> None:
    with_own_password(world, world.invite()).cancel("person")
    for _ in range(5):
        sign_in = world.begun(password=OWN)
        sign_in.confirm_phone(right=True)
        world.transmit(world.modems["noord"])
        sign_in.cancel("person")

    sixth = world.begun(password=OWN)

    assert why(sixth.confirm_phone(right=True)) == "resend.limit.hour"
    assert sixth.stage is Stage.CONFIRM_PHONE
