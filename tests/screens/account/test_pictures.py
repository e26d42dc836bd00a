"""Pictures of Mijn account: a few, each looked at before it was kept."""

from collections.abc import Callable, Coroutine
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from screens.app import KioskApp
from tests.screens.account.scripted import APP, BACKUP, SMS_PROOF, ScriptedAccount, account_view
from tests.screens.account.test_pages import STALE, my_account
from tests.screens.sign_in.driver import Driver
from tests.screens.sign_in.scripted import HandClock, Script, make_app, sms_view

LOW, HIGH = (80, 24), (100, 30)
Story = Callable[[Driver, ScriptedAccount], Coroutine[Any, Any, None]]


async def overview(person: Driver, _account: ScriptedAccount) -> None:
    await my_account(person)


async def adding(person: Driver, _account: ScriptedAccount) -> None:
    await my_account(person)
    await person.press("n")


async def app(person: Driver, account: ScriptedAccount) -> None:
    account.after["begin_app"] = account_view(app=APP)
    account.answers["answer_app"] = Refused(Sentence("account.app.wrong"), Stage.SIGNED_IN)
    await my_account(person)
    await person.press("n", "1", "enter")


async def phone(person: Driver, account: ScriptedAccount) -> None:
    await my_account(person)
    await person.press("n", "2")
    await person.type("06 876543")


async def phone_code(person: Driver, account: ScriptedAccount) -> None:
    account.after["begin_phone"] = account_view(phone=sms_view(tail="21"))
    await phone(person, account)
    await person.press("enter")


async def proof(person: Driver, account: ScriptedAccount) -> None:
    account.present = STALE
    account.after["begin_proof"] = account_view(proof=SMS_PROOF)
    await my_account(person)
    await person.press("w")


async def password(person: Driver, _account: ScriptedAccount) -> None:
    await my_account(person)
    await person.press("w")


async def backup(person: Driver, account: ScriptedAccount) -> None:
    account.after["new_backup_code"] = account_view(backup=BACKUP)
    await my_account(person)
    await person.press("b", "j")


async def recent(person: Driver, _account: ScriptedAccount) -> None:
    await my_account(person)
    await person.press("l")


PICTURES: dict[str, tuple[Story, tuple[int, int], str]] = {
    "overview-low": (overview, LOW, "nl"),
    "overview-high-english": (overview, HIGH, "en"),
    "adding-low": (adding, LOW, "nl"),
    "app-low": (app, LOW, "nl"),
    "app-high": (app, HIGH, "nl"),
    "phone-low": (phone, LOW, "nl"),
    "phone-code-high": (phone_code, HIGH, "nl"),
    "proof-low": (proof, LOW, "nl"),
    "proof-high-english": (proof, HIGH, "en"),
    "password-low": (password, LOW, "nl"),
    "backup-high": (backup, HIGH, "nl"),
    "recent-low": (recent, LOW, "nl"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pages(snap_compare: Callable[..., bool], account: ScriptedAccount, name: str) -> None:
    story, size, code = PICTURES[name]
    script, hand = Script(), HandClock()
    made, thread = make_app(script, hand)

    async def before(pilot: Pilot[Any]) -> None:
        person = Driver(cast("KioskApp", pilot.app), pilot, script, hand)
        await person.until(lambda: person.app.status is not None)
        await person.settle()
        await story(person, account)
        person.app.set_language(code)
        person.app.tick()
        await person.settle()

    try:
        assert snap_compare(made, terminal_size=size, run_before=before)
    finally:
        assert thread.stop()
