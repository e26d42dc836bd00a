"""The code in the sealed envelope: once, for exactly one thing, under the brakes of a password, and read by another one."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.administration.break_glass import is_there, make, mark_read, unread, use
from kiosk.administration.errors import CodeTried, Forbidden, Over, RequestOver, Rule
from kiosk.administration.four_eyes import Wanted
from kiosk.administration.methods import add_phone
from kiosk.administration.passwords import reset_password
from kiosk.administration.requests import carry_out, look, refuse, waiting
from kiosk.policy import AdministrationPolicy, Policy
from tests.kiosk.administration.office import BECAUSE, administrator, page, root, rows
from tests.kiosk.world import World

WRONG = "0000-0000-0000-0000-0000-0000"
DAY = 24 * 3600


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    policy = Policy(administration=AdministrationPolicy(four_eyes_password=True, four_eyes_methods=True))
    with closing(World.make(tmp_path, policy)) as made:
        administrator(made)
        made.person()
        yield made


def reset(world: World) -> Wanted:
    """What a second administrator must approve before j.devries has a new password."""
    with pytest.raises(Forbidden) as caught:
        reset_password(page(world), world.user().id, BECAUSE)
    assert caught.value.wanted is not None
    return caught.value.wanted


def tried(world: World, typed: str) -> CodeTried:
    with pytest.raises(CodeTried) as caught:
        use(page(world), reset(world), typed)
    return caught.value


def test_the_code_stands_for_a_second_administrator_once_and_the_log_says_so(world: World) -> None:
    made = make(root(world), BECAUSE)
    assert [len(group) for group in made.code.split("-")] == [4] * 6

    reference = use(page(world), reset(world), made.code.upper().replace("-", " "))
    reset_password(page(world), world.user().id, BECAUSE)

    assert rows(world, "break_glass_made")[-1][1] == "unix:beheer"
    result, actor, about, facts = rows(world, "break_glass_used")[-1]
    assert (result, actor, about) == ("ok", world.user("a.bakker").id, world.user().id)
    assert (facts["act"], world.recorded(reference)) == ("password_reset", ("users.break_glass_used", "ok"))
    done = rows(world, "password_reset")[-1][3]
    assert (done["approved_by"], done["request"]) == ("break_glass", facts["request"])
    assert not is_there(page(world))
    tried(world, made.code)


def test_letters_that_are_misread_are_taken_as_the_digits_that_they_look_like(world: World) -> None:
    code = make(root(world), BECAUSE).code
    assert use(page(world), reset(world), code.replace("0", "O").replace("1", "l"))


def test_it_is_good_for_what_it_was_used_for_and_nothing_else_and_not_for_long(world: World) -> None:
    use(page(world), reset(world), make(root(world), BECAUSE).code)

    with pytest.raises(Forbidden):
        add_phone(page(world), world.user().id, "0687654321", BECAUSE)
    world.clock.pass_seconds(3600)
    reset(world)


def test_what_it_was_used_for_is_carried_out_from_the_request_too_unless_a_colleague_refuses_it(world: World) -> None:
    administrator(world, "c.dekker")
    use(page(world), reset(world), make(root(world), BECAUSE).code)
    [line] = waiting(page(world))
    assert look(page(world), line.id).broke_glass
    refuse(page(world, "c.dekker"), line.id, BECAUSE)
    with pytest.raises(RequestOver):
        carry_out(page(world), line.id)

    use(page(world), reset(world), make(root(world), BECAUSE).code)
    [_, line] = sorted(waiting(page(world)), key=lambda one: one.state.value, reverse=True)
    carry_out(page(world), line.id)


def test_a_new_code_voids_the_one_before_and_neither_is_kept_in_clear(world: World) -> None:
    old, new = make(root(world), BECAUSE), make(root(world), BECAUSE)
    assert (old.replaced, new.replaced) == (False, True)
    world.site.database._connection.rows("PRAGMA wal_checkpoint", {})
    kept = world.everything_kept()
    for made in (old, new):
        assert made.code.encode() not in kept
        assert made.code.replace("-", "").encode() not in kept
    tried(world, old.code)
    use(page(world), reset(world), new.code)


def test_wrong_codes_cost_waits_like_wrong_passwords_at_whatever_desk_and_are_in_the_log(world: World) -> None:
    code = make(root(world), BECAUSE).code
    for _ in range(3):
        error = tried(world, WRONG)
        assert (error.until, world.recorded(error.reference)) == (None, ("users.break_glass_used", "wrong"))
    assert tried(world, WRONG).until == world.clock.now() + 15_000
    # Not even the right one.
    assert tried(world, code).until == world.clock.now() + 15_000
    assert is_there(page(world))
    world.clock.pass_seconds(15)
    use(page(world), reset(world), code)


def test_whoever_uses_it_is_an_administrator_who_has_just_shown_a_second_factor(world: World) -> None:
    code, wanted = make(root(world), BECAUSE).code, reset(world)
    with pytest.raises(Forbidden) as caught:
        use(page(world, reauthenticated_at=world.clock.now() - 601_000), wanted, code)
    assert caught.value.rule is Rule.REAUTHENTICATE
    assert is_there(page(world))


def test_every_administrator_is_told_until_another_one_has_read_it(world: World) -> None:
    administrator(world, "c.dekker")
    use(page(world), reset(world), make(root(world), BECAUSE).code)

    [mine], [theirs] = unread(page(world)), unread(page(world, "c.dekker"))
    assert (mine.own, theirs.own, theirs.by, theirs.who, theirs.reason) == (
        True, False, "A.BAKKER", "J.DEVRIES", BECAUSE.reason,
    )  # fmt: skip
    with pytest.raises(RequestOver) as caught:
        mark_read(page(world), mine.id)
    assert caught.value.over is Over.OWN
    reference = mark_read(page(world, "c.dekker"), mine.id)

    assert world.recorded(reference) == ("users.break_glass_read", "ok")
    assert unread(page(world)) == unread(page(world, "c.dekker")) == ()


def test_whoever_is_the_only_administrator_is_told_for_thirty_days(world: World) -> None:
    use(page(world), reset(world), make(root(world), BECAUSE).code)
    world.clock.pass_seconds(30 * DAY)
    assert len(unread(page(world))) == 1
    world.clock.pass_seconds(1)
    assert unread(page(world)) == ()


def test_a_restore_makes_no_code_good_again(world: World) -> None:
    make(root(world), BECAUSE)
    with world.site.database.transaction(write=True):
        world.site.database.apply_restore_rules(world.clock.now(), 0)
    assert world.site.database.break_glass.live() is None


def test_of_two_desks_that_type_the_code_at_once_one_has_used_it(world: World) -> None:
    code, wanted, office = make(root(world), BECAUSE).code, reset(world), page(world)
    ready, told = threading.Barrier(2), list[object]()

    def at_desk() -> None:
        with closing(World.reopened(world.site.database.path.parent, at=world.clock.now())) as desk:
            site = replace(desk.site, policy=world.site.policy)
            ready.wait(timeout=10)
            try:
                told.append(use(replace(office, site=site, trail=desk.trail), wanted, code))
            except CodeTried as error:
                told.append(error)

    threads = [threading.Thread(target=at_desk) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)

    assert sorted(isinstance(one, str) for one in told) == [False, True]
    assert len(world.table("approvals")) == 1
