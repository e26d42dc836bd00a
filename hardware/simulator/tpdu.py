"""SMS TPDUs as a service centre reads and writes them (3GPP TS 23.040 §9.2.2), strictly.

Written apart from the encoder of the product, so that each checks the other.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from hardware.simulator import address as addresses
from hardware.simulator import gsm7
from hardware.simulator.address import INVALID_PDU, Address
from hardware.simulator.errors import PduRejected

# TP-FCS values (§9.2.3.22) that are +CMS ERROR numbers too.
TELEMATIC_INTERWORKING_NOT_SUPPORTED = 128
DATA_CODING_SCHEME_NOT_SUPPORTED = 144
UNSPECIFIED_DATA_CODING_SCHEME_ERROR = 159
VALIDITY_PERIOD_FORMAT_NOT_SUPPORTED = 198

# §9.2.3.16: user data has at most 140 octets, which hold 160 septets.
MOST_OCTETS = 140
MOST_SEPTETS = 160

# §9.2.3.24: information elements that say a message is a part of a longer one, with 8 and 16 bit reference.
CONCATENATED_8_BIT = 0x00
CONCATENATED_16_BIT = 0x08

# §9.2.3.3, bits 4 and 3 of the first octet: octets of TP-VP per format (none, enhanced, relative, absolute).
VALIDITY_OCTETS = (0, 7, 1, 7)
ENHANCED, RELATIVE = 1, 2


class Alphabet(StrEnum):
    """Coding of the user data (23.038 §4)."""

    GSM7 = "gsm7"
    DATA = "8bit"
    UCS2 = "ucs2"


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Place of a part in a longer message: `part` of `parts`, from 1, under one reference."""

    reference: int
    parts: int
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """A decoded SMS-SUBMIT.

    Attributes:
        destination: TP-DA.
        text: what it says; None for 8-bit data.
        data: octets of the user data behind its header.
        alphabet, message_class: from TP-DCS; class None = none.
        status_report: TP-SRR.
        reject_duplicates: TP-RD.
        reference: TP-MR as the client wrote it; the SIM counts its own.
        protocol: TP-PID.
        data_coding: TP-DCS.
        validity_minutes: TP-VP in relative format; None = no validity period or another format.
        concatenation: its place in a longer message, or None.
        service_centre: the address before the TPDU, or None when +CSCA holds.
        tpdu: the octets.
    """

    destination: Address
    text: str | None = field(repr=False)
    data: bytes = field(repr=False)
    alphabet: Alphabet
    message_class: int | None = None
    status_report: bool = False
    reject_duplicates: bool = False
    reference: int = 0
    protocol: int = 0
    data_coding: int = 0
    validity_minutes: int | None = None
    concatenation: Concatenation | None = None
    service_centre: Address | None = field(default=None, repr=False)
    tpdu: bytes = field(default=b"", repr=False)


def decode_submit_pdu(hexadecimal: str, length: int) -> Submit:
    """Decode what a client gives after AT+CMGS=`length`: service centre address and SMS-SUBMIT in hexadecimal.

    Raises:
        PduRejected: anything at all is not as 23.040 has it, or `length` is not the number of TPDU octets.
    """
    if len(hexadecimal) % 2 or not all(digit in "0123456789abcdefABCDEF" for digit in hexadecimal):
        raise PduRejected("PDU", "not hexadecimal digits in pairs", INVALID_PDU)
    octets = bytes.fromhex(hexadecimal)
    service_centre, size = addresses.decode_service_centre(octets)
    if len(octets) - size != length:
        raise PduRejected("length", f"{length} said, {len(octets) - size} octets given", INVALID_PDU)
    return decode_submit(octets[size:], service_centre=service_centre)


