"""Two times: kiosk time for every expiry and wait, wall time for TOTP, display and the log.

Kiosk time = max(wall, last seen + CLOCK_BOOTTIME since then): it never goes back and never stands still, whatever
happens to the clock of the machine. The last seen value is kept in the database by whoever owns the clock.

A technician may set that clock (`corrected`): kiosk time goes on from where it was, ahead of a clock that was put back.

What the networks say of the time is evidence beside those two: `compare` tells how far off the wall clock is by it. It steers no
clock and switches nothing off.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Final, Protocol

from kiosk.wall_clock import wall_ms

log = logging.getLogger("kiosk.clock")

# A jump or a difference beyond this is a wrong clock, not a correction (DESIGN §4).
TOLERATED_JUMP_MS: Final = 120_000
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# Where evidence of the time is kept in `meta`, and how long it counts: within a day no quartz drifts by two minutes.
EVIDENCE_KEY: Final = "clock.evidence"
EVIDENCE_MS: Final = 24 * 3600 * 1000
# When somebody last wanted the modems to be asked at once, in kiosk time.
ASKED_KEY: Final = "clock.asked"


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment by the clock of the machine and by the time since its boot `boot_id`, which nobody can set."""

    wall_ms: int
    boot_ms: int
    boot_id: str


class Clock(Protocol):
    """What the domain asks for the time; all values are milliseconds UTC."""

    def now(self) -> int:
        """Kiosk time."""

    def wall(self) -> int:
        """The clock of the machine."""

    def moment(self) -> Moment:
        """Now, for evidence that must stay right when the clock is set."""

    def health(self) -> "ClockHealth":
        """Whether the wall clock can be believed."""


@unique
class ClockHealth(StrEnum):
    """Why the wall clock is believed or not; any other than OK switches TOTP off."""

    # What networks say is no reason: a base station that somebody carries past the door can tell any time, and must lock nobody
    # out. It is shown to technicians, who look at a watch.

    OK = "ok"
    BEFORE_BUILD = "before_build"
    WENT_BACK = "went_back"
    JUMPED = "jumped"


@dataclass(frozen=True, slots=True)
class HighWaterMark:
    """Kiosk time when it was last kept, with the boot it was seen in.

    `corrections`: how often somebody set the clock on purpose; `ahead_ms`: how far kiosk time was before it since the last time.
    """

    kiosk_ms: int
    boot_ms: int
    boot_id: str
    corrections: int = 0
    ahead_ms: int = 0

    def to_text(self) -> str:
        """As kept in the database."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str | None) -> "HighWaterMark | None":
        """None when nothing was kept; raises ValueError on anything else than a kept mark."""
        if text is None:
            return None
        match json.loads(text):
            case {"kiosk_ms": int(kiosk_ms), "boot_ms": int(boot_ms), "boot_id": str(boot_id), **more}:
                match more.get("corrections", 0), more.get("ahead_ms", 0):
                    case int(corrections), int(ahead_ms):
                        return cls(kiosk_ms, boot_ms, boot_id, corrections=corrections, ahead_ms=ahead_ms)
        raise ValueError(text)


@unique
class TimeSource(StrEnum):
    """Whose time it is, the most to be believed first."""

    SERVICE_CENTRE = "service_centre"  # which stamped a delivery report
    NETWORK = "network"  # which told the modem just then (NITZ), or sets its clock (+CTZU)
    MODEM = "modem"  # its own clock, which nothing is known to set


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockEvidence:
    """At one moment the time of `source`, heard over `modem`, was so many seconds ahead of the wall clock (behind: negative)."""

    modem: str
    source: TimeSource
    offset_seconds: float
    wall_ms: int
    boot_ms: int
    boot_id: str

    def at(self, here: Moment) -> "ClockDifference | None":
        """What it says now, also when the clock was set since; None of another boot, or when it is too old to count."""
        elapsed = here.boot_ms - self.boot_ms
        if self.boot_id != here.boot_id or not 0 <= elapsed <= EVIDENCE_MS:
            return None
        stepped_ms = here.wall_ms - (self.wall_ms + elapsed)
        seconds = self.offset_seconds - stepped_ms / 1000
        return ClockDifference(modem=self.modem, source=self.source, seconds=seconds, age_ms=elapsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDifference:
    """How many seconds the time of `source` is ahead of the wall clock now, by evidence of that age."""

    modem: str
    source: TimeSource
    seconds: float
    age_ms: int

    @property
    def is_large(self) -> bool:
        """Whether one of the two clocks is wrong."""
        return abs(self.seconds) * 1000 > TOLERATED_JUMP_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockComparison:
    """The wall clock beside the time of the networks (`network`, None when none has told it) and the modems' own, by name."""

    network: ClockDifference | None
    modems: Mapping[str, ClockDifference]

    @property
    def machine_off(self) -> ClockDifference | None:
        """The difference when the clock of this machine is wrong by what the networks say."""
        return self.network if self.network is not None and self.network.is_large else None

    def modem_off(self, modem: str) -> ClockDifference | None:
        """The difference when a modem's clock is wrong: it alone disagrees, with us and with the networks."""
        own = self.modems.get(modem)
        if own is None or not own.is_large:
            return None
        true_seconds = 0.0 if self.network is None else self.network.seconds
        return own if abs(own.seconds - true_seconds) * 1000 > TOLERATED_JUMP_MS else None


