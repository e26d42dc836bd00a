"""Second factors in an administrator's hands: what is offered counts when proved, what is revoked ends everything by it."""

from dataclasses import replace

import pytest

from data.factors import FactorKind, FactorState
from kiosk.accounts import NumberUnusable
from kiosk.administration.accounts import disable
from kiosk.administration.card import card
from kiosk.administration.errors import Forbidden, MethodUnknown, NothingToDo, Rule
from kiosk.administration.methods import OldNumber, add_phone, change_phone, offer_app, revoke_method
from kiosk.administration.passwords import reset_password
from kiosk.administration.temporary import issue
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.administration.office import (
    BECAUSE,
    NO_SMS,
    administrator,
    factor_id,
    numbers_told,
    page,
    root,
    rows,
)
from tests.kiosk.world import PASSWORD, PHONE, World, why

NEW = "+31687654321"


def states(world: World, name: str = "j.devries") -> list[tuple[str, str, str | None]]:
    factors = world.site.database.factors.of_user(world.user(name).id)
    return [(one.kind.value, one.state.value, one.number_tail) for one in factors]


def test_an_app_is_offered_and_its_key_shown_to_nobody_here(world: World) -> None:
    user = world.person().user

    done = offer_app(root(world), user.id, BECAUSE)

    assert states(world) == [("sms", "active", "78"), ("totp", "offered", None)]
    secret = world.site.database.factors.secret(world.site.database.factors.of_user(user.id)[1])
    assert secret not in repr(done).encode() + world.everything_kept()


def test_an_app_that_was_offered_before_is_void(world: World) -> None:
    user = world.person().user
    offer_app(root(world), user.id, BECAUSE)
    offer_app(root(world), user.id, BECAUSE)

    assert [state for kind, state, _ in states(world) if kind == "totp"] == ["revoked", "offered"]


def test_an_offered_app_does_not_let_a_password_alone_in(world: World) -> None:
    user = world.person().user
    world.modem()
    offer_app(root(world), user.id, BECAUSE)
    revoke_method(root(world), user.id, factor_id(world, FactorKind.SMS), BECAUSE)

    assert why(world.attempt(PASSWORD)) == "sign_in.login.no_factor"


def test_a_phone_that_is_added_must_be_confirmed_by_a_code(world: World) -> None:
    user = world.person(phone=None, app=True).user
    world.modem()

    add_phone(root(world), user.id, "06 87654321", BECAUSE)

    assert states(world)[-1] == ("sms", "offered", "21")
    assert numbers_told(world) == [NEW]
    assert world.attempt(PASSWORD) == Moved(Stage.TOTP)


def test_another_number_is_told_to_both_and_confirmed_before_it_counts(world: World) -> None:
    user = world.person().user
    world.modem()

    change_phone(
        root(world),
        user.id,
        BECAUSE,
        method_id=factor_id(world, FactorKind.SMS),
        number="06-87654321",
        old=OldNumber.REVOKED,
    )

    assert numbers_told(world) == sorted([PHONE, NEW])
    assert states(world) == [("sms", "revoked", "78"), ("sms", "offered", "21")]
    sign_in = world.sign_in()
    assert sign_in.begin("j.devries", PASSWORD) == Moved(Stage.CONFIRM_PHONE)
    sign_in.confirm_phone(right=True)
    [code] = [one for one in world.messages() if one.kind == "code"]
    assert world.site.database.messages.number(code) == NEW
    assert isinstance(sign_in.answer(world.site.database.messages.text(code)[-6:]), Moved)
    assert states(world)[-1] == ("sms", "active", "21")


def test_the_old_number_may_count_until_the_new_one_is_confirmed(world: World) -> None:
    user = world.person().user
    world.modem()
    old = factor_id(world, FactorKind.SMS)

    change_phone(root(world), user.id, BECAUSE, method_id=old, number=NEW, old=OldNumber.KEPT_UNTIL_CONFIRMED)

    assert states(world) == [("sms", "active", "78"), ("sms", "offered", "21")]
    assert world.attempt(PASSWORD) == Moved(Stage.SMS_CODE)
    new = next(one for one in card(world.site, user.id).methods if one.state is FactorState.OFFERED)
    assert new.replaces == old
    with world.site.database.transaction(write=True):
        assert world.site.database.factors.confirm(new.id, world.clock.now())
        assert not world.site.database.factors.confirm(new.id, world.clock.now())
    assert states(world) == [("sms", "revoked", "78"), ("sms", "active", "21")]


