"""What systemd is told of this process, and what keeps its watchdog quiet: datagrams as sd_notify(3) describes them.

Started by hand there is nobody to tell, and nothing happens.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, MutableMapping
from typing import Final

log = logging.getLogger("kiosk.service")

# Whoever tells must not wait for a manager that does not read: it is the loop that draws the pages.
SEND_SECONDS: Final = 0.5
# Of the time after which the watchdog bites (sd_watchdog_enabled(3) advises half).
FED_AFTER: Final = 1 / 3
STATUS_CHARACTERS: Final = 200


class ServiceManager:
    """The service manager of this process.

    Args:
        address: its socket, `@` first for an abstract one; None: there is none.
        watchdog_seconds: after so long without `alive` it ends this process; None: it does not watch.
        monotonic: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        address: str | None = None,
        watchdog_seconds: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._feed_every = None if watchdog_seconds is None else watchdog_seconds * FED_AFTER
        self._monotonic = monotonic
        self._fed_at: float | None = None
        self._complained = False

    @classmethod
    def of(cls, environ: MutableMapping[str, str]) -> "ServiceManager":
        """The one that the environment names; its variables are taken out, so that no child speaks for us."""
        address = environ.pop("NOTIFY_SOCKET", "")
        microseconds = environ.pop("WATCHDOG_USEC", "")
        watched = environ.pop("WATCHDOG_PID", "") in {"", str(os.getpid())}
        # A path or an abstract name; systemd uses nothing else for services of this machine.
        usable = address.startswith(("/", "@"))
        watches = usable and watched and microseconds.isdecimal() and int(microseconds) > 0
        return cls(address if usable else None, int(microseconds) / 1e6 if watches else None)

    def ready(self) -> None:
        """It serves."""
        self._tell("READY=1")
        self.alive()

    def alive(self) -> None:
        """Feed the watchdog when it is time; call it often, from the loop whose standstill is to be noticed."""
        if self._feed_every is None:
            return
        now = self._monotonic()
        if (self._fed_at is None or now - self._fed_at >= self._feed_every) and self._tell("WATCHDOG=1"):
            self._fed_at = now

    def status(self, text: str) -> None:
        """What `systemctl status` shows from now on."""
        self._tell(_status(text))

    def stopping(self) -> None:
        """It ends, in good order."""
        self._tell("STOPPING=1")

    def _tell(self, *assignments: str) -> bool:
        if self._address is None:
            return False
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
                manager.settimeout(SEND_SECONDS)
                manager.sendto("\n".join(assignments).encode(), address)
        except OSError as error:
            if not self._complained:
                log.warning("the service manager cannot be told: %s", error.strerror or error)
            self._complained = True
            return False
        return True


def _status(text: str) -> str:
    # Another line would be another assignment.
    return f"STATUS={' '.join(text.split())[:STATUS_CHARACTERS]}"
