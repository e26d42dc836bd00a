"""Which alphabet a text needs and how many messages it fills; and what a TP-DCS says (23.038 4)."""

from dataclasses import dataclass
from enum import StrEnum

from hardware.modem import gsm7


class Alphabet(StrEnum):
    """How user data is coded."""

    GSM7 = "gsm7"
    DATA = "8bit"
    UCS2 = "ucs2"


# Units (septets or 16-bit code units) in one message, and in a part of several (23.040 9.2.3.24.1, 8-bit reference).
SINGLE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
PART = {Alphabet.GSM7: 153, Alphabet.UCS2: 67}


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text needs: `units` are septets (GSM7) or 16-bit code units (UCS2)."""

    alphabet: Alphabet
    units: int
    parts: int


def measure(text: str, alphabet: Alphabet | None = None) -> Measure:
    """What a text needs in the smallest alphabet that holds it, or in the one that is given (GSM7 or UCS2).

    No pair (escape and its code, or two surrogates) is split over parts. PduError("not_gsm7") when GSM7 is given and cannot
    hold the text.
    """
    chosen = alphabet or (Alphabet.GSM7 if gsm7.is_gsm7(text) else Alphabet.UCS2)
    if chosen is Alphabet.GSM7:
        sizes = [len(gsm7.encode(character)) for character in text]
    else:
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
    units = sum(sizes)
    if units <= SINGLE[chosen]:
        return Measure(chosen, units, 1)
    parts, room = 1, PART[chosen]
    for size in sizes:
        if size > room:
            parts, room = parts + 1, PART[chosen]
        room -= size
    return Measure(chosen, units, parts)


@dataclass(frozen=True, slots=True)
class DataCoding:
    """A TP-DCS taken apart; `message_class` is 0 to 3 or None."""

    alphabet: Alphabet
    message_class: int | None
    compressed: bool


def data_coding(dcs: int) -> DataCoding:
    """What TP-DCS says (23.038 4); reserved codings count as the default alphabet, as the standard asks."""
    group = dcs >> 4
    if group < 0x8:  # general data coding, with or without automatic deletion
        alphabet = {1: Alphabet.DATA, 2: Alphabet.UCS2}.get((dcs >> 2) & 3, Alphabet.GSM7)
        return DataCoding(alphabet, dcs & 3 if dcs & 0x10 else None, bool(dcs & 0x20))
    if group == 0xE:  # message waiting, stored, UCS2
        return DataCoding(Alphabet.UCS2, None, compressed=False)
    if group == 0xF:  # data coding with message class
        return DataCoding(Alphabet.DATA if dcs & 4 else Alphabet.GSM7, dcs & 3, compressed=False)
    return DataCoding(Alphabet.GSM7, None, compressed=False)
