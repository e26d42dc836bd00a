"""AsidePage: a page that asks something in a thread of its own, so that nothing else waits for it."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from textual import on
from textual.message import Message

from kiosk.domain_thread import Domain, DomainThread
from kiosk.sign_in.outcomes import Sentence
from screens.dense import DensePage
from screens.page import on_screen
from screens.widgets.bar import Bar

if TYPE_CHECKING:
    from kiosk.desk import Desk

T = TypeVar("T")
D = TypeVar("D", bound=Domain)
D_co = TypeVar("D_co", bound=Domain, covariant=True)


class Key(Protocol[D_co]):
    """What the desk gives: lets the page into its room, in the room's thread."""

    def enter(self) -> D_co:
        """The room, for the calling thread."""


@dataclass
class Came(Message):
    """So much of so much is done."""

    done: int
    total: int


class AsidePage(DensePage, Generic[D]):
    """Opens its room when it comes and leaves it when it goes, with whatever runs in it."""

    running = False
    """Something long goes on: idleness waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled = threading.Event()
        self._room: DomainThread[D] | None = None
        self._left = False

    def on_mount(self) -> None:
        """Go in; the row of actions stands there already."""
        self.call_later(self.show_actions)
        self.app.run_worker(self._go_in(), group="aside")

    def on_unmount(self) -> None:
        """Go out; what runs ends soon, and nobody waits for it."""
        self._left = True
        self.cancelled.set()
        if self._room is not None:
            self._room.stop(0)

    async def _go_in(self) -> None:
        try:
            key = await self.kiosk.ask(self.key_of)
            if self._left:
                return
            self._room = DomainThread(key.enter)
            await asyncio.wrap_future(self._room.start())
        except Exception as error:  # noqa: BLE001  told on the page
            self.tell_error(error)
            return
        if not self._left:
            self.entered()

    def ask_aside(
        self,
        question: Callable[[D], T],
        then: Callable[[T], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask something in the room; `failed` before saying why there is no answer."""
        room = self._room
        if room is None:
            failed()
            return

        async def ask() -> None:
            try:
                answer = await asyncio.wrap_future(room.call(question))
            except Exception as error:  # noqa: BLE001  told on the page
                if await self._is_here():
                    failed()
                    self.tell_error(error)
                return
            if await self._is_here():
                then(answer)

        self.app.run_worker(ask(), group="aside")

    async def _is_here(self) -> bool:
        """Whether there is still a page to tell; what comes of an answer may close it, and nothing closes behind the lock."""
        await self.kiosk.locking.over()
        return not self._left and self in self.app.screen_stack

    def ask_long(
        self,
        question: Callable[[D, Callable[[int, int], None], Callable[[], bool]], T],
        then: Callable[[T], None],
    ) -> None:
        """Ask what takes long and shows on the page's one `Bar` how far it is; `question` gets progress and cancelled.

        S stops it, and it goes on behind the lock.
        """
        self.running = True
        self.cancelled.clear()
        self.message.clear()
        self._show_bar()
        self.refresh_words()
        self.show_actions()

        def come(answer: T) -> None:
            ended()
            then(answer)
            self.refresh_words()
            self.show_actions()

        def ended() -> None:
            self.running = False
            self._show_bar()

        self.ask_aside(lambda room: question(room, self._tell_progress, self.cancelled.is_set), come, ended)

    def _show_bar(self) -> None:
        bar = self.query_one(Bar)
        bar.display = self.running
        if self.running:
            bar.start()

    def _tell_progress(self, done: int, total: int) -> None:
        # In the room's thread.
        self.post_message(Came(done, total))

    @on(Came)
    def _show_progress(self, event: Came) -> None:
        if self.running:
            self.query_one(Bar).show(event.done, event.total)

    def tell_error(self, error: Exception) -> None:
        """Say why something was not done; what nobody foresaw is logged."""
        sentence = self.sentence_of(error)
        if sentence is None:
            self.kiosk.log_unexpected(error)
        if on_screen(self):
            self.message.failure(sentence or Sentence("aside.busy"))
            self.show_actions()

    # What a subclass gives

    def key_of(self, desk: "Desk") -> Key[D]:
        """What lets this page in; asked in the domain thread."""
        raise NotImplementedError

    def entered(self) -> None:
        """The room is there: begin."""

    def sentence_of(self, error: Exception) -> Sentence | None:
        """Why; None for what nobody foresaw."""
        raise NotImplementedError

    def stop(self) -> None:
        """S."""
        self.cancelled.set()
        self.message.note(Sentence("bench.stopping"))

    def action_back(self) -> None:
        """Esc; what runs is stopped first."""
        if self.running:
            self.stop()
        else:
            super().action_back()

    def more(self) -> None:
        """?."""
        self.kiosk.action_help()

    @property
    def idle_seconds(self) -> int | None:
        """Idleness never stops work (DESIGN §6)."""
        return None if self.running else super().idle_seconds
