"""Pictures of the pages: a few, each looked at before it was kept."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from kiosk.desk_status import SmsHealth
from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from kiosk.yubikey.ceremony import Phase
from screens.app import KioskApp
from tests.screens.sign_in.driver import Driver
from tests.screens.sign_in.scripted import (
    APP,
    BACKUP,
    STATUS,
    YUBIKEY,
    HandClock,
    Script,
    alternatives,
    enrol_page,
    home_page,
    key_page,
    make_app,
    sms_page,
    success_page,
)

Story = Callable[[Driver], Coroutine[Any, Any, None]]
LOW, HIGH, VAST = (80, 24), (100, 30), (160, 45)


async def login(person: Driver) -> None:
    await person.type("j.devries")


async def login_without_sms(person: Driver) -> None:
    person.script.answer("begin", Refused(Sentence("sign_in.login.wrong"), Stage.LOGIN, "K482"))
    await person.type("j.devries")
    await person.press("enter")
    await person.type("geheim")
    await person.press("enter")


async def sms(person: Driver) -> None:
    await person.sign_in(sms_page())
    await person.type("753")


async def sms_by_finger(person: Driver) -> None:
    await sms(person)
    await person.pilot.click("#intro")
    person.hand.forward(114)


async def sms_wrong(person: Driver) -> None:
    await person.sign_in(sms_page())
    person.script.answer("answer", Refused(Sentence("sms.code.wrong", {"left": 4}), Stage.SMS_CODE, "K482"))
    await person.type("753123")
    await person.press("enter")


async def no_sms(person: Driver) -> None:
    await person.sign_in(sms_page())
    await person.press("a")


async def explanation(person: Driver) -> None:
    await no_sms(person)
    await person.press("u", "4")


async def enrol(person: Driver) -> None:
    await person.sign_in(enrol_page())


async def success(person: Driver) -> None:
    await person.sign_in(success_page())


async def home(person: Driver) -> None:
    await person.sign_in(home_page())


async def key(person: Driver) -> None:
    await person.sign_in(key_page())


async def key_touch(person: Driver) -> None:
    await person.sign_in(key_page(Phase.TOUCH, seconds=24.0))


async def key_other(person: Driver) -> None:
    await person.sign_in(key_page(Phase.OTHER_KEY))


async def key_blocked(person: Driver) -> None:
    await person.sign_in(key_page(Phase.PIN_BLOCKED))


async def key_too_late(person: Driver) -> None:
    await person.sign_in(key_page(Phase.TOO_LATE))


async def key_pin(person: Driver) -> None:
    await person.sign_in(key_page(Phase.PIN, pin_left=5))
    await person.type("geheim")


def out_of_sms() -> Script:
    return Script(status=replace(STATUS, sms=SmsHealth.DOWN, modems=()))


def every_way() -> Script:
    return Script(alternatives=alternatives(ways=(YUBIKEY, BACKUP, APP)))


PICTURES: dict[str, tuple[Story, tuple[int, int], Callable[[], Script]]] = {
    "login-low": (login, LOW, Script),
    "login-high": (login, HIGH, Script),
    "login-without-sms": (login_without_sms, LOW, out_of_sms),
    "sms-low": (sms, LOW, Script),
    "sms-by-finger-vast": (sms_by_finger, VAST, Script),
    "sms-wrong-low": (sms_wrong, LOW, Script),
    "no-sms-low": (no_sms, LOW, every_way),
    "no-sms-high": (no_sms, HIGH, Script),
    "explanation-low": (explanation, LOW, Script),
    "explanation-high": (explanation, HIGH, Script),
    "enrol-high": (enrol, HIGH, Script),
    "success-low": (success, LOW, Script),
    "success-high": (success, HIGH, Script),
    "success-vast": (success, VAST, Script),
    "key-high": (key, HIGH, Script),
    "key-touch-low": (key_touch, LOW, Script),
    "key-other-low": (key_other, LOW, Script),
    "key-blocked-low": (key_blocked, LOW, Script),
    "key-too-late-high": (key_too_late, HIGH, Script),
    "key-pin-low": (key_pin, LOW, Script),
    "home-low": (home, LOW, Script),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pages(snap_compare: Callable[..., bool], name: str) -> None:
    story, size, make_script = PICTURES[name]
    script, hand = make_script(), HandClock()
    app, thread = make_app(script, hand)

    async def before(pilot: Pilot[Any]) -> None:
        person = Driver(cast("KioskApp", pilot.app), pilot, script, hand)
        await person.until(lambda: person.app.status is not None)
        await person.settle()
        await story(person)
        # The time left as it is now, however long the story took.
        person.app.tick()
        await person.settle()

    try:
        assert snap_compare(app, terminal_size=size, run_before=before)
    finally:
        assert thread.stop()
