"""One's own password in place of the one-time one: each rule has its sentence, and the one-time password is dead after use."""

import pytest

from data.users import PasswordState
from kiosk.accounts import Created
from kiosk.password_rules import Rule
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Moved, Refused, Stage
from tests.kiosk.world import World, why

OWN = "eigen losse woorden hier"


def at_own_password(world: World, created: Created) -> SignIn:
    sign_in = world.sign_in()
    assert sign_in.begin(created.user.name, created.one_time_password) == Moved(Stage.OWN_PASSWORD)
    return sign_in


@pytest.mark.parametrize(
    ("typed", "expected", "values"),
    [
        ("", "first.password.short", {"min": 12}),
        ("kort", "first.password.short", {"min": 12}),
        ("vier losse woorden " * 20, "first.password.long", {"max": 256}),
        ("Welkom2026!!", "first.password.known", {}),
        ("mijn j.devries geheim", "first.password.own_name", {}),
        ("altijd bij Receptie Noord", "first.password.site_name", {}),
        ("vier losse\x07woorden", "first.password.characters", {}),
    ],
)
def test_each_rule_of_a_password_has_its_sentence(
    world: World, typed: str, expected: str, values: dict[str, int]
) -> None:
    sign_in = at_own_password(world, world.invite())

    outcome = sign_in.choose_own_password(typed, typed)

    assert why(outcome) == expected
    assert isinstance(outcome, Refused)
    assert outcome.why.values == values
    assert outcome.stage is sign_in.stage is Stage.OWN_PASSWORD


def test_every_rule_is_among_those_tested_above() -> None:
    assert {rule.value for rule in Rule} == {
        "characters",
        "short",
        "long",
        "same",
        "own_name",
        "site_name",
        "known",
    }


def test_the_one_time_password_is_not_a_password_of_one_s_own(world: World) -> None:
    created = world.invite()
    sign_in = at_own_password(world, created)

    outcome = sign_in.choose_own_password(created.one_time_password, created.one_time_password)

    assert why(outcome) == "first.password.same"


def test_two_different_ones_are_asked_for_again(world: World) -> None:
    sign_in = at_own_password(world, world.invite())

    assert why(sign_in.choose_own_password(OWN, f"{OWN} ")) == "first.password.different"
    assert isinstance(sign_in.choose_own_password(OWN, OWN), Moved)


def test_the_one_time_password_is_dead_after_use(world: World) -> None:
    created = world.invite()
    sign_in = at_own_password(world, created)
    sign_in.choose_own_password(OWN, OWN)
    sign_in.cancel("person")

    assert why(world.attempt(created.one_time_password)) == "sign_in.login.wrong"


def test_of_two_sign_ins_with_one_one_time_password_one_wins(world: World) -> None:
    created = world.invite()
    here, there = at_own_password(world, created), at_own_password(world.neighbour(), created)
    here.choose_own_password(OWN, OWN)

    outcome = there.choose_own_password("heel andere losse woorden", "heel andere losse woorden")

    assert why(outcome) == "first.one_time.expired"
    assert isinstance(outcome, Refused)
    assert outcome.stage is there.stage is Stage.ENDED
    assert world.recorded(outcome.reference) == ("password.chosen", "one_time_used")
    assert isinstance(world.attempt(OWN), Moved)


def test_a_reset_asks_for_a_new_password_and_then_for_the_usual_second_step(world: World) -> None:
    world.person()
    user, password = world.user(), "k7qx-2mpa-zb4t-5wde"
    with world.site.database.transaction(write=True):
        world.site.database.users.set_password(
            user.id,
            world.hasher.hash(password),
            PasswordState.ONE_TIME,
            expires_at=world.clock.now() + 1000,
            if_epoch=user.epoch,
            now=world.clock.now(),
        )
    sign_in = world.begun(password=password)

    own = sign_in.view().own_password
    assert own is not None
    assert own.reset
    sign_in.choose_own_password(OWN, OWN)
    assert sign_in.stage is Stage.SMS_CODE
    assert not sign_in.view().confirming_phone
