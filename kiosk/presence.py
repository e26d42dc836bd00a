"""Whether another living process is at the same desk: a lock that the kernel lets go when its holder dies."""

import fcntl
import logging
import os
from pathlib import Path
from typing import Final

log = logging.getLogger("kiosk.desk")


class Presence:
    """Held from the start of a terminal to its end; `alone` tells whether nobody else holds it."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        self.alone: Final = self._take(path)

    def close(self) -> None:
        """Leave the desk to others; harmless when repeated."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _take(self, path: Path) -> bool:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # Not knowing is no reason to end what may be somebody's sign-in.
            log.warning("another terminal may be at this desk: %s", error.strerror)
            return False
        return True
