"""Four eyes later and elsewhere: what waits, who decides about it, and that what was approved is done once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from data.approvals import ApprovalState
from data.factors import FactorKind
from data.users import Role
from kiosk.accounts import NewPerson
from kiosk.administration import slips
from kiosk.administration.accounts import change_role, delete
from kiosk.administration.authority import Act
from kiosk.administration.changing import Office
from kiosk.administration.creating import create
from kiosk.administration.errors import Forbidden, Over, RequestOver, Rule
from kiosk.administration.four_eyes import Wanted
from kiosk.administration.methods import OldNumber, add_phone, change_phone, offer_app, revoke_method
from kiosk.administration.passwords import Done, OneTimePassword, reset_password
from kiosk.administration.requests import approve, carry_out, leave_waiting, look, prune, refuse, waiting, withdraw
from kiosk.administration.temporary import IssuedCode, issue
from kiosk.policy import AdministrationPolicy, Policy
from tests.kiosk.administration.office import BECAUSE, NO_SMS, administrator, factor_id, page, root, rows
from tests.kiosk.administration.test_exporting import without_password
from tests.kiosk.world import World

ALL = AdministrationPolicy(
    four_eyes_password=True,
    four_eyes_temporary_code=True,
    four_eyes_methods=True,
    four_eyes_role=True,
    four_eyes_delete=True,
)
DAY = 24 * 3600


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World.make(tmp_path, Policy(administration=ALL))) as made:
        administrator(made)
        administrator(made, "c.dekker")
        made.person()
        yield made


def wanted(act: Callable[[], object]) -> Wanted:
    """What a second administrator must approve first."""
    with pytest.raises(Forbidden) as caught:
        act()
    assert caught.value.rule is Rule.FOUR_EYES
    assert caught.value.wanted is not None
    return caught.value.wanted


def asked(world: World, act: Callable[[Office], object] | None = None) -> str:
    """The id of a request of a.bakker that waits, for a new password of j.devries unless it is for something else."""
    act = act or (lambda office: reset_password(office, world.user().id, BECAUSE))
    return leave_waiting(page(world), wanted(lambda: act(page(world)))).request_id


def approved(world: World, act: Callable[[Office], object] | None = None) -> str:
    request_id = asked(world, act)
    approve(page(world, "c.dekker"), request_id)
    return request_id


def over(act: Callable[[], object]) -> Over:
    with pytest.raises(RequestOver) as caught:
        act()
    return caught.value.over


def test_a_request_waits_for_whoever_else_administers_and_says_what_by_whom_why_and_until_when(world: World) -> None:
    request_id = asked(world, lambda office: change_role(office, world.user().id, Role.TECHNICIAN, BECAUSE))

    [mine], [theirs] = waiting(page(world)), waiting(page(world, "c.dekker"))
    assert (mine.own, mine.mine, theirs.own, theirs.mine) == (True, False, False, True)
    assert waiting(page(world), person_id=world.user().id) == (mine,)
    seen = look(page(world, "c.dekker"), request_id)
    assert (seen.line.act, seen.line.who, seen.line.asked_by) == (Act.ROLE, "J.DEVRIES", "A.BAKKER")
    assert (seen.reason, seen.ticket, seen.shown) == (
        BECAUSE.reason,
        BECAUSE.ticket,
        {"from": "staff", "to": "technician"},
    )
    assert (seen.line.asked_at, seen.line.expires_at) == (world.clock.now(), world.clock.now() + DAY * 1000)


def test_what_was_approved_is_carried_out_once_and_each_step_is_in_the_log(world: World) -> None:
    request_id = approved(world)
    [line] = waiting(page(world))
    assert (line.id, line.state) == (request_id, ApprovalState.APPROVED)
    assert waiting(page(world, "c.dekker")) == ()

    made = carry_out(page(world), request_id)

    assert isinstance(made, OneTimePassword)
    first, second, person = (world.user(name).id for name in ("a.bakker", "c.dekker", "j.devries"))
    [(_, actor, about, given)] = rows(world, "approval_asked")
    assert (actor, about, given["act"], given["reason"], given["ticket"]) == (
        first, person, "password_reset", BECAUSE.reason, BECAUSE.ticket,
    )  # fmt: skip
    [(result, actor, about, given)] = rows(world, "approved")
    assert (result, actor, about, given["request"], given["requested_by"]) == ("ok", second, person, request_id, first)
    result, actor, about, given = rows(world, "password_reset")[-1]
    assert (result, actor, given["approved_by"], given["request"]) == ("ok", first, second, request_id)
    assert over(lambda: carry_out(page(world), request_id)) is Over.USED
    wanted(lambda: reset_password(page(world), world.user().id, BECAUSE))


def test_the_form_filled_in_again_finds_what_was_approved_too(world: World) -> None:
    approved(world)
    reset_password(page(world), world.user().id, BECAUSE)
    wanted(lambda: reset_password(page(world), world.user().id, BECAUSE))


def _replacement(world: World) -> Callable[[Office], object]:
    method_id = factor_id(world, FactorKind.SMS)
    return lambda office: change_phone(
        office,
        world.user().id,
        BECAUSE,
        method_id=method_id,
        number="0687654321",
        old=OldNumber.KEPT_UNTIL_CONFIRMED,
    )


DEEDS: dict[str, Callable[[World], Callable[[Office], object]]] = {
    "temporary_code": lambda world: (
        lambda office: issue(
            office,
            world.user().id,
            replace(NO_SMS, minutes=20, ticket="TD-4411", revoke=(factor_id(world, FactorKind.SMS),)),
        )
    ),
    "app": lambda world: lambda office: offer_app(office, world.user().id, BECAUSE),
    "phone": lambda world: lambda office: add_phone(office, world.user().id, "0687654321", BECAUSE),
    "other_phone": _replacement,
    "revoke": lambda world: (
        lambda office: revoke_method(office, world.user().id, factor_id(world, FactorKind.SMS), BECAUSE)
    ),
    "role": lambda world: lambda office: change_role(office, world.user().id, Role.STAFF, BECAUSE),
    "delete": lambda world: lambda office: delete(office, world.user().id, BECAUSE),
}


@pytest.mark.parametrize("deed", list(DEEDS))
def test_everything_that_can_wait_is_carried_out_as_it_was_asked(world: World, deed: str) -> None:
    if deed == "role":
        with world.site.database.transaction(write=True):
            world.site.database.users.set_role(world.user().id, Role.AUDITOR)
    person = world.user()
    request_id = approved(world, DEEDS[deed](world))

    carry_out(page(world), request_id)

    request = world.site.database.approvals.get(request_id)
    # A person who is gone takes the request along.
    assert (request is None) if deed == "delete" else (request is not None and request.state is ApprovalState.USED)
    assert [row[3].get("request") for row in world_rows_of(world, person.id)][-1] == request_id


def world_rows_of(world: World, person_id: str) -> list[tuple[str, str, str | None, dict[str, object]]]:
    """Action, result, actor and parameters of what was done to somebody and has been approved."""
    return [
        (row.event.action, row.event.result, row.event.actor, dict(row.event.parameters))
        for row in world.site.database.audit.rows()
        if row.event is not None and row.event.object == person_id and "approved_by" in row.event.parameters
    ]


def test_the_code_of_an_approved_request_is_shown_to_whoever_carries_it_out_and_kept_nowhere(world: World) -> None:
    request_id = approved(world, lambda office: issue(office, world.user().id, replace(NO_SMS, minutes=20)))

    made = carry_out(page(world), request_id)

    assert isinstance(made, IssuedCode)
    assert made.expires_at == world.clock.now() + 20 * 60_000
    world.site.database._connection.rows("PRAGMA wal_checkpoint", {})
    assert made.code.encode() not in world.everything_kept()


def test_a_whole_number_that_was_asked_stands_nowhere_in_clear_nor_behind_a_digest_alone(world: World) -> None:
    request_id = asked(world, lambda office: add_phone(office, world.user().id, "0687654321", BECAUSE))

    seen = look(page(world, "c.dekker"), request_id)
    assert (seen.shown, "31687654321" in repr(seen)) == ({"kind": "sms", "tail": "21"}, False)
    assert b"31687654321" not in world.everything_kept()
    first = world.site.database.approvals.get(request_id)
    again = world.site.database.approvals.get(
        asked(world, lambda office: add_phone(office, world.user().id, "0687654321", BECAUSE))
    )
    assert first is not None
    assert again is not None
    assert first.digest != again.digest


def test_a_request_for_the_same_takes_the_place_of_the_one_before(world: World) -> None:
    before, after = asked(world), asked(world)

    assert [one.id for one in waiting(page(world))] == [after]
    assert over(lambda: carry_out(page(world), before)) is Over.GONE
    assert [row[3]["request"] for row in rows(world, "approval_withdrawn")] == [before]


@pytest.mark.parametrize(("name", "expected"), [("a.bakker", Over.OWN), ("j.devries", Over.ABOUT)])
def test_nobody_decides_about_their_own_request_or_what_is_about_themselves(
    world: World, name: str, expected: Over
) -> None:
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(world.user().id, Role.ADMINISTRATOR)
    request_id = asked(world)

    assert over(lambda: approve(page(world, name), request_id)) is expected
    assert over(lambda: refuse(page(world, name), request_id, BECAUSE)) is expected
    assert over(lambda: carry_out(page(world), request_id)) is Over.WAITING


def test_whoever_decides_has_shown_a_second_factor_just_now_and_administers(world: World) -> None:
    request_id = asked(world)
    stale = page(world, "c.dekker", reauthenticated_at=world.clock.now() - 601_000)
    with pytest.raises(Forbidden) as caught:
        approve(stale, request_id)
    assert (caught.value.rule, world.recorded(caught.value.reference)) == (
        Rule.REAUTHENTICATE,
        ("users.password_reset", "refused"),
    )
    office = page(world, "c.dekker")
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(world.user("c.dekker").id, Role.STAFF)
    with pytest.raises(Forbidden):
        approve(office, request_id)
    assert over(lambda: carry_out(page(world), request_id)) is Over.WAITING


def test_who_refuses_says_why_and_whoever_asked_reads_it_and_puts_it_away(world: World) -> None:
    request_id = asked(world)
    refuse(page(world, "c.dekker"), request_id, replace(BECAUSE, reason="bel eerst terug"))

    seen = look(page(world), request_id)
    assert (seen.line.state, seen.decided_by, seen.answer) == (ApprovalState.REFUSED, "C.DEKKER", "bel eerst terug")
    assert over(lambda: carry_out(page(world), request_id)) is Over.REFUSED
    assert over(lambda: approve(page(world, "c.dekker"), request_id)) is Over.DECIDED
    withdraw(page(world), request_id)
    assert waiting(page(world)) == ()
    assert rows(world, "approval_refused")[0][3]["reason"] == "bel eerst terug"


def test_an_approval_is_taken_back_as_long_as_it_was_not_used(world: World) -> None:
    request_id = approved(world)
    refuse(page(world, "c.dekker"), request_id, BECAUSE)
    assert over(lambda: carry_out(page(world), request_id)) is Over.REFUSED


def test_only_whoever_asked_withdraws_and_carries_out(world: World) -> None:
    request_id = approved(world)
    assert over(lambda: withdraw(page(world, "c.dekker"), request_id)) is Over.OTHERS
    assert over(lambda: carry_out(page(world, "c.dekker"), request_id)) is Over.OTHERS
    wanted(lambda: reset_password(page(world, "c.dekker"), world.user().id, BECAUSE))

    office = page(world)
    with world.site.database.transaction(write=True):
        world.site.database.sessions.end_all("idle", world.clock.now())
    with pytest.raises(Forbidden):
        withdraw(office, request_id)

    withdraw(page(world), request_id)
    assert over(lambda: carry_out(page(world), request_id)) is Over.GONE
    assert over(lambda: approve(page(world, "c.dekker"), request_id)) is Over.GONE
    wanted(lambda: reset_password(page(world), world.user().id, BECAUSE))


def test_a_request_ends_with_its_time_and_the_night_takes_it_away(world: World) -> None:
    request_id, other = approved(world), asked(world, lambda office: offer_app(office, world.user().id, BECAUSE))
    world.clock.pass_seconds(DAY)

    assert over(lambda: approve(page(world, "c.dekker"), other)) is Over.GONE
    assert over(lambda: carry_out(page(world), request_id)) is Over.GONE
    wanted(lambda: reset_password(page(world), world.user().id, BECAUSE))
    assert waiting(page(world)) == ()

    assert prune(world.site, world.trail, actor="night") == 2
    assert world.table("approvals") == []
    assert {(row[3]["was"], row[1], row[3]["request"]) for row in rows(world, "approval_expired")} == {
        ("approved", "night", request_id),
        ("waiting", "night", other),
    }
    assert prune(world.site, world.trail, actor="night") == 0


def test_what_would_be_another_thing_by_now_is_not_done(world: World) -> None:
    administrator(world, "e.smit")
    request_id = asked(world, lambda office: change_role(office, world.user("e.smit").id, Role.STAFF, BECAUSE))
    approve(page(world, "c.dekker"), request_id)
    change_role(root(world), world.user("e.smit").id, Role.AUDITOR, BECAUSE)

    assert over(lambda: carry_out(page(world), request_id)) is Over.CHANGED
    assert world.user("e.smit").role is Role.AUDITOR


def test_a_deleted_person_takes_along_what_was_asked_about_them(world: World) -> None:
    request_id = approved(world)
    delete(root(world), world.user().id, BECAUSE)
    assert over(lambda: carry_out(page(world), request_id)) is Over.GONE


def test_an_approval_of_somebody_who_administers_no_more_counts_no_more(world: World) -> None:
    request_id = approved(world)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(world.user("c.dekker").id, Role.STAFF)

    assert over(lambda: carry_out(page(world), request_id)) is Over.APPROVER
    wanted(lambda: reset_password(page(world), world.user().id, BECAUSE))


def test_a_new_administrator_is_made_once_and_as_approved(world: World) -> None:
    chef = NewPerson(name="chef", display_name="Chef", role=Role.ADMINISTRATOR, app=True)
    request_id = approved(world, lambda office: create(office, chef, BECAUSE))
    assert look(page(world), request_id).at_form
    assert over(lambda: carry_out(page(world), request_id)) is Over.FORM

    wanted(lambda: create(page(world), replace(chef, phone="0687654321"), BECAUSE))
    created = create(page(world), chef, BECAUSE)

    assert rows(world, "added")[-1][3]["request"] == request_id
    request = world.site.database.approvals.get(request_id)
    assert request is not None
    assert request.state is ApprovalState.USED
    wanted(lambda: create(page(world), replace(chef, name="chef2"), BECAUSE))
    assert created.user.role is Role.ADMINISTRATOR


def test_one_approval_is_good_for_all_slips_that_it_names_and_for_no_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slips, "BATCH", 1)
    for name in ("een", "twee"):
        without_password(world, name)
    make: Callable[[Office], object] = lambda office: list(slips.slips_of_new(office, BECAUSE))  # noqa: E731
    assert wanted(lambda: slips.check_slips(page(world), BECAUSE)).content.shown["slips"] == 2
    approved(world, make)
    without_password(world, "drie")
    # Another one in the place of the one who was deleted: as many, and not the same.
    delete(root(world), world.user("twee").id, BECAUSE)
    assert wanted(lambda: make(page(world))).content.shown["slips"] == 2
    delete(root(world), world.user("drie").id, BECAUSE)
    without_password(world, "vier")
    request_id = approved(world, make)

    assert [len(batch) for batch in slips.slips_of_new(page(world), BECAUSE)] == [1, 1]

    assert [row[3]["request"] for row in rows(world, "slip_made")[-2:]] == [request_id] * 2
    without_password(world, "vijf")
    wanted(lambda: make(page(world)))


def test_a_change_that_fails_leaves_the_approval_as_it_was(world: World) -> None:
    request_id = approved(world)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_disabled_from(world.user().id, world.clock.now())
    with pytest.raises(Forbidden):
        carry_out(page(world), request_id)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_disabled_from(world.user().id, None)

    assert isinstance(carry_out(page(world), request_id), OneTimePassword)


def test_of_two_desks_that_carry_out_the_same_approval_one_does(world: World) -> None:
    request_id = approved(world, lambda office: offer_app(office, world.user().id, BECAUSE))
    office, ready = page(world), threading.Barrier(2)
    told: list[object] = []

    def at_desk() -> None:
        desk = World.reopened(world.site.database.path.parent, at=world.clock.now())
        desk.site = replace(desk.site, policy=world.site.policy)
        with closing(desk):
            ready.wait(timeout=10)
            try:
                told.append(carry_out(replace(office, site=desk.site, trail=desk.trail), request_id))
            except (RequestOver, Forbidden) as error:
                told.append(error)

    threads = [threading.Thread(target=at_desk) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)

    assert sorted(isinstance(one, Done) for one in told) == [False, True]
    assert len([row for row in rows(world, "method_added") if row[0] == "ok"]) == 1


def test_a_restore_makes_no_approval_good_again(world: World) -> None:
    request_id = approved(world)
    with world.site.database.transaction(write=True):
        world.site.database.apply_restore_rules(world.clock.now(), 0)
    assert over(lambda: carry_out(page(world), request_id)) is Over.GONE
