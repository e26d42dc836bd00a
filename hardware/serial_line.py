"""One serial port: opened exclusively, read with deadlines, woken at once, its errors classified.

Pyserial opens and configures the port; waiting is done here with one `select` on the port and a pipe, so that an idle read
can block for a second and still end at once, on a tty as on a socket. The tree of errors is drawn in `hardware.errors`.
"""

import contextlib
import errno
import fcntl
import grp
import os
import pwd
import select
import stat
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import serial

from hardware.errors import HardwareError
from hardware.port_user import PortUser, find_user

# Character devices 136 to 143 are the slaves of pseudo-terminals (Linux Documentation/admin-guide/devices.txt).
_PTY_MAJORS = range(136, 144)
_READ_AT_ONCE = 4096
# Without a file descriptor to wait on (rfc2217://, loop://) reads are cut into slices of this many seconds.
_SLICE = 0.02
# spy:// writes everything that passes, PINs and numbers included, to a file or the screen.
_REFUSED_SCHEMES = ("spy",)


class PortError(HardwareError):
    """A serial port that cannot be used; `port` is its path or URL, `cure` a code for what a technician can do."""

    cure = "look_at_the_port"

    def __init__(self, port: str, detail: str = "") -> None:
        self.port = port
        self.detail = detail
        super().__init__(f"{port} {detail}".strip())


class PortMissing(PortError):
    """Nothing is plugged in under that name, or nobody listens at that address."""

    cure = "plug_in"


class PortBusy(PortError):
    """Another program holds the port; `owner_pid` and `owner_name` when they can be found."""

    cure = "stop_the_other_program"

    def __init__(self, port: str, user: PortUser | None) -> None:
        self.owner_pid = user.pid if user else None
        self.owner_name = user.name if user else None
        super().__init__(port, f"{user.name} ({user.pid})" if user else "")


class PortForbidden(PortError):
    """This account may not open the port; `group` may, `account` is who we are."""

    cure = "join_the_group"

    def __init__(self, port: str, *, group: str, account: str) -> None:
        self.group = group
        self.account = account
        super().__init__(port, f"{account} is not in group {group}")


class PortGone(PortError):
    """The port was open and is gone: unplugged, restarted, connection lost."""

    cure = "plug_in_again"


class WriteStuck(PortError):
    """The port took no more bytes for `write_timeout` seconds."""

    cure = "plug_in_again"


class NotAPort(PortError):
    """A file, a directory or a URL that is no serial port."""

    cure = "choose_another_port"


class SerialLine:
    """An open port, exclusively ours: flock always, TIOCEXCL on real ttys (on a pseudo-terminal it outlives its owner).

    `port` is a path or a pyserial URL. One thread reads and writes; `cancel_read` may be called from any. All methods raise
    PortGone when the port has vanished.
    """

    def __init__(self, port: str, *, baud: int = 115200, write_timeout: float = 2.0) -> None:
        self.port = port
        self._write_timeout = write_timeout
        self._pipe_lock = threading.Lock()
        self._wake_reader, self._wake_writer = os.pipe()
        os.set_blocking(self._wake_reader, False)
        os.set_blocking(self._wake_writer, False)
        try:
            self._serial = _open(port, baud, write_timeout)
        except BaseException:
            self._close_pipe()
            raise
        self._descriptor = _descriptor(self._serial)
        self._locked_out = self._descriptor is not None and _lock_out_others(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_pseudo_terminal(self) -> bool:
        """Whether the other end is a program on this machine."""
        if self._descriptor is None:
            return False
        return os.major(os.fstat(self._descriptor).st_rdev) in _PTY_MAJORS

    def set_baud(self, baud: int) -> None:
        """Change the speed; nothing happens when it is that already, or where there is none (socket://)."""
        if self._serial.baudrate != baud:
            try:
                self._serial.baudrate = baud
            except (OSError, ValueError, termios.error) as error:
                raise PortGone(self.port, _words(error)) from None

    def read(self, deadline: float) -> bytes:
        """What has come in, waiting until `deadline` (`time.monotonic()`); empty at the deadline or after `cancel_read`."""
        timeout = max(0.0, deadline - time.monotonic())
        try:
            if self._descriptor is None:
                return self._read_in_slices(timeout)
            ready, _, _ = select.select([self._descriptor, self._wake_reader], [], [], timeout)
            if self._wake_reader in ready:
                os.read(self._wake_reader, _READ_AT_ONCE)
            return self._serial.read(_READ_AT_ONCE) if self._descriptor in ready else b""
        except (OSError, ValueError, TypeError) as error:
            raise PortGone(self.port, _words(error)) from None

    def write(self, data: bytes) -> None:
        """Hand all of `data` to the port; WriteStuck when that takes longer than `write_timeout`.

        After WriteStuck nobody can tell how much of it went out.
        """
        try:
            if self._descriptor is not None:
                # Pyserial spins when the first write is refused, so it is asked only when there is room.
                _, ready, _ = select.select([], [self._descriptor], [], self._write_timeout)
                if not ready:
                    raise WriteStuck(self.port)
            self._serial.write(data)
        except serial.SerialTimeoutException:
            raise WriteStuck(self.port) from None
        except (OSError, ValueError, TypeError) as error:
            raise PortGone(self.port, _words(error)) from None

    def cancel_read(self) -> None:
        """End the present read, or the next one, at once; from any thread."""
        with self._pipe_lock, contextlib.suppress(BlockingIOError):  # a full pipe wakes too
            if self._wake_writer >= 0:
                os.write(self._wake_writer, b"x")

    def close(self) -> None:
        """Give the port back; may be called again."""
        with contextlib.suppress(OSError, termios.error):  # a vanished port cannot be restored
            if self._locked_out:
                fcntl.ioctl(self._serial.fileno(), termios.TIOCNXCL)
        with contextlib.suppress(OSError, termios.error):
            self._serial.close()
        self._locked_out = False
        self._close_pipe()

    def _close_pipe(self) -> None:
        with self._pipe_lock:
            if self._wake_writer >= 0:
                os.close(self._wake_reader)
                os.close(self._wake_writer)
            self._wake_reader = self._wake_writer = -1

    def _read_in_slices(self, timeout: float) -> bytes:
        end = time.monotonic() + timeout
        while True:
            self._serial.timeout = min(_SLICE, max(0.0, end - time.monotonic()))
            first = bytes(self._serial.read(1))
            if first or time.monotonic() >= end or select.select([self._wake_reader], [], [], 0)[0]:
                break
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_reader, _READ_AT_ONCE)
        return first


