"""The back-up code: once, few tries, and a new one after use."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.methods.backup_code import EightDigitMethod
from kiosk.passwords import Secret
from kiosk.policy import BackupCodePolicy, Policy
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Stage
from tests.kiosk.world import BACKUP_CODE, World, other_than, why

WRONG = other_than(BACKUP_CODE)


def at_the_page(world: World) -> SignIn:
    sign_in = world.begun()
    assert sign_in.take(MethodKind.BACKUP_CODE) == Moved(Stage.BACKUP_CODE)
    return sign_in


def miss(world: World, times: int) -> Outcome:
    """So many wrong codes, four per sign-in, the locks of everything else lifted in between."""
    outcome: Outcome = Moved(Stage.LOGIN)
    for number in range(times):
        if number % 4 == 0:
            world.unlock()
            world.clock.pass_seconds(1)
            sign_in = at_the_page(world)
        outcome = sign_in.answer(WRONG)
    return outcome


@pytest.fixture
def person(world: World) -> World:
    """Somebody with a phone and a back-up code."""
    world.person()
    world.give_backup_code()
    return world


@pytest.mark.parametrize("typed", ["17532256", "1753 2256", "1753-2256", " 17 53 22 56 ", "1753\u00a02256"])
def test_it_is_taken_with_and_without_spaces_and_dashes(person: World, typed: str) -> None:
    sign_in = at_the_page(person)

    assert sign_in.answer(typed) == Moved(Stage.SUCCESS)


def test_after_use_a_new_one_is_shown_that_says_so(person: World) -> None:
    sign_in = at_the_page(person)
    sign_in.answer(BACKUP_CODE)

    success = sign_in.view().success
    assert success is not None
    assert success.backup_code not in {None, BACKUP_CODE}
    assert not success.first
    assert sign_in.confirm_backup_code() == Moved(Stage.SIGNED_IN)
    home = sign_in.view().home
    assert home is not None
    assert home.method is MethodKind.BACKUP_CODE
    assert [row["state"] for row in person.table("backup_codes")] == ["used", "confirmed"]


def test_the_new_one_signs_in_and_the_used_one_says_that_it_was_used(person: World) -> None:
    first = at_the_page(person)
    first.answer(BACKUP_CODE)
    success = first.view().success
    assert success is not None
    assert success.backup_code is not None
    first.confirm_backup_code()
    second = at_the_page(person)

    old = second.answer(BACKUP_CODE)

    assert why(old) == "backup.used_before"
    assert isinstance(old, Refused)
    assert old.names_contact
    assert second.answer(success.backup_code) == Moved(Stage.SUCCESS)


@pytest.mark.parametrize("typed", ["", "1753225", "175322567", "1753 225a", "١٧٥٣٢٢٥٦"])
def test_an_incomplete_code_costs_no_try(person: World, typed: str) -> None:
    sign_in = at_the_page(person)

    outcome = sign_in.answer(typed)

    assert why(outcome) == "backup.incomplete"
    assert isinstance(outcome, Refused)
    assert not outcome.clears_field
    code = sign_in.view().code
    assert code is not None
    assert code.tries_left == 5


def test_wrong_codes_count_down_and_the_fifth_ends_the_sign_in(person: World) -> None:
    sign_in = at_the_page(person)

    outcomes = [sign_in.answer(WRONG) for _ in range(5)]

    assert [outcome.why.values.get("left") for outcome in outcomes if isinstance(outcome, Refused)] == [
        4,
        3,
        2,
        1,
        None,
    ]
    assert [why(outcome) for outcome in outcomes] == ["backup.wrong"] * 4 + ["sms.code.used_up"]
    assert sign_in.stage is Stage.ENDED


def test_ten_wrong_ones_are_all_for_a_day(person: World) -> None:
    began = person.clock.now()
    miss(person, 10)
    sign_in = person.begun()

    outcome = sign_in.take(MethodKind.BACKUP_CODE)

    assert why(outcome) == "backup.limit_day"
    assert isinstance(outcome, Refused)
    assert outcome.stage is Stage.SMS_CODE
    assert person.recorded(outcome.reference) == ("sign_in.backup_code", "limit_day")
    sign_in.cancel("person")
    person.clock.at = began + 24 * 3600 * 1000 + 10_000
    assert at_the_page(person).answer(BACKUP_CODE) == Moved(Stage.SUCCESS)


def test_the_day_s_limit_counts_in_the_middle_of_a_sign_in_too(person: World) -> None:
    miss(person, 8)
    sign_in = at_the_page(person)

    outcomes = [why(sign_in.answer(WRONG)) for _ in range(3)]

    assert outcomes == ["backup.wrong", "backup.wrong", "backup.limit_day"]


def test_after_twenty_wrong_ones_in_a_row_it_is_switched_off(person: World) -> None:
    miss(person, 10)
    person.clock.pass_seconds(24 * 3600)
    miss(person, 10)
    person.later(24 * 3600)
    person.unlock()
    sign_in = person.begun()

    outcome = sign_in.take(MethodKind.BACKUP_CODE)

    assert why(outcome) == "backup.disabled"
    assert isinstance(outcome, Refused)
    assert outcome.names_contact
    assert person.recorded(outcome.reference) == ("sign_in.backup_code", "disabled")
    assert sign_in.alternatives().advice.text_id == "no_sms.try_resend_only"


def test_a_right_one_forgets_the_failures_of_the_day(person: World) -> None:
    miss(person, 9)
    person.unlock()
    at_the_page(person).answer(BACKUP_CODE)

    assert [row for row in person.table("throttles") if row["scope"] == "backup_code_day"] == []


def test_who_never_had_one_is_told_so(world: World) -> None:
    world.person()
    sign_in = world.begun()

    outcome = sign_in.take(MethodKind.BACKUP_CODE)

    assert why(outcome) == "no_sms.backup_none"
    assert sign_in.stage is Stage.SMS_CODE


def test_choosing_it_leaves_the_code_of_the_sms_good(person: World) -> None:
    sign_in = person.begun()
    code = person.code_of_queued()
    sign_in.take(MethodKind.BACKUP_CODE)

    assert sign_in.back_to_sms() == Moved(Stage.SMS_CODE)
    assert sign_in.answer(code) == Moved(Stage.SIGNED_IN)


def test_signing_in_by_it_takes_back_the_sms_that_still_waits(person: World) -> None:
    sign_in = at_the_page(person)

    sign_in.answer(BACKUP_CODE)

    assert [message.state.value for message in person.messages()] == ["cancelled"]
    assert person.table("challenges")[0]["sealed_code"] is None


def test_two_desks_at_once_accept_it_once(person: World) -> None:
    together = threading.Barrier(4)

    def use(number: int) -> Outcome:
        with closing(person.neighbour(f"balie {number}")) as desk:
            sign_in = at_the_page(desk)
            together.wait(30)
            return sign_in.answer(BACKUP_CODE)

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(use, range(4)))
    person.neighbours.clear()

    assert len([outcome for outcome in outcomes if isinstance(outcome, Moved)]) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert {why(outcome) for outcome in refused} <= {"backup.used_before", "backup.wrong"}
    assert [row["state"] for row in person.table("backup_codes")] == ["used", "issued"]
    assert person.actions().count(("sign_in.backup_code", "ok")) == 1


def test_a_right_guess_at_the_same_time_as_the_last_wrong_ones_learns_nothing(person: World) -> None:
    sign_in = at_the_page(person)
    method = sign_in._standing.method
    assert isinstance(method, EightDigitMethod)
    compared = method._compare(BACKUP_CODE)
    miss(person, 10)
    person.unlock()

    with person.site.database.transaction(write=True):
        verdict = method._judge(compared, lambda: None)

    assert verdict.why is not None
    assert verdict.why.text_id == "backup.limit_day"
    assert person.table("backup_codes")[0]["state"] == "confirmed"


def test_a_policy_with_fewer_tries_is_kept_and_shown(tmp_path: Path) -> None:
    policy = Policy(backup_code=BackupCodePolicy(tries_per_sign_in=2))
    with closing(World.make(tmp_path, policy)) as world:
        world.modem()
        world.person()
        world.give_backup_code()
        sign_in = at_the_page(world)
        shown = sign_in.view().code

        outcomes = [why(sign_in.answer(WRONG)) for _ in range(2)]

    assert shown is not None
    assert shown.tries_left == 2
    assert outcomes == ["backup.wrong", "sms.code.used_up"]


def test_it_is_kept_only_as_a_slow_hash(person: World) -> None:
    at_the_page(person).answer(BACKUP_CODE)

    [used, _new] = person.table("backup_codes")

    assert used["code_hash"].split("$")[1] == "argon2id"
    assert person.hasher.verify(BACKUP_CODE, used["code_hash"], Secret.CODE)
    assert BACKUP_CODE.encode() not in person.everything_kept()
