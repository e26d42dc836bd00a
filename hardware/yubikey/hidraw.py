"""The security keys of this machine, as the Linux kernel shows them: `/dev/hidraw*` and what sysfs says of each.

What a node is stands in sysfs for everybody to read, so a key that this account may not open is seen all the same; only
talking to a key opens anything. ykman and fido2 are imported when the first key is opened.
"""

import os
import re
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hardware.yubikey.bus import YUBICO, KeyNode, NodeKind

if TYPE_CHECKING:
    from fido2.hid import CtapHidDevice
    from yubikit.core.otp import OtpConnection

DEVICES: Final = Path("/dev")
CLASS: Final = Path("/sys/class/hidraw")

# HID usages (page, usage) of the two interfaces: CTAP 2.1 §11.2.8.2, and a keyboard (HID Usage Tables §10).
FIDO_USAGE: Final = (0xF1D0, 0x01)
KEYBOARD_USAGE: Final = (0x01, 0x06)

# Items of a report descriptor without their size bits (HID 1.11 §6.2.2.7 and §6.2.2.8).
_USAGE_PAGE: Final = 0x04
_USAGE: Final = 0x08
_LONG_ITEM: Final = 0xFE


class HidrawBus:
    """The keys on this machine's USB ports."""

    simulated = False

    def __init__(self, devices: Path = DEVICES, described: Path = CLASS) -> None:
        self._devices = devices
        self._described = described

    def signature(self) -> Hashable:
        """Names, inodes and times of the nodes: a key that came back on the same number has another one."""
        return tuple(self._signs())

    def nodes(self) -> Sequence[KeyNode]:
        """The nodes of all keys; one that vanishes while it is looked at is left out."""
        found = []
        for path in self._paths():
            try:
                node = self._node(path)
            except OSError:
                # Pulled out between the listing and the look: the next look will not list it.
                continue
            if node is not None:
                found.append(node)
        return found

    def open_fido(self, node: KeyNode) -> "CtapHidDevice":
        """Open the FIDO interface for this program alone; raises OSError, KeyBusy."""
        from fido2.hid import CtapHidDevice, get_descriptor  # noqa: PLC0415  32 ms that a start without a key does not pay

        from hardware.yubikey.alone import LockedCtapHidConnection  # noqa: PLC0415  as above

        descriptor = get_descriptor(node.path)  # type: ignore[no-untyped-call]  # fido2 leaves it untyped
        connection = LockedCtapHidConnection(descriptor)
        try:
            return CtapHidDevice(descriptor, connection)
        except BaseException:
            # A node that stays open is lost to the machine: the kernel has 64 of them.
            connection.close()
            raise

    def open_otp(self, node: KeyNode) -> "OtpConnection":
        """Open the OTP interface for this program alone; raises OSError, KeyBusy and CommandError.

        Waits up to 3 s for a key that reclaims it.
        """
        from ykman.hid.base import OtpYubiKeyDevice  # noqa: PLC0415  99 ms that a start without a key does not pay
        from yubikit.core.otp import OtpConnection  # noqa: PLC0415  as above

        from hardware.yubikey.alone import LockedOtpConnection  # noqa: PLC0415  as above

        device = OtpYubiKeyDevice(node.path, node.product_id, LockedOtpConnection)  # type: ignore[no-untyped-call]  # ykman leaves it untyped
        connection: OtpConnection = device.open_connection(OtpConnection)  # type: ignore[no-untyped-call]  # as above
        return connection

    def _paths(self) -> list[Path]:
        return sorted(self._devices.glob("hidraw*"), key=lambda path: (len(path.name), path.name))

    def _signs(self) -> Iterator[tuple[str, int, int, int]]:
        for path in self._paths():
            try:
                status = path.stat()
            except OSError:
                continue
            # The mode too: a udev rule that comes a moment later makes the key usable.
            yield path.name, status.st_ino, status.st_ctime_ns, status.st_mode

    def _node(self, path: Path) -> KeyNode | None:
        device = self._described / path.name / "device"
        facts = dict(
            line.split("=", 1) for line in (device / "uevent").read_text(errors="replace").splitlines() if "=" in line
        )
        ids = re.fullmatch(r"[0-9A-Fa-f]+:([0-9A-Fa-f]{8}):([0-9A-Fa-f]{8})", facts.get("HID_ID", ""))
        if ids is None:
            return None
        vendor, product = (int(number, 16) for number in ids.groups())
        usage = first_usage((device / "report_descriptor").read_bytes())
        kind = NodeKind.FIDO if usage == FIDO_USAGE else NodeKind.OTP if usage == KEYBOARD_USAGE else None
        if kind is None or (kind is NodeKind.OTP and vendor != YUBICO):
            return None
        status = path.stat()
        return KeyNode(
            path=str(path),
            kind=kind,
            key=f"{_usb_device(device.resolve(), facts)}",
            vendor_id=vendor,
            product_id=product,
            product_name=facts.get("HID_NAME", ""),
            may_open=os.access(path, os.R_OK | os.W_OK) and status.st_nlink > 0,
        )


def first_usage(descriptor: bytes) -> tuple[int, int] | None:
    """Usage page and usage that a report descriptor begins with (HID 1.11 §6.2.2); None when it has none."""
    page = usage = None
    at = 0
    while at < len(descriptor):
        head = descriptor[at]
        if head == _LONG_ITEM:
            at += 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
            continue
        # The two low bits say 0, 1, 2 or 4 bytes of value.
        size = (0, 1, 2, 4)[head & 0x03]
        value = int.from_bytes(descriptor[at + 1 : at + 1 + size], "little")
        at += 1 + size
        if head & 0xFC == _USAGE_PAGE:
            page = value
        elif head & 0xFC == _USAGE:
            usage = value
        if page is not None and usage is not None:
            return page, usage
    return None


def _usb_device(device: Path, facts: dict[str, str]) -> str:
    """What all interfaces of one key share: the directory of its USB device, with the number it got at insertion."""
    # …/usb1/1-2/1-2:1.0/0003:1050:0407.0001: the HID device lies in its interface, the interface in its USB device.
    if re.fullmatch(r".+:\d+\.\d+", device.parent.name):
        usb = device.parent.parent
        try:
            number = (usb / "devnum").read_text().strip()
        except OSError:
            number = ""
        return f"{usb.name}#{number}"
    # No USB behind it (uhid, Bluetooth): what the driver calls the place, without the part of the interface.
    return facts.get("HID_PHYS", "").split("/", 1)[0] or device.name
