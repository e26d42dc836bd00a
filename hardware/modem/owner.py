"""The one thread that owns a modem: it alone opens, reads, writes and closes the port."""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from hardware.modem.causes import ErrorClass
from hardware.modem.errand import Errand, Errands
from hardware.modem.errors import AtTimeout, ModemRestarted, ModemUnfit, SimProblem, Stopped
from hardware.modem.jobs import Cancelled, NotSent, SendResult, SmsJob
from hardware.modem.late import LateAnswer
from hardware.modem.locating import Locator, socket_of
from hardware.modem.reasons import Reason
from hardware.modem.recovery import Recovery
from hardware.modem.reports import StatusReport
from hardware.modem.session import Aftermath, ModemSession
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.status import ModemName, ModemState, ModemStatus, Rung
from hardware.modem.status_board import StatusBoard, where
from hardware.modem.wire_log import LOGGER
from hardware.serial_line import (
    NotAPort,
    PortBusy,
    PortError,
    PortForbidden,
    PortGone,
    PortMissing,
    PortOpener,
    SerialLine,
    WriteStuck,
)

_PORT_REASONS: dict[type[PortError], tuple[ModemState, Reason]] = {
    PortMissing: (ModemState.GONE, Reason.PORT_MISSING),
    PortBusy: (ModemState.GONE, Reason.PORT_BUSY),
    PortForbidden: (ModemState.GONE, Reason.PORT_FORBIDDEN),
    PortGone: (ModemState.GONE, Reason.PORT_GONE),
    NotAPort: (ModemState.GONE, Reason.NOT_A_PORT),
    WriteStuck: (ModemState.DOWN, Reason.WRITE_STUCK),
}
# A modem that starts anew more often than this without serving in between has a power problem.
_RESTARTS_IN_A_ROW = 3

T = TypeVar("T")
Waiting = tuple[SmsJob, Future[SendResult]]


