"""Accounts as a whole: off and on, roles, and deleting without losing the log."""

from datetime import UTC, date, datetime, timedelta

import pytest

from data.factors import FactorKind
from data.users import Role, UserState
from kiosk.accounts import NeedsOtherFactor
from kiosk.administration.accounts import change_role, delete, disable, enable
from kiosk.administration.card import card, card_by_name
from kiosk.administration.errors import DateUnusable, Forbidden, NothingToDo, PersonUnknown, Rule
from kiosk.administration.methods import revoke_method
from kiosk.administration.passwords import reset_password
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.administration.office import BECAUSE, administrator, factor_id, root, rows
from tests.kiosk.world import PASSWORD, PHONE, World, why

LAST = Rule.LAST_ADMINISTRATOR


def test_who_is_switched_off_is_out_at_once_and_cannot_come_in(world: World) -> None:
    user = world.person().user
    world.modem()
    here, under_way = world.signed_in(), world.begun()
    code = world.code_of_queued()

    disable(root(world), user.id, BECAUSE)
    here.refresh()

    assert here.stage is Stage.ENDED
    assert why(world.attempt(PASSWORD)) == "sign_in.login.disabled"
    assert isinstance(under_way.answer(code), type(world.attempt(PASSWORD)))
    assert world.site.database.sessions.live() == []


@pytest.mark.parametrize("came_in", [False, True])
def test_who_is_switched_on_is_as_before(world: World, came_in: bool) -> None:
    user = world.person().user
    world.modem()
    if came_in:
        world.signed_in()
    disable(root(world), user.id, BECAUSE)

    enable(root(world), user.id, BECAUSE)

    assert world.user().state is (UserState.ACTIVE if came_in else UserState.INVITED)
    assert isinstance(world.attempt(PASSWORD), Moved)


def test_a_leaver_is_off_from_the_beginning_of_the_day_at_the_site(world: World) -> None:
    user = world.person().user
    world.modem()
    today = datetime.fromtimestamp(world.clock.now() / 1000, world.site.zone).date()

    disable(root(world), user.id, BECAUSE, on=today + timedelta(days=1))

    from_moment = world.user().disabled_from
    assert from_moment is not None
    assert datetime.fromtimestamp(from_moment / 1000, UTC).astimezone(world.site.zone).hour == 0
    world.clock.at = from_moment - 1
    assert isinstance(world.attempt(PASSWORD), Moved)
    world.clock.at = from_moment
    assert why(world.attempt(PASSWORD)) == "sign_in.login.disabled"
    enable(root(world), user.id, BECAUSE)
    assert isinstance(world.attempt(PASSWORD), Moved)


@pytest.mark.parametrize("days", [0, -1, -5000])
def test_a_day_that_has_begun_is_refused(world: World, days: int) -> None:
    today = datetime.fromtimestamp(world.clock.now() / 1000, world.site.zone).date()

    with pytest.raises(DateUnusable):
        disable(root(world), world.person().user.id, BECAUSE, on=today + timedelta(days=days))

    assert rows(world, "disabled") == []


def test_the_far_end_of_the_calendar_is_a_day(world: World) -> None:
    disable(root(world), world.person().user.id, BECAUSE, on=date(9999, 12, 31))

    assert card_by_name(world.site, "j.devries").switched_off is False


@pytest.mark.parametrize("twice", [disable, enable])
def test_twice_is_told(world: World, twice: object) -> None:
    user = world.person().user
    disable(root(world), user.id, BECAUSE)
    if twice is enable:
        enable(root(world), user.id, BECAUSE)

    with pytest.raises(NothingToDo):
        twice(root(world), user.id, BECAUSE)  # type: ignore[operator]


def test_nobody_takes_away_the_last_administrator_root_neither(world: World) -> None:
    chef = administrator(world)
    office = root(world)
    later = date(2030, 1, 1)

    for act in (
        lambda: disable(office, chef.id, BECAUSE),
        lambda: disable(office, chef.id, BECAUSE, on=later),
        lambda: delete(office, chef.id, BECAUSE),
        lambda: change_role(office, chef.id, Role.STAFF, BECAUSE),
        lambda: revoke_method(office, chef.id, factor_id(world, FactorKind.TOTP, "a.bakker"), BECAUSE),
    ):
        with pytest.raises(Forbidden) as caught:
            act()
        assert caught.value.rule is LAST
        assert world.recorded(caught.value.reference)[1] == "refused"
    assert card(world.site, chef.id).user == chef


