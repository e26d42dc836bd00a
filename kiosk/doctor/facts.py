"""What the checks look at: the machine, the configuration, and what the database of the site knows."""

from dataclasses import dataclass, field
from typing import Final

from data.audit_chain import CHECKPOINT
from data.audit_check import HeadState
from data.database import Database
from data.errors import AuditHeadUnreadable, DatabaseUnavailable
from kiosk.clock import EVIDENCE_KEY, Clock, ClockComparison, ClockHealth, compare, kept_evidence
from kiosk.config import Config
from kiosk.doctor.machine import Machine
from kiosk.keeping.nightly import EXPECTED_SINCE
from kiosk.keeping.state import Kept, time_in_meta
from kiosk.methods.phone_clocks import PhoneClocks, phone_clocks
from kiosk.policy import SmsPolicy
from kiosk.technician.overview import Overview, look

# When one is away another can help (DESIGN §6).
ENOUGH_ADMINISTRATORS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the database knows at kiosk time `now`; times in milliseconds UTC, None for never.

    Attributes:
        damage: What SQLite's quick check found; empty when it is sound, None when it did not look.
        head: How the audit log fits the file beside the key; None when that file cannot be read.
        checked_at: When the log was last found whole.
        overview: The modems as whoever drives them last wrote them down.
        only_sms: Names of administrators, technicians and auditors with no other factor than SMS.
        administrators: How many can sign in without SMS.
        suspended: Names of people whose role a restore, or an older copy of the database, suspended.
        break_glass: Whether a code lies in the sealed envelope, for one of them who is alone.
        expected_since: Since when back-ups are expected.
    """

    now: int
    damage: str | None
    head: HeadState | None
    checked_at: int | None
    overview: Overview
    health: ClockHealth
    times: ClockComparison
    phones: PhoneClocks
    kept: Kept
    only_sms: tuple[str, ...]
    administrators: int
    suspended: tuple[str, ...]
    break_glass: bool
    expected_since: int | None

    @property
    def thorough(self) -> bool:
        """Whether what takes long was looked at too."""
        return self.damage is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Without `config` or `known` the `troubles` say why; checks that need them are left out then."""

    machine: Machine
    config: Config | None = None
    known: Known | None = None
    troubles: tuple[tuple[str, Exception], ...] = field(default=())
    """Name of the check and what it met."""


def read(database: Database, clock: Clock, policy: SmsPolicy, *, key_id: str, thoroughly: bool = True) -> Known:
    """Read it; raises DataError.

    What takes long with many people, the check of the file and who has which factor, is left out unless `thoroughly`.
    """
    now = clock.now()
    damage = _damage(database) if thoroughly else None
    try:
        head: HeadState | None = database.audit.head_state()
    except (OSError, AuditHeadUnreadable):
        head = None
    checked = database.audit_search.last(CHECKPOINT)
    return Known(
        now=now,
        damage=damage,
        head=head,
        checked_at=None if checked is None else checked.at,
        overview=look(database, clock, policy),
        health=clock.health(),
        times=compare(kept_evidence(database.meta.get(EVIDENCE_KEY)), clock.moment()),
        phones=phone_clocks(database, now),
        kept=Kept.read(database, key_id),
        only_sms=tuple(user.name for user in database.users.leaning_on_sms()) if thoroughly else (),
        administrators=len(database.users.able_administrators()) if thoroughly else ENOUGH_ADMINISTRATORS,
        suspended=tuple(user.name for user in database.users.with_suspended_role()),
        break_glass=database.break_glass.live() is not None,
        expected_since=time_in_meta(database, EXPECTED_SINCE),
    )


def _damage(database: Database) -> str:
    try:
        database.check_whole()
    except DatabaseUnavailable as error:
        return error.detail or error.reason
    return ""
