"""A test of whatever key is put in, in a thread of its own; for the technician's page and for `kiosk yubikey test`."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hardware.yubikey.bus import KeyBus, PluggedKey, plugged_keys
from hardware.yubikey.conversation import Conversation
from kiosk.technician.key_test import KeyRun, KeyStepResult, KeyTest
from kiosk.yubikey.ceremony import Ceremony, Progress
from kiosk.yubikey.means import KeyMeans

# Between two looks at the ports while nothing rings.
LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class KeyProgressTold:
    """How it stands with the key, and which keys are in."""

    progress: Progress
    keys: tuple[PluggedKey, ...]


@dataclass(frozen=True, slots=True)
class KeyStepTold:
    """A step began or ended."""

    result: KeyStepResult


@dataclass(frozen=True, slots=True)
class KeyTested:
    """The test is done; the next one begins with `again`."""

    run: KeyRun


KeyEvent = KeyProgressTold | KeyStepTold | KeyTested


class KeySession:
    """Every method returns at once, from any thread; `told` is called in the session's threads and must return at once."""

    def __init__(self, bus: KeyBus, told: Callable[[KeyEvent], None], *, touch_seconds: float) -> None:
        self._bus = bus
        self._told = told
        self._touch_seconds = touch_seconds
        self._rung = threading.Event()
        self._closing = threading.Event()
        self._again = threading.Event()
        self._pin: list[str] = []
        self._means = KeyMeans(bus=bus, woken=self._rung.set)
        self._last: KeyProgressTold | None = None
        self._thread = threading.Thread(target=self._run, name="key-bench", daemon=True)

    def start(self) -> None:
        """Begin to look for a key."""
        self._thread.start()

    def again(self) -> None:
        """Test once more, the same key or another."""
        self._again.set()
        self._rung.set()

    def give_pin(self, pin: str) -> None:
        """The PIN that a key waits for; it goes to the key alone."""
        self._pin.append(pin)
        self._rung.set()

    def close(self) -> None:
        """Let go of the key."""
        self._closing.set()
        self._rung.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; False when it did not come."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        ceremony, done = self._begin(), False
        while not self._closing.is_set():
            if self._again.is_set():
                self._again.clear()
                ceremony.close()
                ceremony, done = self._begin(), False
            ceremony.look()
            while self._pin:
                ceremony.give_pin(self._pin.pop(0))
            self._tell(ceremony)
            if isinstance(ceremony.result, KeyRun) and not done:
                done = True
                self._told(KeyTested(ceremony.result))
            self._rung.wait(LOOK_SECONDS)
            self._rung.clear()
        ceremony.close()

    def _begin(self) -> Ceremony:
        def talk(key: PluggedKey, conversation: Conversation) -> KeyRun:
            return KeyTest(self._bus, key, lambda result: self._told(KeyStepTold(result))).run(conversation)

        return Ceremony(self._means, talk, touch_seconds=self._touch_seconds, one_key_only=True, forbidden_too=True)

    def _tell(self, ceremony: Ceremony) -> None:
        progress = ceremony.progress()
        # Seconds go by on the page by themselves.
        news = KeyProgressTold(
            Progress(phase=progress.phase, pin_left=progress.pin_left, pin_wrong=progress.pin_wrong),
            plugged_keys(self._bus.nodes()),
        )
        if news != self._last:
            self._last = news
            self._told(news)
