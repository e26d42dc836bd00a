"""What one process does while it drives modems: empty the outbox, write down what becomes of it.

Tenure           what every driver does, with the modems that it has
DispatcherTenure who holds the dispatcher's lock: all modems, lending them, and what a dead driver left behind
(a borrower's tenure of one modem stands in `borrowing`)
"""

import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from data.adoptions import Adoption
from data.database import Database
from data.errors import DatabaseUnavailable, DataError
from hardware.modem.fleet import Fleet
from hardware.modem.reasons import Reason
from hardware.modem.settings import Identity, ModemSettings, RefusedPins
from hardware.modem.status import ModemState, ModemStatus
from hardware.serial_line import PortOpener
from kiosk.clock import Clock
from kiosk.delivery.alarms import AlarmMeans
from kiosk.delivery.doorbell import Doorbell, SafetyNet
from kiosk.delivery.jobs import Journals, ModemLabel
from kiosk.delivery.lending import Lending
from kiosk.delivery.loans import LoanLocks
from kiosk.delivery.modem_rows import HEARTBEAT_MS, ModemRows
from kiosk.delivery.records import Records
from kiosk.delivery.sending import Event, Late, Reported, Sending
from kiosk.delivery.time_question import TimeQuestion
from kiosk.delivery.time_witness import TimeWitness
from kiosk.delivery.vigil import Vigil
from kiosk.policy import SmsPolicy

log = logging.getLogger("kiosk.delivery")

