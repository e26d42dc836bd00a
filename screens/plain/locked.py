"""Scherm vergrendeld in lines: whoever began the session goes on with it, or somebody else ends it."""

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from kiosk.account.account import NotSignedIn
from kiosk.account.lock import OTHER_PERSON_SECONDS, Lock, at_lock
from kiosk.domain_thread import DomainEnded
from kiosk.language import printable
from kiosk.sign_in.outcomes import Moved, Outcome, Refused, Sentence, Stage
from screens.plain.console import TerminalGone
from screens.plain.page import OverPage
from screens.plain.sign_out import SignOut
from screens.plain.talk import Back, Elsewhere, SaidAgain

if TYPE_CHECKING:
    from screens.plain.home import HomePage

T = TypeVar("T")
log = logging.getLogger("kiosk.screens")


class Locked(OverPage):
    """Asks for the password until it is right; what runs behind it runs on. `closing` names what the end of the session closes."""

    def __init__(self, home: "HomePage", *, idle: bool, closing: str = "") -> None:
        super().__init__(home)
        self._home = home
        self._idle = idle
        self._closing = closing

    @property
    def idle_seconds(self) -> None:
        """It waits for ever: the session ends by its longest time."""

    def news(self) -> Iterable[str]:
        """Nobody is here to be told anything but that it is over."""
        return self._home.news_below_lock()

    def until_unlocked(self) -> None:
        """Return when the same person is here; raises SignOut when somebody else is, and Elsewhere when the session is over."""
        self.talk.clear()
        fresh = True
        while True:
            try:
                if fresh:
                    self._introduce()
                fresh = False
                outcome = self._answered()
            except Back:
                self._other_person()
                fresh = True
            except SaidAgain:
                fresh = True
            else:
                if isinstance(outcome, Moved):
                    self.talk.patience.begin()
                    return
                if isinstance(outcome, Refused):
                    self._refused(outcome)

    def _introduce(self) -> None:
        view = self._asked(lambda lock: lock.view())
        self.talk.line(self.text("locked.title"))
        if view is not None:
            self.talk.line(printable(view.display_name))
        self.talk.line(self.text("locked.text" if self._idle else "locked.by_hand"))
        self.talk.line(f"Esc: {self.text('locked.other_person.button')}")

    def _answered(self) -> Outcome:
        password = self.talk.ask(self.text("sign_in.login.password.label"), self, secret=True)
        outcome = self._asked(lambda lock: lock.unlock(password))
        return outcome or Refused(Sentence("error.unexpected"), Stage.SIGNED_IN)

    def _asked(self, request: Callable[[Lock], T]) -> T | None:
        """What the lock answers; None when it could not, and then it stays locked."""
        try:
            return self.here.attempt.ask(lambda desk, _sign_in: at_lock(desk, request), self.here.language)
        except NotSignedIn:
            # It ended a moment ago, and the view that says why is on its way.
            raise Elsewhere from None
        except (TerminalGone, DomainEnded):
            raise
        except Exception as error:  # noqa: BLE001  as the page does
            log.error("unexpected: %r", error)  # noqa: TRY400  a traceback holds what was typed
            return None

    def _refused(self, refused: Refused) -> None:
        if refused.stage is Stage.ENDED:
            raise SignOut(refused, "person")
        self.talk.refused(refused)
        if self.talk.capitals_typed:
            self.talk.line(self.text("caps_lock.typed.line"))

    def _other_person(self) -> None:
        closing = (
            Sentence("locked.closing", {"name": self._closing}) if self._closing else Sentence("locked.nothing_open")
        )
        self.talk.line(self.text("locked.other_person.title"))
        self.talk.say(closing)
        if not self.talk.count_down(OTHER_PERSON_SECONDS, "plain.locked.other_person", self):
            raise SignOut(Sentence("locked.ended"), "other_person")
