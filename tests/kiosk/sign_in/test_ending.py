"""Leaving: at every stage, by whatever reason, more than once, and nothing of the person stays behind."""

from collections.abc import Callable

import pytest

from data.users import PasswordState, UserState
from kiosk.clock import ClockHealth
from kiosk.sign_in.machine import SignIn, WrongStage
from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from kiosk.sign_in.views import SignInView
from tests.kiosk.world import BACKUP_CODE, World

OWN = "eigen losse woorden hier"
HOUR = 3600


def fresh(world: World) -> SignIn:
    return world.sign_in()


def own_password(world: World) -> SignIn:
    return world.begun(password=world.invite().one_time_password)


def confirm_phone(world: World) -> SignIn:
    sign_in = own_password(world)
    sign_in.choose_own_password(OWN, OWN)
    return sign_in


def enrol(world: World) -> SignIn:
    sign_in = world.begun(password=world.invite(phone=None, app=True).one_time_password)
    sign_in.choose_own_password(OWN, OWN)
    return sign_in


def sms_code(world: World) -> SignIn:
    world.person()
    return world.begun()


def backup_code(world: World) -> SignIn:
    world.person()
    world.give_backup_code()
    sign_in = world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    return sign_in


def temporary_code(world: World) -> SignIn:
    world.person()
    world.give_temporary_code()
    return world.begun()


def app(world: World) -> SignIn:
    world.person(phone=None, app=True)
    return world.begun()


def choose(world: World) -> SignIn:
    world.person(phone=None, app=True)
    world.clock.believed = ClockHealth.JUMPED
    return world.begun()


def success(world: World) -> SignIn:
    world.person()
    return world.signed_in()


def home(world: World) -> SignIn:
    sign_in = success(world)
    sign_in.confirm_backup_code()
    return sign_in


STAGES: dict[Stage, Callable[[World], SignIn]] = {
    Stage.LOGIN: fresh,
    Stage.OWN_PASSWORD: own_password,
    Stage.CONFIRM_PHONE: confirm_phone,
    Stage.ENROL_TOTP: enrol,
    Stage.SMS_CODE: sms_code,
    Stage.BACKUP_CODE: backup_code,
    Stage.TEMPORARY_CODE: temporary_code,
    Stage.TOTP: app,
    Stage.CHOOSE: choose,
    Stage.SUCCESS: success,
    Stage.SIGNED_IN: home,
}


def test_every_stage_is_tried_but_the_last_and_that_of_the_yubikey_which_has_no_page_yet() -> None:
    assert set(Stage) - set(STAGES) == {Stage.ENDED, Stage.YUBIKEY}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("reason", ["person", "idle", "stop", "sign_out"])
def test_leaving_ends_everything_and_leaving_again_changes_nothing(world: World, stage: Stage, reason: str) -> None:
    sign_in = STAGES[stage](world)
    assert sign_in.stage is stage

    sign_in.cancel(reason)
    rows = len(world.actions())
    sign_in.cancel(reason)

    assert sign_in.stage is Stage.ENDED
    assert sign_in.view() == SignInView(stage=Stage.ENDED, step=(2, 2), language="nl")
    assert len(world.actions()) == rows
    assert [row for row in world.table("sign_ins") if row["ended_at"] is None] == []
    assert [row for row in world.table("sessions") if row["ended_at"] is None] == []
    assert [row for row in world.table("challenges") if row["sealed_code"] or row["code_mac"]] == []
    assert [row for row in world.table("messages") if row["sealed_text"]] == []
    expected = {Stage.LOGIN: None, Stage.SUCCESS: "session.ended", Stage.SIGNED_IN: "session.ended"}
    if (action := expected.get(stage, "sign_in.ended")) is not None:
        assert world.actions()[-1] == (action, reason)


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_can_be_asked_of_a_sign_in_that_has_ended(world: World, stage: Stage) -> None:
    sign_in = STAGES[stage](world)
    sign_in.cancel("person")
    for ask in (
        lambda: sign_in.begin("j.devries", "x"),
        lambda: sign_in.choose_own_password("x", "x"),
        lambda: sign_in.confirm_phone(right=True),
        lambda: sign_in.take(MethodKind.SMS),
        lambda: sign_in.answer("123456"),
        sign_in.resend,
        sign_in.alternatives,
        lambda: sign_in.explanation(alternatives_seen=True),
        sign_in.send_backup_code_by_sms,
        sign_in.confirm_backup_code,
    ):
        with pytest.raises(WrongStage):
            ask()
    assert sign_in.back_to_sms() == Moved(Stage.ENDED)


