"""`kiosk-clock`: sets the clock of this machine, and the one that runs on its battery, for the kiosk's account alone.

One process per connection, socket-activated, as root with CAP_SYS_TIME and nothing else: offline, and without polkit and D-Bus, which a small
Debian does not have. It believes that whoever calls is the kiosk, by the kernel; which technician set the clock and why is in the
kiosk's log by then.

kiosk → helper   Setting
helper → kiosk   SET, or the value of an `Obstacle`
"""

import argparse
import contextlib
import ctypes
import fcntl
import logging
import os
import pwd
import socket
import struct
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.local_socket import PACKET_BYTES, BadPacket, caller_of
from kiosk.technician.setting_clock import SET, Obstacle, Setting

log = logging.getLogger("kiosk.clock")

REQUEST_SECONDS: Final = 5.0
BATTERY_CLOCK: Final = Path("/dev/rtc0")
# hwclock(8): its third line says whether the battery's clock is in UTC or, for another system beside this one, in local time.
ADJTIME: Final = Path("/etc/adjtime")
# Whatever asks, no time is set before this program was made, nor one that files and certificates of this machine do not survive.
_FIRST_NS: Final = int(Path(__file__).stat().st_mtime - 86_400) * 1_000_000_000
_YEARS: Final = 30
_LAST_NS: Final = _FIRST_NS + _YEARS * 366 * 86_400 * 1_000_000_000

# adjtimex(2): what it returns while nothing keeps the clock right; linux/timex.h, struct timex is 208 bytes.
_TIME_ERROR: Final = 5
_TIMEX_BYTES: Final = 256
# linux/rtc.h: RTC_SET_TIME, struct rtc_time.
_RTC_SET_TIME: Final = 0x4024700A
_RTC_TIME: Final = struct.Struct("9i")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the connection on standard input."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(prog="kiosk-clock", description="Sets the clock for the kiosk.")
    parser.add_argument("--peer", required=True, help="The Unix account of the kiosk.")
    given = parser.parse_args(arguments)
    with socket.socket(fileno=os.dup(0)) as connection:
        serve(connection, Means(peer=pwd.getpwnam(given.peer).pw_uid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What the helper works with: `peer` is the only account that is served."""

    peer: int
    synchronised: Callable[[], bool] = lambda: _synchronised()  # noqa: PLW0108  it is defined below
    set_clock: Callable[[int], object] = lambda ns: time.clock_settime_ns(time.CLOCK_REALTIME, ns)
    set_battery: Callable[[], object] = lambda: _set_battery()  # noqa: PLW0108  see above


def serve(connection: socket.socket, means: Means) -> None:
    """One setting."""
    said = _set(connection, means)
    log.info("%s", said)
    with contextlib.suppress(OSError):
        connection.send(said.encode())


def _set(connection: socket.socket, means: Means) -> str:
    if caller_of(connection) != means.peer:
        return Obstacle.NO_RIGHT.value
    try:
        connection.settimeout(REQUEST_SECONDS)
        setting = Setting.from_bytes(connection.recv(PACKET_BYTES))
    except (OSError, BadPacket):
        return Obstacle.NO_RIGHT.value
    if means.synchronised():
        return Obstacle.SYNCHRONISED.value
    wanted = time.time_ns() + setting.nanoseconds
    # Whoever asked and was not answered in time has written into the log that nothing was set.
    if not _FIRST_NS <= wanted <= _LAST_NS or time.clock_gettime_ns(time.CLOCK_BOOTTIME) > setting.until:
        return Obstacle.REFUSED.value
    try:
        means.set_clock(wanted)
    except OSError as error:
        log.warning("the clock was not set: %s", error.strerror)
        return Obstacle.NO_RIGHT.value
    log.info("the clock was set %+.3f s", setting.nanoseconds / 1e9)
    try:
        means.set_battery()
    except OSError as error:
        # Right until the power fails; the kiosk tells a machine without such a clock apart.
        log.warning("the clock on the battery was not set: %s", error.strerror)
    return SET


def _synchronised() -> bool:
    """Whether NTP keeps the clock right: it would put it back."""
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))) != _TIME_ERROR


def _set_battery() -> None:
    local = ADJTIME.is_file() and "LOCAL" in ADJTIME.read_text(encoding="ascii", errors="replace").split()
    with BATTERY_CLOCK.open("rb") as battery:
        fcntl.ioctl(battery, _RTC_SET_TIME, rtc_time(datetime.now(UTC), local=local))


def rtc_time(now: datetime, *, local: bool) -> bytes:
    """A moment as struct rtc_time of linux/rtc.h, in UTC or in the zone of this machine."""
    at = now.astimezone(None if local else UTC).timetuple()
    weekday = (at.tm_wday + 1) % 7
    return _RTC_TIME.pack(
        at.tm_sec, at.tm_min, at.tm_hour, at.tm_mday, at.tm_mon - 1, at.tm_year - 1900, weekday, at.tm_yday - 1, 0
    )


if __name__ == "__main__":
    main()
