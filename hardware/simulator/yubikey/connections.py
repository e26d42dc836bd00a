"""Open nodes of a plugged key: what `fido2` and `yubikit` take for an open /dev/hidraw file."""

import errno
import os
from collections import deque

from fido2.hid.base import CtapHidConnection
from yubikit.core.otp import OtpConnection

from hardware.simulator.yubikey.key import SimulatedYubiKey

# Packets that wait for a reader; when nobody reads, the oldest are lost.
_QUEUE_SIZE = 1024

# After so long the kernel gives up a control transfer to a device that does not answer.
CONTROL_TRANSFER_SECONDS = 5.0


class Plugging:
    """A key in the bus, from plug to unplug.

    Attributes:
        number: different for each plugging.
        permitted: whether this account may open the nodes.
        gone: whether it was unplugged.
    """

    def __init__(self, key: SimulatedYubiKey, number: int, *, permitted: bool) -> None:
        self.key = key
        self.number = number
        self.permitted = permitted
        self.gone = False
        self._readers: list[SimulatedCtapHidConnection] = []

    def start(self) -> None:
        """Give power."""
        self.key.power_up(self._send)

    def end(self) -> None:
        """Take the power away; whoever reads finds out."""
        self.gone = True
        self.key.power_down()

    def attach(self, reader: "SimulatedCtapHidConnection") -> None:
        """Let an open FIDO node hear the key."""
        self._readers.append(reader)

    def detach(self, reader: "SimulatedCtapHidConnection") -> None:
        """Forget a closed node."""
        if reader in self._readers:
            self._readers.remove(reader)

    def _send(self, packet: bytes) -> None:
        """Every program that has the node open hears every packet, as with hidraw."""
        for reader in self._readers:
            reader.hear(packet)


class _Node:
    """What both kinds of open node have in common: the errors of one whose key is gone."""

    def __init__(self, plugging: Plugging) -> None:
        self._plugging = plugging
        self._key = plugging.key
        self._closed = False
        self._told = False

    def _check(self) -> None:
        """Raise what the kernel does.

        Raises:
            OSError: EBADF after close; EIO once and then ENODEV after unplugging.
        """
        if self._closed:
            raise _error(errno.EBADF)
        if self._plugging.gone:
            told, self._told = self._told, True
            raise _error(errno.ENODEV if told else errno.EIO)


class SimulatedCtapHidConnection(_Node, CtapHidConnection):
    """An open FIDO node."""

    def __init__(self, plugging: Plugging) -> None:
        super().__init__(plugging)
        self._packets: deque[bytes] = deque(maxlen=_QUEUE_SIZE)
        plugging.attach(self)

    def hear(self, packet: bytes) -> None:
        """Take a packet from the key."""
        self._packets.append(packet)

    def read_packet(self) -> bytes:
        """Wait for a packet, for ever if the key is wedged.

        Raises:
            OSError: unplugged or closed.
        """
        with self._key.at_work():
            while not self._packets:
                self._check()
                self._key.wait()
            return self._packets.popleft()

    def write_packet(self, data: bytes) -> None:
        """Give a packet to the key.

        Raises:
            OSError: unplugged or closed.
        """
        with self._key.at_work():
            self._check()
            self._key.fido.receive(data)

    def close(self) -> None:
        """Close the node."""
        with self._key.at_work():
            self._closed = True
            self._plugging.detach(self)


class SimulatedOtpConnection(_Node, OtpConnection):
    """An open keyboard node."""

    def receive(self) -> bytes:
        """Read a feature report.

        Raises:
            OSError: unplugged or closed; ETIMEDOUT after 5 s when the key is wedged.
        """
        with self._key.at_work():
            self._transfer()
            return self._key.otp.read()

    def send(self, data: bytes) -> None:
        """Write a feature report.

        Raises:
            OSError: unplugged or closed; ETIMEDOUT after 5 s when the key is wedged.
        """
        with self._key.at_work():
            self._transfer()
            self._key.otp.write(data)

    def close(self) -> None:
        """Close the node."""
        with self._key.at_work():
            self._closed = True

    def _transfer(self) -> None:
        self._check()
        deadline = self._key.clock.now() + CONTROL_TRANSFER_SECONDS
        while self._key.wedged:
            if self._key.clock.now() >= deadline:
                raise _error(errno.ETIMEDOUT)
            self._key.wait(deadline)
            self._check()


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
