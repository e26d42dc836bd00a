"""A YubiKey that types and letters that act, on pages with fields, with boxes, and with nothing focused."""

import pytest
from textual.pilot import Pilot

from screens import keys
from screens.page import Page
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Field
from tests.screens.doubles import (
    CodeSample,
    LoginSample,
    QuestionSample,
    SmallApp,
    StillClock,
    ready,
    seen_text,
    show,
    small_app,
    type_fast,
    until,
)
from tests.screens.test_typed_burst import YUBICO_EXAMPLE


async def touch(pilot: Pilot[None]) -> None:
    """Touch the key."""
    await type_fast(pilot, YUBICO_EXAMPLE, "enter")


async def test_a_key_in_a_field_submits_nothing_and_leaves_what_the_person_typed() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = app.screen
            assert isinstance(page, LoginSample)
            await pilot.press("j", "a", "n", "tab", "g", "e", "h")
            clock.advance(1)
            await touch(pilot)
            assert page.query_one("#name", Field).value == "jan"
            assert page.query_one("#password", Field).value == "geh"
            assert page.handed_in == []
            assert "Dit telt niet als poging" in seen_text(app)


async def test_a_key_in_the_middle_of_a_text_leaves_both_ends() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("j", "a", "n", "left")
            clock.advance(1)
            await touch(pilot)
            entry = app.screen.query_one("#name", Field).entry
            assert (entry.value, entry.cursor_position) == ("jan", 2)


async def test_a_key_on_the_boxes_submits_no_code() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            await touch(pilot)
            assert page.submitted == []
            assert page.pressed == []
            assert not app.keys.holding
            assert "Dit telt niet als poging" in seen_text(app)


@pytest.mark.parametrize("page", [CodeSample, QuestionSample])
async def test_a_key_with_nothing_focused_presses_nothing_and_is_named(page: type[Page[object]]) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            shown = page()
            await show(pilot, shown)
            app.set_focus(None)
            await touch(pilot)
            assert app.screen is shown
            assert not app.keys.holding
            assert "Een YubiKey heeft getypt; er is niets gebeurd." in seen_text(app)


async def test_a_letter_presses_its_action_after_the_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a busy machine needs to come back to this test.
    monkeypatch.setattr(keys, "LETTER_SILENCE_SECONDS", 1.0)
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            await pilot.press("a")
            assert page.pressed == []
            await until(pilot, lambda: page.pressed == ["alternatives"])


@pytest.mark.parametrize("second", ["t", "enter", "tab", "1"])
async def test_a_letter_with_company_presses_nothing(second: str) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            await pilot.press("a", second)
            assert not app.keys.holding
            assert page.pressed == []
            assert page.submitted == []


async def test_a_letter_of_an_action_that_is_hidden_or_off_presses_nothing() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            page.query_one("#alternatives").display = False
            page.query_one("#back").disabled = True
            assert not page.letter("a")
            assert not page.letter("t")


async def test_letters_are_typed_in_a_field_at_once() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("a", "t")
            assert app.screen.query_one("#name", Field).value == "at"


async def test_a_letter_does_not_go_into_the_boxes() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            await pilot.press("1", "x")
            await until(pilot, lambda: not app.keys.holding)
            assert page.query_one(CodeBoxes).typed == "1"


async def test_nothing_that_was_typed_stays_behind_for_the_next_person() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await type_fast(pilot, YUBICO_EXAMPLE[:40])
            await app.show_login()
            await pilot.pause()
            await type_fast(pilot, YUBICO_EXAMPLE[40:], "enter")
            assert isinstance(app, SmallApp)
            assert app.screen.query_one("#name", Field).value == YUBICO_EXAMPLE[40:]
