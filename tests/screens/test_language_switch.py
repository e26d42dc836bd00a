"""F2 says everything in the other language, in place."""

from kiosk.sign_in.outcomes import Sentence
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Field
from screens.widgets.time_left import TimeLeft
from tests.screens.doubles import CodeSample, SmallAttempt, StillClock, ready, seen_text, show, small_app


async def test_what_was_typed_stays_with_its_cursor_and_the_focus() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press(*"jan", "tab", *"zwaan", "left")
            password = app.screen.query_one("#password", Field)
            await pilot.press("f2")
            assert app.screen.query_one("#name", Field).value == "jan"
            assert (password.value, password.entry.cursor_position) == ("zwaan", 4)
            assert app.focused is password.entry
            text = seen_text(app)
            assert "User name" in text
            assert "step 1 of 2" in text
            assert "Gebruikersnaam" not in text


async def test_the_digits_and_the_running_time_stay() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            page.query_one(TimeLeft).start(left_seconds=186, whole_seconds=300)
            await pilot.press("1", "2", "3")
            clock.advance(6)
            await pilot.press("f2")
            app.tick()
            await pilot.pause()
            assert page.query_one(CodeBoxes).typed == "123"
            assert "3:00 left" in seen_text(app)


async def test_every_page_of_the_stack_and_its_message_are_said_again() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            page.message.failure(Sentence("sms.code.wrong", {"left": 4}), reference="K482", contact=True)
            await pilot.press("f1", "f2", "escape")
            await pilot.pause()
            text = seen_text(app)
            assert "tries left: 4." in text
            assert "Help: Servicebalie, 030 555 01 23" in text
            assert "Reference for the help desk: K482" in text
            assert "SIGN IN" in text


async def test_what_was_hidden_stays_hidden() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f2")
            assert "Caps Lock" not in seen_text(app)
            assert "too small" not in seen_text(app)


async def test_a_shown_password_keeps_its_button_in_both_languages() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            app.screen.query_one("#password", Field).show_secret(shown=True)
            await pilot.press("f2")
            assert "Hide password" in seen_text(app)


async def test_the_sign_in_hears_of_it() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            attempt = SmallAttempt()
            app.attempt = attempt
            await pilot.press("f2")
            assert attempt.languages == 1