# Waits after the database could not be read or written, in seconds: doubled each time.
FIRST_BACK_OFF: Final = 0.1
LONGEST_BACK_OFF: Final = 5.0
# Patience with owners that only have to close their port.
CLOSING_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a dispatcher works with."""

    open_database: Callable[[], Database]
    """Called in each thread that needs a connection of its own."""
    settings: Sequence[ModemSettings]
    labels: Mapping[str, ModemLabel] = field(default_factory=dict)
    opener: PortOpener
    refused_pins: RefusedPins
    clock: Clock
    policy: SmsPolicy
    doorbell: Doorbell
    locks: LoanLocks
    """Of the modems that are lent."""
    alarms: AlarmMeans | None = None
    """Whom to tell what is out of order."""


class Tenure:
    """From the first modem to the last; `run` is the driver's thread, the others only put into the inbox."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._clock = means.clock
        self._inbox: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._backlog: deque[Event] = deque()
        self._journals = Journals(means.open_database, means.clock, means.doorbell.ring)
        self._rows = ModemRows(means.labels)
        self._fleet = Fleet(
            means.settings,
            opener=means.opener,
            on_status=self._on_status,
            on_report=lambda name, report: self._inbox.put(Reported(name, report)),
            on_late=lambda name, reference: self._inbox.put(Late(name, reference)),
            refused_pins=means.refused_pins,
        )
        self._witness = TimeWitness(means.clock)
        self._time_question = TimeQuestion(self._fleet, self._witness, means.clock, self.wake)
        self._sending = Sending(
            self._fleet, self._rows, self._journals, means.policy, self._witness, answered=self._inbox.put
        )
        self._records: Records | None = None
        self._stopping = threading.Event()
        self._started = False
        self.round_at = time.monotonic()
        """When its last round began, of `time.monotonic`."""
        self._back_off = 0.0
        self._complaint = ""

    def wake(self) -> None:
        """Look at the outbox now; from any thread."""
        self._inbox.put(None)

    def run(self, stopping: threading.Event, patience: Callable[[], float]) -> None:
        """Serve until `stopping`, then end in good order: `patience` gives the seconds for messages after Ctrl-Z."""
        self._stopping = stopping
        while not stopping.is_set():
            self.round_at = time.monotonic()
            self._work(self._serve)
            self._collect(self._pause())
        if self._started:
            self._end(patience())
        self._close_database()

    def _on_status(self, status: ModemStatus) -> None:
        # In the owner's thread: READY comes before the first SMS, "stopped" is the last thing that it says.
        if status.state is ModemState.READY:
            self._journals.warm()
        elif status.reason == Reason.STOPPED:
            self._journals.close()
        self.wake()

    def _serve(self, records: Records) -> None:
        """One round: what was told, what has changed, what can go out."""
        if not self._started:
            self._heed_adoptions(records)
            self._begin(records)
            self._rows.refresh(records.database, self._statuses(), self._clock.now())
            self._fleet.start()
            self._started = True
        self._settle(records)
        now = self._clock.now()
        self._heed_adoptions(records)
        self._keep_house(records, now)
        self._rows.refresh(records.database, self._statuses(), now)
        self._witness.look(self._fleet.statuses().values(), records.database)
        self._time_question.look(records.database)
        self._sending.look(records, now)

    def _heed_adoptions(self, records: Records) -> None:
        """Who was confirmed since; a modem that is sending is looked at again afterwards."""
        live = records.database.adoptions.live()
        for name in self._fleet.names:
            before = self._fleet.settings_of(name)
            adopted = _identity(live.get(name))
            if before.adopted == adopted or self._sending.sends_over(name):
                continue
            self._fleet.configure(replace(before, adopted=adopted))

    # What drivers do differently

    def _begin(self, records: Records) -> None:
        """Before any modem is driven."""

    def _keep_house(self, records: Records, now: int) -> None:
        """Once a round, before anything is handed out."""

    def _settle_end(self, records: Records) -> None:
        """When every modem has been let go."""

    def _statuses(self) -> Iterable[ModemStatus]:
        """Of the modems whose rows are ours to write."""
        return self._fleet.statuses().values()

    def _hurry(self) -> float | None:
        """Seconds until the next look must be; None: no hurry."""
        return None

    # The round

    def _settle(self, records: Records) -> None:
        while self._backlog:
            try:
                self._sending.settle(self._backlog[0], records)
            except DatabaseUnavailable:
                # Kept: it is written down when the database is back.
                raise
            except Exception:
                # A mistake of ours must not stop the modems; the message is found by the next sweep.
                log.exception("the result of a modem could not be written down")
                self._sending.forget(self._backlog[0])
            self._backlog.popleft()

    def _work(self, step: Callable[[Records], None]) -> None:
        """Do one step with an open database; whatever goes wrong is told and waited out, and nothing ends the thread."""
        try:
            step(self._open_records())
        except DataError as error:
            self._complain(str(error))
            # The file may have been replaced, or this connection be spoilt; a new one costs little.
            self._close_database()
        except Exception:
            log.exception("the dispatcher failed and goes on")
            self._back_off = LONGEST_BACK_OFF
        else:
            if self._complaint:
                log.warning("the database is back")
            self._complaint, self._back_off = "", 0.0

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            log.error("the outbox waits for the database: %s", complaint)
        self._complaint = complaint
        self._back_off = min(max(self._back_off * 2, FIRST_BACK_OFF), LONGEST_BACK_OFF)

    def _pause(self) -> float:
        if self._back_off:
            return self._back_off
        pause = SafetyNet.pause(awaited=bool(self._sending.waiting or self._sending.flights))
        return min(pause, self._hurry() or pause)

    def _collect(self, seconds: float) -> None:
        """Wait for something to do; a back-off is waited to its end, unless the dispatcher stops."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                self._take(self._inbox.get(timeout=left))
            except queue.Empty:
                return
            if not self._back_off or self._stopping.is_set():
                break
        while not self._inbox.empty():
            self._take(self._inbox.get())

    def _take(self, event: Event | None) -> None:
        if event is not None:
            self._backlog.append(event)

    def _open_records(self) -> Records:
        if self._records is None:
            database = self._means.open_database()
            database.on_commit(self._means.doorbell.ring)
            self._records = Records(database, self._clock)
        return self._records

    def _close_database(self) -> None:
        if self._records is None:
            return
        records, self._records = self._records, None
        try:
            records.database.close()
        except DataError as error:
            log.warning("the database did not close: %s", error)

    def _end(self, patience: float) -> None:
        """No new messages; those after Ctrl-Z get their time, then they are unknown."""
        self._sending.call_back_all()
        until = time.monotonic() + patience
        while self._sending.flights and (left := until - time.monotonic()) > 0:
            self._collect(min(left, SafetyNet.pause(awaited=True)))
            self._work(self._settle)
        if not self._fleet.stop(CLOSING_SECONDS):
            log.warning("a modem could not be let go in time")
        self._collect(0.0)
        self._work(self._settle_last)

    def _settle_last(self, records: Records) -> None:
        self._settle(records)
        self._settle_end(records)
        self._rows.stopped(records.database, self._clock.now())


def _identity(adoption: Adoption | None) -> Identity | None:
    if adoption is None:
        return None
    return Identity(imei=adoption.imei, iccid=adoption.iccid, socket=adoption.usb_path, interface=adoption.interface)


class DispatcherTenure(Tenure):
    """All modems of the machine but those that are lent or out of service."""

    def __init__(self, means: Means) -> None:
        super().__init__(means)
        self._lending = Lending(self._fleet, self._sending, self._rows, means.locks)
        self._vigil = Vigil(means.alarms)
        self._swept_at = 0

    def _begin(self, records: Records) -> None:
        self._lending.begin(records)
        # Before any modem is driven, so that everything committed is certainly somebody else's.
        found = records.orphans_to_unknown(but={}, lent=self._lending.rows_lent(records))
        if found:
            log.warning("%d messages were being sent when the dispatcher died; they may have arrived", found)

    def _keep_house(self, records: Records, now: int) -> None:
        died = self._lending.look(records, now)
        due = not 0 <= now - self._swept_at < HEARTBEAT_MS
        self._vigil.look(self._lending.driven(), records, now)
        if due or died:
            records.orphans_to_unknown(but=self._sending.flights, lent=self._lending.rows_lent(records))
        if due:
            self._swept_at = now
            records.tidy()
            self._vigil.look_at_disk(records.database.path.parent, records, now)
            self._vigil.look_at_clock(self._clock.moment(), records, now)
            self._rows.sample(records.database, self._fleet.statuses().values(), now)

    def _settle_end(self, records: Records) -> None:
        # Who is still on the way now gets no answer that anybody could write down.
        records.orphans_to_unknown(but={}, lent=self._lending.rows_lent(records))

    def _statuses(self) -> Iterable[ModemStatus]:
        return self._lending.statuses()

    def _hurry(self) -> float | None:
        return self._lending.pause
