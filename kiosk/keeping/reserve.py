"""Room kept for the day on which the disk is full: signing in and deleting go on from it while somebody makes room.

Whoever fills the disk can fill this too, once it is let go of: it buys time, and cannot be more than that. Pages kept free inside
the database would not help, since every write goes through the write-ahead log first, which takes new room of its own.
"""

import contextlib
import logging
import os
import shutil
from pathlib import Path
from typing import Final

from data.files import PRIVATE_FILE
from kiosk.delivery.vigil import too_full

log = logging.getLogger("kiosk.keeping")

# Thousands of sign-ins: one writes some twenty pages of 4 KiB, most of them over and over.
RESERVE_BYTES: Final = 16 * 1024 * 1024
# With less than this left the next transaction may fail.
LOW_BYTES: Final = 1024 * 1024


class Reserve:
    """The file `path` on the disk of the database; any process of a site may look after it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told = False

    def look(self) -> None:
        """Let go of it when the disk is full, make it again when there is room; what fails is logged once."""
        try:
            usage = shutil.disk_usage(self._path.parent)
            if self._path.exists():
                if usage.free < LOW_BYTES:
                    self._path.unlink(missing_ok=True)
                    log.critical("the disk is full: the reserve was let go of, make room now")
            elif not too_full(usage.total, usage.free - RESERVE_BYTES):
                self._make()
        except OSError as error:
            if not self._told:
                log.warning("the reserve for a full disk: %s", error.strerror)
            self._told = True
        else:
            self._told = False

    def _make(self) -> None:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
        except FileExistsError:
            # Another process of this site was first.
            return
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        except OSError:
            with contextlib.suppress(OSError):
                self._path.unlink()
            raise
        finally:
            os.close(descriptor)
