"""Pure parsers of what a modem says about storage, stored messages, its own abilities and USSD."""

import re
from dataclasses import dataclass, field

from hardware.modem import gsm7
from hardware.modem.alphabet import Alphabet, data_coding
from hardware.modem.answers import after_prefix, fields, from_ucs2, number


@dataclass(frozen=True, slots=True)
class Storage:
    """One memory of +CPMS? (27.005 3.2.2); `memory` is empty in the answer to +CPMS=."""

    memory: str
    used: int
    total: int

    @property
    def full(self) -> bool:
        """Whether nothing more fits in."""
        return self.used >= self.total > 0


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message of +CMGL or +CMGR in PDU mode; `index` None for +CMGR, `status` 0 unread, 1 read, 2 unsent, 3 sent."""

    index: int | None
    status: int
    pdu: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ussd:
    """A +CUSD: line (27.007 7.15); `mode` 0 done, 1 waits for a reply, 2 ended by the network, 4 not supported, 5 time-out."""

    mode: int
    text: str | None = field(repr=False)
    data_coding: int | None


def storages(line: str) -> list[Storage]:
    """The memories of +CPMS?, or the numbers that +CPMS= answers with."""
    parts = fields(after_prefix(line, "+CPMS") or "")
    named = bool(parts) and number(parts[0]) is None
    step = 3 if named else 2
    found = []
    for place in range(0, len(parts) - step + 1, step):
        used, total = number(parts[place + step - 2]), number(parts[place + step - 1])
        memory = parts[place] if named else ""
        if used is not None and total is not None and (memory or not named):
            found.append(Storage(memory, used, total))
    return found


def possible_values(text: str) -> list[list[str]]:
    """The lists of a test answer: `("SM","ME"),(0-2),1` → [["SM", "ME"], ["0", "1", "2"], ["1"]].

    `text` is what follows the prefix. Ranges are written out; a value without parentheses is a list of one.
    """
    lists: list[list[str]] = []
    for group, single in re.findall(r"\(([^()]*)\)?|([^,()]+)", text):
        values = [value.strip().strip('"').strip() for value in (group or single).split(",")]
        if group or not single:
            lists.append([possible for value in values if value for possible in _written_out(value)])
        elif values[0]:
            lists.append(_written_out(values[0]))
    return lists


def _written_out(value: str) -> list[str]:
    ends = re.fullmatch(r"([0-9]{1,3})-([0-9]{1,3})", value)
    return [str(each) for each in range(int(ends[1]), int(ends[2]) + 1)] if ends else [value]


_LISTED = re.compile(
    r"\+CMG(?:L: *([0-9]+) *, *|R: *)([0-9]) *,[^\r\n]*?(?:[\r\n]+| ) *([0-9A-Fa-f]{10,})(?![0-9A-Za-z])"
)


def stored_messages(text: str) -> list[StoredMessage]:
    """The messages of +CMGL= or +CMGR= in PDU mode, over several lines (27.005 4.1 and 4.2)."""
    return [StoredMessage(number(index), int(status), pdu) for index, status, pdu in _LISTED.findall(text)]


def ussd(text: str) -> Ussd | None:
    """A +CUSD answer, which may run over several lines; `text` None when it cannot be read."""
    found = re.match(r'\+CUSD: *([0-9])(?: *, *(?:"(.*?)"|([^",]*))(?: *, *([0-9]{1,3}))?)?', text, re.DOTALL)
    if not found:
        return None
    coding = number(found[4] or "")
    words = found[2] if found[2] is not None else found[3]
    return Ussd(int(found[1]), _ussd_text(words, coding) if words else words or None, coding)


def _ussd_text(words: str, coding: int | None) -> str | None:
    """USSD words in hexadecimal (UCS-2, or packed 7 bit) or plain; the coding told is often wrong (23.038 5)."""
    if not re.fullmatch(r"(?:[0-9A-Fa-f]{2}){4,}", words):
        return words
    octets = bytes.fromhex(words)
    if from_ucs2(words) != words or (coding is not None and _is_ucs2(coding)):
        plain = octets.decode("utf-16-be", "replace")
        return plain if "\ufffd" not in plain else None
    if words.isdecimal():
        return words
    # Seven spare bits are filled with a CR (23.038 6.1.2.3.1).
    return gsm7.decode(gsm7.unpack(octets, len(octets) * 8 // 7)).removesuffix("\r").rstrip("@")


def _is_ucs2(coding: int) -> bool:
    return coding == 0x11 or (coding >> 6 == 1 and data_coding(coding).alphabet is Alphabet.UCS2)
