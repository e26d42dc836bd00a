"""Making people: what is handed over once, what is kept, and nothing at all when something is wrong."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.backup_codes import BackupCodeState
from data.factors import FactorKind, FactorState
from data.users import PasswordState, Role, UserState
from kiosk.accounts import (
    AccountError,
    Accounts,
    NameTaken,
    NameUnusable,
    NeedsOtherFactor,
    NewPerson,
    NumberUnusable,
    new_one_time_password,
    normalised_number,
)
from kiosk.passwords import Secret
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.world import PASSWORD, World

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World.make(tmp_path)) as made:
        yield made


@pytest.fixture
def accounts(world: World) -> Accounts:
    return Accounts(world.site, world.trail, actor="unix:beheer")


def person(name: str = "j.devries", **others: object) -> NewPerson:
    return NewPerson(**{"name": name, "display_name": "Jan", "phone": "0612345678", **others})  # type: ignore[arg-type]


def test_a_new_person_has_a_one_time_password_and_proves_the_rest_later(world: World, accounts: Accounts) -> None:
    created = accounts.create(person(app=True), reason="nieuw")

    user = world.user()
    assert (user.state, user.password_state) == (UserState.INVITED, PasswordState.ONE_TIME)
    assert user.password_expires_at == world.clock.now() + 72 * 3600 * 1000
    assert world.hasher.verify(created.one_time_password, user.password_hash)
    factors = world.site.database.factors.of_user(user.id)
    assert [(one.kind, one.state) for one in factors] == [
        (FactorKind.SMS, FactorState.OFFERED),
        (FactorKind.TOTP, FactorState.OFFERED),
    ]
    assert world.site.database.factors.secret(factors[0]) == b"+31612345678"
    assert world.site.database.factors.secret(factors[1]).decode() == created.totp_secret


def test_the_first_administrator_signs_in_with_what_was_proved(world: World, accounts: Accounts) -> None:
    user = accounts.add_proven_person(
        person(role=Role.ADMINISTRATOR, app=True), password=PASSWORD, totp_secret=SECRET, reason="begin"
    )
    code = accounts.issue_backup_code(user)

    assert world.attempt(PASSWORD) == Moved(Stage.TOTP)
    backup = world.site.database.backup_codes.live(user.id)
    assert backup is not None
    assert backup.state is BackupCodeState.CONFIRMED
    assert world.hasher.verify(code, backup.code_hash, Secret.CODE)
    assert world.site.database.factors.of_user(user.id)[0].state is FactorState.OFFERED, "the phone was not proved"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": ""}, NameUnusable),
        ({"name": "   "}, NameUnusable),
        ({"name": "a\x1b[31m"}, NameUnusable),
        ({"name": "\u202ejan"}, NameUnusable),
        ({"name": "x" * 65}, NameUnusable),
        ({"display_name": "\n"}, NameUnusable),
        ({"phone": "12"}, NumberUnusable),
        ({"phone": "+32470123456"}, NumberUnusable),
        ({"role": Role.AUDITOR}, NeedsOtherFactor),
        ({"role": Role.TECHNICIAN}, NeedsOtherFactor),
        ({"role": Role.ADMINISTRATOR}, NeedsOtherFactor),
    ],
)
def test_what_cannot_be_is_refused_and_adds_nothing(
    world: World, accounts: Accounts, wrong: dict[str, object], error: type[AccountError]
) -> None:
    with pytest.raises(error):
        accounts.create(person(**wrong), reason="x")  # type: ignore[arg-type]

    assert world.table("users") == world.table("factors") == world.table("audit") == []


def test_a_name_that_is_taken_adds_nothing(world: World, accounts: Accounts) -> None:
    accounts.create(person(), reason="x")

    with pytest.raises(NameTaken):
        accounts.create(person("J.DEVRIES", phone="0687654321"), reason="x")

    assert len(world.table("users")) == len(world.table("factors")) == 1


def test_errors_keep_no_number(accounts: Accounts) -> None:
    with pytest.raises(NumberUnusable) as caught:
        accounts.create(person(phone="+32 470 12 34 56"), reason="x")

    assert "470" not in repr(caught.value)
    assert "470" not in str(caught.value)


def test_one_time_passwords_are_80_random_bits_that_are_never_misread() -> None:
    made = {new_one_time_password() for _ in range(200)}

    assert len(made) == 200
    assert {len(one) for one in made} == {19}
    assert set("".join(made)) - {"-"} <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert 32**16 == 2**80


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format"),
        ("abc", "format"),
        ("030 555 01 23", "format"),
        ("0900 0123", "format"),
        ("0800 0432", "format"),
        ("112", "format"),
        ("+999 12345678", "format"),
        ("+44 7400 123456", "country"),
    ],
)
def test_a_number_that_takes_no_sms_is_refused(text: str, reason: str) -> None:
    with pytest.raises(NumberUnusable) as caught:
        normalised_number(text, ("31", "32"))

    assert caught.value.reason == reason


@pytest.mark.parametrize("typed", ["06 12345678", "+31 6 12345678", "0031612345678", "+31 (0)6-12345678"])
def test_a_number_may_be_written_as_people_do(typed: str) -> None:
    assert normalised_number(typed, ("31", "32")) == "+31612345678"


def test_a_second_country_of_the_site_is_written_internationally() -> None:
    assert normalised_number("+32 470 12 34 56", ("31", "32")) == "+32470123456"
    assert normalised_number("0470 12 34 56", ("32", "31")) == "+32470123456"


@given(st.text(max_size=30))
def test_whatever_is_given_as_a_number_is_a_number_or_refused(text: str) -> None:
    try:
        number = normalised_number(text, ("31",))
    except NumberUnusable:
        return
    assert number.startswith("+31")
    assert number[1:].isascii()
    assert number[1:].isdigit()
