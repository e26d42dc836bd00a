"""Adding, replacing and taking away one's own methods: after a code only, and never the last one."""

import pytest

from data.factors import FactorKind, FactorState
from data.modems import ModemState
from data.users import Role
from kiosk.account.account import Account
from kiosk.account.adding import APP_LIFE_MS
from kiosk.account.own import MOST_APPS
from kiosk.account.views import MethodState
from kiosk.clock import ClockHealth
from kiosk.methods.totp import STEP_SECONDS, code_at
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Stage
from tests.kiosk.account.owner import (
    account,
    account_of,
    active,
    done,
    factors,
    home,
    notices,
    reason,
    session,
    temporary,
)
from tests.kiosk.world import PHONE, World, other_than

NEW_PHONE = "06 8765 4321"


def app_code(world: World, owner: Account, *, steps: int = 0) -> str:
    app = owner.view().app
    assert app is not None
    return code_at(app.secret, world.clock.wall() + steps * STEP_SECONDS * 1000)


def add_app(world: World, owner: Account) -> None:
    assert done(owner.begin_app()) is None
    assert done(owner.answer_app(app_code(world, owner))) == "account.app.done"


# What there is


def test_whoever_came_by_a_temporary_code_has_arranged_a_way_once_an_app_was_added(world: World) -> None:
    world.person()
    owner = temporary(world)
    assert not owner.view().arranged
    world.clock.pass_seconds(1)
    add_app(world, owner)
    assert (owner.view().temporary, owner.view().arranged) == (True, True)


def test_every_kind_has_a_row_also_when_there_is_none(world: World) -> None:
    world.person(app=True)
    rows = {row.kind: row.state for row in account(world).view().methods}
    assert rows == {
        MethodKind.SMS: MethodState.GOOD,
        MethodKind.TOTP: MethodState.GOOD,
        MethodKind.YUBIKEY: MethodState.NONE,
        MethodKind.BACKUP_CODE: MethodState.GOOD,
    }


def test_a_revoked_method_is_not_shown(world: World) -> None:
    world.person(app=True)
    owner = account(world)
    (app,) = active(world, FactorKind.TOTP)
    owner.remove(app.id)
    assert {row.kind: row.state for row in owner.view().methods}[MethodKind.TOTP] is MethodState.NONE


