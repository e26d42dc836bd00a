"""Applications from Home: real programs on real pseudo-terminals, behind the pages of a kiosk without a terminal of its own."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from kiosk.applications.launching import Launching
from kiosk.desk_status import ApplicationEntry
from kiosk.sign_in.outcomes import Sentence, Stage
from kiosk.sign_in.views import SignInView
from tests.kiosk.applications.desk_terminal import DeskTerminal, site, terminal
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import FACTS, home_page

T = TypeVar("T")

IT = ApplicationEntry(name="it", labels={"nl": "Roosters", "en": "Rosters"}, roles=("staff",), same_account=True)
ECHO = (sys.executable, "-I", "-c", "print('ready', flush=True); print('heard', input(), flush=True); input()")


@asynccontextmanager
async def person_with(desk: DeskTerminal, launching: Launching, *entries: ApplicationEntry) -> AsyncIterator[Driver]:
    async with kiosk(facts=replace(FACTS, applications=entries)) as person:

        async def lend(use: Callable[[int], Awaitable[T]]) -> T:
            return await use(desk.far)

        person.app.lend_terminal = lend  # type: ignore[method-assign]
        person.app.launching = lambda: launching
        yield person


async def ended(person: Driver) -> None:
    await person.until(lambda: bool(person.script.calls("end_application")))
    await person.settle()


async def test_a_digit_starts_it_and_its_end_leads_back_to_home(tmp_path: Path) -> None:
    with terminal() as desk:
        async with person_with(desk, site(tmp_path, *ECHO), IT) as person:
            await person.sign_in(home_page())
            person._post("1")
            await desk.sees(rb"ready")
            desk.type(b"k\r")
            await desk.sees(rb"heard k")
            desk.type(b"\r")
            await ended(person)

            assert person.title == "Home"
            assert person.script.calls("begin_application") == [("it",)]
            assert person.script.calls("end_application") == [("it", "0")]


async def test_digits_of_a_bar_code_start_nothing(tmp_path: Path) -> None:
    with terminal() as desk:
        async with person_with(desk, site(tmp_path, "/bin/true"), IT) as person:
            await person.sign_in(home_page())
            person._post("1")
            person._post("7")
            await person.settle()
            await person.pilot.pause(0.1)

            assert person.script.calls("begin_application") == []


async def test_idleness_lays_its_warning_over_it_and_more_time_brings_it_back(tmp_path: Path) -> None:
    with terminal() as desk:
        async with person_with(desk, site(tmp_path, *ECHO), IT) as person:
            await person.sign_in(home_page())
            person._post("1")
            await desk.sees(rb"ready")
            desk.forget()
            person.hand.forward(281)
            person.app.tick()
            await person.until(lambda: person.in_dialog)
            # The terminal is the kiosk's again.
            await desk.sees(rb"\x1b\[6n")
            await person.until(lambda: "Meer tijd" in person.text)
            desk.forget()
            person._post("enter")
            # What it had written stands there once more, and keys reach it.
            await desk.sees(rb"ready")
            desk.type(b"k\r\r")
            await ended(person)

            assert person.script.calls("end_application") == [("it", "0")]


async def test_the_end_of_the_session_ends_it_too(tmp_path: Path) -> None:
    with terminal() as desk:
        async with person_with(desk, site(tmp_path, *ECHO), IT) as person:
            await person.sign_in(home_page())
            person._post("1")
            await desk.sees(rb"ready")
            over = SignInView(stage=Stage.ENDED, step=(2, 2), language="nl", ended=Sentence("signed_out.absolute"))
            sign_in = person.script.sign_ins[-1]
            person.app.thread.call(lambda _desk: sign_in.become(over)).result(10)
            await ended(person)

            assert person.title == "Inloggen"
            assert person.script.calls("end_application") == [("it", "signal_15")]


async def test_the_site_can_end_the_session_with_it_and_begin_it_by_itself(tmp_path: Path) -> None:
    with terminal() as desk:
        entry = replace(IT, directly=True, signs_out=True)
        async with person_with(desk, site(tmp_path, "/bin/true"), entry) as person:
            person.script.signs_in(home_page())
            person.field("name").value = "jan"
            person.field("password").value = "geheim"
            person.field("password").focus()
            person._post("enter")
            await ended(person)

            assert person.title == "Inloggen"
            assert person.script.calls("cancel") == [("sign_out",)]


async def test_one_that_is_not_there_is_told_by_its_name_with_whom_to_call(tmp_path: Path) -> None:
    with terminal() as desk:
        async with person_with(desk, site(tmp_path, "/nowhere/at-all"), IT) as person:
            await person.sign_in(home_page())
            person._post("1")
            await ended(person)

            assert "Roosters staat niet op deze computer." in person.words
            assert "Hulp: Servicedesk, 030 555 01 23" in person.words
            assert "account van de kiosk" in person.words


async def test_one_that_crashes_is_told(tmp_path: Path) -> None:
    with terminal() as desk:
        crash = (sys.executable, "-I", "-c", "import os; os.kill(os.getpid(), 11)")
        async with person_with(desk, site(tmp_path, *crash), IT) as person:
            await person.sign_in(home_page())
            person._post("1")
            await ended(person)

            assert "Roosters is onverwacht gestopt." in person.words


async def test_home_shows_what_is_for_the_role() -> None:
    others = replace(IT, roles=("technician",), same_account=False)
    async with kiosk(facts=replace(FACTS, applications=(others,))) as person:
        await person.sign_in(home_page())

        assert "Roosters" not in person.words
        assert "nog geen toepassingen" in person.words
