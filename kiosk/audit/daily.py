"""What is done with the log each day: it is checked, a checkpoint is signed, and what is too old is wiped."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from data.audit_chain import CHECKPOINT
from data.audit_check import Verification
from data.audit_search import AuditFilter
from data.database import Database
from data.errors import DataError
from data.files import file_lock
from kiosk.audit.checking import result_of
from kiosk.audit.retention import prune
from kiosk.audit.trail import NOBODY, AuditTrail
from kiosk.clock import Clock, ClockHealth
from kiosk.delivery.alarms import AlarmCause, AlarmMeans, raise_alarm
from kiosk.policy import AuditPolicy

log = logging.getLogger("kiosk.audit")

ORIGIN: Final = "daily"
# Nobody stands at a desk; local time. A machine that was off then does it when it is on again.
HOUR: Final = 3
# Between two looks at the clock, in seconds.
LOOK_SECONDS: Final = 60.0
# After a round that failed each wait is twice the one before, up to this.
LONGEST_SECONDS: Final = 3600.0
# After every 2 000 rows, so that a key that is pressed meanwhile does not wait.
BREATH_SECONDS: Final = 0.005
# A clock that is years ahead must not wipe the log before somebody has had a week to see it: retention advances at most so
# far from what the oldest of the last rounds took for the time.
FURTHEST_MS: Final = 31 * 24 * 3_600_000
ROUNDS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyMeans:
    """What a round works with; `lock` is held by the one process that does it."""

    open_database: Callable[[], Database]
    policy: AuditPolicy
    zone: ZoneInfo
    clock: Clock
    alarms: AlarmMeans | None
    lock: Path

    def last_hour(self) -> int:
        """Kiosk time of the last HOUR that has passed."""
        local = datetime.fromtimestamp(self.clock.now() / 1000, UTC).astimezone(self.zone)
        hour = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
        if hour > local:
            hour -= timedelta(days=1)
        return int(hour.timestamp() * 1000)

    def today(self) -> date:
        """The day that a round is of."""
        return datetime.fromtimestamp(self.last_hour() / 1000, UTC).astimezone(self.zone).date()


class DailyAudit:
    """Makes a round each day, in a daemon thread of its own."""

    def __init__(self, means: DailyMeans) -> None:
        self._means = means
        self._stopping = threading.Event()
        self._made_on: date | None = None
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End a round and the thread within so many seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        wait = LOOK_SECONDS
        while not self._stopping.wait(wait):
            wait = self._look(wait)

    def _look(self, waited: float) -> float:
        """A round when today's is not made yet; after how many seconds to look again."""
        today = self._means.today()
        if today != self._made_on:
            if not self.make_round():
                # Such as a database that is busy. A large log that cannot be finished is not read every minute.
                return min(2 * waited, LONGEST_SECONDS)
            self._made_on = today
        return LOOK_SECONDS

    def make_round(self) -> bool:
        """One round now, unless one was made today or another process makes it; False when it must be tried again."""
        try:
            with file_lock(self._means.lock, seconds=0.0), self._means.open_database() as database:
                rounds = database.audit_search.newest(AuditFilter(actions=(CHECKPOINT,)), limit=ROUNDS)
                if not rounds or rounds[0].at < self._means.last_hour():
                    self._check_and_prune(database, rounds[-1].at if rounds else None)
        except TimeoutError:
            log.info("another process looks after the audit log")
            # It may be killed in the middle; when it is done this one finds nothing to do.
            return False
        except (DataError, OSError) as error:
            # What the database suffers from is told by everything else.
            log.warning("the daily round of the audit log failed: %s", type(error).__name__)
            return False
        except Exception:
            # A mistake of ours; what Python says of a thread that dies would stand across the page.
            log.exception("the daily round of the audit log failed")
        return True

    def _check_and_prune(self, database: Database, believed: int | None) -> None:
        check = database.audit.check()
        found = check.run(cancelled=lambda: self._stopping.wait(BREATH_SECONDS))
        if found.cancelled:
            return
        clock = self._means.clock
        if found.ok and database.audit.checkpoint(
            check, at=clock.now(), at_wall=clock.wall(), actor=NOBODY, origin=ORIGIN
        ):
            log.info("the audit log is whole: %d rows", found.rows)
            if believed is not None and clock.health() is ClockHealth.OK:
                now = min(clock.now(), believed + FURTHEST_MS)
                prune(database, self._means.policy, clock, now=now, stopping=self._stopping)
            return
        self._tell(database, found)

    def _tell(self, database: Database, found: Verification) -> None:
        """The log is not whole: nothing is signed, and nothing wiped that may be evidence."""
        result = "altered" if found.ok else result_of(found)
        log.critical("the audit log is not whole: %s at row %s", result, found.first_bad_seq)
        with database.transaction(write=True):
            trail = AuditTrail(database, self._means.clock, origin=ORIGIN)
            trail.record("audit.verified", result, parameters={"rows": found.rows, "seq": found.first_bad_seq})
            if self._means.alarms is not None and self._means.alarms.phones:
                raise_alarm(database, self._means.alarms, AlarmCause.AUDIT, "", self._means.clock.now())
