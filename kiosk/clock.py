"""Two times: kiosk time for every expiry and wait, wall time for TOTP, display and the log.

Kiosk time = max(wall, last seen + CLOCK_BOOTTIME since then): it never goes back and never stands still, whatever
happens to the clock of the machine. The last seen value is kept in the database by whoever owns the clock.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Final, Protocol

log = logging.getLogger("kiosk.clock")

# A jump or a difference beyond this is a wrong clock, not a correction (DESIGN §4).
TOLERATED_JUMP_MS: Final = 120_000
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """What the domain asks for the time; all values are milliseconds UTC."""

    def now(self) -> int:
        """Kiosk time."""

    def wall(self) -> int:
        """The clock of the machine."""

    def health(self) -> "ClockHealth":
        """Whether the wall clock can be believed."""


@unique
class ClockHealth(StrEnum):
    """Why the wall clock is believed or not; any other than OK switches TOTP off."""

    OK = "ok"
    BEFORE_BUILD = "before_build"
    WENT_BACK = "went_back"
    JUMPED = "jumped"


@dataclass(frozen=True, slots=True)
class HighWaterMark:
    """Kiosk time when it was last kept, with the boot it was seen in."""

    kiosk_ms: int
    boot_ms: int
    boot_id: str

    def to_text(self) -> str:
        """As kept in the database."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str | None) -> "HighWaterMark | None":
        """None when nothing was kept; raises ValueError on anything else than a kept mark."""
        if text is None:
            return None
        match json.loads(text):
            case {"kiosk_ms": int(kiosk_ms), "boot_ms": int(boot_ms), "boot_id": str(boot_id)}:
                return cls(kiosk_ms=kiosk_ms, boot_ms=boot_ms, boot_id=boot_id)
        raise ValueError(text)


def kept_mark(text: str | None) -> HighWaterMark | None:
    """The mark that was kept; a damaged one counts as none, for a terminal must start all the same."""
    try:
        return HighWaterMark.from_text(text)
    except ValueError:
        log.critical("the time that was kept in the database is damaged")
        return None


def wall_ms() -> int:
    """CLOCK_REALTIME in milliseconds."""
    return time.time_ns() // 1_000_000


def boot_ms() -> int:
    """CLOCK_BOOTTIME in milliseconds: monotonic and counting while the machine sleeps."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def boot_id() -> str:
    """The kernel's random name of this boot; empty where there is none."""
    return BOOT_ID.read_text(encoding="ascii").strip() if BOOT_ID.exists() else ""


class SystemClock:
    """The clock of this process; `mark` is what `high_water()` gave before."""

    def __init__(
        self,
        mark: HighWaterMark | None = None,
        *,
        wall: Callable[[], int] = wall_ms,
        boot: Callable[[], int] = boot_ms,
        this_boot: str | None = None,
    ) -> None:
        self._wall = wall
        self._boot = boot
        self._boot_id = boot_id() if this_boot is None else this_boot
        self._lock = threading.Lock()
        # A tree without a build step is as old as its newest deployment: this very file.
        self._built_ms = int(Path(__file__).stat().st_mtime * 1000) - TOLERATED_JUMP_MS
        boot_now, wall_now = boot(), wall()
        self._base_boot = boot_now
        self._base_kiosk = wall_now if mark is None else max(wall_now, _carried(mark, boot_now, self._boot_id))
        self._wall_at_base = wall_now
        self._jumped = False

    def now(self) -> int:
        """Kiosk time in milliseconds UTC: never back, never still."""
        return self._look()[0]

    def wall(self) -> int:
        """The clock of the machine in milliseconds UTC."""
        return self._wall()

    def health(self) -> ClockHealth:
        """Believe the wall clock or not; BEFORE_BUILD and WENT_BACK end by a correction, JUMPED with this process."""
        wrong = self._wrong(*self._look())
        return wrong or (ClockHealth.JUMPED if self._jumped else ClockHealth.OK)

    def high_water(self) -> HighWaterMark:
        """What to keep, so that the next process continues from here."""
        with self._lock:
            self._look_locked()
            return HighWaterMark(kiosk_ms=self._base_kiosk, boot_ms=self._base_boot, boot_id=self._boot_id)

    def heed(self, mark: HighWaterMark) -> None:
        """Go on from a mark of another process of this machine when that has seen a later time."""
        with self._lock:
            self._look_locked()
            self._base_kiosk = max(self._base_kiosk, _carried(mark, self._base_boot, self._boot_id))

    def _look(self) -> tuple[int, int]:
        with self._lock:
            return self._look_locked()

    def _look_locked(self) -> tuple[int, int]:
        """Kiosk and wall time of one moment; the base moves there, so that kiosk time and boot time fit each other."""
        wall, boot = self._wall(), self._boot()
        elapsed = boot - self._base_boot
        # A leap of a clock that was wrong is its correction.
        believed = self._wrong(self._base_kiosk, self._wall_at_base) is None
        if believed and wall - (self._wall_at_base + elapsed) > TOLERATED_JUMP_MS:
            self._jumped = True
        self._base_kiosk = max(wall, self._base_kiosk + elapsed)
        self._base_boot, self._wall_at_base = boot, wall
        return self._base_kiosk, wall

    def _wrong(self, kiosk: int, wall: int) -> ClockHealth | None:
        """What one look tells against the wall clock."""
        if wall < self._built_ms:
            return ClockHealth.BEFORE_BUILD
        return ClockHealth.WENT_BACK if kiosk - wall > TOLERATED_JUMP_MS else None


def _carried(mark: HighWaterMark, boot_now: int, this_boot: str) -> int:
    if mark.boot_id == this_boot and boot_now >= mark.boot_ms:
        return mark.kiosk_ms + boot_now - mark.boot_ms
    # Another boot: how long the machine was off is unknown, but it has been on for this long.
    return mark.kiosk_ms + boot_now
