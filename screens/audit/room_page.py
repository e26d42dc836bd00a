"""RoomPage: a page that asks the log in a thread of its own, so that nothing else waits for it."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import ClassVar, TypeVar

from kiosk.audit.errors import AuditError
from kiosk.audit.room import AuditRoom, MayNotRead
from kiosk.domain_thread import DomainThread
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.exchange import NoPlace, NotSaved
from screens.audit.words import sentence_of
from screens.dense import DensePage
from screens.sign_in.stage_page import on_screen

T = TypeVar("T")


class RoomPage(DensePage):
    """Opens a room when it comes and leaves it when it goes, with whatever runs in it."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).parents[1] / "dense.tcss",
        Path(__file__).with_name("audit.tcss"),
    ]

    running = False
    """A check or an export goes on: idleness waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled = threading.Event()
        self.reader_id = ""
        self._room: DomainThread[AuditRoom] | None = None
        self._left = False

    def on_mount(self) -> None:
        """Go in; the row of actions stands there already."""
        self.call_later(self.show_actions)
        self.app.run_worker(self._go_in(), group="audit")

    def on_unmount(self) -> None:
        """Go out; what runs ends soon, and nobody waits for it."""
        self._left = True
        self.cancelled.set()
        if self._room is not None:
            self._room.stop(0)

    async def _go_in(self) -> None:
        try:
            key = await self.kiosk.ask(lambda desk: desk.audit_room())
            if self._left:
                return
            self.reader_id = key.reader_id
            self._room = DomainThread(key.enter)
            await asyncio.wrap_future(self._room.start())
        except Exception as error:  # noqa: BLE001  told on the page
            self._tell(error)
            return
        if not self._left:
            self.entered()

    def ask_room(
        self,
        question: Callable[[AuditRoom], T],
        then: Callable[[T], None],
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask something of the log; `failed` after saying why there is no answer."""
        room = self._room
        if room is None:
            return

        async def ask() -> None:
            try:
                answer = await asyncio.wrap_future(room.call(question))
            except Exception as error:  # noqa: BLE001  told on the page
                if not self._left:
                    failed()
                    self._tell(error)
                return
            if not self._left:
                then(answer)

        self.app.run_worker(ask(), group="audit")

    def _tell(self, error: Exception) -> None:
        known = isinstance(error, (AuditError, MayNotRead, NoPlace, NotSaved))
        if not known:
            self.kiosk.log_unexpected(error)
        if on_screen(self):
            self.message.failure(sentence_of(error) if known else Sentence("audit.error.busy"))
            self.show_actions()

    # What a subclass gives

    def entered(self) -> None:
        """The room is there: begin."""

    def stop(self) -> None:
        """S."""
        self.cancelled.set()
        self.message.note(Sentence("bench.stopping"))

    def more(self) -> None:
        """?."""
        self.kiosk.action_help()

    @property
    def idle_seconds(self) -> int | None:
        """Idleness never stops work (DESIGN §6)."""
        return None if self.running else super().idle_seconds
