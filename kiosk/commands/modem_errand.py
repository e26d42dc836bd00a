"""One errand to a modem without a configuration: wait until it is ready, perhaps send one SMS, and wait for what follows.

The owner's thread does the work; this side waits, and can be interrupted at any moment.
"""

import contextlib
import dataclasses
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from enum import StrEnum
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

from hardware.modem.jobs import Cancelled, SendProgress, SendResult, SmsJob, Unknown
from hardware.modem.owner import ModemOwner
from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.reports import StatusReport
from hardware.modem.settings import ModemSettings
from hardware.modem.status import ModemState, ModemStatus
from hardware.serial_line import SerialLine

STATE_VARIABLE: Final = "KIOSK_STATE"
# A SIM that registers at all does so within this many seconds after it was switched on.
READY_SECONDS: Final = 60.0
# How long a message may wait for a phone that is off.
VALIDITY_MINUTES: Final = 60
# From "cancel" to the answer of the owner's thread, while nothing was committed.
CANCEL_SECONDS: Final = 3.0


class Ending(StrEnum):
    """Why an errand ended before the modem gave a result."""

    INTERRUPTED = "interrupted"
    TIMEOUT = "timeout"


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery:
    """What came of one SMS: `result` None when the modem was never ready, `ending` when we stopped waiting."""

    status: ModemStatus
    result: SendResult | None
    ending: Ending | None
    elapsed: float
    report: StatusReport | None = None
    report_seconds: float | None = None


def state_directory() -> Path:
    """Where refused PINs are remembered: `$KIOSK_STATE`, else the XDG state directory."""
    given = os.environ.get(STATE_VARIABLE)
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "kiosk"


class Errand:
    """Owns a modem for the time of a with block; `told` is called with each step (in any thread)."""

    def __init__(self, settings: ModemSettings, *, told: Callable[[SendProgress | ModemStatus], None]) -> None:
        self._told = told
        self._changed = threading.Condition()
        self._reports: list[StatusReport] = []
        self._committed = threading.Event()
        self._started = time.monotonic()
        self._owner = ModemOwner(
            settings,
            opener=SerialLine,
            on_status=self._on_status,
            on_report=lambda _, report: self._note(lambda: self._reports.append(report)),
            on_late=lambda _, __: None,
            refused_pins=RefusedPinsFile(state_directory()),
        )

    def __enter__(self) -> Self:
        self._owner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owner.stop(0.0)

    @property
    def status(self) -> ModemStatus:
        """The latest status."""
        return self._owner.status

    def settle(self, seconds: float, *, through_no_network: bool) -> ModemStatus:
        """Wait until the modem is ready or says why not, at most so long; registration is waited for when asked."""
        passing = {ModemState.STARTING, ModemState.NO_NETWORK} if through_no_network else {ModemState.STARTING}
        with self._changed:
            self._changed.wait_for(lambda: self.status.state not in passing, seconds)
        return self.status

    def send(self, number: str, text: str, *, report: bool, seconds: float, report_seconds: float) -> Delivery:
        """Send one SMS, all within `seconds`; then wait for its delivery report when asked.

        An interruption before Ctrl-Z undoes everything; after it the message is unknown.
        """
        deadline = self._started + seconds
        try:
            status = self.settle(min(READY_SECONDS, seconds), through_no_network=True)
        except KeyboardInterrupt:
            return Delivery(self.status, None, Ending.INTERRUPTED, self._elapsed())
        if status.state is not ModemState.READY:
            late = Ending.TIMEOUT if status.state is ModemState.STARTING else None
            return Delivery(status, None, late, self._elapsed())
        cancelled = threading.Event()
        job = SmsJob(
            number=number,
            text=text,
            validity_minutes=VALIDITY_MINUTES,
            report=report,
            journal=lambda _: self._commit(cancelled),
            deadline=deadline,
            cancelled=cancelled,
            progress=self._told,
        )
        future = self._owner.submit(job)
        ending: Ending | None = None
        try:
            result = future.result(max(0.0, deadline - time.monotonic()))
        except KeyboardInterrupt:
            ending, result = Ending.INTERRUPTED, self._call_off(future, cancelled)
        except NotYet:
            ending, result = Ending.TIMEOUT, self._call_off(future, cancelled)
        delivery = Delivery(status, result, ending, self._elapsed())
        return self._with_report(delivery, report_seconds) if report else delivery

    def _commit(self, cancelled: threading.Event) -> bool:
        """The journal of an errand: what is asked last before Ctrl-Z."""
        if cancelled.is_set():
            return False
        self._committed.set()
        return True

    def _call_off(self, future: "Future[SendResult]", cancelled: threading.Event) -> SendResult:
        """Undo the message if that is still possible, else stop waiting for its answer."""
        cancelled.set()
        self._owner.wake()
        with contextlib.suppress(NotYet, KeyboardInterrupt):
            if not self._committed.is_set():
                return future.result(CANCEL_SECONDS)
        self._owner.stop(0.0)
        with contextlib.suppress(NotYet, KeyboardInterrupt):
            return future.result(CANCEL_SECONDS)
        return Unknown(reason="stopped", seconds=self._elapsed()) if self._committed.is_set() else Cancelled()

    def _with_report(self, delivery: Delivery, seconds: float) -> Delivery:
        """The delivery report of the message just sent, if one comes in time; a temporary one is not the last."""
        reference = getattr(delivery.result, "reference", None)
        if reference is None:
            return delivery
        began = time.monotonic()

        def ours() -> StatusReport | None:
            return next((report for report in reversed(self._reports) if report.reference == reference), None)

        with self._changed, contextlib.suppress(KeyboardInterrupt):
            self._changed.wait_for(lambda: (report := ours()) is not None and report.delivered is not None, seconds)
        report = ours()
        took = time.monotonic() - began if report else None
        return dataclasses.replace(delivery, report=report, report_seconds=took)

    def _elapsed(self) -> float:
        return time.monotonic() - self._started

    def _on_status(self, status: ModemStatus) -> None:
        self._note(lambda: None)
        self._told(status)

    def _note(self, change: Callable[[], None]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()


@contextlib.contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end an errand as Ctrl-C does: with ESC, or with the truth."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
