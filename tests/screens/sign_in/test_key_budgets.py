"""The commonest jobs at the desk in key presses; typed text and digits are not counted."""

from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import code_page, home_page, sms_page, sms_view


async def test_signing_in_takes_three() -> None:
    async with kiosk() as person:
        person.script.signs_in(sms_page())
        person.script.answer("answer", Moved(Stage.SIGNED_IN), home_page())
        await person.type("jan")
        await person.press("enter")
        await person.type("geheim")
        await person.press("enter")
        await person.type("753123")
        await person.press("enter")

        assert person.title == "Home"
        assert person.presses == 3


async def test_no_sms_and_again_takes_two() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("resend", Moved(Stage.SMS_CODE), sms_page(sms_view(sends=2)))
        await person.press("a", "enter")

        assert person.script.calls("resend") == [(False,)]
        assert person.presses == 2


async def test_the_back_up_code_takes_three() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("take", Moved(Stage.BACKUP_CODE), code_page(Stage.BACKUP_CODE, sms=sms_view()))
        person.script.answer("answer", Moved(Stage.SIGNED_IN), home_page())
        await person.press("a", "b")
        await person.type("17532256")
        await person.press("enter")

        assert person.script.calls("take") == [(MethodKind.BACKUP_CODE,)]
        assert person.title == "Home"
        assert person.presses == 3


async def test_handing_over_the_shift_takes_one_and_the_next_name_can_be_typed() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        await person.press("u")
        assert person.presses == 1

        await person.type("piet")
        assert person.field("name").value == "piet"
