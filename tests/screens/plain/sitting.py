"""Somebody at a terminal of lines over a scripted desk; the terminal has the main thread, as in its own process."""

import os
import pty
import termios
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from kiosk.applications.launching import Launching
from kiosk.desk_status import DeskFacts
from kiosk.domain_thread import DomainThread
from kiosk.language import LANGUAGES, Language
from kiosk.sign_in.views import SignInView
from screens.plain.console import Bell, Console
from screens.plain.terminal import PlainTerminal
from tests.screens.sign_in.scripted import FACTS, HandClock, Script, ScriptedDesk, home_page
from tests.stories.kiosk_story import PATIENCE_SECONDS
from tests.stories.plain_story import Line

if TYPE_CHECKING:
    from kiosk.desk import Desk


class Sitting(Line):
    """The person's side; what they do is a function that runs in a thread of its own."""

    def __init__(
        self,
        facts: DeskFacts,
        launching: Launching | None,
        term: str,
        desk: Callable[[Script, DeskFacts], ScriptedDesk],
    ) -> None:
        self.far, self.near = pty.openpty()
        termios.tcsetwinsize(self.near, (24, 80))
        super().__init__(self.far)
        self.script = Script()
        self.hand = HandClock()
        self.before = termios.tcgetattr(self.near)
        self._bell = Bell()
        self._thread = cast("DomainThread[Desk]", DomainThread(lambda: desk(self.script, facts)))
        self._failure: BaseException | None = None
        self.code = -1
        """With which the terminal ended."""
        clears = term != "dumb"
        self.terminal = PlainTerminal(
            self._thread,
            begin=self._thread.start,
            facts=facts,
            languages={code: Language.load(code) for code in LANGUAGES},
            clock=self.hand.clock,
            console=Console(self.near, self.near, self._bell, clears=clears),
            bell=self._bell,
        )
        if launching is not None:
            self.terminal.lend(lambda: launching, term=term)

    def read(self) -> None:
        """Also answer where the cursor is, as terminals do."""
        before = len(self.output)
        super().read()
        if self.output.count("\x1b[6n", max(0, before - 3)):
            self.type("\x1b[1;1R")

    def wait(self, seconds: float) -> None:
        """Let time go by without any key."""
        self.hand.forward(seconds)
        self._bell.ring()

    def become(self, view: SignInView) -> None:
        """The sign-in goes on by itself."""
        sign_in = self.script.sign_ins[-1]
        self._thread.call(lambda _desk: sign_in.become(view)).result(PATIENCE_SECONDS)

    def sign_in(self, view: SignInView) -> None:
        """Come to Home."""
        self.script.signs_in(view)
        self.until("Gebruikersnaam: ")
        self.type("jan\r")
        self.until("Wachtwoord: ")
        self.type("geheim\r")

    def _do(self, what: "Callable[[Sitting], None]") -> None:
        try:
            what(self)
        except BaseException as error:  # noqa: BLE001  for the test
            self._failure = error
        finally:
            self.terminal.end()

    def live(self, what: "Callable[[Sitting], None]") -> None:
        """Be at the terminal until it is done."""
        person = threading.Thread(target=self._do, args=(what,))
        try:
            person.start()
            self.code = self.terminal.run(self._thread.start())
            person.join(PATIENCE_SECONDS)
            if self._failure is not None:
                raise self._failure
        finally:
            self._thread.stop()
            self._bell.close()
            for end in (self.far, self.near):
                os.close(end)


def sit(
    what: Callable[[Sitting], None],
    *,
    facts: DeskFacts = FACTS,
    launching: Launching | None = None,
    view: SignInView | None = None,
    term: str = "xterm-256color",
    desk: Callable[[Script, DeskFacts], ScriptedDesk] = ScriptedDesk,
) -> Sitting:
    """Let somebody sign in and do this."""
    sitting = Sitting(facts, launching, term, desk)

    def all_of_it(person: Sitting) -> None:
        person.sign_in(view or home_page())
        what(person)

    sitting.live(all_of_it)
    return sitting
