"""A key that types 44 letters and Enter, on every page of the sign-in: nothing is asked of the domain, nobody is moved."""

import pytest
from textual import events

from kiosk.sign_in.outcomes import Stage
from kiosk.sign_in.views import SignInView
from kiosk.yubikey.ceremony import Phase
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import (
    choose_page,
    code_page,
    enrol_page,
    home_page,
    key_page,
    password_page,
    phone_page,
    sms_page,
    success_page,
)
from tests.screens.test_typed_burst import YUBICO_EXAMPLE

PAGES = {
    "sms": sms_page(),
    "backup code": code_page(Stage.BACKUP_CODE),
    "temporary code": code_page(Stage.TEMPORARY_CODE),
    "app": code_page(Stage.TOTP),
    "choose": choose_page(),
    "phone": phone_page(),
    "own password": password_page(),
    "enrol app": enrol_page(),
    "success": success_page(),
    "home": home_page(),
    **{f"key {phase.value}": key_page(phase) for phase in Phase if phase is not Phase.ANSWERED},
}


async def key_types(person: Driver) -> None:
    """All in the same moment, as a keyboard of 44 letters a millisecond."""
    for character in YUBICO_EXAMPLE:
        person.app.post_message(events.Key(character, character))
    person.app.post_message(events.Key("enter", None))
    await person.settle()


@pytest.mark.parametrize("name", PAGES)
async def test_nothing_happens(name: str) -> None:
    view: SignInView = PAGES[name]
    async with kiosk() as person:
        await person.sign_in(view)
        asked, title = list(person.script.asked), person.title
        await key_types(person)

        assert (person.script.asked, person.title) == (asked, title)


@pytest.mark.parametrize("dialog", ["a", "f1", "question_mark"])
async def test_nothing_happens_in_a_dialog(dialog: str) -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press(dialog)
        asked, screen = list(person.script.asked), person.app.screen
        await key_types(person)

        assert person.script.asked == asked
        assert person.app.screen is screen


async def test_on_the_login_page_nothing_is_asked_and_the_name_stays() -> None:
    async with kiosk() as person:
        await person.type("jan")
        await key_types(person)

        assert person.script.asked == []
        assert person.field("name").value == "jan"