def compare(evidence: Iterable[ClockEvidence], here: Moment) -> ClockComparison:
    """How far off the wall clock is.

    A service centre is believed before a modem that passes the network's time on, and of several one that agrees with us, for two
    clocks that agree are not both wrong; else the latest. A modem's own clock says nothing about ours.
    """
    found = [difference for one in evidence if (difference := one.at(here)) is not None]
    network: ClockDifference | None = None
    for source in (TimeSource.SERVICE_CENTRE, TimeSource.NETWORK):
        told = [one for one in found if one.source is source]
        if told:
            network = min(told, key=lambda one: (one.is_large, one.age_ms))
            break
    clocks = [one for one in found if one.source is not TimeSource.SERVICE_CENTRE]
    latest = {one.modem: one for one in sorted(clocks, key=lambda one: one.age_ms, reverse=True)}
    return ClockComparison(network=network, modems=latest)


def evidence_to_text(evidence: Iterable[ClockEvidence]) -> str:
    """As kept in the database."""
    return json.dumps([asdict(one) for one in evidence])


def kept_evidence(text: str | None) -> list[ClockEvidence]:
    """The evidence that was kept; what is damaged counts as none, for more comes by itself."""
    try:
        return [_evidence(one) for one in json.loads(text or "[]")]
    except (TypeError, ValueError):
        log.warning("the evidence of the time that was kept in the database is damaged")
        return []


def _evidence(kept: object) -> ClockEvidence:
    match kept:
        case {
            "modem": str(modem),
            "source": str(source),
            "offset_seconds": int() | float() as offset_seconds,
            "wall_ms": int(wall_ms),
            "boot_ms": int(boot_ms),
            "boot_id": str(boot_id),
        }:
            return ClockEvidence(
                modem=modem,
                source=TimeSource(source),
                offset_seconds=offset_seconds,
                wall_ms=wall_ms,
                boot_ms=boot_ms,
                boot_id=boot_id,
            )
    raise ValueError(kept)


# Key in `meta` of the latest kiosk time that any process has seen.
MARK_KEY: Final = "clock.high_water"


def kept_mark(text: str | None) -> HighWaterMark | None:
    """The mark that was kept; a damaged one counts as none, for a terminal must start all the same."""
    try:
        return HighWaterMark.from_text(text)
    except ValueError:
        log.critical("the time that was kept in the database is damaged")
        return None


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
        self._corrections = 0 if mark is None else mark.corrections
        self._ahead = 0 if mark is None else mark.ahead_ms

    def now(self) -> int:
        """Kiosk time in milliseconds UTC: never back, never still."""
        return self._look()[0]

    def wall(self) -> int:
        """The clock of the machine in milliseconds UTC."""
        return self._wall()

    def moment(self) -> Moment:
        """Now, by wall clock and boot."""
        return Moment(self._wall(), self._boot(), self._boot_id)

    def health(self) -> ClockHealth:
        """Believe the wall clock or not; BEFORE_BUILD and WENT_BACK end by a correction, JUMPED with this process."""
        wrong = self._wrong(*self._look())
        return wrong or (ClockHealth.JUMPED if self._jumped else ClockHealth.OK)

    def high_water(self) -> HighWaterMark:
        """What to keep, so that the next process continues from here."""
        with self._lock:
            self._look_locked()
            return HighWaterMark(
                kiosk_ms=self._base_kiosk,
                boot_ms=self._base_boot,
                boot_id=self._boot_id,
                corrections=self._corrections,
                ahead_ms=self._ahead,
            )

    def heed(self, mark: HighWaterMark) -> None:
        """Go on from a mark of another process of this machine when that has seen a later time."""
        with self._lock:
            self._look_locked()
            self._base_kiosk = max(self._base_kiosk, _carried(mark, self._base_boot, self._boot_id))
            if mark.corrections > self._corrections:
                self._corrections, self._ahead, self._jumped = mark.corrections, mark.ahead_ms, False

    def corrected(self) -> None:
        """Somebody who may has just set the wall clock, or says that it is right: believe it from now on.

        Kiosk time stays ahead of a clock that was put back, so that nothing that was over begins again.
        """
        with self._lock:
            kiosk, wall = self._look_locked()
            self._corrections += 1
            self._ahead = max(0, kiosk - wall)
            self._jumped = False

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
        # What the clock has caught up with it may not be put back by once more.
        self._ahead = min(self._ahead, self._base_kiosk - wall)
        return self._base_kiosk, wall

    def _wrong(self, kiosk: int, wall: int) -> ClockHealth | None:
        """What one look tells against the wall clock."""
        if wall < self._built_ms:
            return ClockHealth.BEFORE_BUILD
        return ClockHealth.WENT_BACK if kiosk - wall > TOLERATED_JUMP_MS + self._ahead else None


def _carried(mark: HighWaterMark, boot_now: int, this_boot: str) -> int:
    if mark.boot_id == this_boot and boot_now >= mark.boot_ms:
        return mark.kiosk_ms + boot_now - mark.boot_ms
    # Another boot: how long the machine was off is unknown, but it has been on for this long.
    return mark.kiosk_ms + boot_now
