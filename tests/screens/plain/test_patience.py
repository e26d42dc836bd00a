"""Idleness of the plain terminal: announced, extended as often as the site allows, then over."""

import dataclasses

import pytest

from kiosk.sign_in.outcomes import Sentence
from screens.plain.patience import NobodyThere, Patience
from tests.screens.doubles import FACTS, StillClock

THREE_MINUTES = 180


def patience(*, extensions: int = 10) -> tuple[Patience, StillClock]:
    clock = StillClock()
    return Patience(dataclasses.replace(FACTS, idle_extensions=extensions), clock.clock()), clock


def said(one: Patience) -> int | None:
    """Seconds left, when something is said."""
    sentence = one.look(THREE_MINUTES, "idle.sign_in")
    return None if sentence is None else int(sentence.values["seconds"])


def test_the_rest_is_said_at_twenty_ten_and_five_seconds_and_not_between() -> None:
    one, clock = patience()
    heard = []
    for _ in range(THREE_MINUTES - 1):
        clock.seconds += 1
        heard.append(said(one))
    assert [seconds for seconds in heard if seconds is not None] == [20, 10, 5]
    clock.seconds += 1
    with pytest.raises(NobodyThere):
        said(one)


def test_a_key_during_the_warning_only_gives_more_time() -> None:
    one, clock = patience()
    clock.seconds += 165
    assert said(one) == 20
    assert one.key()
    assert said(one) is None
    assert not one.key()


def test_a_page_that_is_looked_at_late_still_gives_the_whole_warning() -> None:
    one, clock = patience()
    clock.seconds += 1000
    assert said(one) == 20
    assert said(one) is None


def test_time_is_given_as_often_as_the_site_allows_and_the_last_warning_says_that_it_is_the_last() -> None:
    one, clock = patience(extensions=10)
    for _ in range(10):
        clock.seconds += 165
        assert one.look(THREE_MINUTES, "idle.sign_in") == Sentence("idle.sign_in", {"seconds": 20})
        assert one.key()
    clock.seconds += 165
    assert one.look(THREE_MINUTES, "idle.sign_in") == Sentence("page.idle.last", {"seconds": 20})
    assert one.key()
    clock.seconds += 21
    with pytest.raises(NobodyThere):
        said(one)


def test_an_empty_login_page_ends_without_a_word() -> None:
    one, clock = patience()
    clock.seconds += THREE_MINUTES - 1
    assert one.look(THREE_MINUTES, "idle.sign_in", silent=True) is None
    clock.seconds += 1
    with pytest.raises(NobodyThere):
        one.look(THREE_MINUTES, "idle.sign_in", silent=True)


def test_a_page_without_a_limit_waits_for_ever() -> None:
    one, clock = patience()
    clock.seconds += 10**6
    assert one.look(None, "idle.sign_in") is None
