"""What is plugged in: serial ports and USB devices, grouped by device; nothing is opened here.

pyserial lists the ports; /sys/bus/usb/devices has the interfaces of a device and also the devices without any port (Linux
Documentation/ABI/stable/sysfs-bus-usb); /dev/serial/by-path has names that stay the same for a socket.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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
    _stable: dict[str, str] = field(default_factory=dict, repr=False, compare=False)


def plugged_in(around: Surroundings) -> tuple[Plugged, ...]:
    """Every device with a serial port, and every other USB device; PortsUnlisted."""
    stable = _stable_names(around.dev / "serial" / "by-path")
    alone: list[Plugged] = []
    by_path: dict[str, list[SerialPort]] = {}
    for info in sorted(_listed(around.lister), key=lambda info: natural(info.device)):
        port = SerialPort(
            device=info.device,
            stable=stable.get(os.path.realpath(info.device), ""),
            interface=_interface_number(info, around.sysfs),
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
