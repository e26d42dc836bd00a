"""A conversation with one key, in a thread of its own: a key that never answers holds this thread and nothing else.

What happens is told as events, in order; the listener is woken from the thread and takes them in its own.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from hardware.yubikey.errors import KeyGone, KeyTrouble
from hardware.yubikey.hooks import Hooks

log = logging.getLogger("kiosk.yubikey")

# How often a conversation that waits for a PIN looks whether it was broken off.
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Touch:
    """The key blinks."""


@dataclass(frozen=True, slots=True)
class Finger:
    """The key waits for a finger."""


@dataclass(frozen=True, slots=True)
class PinAsked:
    """The key waits for its PIN; `left` tries when it says, `wrong` after one that was not right."""

    left: int | None
    wrong: bool


@dataclass(frozen=True, slots=True)
class Matched:
    """Asked silently: whether this key holds what is looked for."""

    holds: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The conversation is over: what it gave, or why it gave nothing."""

    result: object = field(default=None, repr=False)
    trouble: KeyTrouble | None = None


Event_ = Touch | Finger | PinAsked | Matched | Ended


class Conversation(Hooks):
    """One key, asked by `talk`; `talk` runs in the thread and raises KeyTrouble when it has nothing to give."""

    def __init__(self, talk: "Callable[[Conversation], object]", woken: Callable[[], None]) -> None:
        self.cancelled = Event()
        self._talk = talk
        self._woken = woken
        self._events: deque[Event_] = deque()
        self._pins: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._go = Event()
        self._thread = threading.Thread(target=self._run, name="yubikey", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """The thread still talks to the key."""
        return self._thread.is_alive()

    def events(self) -> list[Event_]:
        """What happened since the last call."""
        taken = []
        while self._events:
            taken.append(self._events.popleft())
        return taken

    def go_on(self) -> None:
        """The listener wants this key: `wait_for_word` returns."""
        self._go.set()

    def give_pin(self, pin: str) -> None:
        """The PIN that the person typed."""
        self._pins.put(pin)

    def cancel(self) -> None:
        """Break it off, at any time and more than once; nothing is waited for."""
        self.cancelled.set()
        self._go.set()

    # In the thread

    def tell(self, event: Event_) -> None:
        """Put an event before the listener."""
        self._events.append(event)
        self._woken()

    def wait_for_word(self) -> bool:
        """Wait until the listener chose this key; False when it was broken off."""
        self._go.wait()
        return not self.cancelled.is_set()

    def touch(self) -> None:
        """See `Hooks`."""
        self.tell(Touch())

    def finger(self) -> None:
        """See `Hooks`."""
        self.tell(Finger())

    def pin(self, left: int | None, *, wrong: bool) -> str | None:
        """See `Hooks`."""
        self.tell(PinAsked(left, wrong))
        while not self.cancelled.is_set():
            try:
                return self._pins.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue
        return None

    def _run(self) -> None:
        try:
            ended = Ended(result=self._talk(self))
        except KeyTrouble as trouble:
            ended = Ended(trouble=trouble)
        except OSError:
            # Closing a node that is gone.
            ended = Ended(trouble=KeyGone())
        except Exception as error:  # noqa: BLE001  whatever a library makes of a broken key, somebody waits for the end
            # Its text may hold what was sent to the key, so the name alone is kept.
            log.error("a conversation with a key failed: %s", type(error).__name__)  # noqa: TRY400  see above
            ended = Ended(trouble=KeyTrouble())
        self.tell(ended)
