"""Keys that work on every page, and the many that must not."""

import pytest

from screens.help import HelpPage, Menu
from screens.widgets.field import Field
from tests.screens.doubles import (
    CodeSample,
    LoginSample,
    QuestionSample,
    ready,
    seen_text,
    show,
    small_app,
    type_fast,
    until,
)

WAYS_OUT = (
    "ctrl+c", "ctrl+q", "ctrl+z", "ctrl+backslash", "ctrl+d", "ctrl+p", "ctrl+o", "ctrl+w", "ctrl+s", "ctrl+r", "ctrl+l",
    "ctrl+x", "ctrl+v", "ctrl+at", "ctrl+underscore", "alt+f4", "f4", "f5", "f6", "f7", "f8", "f10", "f11", "f12",
)  # fmt: skip


@pytest.mark.parametrize("page", [None, CodeSample, QuestionSample, HelpPage])
async def test_no_key_leads_out_of_the_program(page: type | None) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            if page is not None:
                await show(pilot, page())
            before = app.screen
            await type_fast(pilot, "", *WAYS_OUT)
            assert app.is_running
            assert app.screen is before
            assert app.return_value is None


async def test_f9_does_nothing_outside_the_demonstration() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            before = app.screen
            await pilot.press("f9")
            assert app.screen is before


@pytest.mark.parametrize("page", [None, CodeSample, QuestionSample])
async def test_f1_opens_help_over_every_page_and_dialog(page: type | None) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            if page is not None:
                await show(pilot, page())
            below = app.screen
            await pilot.press("f1")
            assert isinstance(app.screen, HelpPage)
            await pilot.press("f1", "escape")
            assert app.screen is below


@pytest.mark.parametrize("page", [None, CodeSample, QuestionSample, HelpPage])
async def test_f2_and_f3_work_on_every_page_and_dialog(page: type | None) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            if page is not None:
                await show(pilot, page())
            await pilot.press("f2", "f3")
            assert app.language.code == "en"
            assert app.theme == "kiosk-dark-contrast"
            assert "High contrast is on" in seen_text(app)
            await pilot.press("f3", "f2")
            assert app.language.code == "nl"
            assert app.theme == "kiosk-dark"
            assert "Hoog contrast staat uit" in seen_text(app)


async def test_bar_and_strip_keep_their_colours_under_a_dialog() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)

            def rows() -> list[str]:
                strips = app.screen._compositor.render_strips()
                return [str([(s.text, s.style) for s in strips[row]._segments]) for row in (0, -1)]

            bright = rows()
            await show(pilot, QuestionSample())
            assert rows() == bright


async def test_a_question_mark_is_help_outside_fields() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpPage))


async def test_a_question_mark_is_typed_in_a_field() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("question_mark")
            assert app.screen.query_one("#name", Field).value == "?"
            assert isinstance(app.screen, LoginSample)


async def test_the_menu_offers_what_the_f_keys_do() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("escape")
            assert isinstance(app.screen, Menu)
            await pilot.press("down", "enter")
            assert app.language.code == "en"
            await pilot.press("down", "enter")
            assert app.contrast
            await pilot.press("escape")
            assert isinstance(app.screen, LoginSample)


async def test_arrows_and_tab_move_the_focus_and_enter_takes_the_next_step() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            await pilot.press("down", "enter", "down", "enter", "shift+tab", "space", "up", "1", "enter")
            assert page.pressed == ["sign-in", "alternatives", "sign-in"]
            assert page.submitted == ["1"]


async def test_enter_without_any_focus_is_the_first_action() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            app.set_focus(None)
            await pilot.press("enter")
            assert page.pressed == ["sign-in"]


@pytest.mark.parametrize(("target", "does"), [("#key-f1", "help"), ("#key-f2", "language"), ("#key-f3", "contrast")])
async def test_the_keys_in_the_strip_are_targets_for_the_mouse(target: str, does: str) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.click(target)
            await pilot.pause()
            happened = {
                "help": isinstance(app.screen, HelpPage),
                "language": app.language.code == "en",
                "contrast": app.contrast,
            }
            assert [what for what, did in happened.items() if did] == [does]


async def test_a_touch_on_the_languages_switches() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.click("#languages")
            assert app.language.code == "en"
