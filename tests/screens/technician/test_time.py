"""Tijd en klok: what becomes of the question that H asks the modems."""

from dataclasses import replace

import pytest

from kiosk.technician.time_room import Said, Telling, TimeSeen, Verdict
from screens.technician.time import TimePage
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import NOON_MS, ScriptedDesk, home_page

MINUTE_MS = 60_000


class ScriptedRoom:
    """Has what the page uses of `kiosk.technician.time_room.TimeRoom`."""

    def __init__(self) -> None:
        self.there = True
        self.asked = 0
        self.seen = TimeSeen(
            wall_ms=NOON_MS,
            battery=True,
            tellings=(
                Telling(name="network", modem="noord", seconds=9.0, age_ms=MINUTE_MS),
                Telling(name="phones", said=Said.FEW),
            ),
            best=None,
            verdict=Verdict.ALONE,
            offsets=(),
        )

    def look(self) -> TimeSeen:
        return self.seen

    def ask_modems(self) -> bool:
        self.asked += 1
        return self.there

    def answered(self) -> None:
        network, phones = self.seen.tellings
        self.seen = replace(self.seen, tellings=(replace(network, age_ms=0), phones))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> ScriptedRoom:
    made = ScriptedRoom()
    monkeypatch.setattr(ScriptedDesk, "time_room", lambda _: made, raising=False)
    return made


async def opened(person: Driver) -> TimePage:
    page = TimePage()
    await person.sign_in(home_page())
    person.app.push_screen(page)
    await person.until(lambda: page.seen is not None)
    await person.settle()
    return page


async def read_again(person: Driver, page: TimePage, seconds: float) -> str:
    """What the page says when it has read anew, so many seconds later."""
    person.hand.forward(seconds)
    page.read()
    await person.settle()
    assert page.message.sentence is not None
    return page.message.sentence.text_id


async def test_the_modems_are_asked_once_and_their_answer_is_told(room: ScriptedRoom) -> None:
    async with kiosk() as person:
        page = await opened(person)
        await person.press("h", "h")
        assert room.asked == 1
        # What was known before is no answer.
        assert await read_again(person, page, 2) == "time.asking"
        room.answered()
        assert await read_again(person, page, 1) == "time.measured"
        await person.press("h")
        assert room.asked == 2


async def test_nobody_waits_for_ever_for_a_modem_that_says_nothing_nor_at_all_where_there_is_none(
    room: ScriptedRoom,
) -> None:
    async with kiosk() as person:
        page = await opened(person)
        await person.press("h")
        assert await read_again(person, page, 8) == "time.asking"
        assert await read_again(person, page, 2) == "time.no_answer"
        room.there = False
        await person.press("h")
        assert await read_again(person, page, 0) == "time.no_modem"
