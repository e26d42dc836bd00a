"""Pure parsers of what a modem says about networks: registration, operators, signal (27.007 7.2, 7.3, 8.5, 8.69, 10.1)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from hardware.modem import gsm7
from hardware.modem.answers import after_prefix, fields, from_ucs2, number, printable

# <stat> with which an SMS can be sent: home, roaming, the same for SMS only (6, 7) and for "CSFB not preferred" (9, 10).
# 8 and 11 serve emergency calls and emergency bearers only.
REGISTERED = frozenset({1, 5, 6, 7, 9, 10})

# <AcT> (27.007 7.3) as a generation.
_GENERATIONS = {
    **dict.fromkeys((0, 1, 3, 8), "2G"),
    **dict.fromkeys((2, 4, 5, 6), "3G"),
    **dict.fromkeys((7, 13), "4G"),
    9: "NB-IoT",
    **dict.fromkeys((10, 11, 12), "5G"),
}


class Charset(StrEnum):
    """+CSCS in force while an answer was given."""

    IRA = "IRA"
    GSM = "GSM"
    UCS2 = "UCS2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One domain's registration; `lac` (or tracking area), `ci` and `act` are None when the line has none."""

    domain: str
    stat: int
    lac: int | None
    ci: int | None
    act: int | None

    @property
    def registered(self) -> bool:
        """Whether an SMS can be sent in this domain."""
        return self.stat in REGISTERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One entry of +COPS=?; `stat` 0 unknown, 1 available, 2 current, 3 forbidden; empty names are None."""

    stat: int
    long: str | None
    short: str | None
    numeric: str
    act: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingOperator:
    """The answer to +COPS?; `format` 0 long name, 1 short name, 2 numeric; `operator` None when not registered."""

    mode: int
    format: int | None
    operator: str | None
    act: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendedSignal:
    """The six values of +CESQ as they stand, and their levels in dBm (None when unknown)."""

    rxlev: int
    ber: int
    rscp: int
    ecno: int
    rsrq: int
    rsrp: int

    @property
    def gsm_dbm(self) -> int | None:
        """GSM received level."""
        return -111 + self.rxlev if self.rxlev <= 63 else None

    @property
    def rscp_dbm(self) -> int | None:
        """UTRA received signal code power."""
        return -121 + self.rscp if self.rscp <= 96 else None

    @property
    def rsrp_dbm(self) -> int | None:
        """LTE reference signal received power."""
        return -141 + self.rsrp if self.rsrp <= 97 else None


def generation(act: int | None) -> str:
    """<AcT> as "2G", "3G", "4G", "5G" or "NB-IoT"; empty when unknown."""
    return _GENERATIONS.get(act, "") if act is not None else ""


def registration(line: str) -> Registration | None:
    """A +CREG, +CGREG, +CEREG or +C5GREG line, as answer (with <n>) or unsolicited (without); None when unreadable."""
    found = re.match(r"\+(C(?:G|E|5G)?REG):(.*)", line)
    if not found:
        return None
    raw = found[2].split(",")
    values = [value.strip().strip('"').strip() for value in raw]
    quoted = ['"' in value for value in raw]
    with_n = len(values) == 2 or (len(values) > 2 and _is_stat(values[1], quoted[1:3]))
    stat = number(values[1 if with_n else 0])
    if stat is None or stat > 99:
        return None
    lac, ci, act = _location(values[2 if with_n else 1 :])
    return Registration(domain=found[1], stat=stat, lac=lac, ci=ci, act=act)


def _is_stat(value: str, quoted: list[bool]) -> bool:
    """Whether the second value is <stat> after <n>, and not the <lac> of an unsolicited line.

    <lac> has four digits as a rule, and quotes where <ci> has them.
    """
    return not quoted[0] and number(value) is not None and (len(value) <= 3 or quoted[1])


def _location(values: list[str]) -> tuple[int | None, int | None, int | None]:
    """<lac>, <ci> and <AcT>; some LTE firmwares put a routing area of two digits between the first two."""
    if len(values) >= 4 and len(values[1]) <= 2 < len(values[2]):
        values = [values[0], *values[2:]]
    lac, ci, act = [*values, "", "", ""][:3]
    access = number(act)
    return _hexadecimal(lac), _hexadecimal(ci), access if access is not None and access <= 15 else None


def _hexadecimal(text: str) -> int | None:
    return int(text, 16) if re.fullmatch(r"[0-9A-Fa-f]{1,9}", text) else None


_OPERATOR = re.compile(
    r'\(\s*([0-9])\s*,\s*(?:"([^"]*)")?\s*,\s*(?:"([^"]*)")?\s*,\s*"?([0-9A-Fa-f]{5,28})"?\s*'
    r"(?:\)?\s*,\s*([0-9]{1,2})\s*\))?"
)


def operators(text: str, charset: Charset = Charset.IRA) -> list[Operator]:
    """The operators of +COPS=?, over one or several lines; the lists of modes and formats behind them are no operators."""
    return [
        Operator(
            stat=int(stat),
            long=_name(long, charset) or None,
            short=_name(short, charset) or None,
            numeric=from_ucs2(numeric),
            act=number(act),
        )
        for stat, long, short, numeric, act in _OPERATOR.findall(text)
    ]


def serving_operator(line: str, charset: Charset = Charset.IRA) -> ServingOperator | None:
    """The answer to +COPS?; None when unreadable."""
    text = after_prefix(line, "+COPS")
    if text is None or "(" in text:
        return None
    mode, form, operator, act = [*fields(text), "", "", "", ""][:4]
    if number(mode) is None:
        return None
    name = from_ucs2(operator) if number(form) == 2 else _name(operator, charset)
    return ServingOperator(mode=int(mode), format=number(form), operator=name or None, act=number(act))


def _name(text: str, charset: Charset) -> str:
    plain = from_ucs2(text)
    if charset is Charset.GSM and plain == text:
        plain = gsm7.decode(text.encode("latin-1", "replace"))
    return printable(plain)


def network_code(text: str) -> str:
    """MCC and MNC in five or six digits; empty when it is no network (an MCC has no leading zero)."""
    return text if re.fullmatch(r"[1-9][0-9]{4,5}", text) else ""


def signal_dbm(line: str) -> int | None:
    """The level of a +CSQ line in dBm, None when unknown (27.007 8.5; 100 to 191 is a common extension)."""
    text = after_prefix(line, "+CSQ")
    rssi = number(fields(text)[0]) if text else None
    if rssi is None:
        return None
    if rssi <= 31:
        return -113 + 2 * rssi
    return rssi - 216 if 100 <= rssi <= 191 else None


def extended_signal(line: str) -> ExtendedSignal | None:
    """A +CESQ line (27.007 8.69)."""
    text = after_prefix(line, "+CESQ")
    values = [number(value) for value in fields(text)[:6]] if text else []
    known = [value for value in values if value is not None]
    if len(known) != 6:
        return None
    rxlev, ber, rscp, ecno, rsrq, rsrp = known
    return ExtendedSignal(rxlev=rxlev, ber=ber, rscp=rscp, ecno=ecno, rsrq=rsrq, rsrp=rsrp)
