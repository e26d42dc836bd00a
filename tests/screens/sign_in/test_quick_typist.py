"""Who types faster than a page comes loses no key, and none lands where it does not belong."""

import pytest

from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import code_page, sms_page


async def ready(driver: Driver) -> None:
    """Name and password stand there."""
    driver.field("name").value = "jan"
    driver.field("password").value = "geheim"
    driver.field("password").focus()
    await driver.settle()


async def type_ahead(driver: Driver, *keys: str) -> None:
    """INLOGGEN, and on while the password is being judged."""
    driver.script.gate.clear()
    driver._post("enter")
    await driver.settle()
    for key in keys:
        driver._post(key)
    await driver.settle()
    driver.script.gate.set()


async def test_the_code_of_an_app_may_be_typed_before_its_page_is_there() -> None:
    async with kiosk() as driver:
        driver.script.signs_in(code_page(Stage.TOTP))
        await ready(driver)
        await type_ahead(driver, *"1299", "backspace", "backspace", *"3456", "enter")
        await driver.until(lambda: bool(driver.script.calls("answer")))
        await driver.settle()

        assert driver.script.calls("answer") == [("123456",)]


@pytest.mark.parametrize("keys", ["123456", "1"])
async def test_after_a_wrong_password_nothing_of_the_code_stands_in_a_field(keys: str) -> None:
    async with kiosk() as driver:
        driver.script.answer("begin", Refused(Sentence("sign_in.login.wrong"), Stage.LOGIN))
        await ready(driver)
        await type_ahead(driver, *keys, "enter")
        await driver.until(lambda: driver.message.sentence is not None)
        await driver.settle()

        assert (driver.field("name").value, driver.field("password").value) == ("jan", "")
        assert len(driver.script.calls("begin")) == 1


async def test_a_page_whose_code_nobody_can_know_yet_gets_none() -> None:
    async with kiosk() as driver:
        driver.script.signs_in(sms_page())
        await ready(driver)
        await type_ahead(driver, *"123456", "enter")
        await driver.until(lambda: driver.stage is Stage.SMS_CODE)
        await driver.settle()

        assert (driver.boxes.typed, driver.script.calls("answer")) == ("", [])
