"""Lending a modem to a technician: what both sides agree on.

A loan is a row (`data.loans`) and a lock. The borrower holds the lock `loans/NAME.lock` beside the database for as long as it
may touch the port, so a borrower that was killed has let go of it in the same moment.

borrower                                      dispatcher
─ takes the lock, writes the row, rings ────▶ hands that modem nothing new, waits for the SMS that it is sending,
                                              closes the port, marks the row as granted, rings
◀──────────────────────────────────────────── (nobody drives: the borrower goes ahead under the dispatcher's lock)
─ tells committed SMS of that modem as unknown:
  whoever was sending them is dead
─ opens the port, drives the modem, sends
  the codes that no other modem would send
─ closes the port, ends the row, drops the
  lock, rings ──────────────────────────────▶ opens the port again
  or dies: the lock is free ────────────────▶ ends the row, tells committed SMS of that modem as unknown, opens the port

No SMS goes out twice: whoever sends, it is one compare-and-set (QUEUED → COMMITTED) before Ctrl-Z. A dispatcher that takes over
reads rows and locks before it opens any port.

No SMS stays "being sent" for as long as a loan lasts. To a dispatcher all that is committed on a lent modem is the borrower's;
so what was left there before the loan (a dispatcher that was killed and nobody took over, a borrower whose successor had the lock
before a dispatcher looked) is the borrower's to tell, before it opens the port.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from data.database import Database
from data.modems import ModemState
from kiosk.delivery.candidates import present_modems

# The dispatcher looks at a lock for less than a millisecond; so long a borrower tries again before it believes that it is held.
_LOOKED_AT_SECONDS: Final = 0.5
_AGAIN_SECONDS: Final = 0.01


class LoanLocks:
    """The locks of all modems, in a directory that is made when it is missing (0700)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def held(self, modem: str) -> Iterator[bool]:
        """Hold the lock of a modem as its borrower; False when another process does."""
        descriptor = self._open(modem)
        try:
            yield _lock(descriptor)
        finally:
            os.close(descriptor)

    def is_held(self, modem: str) -> bool:
        """Whether a borrower lives."""
        descriptor = self._open(modem)
        try:
            # Shared, so that two that look are not taken for a borrower.
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(descriptor)

    def _open(self, modem: str) -> int:
        # Names are checked when the configuration is read: letters, digits, dash and underscore.
        self._directory.mkdir(mode=0o700, exist_ok=True)
        return os.open(self._directory / f"{modem}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def loan_locks(database: Path) -> LoanLocks:
    """The locks beside a database."""
    return LoanLocks(database.with_name("loans"))


@contextmanager
def nobody_drives(dispatcher_lock: Path) -> Iterator[bool]:
    """Whether no process drives the modems; while it holds, none can begin to."""
    descriptor = os.open(dispatcher_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def others_serve(database: Database, modem: str, now: int) -> bool:
    """Whether another modem than this one could send a code now: ask before the only one is borrowed for long."""
    return any(row.state is ModemState.READY and row.name != modem for row in present_modems(database, now))


def _lock(descriptor: int) -> bool:
    until = time.monotonic() + _LOOKED_AT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_AGAIN_SECONDS)
        else:
            return True
