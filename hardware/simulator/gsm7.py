"""The GSM 7 bit default alphabet as a network reads it (3GPP TS 23.038 §6.1.2.1 and §6.2.1).

Written apart from the encoder of the product, so that each checks the other.
"""

# §6.2.1, one row of the printed table's columns per line: septets 00-0F, 10-1F, … 70-7F. ESC stands at 1B.
_ROWS = (
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
)
DEFAULT_ALPHABET = "".join(_ROWS)

ESCAPE = 0x1B

# §6.2.1.1: the septet after ESC.
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

_SEPTET_OF = {character: septet for septet, character in enumerate(DEFAULT_ALPHABET) if septet != ESCAPE}
_ESCAPED_SEPTET_OF = {character: septet for septet, character in EXTENSION.items()}

# Every character that a message in this alphabet can hold.
ALPHABET = frozenset(_SEPTET_OF) | frozenset(_ESCAPED_SEPTET_OF)


def unpack(octets: bytes, count: int, *, fill_bits: int = 0) -> bytes:
    """Take `count` septets, one per byte, from packed octets after `fill_bits` bits (23.038 §6.1.2.1.1).

    Raises:
        ValueError: there are fewer bits than that.
    """
    if fill_bits + 7 * count > 8 * len(octets):
        raise ValueError(count)
    bits = int.from_bytes(octets, "little") >> fill_bits
    return bytes(bits >> 7 * position & 0x7F for position in range(count))


def pack(septets: bytes, *, fill_bits: int = 0) -> bytes:
    """Pack septets, given one per byte, into octets after `fill_bits` zero bits."""
    bits = 0
    for position, septet in enumerate(septets):
        bits |= septet << fill_bits + 7 * position
    return bits.to_bytes((fill_bits + 7 * len(septets) + 7) // 8, "little")


def decode(septets: bytes) -> str:
    """Text of septets given one per byte.

    An extension that is not in the table shows as the character of the default table, and a last ESC as a space
    (§6.2.1.1, notes 1 and 3).
    """
    text: list[str] = []
    escaped = False
    for septet in septets:
        if escaped:
            text.append(EXTENSION.get(septet, " " if septet == ESCAPE else DEFAULT_ALPHABET[septet]))
            escaped = False
        elif septet == ESCAPE:
            escaped = True
        else:
            text.append(DEFAULT_ALPHABET[septet])
    return "".join(text) + (" " if escaped else "")


def encode(text: str) -> bytes:
    """Septets of a text, one per byte; those of the extension take two.

    Raises:
        ValueError: a character is in neither table.
    """
    septets = bytearray()
    for character in text:
        if character in _SEPTET_OF:
            septets.append(_SEPTET_OF[character])
        elif character in _ESCAPED_SEPTET_OF:
            septets += bytes((ESCAPE, _ESCAPED_SEPTET_OF[character]))
        else:
            raise ValueError(character)
    return bytes(septets)
