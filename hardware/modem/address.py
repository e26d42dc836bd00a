"""Addresses and time stamps inside a PDU (23.040 9.1.2.5 and 9.2.3.11)."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from hardware.modem import gsm7
from hardware.modem.errors import PduError

# Type of number and numbering plan in one octet (23.040 9.1.2.5): ISDN plan, international or unknown.
INTERNATIONAL = 0x91
UNKNOWN = 0x81
_TYPE_OF_NUMBER = 0x70
_IS_INTERNATIONAL = 0x10
_IS_ALPHANUMERIC = 0x50

# Semi-octets (23.040 9.1.2.3); F fills the last octet.
_DIGITS = "0123456789*#abc"
_E164 = re.compile(r"\+[1-9][0-9]{0,14}")
_LOCAL = re.compile(r"[0-9*#]{1,20}")


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it stands in a PDU: `text` begins with + when international, `type_octet` is TON and NPI."""

    text: str = field(repr=False)
    type_octet: int


def encode_number(number: str) -> tuple[int, int, bytes]:
    """(number of digits, type octet, semi-octets) of an E.164 number with + or of a local number or short code.

    PduError("bad_number") for anything else.
    """
    international = number.startswith("+")
    if not (_E164 if international else _LOCAL).fullmatch(number):
        raise PduError("bad_number")
    digits = number.lstrip("+")
    nibbles = [_DIGITS.index(digit) for digit in digits] + [0xF] * (len(digits) % 2)
    octets = bytes([high << 4 | low for low, high in zip(nibbles[::2], nibbles[1::2], strict=True)])
    return len(digits), INTERNATIONAL if international else UNKNOWN, octets


def decode_address(type_octet: int, octets: bytes, semi_octets: int) -> Address:
    """The address in `octets`, of which `semi_octets` count; alphanumeric ones are packed GSM 7 bit (23.040 9.1.2.5)."""
    kind = type_octet & _TYPE_OF_NUMBER
    if kind == _IS_ALPHANUMERIC:
        return Address(gsm7.decode(gsm7.unpack(octets, semi_octets * 4 // 7)), type_octet)
    nibbles = [nibble for octet in octets for nibble in (octet & 0xF, octet >> 4)][:semi_octets]
    digits = "".join([_DIGITS[nibble] for nibble in nibbles if nibble != 0xF])
    return Address("+" + digits if kind == _IS_INTERNATIONAL and digits else digits, type_octet)


def decode_time(octets: bytes) -> datetime | None:
    """Seven octets of TP-SCTS, TP-DT or an absolute TP-VP with their offset from UTC; None when they make no date."""
    tens, units = [octet & 0xF for octet in octets], [octet >> 4 for octet in octets]
    # The zone counts quarters of an hour; bit 3 of its first digit is the sign (23.040 9.2.3.11).
    west, tens[6] = tens[6] & 8, tens[6] & 7
    # Some centres write the units of the zone as one hexadecimal digit.
    if max(tens) > 9 or max(units[:6]) > 9:
        return None
    year, month, day, hour, minute, second, quarters = [ten * 10 + unit for ten, unit in zip(tens, units, strict=True)]
    offset = timedelta(minutes=15 * (-quarters if west else quarters))
    try:
        # Two digits of a year: GSM began in 1990.
        century = 1900 if year >= 90 else 2000
        return datetime(century + year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None
