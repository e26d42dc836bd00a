"""What a page is told while it has a modem: one frozen event after another, from the session's thread."""

from dataclasses import dataclass, field

from hardware.modem.errands.console import ConsoleLine
from hardware.modem.errands.inbox import InboxMessage
from kiosk.technician.diagnosis import Finding
from kiosk.technician.scanning import ScannedNetwork
from kiosk.technician.steps import StepResult, TestRun


@dataclass(frozen=True, slots=True)
class Opened:
    """The modem is here."""


@dataclass(frozen=True, slots=True)
class WaitingForIt:
    """It is still sending an SMS; the modem comes after that."""


@dataclass(frozen=True, slots=True)
class NotLent:
    """The modem cannot be had: `reason` as in LoanRefused, `who` has it."""

    reason: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class StepTold:
    """A step of the test began, went on or ended."""

    result: StepResult


@dataclass(frozen=True, slots=True)
class TestDone:
    """The test, or the part that was asked for, is over."""

    __test__ = False
    run: TestRun


@dataclass(frozen=True, slots=True)
class SecondsPassed:
    """Something slow goes on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ScanDone:
    """The networks in reach; `finding` says why there are none."""

    networks: tuple[ScannedNetwork, ...]
    seconds: float
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class UssdDone:
    """What the network said, and how it ended (`bench.ussd.*`)."""

    end: str
    texts: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the console."""

    line: ConsoleLine


@dataclass(frozen=True, slots=True)
class ConsoleDone:
    """The answer is complete; `end` is the last part of `bench.console.*`."""

    end: str


@dataclass(frozen=True, slots=True)
class InboxDone:
    """The messages of SIM and modem; `used` of `total` places are taken, None when the modem does not tell."""

    messages: tuple[InboxMessage, ...] = field(repr=False)
    used: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class SignalTold:
    """The signal now."""

    dbm: int | None


@dataclass(frozen=True, slots=True)
class Failed:
    """What was asked could not be done, and why."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class Stopped:
    """What was asked was stopped."""


@dataclass(frozen=True, slots=True)
class GoneBack:
    """The modem has gone back: the page was not used for too long, or its time was over."""


Event = (
    Opened
    | WaitingForIt
    | NotLent
    | StepTold
    | TestDone
    | SecondsPassed
    | ScanDone
    | UssdDone
    | Said
    | ConsoleDone
    | InboxDone
    | SignalTold
    | Failed
    | Stopped
    | GoneBack
)
