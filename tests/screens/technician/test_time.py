"""Tijd en klok: what becomes of the question that H asks the modems."""

from dataclasses import replace

import pytest

from kiosk.technician.time_room import Said, Telling, TimeSeen, Verdict
from screens.technician.time import TimePage, modems_answered
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
        room.there = False
        await person.press("h")
        assert await read_again(person, page, 20) == "time.no_modem"


@pytest.mark.parametrize(
    ("heard_ms", "seconds", "answered"),
    [(None, 9.9, None), (None, 10.0, False), (60_000, 10.0, False), (60_000, 2.0, None), (1_900, 2.0, True)],
)
def test_nobody_waits_longer_than_ten_seconds_nor_takes_what_was_known_for_an_answer(
    heard_ms: int | None, seconds: float, *, answered: bool | None
) -> None:
    network = Telling(name="network", modem="noord", age_ms=heard_ms or 0)
    seen = replace(ScriptedRoom().seen, tellings=() if heard_ms is None else (network,))
    assert modems_answered(seen, seconds) is answered