PortOpener = Callable[[str], SerialLine]


def _words(error: BaseException) -> str:
    """What an operating system error says, without the path that pyserial repeats."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) else type(error).__name__


def _open(port: str, baud: int, write_timeout: float) -> serial.SerialBase:
    scheme, separator, _ = port.partition("://")
    if separator and scheme.lower() in _REFUSED_SCHEMES:
        raise NotAPort(port, "refused: it would copy every byte")
    if not separator:
        _check_device(port)
    try:
        opened = serial.serial_for_url(port, do_not_open=True)
        opened.baudrate, opened.timeout, opened.write_timeout = baud, 0, write_timeout
        opened.rtscts = opened.dsrdtr = opened.xonxoff = False
        if isinstance(opened, serial.Serial):
            opened.exclusive = True
        opened.open()
    except (OSError, ValueError, termios.error) as error:
        raise _classified(port, error) from None
    return opened


def _check_device(port: str) -> None:
    try:
        mode = Path(port).stat().st_mode
    except PermissionError as error:
        raise _classified(port, error) from None
    except OSError as error:
        raise PortMissing(port, _words(error)) from None
    if not stat.S_ISCHR(mode):
        raise NotAPort(port, "not a character device")


def _classified(port: str, error: Exception) -> PortError:
    """The error of pyserial, whose own number is sometimes only in the error before it."""
    first = error.__context__ or error
    number = getattr(error, "errno", None) or (first.args[0] if first.args else None)
    if number in {errno.EBUSY, errno.EAGAIN}:
        return PortBusy(port, find_user(port))
    if number in {errno.EACCES, errno.EPERM}:
        return PortForbidden(port, group=_group(port), account=_account())
    # A device node without a device, or a pseudo-terminal whose program has ended, says one of these.
    if number in {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO}:
        return PortMissing(port, os.strerror(number))
    if isinstance(first, OSError) and not isinstance(first, serial.SerialException):
        return PortMissing(port, _words(first))
    return NotAPort(port, _words(first))


def _group(port: str) -> str:
    try:
        return grp.getgrgid(Path(port).stat().st_gid).gr_name
    except (OSError, KeyError):
        return "dialout"


def _account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _descriptor(opened: serial.SerialBase) -> int | None:
    try:
        return int(opened.fileno())
    except (OSError, AttributeError):
        return None


def _lock_out_others(descriptor: int) -> bool:
    """TIOCEXCL on a real tty: programs that take no lock cannot open it either. Whether that was done."""
    if not os.isatty(descriptor) or os.major(os.fstat(descriptor).st_rdev) in _PTY_MAJORS:
        return False
    fcntl.ioctl(descriptor, termios.TIOCEXCL)
    return True
