"""From outcome to page: what fails, what moves by itself, and that nothing of anybody stays."""

import logging

import pytest

from kiosk.sign_in.outcomes import Moved, Refused, Sentence, Stage
from kiosk.sign_in.views import SignInView
from screens.home.home import HomePage
from screens.sign_in.flow import PAGES
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import code_page, home_page, sms_page, success_page

ENDED = SignInView(stage=Stage.ENDED, step=(2, 2), language="nl")


def test_every_stage_that_a_sign_in_can_stand_at_has_a_page() -> None:
    without = {stage for stage in Stage if stage not in PAGES}

    assert without == {Stage.LOGIN, Stage.ENDED}


class Secretive(RuntimeError):
    """An error that nobody foresaw."""


async def test_an_unexpected_error_ends_at_a_clean_login_page_and_is_logged_without_what_was_typed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with kiosk() as person:
        person.script.answer("begin", Secretive())
        with caplog.at_level(logging.DEBUG):
            await person.type("jan")
            await person.press("enter")
            await person.type("zwaluwstaart")
            await person.press("enter")

        assert "Er ging iets mis en het inloggen is gestopt." in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words
        assert person.field("password").value == ""
        assert person.script.calls("cancel") == [("stop",)]
        assert "Secretive" in caplog.text
        assert "zwaluwstaart" not in caplog.text


async def test_after_an_unexpected_error_the_next_sign_in_works() -> None:
    async with kiosk() as person:
        person.script.answer("begin", Secretive())
        await person.type("jan")
        await person.press("enter", "enter")
        await person.sign_in(sms_page())

        assert person.title == "SMS code"
        assert len(person.script.sign_ins) == 2


async def test_a_failing_database_is_told_on_the_page_and_nothing_is_lost() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer(
            "answer",
            Refused(Sentence("error.disk_full"), Stage.SMS_CODE, "X123", names_contact=True, clears_field=False),
        )
        await person.type("753123")
        await person.press("enter")

        assert "De opslag van dit inlogpunt is vol" in person.words
        assert "Kenmerk voor de helpdesk: X123" in person.words
        assert person.boxes.typed == "753123"
        assert person.cut_off() == []


async def test_a_sign_in_that_ends_by_itself_goes_back_to_the_login_page() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.become(ENDED)

        assert person.title == "Inloggen"


async def test_a_stage_that_moves_by_itself_shows_its_page() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.become(code_page(Stage.TEMPORARY_CODE))

        assert person.title == "Tijdelijke code"


async def test_an_answer_under_open_help_shows_its_page_and_not_the_help() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", Moved(Stage.SIGNED_IN), home_page())
        await person.type("753123")
        person.script.gate.clear()
        await person.press("enter", "f1")
        person.script.gate.set()
        await person.until(lambda: person.stage is Stage.SIGNED_IN)
        await person.settle()

        assert person.title == "Home"


async def test_pages_that_are_gone_are_told_nothing() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", Moved(Stage.SUCCESS), success_page())
        await person.type("753123")
        await person.press("enter")
        person.script.answer("confirm_backup_code", Moved(Stage.SIGNED_IN), home_page())
        await person.press("enter", "j")

        page = person.app.screen
        assert person.title == "Home"
        assert [screen for screen in person.app.screen_stack if hasattr(screen, "stage")] == [page]
        assert isinstance(page, HomePage)
        assert page.attempt._pages == [page]


async def test_nothing_of_a_person_stays_after_the_way_back() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.type("75")
        await person.press("escape")
        await person.sign_in(sms_page())

        assert person.boxes.typed == ""
        assert [call for call in person.script.asked if call[0] == "cancel"] == [("cancel", "person")]


async def test_the_end_of_the_app_while_the_domain_is_at_work_is_quiet() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", Moved(Stage.SIGNED_IN), home_page())
        await person.type("753123")
        person.script.gate.clear()
        await person.press("enter")
