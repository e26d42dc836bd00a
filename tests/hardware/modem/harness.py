"""A modem's owner with everything it says collected, and waits that end when something has been said."""

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from hardware.modem.errand import Errand
from hardware.modem.jobs import SendProgress, SendResult, SmsJob
from hardware.modem.owner import ModemOwner
from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.reports import StatusReport
from hardware.modem.session import ModemSession
from hardware.modem.settings import ModemSettings, Pace
from hardware.modem.status import ModemName, ModemState, ModemStatus
from hardware.serial_line import SerialLine

NUMBER = "+31612345678"
TEXT = "Uw code is 482913"

T = TypeVar("T")

# Long enough for a busy machine, short enough for a test; what a test is about it sets itself.
QUICK = Pace(
    basic=1.0,
    first=1.0,
    attention=0.2,
    drain=0.02,
    quiet=0.03,
    sim_read=1.0,
    sim_enter=1.0,
    sim_busy=2.0,
    sim_busy_first=0.01,
    sim_busy_most=0.05,
    radio=1.0,
    prompt=2.0,
    final=3.0,
    slow_network=2.0,
    after_ok=0.1,
    late=5.0,
    missing_final=0.15,
    late_information=0.1,
    escape=0.2,
    job_read=0.01,
    stop=2.0,
    reopen_first=0.02,
    reopen_most=0.1,
    sim_retry=0.1,
    busy_retry=0.1,
    out_of_service=0.3,
    operator_set=2.0,
    operator_scan=3.0,
    list_messages=2.0,
    ussd=0.5,
    ussd_more=0.1,
)


class Harness:
    """Starts an owner on a port; as a context manager it stops it."""

    def __init__(
        self,
        port: str,
        state: Path,
        *,
        pace: Pace = QUICK,
        opener: Callable[[str], SerialLine] | None = None,
        on_status: Callable[[ModemStatus], None] | None = None,
        on_report: Callable[[ModemName, StatusReport], None] | None = None,
        on_late: Callable[[ModemName, int], None] | None = None,
        **settings: Any,
    ) -> None:
        self.statuses: list[ModemStatus] = []
        self.reports: list[StatusReport] = []
        self.late: list[int] = []
        self.progress: list[SendProgress] = []
        self.journal: list[ModemStatus] = []
        self.cancelled = threading.Event()
        self._changed = threading.Condition()
        self._on_status, self._on_report, self._on_late = on_status, on_report, on_late
        self.pins = RefusedPinsFile(state)
        self.owner = ModemOwner(
            ModemSettings(name="noord", port=port, pace=pace, **settings),
            opener=opener or (lambda path: SerialLine(path, write_timeout=0.3)),
            on_status=self._status,
            on_report=self._report,
            on_late=self._late,
            refused_pins=self.pins,
        )

    def __enter__(self) -> Self:
        self.owner.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.owner.stop(1.0), "the owner did not stop"

    @property
    def status(self) -> ModemStatus:
        return self.owner.status

    def wait_for(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until a callback has made `condition` true; AssertionError with the last status after `seconds`."""
        with self._changed:
            assert self._changed.wait_for(condition, seconds), self.owner.status

    def wait_for_state(self, state: ModemState, reason: str | None = None, seconds: float = 10.0) -> ModemStatus:
        """Wait until this is the state (and reason)."""
        self.wait_for(lambda: self.status.state is state and (reason is None or self.status.reason == reason), seconds)
        return self.status

    def ready(self) -> Self:
        self.wait_for_state(ModemState.READY)
        return self

    def job(self, **changes: Any) -> SmsJob:
        """An SMS with a journal that says yes."""
        job = SmsJob(
            number=NUMBER,
            text=TEXT,
            validity_minutes=10,
            report=True,
            journal=self._journal,
            deadline=time.monotonic() + 10,
            cancelled=self.cancelled,
            progress=self._progress,
        )
        return dataclasses.replace(job, **changes)

    def submit(self, **changes: Any) -> Future[SendResult]:
        return self.owner.submit(self.job(**changes))

    def send(self, **changes: Any) -> SendResult:
        """Send one SMS and wait for its result."""
        return self.submit(**changes).result(15)

    def ask(self, run: Callable[[ModemSession], T], **errand: Any) -> "Future[T]":
        """Run an errand between two SMS."""
        values: dict[str, Any] = {"name": "errand", "deadline": time.monotonic() + 10}
        return self.owner.run(Errand(run=run, **(values | errand)))

    def _journal(self, status: ModemStatus) -> bool:
        self.journal.append(status)
        return True

    def _progress(self, progress: SendProgress) -> None:
        with self._changed:
            self.progress.append(progress)
            self._changed.notify_all()

    def _status(self, status: ModemStatus) -> None:
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()
        if self._on_status:
            self._on_status(status)

    def _report(self, name: ModemName, report: StatusReport) -> None:
        with self._changed:
            self.reports.append(report)
            self._changed.notify_all()
        if self._on_report:
            self._on_report(name, report)

    def _late(self, name: ModemName, reference: int) -> None:
        with self._changed:
            self.late.append(reference)
            self._changed.notify_all()
        if self._on_late:
            self._on_late(name, reference)
