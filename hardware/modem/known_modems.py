"""What is known of modems by their USB identity, before any of them is asked: where AT is, and what has no AT at all.

Sources, read in November 2026:

- ModemManager, src/plugins/*/77-mm-*-port-types.rules at commit 9a2d5863: ports tagged ID_MM_PORT_TYPE_AT_PRIMARY
- asterisk-chan-dongle (wdoekes), pdiscovery.c at commit 2bd3fc2c: the data interface of Huawei sticks
- usb_modeswitch-data 20191128: identities before and after the switch, 12d1:1f01 → 14db, 14dc (HiLink) among them, and
  40-usb_modeswitch.rules: any Huawei device whose first interface is a disc
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from hardware.modem.usb import UsbDevice, UsbInterface

HUAWEI: Final = 0x12D1

# (vendor, product) → number of the interface that speaks AT.
AT_INTERFACE: Final[Mapping[tuple[int, int], int]] = {
    # Of ModemManager's quectel rules.
    (0x2C7C, 0x0121): 2,  # EC21
    (0x2C7C, 0x0125): 2,  # EC25, EG25
    (0x2C7C, 0x0191): 2,  # EG91
    (0x2C7C, 0x0195): 2,  # EG95
    (0x2C7C, 0x0306): 2,  # EG06
    (0x2C7C, 0x0512): 2,  # EG12
    # Of ModemManager's simtech rules.
    (0x1E0E, 0x9001): 2,  # SIM7000, SIM7100, SIM7600
    (0x1E0E, 0x9011): 4,  # A7600, A7602
    # Of ModemManager's telit rules.
    (0x1BC7, 0x1031): 1,  # LE910C1-EUX
    (0x1BC7, 0x1033): 1,  # LE910C1-EUX with a network card
    (0x1BC7, 0x1201): 4,  # LE910C1
    (0x1BC7, 0x1204): 5,  # LE910C1 with MBIM
    (0x1BC7, 0x7010): 4,  # LE910S1
    (0x1BC7, 0x7011): 4,  # LE910S1 with a network card
    # Of ModemManager's zte rules.
    (0x19D2, 0x0016): 2,
    (0x19D2, 0x0017): 2,
    (0x19D2, 0x0031): 3,
    (0x19D2, 0x0033): 4,
    (0x19D2, 0x0037): 3,
    (0x19D2, 0x0117): 2,
    # Of asterisk-chan-dongle; the layout depends on AT^SETPORT, so it may be another after all
    (HUAWEI, 0x1001): 2,  # E1550 and others
    (HUAWEI, 0x140C): 3,  # E17xx
    (HUAWEI, 0x1436): 4,  # E173, E1750
    (HUAWEI, 0x14AC): 4,  # E153
}

# usb_modeswitch-data: before the switch these are a disc with drivers for another system.
_DISCS: Final = frozenset({(0x19D2, 0x2000), (0x1BBB, 0xF000), (0x1E0E, 0xF000)})
# What Huawei sticks are after the switch when their firmware is HiLink; the others of the makers show it by their interfaces.
_HILINK: Final = frozenset({(HUAWEI, 0x14DB), (HUAWEI, 0x14DC)})
# Makers of sticks that may be a network card and nothing else: Huawei, ZTE, TCL.
_STICK_MAKERS: Final = frozenset({HUAWEI, 0x19D2, 0x1BBB})

_STORAGE: Final = 0x08  # USB class of discs
# (class, subclass, protocol) of network cards: CDC Ethernet and NCM (CDC 1.2 table 4), RNDIS in its two forms.
_NETWORK: Final = frozenset({(0x02, 0x06, 0x00), (0x02, 0x0D, 0x00), (0xE0, 0x01, 0x03), (0xEF, 0x04, 0x01)})
_VENDOR_SPECIFIC: Final = 0xFF
# Huawei's own marks: subclass 1 or 2 with protocol 2 is AT (ModemManager: huawei).
_HUAWEI_AT: Final = frozenset({(0x01, 0x02), (0x02, 0x02)})


class Portless(StrEnum):
    """Why a stick or module has no serial port."""

    DISC = "disc"  # it still shows itself as a CD-ROM with drivers
    NETWORK_CARD = "network_card"  # HiLink and its kin: no AT port exists
    NO_DRIVER = "no_driver"  # its interfaces are there and the kernel made no ports of them


def at_interface(device: UsbDevice) -> int | None:
    """The interface that is known to speak AT, None when nothing is known."""
    marked = [interface.number for interface in device.interfaces if _is_marked_at(device, interface)]
    return marked[0] if marked else AT_INTERFACE.get((device.vendor, device.product))


def portless(device: UsbDevice) -> Portless | None:
    """What a device without any serial port is, None when it is no modem as far as is known."""
    identity = (device.vendor, device.product)
    classes = {(one.usb_class, one.subclass, one.protocol) for one in device.interfaces}
    # Telephones of these makers show discs and network cards too; usb_modeswitch knows them by this name.
    is_stick = device.vendor in _STICK_MAKERS and device.manufacturer != "Android"
    is_disc = {one.usb_class for one in device.interfaces} == {_STORAGE}
    if identity in _DISCS or (is_stick and is_disc and device.vendor == HUAWEI):
        return Portless.DISC
    if identity in _HILINK:
        return Portless.NETWORK_CARD
    if identity in AT_INTERFACE or any(_is_marked_at(device, one) for one in device.interfaces):
        return Portless.NO_DRIVER
    return Portless.NETWORK_CARD if is_stick and classes & _NETWORK else None


def _is_marked_at(device: UsbDevice, interface: UsbInterface) -> bool:
    if device.vendor != HUAWEI or interface.usb_class != _VENDOR_SPECIFIC:
        return False
    return (interface.subclass, interface.protocol) in _HUAWEI_AT


# Words of maker and model whose sticks go off the bus and come back as another device when they are reset, so that their radio
# is never switched off without a technician: gammu#138 (E1752), asterisk-chan-dongle#261 (E367).
_NO_RADIO_CYCLE: Final = ("e1750", "e1752", "e367")


def survives_radio_cycle(maker_and_model: str) -> bool:
    """Whether AT+CFUN=0 and 1 may be given to such a modem without asking a person."""
    return not any(word in maker_and_model.lower() for word in _NO_RADIO_CYCLE)
