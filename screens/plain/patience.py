"""Patience: how long nobody pressed a key, what is said about it, and when it ends."""

from typing import Final

from kiosk.desk_status import DeskFacts
from kiosk.sign_in.outcomes import Sentence
from screens.clock import Clock

# The warning is said again when so many seconds are left: a line that was read is gone, no countdown stands anywhere.
AGAIN_AT: Final = (10, 5)


class NobodyThere(Exception):
    """The time without any key is over."""


class Patience:
    """Looked at once a second. `key` tells that a key is only a sign of life, and then it does nothing else."""

    def __init__(self, facts: DeskFacts, clock: Clock) -> None:
        self._facts = facts
        self._clock = clock
        self._last = clock.monotonic()
        self._extensions = 0
        self._said: int | None = None
        """Seconds left when the warning was last said; None while none runs."""

    @property
    def since_seconds(self) -> float:
        """How long ago the last key was."""
        return self._clock.monotonic() - self._last

    def begin(self) -> None:
        """Somebody new, or something new to read."""
        self._last = self._clock.monotonic()
        self._extensions, self._said = 0, None

    def key(self) -> bool:
        """A key was pressed; True when it only answers the warning, as Meer tijd does on the pages."""
        if self._said is None:
            self.begin()
            return False
        if self._may_extend:
            self._last = self._clock.monotonic()
            self._extensions += 1
            self._said = None
        return True

    def look(self, seconds: int | None, text_id: str, *, silent: bool = False) -> Sentence | None:
        """What is to be said now; `seconds` is the time without keys that this page allows. Raises NobodyThere."""
        if seconds is None:
            return None
        warning = self._facts.idle_warning_seconds
        left = seconds - self.since_seconds
        if left > warning:
            self._said = None
            return None
        if silent:
            if left <= 0:
                self.begin()
                raise NobodyThere
            return None
        if self._said is None:
            # A page that begins to be watched late still gives the whole warning.
            self._last, left = self._clock.monotonic() - (seconds - warning), warning
        elif left <= 0:
            self.begin()
            raise NobodyThere
        return self._warn(int(left + 0.999), text_id)

    def due(self, seconds: int) -> bool:
        """Whether `look` has something to say of so many seconds without keys, or would end them."""
        return seconds - self.since_seconds <= self._facts.idle_warning_seconds

    @property
    def warned(self) -> bool:
        """A warning runs that nobody has answered."""
        return self._said is not None

    @property
    def extendable(self) -> bool:
        """Whether a key gives more time."""
        return self._may_extend

    @property
    def _may_extend(self) -> bool:
        return self._extensions < self._facts.idle_extensions

    def _warn(self, left: int, text_id: str) -> Sentence | None:
        due = self._said is None or any(left <= mark < self._said for mark in AGAIN_AT)
        if not due:
            return None
        self._said = left
        return Sentence(text_id if self._may_extend else "page.idle.last", {"seconds": left})
