"""A page that nobody touches warns, counts down and ends; whoever is there gets more time."""

from dataclasses import replace
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from kiosk.desk_status import DeskStatus
from screens.help import HelpPage
from screens.idle import IdleDialog
from screens.page import Page
from screens.widgets.status_strip import StripKey
from tests.screens.doubles import (
    FACTS,
    STATUS,
    BackupCodeSample,
    CodeSample,
    LoginSample,
    SmallApp,
    StillClock,
    ready,
    seen_text,
    show,
    small_app,
    until,
)

TWICE = replace(FACTS, idle_extensions=2)

IDLE = 180
WARNING = 20


def mouse(kind: type[events.MouseEvent]) -> events.MouseEvent:
    """The mouse does something on an empty place."""
    return kind(None, x=2, y=3, delta_x=1, delta_y=0, button=1, shift=False, meta=False, ctrl=False)


class SilentSample(LoginSample):
    """A page with nothing to lose."""

    idle_silent = True


class EndlessSample(CodeSample):
    """A page that waits for ever."""

    @property
    def idle_seconds(self) -> int | None:
        return None


class OwnEndSample(CodeSample):
    """A page with an end of its own."""

    ended_idle = 0

    async def idle_ended(self) -> None:
        self.ended_idle += 1


async def wait(pilot: Pilot[Any], clock: StillClock, seconds: float) -> None:
    """Let that much time go by, and the app look at the clock."""
    app = pilot.app
    assert isinstance(app, SmallApp)
    clock.advance(seconds)
    app.tick()
    await pilot.pause()


async def warned(pilot: Pilot[Any], clock: StillClock, page: Page[Any]) -> None:
    """Show `page` and wait until it warns."""
    await ready(pilot)
    await show(pilot, page)
    await wait(pilot, clock, IDLE - WARNING)
    assert isinstance(pilot.app.screen, IdleDialog)


async def test_nothing_happens_before_the_warning() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            await wait(pilot, clock, IDLE - WARNING - 1)
            assert app.screen is page


async def test_the_warning_counts_down_second_by_second() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await warned(pilot, clock, CodeSample())
            assert "Over 20 seconden gaat dit scherm terug naar de inlogpagina." in seen_text(app)
            await wait(pilot, clock, 1)
            assert "Over 19 seconden" in seen_text(app)
            await wait(pilot, clock, 18)
            assert "Over 1 seconde gaat" in seen_text(app)


async def test_the_end_is_a_fresh_login_page_that_says_why() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await warned(pilot, clock, CodeSample())
            await wait(pilot, clock, WARNING)
            await until(pilot, lambda: isinstance(app.screen, LoginSample))
            await pilot.pause()
            assert len(app.screen_stack) == 2
            assert "Er gebeurde een tijd niets" in seen_text(app)


async def test_the_words_of_the_warning_are_those_of_the_page() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await warned(pilot, clock, BackupCodeSample())
            assert "Over 20 seconden verdwijnt uw back-upcode." in seen_text(app)


async def test_the_warning_speaks_the_other_language_too() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await warned(pilot, clock, CodeSample())
            await pilot.press("f2")
            await pilot.pause()
            assert "In 20 seconds this screen goes back" in seen_text(app)


@pytest.mark.parametrize("key", ["enter", "space", "escape", "click"])
async def test_more_time_is_the_whole_time(key: str) -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            page = CodeSample()
            await warned(pilot, clock, page)
            await (pilot.click("#more-time") if key == "click" else pilot.press(key))
            await pilot.pause()
            assert app.screen is page
            await wait(pilot, clock, IDLE - WARNING - 1)
            assert app.screen is page
            await wait(pilot, clock, 1)
            assert isinstance(app.screen, IdleDialog)


async def test_a_letter_is_a_sign_of_life_too() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            page = CodeSample()
            await warned(pilot, clock, page)
            await pilot.press("x")
            await until(pilot, lambda: app.screen is page)


