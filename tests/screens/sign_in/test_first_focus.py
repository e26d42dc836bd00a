"""Where the focus is when a page comes up: on what is to be typed or on the next step, never on a side action."""

import pytest

from kiosk.sign_in.outcomes import Stage
from kiosk.sign_in.views import SignInView
from screens.widgets.action import Action
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Entry
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import (
    choose_page,
    code_page,
    enrol_page,
    home_page,
    password_page,
    phone_page,
    sms_page,
    success_page,
)

PAGES = {
    "sms": sms_page(),
    "backup": code_page(Stage.BACKUP_CODE),
    "temporary": code_page(Stage.TEMPORARY_CODE),
    "totp": code_page(Stage.TOTP),
    "enrol": enrol_page(),
    "choose": choose_page(),
    "phone": phone_page(),
    "password": password_page(),
    "success": success_page(),
}


@pytest.mark.parametrize("view", PAGES.values(), ids=PAGES)
async def test_a_page_starts_on_what_is_to_be_done(view: SignInView) -> None:
    async with kiosk() as person:
        await person.sign_in(view)
        focused = person.app.focused

        assert isinstance(focused, Entry | CodeBoxes) or (isinstance(focused, Action) and focused.kind == "primary")


async def test_home_starts_on_nothing_because_its_only_action_ends_the_session() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())

        assert person.app.focused is None
