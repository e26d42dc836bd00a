"""Name and password: what is told, what it costs, and that nothing tells whether a name exists."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from data.users import PasswordState, UserState
from kiosk.passwords import HashCost, Hasher
from kiosk.sign_in.machine import WrongStage
from kiosk.sign_in.outcomes import Moved, Outcome, Refused, Stage
from tests.kiosk.world import CHEAP, PASSWORD, World, why

KNOWN, UNKNOWN = "j.devries", "n.iemand"
names = pytest.mark.parametrize("name", [KNOWN, UNKNOWN])


def seconds_to_wait(outcome: Outcome) -> int:
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.why.values["seconds"], int)
    return outcome.why.values["seconds"]


def fail(world: World, times: int, name: str = KNOWN) -> Outcome:
    """So many wrong passwords for a name, each as soon as it may be tried."""
    outcome: Outcome = Moved(Stage.LOGIN)
    for _ in range(times):
        outcome = world.attempt("niet dit wachtwoord", name)
        if isinstance(outcome, Refused) and outcome.wait_until is not None:
            world.clock.at = outcome.wait_until
    return outcome


@pytest.mark.parametrize(("name", "password"), [("", ""), ("", PASSWORD), ("  ", PASSWORD), (KNOWN, "")])
def test_a_field_that_was_left_empty_is_asked_for_and_counts_as_nothing(world: World, name: str, password: str) -> None:
    world.person()
    before = len(world.actions())

    outcome = world.attempt(password, name)

    assert why(outcome) == "sign_in.login.missing"
    assert isinstance(outcome, Refused)
    assert not outcome.clears_field
    assert len(world.actions()) == before
    assert world.table("throttles") == []


def test_a_wrong_password_says_that_one_of_both_is_wrong_and_has_a_reference(world: World) -> None:
    world.person()

    outcome = world.attempt("niet dit wachtwoord")

    assert why(outcome) == "sign_in.login.wrong"
    assert isinstance(outcome, Refused)
    assert outcome.stage is Stage.LOGIN
    assert world.recorded(outcome.reference) == ("sign_in.password", "wrong")


def test_a_name_that_does_not_exist_gets_the_same_answers_all_the_way_to_the_lock(world: World) -> None:
    world.person()
    answers: dict[str, list[object]] = {}
    for name in (KNOWN, UNKNOWN):
        answers[name] = []
        for _ in range(103):
            before = world.clock.now()
            outcome = fail(world, 1, name)
            assert isinstance(outcome, Refused)
            waited = None if outcome.wait_until is None else outcome.wait_until - before
            answers[name].append((outcome.why, outcome.stage, waited, outcome.names_contact, outcome.reference is None))

    assert answers[KNOWN] == answers[UNKNOWN]


@names
def test_waits_rise_from_15_seconds_to_a_quarter_of_an_hour_after_three_free_failures(world: World, name: str) -> None:
    world.person()
    waits = []
    for _ in range(12):
        outcome = fail(world, 1, name)
        waits.append(0 if why(outcome) == "sign_in.login.wrong" else seconds_to_wait(outcome))

    assert waits == [0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]


@names
def test_while_a_name_waits_no_password_is_tried_not_even_the_right_one(world: World, name: str) -> None:
    world.person()
    fail(world, 3, name)
    world.attempt("niet dit wachtwoord", name)
    world.clock.pass_seconds(10)

    outcome = world.attempt(PASSWORD, name)

    assert why(outcome) == "sign_in.login.wait"
    assert seconds_to_wait(outcome) == 5
    assert world.actions()[-1] == ("sign_in.password", "wrong")


@names
def test_at_a_hundred_failures_only_an_administrator_helps(world: World, name: str) -> None:
    world.person()
    fail(world, 100, name)
    world.clock.pass_seconds(30 * 24 * 3600)

    outcome = world.attempt(PASSWORD, name)

    assert why(outcome) == "sign_in.login.locked"
    assert isinstance(outcome, Refused)
    assert outcome.names_contact
    assert outcome.wait_until is None
    assert world.recorded(outcome.reference) == ("sign_in.password", "throttled")


def test_a_right_password_forgets_the_failures(world: World) -> None:
    world.person()
    fail(world, 3)
    world.begun().cancel("person")

    assert why(fail(world, 3)) == "sign_in.login.wrong"


def test_one_person_s_failures_do_not_stop_another(world: World) -> None:
    world.person()
    world.person("a.bakker", phone=None, app=True)
    fail(world, 3)
    world.attempt("niet dit wachtwoord")

    assert isinstance(world.attempt(PASSWORD, "a.bakker"), Moved)


def test_neither_a_typed_name_nor_a_password_is_kept_anywhere(world: World) -> None:
    world.person()
    typed_by_mistake, guess = "MijnWachtwoordInHetVerkeerdeVeld", "EenGeradenWachtwoord"
    for _ in range(5):
        world.attempt(guess, typed_by_mistake)
        world.clock.pass_seconds(60)
    world.attempt(guess)
    world.begun()

    kept = world.everything_kept().lower()

    assert [secret for secret in (typed_by_mistake, guess, PASSWORD) if secret.lower().encode() in kept] == []
    assert b"j.devries" in kept, "this search finds what is kept"
    unknown = {row.event.actor for row in world.site.database.audit.rows() if row.event and row.event.actor}
    assert len([actor for actor in unknown if actor.startswith("name:")]) == 1


def test_guesses_at_once_over_several_connections_learn_no_more_than_one_after_another(world: World) -> None:
    world.person()
    together = threading.Barrier(7)
    first_look_passed = world.sign_in()._passwords.hash(KNOWN, PASSWORD)

    def guess(number: int) -> str:
        with closing(world.neighbour(f"balie {number}")) as desk:
            hashed = desk.sign_in()._passwords.hash(KNOWN, "niet dit wachtwoord")
            assert not isinstance(hashed, Refused)
            together.wait(30)
            with desk.site.database.transaction(write=True):
                judged = desk.sign_in()._passwords.judge(hashed)
            assert isinstance(judged, Refused)
            return why(judged)

    with ThreadPoolExecutor(7) as threads:
        answers = sorted(threads.map(guess, range(7)))
    world.neighbours.clear()
    assert not isinstance(first_look_passed, Refused)
    with world.site.database.transaction(write=True):
        right = world.sign_in()._passwords.judge(first_look_passed)

    assert answers == ["sign_in.login.wait"] * 4 + ["sign_in.login.wrong"] * 3
    assert isinstance(right, Refused)
    assert why(right) == "sign_in.login.wait"
    assert world.table("throttles")[0]["count"] == 4


def test_many_names_failing_at_one_desk_pause_that_desk_alone(world: World) -> None:
    world.person()
    elsewhere = world.neighbour()
    for number in range(9):
        assert why(world.attempt("welkom", f"naam{number}")) == "sign_in.login.wrong"

    tenth = world.attempt("welkom", "naam9")
    right = world.attempt(PASSWORD)

    assert why(tenth) == why(right) == "sign_in.login.desk_wait"
    assert seconds_to_wait(right) == 60
    assert ("desk.sprayed", "paused") in world.actions()
    assert isinstance(elsewhere.attempt(PASSWORD), Moved)
    world.clock.pass_seconds(60)
    assert isinstance(world.attempt(PASSWORD), Moved)


def test_ten_failures_over_two_names_pause_nothing(world: World) -> None:
    for number in range(10):
        assert why(world.attempt("welkom", f"naam{number % 2}")) != "sign_in.login.desk_wait"
        world.clock.pass_seconds(20)


def test_failures_over_many_names_that_lie_far_apart_pause_nothing(world: World) -> None:
    for number in range(12):
        assert why(world.attempt("welkom", f"naam{number}")) == "sign_in.login.wrong"
        world.clock.pass_seconds(40)


def test_that_an_account_is_off_is_told_only_to_who_knows_its_password(world: World) -> None:
    world.person()
    with world.site.database.transaction(write=True):
        world.site.database.users.set_state(world.user().id, UserState.DISABLED)

    guessing, knowing = world.attempt("niet dit wachtwoord"), world.attempt(PASSWORD)

    assert why(guessing) == "sign_in.login.wrong"
    assert why(knowing) == "sign_in.login.disabled"
    assert isinstance(knowing, Refused)
    assert knowing.names_contact
    assert world.recorded(knowing.reference) == ("sign_in.password", "disabled")


def test_an_account_goes_off_at_the_moment_that_was_set(world: World) -> None:
    world.person()
    world.switch_off_from(world.clock.now() + 60_000)
    world.begun().cancel("person")

    world.clock.pass_seconds(60)

    assert why(world.attempt(PASSWORD)) == "sign_in.login.disabled"


def test_a_one_time_password_expires_and_says_so_only_to_who_has_it(world: World) -> None:
    created = world.invite()
    world.clock.pass_seconds(72 * 3600)

    assert why(world.attempt("niet dit wachtwoord")) == "sign_in.login.wrong"
    assert why(world.attempt(created.one_time_password)) == "first.one_time.expired"


def test_a_locked_second_factor_is_told_after_the_right_password(world: World) -> None:
    world.person()
    with world.site.database.transaction(write=True):
        for _ in range(20):
            world.site.database.users.claim_second_factor_failure(world.user().id, limit=20)

    assert why(world.attempt("niet dit wachtwoord")) == "sign_in.login.wrong"
    assert why(world.attempt(PASSWORD)) == "sign_in.login.factor_locked"
    world.unlock()
    assert isinstance(world.attempt(PASSWORD), Moved)


def test_a_password_is_hashed_anew_at_the_cost_of_today(world: World) -> None:
    world.person()
    old = world.user().password_hash
    dearer = Hasher(world.site.vault, password_cost=HashCost(passes=2, memory_kib=16, lanes=1), code_cost=CHEAP)
    world.hasher.close()
    world.site, world.hasher = dataclasses.replace(world.site, hasher=dearer), dearer

    world.begun().cancel("person")

    renewed = world.user().password_hash
    assert renewed is not None
    assert renewed != old
    assert not dearer.needs_rehash(renewed)
    assert isinstance(world.attempt(PASSWORD), Moved)


def test_a_password_that_another_desk_hashed_anew_meanwhile_is_still_right(world: World) -> None:
    world.person()
    user, sign_in = world.user(), world.sign_in()
    hashed = sign_in._passwords.hash(KNOWN, PASSWORD)
    assert not isinstance(hashed, Refused)
    with world.site.database.transaction(write=True):
        assert user.password_hash is not None
        world.site.database.users.rehash(user.id, world.hasher.hash(PASSWORD), if_hash=user.password_hash)
        judged = sign_in._passwords.judge(hashed)

    assert not isinstance(judged, Refused)


def test_a_password_that_was_replaced_while_it_was_hashed_is_wrong(world: World) -> None:
    world.person()
    user, sign_in = world.user(), world.sign_in()
    hashed = sign_in._passwords.hash(KNOWN, PASSWORD)
    assert not isinstance(hashed, Refused)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_password(
            user.id, world.hasher.hash("iets anders"), PasswordState.OWN, expires_at=None, if_epoch=user.epoch, now=0
        )
        judged = sign_in._passwords.judge(hashed)

    assert isinstance(judged, Refused)
    assert why(judged) == "sign_in.login.wrong"


@pytest.mark.parametrize("name", ["J.DEVRIES", " j.devries ", "\uff4a.devries"])
def test_a_name_may_be_written_otherwise(world: World, name: str) -> None:
    world.person()

    assert isinstance(world.attempt(PASSWORD, name), Moved)


@pytest.mark.parametrize("text", ["\ud800", "\x00", "[bold]", "a" * 100_000, "\x1b[2J"])
def test_whatever_a_terminal_delivers_is_only_wrong(world: World, text: str) -> None:
    world.person()

    assert why(world.attempt(text, text)) == "sign_in.login.wrong"
    assert why(world.attempt(text)) == "sign_in.login.wrong"


def test_a_sign_in_takes_a_name_and_password_once(world: World) -> None:
    world.person()
    sign_in = world.begun()

    with pytest.raises(WrongStage):
        sign_in.begin(KNOWN, PASSWORD)


def test_a_stored_hash_that_is_damaged_is_a_failing_database_and_no_crash(world: World) -> None:
    world.person()
    with world.site.database.transaction(write=True):
        world.site.database._connection.change("UPDATE users SET password_hash = 'x'", {})

    outcome = world.attempt(PASSWORD)

    assert why(outcome) == "error.database"
    assert isinstance(outcome, Refused)
    assert outcome.reference is not None
    assert world.site.database.audit.by_reference(outcome.reference) is None
