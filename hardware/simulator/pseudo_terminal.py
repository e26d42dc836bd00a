"""A pseudo-terminal that behaves like a modem's serial port, under a path that stays the same."""

import errno
import fcntl
import os
import select
import termios
import tty
from pathlib import Path

# As much as a kernel buffer of a tty holds.
CHUNK = 65536


class PseudoTerminal:
    """The modem's end of a serial port; clients open the link.

    The far end is opened here only for a moment, so that the kernel tells when the last client has gone: then, as
    with a real port, what nobody read is dropped and an exclusive mode that a killed client left is lifted (on a
    pseudo-terminal it would outlive the client and lock everybody out).
    """

    def __init__(self, link: Path) -> None:
        self.link = link
        self._master = -1
        self._device = ""

    @property
    def is_open(self) -> bool:
        """Whether the port exists."""
        return self._master >= 0

    def fileno(self) -> int:
        """Descriptor of the modem's end, for epoll with EPOLLET."""
        return self._master

    def open(self) -> None:
        """Make the port; `publish` lets clients find it."""
        master, slave = os.openpty()
        try:
            os.set_blocking(master, False)
            tty.setraw(slave)
            self._device = os.ttyname(slave)
        finally:
            os.close(slave)
        self._master = master

    def publish(self) -> None:
        """Point the link to the port."""
        self.link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.link.with_name(f".{self.link.name}.new")
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(self._device)
        temporary.replace(self.link)

    def close(self) -> None:
        """Take the port away: clients get end of file on reading and EIO on writing."""
        if self._master >= 0:
            self.link.unlink(missing_ok=True)
            os.close(self._master)
            self._master = -1

    @property
    def attended(self) -> bool:
        """Whether any program has the port open."""
        if self._master < 0:
            return False
        poll = select.poll()
        poll.register(self._master, 0)
        return not any(events & (select.POLLHUP | select.POLLNVAL) for _, events in poll.poll(0))

    def read(self) -> bytes:
        """All that clients wrote, without waiting; also what the last one wrote before it went."""
        received = bytearray()
        while True:
            try:
                chunk = os.read(self._master, CHUNK)
            except BlockingIOError:
                return bytes(received)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                return bytes(received)
            if not chunk:
                return bytes(received)
            received += chunk

    def write(self, octets: bytes) -> int:
        """Write without waiting; octets taken."""
        try:
            return os.write(self._master, octets)
        except BlockingIOError:
            return 0

    def client_left(self) -> bool:
        """Forget what the last client left behind; False when only a new port can do that."""
        try:
            slave = self._open_far_end()
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            # An exclusive client that lives has every right; one that is gone locks the port for ever.
            return self.attended
        try:
            fcntl.ioctl(slave, termios.TIOCNXCL)
            termios.tcflush(slave, termios.TCIFLUSH)
        finally:
            os.close(slave)
        return True

    def block_writes(self, block: bool) -> None:
        """Stop or resume taking bytes: a stopped port makes a client's write wait."""
        slave = self._open_far_end()
        try:
            termios.tcflow(slave, termios.TCOOFF if block else termios.TCOON)
        finally:
            os.close(slave)

    def _open_far_end(self) -> int:
        return os.open(self._device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
