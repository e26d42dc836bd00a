"""Texts and numbers of text mode in the alphabet that +CSCS chose (3GPP TS 27.005 §3, 27.007 §5.5)."""

from collections.abc import Sequence

from hardware.simulator import gsm7, tpdu
from hardware.simulator.causes import Cms, CmsFailure
from hardware.simulator.equipment import Equipment
from hardware.simulator.tpdu import RELATIVE, Submit


def decode_text(equipment: Equipment, octets: bytes) -> str:
    """What the client wrote, read in its alphabet.

    Raises:
        CmsFailure: it is not of that alphabet.
    """
    try:
        match equipment.settings.character_set:
            case "UCS2":
                return bytes.fromhex(octets.decode("ascii")).decode("utf-16-be")
            case "HEX":
                return gsm7.decode(bytes.fromhex(octets.decode("ascii")))
            case "GSM":
                return gsm7.decode(octets)
            case _:
                return octets.decode("latin-1")
    except (ValueError, IndexError):
        raise CmsFailure(Cms.INVALID_TEXT) from None


def encode_text(equipment: Equipment, text: str) -> str:
    """A text as the modem writes it in the alphabet of +CSCS; one character per octet."""
    match equipment.settings.character_set:
        case "UCS2":
            return text.encode("utf-16-be").hex().upper()
        case "HEX" if all(character in gsm7.ALPHABET for character in text):
            return gsm7.encode(text).hex().upper()
        case "GSM" if all(character in gsm7.ALPHABET for character in text):
            return gsm7.encode(text).decode("latin-1")
        case _:
            return text.encode("latin-1", "replace").decode("latin-1")


def number_in_character_set(equipment: Equipment, number: str) -> str:
    """A number: hexadecimal when +CSCS is UCS2, else as it is."""
    return encode_text(equipment, number) if equipment.settings.character_set == "UCS2" else number


def destination(equipment: Equipment, arguments: Sequence[str]) -> str:
    """The number to send to: <da>[,<toda>].

    Raises:
        CmsFailure: no number.
    """
    given = arguments[0] if arguments else ""
    if equipment.settings.character_set == "UCS2":
        given = decode_text(equipment, given.encode("latin-1", "replace"))
    international = len(arguments) > 1 and arguments[1] == "145"
    digits = given.removeprefix("+")
    if not digits or len(digits) > 20 or not all(digit in "0123456789*#abc" for digit in digits):
        raise CmsFailure(Cms.INVALID_TEXT)
    return f"+{digits}" if international or given.startswith("+") else given


def text_submit(equipment: Equipment, number: str, text: str) -> Submit:
    """The SMS-SUBMIT that the modem makes of a text by +CSMP.

    Raises:
        PduRejected: it does not fit.
        CmsFailure: +CSMP asks for a validity period that text mode cannot give.
    """
    first_octet, validity, protocol, data_coding = equipment.settings.text_parameters
    if first_octet >> 3 & 0x03 not in {0, RELATIVE}:
        raise CmsFailure(Cms.INVALID_TEXT)
    octets = tpdu.encode_submit(
        number, text, first_octet=first_octet, validity=validity, protocol=protocol, data_coding=data_coding
    )
    return tpdu.decode_submit(octets)
