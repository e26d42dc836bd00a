"""The nightly round of whoever drives the modems: each sends an SMS to another and that one reads it; prepaid SIMs are asked their credit."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from data.chores import LoopResult
from data.database import Database
from data.errors import DataError
from hardware.errors import HardwareError
from hardware.modem.errand import ErrandCancelled, ErrandRefused
from hardware.modem.errands.ussd import BadUssdCode, ask_ussd
from kiosk.clock import Clock
from kiosk.delivery.alarms import AlarmCause, AlarmMeans, raise_alarm
from kiosk.delivery.borrowing import LoanRefused, Purpose
from kiosk.language import Language
from kiosk.technician.credit import CreditRead, read_credit
from kiosk.technician.loop import LoopRoute, LoopTest
from kiosk.technician.workplace import Postman, Workplace, ask

log = logging.getLogger("kiosk.technician")

# Nobody stands at a desk, and the networks are quiet; local time.
HOUR: Final = 3
# A round that another process of this machine made lately is not made again, in milliseconds.
LATELY_MS: Final = 20 * 3_600_000
# Between two looks at the clock, in seconds.
LOOK_SECONDS: Final = 60.0


class Lend(Protocol):
    """Borrows a modem; entering raises LoanRefused and DataError."""

    def __call__(self, modem: str, purpose: Purpose) -> AbstractContextManager[Workplace]:
        """The modem for the time of a with block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NightMeans:
    """What a round works with; `numbers` (E.164) and `prepaid` (USSD codes) by name of modem, those that the site named."""

    open_database: Callable[[], Database]
    lend: Lend
    postman: Callable[[str], Postman]
    modems: Sequence[str]
    numbers: Mapping[str, str] = field(repr=False)
    prepaid: Mapping[str, str]
    words: Language
    site: str
    zone: ZoneInfo
    clock: Clock
    alarms: AlarmMeans | None
    wait_seconds: float | None = None

    def local(self) -> datetime:
        """Wall time of the site."""
        return datetime.fromtimestamp(self.clock.wall() / 1000, UTC).astimezone(self.zone)


def routes(modems: Sequence[str], numbers: Mapping[str, str]) -> list[LoopRoute]:
    """Each modem sends to the next one whose number is known, so that every one sends and as many as can receive."""
    found = []
    for place, sender in enumerate(modems):
        others = (*modems[place + 1 :], *modems[:place])
        reader = next((name for name in others if name in numbers), None)
        if reader is not None:
            found.append(LoopRoute(from_modem=sender, to_modem=reader, number=numbers[reader]))
    return found


class Round:
    """One round, in the thread that calls `run`; `cancel` from any other."""

    def __init__(self, means: NightMeans) -> None:
        self._means = means
        self._cancelled = threading.Event()
        self._test: LoopTest | None = None

    def cancel(self) -> None:
        """End soon."""
        self._cancelled.set()
        test = self._test
        if test is not None:
            test.cancel()

    def run(self) -> None:
        """All loop tests and all credits; raises DataError. A modem that somebody has, is out or refuses is left out."""
        for route in routes(self._means.modems, self._means.numbers):
            if not self._cancelled.is_set():
                self._loop(route)
        for modem, code in self._means.prepaid.items():
            if not self._cancelled.is_set():
                self._credit(modem, code)

    def _loop(self, route: LoopRoute) -> LoopResult | None:
        means = self._means
        try:
            with means.lend(route.to_modem, Purpose.LOOP) as reader:
                waits = {} if means.wait_seconds is None else {"wait_seconds": means.wait_seconds}
                self._test = LoopTest(
                    route,
                    reader,
                    means.postman(route.from_modem),
                    means.open_database,
                    means.words,
                    site=means.site,
                    now=means.clock.now,
                    alarms=means.alarms,
                    **waits,
                )
                result = self._test.run()
        except LoanRefused as refused:
            log.info("no loop test to %s: %s", route.to_modem, refused.reason)
            return None
        finally:
            self._test = None
        log.info("loop test from %s to %s: %s", route.from_modem, route.to_modem, result.value)
        return result

    def _credit(self, modem: str, code: str) -> None:
        means = self._means
        try:
            with means.lend(modem, Purpose.USSD) as place:
                dialogue = ask(place, "credit", lambda session: ask_ussd(session, code, ()), cancelled=self._cancelled)
        except (LoanRefused, HardwareError, ErrandRefused, ErrandCancelled, BadUssdCode) as error:
            log.info("the credit of %s is not known: %s", modem, type(error).__name__)
            return
        read = read_credit(" ".join(dialogue.texts))
        self._keep(modem, dialogue.end.value, read)

    def _keep(self, modem: str, result: str, read: CreditRead) -> None:
        means = self._means
        now = means.clock.now()
        with means.open_database() as database:
            with database.transaction(write=True):
                expires_on = None if read.expires_on is None else read.expires_on.isoformat()
                database.chores.keep_credit(
                    modem=modem, result=result, cents=read.cents, expires_on=expires_on, now=now
                )
                kept = database.chores.credits()[modem]
            expires = None if kept.expires_on is None else date.fromisoformat(kept.expires_on)
            known = CreditRead(cents=kept.cents, expires_on=expires)
            if known.is_low(means.local().date()) and means.alarms is not None and means.alarms.phones:
                raise_alarm(database, means.alarms, AlarmCause.CREDIT, modem, now)


class Night:
    """Makes a round each night while this process drives the modems, in a daemon thread of its own."""

    def __init__(self, means: NightMeans, drives: Callable[[], bool]) -> None:
        self._means = means
        self._drives = drives
        self._stopping = threading.Event()
        self._round: Round | None = None
        self._made_on: date | None = None
        self._thread = threading.Thread(target=self._run, name="night", daemon=True)

    def start(self) -> None:
        """Start the thread, when there is anything to do at night."""
        if self._means.prepaid or routes(self._means.modems, self._means.numbers):
            self._thread.start()

    def stop(self, seconds: float) -> None:
        """End a round and the thread within so many seconds."""
        self._stopping.set()
        round_ = self._round
        if round_ is not None:
            round_.cancel()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            if self._due():
                self.make_round()

    def _due(self) -> bool:
        local = self._means.local()
        return local.hour == HOUR and local.date() != self._made_on and self._drives()

    def make_round(self) -> None:
        """One round now, unless this machine made one lately."""
        self._made_on = self._means.local().date()
        try:
            with self._means.open_database() as database:
                since = self._means.clock.now() - LATELY_MS
                asked = any(one.asked_at >= since for one in database.chores.credits().values())
                if asked or database.chores.loops(since):
                    return
            self._round = Round(self._means)
            if not self._stopping.is_set():
                self._round.run()
        except DataError as error:
            # Tomorrow is another night; what the database suffers from is told by everything else.
            log.warning("the nightly round failed: %s", type(error).__name__)
        except Exception:
            # A mistake of ours; what Python says of a thread that dies would stand across the page.
            log.exception("the nightly round failed")
        finally:
            self._round = None
