"""The bus: which keys are plugged in, and the nodes that a program finds and opens."""

import errno
import itertools
import os
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field

from fido2.hid import CtapHidDevice
from fido2.hid.base import HidDescriptor
from yubikit.core.otp import OtpConnection

from hardware.simulator.errors import KeyAlreadyPlugged, KeyNotPlugged
from hardware.simulator.yubikey.connections import Plugging, SimulatedCtapHidConnection, SimulatedOtpConnection
from hardware.simulator.yubikey.ctap_hid import PACKET_SIZE
from hardware.simulator.yubikey.key import SimulatedYubiKey


@dataclass(frozen=True, slots=True)
class KeyNode:
    """A node of a plugged key.

    Attributes:
        path: such as /dev/hidraw0.
        vendor_id, product_id: of USB.
        product_name: as the key tells it.
        plugging: the key behind it, for the bus.
    """

    path: str
    vendor_id: int
    product_id: int
    product_name: str
    plugging: Plugging = field(repr=False)

    def _check(self) -> None:
        if self.plugging.gone:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.path)
        if not self.plugging.permitted:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), self.path)


@dataclass(frozen=True, slots=True)
class FidoNode(KeyNode):
    """The FIDO node of a key."""

    def open(self) -> CtapHidDevice:
        """Open it and get a channel; blocks for ever when the key is wedged.

        Raises:
            FileNotFoundError: unplugged.
            PermissionError: not for this account.
            OSError: unplugged meanwhile.
        """
        self._check()
        descriptor = HidDescriptor(
            self.path, self.vendor_id, self.product_id, PACKET_SIZE, PACKET_SIZE, self.product_name, None
        )
        return CtapHidDevice(descriptor, SimulatedCtapHidConnection(self.plugging))


@dataclass(frozen=True, slots=True)
class OtpNode(KeyNode):
    """The keyboard node of a key, for feature reports."""

    def open(self) -> OtpConnection:
        """Open it.

        Raises:
            FileNotFoundError: unplugged.
            PermissionError: not for this account.
        """
        self._check()
        return SimulatedOtpConnection(self.plugging)


class SimulatedUsb:
    """A bus with any number of keys."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._nodes: list[FidoNode | OtpNode] = []

    def plug(self, key: SimulatedYubiKey, *, permitted: bool = True, fido_first: bool = False) -> None:
        """Plug a key in; its nodes take the lowest free numbers.

        Args:
            key: one that is in no bus.
            permitted: whether this account may open its nodes.
            fido_first: whether the FIDO node gets the lower number; real ones have no fixed order.

        Raises:
            KeyAlreadyPlugged: it is in a bus.
        """
        with self._lock:
            if key.plugged:
                raise KeyAlreadyPlugged(key)
            plugging = Plugging(key, next(self._numbers), permitted=permitted)
            kinds: list[type[FidoNode | OtpNode]] = [OtpNode, FidoNode] if key.model.has_otp else [FidoNode]
            for kind in reversed(kinds) if fido_first else kinds:
                model = key.model
                self._nodes.append(
                    kind(self._free_path(), model.vendor_id, model.product_id, model.product_name, plugging)
                )
            plugging.start()

    def unplug(self, key: SimulatedYubiKey) -> None:
        """Pull a key out, whatever it is doing.

        Raises:
            KeyNotPlugged: it is not in this bus.
        """
        with self._lock:
            gone = [node for node in self._nodes if node.plugging.key is key]
            if not gone:
                raise KeyNotPlugged(key)
            self._nodes = [node for node in self._nodes if node not in gone]
        # Without the lock: whoever is told that the lamp went out may look at the bus.
        gone[0].plugging.end()

    def signature(self) -> Hashable:
        """Something that changes with each plug and unplug, also when a key returns to the same node."""
        with self._lock:
            return tuple(sorted((node.path, node.plugging.number) for node in self._nodes))

    def fido_nodes(self) -> tuple[FidoNode, ...]:
        """FIDO nodes of all keys."""
        with self._lock:
            return tuple(node for node in self._nodes if isinstance(node, FidoNode))

    def otp_nodes(self) -> tuple[OtpNode, ...]:
        """Keyboard nodes of all keys that have one."""
        with self._lock:
            return tuple(node for node in self._nodes if isinstance(node, OtpNode))

    def keys(self) -> tuple[SimulatedYubiKey, ...]:
        """The keys that are plugged in, in the order in which they came."""
        with self._lock:
            return tuple(dict.fromkeys(node.plugging.key for node in self._nodes))

    def _free_path(self) -> str:
        taken = {node.path for node in self._nodes}
        return next(path for number in itertools.count() if (path := f"/dev/hidraw{number}") not in taken)
