"""The simulated bus as the product's own code sees the ports of a machine (`hardware.yubikey.bus.KeyBus`)."""

from collections.abc import Hashable, Sequence

from fido2.hid import CtapHidDevice
from yubikit.core.otp import OtpConnection

from hardware.simulator.yubikey.usb import FidoNode, SimulatedUsb
from hardware.yubikey.bus import KeyNode, NodeKind


class SimulatedKeyBus:
    """The keys of a `SimulatedUsb`."""

    simulated = True

    def __init__(self, usb: SimulatedUsb) -> None:
        self.usb = usb

    def signature(self) -> Hashable:
        """Differs after each insertion and removal."""
        return self.usb.signature()

    def nodes(self) -> Sequence[KeyNode]:
        """The nodes of all keys."""
        return [
            KeyNode(
                path=node.path,
                kind=NodeKind.FIDO if isinstance(node, FidoNode) else NodeKind.OTP,
                key=f"plug-{node.plugging.number}",
                vendor_id=node.vendor_id,
                product_id=node.product_id,
                product_name=node.product_name,
                may_open=node.plugging.permitted,
            )
            for node in (*self.usb.fido_nodes(), *self.usb.otp_nodes())
        ]

    def open_fido(self, node: KeyNode) -> CtapHidDevice:
        """Open the FIDO interface; raises OSError."""
        for one in self.usb.fido_nodes():
            if one.path == node.path and f"plug-{one.plugging.number}" == node.key:
                return one.open()
        raise FileNotFoundError(node.path)

    def open_otp(self, node: KeyNode) -> OtpConnection:
        """Open the OTP interface; raises OSError."""
        for one in self.usb.otp_nodes():
            if one.path == node.path and f"plug-{one.plugging.number}" == node.key:
                return one.open()
        raise FileNotFoundError(node.path)