def test_an_administrator_who_could_not_come_in_does_not_count_as_one_that_is_left(world: World) -> None:
    chef, other = administrator(world), administrator(world, "c.dekker")
    disable(root(world), other.id, BECAUSE, on=date(2030, 1, 1))

    with pytest.raises(Forbidden) as caught:
        delete(root(world), chef.id, BECAUSE)

    assert caught.value.rule is LAST
    delete(root(world), other.id, BECAUSE)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.TECHNICIAN, Role.AUDITOR])
def test_a_special_role_needs_a_method_other_than_sms(world: World, role: Role) -> None:
    by_sms, by_app = world.person().user, world.person("m.devries", phone=None, app=True).user

    with pytest.raises(NeedsOtherFactor):
        change_role(root(world), by_sms.id, role, BECAUSE)
    change_role(root(world), by_app.id, role, BECAUSE)

    assert (world.user().role, world.user("m.devries").role) == (Role.STAFF, role)


def test_an_offered_app_is_not_a_method_of_somebody_who_has_proved_only_a_phone(world: World) -> None:
    user = world.invite(app=True).user
    with world.site.database.transaction(write=True):
        world.site.database.factors.confirm(factor_id(world, FactorKind.SMS), world.clock.now())

    with pytest.raises(NeedsOtherFactor):
        change_role(root(world), user.id, Role.ADMINISTRATOR, BECAUSE)


def test_another_role_ends_the_sessions_of_the_old_one(world: World) -> None:
    user = world.person(app=True).user
    world.modem()
    here = world.signed_in()

    change_role(root(world), user.id, Role.AUDITOR, BECAUSE)
    here.refresh()

    assert here.stage is Stage.ENDED
    assert rows(world, "role_changed")[0][3] | {"reason": ""} == {
        "from": "staff",
        "to": "auditor",
        "sessions": 1,
        "ticket": "TD-4411",
        "reason": "",
    }


def test_whoever_is_deleted_is_nowhere_and_the_log_is_whole(world: World) -> None:
    user = world.person("geheimenaam", app=True).user
    world.modem()
    world.give_backup_code("geheimenaam")
    world.give_temporary_code("geheimenaam")
    reset_password(root(world), user.id, BECAUSE)
    before = len(world.table("audit"))

    gone = delete(root(world), user.id, BECAUSE)

    assert gone.kept_id == user.id
    assert world.site.database.users.by_name("geheimenaam") is None
    assert world.site.database.users.all() == []
    assert world.site.database.users.count() == 0
    for table in ("factors", "backup_codes", "temporary_codes", "changes"):
        assert world.table(table) == [], table
    [message] = world.table("messages")
    assert (message["state"], message["number_tail"], message["sealed_number"]) == ("cancelled", "", None)
    assert len(world.table("audit")) == before + 1
    assert world.site.database.audit.verify().ok
    with pytest.raises(PersonUnknown):
        card(world.site, user.id)
    world.site.database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = world.everything_kept().lower()
    assert b"geheimenaam" not in kept
    assert PHONE[-8:].encode() not in kept


def test_the_name_of_somebody_who_was_deleted_is_free_again(world: World) -> None:
    first = world.person().user
    world.modem()
    world.signed_in()
    delete(root(world), first.id, BECAUSE)

    second = world.person().user

    assert second.id != first.id
    assert isinstance(world.attempt(PASSWORD), Moved)


def test_who_is_deleted_during_a_sign_in_does_not_come_in(world: World) -> None:
    user = world.person().user
    world.modem()
    here, under_way = world.signed_in(), world.begun()
    code = world.code_of_queued()

    delete(root(world), user.id, BECAUSE)
    here.refresh()

    assert here.stage is Stage.ENDED
    assert why(under_way.answer(code)) == "sms.code.expired"
    under_way.cancel("person")


def test_nobody_signs_in_by_the_name_that_a_deleted_row_keeps(world: World) -> None:
    user = world.person().user
    delete(root(world), user.id, BECAUSE)

    assert why(world.attempt("", f"deleted {user.id}")) == "sign_in.login.missing"
    assert why(world.attempt("x", f"deleted {user.id}")) == "sign_in.login.wrong"
