"""What a check found: a sign, the words by their ids, and a mending that is safe."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path

from kiosk.sign_in.outcomes import NO_VALUES
from kiosk.technician.diagnosis import Finding


@unique
class Sign(StrEnum):
    """How bad it is; the values are the last part of `doctor.sign.*`."""

    GOOD = "good"
    ATTENTION = "attention"
    FAULT = "fault"
    UNKNOWN = "unknown"
    """It could not be looked at."""


# Exit codes of `status` and `doctor` (DESIGN §8), the worst first; what is known to be bad goes before what is not known.
EXIT_CODES: Mapping[Sign, int] = {Sign.FAULT: 2, Sign.ATTENTION: 1, Sign.UNKNOWN: 3, Sign.GOOD: 0}


@dataclass(frozen=True, slots=True)
class Fix:
    """Take from `path` what others than its owner may: its permission bits become `mode`."""

    path: Path
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`doctor.what.CHECK.VARIANT` says what is, `doctor.do.CHECK.VARIANT` what to do about it, with `values`.

    Attributes:
        error: Says both by itself, as the commands tell it.
        finding: As `error`, for a modem.
    """

    check: str
    variant: str
    sign: Sign
    values: Mapping[str, str | int] = field(default_factory=lambda: NO_VALUES)
    fix: Fix | None = None
    error: Exception | None = None
    finding: Finding | None = None


def good(check: str, variant: str = "good", **values: str | int) -> Found:
    """As it should be."""
    return Found(check=check, variant=variant, sign=Sign.GOOD, values=values)


def attention(check: str, variant: str, *, fix: Fix | None = None, **values: str | int) -> Found:
    """It works, and had better be mended."""
    return Found(check=check, variant=variant, sign=Sign.ATTENTION, values=values, fix=fix)


def fault(check: str, variant: str, *, fix: Fix | None = None, **values: str | int) -> Found:
    """It does not work, or lets somebody in who must stay out."""
    return Found(check=check, variant=variant, sign=Sign.FAULT, values=values, fix=fix)


def unknown(check: str, variant: str, **values: str | int) -> Found:
    """Nobody can tell."""
    return Found(check=check, variant=variant, sign=Sign.UNKNOWN, values=values)


def worst(found: list[Found]) -> Sign:
    """The sign of the whole machine."""
    signs = {one.sign for one in found}
    return next((sign for sign in EXIT_CODES if sign in signs), Sign.GOOD)
