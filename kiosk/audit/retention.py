"""How long the log keeps what its rows say: per kind of action, in months; the rows themselves stay."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum, unique
from typing import Final

from data.audit_chain import NEVER_PRUNED
from data.database import Database
from kiosk.audit.trail import NOBODY
from kiosk.clock import Clock
from kiosk.policy import AuditPolicy

ORIGIN: Final = "retention"
# So many rows are wiped in one transaction: some ten milliseconds, in which nobody can sign in.
BATCH: Final = 1_000
PAUSE_SECONDS: Final = 0.05


@unique
class Kind(StrEnum):
    """What a row is about, as far as its retention goes."""

    SIGN_IN = "sign_in"
    MESSAGE = "message"
    READING = "reading"
    OTHER = "other"


# The first part of an action; what is not named here, such as what administrators do, is OTHER.
_KINDS: Final[Mapping[str, Kind]] = {
    "sign_in": Kind.SIGN_IN,
    "session": Kind.SIGN_IN,
    "password": Kind.SIGN_IN,
    "backup_code": Kind.SIGN_IN,
    "desk": Kind.SIGN_IN,
    "sms": Kind.MESSAGE,
    "modem": Kind.MESSAGE,
    "bench": Kind.MESSAGE,
    "audit": Kind.READING,
}


def kind_of(action: str) -> Kind:
    """The kind of an action."""
    return _KINDS.get(action.partition(".")[0], Kind.OTHER)


def months_of(policy: AuditPolicy, kind: Kind) -> int:
    """How many months rows of this kind are kept."""
    return {
        Kind.SIGN_IN: policy.sign_in_months,
        Kind.MESSAGE: policy.message_months,
        Kind.READING: policy.reading_months,
        Kind.OTHER: policy.other_months,
    }[kind]


def months_before(now: int, months: int) -> int:
    """The same day so many months earlier, at most the 28th: never less than the time that was promised."""
    today = datetime.fromtimestamp(now / 1000, UTC)
    place = today.year * 12 + today.month - 1 - months
    earlier = today.replace(year=place // 12, month=place % 12 + 1, day=min(today.day, 28))
    return int(earlier.timestamp() * 1000)


def prune(database: Database, policy: AuditPolicy, clock: Clock, *, now: int, stopping: threading.Event) -> int:
    """Wipe what is older at `now` than its kind is kept, a piece at a time; how many rows. Raises DataError."""
    wiped = 0
    for action, oldest in database.audit_search.oldest_by_action().items():
        before = months_before(now, months_of(policy, kind_of(action)))
        if action not in NEVER_PRUNED and oldest < before:
            wiped += _prune_action(database, clock, action, before, stopping)
    return wiped


def _prune_action(database: Database, clock: Clock, action: str, before: int, stopping: threading.Event) -> int:
    wiped = 0
    while not stopping.is_set():
        with database.transaction(write=True):
            count = database.audit.prune(
                action, before, limit=BATCH, at=clock.now(), at_wall=clock.wall(), actor=NOBODY, origin=ORIGIN
            )
        wiped += count
        if count < BATCH:
            break
        stopping.wait(PAUSE_SECONDS)
    return wiped
