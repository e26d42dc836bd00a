"""Tijd en klok: who says what time it is, whether the clock of this machine can be believed, and how it is put right."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

from data.modems import ModemState
from kiosk.administration.free_text import REASON_LENGTH, checked_text
from kiosk.audit import AuditTrail
from kiosk.clock import ASKED_KEY, EVIDENCE_KEY, MARK_KEY, ClockHealth, SystemClock, TimeSource, compare, kept_evidence
from kiosk.delivery.candidates import present_modems
from kiosk.methods.phone_clocks import CORRECTED_KEY, OFF_FROM, PEOPLE_WHO_TELL, agreement, recent_offsets
from kiosk.methods.totp import STEP_SECONDS
from kiosk.site import Site
from kiosk.technician.setting_clock import ClockNotSet, ClockSetter

# The kernel's name of a clock that runs on a battery.
RTC: Final = Path("/sys/class/rtc/rtc0")
# Networks tell whole seconds, and are heard a moment later.
WORTH_SETTING_SECONDS: Final = 3.0
# Authenticator apps work up to one step of difference.
APPS_WORK_SECONDS: Final = STEP_SECONDS
_MINUTE_MS: Final = 60_000
# Source of the log when nobody but the technician's own watch tells the time.
_WATCH: Final = "watch"
_ORDER: Final = (TimeSource.NETWORK, TimeSource.SERVICE_CENTRE, TimeSource.MODEM)


@unique
class Said(StrEnum):
    """Whether a source tells the time; the values are the last part of `time.said.*`."""

    TOLD = "told"
    NOTHING = "nothing"
    FEW = "few"
    """Too few people used an app since."""
    DISAGREE = "disagree"


@unique
class Verdict(StrEnum):
    """What comes of it; the values are the last part of `time.verdict.*`."""

    GOOD = "good"
    ALONE = "alone"
    """Nobody tells the time."""
    DRIFTS = "drifts"
    WRONG = "wrong"
    BEFORE_BUILD = "before_build"
    WENT_BACK = "went_back"
    JUMPED = "jumped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One source: `name` is network, service_centre, modem or phones; `seconds` how far it is ahead of the clock of this machine."""

    name: str
    modem: str = ""
    said: Said = Said.TOLD
    seconds: float = 0.0
    age_ms: int = 0
    people: int = 0

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.name}:{self.modem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSeen:
    """Everything that the page shows, at `wall_ms` by the clock of this machine; `best` is whom it is set by."""

    wall_ms: int
    battery: bool
    tellings: tuple[Telling, ...]
    best: Telling | None
    verdict: Verdict
    offsets: tuple[tuple[int, int], ...]
    """Steps of 30 seconds that phones are ahead, and how many people each."""

    @property
    def may_set(self) -> bool:
        """Whether there is something to put right, and somebody who says to what."""
        if self.best is None:
            # A clock that leapt and is right again: without a source nothing else would ever end that.
            return self.verdict in {Verdict.WENT_BACK, Verdict.JUMPED}
        return self.verdict not in {Verdict.GOOD, Verdict.ALONE} or self.difference >= self.worth_setting

    @property
    def heard_ms(self) -> int | None:
        """How long ago a modem last said what its clock or its network says; None: not at all."""
        by_modem = {TimeSource.NETWORK.value, TimeSource.MODEM.value}
        return min(
            (one.age_ms for one in self.tellings if one.name in by_modem and one.said is Said.TOLD), default=None
        )

    @property
    def difference(self) -> float:
        """How far the clock of this machine is off, in seconds."""
        return 0.0 if self.best is None else abs(self.best.seconds)

    @property
    def step(self) -> float:
        """The seconds by which it would be set; 0 when it only counts as right again."""
        return self.best.seconds if self.best is not None and self.difference >= self.worth_setting else 0.0

    @property
    def worth_setting(self) -> float:
        """From this difference on it can be put right: phones tell no more than their step."""
        by_phones = self.best is not None and self.best.name == "phones"
        return float(OFF_FROM * STEP_SECONDS) if by_phones else WORTH_SETTING_SECONDS


class ProofNeeded(Exception):
    """The own second factor was shown too long ago."""


class NothingToSet(Exception):
    """The clock is right by now, or nobody tells the time any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRoom:
    """Used in the domain thread by one signed-in technician, who showed a second factor at `proved_at`."""

    site: Site
    trail: AuditTrail
    clock: SystemClock
    actor: str
    proved_at: int
    set_clock: ClockSetter
    ring: Callable[[], object]
    """Wakes whoever drives the modems."""
    battery: Callable[[], bool] = RTC.exists

    def look(self) -> TimeSeen:
        """Who says what now; raises DataError."""
        database, here, now = self.site.database, self.clock.moment(), self.clock.now()
        evidence = kept_evidence(database.meta.get(EVIDENCE_KEY))
        found = sorted(
            (one for each in evidence if (one := each.at(here)) is not None),
            key=lambda one: (_ORDER.index(one.source), one.modem),
        )
        tellings = [
            Telling(name=one.source.value, modem=one.modem, seconds=one.seconds, age_ms=one.age_ms) for one in found
        ]
        told = {one.source for one in found}
        tellings += [
            Telling(name=source.value, said=Said.NOTHING)
            for source in (TimeSource.NETWORK, TimeSource.SERVICE_CENTRE)
            if source not in told
        ]
        offsets = recent_offsets(database, now)
        phones = agreement(offsets)
        if phones.steps is not None:
            by_phones = Telling(name="phones", people=phones.people, seconds=float(phones.steps * STEP_SECONDS))
        else:
            said = Said.FEW if phones.people < PEOPLE_WHO_TELL else Said.DISAGREE
            by_phones = Telling(name="phones", people=phones.people, said=said)
        network = compare(evidence, here).network
        best = None if network is None else _of(tellings, network.source.value, network.modem)
        if best is None and by_phones.said is Said.TOLD:
            best = by_phones
        return TimeSeen(
            wall_ms=here.wall_ms,
            battery=self.battery(),
            tellings=(*tellings, by_phones),
            best=best,
            verdict=_verdict(self.clock.health(), best),
            offsets=tuple(sorted(Counter(offsets).items())),
        )

    def ask_modems(self) -> bool:
        """Have each modem asked now; whether one is there. It answers within ANSWER_SECONDS, or not; raises DataError."""
        database, now = self.site.database, self.clock.now()
        if not any(one.state is ModemState.READY for one in present_modems(database, now)):
            return False
        with database.transaction(write=True):
            database.meta.set(ASKED_KEY, str(now))
        self.ring()
        return True

    def put_right(self, reason: str) -> float:
        """Set the clock by the best source and believe it from now on; the seconds it went forward.

        Without a source it is not set: the technician has seen on a watch that it is right.

        The clock is set last, while everybody else waits for the row of the log: whoever sees it leap finds out why there.
        Raises ProofNeeded, NothingToSet, ClockNotSet (kept in the log), TextUnusable, NumberInText, DataError.
        """
        reason = checked_text("reason", reason, REASON_LENGTH)
        database = self.site.database
        try:
            with database.transaction(write=True):
                now = self.clock.now()
                fresh_ms = self.site.policy.administration.reauthentication_minutes * _MINUTE_MS
                if not now - fresh_ms <= self.proved_at <= now:
                    raise ProofNeeded
                seen = self.look()
                if not seen.may_set:
                    raise NothingToSet
                seconds = seen.step
                self._record("ok", reason, seen, seconds)
                if seconds:
                    self.set_clock(seconds)
                self.clock.corrected()
                database.meta.set(MARK_KEY, self.clock.high_water().to_text())
                if seconds:
                    database.meta.set(CORRECTED_KEY, str(self.clock.now()))
        except ClockNotSet as error:
            with database.transaction(write=True):
                self._record(error.obstacle.value, reason, seen, seconds)
            raise
        return seconds

    def _record(self, result: str, reason: str, seen: TimeSeen, seconds: float) -> None:
        by = seen.best or Telling(name=_WATCH)
        self.trail.record(
            "time.set",
            result,
            actor=self.actor,
            about="clock",
            parameters={
                "reason": reason,
                "source": by.name,
                "modem": by.modem,
                "old": seen.wall_ms,
                "new": seen.wall_ms + round(seconds * 1000),
                "found": seen.verdict.value,
            },
        )


def _of(tellings: list[Telling], name: str, modem: str) -> Telling | None:
    return next((one for one in tellings if (one.name, one.modem) == (name, modem)), None)


def _verdict(health: ClockHealth, best: Telling | None) -> Verdict:
    if health is not ClockHealth.OK:
        return Verdict(health.value)
    if best is None:
        return Verdict.ALONE
    off = abs(best.seconds)
    if best.name == "phones" and off < OFF_FROM * STEP_SECONDS:
        return Verdict.GOOD
    if off > APPS_WORK_SECONDS:
        return Verdict.WRONG
    return Verdict.DRIFTS if off > APPS_WORK_SECONDS / 2 else Verdict.GOOD
