"""What a conversation with a key asks of whoever began it: a PIN, a finger, a touch."""

from threading import Event
from typing import Protocol


class Hooks(Protocol):
    """Called in the thread that talks to the key."""

    cancelled: Event
    """Set to break the conversation off; a key that answers at all is left within 0.1 s."""

    def touch(self) -> None:
        """The key blinks: it waits for a touch now."""

    def finger(self) -> None:
        """The key waits for a finger that it knows."""

    def pin(self, left: int | None, *, wrong: bool) -> str | None:
        """Wait for the PIN that the person types; `left` tries, `wrong` after one that was not right. None breaks off."""
