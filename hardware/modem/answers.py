"""Pure parsers of what a modem says: result codes, identity, message references.

Everything here takes text without line ends and never raises: what cannot be read is None or empty. Networks are read in
`answers_network`, SIM and service centre in `answers_sim`, storage and USSD in `answers_storage`.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from hardware.modem.causes import ErrorFamily, code_of

# Results of calls (V.250 5.7.1): they end a dialling command only, and come unasked when somebody rings the modem.
_CALL_RESULTS = {"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE"}
# Refusals in words of several firmwares, beside ERROR.
_REFUSALS = {"ERROR", "COMMAND NOT SUPPORT", "COMMAND NOT SUPPORTED", "NA", "TOO MANY PARAMETERS"}
# V.250 6.2.6 (ATV0): the results that an ordinary command can have.
_NUMERIC = {"0": "OK", "4": "ERROR"}
_CODED = re.compile(r"\+(CM[ES]) ?ERROR ?:? *(.*)", re.IGNORECASE)
_REFUSED_IN_WORDS = re.compile(r"MODEM ERROR *:.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """A final result code.

    `family` is None for a plain refusal, `code` None when it has no number that we know, `of_call` marks NO CARRIER and its
    kin.
    """

    ok: bool
    family: ErrorFamily | None = None
    code: int | None = None
    of_call: bool = False


def final_result(line: str, *, numeric: bool = False) -> Final | None:
    """The final result code in a line, None when it is none (V.250 5.7.1, 27.005 3.2.5, 27.007 9.2).

    `numeric` also takes the digits of ATV0.
    """
    text = line.strip()
    if numeric and text in _NUMERIC:
        text = _NUMERIC[text]
    if text == "OK":
        return Final(ok=True)
    if text in _REFUSALS or _REFUSED_IN_WORDS.fullmatch(text):
        return Final(ok=False)
    if text in _CALL_RESULTS:
        return Final(ok=False, of_call=True)
    coded = _CODED.fullmatch(text)
    if not coded:
        return None
    family: ErrorFamily = "cms" if coded[1].upper() == "CMS" else "cme"
    words = coded[2].strip()
    code = int(words) if re.fullmatch(r"[0-9]{1,5}", words) else code_of(family, words)
    return Final(ok=False, family=family, code=code)


def after_prefix(line: str, prefix: str) -> str | None:
    """What follows `prefix` and its colon ("+CREG: 1" → "1"), None when the line begins otherwise."""
    if not line.startswith(prefix + ":"):
        return None
    return line[len(prefix) + 1 :].strip()


def fields(text: str) -> list[str]:
    """The comma separated fields, without spaces and quotes around them; a comma in quotes does not separate."""
    parts, quoted = [""], False
    for character in text:
        if character == "," and not quoted:
            parts.append("")
        else:
            quoted ^= character == '"'
            parts[-1] += character
    return [part.strip().strip('"') for part in parts]


def number(text: str) -> int | None:
    """A decimal number of at most nine digits, else None."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def printable(text: str) -> str:
    """The text without control characters and with single spaces: fit to be shown."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def from_ucs2(text: str) -> str:
    """Text that may stand in UCS-2 hexadecimal (+CSCS="UCS2" in force) as text.

    Digits alone are taken for UCS-2 only when they begin with 00, so that a number stays a number.
    """
    if len(text) < 8 or len(text) % 4 or not re.fullmatch(r"[0-9A-Fa-f]+", text):
        return text
    if text.isdecimal() and not text.startswith("00"):
        return text
    plain = bytes.fromhex(text).decode("utf-16-be", "replace")
    return plain if plain.isprintable() and "\ufffd" not in plain else text


def identity(lines: list[str], prefix: str) -> str:
    """The first line of +CGMI, +CGMM or +CGMR, with or without its prefix, "Revision:" and quotes; empty when none."""
    for line in lines:
        text = after_prefix(line, prefix) if line.startswith(prefix) else line
        text = printable(text or "").removeprefix("Revision:").strip().strip('"')
        if text:
            return text
    return ""


def imei(lines: list[str]) -> str:
    """The IMEI (15 digits) of +CGSN, empty when there is none (27.007 5.4)."""
    return _first(r"(?<![0-9A-Za-z])([0-9]{15})(?![0-9])", lines)


def imsi(lines: list[str]) -> str:
    """The IMSI (14 or 15 digits) of +CIMI, empty when there is none (27.007 5.6)."""
    return _first(r"(?<![0-9A-Za-z])([0-9]{14,15})(?![0-9])", lines)


def _first(pattern: str, lines: list[str]) -> str:
    found = re.search(pattern, "\n".join(lines))
    return found[1] if found else ""


def message_reference(line: str) -> int | None:
    """TP-MR of a `+CMGS:` line (27.005 4.3), None when it is none or above 255."""
    text = after_prefix(line, "+CMGS")
    found = number(fields(text)[0]) if text else None
    return found if found is not None and found <= 255 else None


def functionality(line: str) -> int | None:
    """<fun> of a `+CFUN:` line (27.007 8.2); None for a list of possible values."""
    text = after_prefix(line, "+CFUN")
    return number(fields(text)[0]) if text else None


@dataclass(frozen=True, slots=True)
class StoredAt:
    """Where a report or message was put: a memory ("SM") and an index."""

    memory: str
    index: int


def stored_at(line: str) -> StoredAt | None:
    """The place in a `+CDSI:` or `+CMTI:` line (27.005 3.4.1)."""
    text = after_prefix(line, "+CDSI") or after_prefix(line, "+CMTI")
    parts = fields(text) if text else []
    index = number(parts[1]) if len(parts) > 1 else None
    return StoredAt(printable(parts[0]), index) if index is not None else None


def report_length(line: str) -> int | None:
    """The TPDU's octets announced by `+CDS:`; the PDU is on the next line (27.005 3.4.1)."""
    text = after_prefix(line, "+CDS")
    parts = fields(text) if text else []
    return number(parts[-1]) if parts else None


def clock(line: str) -> datetime | None:
    """Date, time and zone of a `+CCLK:` line, "yy/MM/dd,hh:mm:ss±zz" in quarters of an hour (27.007 8.15)."""
    found = re.match(r'\+CCLK: *"?(\d{2,4})/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d{1,2})?"?', line, re.ASCII)
    if not found:
        return None
    year, month, day, hour, minute, second = [int(group) for group in found.groups()[:6]]
    zone = timezone(timedelta(minutes=15 * int(found[7] or 0)))
    try:
        return datetime(year + 2000 if year < 100 else year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
