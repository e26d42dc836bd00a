"""Nothing of the previous person is left when the login page comes back."""

import gc
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from kiosk.sign_in.outcomes import Sentence
from screens.page import Page
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Field
from tests.screens.doubles import (
    BackupCodeSample,
    CodeSample,
    LoginSample,
    QuestionSample,
    SmallApp,
    SmallAttempt,
    ready,
    seen_text,
    show,
    small_app,
    until,
)


async def reset(pilot: Pilot[Any]) -> None:
    """Show the login page and let the old pages go."""
    app = pilot.app
    assert isinstance(app, SmallApp)
    old = list(app.screen_stack[1:])
    await app.show_login()
    await until(pilot, lambda: not any(screen.is_attached for screen in old))
    await pilot.pause()


def holders(app: SmallApp, text: str) -> list[str]:
    """Every widget of the tree that shows or holds `text`."""
    found = []
    for node in app.walk_children(Widget):
        held = [str(value) for value in vars(node).values() if isinstance(value, str)]
        if any(text in part for part in [*held, str(node.render())]):
            found.append(repr(node))
    return found


async def test_fields_are_empty_and_hidden_again() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("j", "a", "n", "tab", "z", "w", "a", "a", "n", "tab", "enter")
            assert holders(app, "zwaan")
            await reset(pilot)
            assert [field.value for field in app.screen.query(Field)] == ["", ""]
            assert not app.screen.query_one("#password", Field).shown
            assert holders(app, "zwaan") == []
            assert holders(app, "jan") == []


async def test_the_focus_stands_on_the_first_field() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("tab", "tab", "tab")
            await reset(pilot)
            assert app.focused is app.screen.query_one("#name", Field).entry


async def test_a_code_in_the_boxes_is_gone() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await pilot.press(*"492039")
            assert app.screen.query_one(CodeBoxes).typed == "492039"
            await reset(pilot)
            assert holders(app, "492039") == []


async def test_a_back_up_code_is_in_no_widget_of_the_tree() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, BackupCodeSample())
            assert holders(app, "1753 2256")
            await reset(pilot)
            assert holders(app, "1753 2256") == []


async def test_no_page_of_the_previous_person_is_kept_anywhere() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, BackupCodeSample())
            await reset(pilot)
            await pilot.pause()
            gc.collect()
            assert [page for page in gc.get_objects() if isinstance(page, BackupCodeSample)] == []


async def test_nothing_that_was_painted_for_the_previous_person_is_kept_anywhere() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            before = painted_digits()
            await show(pilot, BackupCodeSample())
            await pilot.pause()
            assert painted_digits() - before
            await reset(pilot)
            assert painted_digits() - before == set()


def painted_digits() -> set[int]:
    """Every painted line of block digits that is still in memory, whichever app painted it."""
    gc.collect()
    return {id(strip) for strip in gc.get_objects() if isinstance(strip, Strip) and "▀▀▀ " in strip.text}


async def test_no_login_page_outlives_the_next_while_the_status_of_the_desk_stays_the_same() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            for _ in range(3):
                await pilot.press("j", "a", "n")
                await reset(pilot)
            await pilot.pause()
            gc.collect()
            assert [page for page in gc.get_objects() if isinstance(page, LoginSample)] == [app.screen]


async def test_every_dialog_is_unwound() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await show(pilot, QuestionSample())
            await pilot.press("f1")
            await reset(pilot)
            assert [type(screen) for screen in app.screen_stack[1:]] == [LoginSample]


async def test_a_dialog_that_somebody_waits_for_is_unwound_with_whoever_waits() -> None:
    answers: list[bool] = []

    class Asking(Page[None]):
        def on_mount(self) -> None:
            self.run_worker(self._ask())

        async def _ask(self) -> None:
            answers.append(await self.app.push_screen_wait(QuestionSample()))

    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, Asking())
            await until(pilot, lambda: isinstance(app.screen, QuestionSample))
            await reset(pilot)
            assert answers == []
            assert [worker for worker in app.workers if worker.is_running and worker.group == "default"] == []


async def test_toasts_are_gone() -> None:
    with small_app() as app:
        async with app.run_test(notifications=True) as pilot:
            await ready(pilot)
            app.notify("Uw code is 492039", timeout=60)
            await pilot.pause()
            await reset(pilot)
            assert list(app._notifications) == []
            assert "492039" not in seen_text(app)


@pytest.mark.parametrize("keys", [["ctrl+c"], ["ctrl+x"], ["ctrl+a", "ctrl+c"], ["shift+home", "ctrl+c"], ["super+c"]])
async def test_nothing_is_copied_from_a_field(keys: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            written: list[str] = []
            assert app._driver is not None
            monkeypatch.setattr(app._driver, "write", written.append)
            await pilot.press("tab", *"zwaan", *keys)
            assert app.clipboard == ""
            assert app.screen.query_one("#password", Field).value == "zwaan"
            assert [text for text in written if "]52;" in text] == []


async def test_nothing_is_copied_by_the_program_either(monkeypatch: pytest.MonkeyPatch) -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            written: list[str] = []
            assert app._driver is not None
            monkeypatch.setattr(app._driver, "write", written.append)
            app.copy_to_clipboard("zwaan")
            assert app.clipboard == ""
            assert written == []


async def test_dragging_the_mouse_selects_nothing() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            entry = app.screen.query_one("#name", Field).entry
            await pilot.press(*"jan")
            await pilot.mouse_down(entry, offset=(2, 1))
            await pilot.hover(entry, offset=(5, 1))
            await pilot.mouse_up(entry, offset=(5, 1))
            assert entry.selected_text == ""
            assert app.screen.selections == {}


async def test_the_sign_in_is_ended_once_with_the_reason() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            attempt = SmallAttempt()
            app.attempt = attempt
            await app.show_login(reason="idle")
            await app.show_login()
            assert attempt.closed == ["idle"]


async def test_language_and_contrast_of_the_previous_person_are_gone() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f2", "f3")
            await reset(pilot)
            assert (app.language.code, app.contrast, app.theme) == ("nl", False, "kiosk-dark")
            assert "Inloggen" in seen_text(app)


async def test_whoever_goes_back_keeps_language_and_contrast() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f2", "f3")
            await app.show_login(same_person=True)
            await pilot.pause()
            assert (app.language.code, app.contrast) == ("en", True)
            assert "Sign in" in seen_text(app)


async def test_a_notice_stands_on_the_fresh_login_page() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await app.show_login(Sentence("signed_out.idle_sign_in"))
            await pilot.pause()
            assert "het inloggen is gestopt" in seen_text(app)


async def test_what_failed_unexpectedly_ends_at_the_login_page_with_a_sentence() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await app.show_unexpected(RuntimeError("nobody foresaw this"))
            await pilot.pause()
            assert isinstance(app.screen, LoginSample)
            assert "Er ging iets mis" in seen_text(app)
