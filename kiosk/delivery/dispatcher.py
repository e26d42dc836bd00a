"""The one dispatcher of this machine: every process that may drive the modems has one, and the lock decides which works.

Who waits is blocked in flock(): it takes over at once when the owner ends or dies, and costs nothing meanwhile (looking 20
times a second cost 0.3 % of a core). Nothing can call a thread back from there, so a dispatcher that was stopped while
waiting may get the lock later; it then lets go of it in the same breath.
"""

import fcntl
import logging
import os
import threading
import time
from pathlib import Path
from typing import Final

from kiosk.delivery.doorbell import Waker
from kiosk.delivery.tenure import DispatcherTenure, Means, Tenure

log = logging.getLogger("kiosk.delivery")

# Time for messages after Ctrl-Z when the dispatcher stops, in seconds (DESIGN §4).
PATIENCE: Final = 10.0
# Pause after the lock could not even be opened, or driving failed by a mistake of ours, in seconds.
TROUBLE: Final = 2.0
# A round takes milliseconds, a busy or lost database some seconds, in seconds.
STUCK: Final = 60.0
# Beyond the patience: closing ports and the last writes, in seconds.
_ENDING: Final = 5.0


class Dispatcher:
    """Drives all modems of this machine as soon as no other process does, in a daemon thread of its own.

    Args:
        means: what it works with.
        waker: wakes the dispatcher when the outbox has changed; its doorbell tells everybody what became of messages.
        lock_path: the lock, the same for all processes of the machine.
    """

    def __init__(self, means: Means, waker: Waker, lock_path: Path) -> None:
        self._means = means
        self._waker = waker
        self._lock_path = lock_path
        self._stopping = threading.Event()
        self._stop_at = 0.0
        self._blocked = False
        """The thread is in flock(), out of reach."""
        self._gate = threading.Lock()
        self._tenure: Tenure | None = None
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    @property
    def drives(self) -> bool:
        """Whether this process holds the lock and drives the modems."""
        return self._tenure is not None

    @property
    def moves(self) -> bool:
        """Whether the thread lives and is not stuck; one that waits for the lock is not."""
        tenure = self._tenure
        return self._thread.is_alive() and (tenure is None or time.monotonic() - tenure.round_at < STUCK)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the outbox now; from any thread."""
        tenure = self._tenure
        if tenure is not None:
            tenure.wake()

    def stop(self, patience: float = PATIENCE) -> bool:
        """Send nothing new, give messages after Ctrl-Z `patience` seconds, then let go of modems and lock.

        What has not been answered by then is unknown. Returns whether this process drives nothing any more.
        """
        self._stop_at = time.monotonic() + patience
        with self._gate:
            self._stopping.set()
            if self._blocked:
                return True
        self.wake()
        if self._thread.is_alive():
            self._thread.join(patience + _ENDING)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                log.error("the lock %s cannot be opened: %s", self._lock_path, error.strerror)  # noqa: TRY400  it says all
                self._stopping.wait(TROUBLE)
                continue
            try:
                self._wait_and_drive(lock)
            except Exception:
                # A mistake of ours; the modems must not stay without a driver until somebody comes.
                log.exception("driving the modems failed and begins anew")
                self._stopping.wait(TROUBLE)
            finally:
                os.close(lock)

    def _wait_and_drive(self, lock: int) -> None:
        with self._gate:
            self._blocked = not self._stopping.is_set()
        if self._blocked:
            fcntl.flock(lock, fcntl.LOCK_EX)
        with self._gate:
            self._blocked = False
            if self._stopping.is_set():
                return
        self._drive()

    def _drive(self) -> None:
        log.info("this process drives the modems now")
        tenure = DispatcherTenure(self._means)
        self._tenure = tenure
        woken = self._waker.add(tenure.wake)
        try:
            tenure.run(self._stopping, lambda: max(0.0, self._stop_at - time.monotonic()))
        finally:
            woken.cancel()
            self._tenure = None
