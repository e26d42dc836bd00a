"""What security keys are plugged in: device nodes grouped into keys, and how one of them is opened.

A key shows one node per interface, which appear one after another and in no fixed order.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from fido2.hid import CtapHidDevice
    from yubikit.core.otp import OtpConnection

# USB vendor id of Yubico.
YUBICO: Final = 0x1050


@unique
class NodeKind(StrEnum):
    """The interface behind a device node."""

    FIDO = "fido"
    """CTAPHID: HID usage page 0xF1D0."""
    OTP = "otp"
    """Yubico's slots, by feature reports on the keyboard interface; the keys it types come to the page by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNode:
    """One interface of a key."""

    path: str
    kind: NodeKind
    key: str
    """The same for all nodes of one key, another after each insertion."""
    vendor_id: int
    product_id: int
    product_name: str
    may_open: bool
    """This account may read and write the node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggedKey:
    """One key in a USB port."""

    key: str
    vendor_id: int
    product_id: int
    product_name: str
    fido: KeyNode | None
    otp: KeyNode | None

    @property
    def yubico(self) -> bool:
        """Made by Yubico."""
        return self.vendor_id == YUBICO

    @property
    def forbidden(self) -> bool:
        """There is something to talk to, and this account may open none of it."""
        nodes = [node for node in (self.fido, self.otp) if node is not None]
        return not any(node.may_open for node in nodes)


class KeyBus(Protocol):
    """The USB ports as far as they hold security keys; every method may be called from any thread."""

    @property
    def simulated(self) -> bool:
        """Nothing of it is real."""

    def signature(self) -> Hashable:
        """A cheap look, which opens nothing: differs after each insertion and removal."""

    def nodes(self) -> Sequence[KeyNode]:
        """The nodes of all keys that are plugged in; opens nothing."""

    def open_fido(self, node: KeyNode) -> "CtapHidDevice":
        """Open the FIDO interface for this program alone; raises OSError, KeyBusy."""

    def open_otp(self, node: KeyNode) -> "OtpConnection":
        """Open the OTP interface for this program alone; raises OSError, KeyBusy and yubikit's CommandError."""


def plugged_keys(nodes: Sequence[KeyNode]) -> tuple[PluggedKey, ...]:
    """The keys that the nodes belong to, in the order of their first nodes."""
    grouped: dict[str, list[KeyNode]] = {}
    for node in nodes:
        grouped.setdefault(node.key, []).append(node)
    return tuple(
        PluggedKey(
            key=key,
            vendor_id=parts[0].vendor_id,
            product_id=parts[0].product_id,
            product_name=parts[0].product_name,
            fido=next((part for part in parts if part.kind is NodeKind.FIDO), None),
            otp=next((part for part in parts if part.kind is NodeKind.OTP), None),
        )
        for key, parts in grouped.items()
    )