def test_the_reason_of_the_end_of_a_session_stands_in_its_row(world: World) -> None:
    home(world).cancel("idle")

    assert [row["end_reason"] for row in world.table("sessions")] == ["idle"]


# Ends that nobody at the desk asked for


def watched(sign_in: SignIn) -> list[SignInView]:
    seen: list[SignInView] = []
    sign_in.watch(seen.append)
    return seen


def clock_jumped(world: World) -> None:
    with world.site.database.transaction(write=True):
        world.site.database.sessions.end_all("clock", world.clock.now())


def longest_time_over(world: World) -> None:
    world.clock.pass_seconds(12 * HOUR)


def switched_off(world: World) -> None:
    with world.site.database.transaction(write=True):
        world.site.database.users.set_state(world.user().id, UserState.DISABLED)


def password_replaced(world: World) -> None:
    user = world.user()
    with world.site.database.transaction(write=True):
        world.site.database.users.set_password(
            user.id, user.password_hash or "", PasswordState.ONE_TIME, expires_at=None, if_epoch=user.epoch, now=0
        )


def restored(world: World) -> None:
    world.site.database.apply_restore_rules(world.clock.now(), 0)


@pytest.mark.parametrize("make", [success, home])
@pytest.mark.parametrize(
    ("happens", "sentence", "reason"),
    [
        (clock_jumped, "signed_out.clock", "clock"),
        (longest_time_over, "signed_out.absolute", "absolute"),
        (switched_off, "signed_out.administrator", "administrator"),
        (password_replaced, "signed_out.administrator", "administrator"),
        (restored, "signed_out.administrator", "restored"),
    ],
)
def test_a_session_that_ends_by_itself_is_noticed_and_says_why(
    world: World,
    make: Callable[[World], SignIn],
    happens: Callable[[World], None],
    sentence: str,
    reason: str,
) -> None:
    sign_in = make(world)
    seen = watched(sign_in)
    happens(world)

    sign_in.refresh()
    sign_in.refresh()

    assert len(seen) == 2
    assert seen[-1].stage is Stage.ENDED
    assert seen[-1].ended is not None
    assert seen[-1].ended.text_id == sentence
    assert seen[-1].success is None
    assert [row["end_reason"] for row in world.table("sessions")] == [reason]


def test_a_session_goes_on_until_the_last_moment_of_its_longest_time(world: World) -> None:
    sign_in = home(world)
    world.clock.pass_seconds(12 * HOUR - 1)

    sign_in.refresh()

    assert sign_in.stage is Stage.SIGNED_IN


def test_a_session_that_has_ended_is_not_ended_once_more_when_the_person_leaves(world: World) -> None:
    sign_in = home(world)
    clock_jumped(world)

    sign_in.cancel("person")

    assert ("session.ended", "person") not in world.actions()


def test_a_sign_in_that_was_ended_elsewhere_is_noticed_too(world: World) -> None:
    sign_in = sms_code(world)
    seen = watched(sign_in)
    restored(world)

    sign_in.refresh()

    assert seen[-1].stage is Stage.ENDED
    assert seen[-1].ended is not None
    assert seen[-1].ended.text_id == "error.unexpected"


def test_the_back_up_code_leaves_the_process_when_the_person_does(world: World) -> None:
    sign_in = success(world)
    handout = sign_in._standing.handout
    assert handout is not None
    assert handout.view().backup_code is not None

    sign_in.cancel("idle")

    assert handout.view().backup_code is None
    assert BACKUP_CODE not in repr(vars(handout))
