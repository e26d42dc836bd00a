"""Things that happen later: one daemon thread that lives only while something is due."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Timeline:
    """Runs callbacks after a delay, in order of time, in a thread of its own.

    The thread starts with the first thing that is due and ends with the last, so nobody has to close it.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._condition = threading.Condition()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._running = False

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Run `callback` after `seconds`; at once and in the caller's thread when that is not later than now."""
        if seconds <= 0:
            callback()
            return
        with self._condition:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), callback))
            self._condition.notify()
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def cancel_all(self) -> None:
        """Forget everything that is due."""
        with self._condition:
            self._due.clear()
            self._condition.notify()

    def _run(self) -> None:
        while (callback := self._next()) is not None:
            callback()

    def _next(self) -> Callable[[], None] | None:
        """Wait for what is due first; None, and the thread is no longer running, when nothing is."""
        with self._condition:
            while self._due:
                remaining = self._due[0][0] - time.monotonic()
                if remaining <= 0:
                    return heapq.heappop(self._due)[2]
                self._condition.wait(remaining)
            self._running = False
            return None
