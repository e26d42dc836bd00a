"""Waking whoever waits for the outbox to change: in this process and in every other one of this machine.

A ring carries nothing; who is woken looks in the database. It is a help and never a condition: a process whose doorbell
cannot be hung, or whose ring is lost, still finds every change by `SafetyNet`.

Doorbell    one datagram socket per process, in a directory beside the database
Waker       the thread that listens at it for everybody in the process
SafetyNet   finds what no ring told
"""

import contextlib
import errno
import logging
import os
import secrets
import select
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kiosk.watch import Subscription

log = logging.getLogger("kiosk.delivery")

# How often to look for changes that no ring told, in seconds: while something is awaited, and else.
AWAITED_POLL: Final = 0.25
IDLE_POLL: Final = 2.0

# A socket gets its real name only when it can be rung: between bind() making the file and the kernel knowing it, a ring
# is refused, and whoever rang would take it for a dead one and remove it.
_NOT_HUNG_YET: Final = "."
# All that a ring may say while the ears are full, gone or somebody else's: it has been rung, or nobody is there to hear.
_FULL: Final = frozenset({errno.EAGAIN, errno.ENOBUFS})
_NOT_OURS: Final = frozenset({errno.EACCES, errno.EPERM, errno.ENOENT})


class Doorbell:
    """The doorbell of this process in `directory`, which is made when it is missing (0700).

    Any thread may ring. One thread waits: by `wait`, or by a `select` on `fileno` and `clear`, or through a Waker.
    """

    def __init__(self, directory: Path) -> None:
        self._inside = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._ears = select.epoll()
        self._ears.register(self._inside, select.EPOLLIN)
        self._directory: int | None = None
        self._socket: socket.socket | None = None
        self._name = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._closing = threading.Lock()
        self._closed = False
        try:
            self._hang(directory)
        except OSError as error:
            # On a full or read-only disk people still sign in; other processes find our changes by polling.
            log.warning("no doorbell in %s: %s", directory, error.strerror)

    def ring(self) -> None:
        """Wake everybody, here and in the other processes; returns at once and never fails."""
        with self._closing:
            if self._closed:
                return
            self._ring_here()
            if self._directory is None or self._socket is None:
                return
            try:
                for name in os.listdir(self._directory):  # noqa: PTH208  a Path cannot list an open directory
                    if name != self._name and not name.startswith(_NOT_HUNG_YET):
                        self._ring_other(self._directory, self._socket, name)
            except OSError as error:
                log.warning("the doorbells cannot be rung: %s", error.strerror)

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds for a ring; whether there was one. Rings so far count as one."""
        rung = bool(self._ears.poll(timeout))
        if rung:
            self.clear()
        return rung

    def clear(self) -> None:
        """Take note of all rings so far, after `fileno` became readable."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._inside)
        if self._socket is not None:
            with contextlib.suppress(BlockingIOError):
                while True:
                    self._socket.recv(1)

    def fileno(self) -> int:
        """A file descriptor that is readable when somebody has rung."""
        return self._ears.fileno()

    def close(self) -> None:
        """Take the doorbell down; call it when nobody waits any more. Harmless when repeated."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._take_down()
            self._ears.close()
            os.close(self._inside)

    def _hang(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self._directory = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            bell.bind(_address(self._directory, _NOT_HUNG_YET + self._name))
            os.rename(_NOT_HUNG_YET + self._name, self._name, src_dir_fd=self._directory, dst_dir_fd=self._directory)
        except OSError:
            bell.close()
            raise
        self._socket = bell
        self._ears.register(bell, select.EPOLLIN)

    def _take_down(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._directory is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._name, dir_fd=self._directory)
            os.close(self._directory)

    def _ring_here(self) -> None:
        # A counter at its maximum refuses; then it has been rung.
        with contextlib.suppress(BlockingIOError):
            os.eventfd_write(self._inside, 1)

    @staticmethod
    def _ring_other(directory: int, bell: socket.socket, name: str) -> None:
        try:
            bell.sendto(b"", _address(directory, name))
        except ConnectionRefusedError:
            # Its process is dead. Names are never used again, so nobody else's can be removed here.
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=directory)
        except OSError as error:
            if error.errno not in _FULL | _NOT_OURS:
                log.warning("a doorbell cannot be rung: %s", error.strerror)


class Waker:
    """Listens at a doorbell in a thread of its own and calls everybody who wants to know, one after another.

    Callbacks must return at once; `Dispatcher.wake` and `DomainThread.wake` do.
    """

    def __init__(self, doorbell: Doorbell) -> None:
        self.doorbell: Final = doorbell
        self._callbacks: dict[object, Callable[[], None]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="doorbell", daemon=True)

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def add(self, callback: Callable[[], None]) -> Subscription:
        """Call `callback` in the waker's thread after each ring, until cancelled."""
        key = object()
        self._callbacks[key] = callback
        return _Removal(self._callbacks, key)

    def stop(self, timeout: float = 2.0) -> bool:
        """Stop listening and close the doorbell; whether the thread has ended within `timeout` seconds."""
        self._stopping.set()
        self.doorbell.ring()
        if self._thread.is_alive():
            self._thread.join(timeout)
        if self._thread.is_alive():
            return False
        self.doorbell.close()
        return True

    def _listen(self) -> None:
        while not self._stopping.is_set():
            if self.doorbell.wait(IDLE_POLL):
                for callback in tuple(self._callbacks.values()):
                    self._call(callback)

    @staticmethod
    def _call(callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception:
            # Whoever fails must not keep the others asleep.
            log.exception("somebody could not be woken")


class _Removal:
    def __init__(self, callbacks: dict[object, Callable[[], None]], key: object) -> None:
        self._callbacks = callbacks
        self._key = key

    def cancel(self) -> None:
        """Wake it no more."""
        self._callbacks.pop(self._key, None)


class SafetyNet:
    """Finds changes by other connections that no ring told, by `PRAGMA data_version`; used in the database's thread."""

    def __init__(self, data_version: Callable[[], int]) -> None:
        self._data_version = data_version
        self._seen: int | None = None

    def changed(self) -> bool:
        """Whether another connection has committed since the last call; True at the first."""
        version = self._data_version()
        changed, self._seen = version != self._seen, version
        return changed

    @staticmethod
    def pause(*, awaited: bool) -> float:
        """Seconds until the next look, while something is awaited or else."""
        return AWAITED_POLL if awaited else IDLE_POLL


def _address(directory: int, name: str) -> str:
    """A path within the 108 bytes of `sun_path`, however long the directory's own path is (unix(7))."""
    return f"/proc/self/fd/{directory}/{name}"
