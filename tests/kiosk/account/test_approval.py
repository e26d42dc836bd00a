"""Four eyes at one desk: who approves, with what, and for what it counts."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from data.users import Role
from kiosk.account.approval import Approval
from kiosk.accounts import Created
from kiosk.administration.authority import Act, PageAuthority
from kiosk.administration.changing import Office
from kiosk.administration.errors import Forbidden, Rule
from kiosk.administration.four_eyes import NOTHING_MORE, Content, Wanted
from kiosk.administration.methods import add_phone, offer_app
from kiosk.administration.passwords import reset_password
from kiosk.administration.temporary import issue
from kiosk.policy import AdministrationPolicy, Policy
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused
from tests.kiosk.administration.office import BECAUSE, NO_SMS, administrator, page, root
from tests.kiosk.world import PASSWORD, World, other_than, why


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    policy = Policy(administration=AdministrationPolicy(four_eyes_password=True, four_eyes_methods=True))
    with closing(World.make(tmp_path, policy)) as made:
        administrator(made)
        made.person()
        yield made


def refused_change(change: Callable[[], object]) -> Wanted:
    with pytest.raises(Forbidden) as caught:
        change()
    assert caught.value.wanted is not None
    return caught.value.wanted


def colleague(world: World) -> Created:
    created = world.person("c.dekker", phone=None, app=True)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(created.user.id, Role.ADMINISTRATOR)
    return created


def question(world: World, act: Act = Act.RESET_PASSWORD, content: Content = NOTHING_MORE) -> Approval:
    return Approval(
        world.site,
        world.trail,
        desk_id=world.desk_id,
        requested_by=world.user("a.bakker").id,
        wanted=Wanted(act=act, person_id=world.user().id, content=content),
    )


def office(world: World, approval: Approval) -> Office:
    made = page(world)
    assert isinstance(made.authority, PageAuthority)
    return replace(made, authority=replace(made.authority, second=approval.second))


def approved(world: World, act: Act = Act.RESET_PASSWORD, content: Content = NOTHING_MORE) -> Approval:
    created, approval = colleague(world), question(world, act, content)
    assert isinstance(approval.begin("c.dekker", PASSWORD), Moved)
    assert isinstance(approval.begin_proof(MethodKind.TOTP), Moved)
    assert isinstance(approval.answer_proof(world.app_code(created)), Moved)
    return approval


def test_a_second_administrator_approves_and_the_log_names_both(world: World) -> None:
    approval = approved(world)

    reset_password(office(world, approval), world.user().id, BECAUSE)

    first, second = world.user("a.bakker").id, world.user("c.dekker").id
    events = [row.event for row in world.site.database.audit.rows() if row.event is not None]
    given = next(one for one in events if one.action == "users.approved")
    assert (given.result, given.actor, given.object) == ("ok", second, world.user().id)
    assert given.parameters == {"act": "password_reset", "requested_by": first}
    done = next(one for one in events if one.action == "users.password_reset")
    assert (done.actor, done.parameters["approved_by"]) == (first, second)


def test_what_was_approved_counts_for_this_act_on_this_person_only(world: World) -> None:
    approval = approved(world, Act.DELETE)

    with pytest.raises(Forbidden) as caught:
        reset_password(office(world, approval), world.user().id, BECAUSE)
    assert caught.value.rule is Rule.FOUR_EYES
    assert caught.value.wanted == Wanted(act=Act.RESET_PASSWORD, person_id=world.user().id, why=BECAUSE)


def test_what_was_approved_is_what_was_asked_and_not_another_method(world: World) -> None:
    asked = refused_change(lambda: add_phone(page(world), world.user().id, "0687654321", BECAUSE))
    approval = approved(world, Act.ADD_METHOD, asked.content)

    other = refused_change(lambda: add_phone(office(world, approval), world.user().id, "0687654399", BECAUSE))
    assert (other.content.shown["tail"], "number" in other.content.shown) == ("99", False)
    refused_change(lambda: offer_app(office(world, approval), world.user().id, BECAUSE))

    add_phone(office(world, approval), world.user().id, "0687654321", BECAUSE)


def test_a_password_alone_approves_nothing(world: World) -> None:
    created, approval = colleague(world), question(world)
    approval.begin("c.dekker", PASSWORD)
    approval.begin_proof(MethodKind.TOTP)

    assert isinstance(approval.answer_proof(other_than(world.app_code(created))), Refused)
    assert approval.second is None


@pytest.mark.parametrize(
    ("name", "told"),
    [("a.bakker", "approval.own"), ("j.devries", "approval.about"), ("s.visser", "approval.no_administrator")],
)
def test_neither_the_first_one_nor_whom_it_is_about_nor_other_staff_approves(
    world: World, name: str, told: str
) -> None:
    world.person("s.visser", phone="+31687654321")
    # Only then is it the rule about oneself that refuses.
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(world.user().id, Role.ADMINISTRATOR)

    assert why(question(world).begin(name, PASSWORD)) == told


def test_wrong_passwords_are_counted_and_tell_nothing_about_who_administers(world: World) -> None:
    colleague(world)
    told = {why(question(world).begin(name, "niet dit wachtwoord")) for name in ("c.dekker", "j.devries", "niemand")}

    assert told == {"sign_in.login.wrong"}
    for _ in range(3):
        question(world).begin("c.dekker", "niet dit wachtwoord")
    assert why(question(world).begin("c.dekker", PASSWORD)) == "sign_in.login.wait"


def test_a_temporary_code_that_the_first_one_made_approves_nothing(world: World) -> None:
    colleague(world)
    world.give_backup_code("c.dekker")
    code = issue(root(world), world.user("c.dekker").id, NO_SMS).code
    approval = question(world)
    approval.begin("c.dekker", PASSWORD)
    assert isinstance(approval.begin_proof(MethodKind.BACKUP_CODE), Moved)

    assert why(approval.answer_proof(code)) == "approval.temporary"
    assert approval.second is None


def test_an_administrator_who_is_switched_off_meanwhile_approves_nothing(world: World) -> None:
    created, approval = colleague(world), question(world)
    approval.begin("c.dekker", PASSWORD)
    approval.begin_proof(MethodKind.TOTP)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(created.user.id, Role.STAFF)

    assert why(approval.answer_proof(world.app_code(created))) == "approval.no_administrator"
    assert approval.second is None


def test_the_ticks_of_a_temporary_code_are_no_way_around_four_eyes_over_methods(world: World) -> None:
    request = replace(NO_SMS, add_app=True)
    with pytest.raises(Forbidden) as caught:
        issue(page(world), world.user().id, request)
    wanted = caught.value.wanted
    assert wanted is not None
    assert (wanted.act, wanted.content.shown["add_app"]) == (Act.TEMPORARY_CODE, True)

    issue(office(world, approved(world, Act.TEMPORARY_CODE, wanted.content)), world.user().id, request)
