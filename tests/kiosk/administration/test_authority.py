"""Who may change people: an administrator at a page who has just shown who they are, or root."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from data.users import Role, UserState
from kiosk.accounts import NewPerson
from kiosk.administration.authority import Act, PageAuthority
from kiosk.administration.changing import Office
from kiosk.administration.creating import create
from kiosk.administration.errors import ChangedMeanwhile, Forbidden, PersonUnknown, Rule
from kiosk.administration.four_eyes import SecondAdministrator, Wanted
from kiosk.administration.methods import offer_app
from kiosk.administration.passwords import reset_password, unlock_second_factor
from kiosk.policy import AdministrationPolicy, Policy
from tests.kiosk.administration.office import BECAUSE, administrator, page, root, rows
from tests.kiosk.world import World

Spoil = Callable[[World], None]


def refused(office: Office, person_id: str) -> Forbidden:
    with pytest.raises(Forbidden) as caught:
        reset_password(office, person_id, BECAUSE)
    return caught.value


def test_an_administrator_who_has_just_shown_a_second_factor_may(world: World) -> None:
    administrator(world)
    user = world.person().user

    reset_password(page(world), user.id, BECAUSE)

    [(result, actor, about, _)] = rows(world, "password_reset")
    assert (result, actor, about) == ("ok", world.user("a.bakker").id, user.id)


def _role(world: World) -> None:
    world.site.database.users.set_role(world.user("a.bakker").id, Role.TECHNICIAN)


def _off(world: World) -> None:
    world.site.database.users.set_state(world.user("a.bakker").id, UserState.DISABLED)


def _off_since_a_moment(world: World) -> None:
    world.site.database.users.set_disabled_from(world.user("a.bakker").id, world.clock.now())


def _ended(world: World) -> None:
    world.site.database.sessions.end_all("idle", world.clock.now())


def _other_password(world: World) -> None:
    world.site.database.users.raise_all_epochs()


@pytest.mark.parametrize("spoil", [_role, _off, _off_since_a_moment, _ended, _other_password])
def test_whoever_is_no_administrator_any_more_may_not_and_nothing_changes(world: World, spoil: Spoil) -> None:
    administrator(world)
    user = world.person().user
    office = page(world)
    with world.site.database.transaction(write=True):
        spoil(world)
    before = world.user().password_hash

    error = refused(office, user.id)

    assert error.rule is Rule.NOT_ADMINISTRATOR
    assert world.user().password_hash == before
    assert world.recorded(error.reference) == ("users.password_reset", "refused")


def test_somebody_elses_session_is_nobodys_authority(world: World) -> None:
    administrator(world)
    administrator(world, "c.dekker")
    user = world.person().user
    office, other = page(world), page(world, "c.dekker")
    assert isinstance(office.authority, PageAuthority)
    assert isinstance(other.authority, PageAuthority)
    stolen = replace(office, authority=replace(office.authority, session_id=other.authority.session_id))

    assert refused(stolen, user.id).rule is Rule.NOT_ADMINISTRATOR


@pytest.mark.parametrize(("seconds_ago", "may"), [(0, True), (600, True), (601, False), (-1, False)])
def test_the_own_second_factor_counts_for_ten_minutes(world: World, seconds_ago: int, may: bool) -> None:
    administrator(world)
    user = world.person().user
    office = page(world, reauthenticated_at=world.clock.now() - seconds_ago * 1000)

    if may:
        reset_password(office, user.id, BECAUSE)
    else:
        assert refused(office, user.id).rule is Rule.REAUTHENTICATE


@pytest.fixture
def four_eyes(world: World) -> World:
    policy = Policy(administration=AdministrationPolicy(four_eyes_password=True))
    world.site = replace(world.site, policy=policy)
    return world


def second(
    office: Office, administrator_id: str, at: int, *, person_id: str | None, act: Act = Act.RESET_PASSWORD
) -> Office:
    assert isinstance(office.authority, PageAuthority)
    wanted = Wanted(act=act, person_id=person_id)
    approval = SecondAdministrator(administrator_id=administrator_id, authenticated_at=at, wanted=wanted)
    return replace(office, authority=replace(office.authority, second=approval))


def test_four_eyes_are_those_of_two_administrators_who_are_both_here(four_eyes: World) -> None:
    first, other = administrator(four_eyes), administrator(four_eyes, "c.dekker")
    user, now = four_eyes.person().user, four_eyes.clock.now()
    office = page(four_eyes)

    for wrong in (
        office,
        second(office, first.id, now, person_id=user.id),
        second(office, user.id, now, person_id=user.id),
        second(office, other.id, now - 601_000, person_id=user.id),
        second(office, "nobody", now, person_id=user.id),
        second(office, other.id, now, person_id=first.id),
        second(office, other.id, now, person_id=user.id, act=Act.DELETE),
    ):
        assert refused(wrong, user.id).rule is Rule.FOUR_EYES
    reset_password(second(office, other.id, now, person_id=user.id), user.id, BECAUSE)

    assert rows(four_eyes, "password_reset")[-1][3]["approved_by"] == other.id


def test_four_eyes_are_asked_for_what_the_site_lists_and_of_nobody_with_a_shell(four_eyes: World) -> None:
    administrator(four_eyes)
    user = four_eyes.person().user

    offer_app(page(four_eyes), user.id, BECAUSE)
    reset_password(root(four_eyes), user.id, BECAUSE)


def test_a_change_by_a_colleague_since_the_card_was_read_is_told(world: World) -> None:
    user = world.person().user
    reset_password(root(world, "een"), user.id, BECAUSE)

    with pytest.raises(ChangedMeanwhile) as caught:
        offer_app(root(world), user.id, BECAUSE, seen="")

    assert caught.value.change is not None
    assert caught.value.change.actor == "unix:een"


def test_nobody_and_the_deleted_cannot_be_changed(world: World) -> None:
    with pytest.raises(PersonUnknown):
        unlock_second_factor(root(world), "nobody", BECAUSE)


def test_a_person_is_created_in_the_name_of_an_administrator_and_a_special_role_needs_four_eyes(world: World) -> None:
    administrator(world)
    world.site = replace(world.site, policy=Policy(administration=AdministrationPolicy(four_eyes_role=True)))
    staff = NewPerson(name="nieuw", display_name="Nieuw", phone="0612345678")
    chef = replace(staff, name="chef", role=Role.ADMINISTRATOR, app=True)

    created = create(page(world), staff, BECAUSE)
    with pytest.raises(Forbidden):
        create(page(world), chef, BECAUSE)

    assert world.user("nieuw").id == created.user.id
    assert world.site.database.users.by_name("chef") is None
