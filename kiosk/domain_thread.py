"""The one thread of a process in which the domain lives; it owns the database connection.

Screens hand in functions and await their futures. Between calls the thread waits for the doorbell and looks
again at everything that somebody watches.
"""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Generic, Protocol, TypeVar

T = TypeVar("T")
log = logging.getLogger("kiosk.domain")

# After a look that failed.
FAILED_PAUSE_SECONDS: Final = 2.0


class Domain(Protocol):
    """What lives in the thread: made, used and closed there."""

    def poll(self) -> float:
        """Refresh what is watched; the seconds until the next look are returned."""

    def close(self) -> None:
        """Let go of everything."""


D = TypeVar("D", bound=Domain)


class DomainLost(Exception):
    """Raised by `poll`: this domain will not do any more, such as when its database was replaced; another one may."""


class DomainEnded(RuntimeError):
    """The domain thread has ended: nobody will answer."""


class DomainThread(Generic[D]):
    """Runs functions of the domain one after another, in order.

    `make` builds the domain inside the thread; what it raises is in the future of `start()`. After that, or when the domain was
    lost, it may be started again.
    """

    def __init__(self, make: Callable[[], D]) -> None:
        self._make = make
        # Each is called with the domain, or with None when there is none any more; None ends the thread.
        self._calls: queue.SimpleQueue[Callable[[D | None], None] | None] = queue.SimpleQueue()
        self._started: Future[None] = Future()
        self._lost: Future[None] = Future()
        self._handing_in = threading.Lock()
        self._ended = False
        self._trouble: str | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> Future[None]:
        """Start the thread; the future is done when the domain stands, or holds what went wrong."""
        if self._thread is not None:
            # It has said how it ended, so it is about to be over.
            self._thread.join()
        self._started, self._lost = Future(), Future()
        for future in (self._started, self._lost):
            # Whoever waits may go away; what it holds is set all the same.
            future.set_running_or_notify_cancel()
        with self._handing_in:
            self._ended = False
        self._trouble = None
        self._thread = threading.Thread(target=self._run, name="domain", daemon=True)
        self._thread.start()
        return self._started

    @property
    def lost(self) -> Future[None]:
        """Holds the DomainLost of a domain that gave itself up; never done when it was stopped."""
        return self._lost

    def call(self, function: Callable[[D], T]) -> Future[T]:
        """Run `function(domain)` in the thread and give its result or its exception; DomainEnded when it never will."""
        future: Future[T] = Future()

        def run(domain: D | None) -> None:
            if not future.set_running_or_notify_cancel():
                return
            if domain is None:
                future.set_exception(DomainEnded())
                return
            try:
                result = function(domain)
            except BaseException as error:  # noqa: BLE001  it belongs to whoever waits for the future
                future.set_exception(error)
            else:
                future.set_result(result)

        self._hand_in(run)
        return future

    def wake(self) -> None:
        """Look again at what is watched; from any thread."""
        self._hand_in(lambda _domain: None)

    def stop(self, timeout: float = 5.0) -> bool:
        """Finish the calls handed in so far and end; False when it did not within `timeout` seconds."""
        self._calls.put(None)
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def _hand_in(self, call: Callable[[D | None], None]) -> None:
        with self._handing_in:
            if not self._ended:
                self._calls.put(call)
                return
        call(None)

    def _run(self) -> None:
        ending: tuple[Future[None], BaseException] | None = None
        try:
            ending = self._live()
        finally:
            self._end()
        if ending is not None:
            told, error = ending
            told.set_exception(error)

    def _live(self) -> tuple[Future[None], BaseException] | None:
        """Who is to be told of which end, when nobody can be answered any more."""
        try:
            domain = self._make()
        except BaseException as error:  # noqa: BLE001  it belongs to whoever starts the thread
            return self._started, error
        self._started.set_result(None)
        try:
            self._serve(domain)
        except DomainLost as lost:
            return self._lost, lost
        else:
            return None
        finally:
            try:
                domain.close()
            except Exception:
                # Nobody is left to be told, and stderr belongs to the pages.
                log.exception("the domain could not be closed")

    def _serve(self, domain: D) -> None:
        pause = 0.0
        while True:
            try:
                call = self._calls.get(timeout=pause)
            except queue.Empty:
                pause = self._look(domain)
                continue
            if call is None:
                return
            call(domain)
            if self._calls.empty():
                pause = self._look(domain)

    def _look(self, domain: D) -> float:
        try:
            pause = domain.poll()
        except DomainLost:
            raise
        except Exception as error:
            # A database that is busy or full for a moment must not end the terminal; the next look tells. The same
            # trouble every two seconds would fill the disk with its own traces.
            if self._trouble != repr(error):
                log.exception("looking at the domain failed")
            self._trouble = repr(error)
            return FAILED_PAUSE_SECONDS
        self._trouble = None
        return pause

    def _end(self) -> None:
        """Tell everybody who waits that nobody will answer."""
        with self._handing_in:
            self._ended = True
        while not self._calls.empty():
            if (call := self._calls.get()) is not None:
                call(None)
