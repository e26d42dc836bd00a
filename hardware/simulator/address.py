"""Addresses and time stamps inside TPDUs (3GPP TS 23.040 §9.1.2)."""

import datetime as dt
from dataclasses import dataclass, field

from hardware.simulator.errors import PduRejected

# +CMS ERROR: 304, invalid PDU mode parameter (3GPP TS 27.005 §3.2.5).
INVALID_PDU = 304

# §9.1.2.3: semi-octet values; F only fills up an odd count.
SEMI_OCTETS = "0123456789*#abc"

# §9.1.2.5: bits 6-4 of the type-of-address octet.
TYPE_INTERNATIONAL = 1
TYPE_NATIONAL = 2
TYPE_ALPHANUMERIC = 5
NUMBERING_PLAN_ISDN = 1

# An address value has at most ten octets (§9.1.2.5), so at most twenty digits.
MOST_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Address:
    """A number with its type.

    Attributes:
        digits: as sent, without a plus.
        type_of_address: the octet (0x91 international, 0x81 unknown, 0xA1 national).
    """

    digits: str = field(repr=False)
    type_of_address: int

    @property
    def type_of_number(self) -> int:
        """Bits 6-4."""
        return self.type_of_address >> 4 & 0x07

    def __str__(self) -> str:
        return f"+{self.digits}" if self.type_of_number == TYPE_INTERNATIONAL else self.digits


def from_number(number: str) -> Address:
    """Address of a number written with or without a plus."""
    return Address(number[1:], 0x91) if number.startswith("+") else Address(number, 0x81)


def decode_digits(octets: bytes, count: int, field_name: str) -> str:
    """Read `count` semi-octets, low half first.

    Raises:
        PduRejected: a filler among the digits, or none where one belongs.
    """
    halves = [half for octet in octets for half in (octet & 0x0F, octet >> 4)]
    if count % 2 and halves[count] != 0x0F:
        raise PduRejected(field_name, "an odd number of digits is not filled up with F", INVALID_PDU)
    if any(half == 0x0F for half in halves[:count]):
        raise PduRejected(field_name, "fewer digits than its length says", INVALID_PDU)
    return "".join(SEMI_OCTETS[half] for half in halves[:count])


def encode_digits(digits: str) -> bytes:
    """Semi-octets of digits, low half first, filled up with F."""
    halves = [SEMI_OCTETS.index(digit) for digit in digits] + [0x0F] * (len(digits) % 2)
    return bytes(halves[at] | halves[at + 1] << 4 for at in range(0, len(halves), 2))


def decode_destination(octets: bytes) -> tuple[Address, int]:
    """TP-DA at the start of `octets` and the octets it takes (§9.2.3.8).

    Raises:
        PduRejected: its length, type or digits are wrong.
    """
    if len(octets) < 2:
        raise PduRejected("TP-DA", "missing", INVALID_PDU)
    count, type_of_address = octets[0], octets[1]
    if not 1 <= count <= MOST_DIGITS:
        raise PduRejected("TP-DA", f"{count} digits", INVALID_PDU)
    if not type_of_address & 0x80:
        raise PduRejected("TP-DA", "bit 7 of its type is 0", INVALID_PDU)
    size = 2 + (count + 1) // 2
    if len(octets) < size:
        raise PduRejected("TP-DA", "cut off", INVALID_PDU)
    value = octets[2:size]
    if type_of_address >> 4 & 0x07 == TYPE_ALPHANUMERIC:
        raise PduRejected("TP-DA", "a name is no destination", INVALID_PDU)
    digits = decode_digits(value, count, "TP-DA")
    if type_of_address >> 4 & 0x07 == TYPE_INTERNATIONAL and not digits.isdecimal():
        raise PduRejected("TP-DA", "an international number has digits only", INVALID_PDU)
    return Address(digits, type_of_address), size


def encode(address: Address) -> bytes:
    """TP-OA or TP-RA: count of digits, type, digits."""
    return bytes((len(address.digits), address.type_of_address)) + encode_digits(address.digits)


def decode_service_centre(octets: bytes) -> tuple[Address | None, int]:
    """The service centre address before a TPDU and the octets it takes; None when its length is 0 (27.005 §4.1).

    Raises:
        PduRejected: it is cut off or not a number.
    """
    if not octets:
        raise PduRejected("SCA", "missing", INVALID_PDU)
    size = octets[0]
    if size == 0:
        return None, 1
    if not 2 <= size <= 1 + MOST_DIGITS // 2 or len(octets) < 1 + size:
        raise PduRejected("SCA", f"length {size}", INVALID_PDU)
    if not octets[1] & 0x80:
        raise PduRejected("SCA", "bit 7 of its type is 0", INVALID_PDU)
    value = octets[2 : 1 + size]
    count = 2 * len(value) - (value[-1] >> 4 == 0x0F)
    return Address(decode_digits(value, count, "SCA"), octets[1]), 1 + size


def encode_service_centre(number: str | None) -> bytes:
    """The service centre address before a TPDU: length in octets, type, digits."""
    if number is None:
        return b"\x00"
    address = from_number(number)
    value = bytes((address.type_of_address,)) + encode_digits(address.digits)
    return bytes((len(value),)) + value


def encode_time_stamp(at_ms: int, quarters: int) -> bytes:
    """TP-SCTS of a time in ms UTC at a zone so many quarters of an hour east of Greenwich (§9.2.3.11)."""
    local = dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC) + dt.timedelta(minutes=15 * quarters)
    fields = [local.year % 100, local.month, local.day, local.hour, local.minute, local.second]
    swapped = bytes(value % 10 << 4 | value // 10 for value in fields)
    zone = abs(quarters) % 10 << 4 | abs(quarters) // 10 | (0x08 if quarters < 0 else 0)
    return swapped + bytes((zone,))
