"""The modems of this machine together: one owner each."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

from hardware.modem.errand import Errand
from hardware.modem.jobs import SendResult, SmsJob
from hardware.modem.owner import ModemOwner
from hardware.modem.reports import StatusReport
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.status import ModemName, ModemStatus
from hardware.serial_line import PortOpener

T = TypeVar("T")


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
        self._owners = {
            each.name: ModemOwner(
                each,
                opener=opener,
                on_status=on_status,
                on_report=on_report,
                on_late=on_late,
                refused_pins=refused_pins,
            )
            for each in settings
        }

    def start(self) -> None:
        """Start every owner."""
        for owner in self._owners.values():
            owner.start()

    def stop(self, timeout: float) -> bool:
        """Stop every owner at the same time; whether all threads have ended within `timeout` seconds and a moment."""
        end = time.monotonic() + timeout
        for owner in self._owners.values():
            owner.begin_stop(timeout)
        ended = [owner.stop(max(0.0, end - time.monotonic())) for owner in self._owners.values()]
        return all(ended)

    def statuses(self) -> dict[ModemName, ModemStatus]:
        """The latest status of each modem."""
        return {name: owner.status for name, owner in self._owners.items()}

    def submit(self, name: ModemName, job: SmsJob) -> Future[SendResult]:
        """Queue a job for one modem; KeyError for a name that is not in the fleet."""
        return self._owners[name].submit(job)

    def run(self, name: ModemName, errand: Errand[T]) -> "Future[T]":
        """Run an errand at one modem; KeyError for a name that is not in the fleet."""
        return self._owners[name].run(errand)

    def wake(self) -> None:
        """Make every owner look now."""
        for owner in self._owners.values():
            owner.wake()
