"""A page that asks in a thread of its own: what it learns behind the lock waits for whoever unlocks."""

import threading
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from kiosk.sign_in.outcomes import Sentence
from screens.aside import AsidePage
from screens.widgets.bar import Bar
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import home_page

if TYPE_CHECKING:
    from kiosk.desk import Desk


class Room:
    """Its answer comes when `free` is set."""

    def __init__(self) -> None:
        self.free = threading.Event()

    def enter(self) -> "Room":
        return self

    def poll(self) -> float:
        return 3600.0

    def close(self) -> None:
        pass


class ClosingPage(AsidePage[Room]):
    """Closes with its answer, as a form does that has been carried out."""

    title_id = "audit.check.title"

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.aside = room
        self.answered = threading.Event()

    def compose_body(self) -> ComposeResult:
        yield Bar("audit.check.progress", id="bar")

    def key_of(self, _desk: "Desk") -> Room:
        return self.aside

    def entered(self) -> None:
        self.ask_long(lambda room, _progress, _cancelled: self._answer(room), self._close)

    def _answer(self, room: Room) -> None:
        assert room.free.wait(20)
        self.answered.set()

    def _close(self, _answer: None) -> None:
        self.app.pop_screen()

    def sentence_of(self, error: Exception) -> Sentence | None:
        del error
        return None

    def refresh_words(self) -> None:
        self.retitle()


async def test_an_answer_behind_the_lock_closes_its_page_when_the_desk_is_unlocked() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        page = ClosingPage(Room())
        await person.app.push_screen(page)
        await person.until(lambda: page.running)
        await person.app.locking.lock(idle=False)
        page.aside.free.set()
        await person.until(page.answered.is_set)
        await person.pilot.pause(0.05)
        assert person.title == "Scherm vergrendeld"

        person.app.locking.unlock()
        await person.settle()
        assert person.title == "Home"
