"""One counter of failures over all second factors: nothing resets it but a success or an administrator."""

import pytest

from data.users import PasswordState, UserState
from kiosk.accounts import Created
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Stage
from tests.kiosk.world import BACKUP_CODE, World, other_than, why


@pytest.fixture
def everything(world: World) -> Created:
    """Somebody with a phone, an app and a back-up code."""
    created = world.person(app=True)
    world.give_backup_code()
    return created


def fail_once(world: World, sign_in: SignIn, created: Created, kind: MethodKind) -> Outcome:
    if kind is MethodKind.SMS:
        sign_in.back_to_sms()
        return sign_in.answer(other_than(world.code_of_queued()))
    sign_in.take(kind)
    code = BACKUP_CODE if kind is MethodKind.BACKUP_CODE else world.app_code(created)
    return sign_in.answer(other_than(code))


def test_failures_of_all_methods_count_together_and_the_fifth_ends(world: World, everything: Created) -> None:
    sign_in = world.begun()
    kinds = [MethodKind.SMS, MethodKind.TOTP, MethodKind.BACKUP_CODE, MethodKind.SMS, MethodKind.TOTP]

    outcomes = [fail_once(world, sign_in, everything, kind) for kind in kinds]

    assert [outcome.why.values.get("left") for outcome in outcomes if isinstance(outcome, Refused)] == [
        4,
        3,
        2,
        1,
        None,
    ]
    assert why(outcomes[-1]) == "sms.code.used_up"
    assert sign_in.stage is Stage.ENDED
    assert world.user().second_factor_failures == 5


def test_neither_sending_again_nor_another_method_gives_tries_back(world: World, everything: Created) -> None:
    sign_in = world.begun()
    for _ in range(3):
        fail_once(world, sign_in, everything, MethodKind.SMS)
    world.transmit(world.modems["noord"])
    world.later(31)
    sign_in.resend(confirmed=True)
    sign_in.take(MethodKind.TOTP)
    sign_in.back_to_sms()

    sms = sign_in.view().sms
    assert sms is not None
    assert sms.tries_left == 2


def test_twenty_failures_over_any_methods_lock_and_only_an_administrator_unlocks(
    world: World, everything: Created
) -> None:
    kinds = [MethodKind.TOTP, MethodKind.BACKUP_CODE] * 10
    last: Outcome = Moved(Stage.LOGIN)
    sign_in = world.begun()
    for number, kind in enumerate(kinds):
        if number % 4 == 0:
            sign_in = world.begun()
            world.clock.pass_seconds(1)
        last = fail_once(world, sign_in, everything, kind)

    assert why(last) == "sign_in.login.factor_locked"
    assert isinstance(last, Refused)
    assert last.stage is Stage.ENDED
    assert last.names_contact
    assert world.recorded(last.reference) == ("sign_in.backup_code", "locked")
    assert why(world.attempt("vier losse woorden samen")) == "sign_in.login.factor_locked"
    world.unlock()
    assert isinstance(world.attempt("vier losse woorden samen"), Moved)


def test_a_lock_that_falls_elsewhere_is_told_at_the_next_code_even_when_it_is_right(world: World) -> None:
    world.person()
    sign_in = world.begun()
    with world.site.database.transaction(write=True):
        for _ in range(20):
            world.site.database.users.claim_second_factor_failure(world.user().id, limit=20)

    outcome = sign_in.answer(world.code_of_queued())

    assert why(outcome) == "sign_in.login.factor_locked"
    assert sign_in.stage is Stage.ENDED


def test_a_success_by_any_method_forgets_the_failures(world: World, everything: Created) -> None:
    sign_in = world.begun()
    fail_once(world, sign_in, everything, MethodKind.TOTP)
    fail_once(world, sign_in, everything, MethodKind.SMS)

    sign_in.take(MethodKind.BACKUP_CODE)
    sign_in.answer(BACKUP_CODE)

    assert world.user().second_factor_failures == 0


@pytest.mark.parametrize("kind", [MethodKind.SMS, MethodKind.TOTP, MethodKind.BACKUP_CODE])
def test_every_failure_has_a_reference_that_finds_its_row(world: World, everything: Created, kind: MethodKind) -> None:
    outcome = fail_once(world, world.begun(), everything, kind)

    assert isinstance(outcome, Refused)
    assert outcome.reference is not None
    row = world.site.database.audit.by_reference(outcome.reference.lower())
    assert row is not None
    assert row.event is not None
    assert (row.event.action, row.event.result) == (f"sign_in.{kind}", "wrong")
    assert row.event.actor == everything.user.id
    assert row.event.parameters == {"failures": 1}


# An administrator acts between the password and the code


def switch_off(world: World) -> None:
    with world.site.database.transaction(write=True):
        world.site.database.users.set_state(world.user().id, UserState.DISABLED)


def reset_password(world: World) -> None:
    user = world.user()
    with world.site.database.transaction(write=True):
        world.site.database.users.set_password(
            user.id, user.password_hash or "", PasswordState.ONE_TIME, expires_at=None, if_epoch=user.epoch, now=0
        )


def right_code(world: World, sign_in: SignIn, created: Created, kind: MethodKind) -> Outcome:
    sign_in.take(kind)
    return sign_in.answer({MethodKind.TOTP: world.app_code(created), MethodKind.BACKUP_CODE: BACKUP_CODE}[kind])


@pytest.mark.parametrize("kind", [MethodKind.TOTP, MethodKind.BACKUP_CODE])
@pytest.mark.parametrize(
    ("act", "expected"), [(switch_off, "sign_in.login.disabled"), (reset_password, "signed_out.administrator")]
)
def test_what_an_administrator_did_after_the_password_stops_a_right_code(
    world: World, everything: Created, kind: MethodKind, act: "object", expected: str
) -> None:
    assert callable(act)
    sign_in = world.begun()
    act(world)

    outcome = right_code(world, sign_in, everything, kind)

    assert why(outcome) == expected
    assert isinstance(outcome, Refused)
    assert outcome.stage is sign_in.stage is Stage.ENDED
    assert world.recorded(outcome.reference) == ("sign_in.ended", "not_welcome")
    assert world.table("sessions") == []
    assert world.table("backup_codes")[0]["state"] == "confirmed"


def test_a_password_that_was_reset_makes_the_code_of_the_sms_void(world: World) -> None:
    world.person()
    sign_in = world.begun()
    code = world.code_of_queued()
    reset_password(world)

    assert why(sign_in.answer(code)) == "sms.code.expired"


def test_somebody_who_was_switched_off_does_not_get_in_by_sms(world: World) -> None:
    world.person()
    sign_in = world.begun()
    code = world.code_of_queued()
    world.switch_off_from(world.clock.now())

    assert why(sign_in.answer(code)) == "sign_in.login.disabled"
    assert world.table("sessions") == []


def test_a_sign_in_that_was_ended_elsewhere_says_that_it_has_stopped(world: World) -> None:
    world.person()
    sign_in = world.begun()
    code = world.code_of_queued()
    with world.site.database.transaction(write=True):
        world.site.database.sign_ins.finish_all("restored", world.clock.now())

    outcome = sign_in.answer(code)

    assert why(outcome) == "error.unexpected"
    assert sign_in.stage is Stage.ENDED
