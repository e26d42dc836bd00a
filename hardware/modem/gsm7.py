"""The GSM 7 bit default alphabet with its extension, and its packing into octets (23.038 6.1.2 and 6.2.1)."""

from hardware.modem.errors import PduError

ESCAPE = 0x1B
CARRIAGE_RETURN = 0x0D

# 23.038 6.2.1: the place in this string is the septet; the escape stands at 1B.
DEFAULT_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 23.038 6.2.1.1: what follows an escape.
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_SEPTETS = {
    **{character: bytes([septet]) for septet, character in enumerate(DEFAULT_ALPHABET) if septet != ESCAPE},
    **{character: bytes([ESCAPE, septet]) for septet, character in EXTENSION.items()},
}


def encode(text: str) -> bytes:
    """Text as septets, one per byte, extension characters as two; PduError("not_gsm7") when a character has none."""
    try:
        return b"".join([_SEPTETS[character] for character in text])
    except KeyError as missing:
        raise PduError("not_gsm7", f"U+{ord(missing.args[0]):04X}") from None


def is_gsm7(text: str) -> bool:
    """Whether every character is in the default alphabet or its extension."""
    return all(character in _SEPTETS for character in text)


def decode(septets: bytes) -> str:
    """Septets, one per byte, as text; never fails.

    An escape before a code that the extension does not have shows the character of the default table, an escape before an
    escape or at the end a space (23.038 6.2.1.1 notes 1 and 3).
    """
    text: list[str] = []
    escaped = False
    for septet in septets:
        code = septet & 0x7F
        if escaped:
            text.append(" " if code == ESCAPE else EXTENSION.get(code, DEFAULT_ALPHABET[code]))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            text.append(DEFAULT_ALPHABET[code])
    if escaped:
        text.append(" ")
    return "".join(text)


def pack(septets: bytes, fill_bits: int = 0) -> bytes:
    """Septets into octets, lowest bit first, after `fill_bits` zero bits (23.038 6.1.2.1.1; fill bits 23.040 9.2.3.24)."""
    number, bits = 0, fill_bits
    for septet in septets:
        number |= (septet & 0x7F) << bits
        bits += 7
    return number.to_bytes((bits + 7) // 8, "little") if septets else b""


def unpack(octets: bytes, count: int, fill_bits: int = 0) -> bytes:
    """The first `count` septets of packed octets after `fill_bits` bits; PduError("truncated") when there are fewer."""
    if count * 7 + fill_bits > len(octets) * 8:
        raise PduError("truncated", f"{count} septets in {len(octets)} octets")
    number = int.from_bytes(octets, "little") >> fill_bits
    return bytes([(number >> (7 * index)) & 0x7F for index in range(count)])


def pack_ussd(septets: bytes, fill_bits: int = 0) -> bytes:
    """As `pack`, and seven spare bits, or a CR that ends on an octet boundary, are followed by a CR (23.038 6.1.2.3.1)."""
    spare = -(len(septets) * 7 + fill_bits) % 8
    ends_in_cr = spare == 0 and septets[-1:] == bytes([CARRIAGE_RETURN])
    padded = septets + bytes([CARRIAGE_RETURN]) if spare == 7 or ends_in_cr else septets
    return pack(padded, fill_bits)
