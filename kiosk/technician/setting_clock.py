"""Puts the clock of this machine right: by the kernel where this process may, else by systemd-timedated.

Neither asks for a password: what is not allowed is told, and what root can type instead.
"""

import subprocess
import time
from collections.abc import Callable
from enum import StrEnum, unique
from typing import Final

# By so many seconds; raises ClockNotSet.
ClockSetter = Callable[[float], None]

# The caller holds the write transaction: others must not wait long.
_PATIENCE_SECONDS: Final = 3.0
# org.freedesktop.timedate1(5): SetTime(usec, relative, interactive).
_TIMEDATED: Final = (
    "busctl",
    "--system",
    "call",
    "org.freedesktop.timedate1",
    "/org/freedesktop/timedate1",
    "org.freedesktop.timedate1",
    "SetTime",
    "xbb",
)


@unique
class Obstacle(StrEnum):
    """Why the clock was not set; the values are the last part of `time.not_set.*`."""

    NO_RIGHT = "no_right"
    """This account has no CAP_SYS_TIME, and timedated does not let it either."""
    SYNCHRONISED = "synchronised"
    """NTP sets it; timedated lets nobody else."""
    DEMONSTRATION = "demonstration"
    """A demonstration leaves the machine alone."""


class ClockNotSet(Exception):
    """The clock stands as it stood."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


def set_clock(
    seconds: float,
    *,
    settime: Callable[[int], object] = lambda ns: time.clock_settime_ns(time.CLOCK_REALTIME, ns),
    run: Callable[..., "subprocess.CompletedProcess[str]"] = subprocess.run,
) -> None:
    """Set it `seconds` forward, back when negative; raises ClockNotSet."""
    try:
        settime(time.time_ns() + round(seconds * 1e9))
    except PermissionError:
        _ask_timedated(seconds, run)


def leave_clock(_seconds: float) -> None:
    """What a demonstration does."""
    raise ClockNotSet(Obstacle.DEMONSTRATION)


def _ask_timedated(seconds: float, run: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    command = [*_TIMEDATED, "--", str(round(seconds * 1e6)), "true", "false"]
    try:
        answer = run(command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        raise ClockNotSet(Obstacle.NO_RIGHT) from None
    if answer.returncode != 0:
        synchronised = "synchronization" in answer.stderr
        raise ClockNotSet(Obstacle.SYNCHRONISED if synchronised else Obstacle.NO_RIGHT)
