"""A modem that a technician has to themselves: borrowed from the kiosk, or on a port without any kiosk around it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Literal, Protocol, Self, TypeVar

from hardware.modem.errand import Errand, ErrandCancelled
from hardware.modem.jobs import Cancelled, NotSent, Refused, SendProgress, SendResult, Sent, SmsJob, Unknown
from hardware.modem.network_time import report_offset_seconds
from hardware.modem.owner import ModemOwner
from hardware.modem.reports import DeliveryOutcome, StatusReport
from hardware.modem.session import ModemSession
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.status import ModemStatus
from hardware.serial_line import PortOpener, SerialLine
from kiosk.delivery.records import code_of
from kiosk.watch import Subscription

T = TypeVar("T")

# How long an errand may wait for its turn: an SMS before it may need its whole time, in seconds.
TURN_SECONDS: Final = 150.0
# Between two looks at whether it was cancelled, in seconds.
_LOOK_SECONDS: Final = 0.1
# After cancelling: the modem may first have to get into step.
_CANCEL_SECONDS: Final = 15.0
_VALIDITY_MINUTES: Final = 10


class Workplace(Protocol):
    """What tests, searches and consoles work with."""

    @property
    def status(self) -> ModemStatus:
        """The latest status."""

    def watch(self, callback: Callable[[ModemStatus], None]) -> Subscription:
        """Call back now, and per change in another thread."""

    def run(self, errand: Errand[T]) -> "Future[T]":
        """Ask the modem something between two SMS."""

    def wake(self) -> None:
        """An errand was cancelled: look now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsOutcome:
    """What became of a test SMS; `error` is a code such as cms_28, or a reason of the engine."""

    state: Literal["sent", "refused", "unknown", "not_sent", "cancelled"]
    error: str = ""
    seconds: float = 0.0


class Postman(Protocol):
    """Sends the one real SMS of a test, and waits for its delivery report."""

    def send(
        self, number: str, text: str, *, cancelled: threading.Event, progress: Callable[[SendProgress], None]
    ) -> SmsOutcome:
        """Send it once; returns when its fate is known or was given up."""

    def delivered(self, seconds: float, cancelled: threading.Event) -> DeliveryOutcome | None:
        """What its delivery report says within so many seconds; PENDING while the network still tries, None without any."""

    def clock_offset(self) -> float | None:
        """How many seconds the service centre's time in that report is ahead of ours; None when it does not tell."""


def ask(
    place: Workplace,
    name: str,
    question: Callable[[ModemSession], T],
    *,
    cancelled: threading.Event,
    turn_seconds: float = TURN_SECONDS,
) -> T:
    """Ask the modem something and wait for it; raises what the errand raises, ErrandCancelled at once when it was cancelled."""
    errand = Errand(name=name, run=question, deadline=time.monotonic() + turn_seconds, cancelled=threading.Event())
    future = place.run(errand)
    while True:
        try:
            return future.result(_LOOK_SECONDS)
        except NotYet:
            if not future.done() and cancelled.is_set() and not errand.cancelled.is_set():
                errand.cancelled.set()
                place.wake()
                return _after_cancelling(future)


def _after_cancelling(future: "Future[T]") -> T:
    try:
        return future.result(_CANCEL_SECONDS)
    except NotYet:
        raise ErrandCancelled from None


class DirectModem:
    """A modem on a port, driven by this process alone; a context manager. `submit`ted SMS have no outbox behind them."""

    def __init__(self, settings: ModemSettings, refused_pins: RefusedPins, *, opener: PortOpener = SerialLine) -> None:
        self._changed = threading.Condition()
        self._callbacks: dict[object, Callable[[ModemStatus], None]] = {}
        self._reports: list[StatusReport] = []
        self._reference: int | None = None
        self._on_the_way: tuple[datetime, datetime] | None = None
        self.owner: Final = ModemOwner(
            settings,
            opener=opener,
            on_status=self._on_status,
            on_report=lambda _, report: self._on_report(report),
            on_late=lambda _, __: None,
            refused_pins=refused_pins,
        )

    def __enter__(self) -> Self:
        self.owner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.owner.stop(0.0)

    @property
    def status(self) -> ModemStatus:
        """The latest status."""
        return self.owner.status

    def watch(self, callback: Callable[[ModemStatus], None]) -> Subscription:
        """Call back now, and per change in the owner's thread."""
        key = object()
        self._callbacks[key] = callback
        callback(self.status)
        return _Forget(self._callbacks, key)

    def run(self, errand: Errand[T]) -> "Future[T]":
        """Ask the modem something."""
        return self.owner.run(errand)

    def wake(self) -> None:
        """An errand was cancelled: look now."""
        self.owner.wake()

    # The postman

    def send(
        self, number: str, text: str, *, cancelled: threading.Event, progress: Callable[[SendProgress], None]
    ) -> SmsOutcome:
        """Send one SMS; after Ctrl-Z it is waited for whatever is cancelled."""
        job = SmsJob(
            number=number,
            text=text,
            validity_minutes=_VALIDITY_MINUTES,
            report=True,
            journal=lambda _: not cancelled.is_set(),
            deadline=time.monotonic() + TURN_SECONDS,
            cancelled=cancelled,
            progress=progress,
        )
        future = self.owner.submit(job)
        while True:
            try:
                result = future.result(_LOOK_SECONDS)
            except NotYet:
                if not future.done() and cancelled.is_set():
                    self.owner.wake()
                continue
            self._reference = result.reference if isinstance(result, Sent) else None
            if isinstance(result, Sent):
                answered = datetime.now(UTC)
                self._on_the_way = (answered - timedelta(seconds=result.seconds), answered)
            return outcome_of(result)

    def delivered(self, seconds: float, cancelled: threading.Event) -> DeliveryOutcome | None:
        """What the delivery report of the SMS says."""
        if self._reference is None:
            return None
        until = time.monotonic() + seconds
        told: list[DeliveryOutcome] = []
        with self._changed:
            while (left := until - time.monotonic()) > 0 and not cancelled.is_set():
                told = [one.outcome for one in self._reports if one.reference == self._reference]
                if any(outcome is not DeliveryOutcome.PENDING for outcome in told):
                    break
                self._changed.wait(min(left, _LOOK_SECONDS))
        return told[-1] if told else None

    def clock_offset(self) -> float | None:
        """What the service centre's time in that report says of ours."""
        with self._changed:
            report = next((one for one in self._reports if one.reference == self._reference), None)
        if report is None or self._on_the_way is None:
            return None
        return report_offset_seconds(report, *self._on_the_way)

    def _on_status(self, status: ModemStatus) -> None:
        for callback in tuple(self._callbacks.values()):
            callback(status)

    def _on_report(self, report: StatusReport) -> None:
        with self._changed:
            self._reports.append(report)
            self._changed.notify_all()


def outcome_of(result: SendResult) -> SmsOutcome:
    """A result of the engine as the outbox would write it down."""
    match result:
        case Sent():
            return SmsOutcome(state="sent", seconds=result.seconds)
        case Unknown():
            return SmsOutcome(state="unknown", error=result.reason, seconds=result.seconds)
        case Refused():
            return SmsOutcome(state="refused", error=code_of(result), seconds=result.seconds)
        case NotSent():
            return SmsOutcome(state="not_sent", error=code_of(result))
        case Cancelled():
            return SmsOutcome(state="cancelled")


class _Forget:
    def __init__(self, callbacks: dict[object, Callable[[ModemStatus], None]], key: object) -> None:
        self._callbacks = callbacks
        self._key = key

    def cancel(self) -> None:
        """Call back no more."""
        self._callbacks.pop(self._key, None)
