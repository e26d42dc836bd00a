"""The thread of one simulated modem: it waits for its port, for timers and for what other threads ask, and never spins."""

import heapq
import itertools
import os
import queue
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

# How long `stop` waits for the thread to end.
SECONDS_TO_STOP = 5.0


class EventLoop:
    """Runs everything of one modem in one daemon thread."""

    def __init__(self, name: str, *, before_waiting: Callable[[], None]) -> None:
        """Make a loop; `before_waiting` is called each time before it waits."""
        self._name = name
        self._before_waiting = before_waiting
        self._thread: threading.Thread | None = None
        self._asked: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._stopping = False
        self._watched: dict[int, Callable[[int], None]] = {}
        self._wake = -1
        self._wake_lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether the thread lives."""
        return self._thread is not None

    @property
    def _inside(self) -> bool:
        return threading.current_thread() is self._thread

    def start(self) -> None:
        """Start the thread."""
        self._stopping = False
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; from inside it ends after the present event."""
        thread = self._thread
        if thread is None:
            return
        self._stopping = True
        if not self._inside:
            self._ring()
            thread.join(SECONDS_TO_STOP)

    def call(self, function: Callable[[], T]) -> T:
        """Run something in the thread and wait for its result; directly when inside, or when no thread runs."""
        if self._thread is None or self._inside:
            return function()
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(function())
            except BaseException as error:  # noqa: BLE001  it is raised again in the thread that asked
                future.set_exception(error)

        self.post(run)
        return future.result(SECONDS_TO_STOP)

    def post(self, function: Callable[[], None]) -> None:
        """Run something in the thread, without waiting for it; nothing happens when no thread runs."""
        if self._thread is not None:
            self._asked.put(function)
            self._ring()

    def after(self, seconds: float, function: Callable[[], None]) -> None:
        """Run something later; only from inside."""
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), function))

    def cancel_timers(self) -> None:
        """Forget everything that was to run later; only from inside."""
        self._timers.clear()

    def watch(self, descriptor: int, on_events: Callable[[int], None]) -> None:
        """Call `on_events(epoll events)` at each change of a descriptor from now on; only from inside."""
        self._watched[descriptor] = on_events
        self._epoll.register(descriptor, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
        # The present state is no change; it is told once and thrown away here. A ring of the bell is told again.
        self._epoll.poll(0)

    def unwatch(self, descriptor: int) -> None:
        """No longer; before the descriptor is closed."""
        del self._watched[descriptor]
        self._epoll.unregister(descriptor)

    def _ring(self) -> None:
        with self._wake_lock:
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._before_waiting()
                for descriptor, events in self._epoll.poll(self._seconds_to_wait()):
                    if descriptor == self._wake:
                        self._run_asked()
                    elif descriptor in self._watched:
                        self._watched[descriptor](events)
                self._run_timers()
        finally:
            self._thread = None
            self._epoll.close()
            with self._wake_lock:
                os.close(self._wake)
                self._wake = -1

    def _seconds_to_wait(self) -> float | None:
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic())

    def _run_asked(self) -> None:
        os.eventfd_read(self._wake)
        while not self._asked.empty():
            self._asked.get()()

    def _run_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now and not self._stopping:
            heapq.heappop(self._timers)[2]()
