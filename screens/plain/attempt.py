"""PlainAttempt: one sign-in as the lines see it; asks the domain and keeps the newest view."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from kiosk.domain_thread import DomainEnded, DomainThread
from kiosk.sign_in.outcomes import Stage
from kiosk.sign_in.views import SignInView
from kiosk.watch import Subscription
from screens.plain.console import Console

if TYPE_CHECKING:
    from kiosk.desk import Desk
    from kiosk.sign_in.machine import SignIn

T = TypeVar("T")
log = logging.getLogger("kiosk.screens")

# Whoever has waited so long is told that it goes on.
BUSY_SECONDS: Final = 1.0

# Closing writes one row; a terminal that hung up must not wait longer for a database that is busy.
CLOSE_SECONDS: Final = 5.0


class PlainAttempt:
    """The domain's `SignIn` begins with the first question. `ring` wakes whoever waits for a key, from any thread."""

    def __init__(
        self, thread: "DomainThread[Desk]", console: Console, ring: Callable[[], None], patient: Callable[[], None]
    ) -> None:
        self.view: SignInView | None = None
        self._thread = thread
        self._console = console
        self._ring = ring
        self._patient = patient
        self._sign_in: SignIn | None = None
        self._subscription: Subscription | None = None

    @property
    def stage(self) -> Stage:
        """Where the sign-in stands."""
        return Stage.LOGIN if self.view is None else self.view.stage

    def ask(self, question: "Callable[[Desk, SignIn], T]", language: str) -> T:
        """What the domain answers; raises what it raises, and TerminalGone while it is at work."""
        future = self._thread.call(lambda desk: question(desk, self._open(desk, language)))
        future.add_done_callback(lambda _future: self._ring())
        told, begun = False, time.monotonic()
        while not future.done():
            self._console.rest(BUSY_SECONDS)
            if not told and not future.done() and time.monotonic() - begun >= BUSY_SECONDS:
                self._patient()
                told = True
        return future.result()

    def speak(self, language: str) -> None:
        """The next SMS is in this language, where it is not the person's own."""
        self._thread.call(lambda _desk: self._sign_in.set_language(language) if self._sign_in is not None else None)

    def close(self, reason: str) -> None:
        """End it, and wait until it has ended: nothing of it may outlive the terminal."""
        try:
            self._thread.call(lambda _desk: self._end(reason)).result(CLOSE_SECONDS)
        except (DomainEnded, TimeoutError) as error:
            # The desk ends its sign-in when it closes, and at the next start what a crash left.
            log.warning("a sign-in could not be closed yet: %r", error)

    # In the thread of the domain, one after another

    def _open(self, desk: "Desk", language: str) -> "SignIn":
        if self._sign_in is None:
            self._sign_in = desk.sign_in(language)
            self._subscription = self._sign_in.watch(self._changed)
        return self._sign_in

    def _end(self, reason: str) -> None:
        if self._subscription is not None:
            self._subscription.cancel()
        if self._sign_in is not None:
            self._sign_in.cancel(reason)

    def _changed(self, view: SignInView) -> None:
        self.view = view
        self._ring()
