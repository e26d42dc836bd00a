"""Having one modem to oneself for a while, with the engine that also sends the codes.

    with Borrowed(means, waker, "noord", purpose=Purpose.TEST, borrower="balie 3", actor="user:…", dispatcher_lock=…) as modem:
        modem.status                    what the modem says of itself, at any time
        modem.watch(callback)           the same, per change, in the driver's thread
        modem.run(errand).result()      something asked of it, between two SMS

It is the same in the process that drives the modems and in any other. Between two errands waiting codes go out over this modem
when no other one would send them now. `kiosk.delivery.loans` draws how the port changes hands.
"""

import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum, unique
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeVar

from data.database import Database
from data.loans import Loan, LoanEnd
from data.messages import Message
from hardware.modem.errand import Errand, ErrandRefused
from hardware.modem.jobs import Unknown
from hardware.modem.reasons import Reason as ModemReason
from hardware.modem.status import ModemStatus
from kiosk.delivery.candidates import Circumstances, Survey, is_reserved
from kiosk.delivery.dispatcher import PATIENCE
from kiosk.delivery.doorbell import Waker
from kiosk.delivery.lending import SOON
from kiosk.delivery.loans import nobody_drives
from kiosk.delivery.records import Records
from kiosk.delivery.routing import Reason, choose
from kiosk.delivery.tenure import Means, Tenure
from kiosk.watch import Subscription

T = TypeVar("T")
log = logging.getLogger("kiosk.delivery")

# A loan nobody uses ends after so many seconds (DESIGN §3): the codes need the modem.
IDLE_SECONDS: Final = 600.0
# The SMS that is being sent may need its whole time for an answer (`Pace.final`), and then some.
GRANT_SECONDS: Final = 150.0
# Between two looks at whether the port is free, in seconds.
_LOOK_SECONDS: Final = 0.05
# So long it may take until the modem's port is open or known to be busy; whoever waits goes on all the same then.
_OPENING_SECONDS: Final = 2.0
# Beyond the patience: closing the port and the last writes, in seconds.
_ENDING: Final = 5.0
# A code that waits longer than this although another modem should send it goes over the borrowed one, in milliseconds.
_LEFT_LYING_MS: Final = 5_000
# What says that another modem sends it now or in a moment.
_OTHERS_SEND: Final = frozenset({Reason.HEALTHIEST, Reason.OTHER_NETWORK, Reason.SAME_NETWORK, Reason.BUSY})


@unique
class Purpose(StrEnum):
    """What a modem is borrowed for."""

    TEST = "test"
    SCAN = "scan"
    USSD = "ussd"
    CONSOLE = "console"
    INBOX = "inbox"
    ANTENNA = "antenna"
    SEND = "send"
    LOOK = "look"
    LOOP = "loop"


class LoanRefused(Exception):
    """The modem cannot be borrowed now.

    `reason`: borrowed (`who` has it, for `purpose`), silent (whoever drives the modems does not let go), cancelled, unknown (no modem
    of that name is configured), port_busy (`who`, a program that is no kiosk of this site, has the port; empty when it cannot be seen).
    """

    def __init__(
        self,
        reason: Literal["borrowed", "silent", "cancelled", "unknown", "port_busy"],
        *,
        modem: str,
        who: str = "",
        purpose: str = "",
    ) -> None:
        self.reason = reason
        self.modem = modem
        self.who = who
        self.purpose = purpose
        super().__init__(f"{modem}: {reason}")


class LoanTenure(Tenure):
    """One borrowed modem: its row, its errands, and the codes that no other modem would send."""

    def __init__(self, means: Means, modem: str, *, on_status: Callable[[ModemStatus], None]) -> None:
        super().__init__(means)
        self._modem = modem
        self._policy = means.policy
        self._told = on_status
        self._settled = True
        self._sending.mine = self._is_mine
        self._sending.may_move = False

    @property
    def status(self) -> ModemStatus:
        """The latest status."""
        return self._fleet.statuses()[self._modem]

    def ask(self, errand: Errand[T]) -> "Future[T]":
        """Run an errand between two SMS."""
        return self._fleet.run(self._modem, errand)

    def wake_modem(self) -> None:
        """An errand was cancelled."""
        self._fleet.wake()

    def _begin(self, records: Records) -> None:
        # The port is ours and not open yet: what is committed on this modem belongs to a dead dispatcher or borrower. As long as
        # we live nobody else may tell it, for they take it for ours.
        rows = frozenset(row.id for row in records.database.modems.all() if row.name == self._modem)
        found = records.orphans_to_unknown(but={}, only=rows)
        if found:
            log.warning(
                "%d messages were being sent when the driver of %s died; they may have arrived", found, self._modem
            )

    def _on_status(self, status: ModemStatus) -> None:
        super()._on_status(status)
        self._told(status)

    def _keep_house(self, records: Records, now: int) -> None:
        del records, now
        # It is driven anew after it has been adopted.
        self._settled = self._fleet.take(self._modem)

    def _hurry(self) -> float | None:
        return None if self._settled else SOON

    def _settle_end(self, records: Records) -> None:
        # Who is still on the way now gets no answer that anybody could write down.
        for flight in tuple(self._sending.flights.values()):
            records.unknown(flight, Unknown(reason="stopped", seconds=0.0))

    def _is_mine(self, message: Message, database: Database, now: int) -> bool:
        """Whether this modem must take it: it is meant for this one, or the others would leave it lying."""
        if message.only_modem is not None:
            return message.only_modem == self._modem
        if now - message.queued_at > _LEFT_LYING_MS:
            return True
        survey = Survey(database, self._policy, now)
        others = [one for one in survey.candidates(message, Circumstances()) if one.modem.name != self._modem]
        choice = choose(message, others, self._policy, reserved=is_reserved(database, message))
        return choice.reason not in _OTHERS_SEND


