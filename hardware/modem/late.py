"""The one message of a modem whose outcome is unknown, and how long a late +CMGS may still settle it."""

import time


class LateAnswer:
    """At most one outstanding transmission: the modem takes no other before it has done with it."""

    def __init__(self) -> None:
        self._until: float | None = None

    def wait_for(self, seconds: float) -> None:
        """The last message became unknown: its +CMGS counts for so long."""
        self._until = time.monotonic() + seconds

    def give_up(self) -> None:
        """No +CMGS can belong to it any more."""
        self._until = None

    @property
    def waiting(self) -> bool:
        """Whether a +CMGS would still count."""
        return self._until is not None and time.monotonic() < self._until

    def take(self) -> bool:
        """A +CMGS came that nobody waits for: whether it belongs to the outstanding message, which is then settled."""
        waiting, self._until = self.waiting, None
        return waiting
