"""What must hold on the technician's pages when modem, answer and person come in an unlucky order."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hardware.modem.errands.inbox import InboxMessage, MessageKind
from kiosk.clock import ClockDifference, TimeSource
from kiosk.technician.events import GoneBack, InboxDone, ScanDone, TestDone
from kiosk.technician.steps import Step, TestRun
from screens.sign_in.question import Question
from screens.technician.bench_page import BenchPage
from screens.technician.console import ConsolePage
from screens.technician.inbox import InboxPage
from screens.technician.modems import ModemsPage
from screens.technician.scanning import ScanPage
from screens.technician.testing import TestPage
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import ScriptedDesk, home_page
from tests.screens.technician.scripted import ScriptedBench
from tests.screens.technician.test_pictures import OVERVIEW

STORED = InboxDone((InboxMessage(index=1, kind=MessageKind.RECEIVED, unread=True, text="x"),), 1, 10)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedBench]:
    made = ScriptedBench(OVERVIEW)
    monkeypatch.setattr(ScriptedDesk, "bench", lambda _: made, raising=False)
    yield made
    made.gate.set()


async def opened(person: Driver, page: BenchPage) -> None:
    await person.sign_in(home_page())
    person.app.push_screen(page)
    await person.until(lambda: page.here)
    await person.settle()


async def modems(person: Driver) -> ModemsPage:
    page = ModemsPage()
    await person.sign_in(home_page())
    person.app.push_screen(page)
    await person.until(lambda: page.overview is not None)
    await person.settle()
    return page


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
async def test_a_wrong_clock_of_the_machine_is_told_above_the_modems_and_all_of_it_fits(
    bench: ScriptedBench, size: tuple[int, int]
) -> None:
    bench.seen = replace(
        OVERVIEW,
        clock_off=ClockDifference(
            modem="noordoost-02", source=TimeSource.SERVICE_CENTRE, seconds=-86_400.0, age_ms=1_439 * 60_000
        ),
    )
    async with kiosk(size=size) as person:
        page = await modems(person)
        clock, last = page.query_one("#machine-clock"), page.query_one("#last")
        assert clock.display
        assert "-86400 s" in str(clock.render())
        assert clock.region.bottom <= page.query_one("#modems").region.y
        assert last.region.bottom <= page.query_one("#body").region.bottom


async def test_a_number_that_was_sent_off_before_the_modem_came_is_used_when_the_first_steps_are_done(
    bench: ScriptedBench,
) -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        person.script.gate.clear()
        bench.gate.clear()
        page = TestPage("noord")
        person.app.push_screen(page)
        await person.until(lambda: bool(bench.sessions))
        await person.press(*"0612345678")
        await person.press("enter")
        bench.gate.set()
        person.script.gate.set()
        await person.until(lambda: page.here)
        bench.sessions[0].told(TestDone(TestRun(modem="noord", at=0, steps=tuple(page._results.values()))))
        await person.until(lambda: len(bench.sessions[0].asked) > 1)
        assert bench.sessions[0].asked == ["test", f"{Step.SMS.value} +31612345678"]


async def test_whoever_leaves_before_the_modem_came_keeps_it_from_nobody(bench: ScriptedBench) -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        # The driver waits for no answer while the domain is held up.
        person.script.gate.clear()
        bench.gate.clear()
        person.app.push_screen(TestPage("noord"))
        await person.until(lambda: bool(bench.sessions))
        await person.press("escape")
        bench.gate.set()
        person.script.gate.set()
        await person.until(lambda: bench.sessions[0].closed)


@pytest.mark.parametrize("kind", ["scan", "inbox", "console"])
async def test_a_yes_after_the_modem_went_back_starts_nothing_and_the_page_still_locks(
    bench: ScriptedBench, kind: str
) -> None:
    bench.others = False
    page: BenchPage = {"scan": ScanPage, "inbox": InboxPage, "console": ConsolePage}[kind]("noord")
    async with kiosk() as person:
        await opened(person, page)
        session = bench.sessions[0]
        if kind == "inbox":
            session.told(STORED)
            await person.settle()
            await person.press("w")
        elif kind == "console":
            await person.type("AT+CFUN=0")
            await person.press("enter")
        asked = list(session.asked)
        session.told(GoneBack())
        await person.settle()
        if kind == "console":
            await person.type("ja")
            await person.press("enter")
        else:
            await person.press("j")
        assert (session.asked, page.running) == (asked, False)
        assert page.idle_seconds is not None


async def test_enter_on_the_question_whether_to_delete_deletes_nothing(bench: ScriptedBench) -> None:
    async with kiosk() as person:
        await opened(person, InboxPage("noord"))
        bench.sessions[0].told(STORED)
        await person.settle()
        await person.press("w", "enter")
        assert not bench.sessions[0].cleared


async def test_a_second_search_asks_anew_whether_another_modem_serves(bench: ScriptedBench) -> None:
    async with kiosk() as person:
        await opened(person, ScanPage("noord"))
        await person.until(lambda: bench.sessions[0].asked == ["scan"])
        bench.sessions[0].told(ScanDone((), 1.0))
        await person.settle()
        bench.others = False
        await person.press("h")
        await person.until(lambda: isinstance(person.app.screen, Question))


async def test_the_modem_that_was_taken_out_is_named_wherever_the_cursor_went(bench: ScriptedBench) -> None:
    async with kiosk() as person:
        page = await modems(person)
        # The driver waits for no answer while the domain is held up.
        person.script.gate.clear()
        bench.gate.clear()
        await person.press("b")
        await person.until(lambda: bench.taken_out == ["noord"])
        await person.press("down")
        bench.gate.set()
        person.script.gate.set()
        await person.until(lambda: page.message.sentence is not None)
        assert page.message.sentence is not None
        assert page.message.sentence.values["modem"] == "noord"


async def test_that_something_is_old_is_said_only_while_it_is(bench: ScriptedBench) -> None:
    async with kiosk() as person:
        page = await modems(person)
        bench.broken = True
        page.read()
        await person.until(lambda: page.message.sentence is not None)
        bench.broken = False
        page.read()
        await person.until(lambda: page.message.sentence is None)