class Borrowed:
    """A context manager; entering waits until the port is free, leaving gives the modem back.

    Args:
        means: what drivers of this site work with; `make_means` in `kiosk.commands.driving`.
        waker: of this process; wakes it when a code waits.
        modem: its name in the configuration.
        purpose: shown to whoever wants the modem meanwhile, and logged.
        borrower: desk or command.
        actor: who asks, for the audit log.
        dispatcher_lock: who holds it drives the modems.
        waiting: called once when the port is not free at once, in the calling thread.
        cancelled: set it to give up waiting (LoanRefused "cancelled").

    Entering raises LoanRefused and DataError. `run` may be called from any thread; after ten minutes without one the modem goes
    back by itself, and then `run` gives ErrandRefused "loan_ended".
    """

    def __init__(
        self,
        means: Means,
        waker: Waker,
        modem: str,
        *,
        purpose: Purpose,
        borrower: str,
        actor: str,
        dispatcher_lock: Path,
        waiting: Callable[[], None] = lambda: None,
        cancelled: threading.Event | None = None,
        grant_seconds: float = GRANT_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._means = means
        self._waker = waker
        self._modem = modem
        self._purpose = purpose
        self._borrower = borrower
        self._actor = actor
        self._dispatcher_lock = dispatcher_lock
        self._waiting = waiting
        self._cancelled = cancelled or threading.Event()
        self._grant_seconds = grant_seconds
        self._idle_seconds = idle_seconds
        self._callbacks: dict[object, Callable[[ModemStatus], None]] = {}
        self._used_at = time.monotonic()
        self._busy = 0
        self._counting = threading.Lock()
        self._returning = threading.Event()
        self._over = threading.Event()
        self._end = LoanEnd.RETURNED
        self._last: ModemStatus | None = None
        self._tenure: LoanTenure | None = None
        self._ready: Future[None] = Future()
        self._opened = threading.Event()
        """The port is open, or its owner has said why not."""
        self._holder: str | None = None
        """The program that kept us from opening the port."""
        self._thread = threading.Thread(target=self._run, name=f"loan {modem}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._ready.result()
            self._await_port()
        except BaseException:
            # Also Ctrl-C: nothing may stay borrowed.
            self._cancelled.set()
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def status(self) -> ModemStatus:
        """The latest status."""
        tenure = self._tenure
        if tenure is not None:
            with contextlib.suppress(KeyError):
                self._last = tenure.status
        assert self._last is not None, "the modem has been borrowed"
        return self._last

    @property
    def over(self) -> bool:
        """Whether the modem has gone back."""
        return self._over.is_set()

    def watch(self, callback: Callable[[ModemStatus], None]) -> Subscription:
        """Call back now, and per change in the driver's thread; callbacks return at once."""
        key = object()
        self._callbacks[key] = callback
        callback(self.status)
        return _Forget(self._callbacks, key)

    def run(self, errand: Errand[T]) -> "Future[T]":
        """Run an errand between two SMS; the loan lasts as long as there is one, and ten minutes more."""
        tenure = self._tenure
        with self._counting:
            over = tenure is None or self._returning.is_set()
            if not over:
                self._busy += 1
        if over or tenure is None:
            refused: Future[T] = Future()
            refused.set_exception(ErrandRefused("loan_ended"))
            return refused
        future = tenure.ask(errand)
        future.add_done_callback(lambda _: self._done())
        return future

    def wake(self) -> None:
        """An errand was cancelled: look now."""
        tenure = self._tenure
        if tenure is not None:
            tenure.wake_modem()

    def renew(self) -> None:
        """Somebody still wants the modem, although nothing is asked of it now."""
        self._used_at = time.monotonic()

    def close(self) -> None:
        """Give the modem back; a committed SMS gets its patience."""
        self._returning.set()
        tenure = self._tenure
        if tenure is not None:
            tenure.wake()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE + _ENDING)

    def _await_port(self) -> None:
        """A port that a foreign program has is no modem to work with."""
        self._opened.wait(_OPENING_SECONDS)
        if self._holder is not None:
            self._end = LoanEnd.REFUSED
            raise LoanRefused("port_busy", modem=self._modem, who=self._holder)

    # The loan's thread, which owns the database connection

    def _run(self) -> None:
        try:
            with self._means.open_database() as database, self._means.locks.held(self._modem) as mine:
                self._borrow(Records(database, self._means.clock), mine=mine)
        except Exception as error:
            if self._ready.done():
                log.exception("the loan of modem %s ended by a fault", self._modem)
            else:
                self._ready.set_exception(error)
        finally:
            self._over.set()
            # After the lock: whoever hears it finds the port free.
            self._means.doorbell.ring()

    def _borrow(self, records: Records, *, mine: bool) -> None:
        if not any(each.name == self._modem for each in self._means.settings):
            raise LoanRefused("unknown", modem=self._modem)
        if not mine:
            raise self._who_has_it(records.database)
        loan = records.ask_for_loan(
            modem=self._modem, purpose=self._purpose.value, borrower=self._borrower, actor=self._actor
        )
        self._means.doorbell.ring()
        end = LoanEnd.REFUSED
        try:
            self._wait_for_grant(loan, records)
            end = LoanEnd.RETURNED
            self._drive()
            end = self._end
        finally:
            records.end_loan(loan, end)

    def _who_has_it(self, database: Database) -> LoanRefused:
        loan = next((one for one in database.loans.open() if one.modem == self._modem), None)
        if loan is None:
            return LoanRefused("borrowed", modem=self._modem)
        return LoanRefused("borrowed", modem=self._modem, who=loan.borrower, purpose=loan.purpose)

    def _wait_for_grant(self, loan: Loan, records: Records) -> None:
        """Until whoever drives has let go of the port, or nobody drives."""
        until = time.monotonic() + self._grant_seconds
        told = False
        while True:
            row = records.database.loans.get(loan.id)
            if row is not None and row.granted_at is not None:
                return
            if self._granted_by_nobody(loan, records):
                return
            if self._cancelled.is_set() or self._returning.is_set():
                raise LoanRefused("cancelled", modem=self._modem)
            if time.monotonic() > until:
                raise LoanRefused("silent", modem=self._modem)
            if not told and time.monotonic() > until - self._grant_seconds + 1.0:
                told = True
                self._waiting()
            self._cancelled.wait(_LOOK_SECONDS)

    def _granted_by_nobody(self, loan: Loan, records: Records) -> bool:
        """Nobody drives: the loan is granted while nobody can begin to."""
        with nobody_drives(self._dispatcher_lock) as nobody:
            return nobody and records.grant(loan)

    def _drive(self) -> None:
        means = _for_one(self._means, self._modem)
        tenure = LoanTenure(means, self._modem, on_status=self._tell)
        self._last = tenure.status
        self._tenure = tenure
        self._used_at = time.monotonic()
        woken = self._waker.add(tenure.wake)
        threading.Thread(target=self._watch_idleness, args=(tenure,), name="loan idle", daemon=True).start()
        self._ready.set_result(None)
        try:
            tenure.run(self._returning, lambda: PATIENCE)
        finally:
            self._returning.set()
            self._opened.set()
            woken.cancel()
            self._tenure = None

    def _watch_idleness(self, tenure: LoanTenure) -> None:
        left = self._idle_seconds
        while not self._returning.wait(left):
            with self._counting:
                left = self._idle_seconds if self._busy else self._used_at + self._idle_seconds - time.monotonic()
                if left <= 0:
                    self._end = LoanEnd.IDLE
                    self._returning.set()
        tenure.wake()

    def _done(self) -> None:
        with self._counting:
            self._busy -= 1
            self._used_at = time.monotonic()

    def _tell(self, status: ModemStatus) -> None:
        self._last = status
        if not self._opened.is_set():
            # The owner says nothing before it has tried to open the port.
            self._holder = status.detail if status.reason == ModemReason.PORT_BUSY else None
            self._opened.set()
        for callback in tuple(self._callbacks.values()):
            callback(status)


def _for_one(means: Means, modem: str) -> Means:
    return dataclasses.replace(means, settings=[each for each in means.settings if each.name == modem])


class _Forget:
    def __init__(self, callbacks: dict[object, Callable[[ModemStatus], None]], key: object) -> None:
        self._callbacks = callbacks
        self._key = key

    def cancel(self) -> None:
        """Call back no more."""
        self._callbacks.pop(self._key, None)
