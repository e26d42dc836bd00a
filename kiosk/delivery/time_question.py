"""Asking the modems what time it is because somebody wants to know it now: a mark in `meta` that whoever drives them heeds."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

from data.database import Database
from hardware.errors import HardwareError
from hardware.modem.errand import Errand
from hardware.modem.errands.clock import ModemClock, modem_clock
from hardware.modem.fleet import Fleet
from hardware.modem.status import ModemState
from kiosk.clock import ASKED_KEY, Clock
from kiosk.delivery.time_witness import TimeWitness

log = logging.getLogger("kiosk.delivery")

# So long whoever asked waits for an answer. An SMS goes first.
ANSWER_SECONDS: Final = 10.0


class TimeQuestion:
    """Used in a driver's thread; `heard` wakes it from any other."""

    def __init__(self, fleet: Fleet, witness: TimeWitness, clock: Clock, heard: Callable[[], None]) -> None:
        self._fleet = fleet
        self._witness = witness
        self._clock = clock
        self._heard = heard
        self._heeded = ""
        self._waiting: dict[str, Future[ModemClock]] = {}

    def look(self, database: Database) -> None:
        """Keep what was answered, and ask when somebody wants to know; raises DataError."""
        for name in [name for name, future in self._waiting.items() if future.done()]:
            self._keep(name, self._waiting.pop(name), database)
        asked = database.meta.get(ASKED_KEY)
        if asked is None or asked == self._heeded:
            return
        self._heeded = asked
        # Another driver may have been asked, long ago.
        if asked.isdecimal() and 0 <= self._clock.now() - int(asked) <= ANSWER_SECONDS * 1000:
            self._ask()

    def _ask(self) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        for name, status in self._fleet.statuses().items():
            if status.state is ModemState.READY and name not in self._waiting:
                errand = Errand(name="clock", run=modem_clock, deadline=deadline, gives_way=True)
                future = self._waiting[name] = self._fleet.run(name, errand)
                future.add_done_callback(lambda _done: self._heard())

    def _keep(self, name: str, future: "Future[ModemClock]", database: Database) -> None:
        try:
            offset = future.result().offset_seconds
        except HardwareError as error:
            log.info("%s was asked for the time: %s", name, type(error).__name__)
            return
        status = self._fleet.statuses().get(name)
        if offset is not None and status is not None:
            self._witness.asked(status, offset, database)
