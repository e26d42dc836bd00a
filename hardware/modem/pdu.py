"""SMS PDUs: SMS-SUBMIT out; SMS-STATUS-REPORT, SMS-DELIVER and stored SMS-SUBMIT in (23.040 9.2.2).

Whatever comes in, the only error is PduError.
"""

from dataclasses import dataclass, field
from datetime import datetime

from hardware.modem import gsm7
from hardware.modem.address import Address, decode_address, decode_time, encode_number
from hardware.modem.alphabet import SINGLE, Alphabet, data_coding, measure
from hardware.modem.errors import PduError
from hardware.modem.reports import StatusReport

# First octet (23.040 9.2.3.1, 9.2.3.3, 9.2.3.5, 9.2.3.23, 9.2.3.25).
MTI_MASK = 0x03
MTI_DELIVER = 0x00
MTI_SUBMIT = 0x01
MTI_STATUS_REPORT = 0x02
REJECT_DUPLICATES = 0x04
VALIDITY_MASK = 0x18
VALIDITY_RELATIVE = 0x10
STATUS_REPORT_REQUEST = 0x20
USER_DATA_HEADER = 0x40

# TP-DCS (23.038 4): no class, so that phones store the message and never show an old one again.
DCS_GSM7 = 0x00
DCS_UCS2 = 0x08

# The longest service centre address: its type and twenty digits (23.040 9.1.2.5).
_LONGEST_SMSC = 11
_LONGEST_ADDRESS = 20
# Information elements that number the parts of a long message (23.040 9.2.3.24.1 and 9.2.3.24.8).
_CONCATENATED_8_BIT = 0x00
_CONCATENATED_16_BIT = 0x08


@dataclass(frozen=True, slots=True)
class SubmitPdu:
    """An SMS-SUBMIT for AT+CMGS: `hexadecimal` with its SMSC field, `length` in octets of the TPDU alone."""

    hexadecimal: str = field(repr=False)
    length: int


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a long message this is; `bits` is the width of the reference (8 or 16)."""

    reference: int
    total: int
    number: int
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserData:
    """TP-UD: `text` for the two alphabets, `data` for 8-bit data without its header; `message_class` 0 to 3 or None."""

    alphabet: Alphabet
    text: str | None = field(repr=False)
    data: bytes | None = field(repr=False)
    message_class: int | None
    part: Part | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """An SMS-DELIVER (23.040 9.2.2.1); `service_centre_time` is None when it makes no sense."""

    service_centre: str = field(repr=False)
    sender: Address
    protocol: int
    data_coding: int
    service_centre_time: datetime | None
    user_data: UserData


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """An SMS-SUBMIT (23.040 9.2.2.2); `validity` holds the octets of TP-VP as they stand, none when there is no VP."""

    service_centre: str = field(repr=False)
    reference: int
    recipient: Address
    protocol: int
    data_coding: int
    validity: bytes
    validity_minutes: int | None
    report: bool
    reject_duplicates: bool
    user_data: UserData


class _Octets:
    """Octets that are taken from the front; PduError("truncated") when there are too few."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def take(self, count: int) -> bytes:
        if count > len(self._octets):
            raise PduError("truncated", f"{count} octets wanted, {len(self._octets)} left")
        taken, self._octets = self._octets[:count], self._octets[count:]
        return taken

    def octet(self) -> int:
        return self.take(1)[0]

    def rest(self) -> bytes:
        return self.take(len(self._octets))


