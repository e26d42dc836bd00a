"""BenchPage: a page that has one modem to itself while it is open."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message as TextualMessage

from kiosk.delivery.borrowing import Purpose
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.events import Event, Failed, GoneBack, NotLent, Opened, Stopped, WaitingForIt
from kiosk.technician.session import BenchSession
from kiosk.technician.words import do_of, what_of
from screens.technician.saving import Saving

if TYPE_CHECKING:
    from kiosk.desk import Desk


@dataclass
class Told(TextualMessage):
    """The session said something."""

    event: Event


class BenchPage(Saving):
    """Opens a session when it comes and closes it when it goes; `heard` gets what the session tells."""

    path = ("home.title", "bench.modems.title")
    purpose: ClassVar[Purpose]

    def __init__(self, modem: str) -> None:
        super().__init__()
        self.modem = modem
        self.session: BenchSession | None = None
        self.running = False
        """Something that was asked goes on: idleness waits for it."""
        self.here = False
        """The modem is here."""
        self._opened = False
        self._handing = threading.Lock()
        self._made: BenchSession | None = None
        """What the domain has opened; it may come when the page has gone already."""
        self._gone = False

    def path_names(self) -> list[str]:
        """With the modem before the page's own name."""
        *above, own = super().path_names()
        return [*above, printable(self.modem), own]

    def on_mount(self) -> None:
        """Ask for the modem."""
        self.message.note(Sentence("bench.opening", {"modem": self.modem}))
        modem, purpose, words = self.modem, self.purpose, self.kiosk.language

        def told(event: Event) -> None:
            self.post_message(Told(event))

        def open_session(desk: "Desk") -> BenchSession:
            session = desk.bench().open(modem, purpose, words, told)
            with self._handing:
                self._made, gone = session, self._gone
            if gone:
                # Nobody takes the answer any more; the modem must not stay lent for it.
                session.close()
            return session

        self.ask_domain(open_session, self._take)

    def _take(self, session: BenchSession) -> None:
        self.session = session
        if self._opened:
            self._begin()

    def _begin(self) -> None:
        self.here = True
        self.message.clear()
        self.opened()
        self.show_actions()

    def on_unmount(self) -> None:
        """Give the modem back, whatever it is doing."""
        with self._handing:
            self._gone, session = True, self._made
        if session is not None:
            session.close()

    def on_told(self, told: Told) -> None:
        """One event of the session."""
        told.stop()
        if self._gone or not self.is_mounted:
            return
        match told.event:
            case Opened():
                # The modem may be quicker than the answer that brings the session.
                self._opened = True
                if self.session is not None:
                    self._begin()
            case WaitingForIt():
                self.message.note(Sentence("bench.waiting", {"modem": self.modem}))
            case NotLent(reason, who):
                self.message.failure(Sentence(f"bench.not_lent.{reason}", {"modem": self.modem, "who": who or "?"}))
            case GoneBack():
                self.here = self.running = False
                self.message.note(Sentence("bench.gone_back", {"modem": self.modem}))
            case Stopped():
                self.running = False
                self.message.note(Sentence("bench.stopped"))
                self.stopped()
            case Failed(finding):
                self.running = False
                words = self.kiosk.language
                self.message.failure(
                    Sentence("bench.failed", {"what": what_of(finding, words), "do": do_of(finding, words)})
                )
                self.stopped()
            case event:
                self.heard(event)
        self.show_actions()

    @property
    def opening(self) -> bool:
        """Whether the modem is still on its way here."""
        return self.session is None or not self._opened

    def claim(self) -> bool:
        """Whether something can be asked now; then it runs. While a question stood there the modem may have gone back."""
        if not self.here or self.running or self.session is None:
            return False
        self.running = True
        return True

    # What a subclass gives

    def opened(self) -> None:
        """The modem is here: begin."""

    def heard(self, event: Event) -> None:
        """Everything that only this page understands."""

    def stopped(self) -> None:
        """What ran was stopped or failed."""

    @property
    def may_stop(self) -> bool:
        """Whether something runs that can be stopped."""
        return self.running

    def stop(self) -> None:
        """S."""
        if self.session is not None:
            self.session.cancel()
            self.message.note(Sentence("bench.stopping"))

    @property
    def idle_seconds(self) -> int | None:
        """Idleness never stops work (DESIGN §6)."""
        return None if self.running else super().idle_seconds
