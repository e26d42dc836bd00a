"""The modems of this machine together: one owner each."""

import functools
import math
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TypeVar

from hardware.modem.errand import Errand
from hardware.modem.jobs import SendResult, SmsJob
from hardware.modem.locating import Locator
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
        self._settings = {each.name: each for each in settings}
        locator = Locator(lambda: tuple(self._settings.values()), opener=opener)
        self._make: Callable[[ModemSettings], ModemOwner] = functools.partial(
            ModemOwner,
            opener=opener,
            on_status=on_status,
            on_report=on_report,
            on_late=on_late,
            refused_pins=refused_pins,
            locator=locator,
        )
        self._owners = {name: self._make(each) for name, each in self._settings.items()}

    @property
    def names(self) -> tuple[ModemName, ...]:
        """All modems, also those that were let go."""
        return tuple(self._settings)

    def start(self) -> None:
        """Start every owner."""
        for owner in self._owners.values():
            owner.start()

    def configure(self, settings: ModemSettings) -> None:
        """Drive a modem by other settings from its next start on, which follows now: `take` it until that says True.

        Not while it sends: what is committed gets its time, what waits is refused.
        """
        before, self._settings[settings.name] = self._settings[settings.name], settings
        owner = self._owners.get(settings.name)
        if owner is None or settings == before:
            return
        if owner.started:
            owner.begin_stop(math.inf)
        else:
            self._owners[settings.name] = self._make(settings)

    def settings_of(self, name: ModemName) -> ModemSettings:
        """The settings in force."""
        return self._settings[name]

    def release(self, name: ModemName) -> bool:
        """Let go of one modem's port, for somebody else; whether it is free now, else ask again in a moment.

        What was handed in and not begun is refused; a committed message gets its time (`Pace.stop`).
        """
        owner = self._owners.get(name)
        if owner is None:
            return True
        owner.begin_stop(math.inf)
        if owner.ended:
            del self._owners[name]
        return owner.ended

    def take(self, name: ModemName) -> bool:
        """Drive a modem again that was let go; whether it is driven now, else ask again in a moment.

        KeyError for a name that is not in the fleet.
        """
        owner = self._owners.get(name)
        if owner is not None and not owner.stopping:
            return True
        if owner is not None and not owner.ended:
            return False
        self._owners[name] = self._make(self._settings[name])
        self._owners[name].start()
        return True

    def stop(self, timeout: float) -> bool:
        """Stop every owner at the same time; whether all threads have ended within `timeout` seconds and a moment."""
        end = time.monotonic() + timeout
        for owner in self._owners.values():
            owner.begin_stop(timeout)
        ended = [owner.stop(max(0.0, end - time.monotonic())) for owner in self._owners.values()]
        return all(ended)

    def statuses(self) -> dict[ModemName, ModemStatus]:
        """The latest status of each modem that is driven here."""
        return {name: owner.status for name, owner in tuple(self._owners.items())}

    def submit(self, name: ModemName, job: SmsJob) -> Future[SendResult]:
        """Queue a job for one modem; KeyError for a name that is not driven here."""
        return self._owners[name].submit(job)

    def run(self, name: ModemName, errand: Errand[T]) -> "Future[T]":
        """Run an errand at one modem; KeyError for a name that is not driven here."""
        return self._owners[name].run(errand)

    def wake(self) -> None:
        """Make every owner look now."""
        for owner in tuple(self._owners.values()):
            owner.wake()
