"""Free text that administrators type: it is kept in the log for years, so it must hold no number that identifies a person."""

import re
from dataclasses import dataclass
from typing import Final

from kiosk.administration.errors import NumberInText, NumberKind, TextUnusable
from kiosk.language import printable

REASON_LENGTH: Final = 200
TICKET_LENGTH: Final = 40

# Digits as people write them: in groups with one sign between.
_DIGITS: Final = re.compile(r"\d(?:[ .\-/]?\d)*")
_PHONE: Final = re.compile(r"(?:\+|\b00)\d(?:[ .\-()]{0,2}\d){8,14}|\b0[1-9](?:[ .\-]?\d){8}(?!\d)")
# Days are no numbers of people, though one in eleven would pass for one.
_DAY: Final = re.compile(r"\b(?:\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)\b")
# Dutch passport and identity card: two letters, six letters or digits, a digit; never the letter O (ICAO 9303, RvIG).
_DOCUMENT: Final = re.compile(r"\b(?=\w*\d)[A-NP-Z]{2}[A-NP-Z0-9]{6}\d\b", re.IGNORECASE)
# A citizen service number has nine digits, eight when its first is zero.
_BSN_LENGTHS: Final = {8, 9}


@dataclass(frozen=True, slots=True)
class Why:
    """Why something is changed, and the number under which the help desk knows it."""

    reason: str
    ticket: str = ""


def checked_why(why: Why) -> Why:
    """`why` without blanks around it; raises TextUnusable, NumberInText."""
    reason = checked_text("reason", why.reason, REASON_LENGTH)
    ticket = checked_text("ticket", why.ticket, TICKET_LENGTH, may_be_empty=True)
    return Why(reason, ticket)


def checked_text(field: str, text: str, maximum: int, *, may_be_empty: bool = False) -> str:
    """`text` without blanks around it; raises TextUnusable, NumberInText."""
    text = text.strip()
    if not text and not may_be_empty:
        raise TextUnusable(field, "missing", maximum)
    if len(text) > maximum:
        raise TextUnusable(field, "long", maximum)
    if printable(text) != text:
        raise TextUnusable(field, "unprintable", maximum)
    if (kind := number_in(text)) is not None:
        raise NumberInText(field, kind)
    return text


def number_in(text: str) -> NumberKind | None:
    """What kind of identifying number `text` holds; None when it holds none that is known."""
    if _PHONE.search(text):
        return "phone"
    if any(is_bsn("".join(filter(str.isdigit, found))) for found in _DIGITS.findall(_DAY.sub("day", text))):
        return "bsn"
    return "document" if _DOCUMENT.search(text) else None


def is_bsn(digits: str) -> bool:
    """The check of the citizen service number (elfproef): 9·a + 8·b + … + 2·h - i is a multiple of eleven."""
    if len(digits) not in _BSN_LENGTHS or not digits.strip("0"):
        return False
    numbers = [int(digit) for digit in digits.zfill(9)]
    total = sum(weight * number for weight, number in zip(range(9, 1, -1), numbers, strict=False)) - numbers[8]
    return total % 11 == 0
