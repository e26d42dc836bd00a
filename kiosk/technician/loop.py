"""The loop test: an SMS from one modem of this machine to another, read there. Proof from end to end without a person."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from data.chores import LoopResult
from data.database import Database
from hardware.errors import HardwareError
from hardware.modem.errand import ErrandCancelled, ErrandRefused
from hardware.modem.errands.inbox import InboxMessage, MessageKind, delete, inbox
from hardware.modem.session import ModemSession
from kiosk.delivery.alarms import AlarmCause, AlarmMeans, raise_alarm
from kiosk.language import Language
from kiosk.technician.workplace import Postman, Workplace, ask

# An SMS that has not come after so long is lost to whoever waits at a desk, in seconds.
WAIT_SECONDS: Final = 180.0
# Between two looks into the memory of the other modem, in seconds: each is one small question.
LOOK_SECONDS: Final = 3.0
# Random octets by which the SMS is known again.
_MARK_OCTETS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopRoute:
    """From which modem to which, and the number of that one's SIM (E.164)."""

    from_modem: str
    to_modem: str
    number: str


class LoopTest:
    """One run, in the thread that calls `run`; `cancel` from any other.

    Args:
        route: which way.
        reader: the modem that receives, had by this test alone.
        postman: sends over the other one.
        open_database: for the result.
        words: of the SMS.
        site: named in it.
        now: kiosk time in milliseconds UTC.
        alarms: whom to tell when it is lost.
    """

    def __init__(
        self,
        route: LoopRoute,
        reader: Workplace,
        postman: Postman,
        open_database: Callable[[], Database],
        words: Language,
        *,
        site: str,
        now: Callable[[], int],
        alarms: AlarmMeans | None = None,
        wait_seconds: float = WAIT_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._route = route
        self._reader = reader
        self._postman = postman
        self._open_database = open_database
        self._now = now
        self._alarms = alarms
        self._wait_seconds = wait_seconds
        self._look_seconds = look_seconds
        self._mark = secrets.token_hex(_MARK_OCTETS).upper()
        self._text = words.sms("text.loop", site=site, modem=route.from_modem[:14], mark=self._mark)
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Wait no longer; an SMS after Ctrl-Z still gets its answer."""
        self._cancelled.set()

    def run(self) -> LoopResult:
        """Send it, look for it, take it away; raises DataError. What was cancelled is UNREADABLE or NOT_SENT, and no alarm."""
        with self._open_database() as database, database.transaction(write=True):
            row = database.chores.begin_loop(self._route.from_modem, self._route.to_modem, self._now())
        result = LoopResult.UNREADABLE
        try:
            result = self._try()
        finally:
            with self._open_database() as database:
                with database.transaction(write=True):
                    database.chores.end_loop(row.id, result, self._now())
                if result is LoopResult.LOST and self._alarms is not None and self._alarms.phones:
                    raise_alarm(database, self._alarms, AlarmCause.LOOP_LOST, self._route.from_modem, self._now())
        return result

    def _try(self) -> LoopResult:
        outcome = self._postman.send(self._route.number, self._text, cancelled=self._cancelled, progress=lambda _: None)
        # One whose answer was lost may be on its way all the same: that is what the other end tells.
        if outcome.state not in {"sent", "unknown"}:
            return LoopResult.NOT_SENT
        try:
            return self._look_for_it()
        except (HardwareError, ErrandRefused, ErrandCancelled):
            return LoopResult.UNREADABLE

    def _look_for_it(self) -> LoopResult:
        until = time.monotonic() + self._wait_seconds
        while True:
            found = ask(self._reader, "loop test", inbox, cancelled=self._cancelled)
            if found.refused is not None:
                return LoopResult.UNREADABLE
            if any(self._is_it(one) and self._take_away(one) for one in found.messages):
                return LoopResult.ARRIVED
            if time.monotonic() >= until:
                return LoopResult.LOST
            if self._cancelled.wait(self._look_seconds):
                return LoopResult.UNREADABLE

    def _is_it(self, message: InboxMessage) -> bool:
        return message.kind is MessageKind.RECEIVED and self._mark in (message.text or "")

    def _take_away(self, message: InboxMessage) -> bool:
        def take(session: ModemSession) -> bool:
            delete(session, message.index)
            return True

        return ask(self._reader, "loop test", take, cancelled=threading.Event())
