"""The one thread of a process in which the domain lives; it owns the database connection.

Screens hand in functions and await their futures. Between calls the thread waits for the doorbell and looks
again at everything that somebody watches.
"""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
log = logging.getLogger("kiosk.domain")


class Domain(Protocol):
    """What lives in the thread: made, used and closed there."""

    def poll(self) -> float:
        """Refresh what is watched; the seconds until the next look are returned."""

    def close(self) -> None:
        """Let go of everything."""


D = TypeVar("D", bound=Domain)


class DomainThread(Generic[D]):
    """Runs functions of the domain one after another, in order.

    `make` builds the domain inside the thread; what it raises is raised by `started()`.
    """

    def __init__(self, make: Callable[[], D]) -> None:
        self._make = make
        self._calls: queue.SimpleQueue[Callable[[D], None] | None] = queue.SimpleQueue()
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="domain", daemon=True)

    def start(self) -> Future[None]:
        """Start the thread; the future is done when the domain stands, or holds what went wrong."""
        self._thread.start()
        return self._started

    def call(self, function: Callable[[D], T]) -> Future[T]:
        """Run `function(domain)` in the thread and give its result or its exception."""
        future: Future[T] = Future()

        def run(domain: D) -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = function(domain)
            except BaseException as error:  # noqa: BLE001  it belongs to whoever waits for the future
                future.set_exception(error)
            else:
                future.set_result(result)

        self._calls.put(run)
        return future

    def wake(self) -> None:
        """Look again at what is watched; from any thread."""
        self._calls.put(lambda _domain: None)

    def stop(self, timeout: float = 5.0) -> bool:
        """Finish the calls handed in so far and end; False when it did not within `timeout` seconds."""
        self._calls.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            domain = self._make()
        except BaseException as error:  # noqa: BLE001  it belongs to whoever starts the thread
            self._started.set_exception(error)
            return
        self._started.set_result(None)
        try:
            self._serve(domain)
        finally:
            domain.close()

    def _serve(self, domain: D) -> None:
        pause = 0.0
        while True:
            try:
                function = self._calls.get(timeout=pause)
            except queue.Empty:
                pause = self._look(domain)
                continue
            if function is None:
                return
            function(domain)
            if self._calls.empty():
                pause = self._look(domain)

    @staticmethod
    def _look(domain: D) -> float:
        try:
            return domain.poll()
        except Exception:
            # A database that is busy or full for a moment must not end the terminal; the next look tells.
            log.exception("looking at the domain failed")
            return 2.0
