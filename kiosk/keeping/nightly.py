"""What is kept right at night: SQLite's whole check of the database and a back-up, the oldest ones thrown away; an alarm when none is made."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from data.database import Database
from data.errors import DatabaseUnavailable, DataError
from kiosk.audit import AuditTrail
from kiosk.clock import Clock
from kiosk.delivery.alarms import AlarmCause, AlarmMeans, raise_alarm
from kiosk.keeping.backup import Backups
from kiosk.keeping.errors import BackupBusy, KeepingError
from kiosk.keeping.sealed_file import FileKeys, key_in_file
from kiosk.keeping.state import BACKUP_AT, time_in_meta

log = logging.getLogger("kiosk.keeping")

# Nobody stands at a desk; local time.
HOUR: Final = 3
HOUR_MS: Final = 3_600_000
# A round of another process of this machine counts for all.
LATELY_MS: Final = 6 * HOUR_MS
# A machine that is switched off at night makes its round in the daytime.
MISSED_MS: Final = 25 * HOUR_MS
# A round that failed is tried again, such as when the medium is plugged in again.
AGAIN_MS: Final = HOUR_MS
FIRST_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 600.0
ORIGIN: Final = "night"

# Keys in `meta`, kiosk time: the last round that began, the last that succeeded, and since when back-ups are expected.
TRIED_AT: Final = "nightly_tried_at"
DONE_AT: Final = "nightly_done_at"
EXPECTED_SINCE: Final = "backup_expected_since"

_UNFINISHED_SECONDS: Final = 24 * 3600
_NAME: Final = "kiosk-%Y%m%d-%H%M%S.backup"
_PATTERN: Final = "kiosk-????????-??????.backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightlyMeans:
    """What a round works with; without `directory` (None) it checks, and makes no back-up. `tidy` throws away what ran out and keeps the figures of today."""

    open_database: Callable[[], Database]
    keys: FileKeys
    directory: Path | None
    kept: int
    overdue_hours: int
    site: str
    zone: ZoneInfo
    clock: Clock
    alarms: AlarmMeans | None
    tidy: Callable[[], None] = lambda: None


class Keeper:
    """Looks every ten minutes whether a round is due, in a daemon thread of its own; any process of a site may have one."""

    def __init__(self, means: NightlyMeans) -> None:
        self._means = means
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End the thread within so many seconds; a back-up under way is given up with the process."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        wait = FIRST_SECONDS
        while not self._stopping.wait(wait):
            wait = LOOK_SECONDS
            try:
                self.look()
            except DataError as error:
                # What the database suffers from is told by everything else.
                log.warning("the nightly round failed: %s", type(error).__name__)
            except Exception:
                # A mistake of ours; what Python says of a thread that dies would stand across the page.
                log.exception("the nightly round failed")

    def look(self) -> None:
        """Make a round when one is due, and tell when back-ups are overdue; raises DataError."""
        with self._means.open_database() as database:
            round_ = _Round(self._means, database)
            if round_.claim():
                round_.run()
                self._means.tidy()
            round_.tell_overdue()


class _Round:
    def __init__(self, means: NightlyMeans, database: Database) -> None:
        self._means = means
        self._database = database
        self._trail = AuditTrail(database, means.clock, origin=ORIGIN)

    def claim(self) -> bool:
        """Whether a round is due and ours: of several processes one makes it."""
        now = self._means.clock.now()
        local = datetime.fromtimestamp(self._means.clock.wall() / 1000, UTC).astimezone(self._means.zone)
        with self._database.transaction(write=True):
            done, tried = (time_in_meta(self._database, key) for key in (DONE_AT, TRIED_AT))
            if tried is not None and now - tried < AGAIN_MS:
                return False
            age = MISSED_MS if done is None else now - done
            if age < LATELY_MS or (age < MISSED_MS and local.hour != HOUR):
                return False
            self._database.meta.set(TRIED_AT, str(now))
        return True

    def run(self) -> None:
        """Check, back up, throw away what is too old; what fails is in the audit log. Raises DataError."""
        try:
            if self._means.directory is None:
                self._database.check_whole(thoroughly=True)
            else:
                self._backup(self._means.directory)
        except BackupBusy:
            log.info("another process makes a back-up now")
            return
        except DatabaseUnavailable as error:
            if error.reason != "corrupt":
                self._note("backup.failed", error.reason)
                return
            log.critical("the database is damaged: %s", error.detail)
            self._note("storage.check", "damaged", AlarmCause.DATABASE)
            return
        except (KeepingError, OSError) as error:
            log.warning("the nightly back-up failed: %s", error)
            self._note("backup.failed", type(error).__name__)
            return
        with self._database.transaction(write=True):
            self._database.meta.set(DONE_AT, str(self._means.clock.now()))

    def tell_overdue(self) -> None:
        """One alarm a day while back-ups are expected and none was made for too long; raises DataError."""
        if self._means.directory is None:
            return
        now = self._means.clock.now()
        with self._database.transaction(write=True):
            since = time_in_meta(self._database, EXPECTED_SINCE)
            if since is None:
                since = now
                self._database.meta.set(EXPECTED_SINCE, str(now))
            last = max(since, time_in_meta(self._database, BACKUP_AT) or 0)
            if now - last > self._means.overdue_hours * HOUR_MS:
                self._alarm(AlarmCause.BACKUP)

    def _backup(self, directory: Path) -> None:
        means = self._means
        # Kiosk time: the names go up also when the clock of the machine goes back.
        moment = datetime.fromtimestamp(means.clock.now() / 1000, UTC)
        made = directory / moment.strftime(_NAME)
        backups = Backups(self._database, means.keys, self._trail, site=means.site, clock=means.clock)
        backups.make(made, actor=ORIGIN)
        try:
            self._throw_away(directory)
        except OSError as error:
            # The new one is there all the same.
            log.warning("old back-ups cannot be thrown away: %s", error)

    def _throw_away(self, directory: Path) -> None:
        # Those of another site on the same medium are not ours to throw away.
        ours = sorted(path for path in directory.glob(_PATTERN) if self._means.keys.knows(key_in_file(path) or ""))
        # Left by one who was killed, or whose medium was pulled out.
        yesterday = self._means.clock.wall() / 1000 - _UNFINISHED_SECONDS
        unfinished = [path for path in directory.glob(f".{_PATTERN}.part") if path.stat().st_mtime < yesterday]
        for old in (*unfinished, *ours[: -self._means.kept]):
            old.unlink(missing_ok=True)

    def _note(self, action: str, result: str, cause: AlarmCause | None = None) -> None:
        with self._database.transaction(write=True):
            self._trail.record(action, result, actor=ORIGIN)
            if cause is not None:
                self._alarm(cause)

    def _alarm(self, cause: AlarmCause) -> None:
        if self._means.alarms is not None and self._means.alarms.phones:
            raise_alarm(self._database, self._means.alarms, cause, "", self._means.clock.now())
