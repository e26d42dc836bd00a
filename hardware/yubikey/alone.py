"""Connections to a key that no other program of ours has at the same time.

Every reader of a hidraw node gets every packet, so two programs that talk to one key break each other's conversation. The lock
lies on the node itself: it needs no agreement on a place, and the kernel lets go of it with the process.
"""

import fcntl
import os
from typing import Any

from fido2.hid.base import HidDescriptor
from fido2.hid.linux import LinuxCtapHidConnection
from ykman.hid.linux import HidrawConnection

from hardware.yubikey.errors import KeyBusy


def _lock(path: str | bytes) -> int:
    """A descriptor that holds the lock; raises KeyBusy, OSError."""
    lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise KeyBusy from None
    except BaseException:
        os.close(lock)
        raise
    return lock


class LockedCtapHidConnection(LinuxCtapHidConnection):
    """The FIDO interface."""

    def __init__(self, descriptor: HidDescriptor) -> None:
        self._lock: int | None = _lock(descriptor.path)
        try:
            super().__init__(descriptor)  # type: ignore[no-untyped-call]  # fido2 leaves it untyped
        except BaseException:
            self._let_go()
            raise

    def close(self) -> None:
        """Close the node and let go of it."""
        try:
            super().close()  # type: ignore[no-untyped-call]  # as above
        finally:
            self._let_go()

    def _let_go(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)


class LockedOtpConnection(HidrawConnection):
    """The OTP interface."""

    def __init__(self, path: str) -> None:
        self._lock: int | None = _lock(path)
        try:
            super().__init__(path)  # type: ignore[no-untyped-call]  # ykman leaves it untyped
        except BaseException:
            self._let_go()
            raise

    def close(self) -> Any:
        """Close the node and let go of it."""
        try:
            return super().close()  # type: ignore[no-untyped-call]  # as above
        finally:
            self._let_go()

    def _let_go(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)
