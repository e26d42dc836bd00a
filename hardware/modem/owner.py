"""The one thread that owns a modem."""

from collections.abc import Callable
from concurrent.futures import Future

from hardware.modem.jobs import SendResult, SmsJob
from hardware.modem.reports import StatusReport
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.status import ModemName, ModemStatus
from hardware.serial_line import PortOpener


class ModemOwner:
    """Opens, drives, watches and reopens one modem in a daemon thread of its own.

    Callbacks run in that thread: `on_status` after each change of the status, `on_report` for each delivery report,
    `on_late` when a +CMGS comes after the job was answered Unknown (name, reference). An exception from a callback is logged
    and shown as reason `callback_failed`.
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
    ) -> None:
        raise NotImplementedError

    @property
    def status(self) -> ModemStatus:
        """The latest status; safe from any thread."""
        raise NotImplementedError

    def start(self) -> None:
        """Start the thread."""
        raise NotImplementedError

    def submit(self, job: SmsJob) -> Future[SendResult]:
        """Queue a job; the future is always resolved with a SendResult, never with an exception."""
        raise NotImplementedError

    def wake(self) -> None:
        """Make the thread look now: a job was cancelled, or something may have changed."""
        raise NotImplementedError

    def stop(self, timeout: float) -> bool:
        """Take no new jobs, give a committed one at most `timeout` seconds (never more than `Pace.stop`), close the port.

        Returns whether the thread has ended.
        """
        raise NotImplementedError