def decode_submit(tpdu: bytes, *, service_centre: Address | None = None) -> Submit:
    """Decode an SMS-SUBMIT (§9.2.2.2).

    Raises:
        PduRejected: as above.
    """
    if len(tpdu) < 2:
        raise PduRejected("TPDU", "too short", INVALID_PDU)
    first = tpdu[0]
    # §9.2.3.1: 01 from a mobile station is SMS-SUBMIT.
    if first & 0x03 != 0x01:
        raise PduRejected("TP-MTI", f"{first & 0x03:02b}", INVALID_PDU)
    destination, size = addresses.decode_destination(tpdu[2:])
    at = 2 + size
    format_ = first >> 3 & 0x03
    end = at + 2 + VALIDITY_OCTETS[format_]
    if len(tpdu) < end + 1:
        raise PduRejected("TPDU", "cut off before TP-UDL", INVALID_PDU)
    protocol, data_coding = tpdu[at], tpdu[at + 1]
    if protocol >> 5 == 0x01:
        raise PduRejected("TP-PID", f"{protocol:02X}", TELEMATIC_INTERWORKING_NOT_SUPPORTED)
    minutes = decode_validity(format_, tpdu[at + 2 : end])
    alphabet, message_class = decode_data_coding(data_coding)
    text, data, concatenation = _decode_user_data(tpdu[end + 1 :], tpdu[end], alphabet, has_header=bool(first & 0x40))
    return Submit(
        destination=destination,
        text=text,
        data=data,
        alphabet=alphabet,
        message_class=message_class,
        status_report=bool(first & 0x20),
        reject_duplicates=bool(first & 0x04),
        reference=tpdu[1],
        protocol=protocol,
        data_coding=data_coding,
        validity_minutes=minutes,
        concatenation=concatenation,
        service_centre=service_centre,
        tpdu=tpdu,
    )


def decode_data_coding(octet: int) -> tuple[Alphabet, int | None]:
    """Alphabet and message class of TP-DCS (23.038 §4).

    Raises:
        PduRejected: compressed, or of a group or alphabet that is reserved.
    """
    group = octet >> 4
    if group <= 0x07:
        if octet & 0x20:
            raise PduRejected("TP-DCS", f"{octet:02X} compressed", DATA_CODING_SCHEME_NOT_SUPPORTED)
        coding = octet >> 2 & 0x03
        if coding == 0x03:
            raise PduRejected("TP-DCS", f"{octet:02X} reserved alphabet", DATA_CODING_SCHEME_NOT_SUPPORTED)
        message_class = octet & 0x03 if octet & 0x10 else None
        return (Alphabet.GSM7, Alphabet.DATA, Alphabet.UCS2)[coding], message_class
    if group in {0x0C, 0x0D}:
        return Alphabet.GSM7, None
    if group == 0x0E:
        return Alphabet.UCS2, None
    if group == 0x0F and not octet & 0x08:
        return (Alphabet.DATA if octet & 0x04 else Alphabet.GSM7), octet & 0x03
    raise PduRejected("TP-DCS", f"{octet:02X} reserved", UNSPECIFIED_DATA_CODING_SCHEME_ERROR)


def decode_validity(format_: int, octets: bytes) -> int | None:
    """Minutes of a relative TP-VP (§9.2.3.12.1); None for the other formats, whose octets are checked.

    Raises:
        PduRejected: an enhanced format that is reserved, or an absolute time that does not exist.
    """
    if format_ == RELATIVE:
        value = octets[0]
        if value <= 143:
            return (value + 1) * 5
        if value <= 167:
            return 12 * 60 + (value - 143) * 30
        if value <= 196:
            return (value - 166) * 24 * 60
        return (value - 192) * 7 * 24 * 60
    if format_ == ENHANCED and octets[0] & 0x07 > 0x03:
        raise PduRejected("TP-VP", "reserved enhanced format", VALIDITY_PERIOD_FORMAT_NOT_SUPPORTED)
    if len(octets) == 7 and format_ != ENHANCED:
        # The last octet is the zone, whose sign is bit 3.
        digits = [half for octet in octets[:6] for half in (octet & 0x0F, octet >> 4)]
        _, month, day, hour, minute, second = (digits[at] * 10 + digits[at + 1] for at in range(0, 12, 2))
        calendar = 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60
        if max(digits) > 9 or not calendar:
            raise PduRejected("TP-VP", "no such time", VALIDITY_PERIOD_FORMAT_NOT_SUPPORTED)
    return None


def _decode_user_data(
    octets: bytes, length: int, alphabet: Alphabet, *, has_header: bool
) -> tuple[str | None, bytes, Concatenation | None]:
    """Text (None for data), octets behind the header, and place in a longer message (§9.2.3.16, §9.2.3.24)."""
    septets = alphabet is Alphabet.GSM7
    if length > (MOST_SEPTETS if septets else MOST_OCTETS):
        raise PduRejected("TP-UDL", f"{length}", INVALID_PDU)
    expected = (length * 7 + 7) // 8 if septets else length
    if len(octets) != expected:
        raise PduRejected("TP-UD", f"{len(octets)} octets where {expected} belong", INVALID_PDU)
    header = _header(octets) if has_header else b""
    body = octets[len(header) :]
    concatenation = _concatenation(header)
    if septets:
        header_septets = (len(header) * 8 + 6) // 7
        if header_septets > length:
            raise PduRejected("TP-UDHL", "longer than the user data", INVALID_PDU)
        fill_bits = header_septets * 7 - len(header) * 8
        return gsm7.decode(gsm7.unpack(body, length - header_septets, fill_bits=fill_bits)), body, concatenation
    if alphabet is Alphabet.DATA:
        return None, body, concatenation
    try:
        return body.decode("utf-16-be"), body, concatenation
    except UnicodeDecodeError:
        raise PduRejected("TP-UD", "not UCS-2", INVALID_PDU) from None


