"""What is plugged in: serial ports and USB devices, grouped by device; nothing is opened here.

pyserial lists the ports; /sys/bus/usb/devices has the interfaces of a device and also the devices without any port (Linux
Documentation/ABI/stable/sysfs-bus-usb); /dev/serial/by-path has names that stay the same for a socket.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from hardware.errors import HardwareError
from hardware.modem.answers import printable

PortLister = Callable[[], Iterable[ListPortInfo]]

# pyserial stumbles (TypeError) over a device that is pulled out while it reads; then it is asked again.
_LISTING_TRIES: Final = 3
_NUMBERS: Final = re.compile(r"([0-9]+)")


class PortsUnlisted(HardwareError):
    """The serial ports could not be listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbInterface:
    """One interface of a USB device with its class codes (USB 2.0 9.6.5)."""

    number: int
    usb_class: int
    subclass: int
    protocol: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbDevice:
    """A USB device; `path` is bus and sockets ("1-1.2"), the same each time it is plugged into that socket.

    `manufacturer` and `name` are what it says of itself, without control characters.
    """

    path: str
    vendor: int
    product: int
    manufacturer: str = ""
    name: str = ""
    interfaces: tuple[UsbInterface, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialPort:
    """A serial port: its `device` ("/dev/ttyUSB2"), which changes, and a `stable` name ("/dev/serial/by-path/…") or nothing.

    `interface` is the number of its USB interface, None without USB. `left_alone` when udev tells ModemManager to.
    """

    device: str
    stable: str = ""
    interface: int | None = None
    left_alone: bool = False

    @property
    def name(self) -> str:
        """The name for a configuration."""
        return self.stable or self.device


@dataclass(frozen=True, slots=True)
class Plugged:
    """One device with its serial ports by interface number: a USB device, perhaps without a port, or a port without USB."""

    usb: UsbDevice | None
    ports: tuple[SerialPort, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where to look on this machine; tests have their own."""

    lister: PortLister = list_ports.comports
    sysfs: Path = Path("/sys")
    dev: Path = Path("/dev")
    proc: Path = Path("/proc")
    udev: Path = Path("/run/udev/data")


def plugged_in(around: Surroundings) -> tuple[Plugged, ...]:
    """Every device with a serial port, and every other USB device; PortsUnlisted."""
    stable = _stable_names(around.dev / "serial" / "by-path")
    alone: list[Plugged] = []
    by_path: dict[str, list[SerialPort]] = {}
    for info in sorted(_listed(around.lister), key=lambda info: natural(info.device)):
        port = SerialPort(
            device=info.device,
            stable=stable.get(os.path.realpath(info.device), ""),
            interface=_interface_number(info.location),
            left_alone=_is_left_alone(info.device, around.udev),
        )
        if info.location and info.vid is not None:
            by_path.setdefault(info.location.partition(":")[0], []).append(port)
        else:
            alone.append(Plugged(None, (port,)))
    devices = [
        Plugged(usb, tuple(sorted(by_path.pop(usb.path, ()), key=lambda port: port.interface or 0)))
        for usb in _usb_devices(around.sysfs)
    ]
    # A device that was pulled out between the two looks still has its ports, for a moment.
    alone += [Plugged(None, tuple(ports)) for ports in by_path.values()]
    return (*devices, *alone)


def port_by_name(port: str, around: Surroundings) -> Plugged:
    """The device behind a path or URL that somebody named; it need not be listed."""
    resolved = os.path.realpath(port)
    for device in plugged_in(around):
        found = [one for one in device.ports if "://" not in port and os.path.realpath(one.device) == resolved]
        if found:
            return Plugged(device.usb, tuple(found))
    return Plugged(None, (SerialPort(device=port),))


def natural(text: str) -> list[str | int]:
    """A key that sorts ttyUSB2 before ttyUSB10."""
    return [int(part) if part.isdecimal() else part for part in _NUMBERS.split(text)]


def _listed(lister: PortLister) -> list[ListPortInfo]:
    for _ in range(_LISTING_TRIES):
        try:
            return list(lister())
        except (OSError, TypeError):
            continue
    raise PortsUnlisted


def _stable_names(by_path: Path) -> dict[str, str]:
    """Names in `by_path` by the device that they point to.

    New versions of systemd give each port two; the first in the alphabet (usb before usbv2) is the one that all give.
    """
    names: dict[str, str] = {}
    try:
        links = sorted(by_path.iterdir())
    except OSError:  # no port has one
        return names
    for link in links:
        names.setdefault(os.path.realpath(link), str(link))
    return names


def _interface_number(location: str | None) -> int | None:
    """The interface in "1-1.2:1.3" (bus-sockets:configuration.interface); a device with only one has none there."""
    if not location:
        return None
    number = location.partition(":")[2].rpartition(".")[2]
    return int(number) if number.isdecimal() else 0


def _is_left_alone(device: str, udev: Path) -> bool:
    """Whether ID_MM_DEVICE_IGNORE is set: with it ModemManager uses no port of the device (its ModemManager-tags.h)."""
    try:
        node = Path(device).stat().st_rdev
        lines = (udev / f"c{os.major(node)}:{os.minor(node)}").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return "E:ID_MM_DEVICE_IGNORE=1" in lines


def _usb_devices(sysfs: Path) -> list[UsbDevice]:
    """All USB devices but hubs of the machine itself, by path."""
    try:
        directories = sorted((sysfs / "bus" / "usb" / "devices").iterdir(), key=lambda one: natural(one.name))
    except OSError:  # no USB here
        return []
    found = [_usb_device(directory) for directory in directories if re.fullmatch(r"[0-9]+-[0-9.]+", directory.name)]
    return [device for device in found if device is not None]


def _usb_device(directory: Path) -> UsbDevice | None:
    """What sysfs says of a device, None when it is gone by now."""
    vendor, product = _hexadecimal(directory / "idVendor"), _hexadecimal(directory / "idProduct")
    if vendor is None or product is None:
        return None
    interfaces = [_usb_interface(one) for one in sorted(directory.parent.glob(f"{directory.name}:*"))]
    return UsbDevice(
        path=directory.name,
        vendor=vendor,
        product=product,
        manufacturer=printable(_line(directory / "manufacturer")),
        name=printable(_line(directory / "product")),
        interfaces=tuple(sorted((one for one in interfaces if one), key=lambda one: one.number)),
    )


def _usb_interface(directory: Path) -> UsbInterface | None:
    names = ("bInterfaceNumber", "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
    number, usb_class, subclass, protocol = (_hexadecimal(directory / name) for name in names)
    if number is None or usb_class is None or subclass is None or protocol is None:
        return None
    return UsbInterface(number=number, usb_class=usb_class, subclass=subclass, protocol=protocol)


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _hexadecimal(path: Path) -> int | None:
    try:
        return int(_line(path), 16)
    except ValueError:
        return None
