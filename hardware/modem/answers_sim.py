"""Pure parsers of what a modem says about its SIM: state, PIN tries, ICCID, own numbers, service centre."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hardware.modem.answers import after_prefix, fields, from_ucs2, number, printable

READY = "READY"
PIN = "SIM PIN"
PUK = "SIM PUK"
# Second PINs and PUKs lock services that no SMS needs.
USABLE = frozenset({READY, "SIM PIN2", "SIM PUK2"})

# How tries are asked, in the order in which to try: 27.007 8.65, then VERIFY without data (102 221 11.1.9, uses no try up),
# then what makers have of their own. Each with the words in +CGMI or +CGMM that promise it; empty = any modem.
TRIES_COMMANDS = (
    ("AT+CPINR", "+CPINR", ""),
    ('AT+CSIM=10,"0020000100"', "+CSIM", ""),
    ("AT^CPIN?", "^CPIN", "huawei"),
    ("AT^SPIC", "^SPIC", "cinterion"),
    ("AT+SPIC", "+SPIC", "simcom"),
    ('AT+QPINC="SC"', "+QPINC", "quectel"),
    ("AT#PCT", "#PCT", "telit"),
    ("AT+ZPINPUK=?", "+ZPINPUK", "zte"),
    ("AT+EPINC?", "+EPINC", "mediatek"),
    ("AT*EPIN?", "*EPIN", "ericsson"),
)
# Which of the numbers in these answers is the tries left for PIN 1.
_TRIES_FIELD = {"^SPIC": 0, "+SPIC": 0, "#PCT": 0, "+ZPINPUK": 0, "+EPINC": 0, "*EPIN": 0, "+QPINC": 1}

# ICCID commands with their prefix, and the maker that needs this one first; +CRSM reads EF_ICCID (31.102 4.2.1) itself.
ICCID_COMMANDS = (
    ("AT^ICCID?", "^ICCID", "huawei"),
    ("AT+QCCID", "+QCCID", "quectel"),
    ("AT+CICCID", "+ICCID", "sim7"),
    ("AT+CRSM=176,12258,0,0,10", "+CRSM", "zte"),
    ("AT+CCID", "+CCID", ""),
    ("AT+ICCID", "+ICCID", ""),
    ("AT+CRSM=176,12258,0,0,10", "+CRSM", ""),
)


@dataclass(frozen=True, slots=True)
class ServiceCentre:
    """The answer to +CSCA?; `number` is empty when the SIM has none, `type_octet` None when it is not told."""

    number: str = field(repr=False)
    type_octet: int | None


def sim_state(line: str) -> str:
    """<code> of +CPIN: in capitals ("READY", "SIM PIN", "SIM PUK2" …), empty when the line is another (27.007 8.3)."""
    text = after_prefix(line, "+CPIN")
    return printable(text.strip('"')).upper() if text else ""


def pin_tries(lines: Iterable[str], prefix: str) -> int | None:
    """Tries left for PIN 1 in the answer to one of TRIES_COMMANDS; None when it does not say."""
    for line in lines:
        text = after_prefix(line, prefix)
        if text is None:
            continue
        if prefix == "+CSIM":
            return _tries_of_status_word(text)
        parts = fields(text)
        tries = _tries_of(prefix, parts)
        if tries is not None:
            return tries
    return None


def _tries_of(prefix: str, parts: list[str]) -> int | None:
    if prefix == "+CPINR":  # <code>,<retries>[,<default>], one line per code
        return number(parts[1]) if parts[0] == PIN and len(parts) > 1 else None
    if prefix == "^CPIN":  # <code>,<times of that code>,<puk>,<pin>,<puk2>,<pin2>
        return number(parts[3]) if len(parts) > 3 else None
    place = _TRIES_FIELD[prefix]
    return number(parts[place]) if len(parts) > place else None


def _tries_of_status_word(text: str) -> int | None:
    """The status word of VERIFY without data: 63Cx says x tries, 6983 and 9840 none (102 221 10.2.1)."""
    parts = fields(text)
    word = parts[1].upper() if len(parts) > 1 else ""
    if re.fullmatch(r"63C[0-9A-F]", word):
        return int(word[3], 16)
    return 0 if word in {"6983", "9840"} else None


def iccid(lines: Iterable[str], prefix: str) -> str:
    """The ICCID (18 to 20 digits) in the answer to one of ICCID_COMMANDS, empty when there is none.

    Several modems give the octets of EF_ICCID as they stand, each pair swapped; an ICCID begins with 89 (E.118).
    """
    for line in lines:
        text = after_prefix(line, prefix) if line.startswith(prefix) else line
        found = re.search(r"(?<![0-9A-Fa-z])([0-9]{17,20}[Ff0-9]{0,3})(?![0-9A-Za-z])", _last_field(text or ""))
        if found:
            digits = found[1]
            if prefix == "+CRSM" or digits.startswith("98"):
                digits = "".join([digits[place + 1 : place + 2] + digits[place] for place in range(0, len(digits), 2)])
            return digits.upper().rstrip("F")
    return ""


def _last_field(text: str) -> str:
    return fields(text)[-1] if text else ""


def own_numbers(lines: Iterable[str]) -> list[str]:
    """The SIM's own numbers in +CNUM lines (27.007 7.1)."""
    texts = [after_prefix(line, "+CNUM") for line in lines]
    parts = [fields(text) for text in texts if text]
    return [from_ucs2(part[1]) for part in parts if len(part) > 1 and part[1]]


def service_centre(line: str) -> ServiceCentre | None:
    """A +CSCA: line (27.005 3.3.1); type 145 puts the + in front when it is missing."""
    text = after_prefix(line, "+CSCA")
    if text is None:
        return None
    parts = [*fields(text), ""]
    digits, type_octet = from_ucs2(parts[0]), number(parts[1])
    if not re.fullmatch(r"\+?[0-9]{3,20}", digits):
        return ServiceCentre("", type_octet)
    # 145 is 91 hexadecimal: international (23.040 9.1.2.5).
    return ServiceCentre("+" + digits.lstrip("+") if type_octet == 145 else digits, type_octet)
