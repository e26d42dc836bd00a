"""What the tests of finding share: ports of a device, and what must never be written to one."""

import re
from collections.abc import Callable
from pathlib import Path

from hardware.modem.finding import FoundModem
from hardware.simulator import SimulatedModem
from tests.hardware.modem.plugging import (
    EC25,
    VENDOR_SPECIFIC,
    Machine,
)

MODESWITCH_DATA = Path("/usr/share/usb_modeswitch/configPack.tar.gz")
PIN = "4321"
# What must never be written to a port that is only looked at.
FORBIDDEN = re.compile(rb"CPIN=|CMGS|CMGW|CPWD|CLCK|CFUN=|\x1a")

Plug = Callable[..., SimulatedModem]


def four_ports(machine: Machine, ports: list[str], identity: tuple[int, int] = EC25, path: str = "1-1.2") -> None:
    machine.plug(path, identity, [(VENDOR_SPECIFIC, port) for port in ports])


def only(found: tuple[FoundModem, ...]) -> FoundModem:
    assert len(found) == 1
    return found[0]
