"""Checking the log for somebody: the value of its last row for paper, and the value that was written down last time."""

import re
from collections.abc import Callable
from typing import Final

from data.audit_check import Verification, never, silent
from data.database import Database
from kiosk.audit.errors import WrongValue
from kiosk.audit.trail import AuditTrail

# 128 bits: nobody makes another log whose row has the same.
GROUPS: Final = 8
_GROUP: Final = 4
_FEWEST_GROUPS: Final = 4
_HEX: Final = re.compile(r"[0-9a-f]*")


def in_groups(value: bytes, groups: int = GROUPS) -> str:
    """The beginning of a value for paper: `7F3A 91C2 …`."""
    digits = value.hex().upper()[: groups * _GROUP]
    return " ".join(digits[place : place + _GROUP] for place in range(0, len(digits), _GROUP))


def value_of(text: str) -> bytes:
    """What was written down, however it is grouped; at least four groups. Raises WrongValue."""
    digits = re.sub(r"[\s.:\u2010-\u2015\u2026-]", "", text).lower()
    whole = len(digits) % _GROUP == 0 and _FEWEST_GROUPS * _GROUP <= len(digits) <= 64
    if not whole or not _HEX.fullmatch(digits):
        raise WrongValue(text)
    return bytes.fromhex(digits)


def verify_log(
    database: Database,
    trail: AuditTrail,
    *,
    actor: str,
    expected: bytes | None = None,
    progress: Callable[[int, int], None] = silent,
    cancelled: Callable[[], bool] = never,
) -> Verification:
    """Check the whole log and write down that and how it was found; raises DataError, OSError.

    `progress(rows done, rows there are about)` and `cancelled()` are called every 2 000 rows; one of them is the way to
    stop a check that runs in a thread of its own, with a connection of its own.
    """
    found = database.audit.verify(progress, cancelled, expected=expected)
    with database.transaction(write=True):
        trail.record(
            "audit.verified", result_of(found), actor=actor, parameters={"rows": found.rows, "headless": found.headless}
        )
    return found


def result_of(found: Verification) -> str:
    """How a check ended, as a code."""
    if found.cancelled:
        return "cancelled"
    return "ok" if found.kind is None else found.kind.value
