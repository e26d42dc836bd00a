"""What a process needs to work with security keys; made once by `kiosk.commands`, used in the domain thread."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from hardware.yubikey.bus import KeyBus
from hardware.yubikey.conversation import Conversation
from kiosk.delivery.alarms import AlarmMeans

_TALKING: "WeakKeyDictionary[KeyBus, dict[str, Conversation]]" = WeakKeyDictionary()


@dataclass(slots=True, kw_only=True)
class KeyMeans:
    """The USB ports of this desk, and who is told when something about a key happens."""

    bus: KeyBus
    woken: Callable[[], None]
    """Called from any thread: the domain should look again."""
    alarms: AlarmMeans | None = None
    monotonic: Callable[[], float] = time.monotonic
    talking: dict[str, Conversation] = field(init=False)
    """By key: the conversation that was begun last; one that was broken off and goes on is with a wedged key."""

    def __post_init__(self) -> None:
        # One per bus: whoever else in this process uses the same ports must know of a wedged key too.
        self.talking = _TALKING.setdefault(self.bus, {})