def test_a_number_is_written_down_by_its_end_only(world: World) -> None:
    user = world.person().user
    change_phone(
        root(world), user.id, BECAUSE, method_id=factor_id(world, FactorKind.SMS), number=NEW, old=OldNumber.REVOKED
    )

    parameters = rows(world, "phone_changed")[0][3]
    assert (parameters["from"], parameters["to"]) == ("78", "21")
    assert b"87654321" not in world.everything_kept()


def test_a_method_that_is_revoked_ends_its_sessions_and_its_code_under_way(world: World) -> None:
    user = world.person(app=True).user
    world.modem()
    by_sms, under_way = world.signed_in(), world.begun()
    code = world.code_of_queued()
    by_app = page_of_app(world)

    revoke_method(root(world), user.id, factor_id(world, FactorKind.SMS), BECAUSE)
    by_sms.refresh()

    assert by_sms.stage is Stage.ENDED
    assert [one.id for one in world.site.database.sessions.live()] == [by_app]
    assert why(under_way.answer(code)) == "sms.code.expired"
    assert numbers_told(world)[-1] == PHONE


def page_of_app(world: World) -> str:
    """A session of the same person that an app began."""
    user = world.user()
    with world.site.database.transaction(write=True):
        return world.site.database.sessions.start(user.id, world.desk_id, "totp", user.epoch, world.clock.now()).id


def test_nobody_takes_away_their_own_last_strong_method_another_administrator_may(world: World) -> None:
    chef = administrator(world)
    administrator(world, "c.dekker")
    app = factor_id(world, FactorKind.TOTP, "a.bakker")

    with pytest.raises(Forbidden) as caught:
        revoke_method(page(world), chef.id, app, BECAUSE)
    assert caught.value.rule is Rule.OWN_LAST_STRONG

    revoke_method(page(world, "c.dekker"), chef.id, app, BECAUSE)
    assert card(world.site, chef.id).needs_other_factor


@pytest.mark.parametrize("number", ["12", "030 5550123", "+44 7400 123456", ""])
def test_a_number_that_takes_no_sms_changes_nothing(world: World, number: str) -> None:
    user = world.person().user

    with pytest.raises(NumberUnusable):
        add_phone(root(world), user.id, number, BECAUSE)

    assert states(world) == [("sms", "active", "78")]


def test_the_same_number_again_is_told(world: World) -> None:
    with pytest.raises(NothingToDo):
        add_phone(root(world), world.person().user.id, PHONE, BECAUSE)


def test_a_method_of_somebody_else_or_of_nobody_is_unknown(world: World) -> None:
    user = world.person().user
    other = world.person("m.devries", phone=NEW).user
    theirs = factor_id(world, FactorKind.SMS, "m.devries")

    for method_id in (theirs, "nothing"):
        with pytest.raises(MethodUnknown):
            revoke_method(root(world), user.id, method_id, BECAUSE)
    revoke_method(root(world), other.id, theirs, BECAUSE)
    with pytest.raises(MethodUnknown):
        revoke_method(root(world), other.id, theirs, BECAUSE)


def test_an_account_that_is_off_is_offered_nothing(world: World) -> None:
    user = world.person().user
    disable(root(world), user.id, BECAUSE)

    with pytest.raises(Forbidden):
        offer_app(root(world), user.id, BECAUSE)


def test_one_administrator_does_not_make_password_and_second_factor_where_there_are_two(world: World) -> None:
    user = world.person().user
    administrator(world)
    administrator(world, "c.dekker")
    reset_password(page(world), user.id, BECAUSE)
    app = world.invite("t.vrijman", app=True, phone=None).user

    for act in (
        lambda: issue(page(world), user.id, NO_SMS),
        lambda: offer_app(page(world), user.id, BECAUSE),
        lambda: add_phone(page(world), user.id, NEW, BECAUSE),
    ):
        with pytest.raises(Forbidden) as caught:
            act()
        assert caught.value.rule is Rule.BOTH_WAYS
    issue(page(world), app.id, NO_SMS)
    issue(page(world, "c.dekker"), user.id, NO_SMS)
    with pytest.raises(Forbidden):
        reset_password(page(world, "c.dekker"), user.id, BECAUSE)


def test_when_no_one_time_password_lives_any_more_and_where_nobody_else_could_one_administrator_does_both(
    world: World,
) -> None:
    user = world.person().user
    administrator(world)
    reset_password(page(world), user.id, BECAUSE)
    issue(page(world), user.id, NO_SMS)

    administrator(world, "c.dekker")
    with pytest.raises(Forbidden):
        issue(page(world), user.id, replace(NO_SMS, minutes=20))
    world.clock.pass_seconds(world.site.policy.password.one_time_hours * 3600 + 1)
    issue(page(world), user.id, NO_SMS)
