"""What the demonstration panel shows and does; `kiosk demo` fills it with simulated hardware."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from kiosk.watch import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Somebody who may sign in; demonstration passwords are meant to be read."""

    name: str
    password: str
    note_id: str
    """Catalogue id of the line that says what is special about this person."""
    totp_code: str | None = None
    """What this person's authenticator app shows at this moment."""
    backup_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSms:
    """An SMS on the simulated phone."""

    at: int
    """Milliseconds UTC."""
    number_tail: str
    sender: str
    network: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoModem:
    """A simulated modem and whether it is plugged in."""

    name: str
    network: str
    plugged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoKey:
    """A simulated security key, in a USB port or beside it."""

    name: str
    model: str
    pin: str | None
    plugged: bool
    blinking: bool
    """It waits for a touch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoState:
    """What the panel shows now; newest SMS first."""

    people: tuple[DemoPerson, ...]
    messages: tuple[DemoSms, ...]
    modems: tuple[DemoModem, ...]
    losing: bool
    """The next SMS will not arrive."""
    outage: bool = False
    keys: tuple[DemoKey, ...] = ()
    extra: tuple[str, ...] = field(default=())


class Demo(Protocol):
    """Knobs of the simulated world; every method may be called from any thread and returns at once."""

    def state(self) -> DemoState:
        """The present state."""

    def watch(self, callback: Callable[[DemoState], None]) -> Subscription:
        """Call back now and per change, from any thread."""

    def toggle_modem(self, name: str) -> None:
        """Pull the modem out, or plug it in again."""

    def toggle_key(self, name: str) -> None:
        """Pull the key out, or put it in."""

    def touch_key(self) -> str:
        """Touch the key that blinks; else one that is in, and then gives the letters that it types."""

    def lose_next_sms(self) -> None:
        """The network takes the next SMS and never delivers it."""

    def stop(self) -> None:
        """End the simulated world; nothing is kept."""
