"""The steps of a test and what comes of them: data without words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique

from kiosk.technician.diagnosis import Finding


@unique
class Step(StrEnum):
    """In the order in which they are done; the values are the last part of `bench.step.*`."""

    PORT = "port"
    ATTENTION = "attention"
    IDENTITY = "identity"
    SIM = "sim"
    PIN = "pin"
    REGISTRATION = "registration"
    NETWORK = "network"
    SIGNAL = "signal"
    SERVICE_CENTRE = "service_centre"
    DRY_RUN = "dry_run"
    SMS = "sms"
    REPORT = "report"

    @property
    def number(self) -> int:
        """1 to 12, as it is said on the phone."""
        return list(Step).index(self) + 1


@unique
class Mark(StrEnum):
    """How a step stands; the values are the last part of `bench.mark.*`."""

    WAITING = "waiting"
    BUSY = "busy"
    GOOD = "good"
    ATTENTION = "attention"
    FAULT = "fault"
    SKIPPED = "skipped"
    NOT_DONE = "not_done"
    """A step before it had a fault, or the test was stopped."""


FINAL = frozenset({Mark.GOOD, Mark.ATTENTION, Mark.FAULT, Mark.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One step; `shown` are the values of its words, never a whole number, PIN or code; `limit` its longest time in seconds."""

    step: Step
    mark: Mark
    seconds: float = 0.0
    limit: float = 0.0
    shown: Mapping[str, str | int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = field(default=(), repr=False)
    """What was said over the line, without PINs and whole numbers; not in a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRun:
    """All steps of one test of one modem, done or not; `at` is wall time in milliseconds UTC."""

    modem: str
    at: int
    steps: tuple[StepResult, ...]
    simulated: bool = False

    __test__ = False

    @property
    def verdict(self) -> Mark:
        """FAULT or ATTENTION when any step has one; NOT_DONE when it was stopped; else GOOD."""
        marks = {each.mark for each in self.steps}
        for mark in (Mark.FAULT, Mark.ATTENTION):
            if mark in marks:
                return mark
        return Mark.NOT_DONE if marks & {Mark.NOT_DONE, Mark.WAITING, Mark.BUSY} else Mark.GOOD

    @property
    def first_finding(self) -> Finding | None:
        """The cause to begin with: that of the first fault, else of the first thing worth attention."""
        for mark in (Mark.FAULT, Mark.ATTENTION):
            for each in self.steps:
                if each.mark is mark and each.findings:
                    return each.findings[0]
        return None
