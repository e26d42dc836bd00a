"""Whether one value of the configuration is right: each check takes what TOML gave and returns what the kiosk uses, or raises `Refused`."""

import re
from collections.abc import Callable
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from kiosk.config.errors import Allowed
from kiosk.config.model import OpeningHours, Words
from kiosk.language import LANGUAGES, printable, sms_name
from kiosk.policy import Range

T = TypeVar("T")
Check = Callable[[object], T]

# Modules of pyserial that open a URL. `spy` is left out: it writes all traffic, codes and PIN too, to a file or to stderr.
PORT_SCHEMES = ("alt", "hwgrep", "loop", "rfc2217", "socket")

# What `kiosk.applications.environment` gives every application.
GIVEN_BY_KIOSK = ("TERM", "LANG", "LC_CTYPE", "LESSSECURE", "HOME", "USER", "LOGNAME")

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_URL = re.compile(r"([a-z][a-z0-9+.-]*)://.+", re.IGNORECASE)
# ITU-T E.164: a plus and at most 15 digits, of which the first is not 0.
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# 22.090: digits, stars and hashes; a code ends with a hash.
_USSD = re.compile(r"[*#0-9]{1,31}#")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
# As useradd(8) of Debian and systemd take it.
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_COUNTRY = re.compile(r"[1-9][0-9]{0,2}")
_OPENING = re.compile(r"([a-z]{3})(?:-([a-z]{3}))? +([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


class Refused(Exception):
    """The value is not allowed; `allowed` says what would be."""

    def __init__(self, allowed: Allowed) -> None:
        super().__init__(allowed.code)
        self.allowed = allowed


def text(maximum: int, *, in_sms: bool = False) -> Check[str]:
    """One line of 1 to `maximum` visible characters; `in_sms`: something must be left of it in an SMS."""
    allowed = Allowed("text", {"maximum": maximum})

    def check(value: object) -> str:
        if not isinstance(value, str) or not value.strip() or len(value.strip()) > maximum:
            raise Refused(allowed)
        if printable(value) != value:
            raise Refused(Allowed("visible"))
        if in_sms and not sms_name(value).strip():
            raise Refused(Allowed("in_sms"))
        return value.strip()

    return check


def number_or_text(maximum: int) -> Check[str]:
    """A whole number or a text; people write the number of a desk either way."""

    def check(value: object) -> str:
        return text(maximum)(str(value) if type(value) is int else value)

    return check


def words(maximum: int) -> Check[Words]:
    """One text for all languages, or a table with one text per language."""
    one = text(maximum)

    def check(value: object) -> Words:
        if isinstance(value, dict):
            if set(value) != set(LANGUAGES):
                raise Refused(Allowed("words", {"maximum": maximum}))
            return Words(**{code: one(value[code]) for code in LANGUAGES})
        return Words(one(value), one(value))

    return check


def whole(allowed: Range) -> Check[int]:
    """A whole number within `allowed`."""

    def check(value: object) -> int:
        # bool is an int in Python, not in TOML.
        if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
            raise Refused(Allowed("whole", {"low": allowed.low, "high": allowed.high}))
        return value

    return check


def wholes(allowed: Range, maximum: int = 10) -> Check[tuple[int, ...]]:
    """A list of 1 to `maximum` whole numbers within `allowed`."""
    one = whole(allowed)

    def check(value: object) -> tuple[int, ...]:
        refused = Refused(Allowed("wholes", {"low": allowed.low, "high": allowed.high, "maximum": maximum}))
        if not isinstance(value, list) or not 1 <= len(value) <= maximum:
            raise refused
        try:
            return tuple(one(item) for item in value)
        except Refused:
            raise refused from None

    return check


def flag(value: object) -> bool:
    """`true` or `false`."""
    if not isinstance(value, bool):
        raise Refused(Allowed("flag"))
    return value


def choice(*choices: str) -> Check[str]:
    """One of `choices`."""

    def check(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Refused(Allowed("choice", {"choices": ", ".join(choices)}))
        return value

    return check


E = TypeVar("E", bound=StrEnum)


def member(kind: type[E]) -> Check[E]:
    """One of the values of the enumeration `kind`."""
    one = choice(*kind)
    return lambda value: kind(one(value))


def time_zone(value: object) -> ZoneInfo:
    """A name of the IANA time zone database."""
    try:
        return ZoneInfo(text(64)(value))
    # Besides the two documented ones, a directory of the database (`Europe`) gives an OSError.
    except (KeyError, ValueError, OSError):
        raise Refused(Allowed("time_zone")) from None


def path(base: Path) -> Check[Path]:
    """A path; a relative one begins at `base`, the directory of the configuration."""

    def check(value: object) -> Path:
        if not isinstance(value, str) or not value.strip() or printable(value) != value:
            raise Refused(Allowed("path"))
        return base / value

    return check


def prom_file(base: Path) -> Check[Path]:
    """A path that the textfile collector of node_exporter takes notice of."""
    one = path(base)

    def check(value: object) -> Path:
        found = one(value)
        if found.suffix != ".prom":
            raise Refused(Allowed("prom_file"))
        return found

    return check


def pin_file(base: Path) -> Check[Path]:
    """The name of a file; digits alone are a PIN that must not stand here."""
    one = path(base)

    def check(value: object) -> Path:
        if not isinstance(value, str) or value.strip().isdigit():
            raise Refused(Allowed("pin_file"))
        return one(value)

    return check


def port(base: Path) -> Check[str]:
    """A serial port: a path or a URL of pyserial."""
    one = path(base)

    def check(value: object) -> str:
        url = _URL.fullmatch(value) if isinstance(value, str) else None
        if url and url[1].lower() in PORT_SCHEMES and printable(url[0]) == url[0]:
            return url[0]
        if url or not isinstance(value, str):
            raise Refused(Allowed("port", {"schemes": ", ".join(PORT_SCHEMES)}))
        return str(one(value))

    return check


def imei(value: object) -> str:
    """15 digits whose last is the check digit (3GPP TS 23.003, annex B); spaces and dashes are left out."""
    digits = _digits(value)
    if len(digits) != 15 or not luhn(digits):
        raise Refused(Allowed("imei"))
    return digits


def iccid(value: object) -> str:
    """19 or 20 digits from 89 on, whose last is the check digit (ITU-T E.118); the filler F that modems print is left out."""
    digits = _digits(value.rstrip("fF") if isinstance(value, str) else value)
    if len(digits) not in {19, 20} or not digits.startswith("89") or not luhn(digits):
        raise Refused(Allowed("iccid"))
    return digits


def luhn(digits: str) -> bool:
    """Whether the last of `digits` is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def e164(value: object) -> str:
    """An international telephone number such as +31612345678; spaces and dashes are left out."""
    number = re.sub(r"[ -]", "", value) if isinstance(value, str) else ""
    if not _E164.fullmatch(number):
        raise Refused(Allowed("e164"))
    return number


def ussd_code(value: object) -> str:
    """What is typed to ask the operator something, such as *101#."""
    if not isinstance(value, str) or not _USSD.fullmatch(value):
        raise Refused(Allowed("ussd_code"))
    return value


def e164s(value: object) -> tuple[str, ...]:
    """A list of 1 to 5 international telephone numbers."""
    if not isinstance(value, list) or not 1 <= len(value) <= 5:
        raise Refused(Allowed("e164s"))
    return tuple(e164(one) for one in value)


def phone(maximum: int) -> Check[str]:
    """A telephone number as people read it, of at most `maximum` characters."""

    def check(value: object) -> str:
        if not isinstance(value, str) or len(value.strip()) > maximum or not _PHONE.fullmatch(value.strip()):
            raise Refused(Allowed("phone", {"maximum": maximum}))
        return value.strip()

    return check


def countries(value: object) -> tuple[str, ...]:
    """A list of country calling codes that exist (ITU-T E.164), without plus or zeros."""
    # Late: the table of all countries is needed only by a site that sets this.
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415  see above

    if not isinstance(value, list) or not value:
        raise Refused(Allowed("countries"))
    for code in value:
        if not isinstance(code, str) or not _COUNTRY.fullmatch(code) or int(code) not in COUNTRY_CODE_TO_REGION_CODE:
            raise Refused(Allowed("countries"))
    return tuple(value)


def opening(value: object) -> tuple[OpeningHours, ...]:
    """A list such as `["mon-fri 08:00-17:00", "sat 09:00-12:30"]`; 24:00 ends a day."""
    if not isinstance(value, list):
        raise Refused(Allowed("opening"))
    return tuple(_opening(item) for item in value)


def several(*choices: str) -> Check[tuple[str, ...]]:
    """A list with one or more of `choices`."""
    allowed = Allowed("several", {"choices": ", ".join(choices)})

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or any(item not in choices for item in value):
            raise Refused(allowed)
        return tuple(value)

    return check


def application_name(value: object) -> str:
    """A name of letters, digits, dots, dashes and underscores, which the launcher is given."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise Refused(Allowed("application_name"))
    return value


def account(value: object) -> str:
    """A Unix account; root is none under which an application may run."""
    if not isinstance(value, str) or not _ACCOUNT.fullmatch(value) or value == "root":
        raise Refused(Allowed("account"))
    return value


def environment(value: object) -> dict[str, str]:
    """A table of environment variables as texts; those that the kiosk gives itself are not the site's to set."""
    refused = Refused(Allowed("environment"))
    if not isinstance(value, dict):
        raise refused
    for name, content in value.items():
        if not _VARIABLE.fullmatch(name) or name in GIVEN_BY_KIOSK or name.startswith(("KIOSK_", "LD_")):
            raise refused
        if not isinstance(content, str) or "\0" in content:
            raise refused
    return dict(value)


def argv(value: object) -> tuple[str, ...]:
    """A program as an absolute path and its arguments, each a text; no shell reads them."""
    refused = Refused(Allowed("argv"))
    if not isinstance(value, list) or not value:
        raise refused
    for item in value:
        if not isinstance(item, str) or "\0" in item:
            raise refused
    if not Path(value[0]).is_absolute():
        raise refused
    return tuple(value)


def _opening(item: object) -> OpeningHours:
    refused = Refused(Allowed("opening"))
    found = _OPENING.fullmatch(item.strip().lower()) if isinstance(item, str) else None
    if not found:
        raise refused
    first, last, *clock = found.groups()
    if first not in DAYS or (last or first) not in DAYS:
        raise refused
    begin, end = DAYS.index(first), DAYS.index(last or first)
    # "sat-mon" goes round the end of the week.
    days = frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    try:
        hours = OpeningHours(days, time(int(clock[0]), int(clock[1])), _end(int(clock[2]), int(clock[3])))
    except ValueError:
        raise refused from None
    if hours.start >= hours.end:
        raise refused
    return hours


def _end(hour: int, minute: int) -> time:
    return time.max if (hour, minute) == (24, 0) else time(hour, minute)


def _digits(value: object) -> str:
    bare = re.sub(r"[ -]", "", value) if isinstance(value, str) else ""
    return bare if bare.isascii() and bare.isdigit() else ""