async def test_more_time_is_there_as_often_as_the_site_says_and_then_no_more() -> None:
    clock = StillClock()
    with small_app(clock=clock, facts=TWICE) as app:
        async with app.run_test() as pilot:
            page = CodeSample()
            await ready(pilot)
            await show(pilot, page)
            for _ in range(2):
                await wait(pilot, clock, IDLE - WARNING)
                await pilot.press("enter")
                await pilot.pause()
                assert app.screen is page
            await wait(pilot, clock, IDLE - WARNING)
            await pilot.press("enter", "escape")
            await pilot.pause()
            assert isinstance(app.screen, IdleDialog)
            assert "omdat er lang niets is ingevuld" in seen_text(app)
            await wait(pilot, clock, WARNING)
            await until(pilot, lambda: isinstance(app.screen, LoginSample))


async def test_whoever_does_something_has_them_all_again() -> None:
    clock = StillClock()
    with small_app(clock=clock, facts=TWICE) as app:
        async with app.run_test() as pilot:
            page = CodeSample()
            await ready(pilot)
            await show(pilot, page)
            for _ in range(3):
                await wait(pilot, clock, IDLE - WARNING)
                await pilot.press("enter")
                await pilot.pause()
                await pilot.press("1", "backspace")
            assert app.screen is page


@pytest.mark.parametrize(
    "sign", [events.Key("1", "1"), mouse(events.MouseDown), mouse(events.MouseScrollDown), events.Paste("1")]
)
async def test_every_sign_of_life_starts_the_time_anew(sign: events.Event) -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            await wait(pilot, clock, 100)
            assert app._driver is not None
            app._driver.send_message(sign)
            await pilot.pause()
            await wait(pilot, clock, IDLE - WARNING - 1)
            assert app.screen is page


async def test_a_mouse_that_only_moves_is_nobody() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await wait(pilot, clock, 100)
            assert app._driver is not None
            app._driver.send_message(mouse(events.MouseMove))
            await pilot.pause()
            await wait(pilot, clock, IDLE - WARNING - 100)
            assert isinstance(app.screen, IdleDialog)


async def test_a_dialog_is_as_idle_as_its_page() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            page = OwnEndSample()
            await ready(pilot)
            await show(pilot, page)
            await pilot.press("f1")
            assert isinstance(app.screen, HelpPage)
            await wait(pilot, clock, IDLE - WARNING)
            assert isinstance(app.screen, IdleDialog)
            await wait(pilot, clock, WARNING)
            await until(pilot, lambda: page.ended_idle == 1)


async def test_over_a_dialog_the_words_are_still_those_of_the_page() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, BackupCodeSample())
            await pilot.press("f1")
            await wait(pilot, clock, IDLE - WARNING)
            assert "verdwijnt uw back-upcode" in seen_text(app)


async def test_a_page_that_waits_for_ever_does() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = EndlessSample()
            await show(pilot, page)
            await wait(pilot, clock, 100_000)
            assert app.screen is page


async def test_a_page_that_begins_to_end_late_still_gives_the_whole_warning() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await wait(pilot, clock, 10_000)
            assert "Over 20 seconden" in seen_text(app)
            await wait(pilot, clock, WARNING - 1)
            assert isinstance(app.screen, IdleDialog)


async def test_nothing_to_lose_ends_without_a_warning() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = SilentSample()
            await show(pilot, page)
            await wait(pilot, clock, IDLE - 1)
            assert app.screen is page
            await wait(pilot, clock, 1)
            await until(pilot, lambda: app.screen is not page)
            assert isinstance(app.screen, LoginSample)


@pytest.mark.parametrize(("status", "code"), [(STATUS, 0), (replace(STATUS, out_of_service="out.database.missing"), 1)])
async def test_a_gate_that_nobody_stands_before_ends_and_says_whether_it_worked(status: DeskStatus, code: int) -> None:
    clock = StillClock()
    with small_app(clock=clock, status=status, gate=lambda _passed: pytest.fail("nobody signed in")) as app:
        async with app.run_test() as pilot:
            await warned(pilot, clock, CodeSample())
            await wait(pilot, clock, WARNING)
            await until(pilot, lambda: app._exit)
    assert app.return_code == code


async def test_whoever_called_a_gate_can_leave_it_and_is_told_how() -> None:
    with small_app(gate=lambda _passed: pytest.fail("nobody signed in")) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            assert "Ctrl+C Stoppen" in str(app.screen.query_one("#key-ctrl-c", StripKey).visual)
            await pilot.press("ctrl+c")
            await until(pilot, lambda: app._exit)
