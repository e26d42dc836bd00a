"""Notices that a key was put in or pulled out, for whoever shows it; opens nothing."""

import threading
from collections.abc import Callable
from typing import Final

from hardware.yubikey.bus import KeyBus

# Twice within the half second in which a person expects to see something.
LOOK_SECONDS: Final = 0.25


class PortWatch:
    """Calls `changed`, from a thread of its own, after each insertion and removal."""

    def __init__(self, bus: KeyBus, changed: Callable[[], None]) -> None:
        self._bus = bus
        self._changed = changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="usb-ports", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; nothing is waited for."""
        self._stopping.set()

    def _run(self) -> None:
        seen = self._bus.signature()
        while not self._stopping.wait(LOOK_SECONDS):
            signature = self._bus.signature()
            if signature != seen:
                seen = signature
                self._changed()