class ModemOwner:
    """Opens, drives, watches and reopens one modem in a daemon thread of its own.

    Callbacks run in that thread: `on_status` after each change of the status, `on_report` for each delivery report,
    `on_late` when a +CMGS comes after the job was answered Unknown (name, reference). An exception from a callback is logged
    and shown as reason `callback_failed`. Owners that share a `locator` find their modems when ports were numbered anew.
    """

    def __init__(
        self,
        settings: ModemSettings,
        *,
        opener: PortOpener,
        on_status: Callable[[ModemStatus], None],
        on_report: Callable[[ModemName, StatusReport], None],
        on_late: Callable[[ModemName, int], None],
        refused_pins: RefusedPins,
        locator: Locator | None = None,
    ) -> None:
        self._settings = settings
        self._locator = locator or Locator(lambda: (settings,), opener=opener)
        self._pace = settings.pace
        self._opener = opener
        self._on_report = on_report
        self._on_late = on_late
        self._refused_pins = refused_pins
        first = ModemStatus(
            name=settings.name,
            port=settings.port,
            state=ModemState.STARTING,
            reason=Reason.OPENING.value,
            simulated=settings.simulated,
        )
        self._board = StatusBoard(first, on_status)
        self._late = LateAnswer()
        self._recovery = Recovery(self._board, settings.pace)
        self._jobs: deque[Waiting] = deque()
        self._jobs_lock = threading.Lock()
        self._errands = Errands()
        self._line: SerialLine | None = None
        self._bell = threading.Event()
        self._stop_at: float | None = None
        self._stopped = threading.Event()
        self._ended = False
        self._reopen_after = self._pace.reopen_first
        self._thread = threading.Thread(target=self._run, name=f"modem {settings.name}", daemon=True)

    @property
    def status(self) -> ModemStatus:
        """The latest status; safe from any thread."""
        return self._board.status

    @property
    def ended(self) -> bool:
        """Whether the port has been let go for good: the thread has ended, or was never started and never will be."""
        return not self._thread.is_alive() and (self._thread.ident is not None or self._stop_at is not None)

    @property
    def started(self) -> bool:
        """Whether its thread was started."""
        return self._thread.ident is not None

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop_at is not None

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, job: SmsJob) -> Future[SendResult]:
        """Queue a job; the future is always resolved with a SendResult, never with an exception.

        While the modem starts the job waits until its deadline; when the modem is not fit to send it fails at once.
        """
        future: Future[SendResult] = Future()
        with self._jobs_lock:
            if not self._ended and self._stop_at is None:
                self._jobs.append((job, future))
                self.wake()
                return future
        future.set_result(NotSent(reason="stopping", error_class=ErrorClass.TEMPORARY))
        return future

    def run(self, errand: Errand[T]) -> "Future[T]":
        """Run an errand between two SMS, in the owner's thread; the future has its result or its exception.

        It waits while the modem is being set up. Without an open port it is refused (ErrandRefused with the modem's reason);
        no network, a trouble with the SIM or a modem out of service is no hindrance.
        """
        with self._jobs_lock:
            future = self._errands.add(errand)
            if self._ended or self._stop_at is not None:
                self._errands.refuse("stopping")
        self.wake()
        return future

    def wake(self) -> None:
        """Make the thread look now: a job or an errand was cancelled, or something may have changed."""
        self._bell.set()
        line = self._line
        if line is not None:
            line.cancel_read()

    def begin_stop(self, timeout: float) -> None:
        """As `stop`, without waiting for the end."""
        with self._jobs_lock:
            if self._stop_at is None:
                self._stop_at = time.monotonic() + min(timeout, self._pace.stop)
                self._stopped.set()
        self.wake()

    def stop(self, timeout: float) -> bool:
        """Take no new jobs, give a committed one at most `timeout` seconds (never more than `Pace.stop`), close the port.

        Returns whether the thread has ended.
        """
        self.begin_stop(timeout)
        if self._thread.ident is None:
            self._refuse_jobs("stopping", ErrorClass.TEMPORARY)
            self._errands.refuse("stopping")
            return True
        self._thread.join(min(timeout, self._pace.stop) + self._pace.close)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while self._stop_at is None:
                self._live_once()
                self._pause()
        finally:
            with self._jobs_lock:
                self._ended = True
            self._refuse_jobs("stopping", ErrorClass.TEMPORARY)
            self._errands.refuse("stopping")
            self._board.lose(ModemState.DOWN, Reason.STOPPED)

    def _live_once(self) -> None:
        """From opening the port to losing it; the state says why it ended."""
        try:
            port = self._locator.locate(self._settings, self._stopped)
            with self._opener(port) as line:
                self._line = line
                line.set_baud(self._settings.baud)
                if self._board.status.state is ModemState.GONE:
                    self._board.set_state(ModemState.STARTING, Reason.OPENING)
                socket, interface = socket_of(port)
                simulated = self._settings.simulated or line.is_pseudo_terminal
                self._board.update(simulated=simulated, detail="", port=port, socket=socket, interface=interface)
                self._serve(line)
        except PortError as error:
            state, reason = _PORT_REASONS.get(type(error), (ModemState.GONE, Reason.PORT_GONE))
            self._board.lose(state, reason, detail=error.detail)
        except (AtTimeout, ModemUnfit) as silent:
            self._recovery.climb(Rung.REOPEN, str(silent))
            self._locator.note_silence(self._board.status.port)
            self._board.lose(ModemState.DOWN, Reason.SILENT)
        except Stopped:
            LOGGER.info("%s: stopping", self._settings.name)
        except Exception as error:  # noqa: BLE001  the thread must go on; the state and the log say what happened
            LOGGER.error("%s: mistake in the program: %s", self._settings.name, where(error))
            self._board.lose(ModemState.DOWN, Reason.INTERNAL)
        finally:
            self._line = None

    def _serve(self, line: SerialLine) -> None:
        """Set up, work, and set up again as long as the port lives and is not another modem's."""
        session = ModemSession(
            line,
            self._settings,
            self._board,
            late=self._late,
            refused_pins=self._refused_pins,
            recovery=self._recovery,
            on_report=lambda report: self._on_report(self._settings.name, report),
            on_late=lambda reference: self._on_late(self._settings.name, reference),
            stop_at=self._heed,
        )
        restarts = 0
        while True:
            try:
                session.initialise()
                self._note_who_is_there()
                restarts, self._reopen_after = 0, self._pace.reopen_first
                patience = self._work(session)
            except SimProblem as problem:
                tries = {} if problem.tries is None else {"pin_tries": problem.tries}
                self._board.lose(ModemState.SIM_PROBLEM, problem.reason, **tries)
                self._note_who_is_there()
                patience = self._pace.sim_retry
            except ModemUnfit as unfit:
                # While an answer may still come, closing the port could lose it.
                if unfit.reason is Reason.SILENT and not self._late.waiting:
                    raise
                self._board.lose(ModemState.DOWN, unfit.reason)
                if unfit.reason is Reason.OTHER_MODEM and self._is_elsewhere():
                    return
                patience = self._pace.sim_retry
            except ModemRestarted:
                restarts += 1
                self._board.set_state(ModemState.STARTING, Reason.RESTARTED)
                self._recovery.climb(Rung.SET_UP, Reason.RESTARTED)
                patience = 0.0
                if restarts > _RESTARTS_IN_A_ROW:
                    self._board.lose(ModemState.DOWN, Reason.RESTARTED)
                    patience = self._pace.sim_retry
            try:
                self._wait_out(session, patience)
            except ModemRestarted:
                LOGGER.warning("%s: the modem has restarted while it was out of service", self._settings.name)

    def _note_who_is_there(self) -> None:
        status = self._board.status
        if status.imei:
            self._locator.note(status.port, status.imei)

    def _is_elsewhere(self) -> bool:
        """Whether this port is to be left, for the ports were numbered anew."""
        self._note_who_is_there()
        return self._locator.is_elsewhere(self._settings, self._board.status.port, self._stopped)

    def _work(self, session: ModemSession) -> float:
        """Jobs first, else what is idle; returns how long to wait before the modem is set up again."""
        while not session.sim_changed:
            if self._heed() is not None:
                raise Stopped
            if self._board.status.state is not ModemState.READY:
                self._refuse_jobs(self._board.status.reason, ErrorClass.OTHER_MODEM)
            waiting = self._next_job()
            if waiting is None:
                if not self._errands.perform_next(session, self._sms_waits):
                    session.idle()
                continue
            job, future = waiting
            future.set_result(session.send(job))
            match session.clear_up():
                case Aftermath.SET_UP_AGAIN:
                    self._recovery.climb(Rung.SET_UP, session.last_cause)
                    return 0.0
                case Aftermath.BUSY:
                    self._board.lose(ModemState.DOWN, Reason.SILENT)
                    return self._pace.busy_retry
                case Aftermath.OUT_OF_SERVICE:
                    self._recovery.climb(Rung.OUT_OF_SERVICE, session.last_cause)
                    self._board.update(state=ModemState.DOWN, reason=Reason.BARRED.value, detail=session.last_cause)
                    return self._pace.out_of_service
                case Aftermath.NOTHING:
                    pass
        return 0.0

    def _wait_out(self, session: ModemSession, seconds: float) -> None:
        """Listen until it is worth trying again; jobs fail at once meanwhile."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not session.sim_changed:
            if self._heed() is not None:
                raise Stopped
            self._refuse_jobs(self._board.status.reason, ErrorClass.MODEM_DOWN)
            if not self._errands.perform_next(session, self._sms_waits):
                session.listen(min(left, self._pace.idle_read))

    def _pause(self) -> None:
        """Wait before the port is opened again, longer each time."""
        end = time.monotonic() + self._reopen_after
        self._reopen_after = min(self._reopen_after * 2, self._pace.reopen_most)
        while (left := end - time.monotonic()) > 0 and self._stop_at is None:
            self._refuse_jobs(self._board.status.reason, ErrorClass.MODEM_DOWN)
            self._errands.refuse(self._board.status.reason)
            self._bell.clear()
            self._bell.wait(left)

    def _heed(self) -> float | None:
        """Asked in every wait: settle jobs that need no modem any more; until when to wait for a committed one, if we stop."""
        if self._board.status.state is ModemState.NO_NETWORK:
            # Bringing the network back may take minutes; another modem may have one.
            self._refuse_jobs(self._board.status.reason, ErrorClass.OTHER_MODEM)
        for job, future in self._take(lambda job: job.cancelled.is_set() or job.deadline <= time.monotonic()):
            late = NotSent(reason="too_late", error_class=ErrorClass.TEMPORARY)
            _resolve(future, Cancelled() if job.cancelled.is_set() else late)
        self._errands.settle_overdue()
        return self._stop_at

    def _sms_waits(self) -> bool:
        return bool(self._jobs)

    def _next_job(self) -> Waiting | None:
        while True:
            with self._jobs_lock:
                if not self._jobs:
                    return None
                job, future = self._jobs.popleft()
            if future.set_running_or_notify_cancel():
                return job, future

    def _refuse_jobs(self, reason: str, error_class: ErrorClass) -> None:
        for _, future in self._take(lambda _: True):
            _resolve(future, NotSent(reason=reason, error_class=error_class))

    def _take(self, which: Callable[[SmsJob], bool]) -> list[Waiting]:
        if not self._jobs:
            return []
        with self._jobs_lock:
            taken = [waiting for waiting in self._jobs if which(waiting[0])]
            for waiting in taken:
                self._jobs.remove(waiting)
        return taken


def _resolve(future: Future[SendResult], result: SendResult) -> None:
    if future.set_running_or_notify_cancel():
        future.set_result(result)
