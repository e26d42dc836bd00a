"""The numbers of the sign-in: defaults, ranges, and what contradicts."""

from dataclasses import Field, fields, replace
from typing import Any

import pytest

from kiosk.policy import PasswordPolicy, Policy, Range, SmsPolicy, TemporaryCodePolicy, allowed_range, excesses, groups

SETTINGS = [(name, setting) for name, group in groups().items() for setting in fields(group)]


def identity(value: object) -> str:
    return value.name if isinstance(value, Field) else str(value)


def test_the_groups_are_those_of_the_policy() -> None:
    assert list(groups()) == [group.name for group in fields(Policy)]


@pytest.mark.parametrize(("group", "setting"), SETTINGS, ids=identity)
def test_every_number_has_a_range_that_holds_its_default(group: str, setting: Field[Any]) -> None:
    allowed = allowed_range(setting)
    value = setting.default
    numbers = value if isinstance(value, tuple) else (value,)
    if all(type(number) is int for number in numbers):
        assert allowed is not None
        assert all(number in allowed for number in numbers)
    else:
        assert allowed is None


def test_the_defaults_do_not_contradict_each_other() -> None:
    assert excesses(Policy()) == []


@pytest.mark.parametrize(("value", "inside"), [(0, False), (1, True), (10, True), (11, False)])
def test_a_range_includes_both_ends(value: int, inside: bool) -> None:
    assert (value in Range(1, 10)) is inside


@pytest.mark.parametrize(
    ("group", "setting", "laxest"),
    [
        # The greatest or least value that a norm leaves, where laxer is more or less.
        ("password", "minimum_length", 12),
        ("password", "lock_after", 100),
        ("password", "one_time_hours", 72),
        ("password", "first_wait_seconds", 15),
        ("sms", "code_minutes", 10),
        ("sms", "code_maximum_minutes", 10),
        ("sms", "code_digits", 6),
        ("sms", "tries", 5),
        ("sms", "cooldown_seconds", 30),
        ("sms", "per_user_hour", 5),
        ("sms", "per_user_day", 10),
        ("sms", "per_number_hour", 10),
        ("sms", "per_desk_hour", 20),
        ("sms", "per_site_hour", 120),
        ("sms", "reserve_percent", 20),
        ("totp", "window_steps", 1),
        ("backup_code", "tries_per_sign_in", 5),
        ("backup_code", "tries_per_day", 10),
        ("backup_code", "disable_after", 20),
        ("second_factor", "failures_end_sign_in", 5),
        ("second_factor", "failures_lock", 20),
        ("idle", "absolute_hours", 12),
        ("idle", "warning_seconds", 20),
        ("idle", "extensions", 10),
        ("temporary_code", "maximum_hours", 24),
        ("temporary_code", "tries", 5),
        ("administration", "reauthentication_minutes", 10),
    ],
)
def test_no_site_can_be_laxer_than_the_norm(group: str, setting: str, laxest: int) -> None:
    [found] = [each for name, each in SETTINGS if (name, each.name) == (group, setting)]
    allowed = allowed_range(found)
    assert allowed is not None
    assert laxest in {allowed.low, allowed.high}


def test_a_code_cannot_live_longer_than_its_maximum() -> None:
    policy = Policy(sms=replace(SmsPolicy(), code_minutes=6, code_maximum_minutes=5))
    [excess] = excesses(policy)
    assert (excess.setting, excess.limit, excess.limited_by) == ("sms.code_minutes", 5, "sms.code_maximum_minutes")


def test_a_temporary_code_cannot_be_offered_for_longer_than_its_maximum() -> None:
    policy = Policy(temporary_code=replace(TemporaryCodePolicy(), minutes=61, maximum_hours=1))
    assert [excess.setting for excess in excesses(policy)] == ["temporary_code.minutes"]


def test_a_policy_cannot_be_changed_after_it_was_read() -> None:
    with pytest.raises(AttributeError):
        PasswordPolicy().lock_after = 1000  # type: ignore[misc]
