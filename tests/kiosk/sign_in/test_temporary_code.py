"""The administrator's temporary code: first after the password, tried before the back-up code, good once."""

import pytest

from kiosk.methods.backup_code import EightDigitMethod
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Stage
from tests.kiosk.world import BACKUP_CODE, TEMPORARY_CODE, World, other_than, why

WRONG = other_than(TEMPORARY_CODE)


@pytest.fixture
def person(world: World) -> World:
    """Somebody with a phone, a back-up code and a temporary code."""
    world.person()
    world.give_backup_code()
    world.give_temporary_code()
    return world


def left(sign_in: SignIn) -> int:
    code = sign_in.view().code
    assert code is not None
    return code.tries_left


def test_its_page_follows_the_password_and_no_sms_is_sent(person: World) -> None:
    sign_in = person.begun()

    assert sign_in.stage is Stage.TEMPORARY_CODE
    assert person.messages() == []


def test_it_signs_in_and_leaves_the_back_up_code_alone(person: World) -> None:
    sign_in = person.begun()

    outcome = sign_in.answer("0482 1937")

    assert outcome == Moved(Stage.SIGNED_IN)
    home = sign_in.view().home
    assert home is not None
    assert home.method is MethodKind.TEMPORARY_CODE
    [backup] = person.table("backup_codes")
    assert (backup["state"], backup["failures_in_row"]) == ("confirmed", 0)


def test_it_is_good_once(person: World) -> None:
    person.begun().answer(TEMPORARY_CODE)

    again = person.begun()

    assert again.stage is Stage.SMS_CODE
    again.take(MethodKind.BACKUP_CODE)
    assert why(again.answer(TEMPORARY_CODE)) == "backup.wrong"


@pytest.mark.parametrize("stage", [Stage.TEMPORARY_CODE, Stage.BACKUP_CODE])
def test_the_page_takes_the_back_up_code_too_and_that_leaves_the_temporary_one(person: World, stage: Stage) -> None:
    sign_in = person.begun()
    if stage is Stage.BACKUP_CODE:
        sign_in.take(MethodKind.BACKUP_CODE)
    assert sign_in.stage is stage

    assert sign_in.answer(BACKUP_CODE) == Moved(Stage.SUCCESS)
    assert person.table("temporary_codes")[0]["state"] == "issued"
    sign_in.confirm_backup_code()
    home = sign_in.view().home
    assert home is not None
    assert home.method is MethodKind.BACKUP_CODE


def test_a_miss_of_both_codes_counts_once(person: World) -> None:
    sign_in = person.begun()

    outcome = sign_in.answer(WRONG)

    assert isinstance(outcome, Refused)
    assert outcome.why.values == {"left": 4}
    assert left(sign_in) == 4
    assert person.user().second_factor_failures == 1
    assert person.table("temporary_codes")[0]["tries"] == 1
    assert person.table("backup_codes")[0]["failures_in_row"] == 1


def test_without_a_back_up_code_a_miss_is_told_and_counted_all_the_same(world: World) -> None:
    world.person()
    world.give_temporary_code()
    sign_in = world.begun()

    assert why(sign_in.answer(WRONG)) == "backup.wrong"
    assert left(sign_in) == 4
    assert sign_in.answer(TEMPORARY_CODE) == Moved(Stage.SUCCESS)


def test_one_that_expired_on_the_page_says_so_and_costs_no_try(person: World) -> None:
    sign_in = person.begun()
    person.clock.pass_seconds(601)

    outcome = sign_in.answer(TEMPORARY_CODE)

    assert why(outcome) == "backup.temporary_expired"
    assert isinstance(outcome, Refused)
    assert outcome.names_contact
    assert person.recorded(outcome.reference) == ("sign_in.temporary_code", "temporary_expired")
    assert left(sign_in) == 5
    assert person.begun().stage is Stage.SMS_CODE


def test_one_whose_tries_are_used_up_does_not_stand_in_the_way_of_the_sms(person: World) -> None:
    sign_in = person.begun()
    for _ in range(5):
        sign_in.answer(WRONG)

    again = person.begun()

    assert again.stage is Stage.SMS_CODE
    assert why(again.take(MethodKind.TEMPORARY_CODE)) == "backup.temporary_expired"
    again.take(MethodKind.BACKUP_CODE)
    assert why(again.answer(TEMPORARY_CODE)) == "backup.wrong"


def test_one_that_was_withdrawn_is_not_taken(person: World) -> None:
    sign_in = person.begun()
    with person.site.database.transaction(write=True):
        person.site.database.temporary_codes.revoke_all(person.clock.now())

    assert why(sign_in.answer(TEMPORARY_CODE)) == "backup.temporary_expired"


def test_two_sign_ins_at_once_take_it_once(person: World) -> None:
    here, there = person.begun(), person.neighbour().begun()

    assert isinstance(here.answer(TEMPORARY_CODE), Moved)
    assert why(there.answer(TEMPORARY_CODE)) == "backup.temporary_expired"
    assert person.actions().count(("sign_in.temporary_code", "ok")) == 1


def test_a_right_guess_at_the_same_time_as_the_last_wrong_ones_learns_nothing(person: World) -> None:
    here, there = person.begun(), person.neighbour().begun()
    method = here._standing.method
    assert isinstance(method, EightDigitMethod)
    compared = method._compare(TEMPORARY_CODE)
    for _ in range(5):
        there.answer(WRONG)

    with person.site.database.transaction(write=True):
        verdict = method._judge(compared, lambda: None)

    assert verdict.why is not None
    assert verdict.why.text_id == "backup.temporary_expired"
    assert person.table("temporary_codes")[0]["state"] == "issued"


def test_at_a_first_sign_in_it_gets_in_and_the_phone_is_asked_about_next_time(world: World) -> None:
    created = world.invite()
    world.give_temporary_code()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", created.one_time_password)
    sign_in.choose_own_password("andere losse woorden hier", "andere losse woorden hier")

    assert sign_in.stage is Stage.TEMPORARY_CODE
    assert sign_in.answer(TEMPORARY_CODE) == Moved(Stage.SUCCESS)
    sign_in.confirm_backup_code()

    assert world.begun(password="andere losse woorden hier").stage is Stage.CONFIRM_PHONE
