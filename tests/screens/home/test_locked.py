"""The page of the lock lies over everything, and leaves for the same person or with the session."""

from pathlib import Path

import pytest

from data.errors import DatabaseUnavailable
from kiosk.sign_in.outcomes import Sentence, Stage
from kiosk.sign_in.views import SignInView
from screens.locking import StillLocked
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import NOON_MS, PASSWORD, SECOND_MS, ScriptedDesk, ScriptedLock, home_page


async def locked(person: Driver) -> None:
    await person.sign_in(home_page())
    await person.press("k")
    assert person.title == "Scherm vergrendeld"


async def test_the_right_password_leads_back_to_where_one_was() -> None:
    async with kiosk() as person:
        await locked(person)
        assert "Jan de Vries" in person.words
        await person.type(PASSWORD)
        await person.press("enter")

        assert person.title == "Home"
        assert person.script.calls("unlock") == [(PASSWORD,)]
        assert person.script.calls("cancel") == []


async def test_a_wrong_password_is_told_and_gone_from_the_field() -> None:
    async with kiosk() as person:
        await locked(person)
        await person.type("fout")
        await person.press("enter")

        assert "U kunt het nog 4 keer proberen" in person.words
        assert person.field("password").value == ""
        assert person.title == "Scherm vergrendeld"


async def test_a_disk_that_is_full_is_told_and_not_that_signing_in_has_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cannot_write(_desk: ScriptedDesk) -> ScriptedLock:
        raise DatabaseUnavailable("disk_full", Path("kiosk.db"))

    monkeypatch.setattr(ScriptedDesk, "lock", cannot_write)
    async with kiosk() as person:
        await locked(person)
        await person.type(PASSWORD)
        await person.press("enter")

        assert "opslag van dit inlogpunt is vol" in person.words
        assert person.title == "Scherm vergrendeld"


async def test_too_many_wrong_ones_lead_to_the_login_page_with_the_reason() -> None:
    async with kiosk() as person:
        await locked(person)
        await person.type("again")
        await person.press("enter")

        assert person.title == "Inloggen"
        assert "te vaak een verkeerd wachtwoord" in person.words


async def test_a_touch_of_the_key_unlocks() -> None:
    async with kiosk() as person:
        await locked(person)
        await person.press("tab", "tab", "tab")
        assert person.focused == "key"
        person._post("enter")
        await person.until(lambda: person.title == "Home")

        assert len(person.script.calls("answer_key")) == 1


async def test_no_key_takes_it_away_nor_help_that_is_opened_over_it() -> None:
    async with kiosk() as person:
        await locked(person)
        await person.press("shift+tab", "escape", "f9", "u", "1", "m", "f1", "escape")

        assert person.title == "Scherm vergrendeld"


async def test_an_answer_that_comes_while_it_is_locked_waits_and_nothing_pops_the_lock() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        came: list[bool] = []

        async def ask() -> None:
            await person.app.ask(lambda _desk: None)
            came.append(person.app.locking.locked)

        await person.app.locking.lock(idle=False)
        person.app.run_worker(ask())
        await person.pilot.pause(0.05)
        assert came == []
        with pytest.raises(StillLocked):
            person.app.pop_screen()
        person.app.locking.unlock()
        await person.settle()

        assert came == [False]
        assert person.title == "Home"


async def test_somebody_else_ends_the_session_after_a_countdown_that_says_what_is_lost() -> None:
    async with kiosk() as person:
        await locked(person)
        await person.press("tab", "tab", "tab", "tab", "enter")
        assert "Over 20 seconden wordt de eerste persoon uitgelogd." in person.words
        assert "Er staat niets open." in person.words
        await person.seconds(19)
        assert person.script.calls("cancel") == []
        await person.seconds(2)

        assert person.title == "Inloggen"
        assert person.script.calls("cancel") == [("other_person",)]


async def test_the_first_person_can_stop_that() -> None:
    async with kiosk() as person:
        await locked(person)
        await person.press("tab", "tab", "tab", "tab", "enter", "enter")
        await person.seconds(30)

        assert person.title == "Scherm vergrendeld"
        assert person.script.calls("cancel") == []


async def test_the_end_of_the_session_takes_the_lock_with_it() -> None:
    async with kiosk() as person:
        await locked(person)
        over = SignInView(stage=Stage.ENDED, step=(2, 2), language="nl", ended=Sentence("signed_out.absolute"))
        await person.become(over)

        assert person.title == "Inloggen"
        assert not person.app.locking.locked


async def test_the_longest_session_is_announced_once_before_its_end() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page(ends_at=NOON_MS + 400 * SECOND_MS))
        await person.leap(90)
        assert person.title == "Home"
        await person.leap(20)
        assert person.title == "Bijna uitgelogd"
        assert "omdat u lang bent ingelogd" in person.words
        await person.press("enter")
        await person.seconds(2)

        assert person.title == "Home"
