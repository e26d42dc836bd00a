"""Who watches is told once per change, and one that fails or leaves hurts nobody."""

import logging
from typing import Final

import pytest

from kiosk.watch import Subscription, Watchers


class Lamp:
    """Something that is watched."""

    def __init__(self) -> None:
        self.state = "off"
        self.broken = False
        self.watchers: Final = Watchers(self.look)

    def look(self) -> str:
        if self.broken:
            raise OSError
        return self.state


def test_a_watcher_is_told_at_once_and_then_once_per_change() -> None:
    lamp, seen = Lamp(), list[str]()
    lamp.watchers.watch(seen.append)

    unchanged = lamp.watchers.refresh()
    lamp.state = "on"
    changed = lamp.watchers.refresh()

    assert seen == ["off", "on"]
    assert (unchanged, changed) == (False, True)


def test_a_change_that_a_new_watcher_saw_first_is_told_to_the_others_too() -> None:
    lamp, first, second = Lamp(), list[str](), list[str]()
    lamp.watchers.watch(first.append)
    lamp.state = "on"

    lamp.watchers.watch(second.append)
    lamp.watchers.refresh()

    assert first == ["off", "on"]
    assert second == ["on"]


def test_nobody_is_told_after_cancelling_and_cancelling_twice_is_harmless() -> None:
    lamp, seen = Lamp(), list[str]()
    subscription = lamp.watchers.watch(seen.append)

    subscription.cancel()
    subscription.cancel()
    lamp.state = "on"

    assert not lamp.watchers.refresh()
    assert seen == ["off"]
    assert len(lamp.watchers) == 0


def test_one_that_is_cancelled_by_another_watcher_is_not_called_any_more() -> None:
    lamp, seen = Lamp(), list[str]()
    others: list[Subscription] = []

    def cancel_the_others(_state: str) -> None:
        for other in others:
            other.cancel()

    lamp.watchers.watch(cancel_the_others)
    others.append(lamp.watchers.watch(seen.append))
    lamp.state = "on"
    lamp.watchers.refresh()

    assert seen == ["off"]


def test_a_watcher_that_fails_does_not_keep_the_news_from_the_others(caplog: pytest.LogCaptureFixture) -> None:
    lamp, seen = Lamp(), list[str]()

    def fail(_state: str) -> None:
        raise ValueError

    with caplog.at_level(logging.ERROR, "kiosk.watch"):
        lamp.watchers.watch(fail)
        lamp.watchers.watch(seen.append)
        lamp.state = "on"
        lamp.watchers.refresh()

    assert seen == ["off", "on"]
    assert len(caplog.records) == 2


def test_whoever_could_not_be_told_the_present_state_does_not_watch() -> None:
    lamp = Lamp()
    lamp.broken = True

    with pytest.raises(OSError):
        lamp.watchers.watch(print)

    assert len(lamp.watchers) == 0
