"""What a process needs to work with security keys; made once by `kiosk.commands`, used in the domain thread."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.yubikey.bus import KeyBus
from hardware.yubikey.conversation import Conversation
from kiosk.delivery.alarms import AlarmMeans


@dataclass(slots=True, kw_only=True)
class KeyMeans:
    """The USB ports of this desk, and who is told when something about a key happens."""

    bus: KeyBus
    woken: Callable[[], None]
    """Called from any thread: the domain should look again."""
    alarms: AlarmMeans | None = None
    monotonic: Callable[[], float] = time.monotonic
    talking: dict[str, Conversation] = field(default_factory=dict)
    """By key: the conversation that was begun last; one that was broken off and goes on is with a wedged key."""
