"""The one cleaner of text from outside: SMS, modem answers, USB strings, names, files, error texts of libraries."""

import unicodedata

# Longest text shown or logged in one go; an SMS of ten parts (1530 characters) still fits.
MAXIMUM_LENGTH = 2000

# Plain dots: the ellipsis is missing in console fonts.
CUT = "..."

# Categories of Unicode that draw nothing, steer the terminal or turn the reading order: controls (C0, DEL, C1), formats (bidi
# controls, zero width, tags), lone surrogates (undecodable bytes of a file name), line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str, *, maximum: int = MAXIMUM_LENGTH) -> str:
    r"""Return `text` with everything invisible made visible (`\x1b`, `\u202e`), of at most `maximum` characters.

    The result holds no character that moves a cursor, starts an escape sequence, breaks a line or reorders what is read.
    A text that is cut ends in three dots. Markup is not touched: who draws shows it as plain text.
    """
    # Cut first as well, so that a text of megabytes costs no more than a long one.
    shown = "".join(map(_visible, text[: maximum + 1]))
    if len(shown) <= maximum:
        return shown
    return shown[: max(0, maximum - len(CUT))] + CUT[:maximum]


def _visible(character: str) -> str:
    if character.isascii():
        # Most text is this, and `isprintable` is far cheaper than the category.
        return character if character.isprintable() else f"\\x{ord(character):02x}"
    if unicodedata.category(character) not in _HIDDEN:
        return character
    point = ord(character)
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
