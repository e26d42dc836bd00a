"""Commands that take their time: told by the second, and given up with a character (V.250 5.6.1)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hardware.modem.at import Answer, AtChannel
from hardware.modem.causes import ErrorFamily
from hardware.modem.errors import AtTimeout, Stopped

# Gets the seconds since the command was written.
Progress = Callable[[float], None]
_TOLD_EVERY_SECONDS = 1.0


def untold(seconds: float) -> None:
    """Take no notice of progress."""
    del seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A final result that is no OK; `family` and `code` are None for a plain ERROR."""

    family: ErrorFamily | None
    code: int | None


def refusal(answer: Answer) -> Refusal | None:
    """The refusal in an answer, None when it was OK."""
    return None if answer.ok else Refusal(family=answer.final.family, code=answer.final.code)


class Teller:
    """Passes the seconds on, at most once per second, from a wait that turns many times in one."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._started = time.monotonic()
        self._told = 0.0

    @property
    def seconds(self) -> float:
        """Since the wait began."""
        return time.monotonic() - self._started

    def turn(self) -> None:
        """Called in every turn of the wait."""
        seconds = self.seconds
        if seconds - self._told >= _TOLD_EVERY_SECONDS:
            self._told = seconds
            self._progress(seconds)


def slow_command(
    channel: AtChannel,
    text: str,
    *,
    prefixes: tuple[str, ...] = (),
    free: bool = False,
    timeout: float,
    progress: Progress = untold,
) -> Answer:
    """A command that may take `timeout` seconds; when it is cancelled or overdue it is aborted in the modem too."""
    try:
        return channel.command(text, prefixes=prefixes, free=free, timeout=timeout, waiting=Teller(progress).turn)
    except (AtTimeout, Stopped):
        abort(channel)
        raise


def abort(channel: AtChannel) -> None:
    """Any character ends a command that can be aborted; then take what the modem says to it, for `Pace.escape` seconds."""
    channel.write(b"\r", shown="(abort)")
    deadline = time.monotonic() + channel.pace.escape
    while time.monotonic() < deadline:
        event = channel.event_soon(deadline)
        if event is not None and channel.aside(event):
            return