def _header(octets: bytes) -> bytes:
    """The user data header with its length octet (§9.2.3.24)."""
    if not octets or octets[0] + 1 > len(octets):
        raise PduRejected("TP-UDHL", "longer than the user data", INVALID_PDU)
    return octets[: octets[0] + 1]


def _concatenation(header: bytes) -> Concatenation | None:
    found: Concatenation | None = None
    at = 1
    while at < len(header):
        end = at + 2 + (header[at + 1] if at + 1 < len(header) else 0)
        if at + 1 >= len(header) or end > len(header):
            raise PduRejected("TP-UD", "an information element longer than the header", INVALID_PDU)
        value = header[at + 2 : end]
        if header[at] == CONCATENATED_8_BIT and len(value) == 3:
            found = Concatenation(value[0], value[1], value[2])
        elif header[at] == CONCATENATED_16_BIT and len(value) == 4:
            found = Concatenation(value[0] << 8 | value[1], value[2], value[3])
        at = end
    if found is not None and not 1 <= found.part <= found.parts:
        raise PduRejected("TP-UD", f"part {found.part} of {found.parts}", INVALID_PDU)
    return found


def encode_deliver(sender: str, submit: Submit, *, accepted_ms: int, quarters: int) -> bytes:
    """SMS-DELIVER (§9.2.2.1) that carries the user data of a submitted message.

    Args:
        sender: number of the sender, with a plus.
        submit: the message; header and coding are handed on.
        accepted_ms: when the service centre took it, ms UTC.
        quarters: its time zone, in quarters of an hour.
    """
    # MTI 00, TP-MMS 1 = no more messages; the header indicator is handed on.
    first = 0x04 | (submit.tpdu[0] & 0x40)
    format_ = submit.tpdu[0] >> 3 & 0x03
    _, size = addresses.decode_destination(submit.tpdu[2:])
    user_data = submit.tpdu[2 + size + 2 + VALIDITY_OCTETS[format_] :]
    return (
        bytes((first,))
        + addresses.encode(addresses.from_number(sender))
        + bytes((submit.protocol, submit.data_coding))
        + addresses.encode_time_stamp(accepted_ms, quarters)
        + user_data
    )


def encode_status_report(
    reference: int, recipient: Address, *, accepted_ms: int, discharged_ms: int, status: int, quarters: int
) -> bytes:
    """SMS-STATUS-REPORT (§9.2.2.3).

    Args:
        reference: TP-MR of the message it is about.
        recipient: TP-RA, as the client wrote it.
        accepted_ms: when the service centre took the message, ms UTC.
        discharged_ms: when that became so, ms UTC.
        status: TP-ST (§9.2.3.15).
        quarters: time zone of the service centre, in quarters of an hour.
    """
    # MTI 10, TP-MMS 1 = no more messages.
    return (
        bytes((0x06, reference))
        + addresses.encode(recipient)
        + addresses.encode_time_stamp(accepted_ms, quarters)
        + addresses.encode_time_stamp(discharged_ms, quarters)
        + bytes((status,))
    )


def encode_submit(number: str, text: str, *, first_octet: int, validity: int, protocol: int, data_coding: int) -> bytes:
    """The SMS-SUBMIT that the modem itself makes of a text in text mode (27.005 §3.5.1, +CSMP).

    Raises:
        PduRejected: the text does not fit in one part or not in the alphabet of `data_coding`.
    """
    alphabet, _ = decode_data_coding(data_coding)
    try:
        septets = gsm7.encode(text) if alphabet is Alphabet.GSM7 else b""
    except ValueError:
        raise PduRejected("TP-UD", "a character that the alphabet does not have", 305) from None
    user_data = gsm7.pack(septets) if alphabet is Alphabet.GSM7 else text.encode("utf-16-be")
    length = len(septets) if alphabet is Alphabet.GSM7 else len(user_data)
    period = bytes((validity,)) if first_octet >> 3 & 0x03 == RELATIVE else b""
    return (
        bytes((first_octet, 0))
        + addresses.encode(addresses.from_number(number))
        + bytes((protocol, data_coding))
        + period
        + bytes((length,))
        + user_data
    )
