"""Where a modem is now: ports are numbered anew at each start and replug, sockets and serial numbers are not.

A name such as /dev/ttyUSB2 is a hint. An adopted modem is looked for at its socket and interface; one that may be anywhere, or that
only its IMEI names, is found by asking the free ports who they are, without ever entering a PIN.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hardware.modem.finding import Search, find_modems
from hardware.modem.settings import ModemSettings
from hardware.modem.usb import PortsUnlisted
from hardware.serial_line import PortMissing

# The directory of a USB interface in sysfs: bus-sockets:configuration.interface (Documentation/ABI/stable/sysfs-bus-usb).
_INTERFACE: Final = re.compile(r"(\d+-\d+(?:\.\d+)*):\d+\.(\d+)")

Locate = Callable[[ModemSettings], str]


def socket_of(port: str, sysfs: Path = Path("/sys")) -> tuple[str, int | None]:
    """Socket ("1-1.2") and USB interface of a port; empty and None for one that is not on USB."""
    if not port or "://" in port:
        return "", None
    device = (sysfs / "class" / "tty" / Path(os.path.realpath(port)).name / "device").resolve()
    for each in (device, *device.parents):
        if found := _INTERFACE.fullmatch(each.name):
            return found[1], int(found[2])
    return "", None


def locate(settings: ModemSettings, *, sysfs: Path = Path("/sys"), dev: Path = Path("/dev")) -> str:
    """The port to open now; PortMissing when nothing says where it is."""
    adopted = settings.adopted
    if adopted is not None and adopted.socket and (found := _at_socket(adopted.socket, adopted.interface, sysfs, dev)):
        return found
    if settings.port and ("://" in settings.port or os.path.exists(settings.port)):  # noqa: PTH110  it may be no path
        return settings.port
    imei = settings.imei or (adopted.imei if adopted is not None else "")
    if imei and (settings.anywhere or not settings.port) and (found := _by_imei(imei)):
        return found
    if not settings.port:
        raise PortMissing("")
    return settings.port


def _at_socket(socket: str, interface: int | None, sysfs: Path, dev: Path) -> str:
    directory = sysfs / "class" / "tty"
    names = sorted(directory.iterdir()) if directory.is_dir() else []
    for name in names:
        if (name / "device").exists() and socket_of(str(dev / name.name), sysfs) == (socket, interface):
            return str(dev / name.name)
    return ""


def _by_imei(imei: str) -> str:
    try:
        found = find_modems(Search())
    except PortsUnlisted:
        return ""
    for modem in found:
        if modem.port is not None and modem.port.probed is not None and modem.port.probed.imei == imei:
            return modem.port.port.device
    return ""
