"""Puts the clock of this machine right: by the kernel where this process may, else by the helper of `kiosk install`, else by systemd-timedated.

None of them asks for a password: what is not allowed is told, and what root can type instead.
"""

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Final, Self

from kiosk.local_socket import PACKET_BYTES, BadPacket, strings_of

# Where `kiosk-clock.socket` listens.
SOCKET: Final = Path("/run/kiosk-clock.socket")
SET: Final = "set"

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
    """NTP sets it, and would put it back."""
    REFUSED = "refused"
    """The helper sets no such time, or came to it too late."""
    DEMONSTRATION = "demonstration"
    """A demonstration leaves the machine alone."""


class ClockNotSet(Exception):
    """The clock stands as it stood."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """So far forward, back when negative; not after CLOCK_BOOTTIME is `until`. Both in nanoseconds."""

    nanoseconds: int
    until: int

    def to_bytes(self) -> bytes:
        """As a packet."""
        return json.dumps({name: str(value) for name, value in asdict(self).items()}).encode()

    @classmethod
    def from_bytes(cls, packet: bytes) -> Self:
        """Read a packet; raises BadPacket."""
        values = strings_of(packet, cls.__slots__)
        try:
            return cls(**{name: int(value) for name, value in values.items()})
        except ValueError:
            raise BadPacket from None


def set_clock(
    seconds: float,
    *,
    helper: Path = SOCKET,
    settime: Callable[[int], object] = lambda ns: time.clock_settime_ns(time.CLOCK_REALTIME, ns),
    run: Callable[..., "subprocess.CompletedProcess[str]"] = subprocess.run,
) -> None:
    """Set it `seconds` forward, back when negative; raises ClockNotSet."""
    try:
        settime(time.time_ns() + round(seconds * 1e9))
    except PermissionError:
        said = _ask_helper(seconds, helper)
        if said is None:
            _ask_timedated(seconds, run)
        elif said != SET:
            raise ClockNotSet(_obstacle(said)) from None


def _obstacle(said: str) -> Obstacle:
    with contextlib.suppress(ValueError):
        return Obstacle(said)
    return Obstacle.NO_RIGHT


def _ask_helper(seconds: float, path: Path) -> str | None:
    """What it says, empty when it says nothing; None where there is none."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(_PATIENCE_SECONDS)
        until = time.clock_gettime_ns(time.CLOCK_BOOTTIME) + round(_PATIENCE_SECONDS * 1e9)
        try:
            connection.connect(str(path))
        except OSError:
            return None
        try:
            connection.send(Setting(nanoseconds=round(seconds * 1e9), until=until).to_bytes())
            return connection.recv(PACKET_BYTES).decode("ascii", "replace")
        except OSError:
            # It sets nothing any more after `until`.
            return Obstacle.REFUSED.value


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