def test_no_whole_number_and_no_key_is_in_what_a_page_gets(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    view = owner.view()
    assert view.app is not None
    assert PHONE[-8:] not in repr(view)
    assert view.app.secret not in repr(view)


# An authenticator app


def test_an_app_counts_from_its_first_right_code_on(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    assert active(world, FactorKind.TOTP) == []
    assert factors(world)[1:] == []
    assert done(owner.answer_app(app_code(world, owner))) == "account.app.done"
    assert len(active(world, FactorKind.TOTP)) == 1
    assert ("account.app_added", "ok") in world.actions()
    assert owner.view().app is None


def test_the_code_that_added_an_app_signs_in_no_more(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    code = app_code(world, owner)
    owner.answer_app(code)
    sign_in = world.begun()
    assert isinstance(sign_in.take(MethodKind.TOTP), Moved)
    assert reason(sign_in.answer(code)) == "app.used_before"


def test_a_new_app_signs_in(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    secret = owner.view().app
    assert secret is not None
    owner.answer_app(app_code(world, owner))
    world.later(60)
    sign_in = world.begun()
    sign_in.take(MethodKind.TOTP)
    assert isinstance(sign_in.answer(code_at(secret.secret, world.clock.wall())), Moved)


@pytest.mark.parametrize(
    ("steps", "said"), [(None, "account.app.wrong"), (3, "app.phone_clock"), (-10, "app.phone_clock")]
)
def test_a_wrong_first_code_says_what_to_do_and_costs_no_try(world: World, steps: int | None, said: str) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    code = other_than(app_code(world, owner)) if steps is None else app_code(world, owner, steps=steps)
    assert reason(owner.answer_app(code)) == said
    assert active(world, FactorKind.TOTP) == []
    assert world.user().second_factor_failures == 0
    assert done(owner.answer_app(app_code(world, owner))) == "account.app.done"


def test_a_key_that_stood_there_too_long_adds_nothing(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    world.later(APP_LIFE_MS / 1000)
    assert reason(owner.answer_app(app_code(world, owner))) == "account.app.expired"
    assert active(world, FactorKind.TOTP) == []


def test_a_key_is_forgotten_when_its_page_is_left_and_the_next_is_another_one(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    first = owner.view().app
    code = app_code(world, owner)
    owner.leave_app()
    assert owner.view().app is None
    assert reason(owner.answer_app(code)) == "account.app.expired"
    owner.begin_app()
    second = owner.view().app
    assert first is not None
    assert second is not None
    assert first.secret != second.secret


def test_the_key_is_nowhere_in_clear(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_app()
    app = owner.view().app
    assert app is not None
    owner.answer_app(app_code(world, owner))
    assert app.secret.encode() not in world.everything_kept()


def test_the_app_that_an_administrator_offered_is_the_one_that_is_added(world: World) -> None:
    created = world.person()
    with world.site.database.transaction(write=True):
        offered = world.site.database.factors.add(
            created.user.id,
            kind=FactorKind.TOTP,
            label="totp",
            state=FactorState.OFFERED,
            secret=b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            index=None,
            now=world.clock.now(),
        )
    owner = account(world)
    add_app(world, owner)
    assert [row.id for row in active(world, FactorKind.TOTP)] == [offered.id]


def test_there_is_room_for_three_apps(world: World) -> None:
    world.person()
    owner = account(world)
    for _ in range(MOST_APPS):
        add_app(world, owner)
    assert reason(owner.begin_app()) == "account.add.enough"


def test_while_the_clock_is_wrong_no_app_is_added(world: World) -> None:
    world.person()
    owner = account(world)
    world.clock.believed = ClockHealth.JUMPED
    assert reason(owner.begin_app()) == "app.kiosk_clock"


# A phone


def test_a_phone_counts_after_the_code_of_its_sms_and_replaces_the_old_one(world: World) -> None:
    world.person()
    owner = account(world)
    (old,) = active(world, FactorKind.SMS)
    assert done(owner.begin_phone(NEW_PHONE)) is None
    assert [row.id for row in active(world, FactorKind.SMS)] == [old.id]
    code = [message for message in world.messages() if message.kind == "code"][-1]
    text = world.site.database.messages.text(code)
    assert (code.number_tail, text.startswith("Receptie Noord: typ deze code")) == ("21", True)
    assert done(owner.answer_phone(text[-6:])) == "account.phone.done"
    (new,) = active(world, FactorKind.SMS)
    assert (new.number_tail, world.site.database.factors.secret(new)) == ("21", b"+31687654321")
    assert ("account.phone_changed", "ok") in world.actions()


def test_the_old_number_is_told_as_well_as_the_new_one(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_phone(NEW_PHONE)
    code = [message for message in world.messages() if message.kind == "code"][-1]
    owner.answer_phone(world.site.database.messages.text(code)[-6:])
    assert sorted(text.split(":")[0] for text in notices(world)) == ["21 Receptie Noord", "78 Receptie Noord"]
    assert all("telefoonnummer is veranderd" in text for text in notices(world))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("12345", "account.phone.format"),
        ("030 555 01 23", "account.phone.format"),
        ("+32 470 12 34 56", "account.phone.country"),
        ("06 12345678", "account.phone.same"),
        ("", "account.phone.missing"),
        ("[bold]\x1b[31m", "account.phone.format"),
    ],
)
def test_a_number_that_cannot_be_used_gets_no_sms(world: World, typed: str, said: str) -> None:
    world.person()
    owner = account(world)
    before = len(world.messages())
    assert reason(owner.begin_phone(typed)) == said
    assert len(world.messages()) == before
    assert len(factors(world)) == 1


def test_a_number_that_was_not_confirmed_counts_for_nothing_when_its_page_is_left(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_phone(NEW_PHONE)
    code = world.site.database.messages.text(world.messages()[-1])[-6:]
    owner.leave_phone()
    assert reason(owner.answer_phone(code)) == "sms.code.expired"
    assert [row.state for row in factors(world)] == [FactorState.ACTIVE, FactorState.REVOKED]


def test_a_wrong_code_leaves_the_old_phone(world: World) -> None:
    world.person()
    owner = account(world)
    owner.begin_phone(NEW_PHONE)
    code = world.site.database.messages.text(world.messages()[-1])[-6:]
    for _ in range(4):
        assert reason(owner.answer_phone(other_than(code))) == "sms.code.wrong"
    assert reason(owner.answer_phone(other_than(code))) == "sms.code.used_up"
    assert owner.view().phone is None
    assert reason(owner.answer_phone(code)) == "sms.code.expired"
    assert [row.number_tail for row in active(world, FactorKind.SMS)] == ["78"]


def test_a_new_phone_gets_no_more_sms_than_a_sign_in_does(world: World) -> None:
    world.person()
    owner = account(world)
    outcomes: list[Outcome] = []
    for number in range(8):
        outcomes.append(owner.begin_phone(f"06 8765 432{number}"))
        if isinstance(outcomes[-1], Moved):
            world.transmit(world.modems["noord"], reference=number)
        owner.leave_phone()
    refused = [reason(outcome) for outcome in outcomes if not isinstance(outcome, Moved)]
    assert len(outcomes) - len(refused) == world.site.policy.sms.per_user_hour
    assert set(refused) == {"resend.limit.hour"}


def test_without_a_modem_no_phone_is_confirmed(world: World) -> None:
    world.person()
    owner = account(world)
    for name in ("noord", "zuid"):
        world.modem(name, "20408", ModemState.GONE)
    assert reason(owner.begin_phone(NEW_PHONE)) == "account.phone.no_modem"


# Taking away


def test_the_last_method_stays(world: World) -> None:
    world.person()
    owner = account(world)
    (phone,) = active(world, FactorKind.SMS)
    assert reason(owner.remove(phone.id)) == "account.remove.last"
    assert len(active(world, FactorKind.SMS)) == 1


def test_one_of_two_may_go_and_its_number_is_told(world: World) -> None:
    world.person(app=True)
    owner = account(world)
    (phone,) = active(world, FactorKind.SMS)
    assert done(owner.remove(phone.id)) == "account.remove.done"
    assert active(world, FactorKind.SMS) == []
    assert len(notices(world)) == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.TECHNICIAN, Role.AUDITOR])
def test_whoever_mends_or_guards_keeps_something_other_than_sms(world: World, role: Role) -> None:
    world.person(app=True)
    with world.site.database.transaction(write=True):
        world.site.database._connection.change("UPDATE users SET role = :role", {"role": role.value})
    owner = account(world)
    (app,), (phone,) = active(world, FactorKind.TOTP), active(world, FactorKind.SMS)
    assert reason(owner.remove(app.id)) == "account.remove.last_strong"
    assert done(owner.remove(phone.id)) == "account.remove.done"


def test_nobody_takes_away_what_is_somebody_elses(world: World) -> None:
    world.person(app=True)
    world.person("m.bakker", phone="+31623456789", app=True)
    owner = account(world)
    theirs = factors(world, "m.bakker")[0]
    assert reason(owner.remove(theirs.id)) == "account.remove.gone"
    assert reason(owner.prefer(theirs.id)) == "account.remove.gone"
    assert {row.state for row in factors(world, "m.bakker")} == {FactorState.ACTIVE}


def test_sessions_elsewhere_that_began_with_the_method_end(world: World) -> None:
    world.person(app=True)
    other = home(world)
    owner = account(world)
    (phone,) = active(world, FactorKind.SMS)
    owner.remove(phone.id)
    other.watch(lambda _view: None)
    other.refresh()
    ended = other.view().ended
    assert ended is not None
    assert ended.text_id == "signed_out.method"
    assert session(world, owner).ended_at is None


def test_what_is_asked_first_can_be_chosen_and_goes_with_the_method(world: World) -> None:
    world.person(app=True)
    owner = account(world)
    (app,) = active(world, FactorKind.TOTP)
    assert done(owner.prefer(app.id)) == "account.first.done"
    assert [row.first_choice for row in owner.view().methods if row.id == app.id] == [True]
    assert world.begun().stage is Stage.TOTP
    owner.remove(app.id)
    assert world.user().preferred_factor is None


def test_one_neighbours_account_is_not_held_by_another_session(world: World) -> None:
    world.person(app=True)
    first, second = home(world), home(world)
    assert account_of(world, first).session_id != account_of(world, second).session_id
