"""Time of the simulated keys, so that no test has to sleep."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """What a key knows of time."""

    def now(self) -> float:
        """Seconds since some moment, never back."""

    def wait_until(self, condition: threading.Condition, deadline: float | None) -> None:
        """Wait, with `condition` held, for a notification or until `deadline` (None = never); may come back early."""


class RealClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def wait_until(self, condition: threading.Condition, deadline: float | None) -> None:
        """Sleep for a notification or until the deadline."""
        condition.wait(None if deadline is None else max(deadline - time.monotonic(), 0.0))


class ManualClock:
    """Stands still until `advance`; whoever waits sleeps until then or until something happens."""

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()
        self._waiting: list[threading.Condition] = []

    def now(self) -> float:
        """Seconds that were advanced."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass and wake everybody who waits for it."""
        with self._lock:
            self._now += seconds
            waiting, self._waiting = self._waiting, []
        for condition in waiting:
            with condition:
                condition.notify_all()

    def wait_until(self, condition: threading.Condition, deadline: float | None) -> None:
        """Sleep for a notification or until somebody advances the time."""
        with self._lock:
            if deadline is not None and self._now >= deadline:
                return
            self._waiting.append(condition)
        condition.wait()


class LeapingClock:
    """Each wait is over at once and the time leaps to its end; only waits without an end are real."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        """Seconds that were leapt."""
        return self._now

    def wait_until(self, condition: threading.Condition, deadline: float | None) -> None:
        """Leap to the deadline; without one, sleep for a notification."""
        if deadline is None:
            condition.wait()
        else:
            self._now = max(self._now, deadline)