def relative_validity(minutes: int) -> int:
    """TP-VP octet that lasts at least `minutes` (23.040 9.2.3.12.1); PduError("bad_validity") beyond 63 weeks or below 1."""
    if minutes < 1 or minutes > 63 * 7 * 24 * 60:
        raise PduError("bad_validity", str(minutes))
    if minutes <= 720:
        return -(-minutes // 5) - 1
    if minutes <= 24 * 60:
        return -(-(minutes - 720) // 30) + 143
    if minutes <= 30 * 24 * 60:
        return -(-minutes // (24 * 60)) + 166
    return max(-(-minutes // (7 * 24 * 60)), 5) + 192


def relative_minutes(octet: int) -> int:
    """How many minutes a relative TP-VP octet lasts (23.040 9.2.3.12.1)."""
    if octet < 144:
        return (octet + 1) * 5
    if octet < 168:
        return 720 + (octet - 143) * 30
    if octet < 197:
        return (octet - 166) * 24 * 60
    return (octet - 192) * 7 * 24 * 60


def encode_submit(
    number: str,
    text: str,
    *,
    validity_minutes: int | None,
    report: bool,
    reference: int = 0,
    smsc: str | None = None,
    alphabet: Alphabet | None = None,
) -> SubmitPdu:
    """One SMS-SUBMIT of one part (23.040 9.2.2.2): PID 0, DCS 0 or UCS-2, relative TP-VP, TP-SRR when `report`.

    `number` is E.164 with + (or a short code), `smsc` None leaves the service centre to the SIM. `reference` is a proposal:
    the modem puts its own TP-MR there. `alphabet` None takes the smallest that holds the text. PduError: bad_number,
    text_too_long, bad_text, not_gsm7, bad_validity.
    """
    first = (
        MTI_SUBMIT
        | (STATUS_REPORT_REQUEST if report else 0)
        | (VALIDITY_RELATIVE if validity_minutes is not None else 0)
    )
    digits, type_octet, address = encode_number(number)
    dcs, length, user_data = _encode_text(text, alphabet)
    validity = bytes([relative_validity(validity_minutes)]) if validity_minutes is not None else b""
    tpdu = (
        bytes([first, reference, digits, type_octet])
        + address
        + bytes([0, dcs])
        + validity
        + bytes([length])
        + user_data
    )
    return SubmitPdu((_encode_smsc(smsc) + tpdu).hex().upper(), len(tpdu))


def _encode_smsc(smsc: str | None) -> bytes:
    if not smsc:
        return b"\x00"
    _, type_octet, address = encode_number(smsc)
    return bytes([1 + len(address), type_octet]) + address


def _encode_text(text: str, alphabet: Alphabet | None) -> tuple[int, int, bytes]:
    """(TP-DCS, TP-UDL, TP-UD)."""
    size = measure(text, alphabet)
    if size.parts > 1:
        raise PduError("text_too_long", f"{size.units} units, room for {SINGLE[size.alphabet]}")
    if size.alphabet is Alphabet.GSM7:
        return DCS_GSM7, size.units, gsm7.pack(gsm7.encode(text))
    try:
        user_data = text.encode("utf-16-be")
    except UnicodeEncodeError:
        raise PduError("bad_text", "a lone surrogate") from None
    return DCS_UCS2, len(user_data), user_data


def decode(pdu: str) -> Deliver | Submit | StatusReport:
    """Whatever a modem shows of a stored or incoming message, by its TP-MTI; 01 is a stored SMS-SUBMIT."""
    octets, service_centre = _open(pdu, with_smsc=True)
    first = octets.octet()
    match first & MTI_MASK:
        case 0:
            return _deliver(octets, first, service_centre)
        case 1:
            return _submit(octets, first, service_centre)
        case 2:
            return _status_report(octets, service_centre)
        case reserved:
            raise PduError("wrong_type", f"TP-MTI {reserved}")


def decode_deliver(pdu: str, *, with_smsc: bool = True) -> Deliver:
    """An SMS-DELIVER in hexadecimal digits, with or without the SMSC field in front."""
    octets, service_centre = _open(pdu, with_smsc=with_smsc)
    return _deliver(octets, _first(octets, MTI_DELIVER), service_centre)


def decode_submit(pdu: str, *, with_smsc: bool = True) -> Submit:
    """An SMS-SUBMIT in hexadecimal digits, with or without the SMSC field in front."""
    octets, service_centre = _open(pdu, with_smsc=with_smsc)
    return _submit(octets, _first(octets, MTI_SUBMIT), service_centre)


def decode_status_report(pdu: str, *, with_smsc: bool = True) -> StatusReport:
    """An SMS-STATUS-REPORT in hexadecimal digits; what follows TP-ST is optional and not looked at (23.040 9.2.2.3)."""
    octets, service_centre = _open(pdu, with_smsc=with_smsc)
    _first(octets, MTI_STATUS_REPORT)
    return _status_report(octets, service_centre)


def decode_announced_report(pdu: str, length: int) -> StatusReport:
    """The PDU behind `+CDS: length`, which counts the TPDU alone; some modems leave out the SMSC field, some miscount."""
    likely = len(pdu) != 2 * length
    try:
        return decode_status_report(pdu, with_smsc=likely)
    except PduError as first:
        try:
            return decode_status_report(pdu, with_smsc=not likely)
        except PduError:
            raise first from None


def _open(pdu: str, *, with_smsc: bool) -> tuple[_Octets, str]:
    try:
        octets = _Octets(bytes.fromhex(pdu))
    except ValueError:
        raise PduError("not_hex") from None
    if not with_smsc:
        return octets, ""
    length = octets.octet()
    if length == 0:
        return octets, ""
    if length > _LONGEST_SMSC:
        raise PduError("bad_address", f"SMSC field of {length} octets")
    type_octet = octets.octet()
    return octets, decode_address(type_octet, octets.take(length - 1), 2 * (length - 1)).text


def _first(octets: _Octets, wanted: int) -> int:
    first = octets.octet()
    if first & MTI_MASK != wanted:
        raise PduError("wrong_type", f"TP-MTI {first & MTI_MASK}")
    return first


def _address(octets: _Octets) -> Address:
    length = octets.octet()
    if length > _LONGEST_ADDRESS:
        raise PduError("bad_address", f"address of {length} semi-octets")
    type_octet = octets.octet()
    return decode_address(type_octet, octets.take((length + 1) // 2), length)


def _deliver(octets: _Octets, first: int, service_centre: str) -> Deliver:
    sender = _address(octets)
    protocol, dcs = octets.octet(), octets.octet()
    time = decode_time(octets.take(7))
    return Deliver(
        service_centre=service_centre,
        sender=sender,
        protocol=protocol,
        data_coding=dcs,
        service_centre_time=time,
        user_data=_user_data(octets, dcs, header=bool(first & USER_DATA_HEADER)),
    )


def _submit(octets: _Octets, first: int, service_centre: str) -> Submit:
    reference = octets.octet()
    recipient = _address(octets)
    protocol, dcs = octets.octet(), octets.octet()
    form = first & VALIDITY_MASK
    # None, relative in one octet, enhanced and absolute in seven (23.040 9.2.3.3).
    validity = octets.take(0 if form == 0 else 1 if form == VALIDITY_RELATIVE else 7)
    return Submit(
        service_centre=service_centre,
        reference=reference,
        recipient=recipient,
        protocol=protocol,
        data_coding=dcs,
        validity=validity,
        validity_minutes=relative_minutes(validity[0]) if form == VALIDITY_RELATIVE else None,
        report=bool(first & STATUS_REPORT_REQUEST),
        reject_duplicates=bool(first & REJECT_DUPLICATES),
        user_data=_user_data(octets, dcs, header=bool(first & USER_DATA_HEADER)),
    )


def _status_report(octets: _Octets, service_centre: str) -> StatusReport:
    reference = octets.octet()
    recipient = _address(octets)
    return StatusReport(
        reference=reference,
        recipient=recipient.text,
        service_centre_time=decode_time(octets.take(7)),
        discharge_time=decode_time(octets.take(7)),
        status=octets.octet(),
        service_centre=service_centre,
    )


def _user_data(octets: _Octets, dcs: int, *, header: bool) -> UserData:
    """TP-UDL and TP-UD (23.040 9.2.3.16 and 9.2.3.24)."""
    coding = data_coding(dcs)
    if coding.compressed:
        raise PduError("compressed")
    length = octets.octet()
    raw = octets.take((length * 7 + 7) // 8 if coding.alphabet is Alphabet.GSM7 else length)
    header_octets = _header_length(raw) if header else 0
    part = _part(raw[1:header_octets])
    text, data = None, None
    if coding.alphabet is Alphabet.GSM7:
        header_septets = (header_octets * 8 + 6) // 7
        if header_septets > length:
            raise PduError("bad_header")
        text = gsm7.decode(gsm7.unpack(raw, length)[header_septets:])
    elif coding.alphabet is Alphabet.UCS2:
        text = raw[header_octets:].decode("utf-16-be", "replace")
    else:
        data = raw[header_octets:]
    return UserData(alphabet=coding.alphabet, text=text, data=data, message_class=coding.message_class, part=part)


def _header_length(raw: bytes) -> int:
    """Octets of the user data header with its length octet."""
    if not raw or raw[0] + 1 > len(raw):
        raise PduError("bad_header")
    return raw[0] + 1


def _part(elements: bytes) -> Part | None:
    """The concatenation element among the information elements; a damaged header has none."""
    while len(elements) >= 2 and len(elements) >= 2 + elements[1]:
        identifier, body, elements = elements[0], elements[2 : 2 + elements[1]], elements[2 + elements[1] :]
        if identifier == _CONCATENATED_8_BIT and len(body) == 3:
            return Part(reference=body[0], total=body[1], number=body[2], bits=8)
        if identifier == _CONCATENATED_16_BIT and len(body) == 4:
            return Part(reference=body[0] << 8 | body[1], total=body[2], number=body[3], bits=16)
    return None
