"""The modems of this machine together: one owner each."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future

from hardware.modem.jobs import SendResult, SmsJob
from hardware.modem.reports import StatusReport
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.status import ModemName, ModemStatus
from hardware.serial_line import PortOpener


class Fleet:
    """One ModemOwner per configured modem, by name; callbacks as in ModemOwner, each in its owner's thread."""

    def __init__(
        self,
        settings: Iterable[ModemSettings],
        *,
        opener: PortOpener,
        on_status: Callable[[ModemStatus], None],
        on_report: Callable[[ModemName, StatusReport], None],
        on_late: Callable[[ModemName, int], None],
        refused_pins: RefusedPins,
    ) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Start every owner."""
        raise NotImplementedError

    def stop(self, timeout: float) -> bool:
        """Stop every owner at the same time; whether all threads have ended within `timeout` seconds."""
        raise NotImplementedError

    def statuses(self) -> dict[ModemName, ModemStatus]:
        """The latest status of each modem."""
        raise NotImplementedError

    def submit(self, name: ModemName, job: SmsJob) -> Future[SendResult]:
        """Queue a job for one modem; KeyError for a name that is not in the fleet."""
        raise NotImplementedError

    def wake(self) -> None:
        """Make every owner look now."""
        raise NotImplementedError
