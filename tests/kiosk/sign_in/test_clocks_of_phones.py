"""Clocks of phones: what is learned of one, what many say of the desk, and that no code counts twice meanwhile."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.factors import Factor
from kiosk.accounts import Created
from kiosk.methods.phone_clocks import RECENT_MS, agreement, offsets_around, phone_clocks
from kiosk.methods.totp import STEP_SECONDS, code_at
from kiosk.sign_in.outcomes import Moved, Refused, Stage
from tests.kiosk.world import World, why


@pytest.fixture
def app(world: World) -> Created:
    """Somebody with an authenticator app and no phone."""
    return world.person(phone=None, app=True)


def show(world: World, person: Created, *, ahead: int) -> str | None:
    """Sign in with the code of a phone that is so many steps ahead; why not, or None."""
    sign_in = world.begun(person.user.name)
    assert sign_in.stage is Stage.TOTP
    outcome = sign_in.answer(world.app_code(person, steps=ahead))
    if isinstance(outcome, Refused):
        return why(outcome)
    assert isinstance(outcome, Moved)
    return None


def factor_of(world: World, person: Created) -> Factor:
    (factor,) = world.site.database.factors.of_user(person.user.id)
    return factor


def learned(world: World, person: Created, *offsets: int) -> int:
    """The drift after codes from these offsets, two minutes between them."""
    for offset in offsets:
        world.later(120)
        assert show(world, person, ahead=offset) is None
    return factor_of(world, person).drift


@pytest.mark.parametrize(
    ("offsets", "drift"),
    [
        ((1, 1), 0),
        ((1, 1, 1), 1),
        ((-1, -1, -1), -1),
        ((1, 1, 0, 1), 0),
        ((1, 1, 1, 0, 0), 1),
        ((1, 1, 1, 0, 0, 0), 0),
        ((1, 1, 1, 2, 2, 2), 2),
        ((1, 1, 1, 2, 2, 2, 3, 3, 3), 2),
    ],
)
def test_drift_is_learned_after_three_constant_offsets_and_goes_no_further_than_two(
    world: World, app: Created, offsets: tuple[int, ...], drift: int
) -> None:
    assert learned(world, app, *offsets) == drift


def test_a_code_beyond_the_window_breaks_the_run(world: World, app: Created) -> None:
    learned(world, app, 1, 1)
    assert show(world, app, ahead=2) == "app.phone_clock"
    assert learned(world, app, 1) == 0


def test_a_phone_that_was_put_right_is_never_locked_out_by_what_was_learned(world: World, app: Created) -> None:
    assert learned(world, app, 1, 1, 1, 2, 2, 2) == 2
    for offset in (-1, 0, 1):
        world.later(120)
        assert show(world, app, ahead=offset) is None


@pytest.mark.parametrize("drift", range(-9, 10))
def test_a_code_counts_at_six_offsets_at_most_and_always_around_none(drift: int) -> None:
    offsets = offsets_around(drift, 1)
    assert {-1, 0, 1} <= set(offsets)
    assert len(offsets) <= 6
    assert max(map(abs, offsets)) <= 3
    assert offsets[0] == max(-2, min(2, drift))


def test_a_step_that_was_accepted_is_not_accepted_from_another_offset_once_drift_was_learned(
    world: World, app: Created
) -> None:
    learned(world, app, 1, 1, 1)
    world.later(120)
    code = world.app_code(app, steps=2)
    assert show(world, app, ahead=2) is None
    for _ in range(4):
        world.later(STEP_SECONDS)
        sign_in = world.begun()
        assert why(sign_in.answer(code)) in {"app.used_before", "app.phone_clock"}


def test_a_code_that_was_told_to_be_too_far_ahead_is_refused_also_when_drift_reaches_it(
    world: World, app: Created
) -> None:
    learned(world, app, 1, 1)
    world.later(120)
    early = world.app_code(app, steps=3)
    assert show(world, app, ahead=3) == "app.phone_clock"
    learned_again = [show(world, app, ahead=offset) for offset in (-1, 0, 1)]
    assert learned_again == [None, None, None]
    world.later(60)
    assert why(world.begun().answer(early)) == "app.used_before"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tries=st.lists(st.tuples(st.integers(-90, 90), st.integers(-3, 3)), min_size=1, max_size=12))
def test_whatever_the_clock_does_accepted_steps_only_rise(world: World, tries: list[tuple[int, int]]) -> None:
    name = f"p{len(world.table('users'))}"
    person = world.person(name, phone=None, app=True)
    assert person.totp_secret is not None
    accepted: list[int] = []
    for jump, ahead in tries:
        world.clock.wrong_ms += jump * 1000
        step = world.clock.wall() // 1000 // STEP_SECONDS + ahead
        outcome = world.begun(name).answer(code_at(person.totp_secret, step * STEP_SECONDS * 1000))
        if isinstance(outcome, Moved):
            accepted.append(step)
        world.unlock(name)
    assert accepted == sorted(set(accepted))


# Whose clock it is


def colleagues(world: World, *offsets: int) -> list[Created]:
    """Others show the codes of their phones, each so many steps ahead."""
    people = [world.person(f"collega{number}", phone=None, app=True) for number in range(len(offsets))]
    for person, offset in zip(people, offsets, strict=True):
        show(world, person, ahead=offset)
    return people


def test_one_phone_that_differs_is_that_phones_clock(world: World, app: Created) -> None:
    colleagues(world, 0, 0, 1)
    assert show(world, app, ahead=5) == "app.phone_clock"


def test_phones_that_agree_with_each_other_and_not_with_the_desk_tell_that_it_is_the_desks(
    world: World, app: Created
) -> None:
    colleagues(world, 5, 5, 6)
    sign_in = world.begun()
    outcome = sign_in.answer(world.app_code(app, steps=5))
    assert why(outcome) == "app.desk_clock"
    assert isinstance(outcome, Refused)
    assert outcome.names_contact
    assert ("clock", "phones_differ") in world.actions()


def test_a_phone_that_is_wrong_otherwise_than_the_others_is_still_told_so(world: World, app: Created) -> None:
    colleagues(world, 5, 5, 5)
    assert show(world, app, ahead=-5) == "app.phone_clock"


def test_the_desk_is_not_judged_by_two(world: World, app: Created) -> None:
    colleagues(world, 5, 5)
    assert show(world, app, ahead=5) == "app.phone_clock"


def test_nobody_judges_the_desk_alone_however_often_they_try(world: World, app: Created) -> None:
    for _ in range(4):
        assert show(world, app, ahead=5) == "app.phone_clock"
        world.later(30)


def test_what_phones_said_yesterday_does_not_count(world: World, app: Created) -> None:
    colleagues(world, 5, 5, 5)
    world.later(RECENT_MS // 1000 + 1)
    assert show(world, app, ahead=5) == "app.phone_clock"


def test_each_person_counts_once_with_the_latest(world: World) -> None:
    people = colleagues(world, 5, 5, 5)
    world.later(60)
    show(world, people[0], ahead=0)
    said = phone_clocks(world.site.database, world.clock.now())
    assert (said.people, said.steps) == (3, 5)
    assert phone_clocks(world.site.database, world.clock.now(), not_of=people[1].user.id).people == 2


@pytest.mark.parametrize(
    ("offsets", "steps", "off"),
    [
        ([], None, False),
        ([4, 4], None, False),
        ([0, 0, 0], 0, False),
        ([-1, -1, -1], -1, False),
        ([2, 2, 2], 2, True),
        ([-4, -4, -3, 0], -4, True),
        ([-5, 0, 5], None, False),
        ([7, 7, -7, -7], None, False),
    ],
)
def test_phones_agree_when_two_thirds_are_within_a_step(offsets: list[int], steps: int | None, off: bool) -> None:
    said = agreement(offsets)
    assert (said.people, said.steps, said.desk_is_off) == (len(offsets), steps, off)
