"""The reports: which there are, who may read them, and what a figure and a row of each hold."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, Literal

from data.users import Role

DAY_MS: Final = 24 * 60 * 60 * 1000


@unique
class Report(StrEnum):
    """In the order of the page: the digits 1 to 9 and 0, and one that the cursor opens. The values are the end of `reports.name.*`."""

    LOCKED = "locked"
    ONLY_SMS = "only_sms"
    NEVER = "never_signed_in"
    UNCONFIRMED = "unconfirmed"
    BACKUP_USED = "backup_used"
    TEMPORARY = "temporary_codes"
    RIGHTS = "special_rights"
    DRIFTING = "drifting"
    SMS = "sms"
    BACKUPS = "backups"
    LOCK_OUTS = "lock_outs"


# Auditors see how rights, codes and back-ups are handled (BIO2 8.02.01, 8.13.04); whom to help is the administrator's work.
_FOR_AUDITORS: Final = (Report.TEMPORARY, Report.RIGHTS, Report.SMS, Report.BACKUPS, Report.LOCK_OUTS)


def readable(role: Role) -> tuple[Report, ...]:
    """The reports that somebody with this role may read."""
    match role:
        case Role.ADMINISTRATOR:
            return tuple(Report)
        case Role.AUDITOR:
            return _FOR_AUDITORS
        case _:
            return ()


def digit_of(report: Report) -> str:
    """The key that opens it; empty for what comes after the tenth."""
    place = list(Report).index(report)
    return "1234567890"[place : place + 1]


Kind = Literal["text", "moment", "day", "word", "proof", "number", "percent", "shift"]
Value = str | int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` is the end of `reports.column.*`, `width` in cells (0: what the others leave).

    A "word" is the end of an id that begins with `prefix`; "proof" is one with more words after a colon. A "shift" is a
    number of steps of 30 seconds, a "percent" a number of tenths.
    """

    name: str
    kind: Kind
    width: int
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One row; `person_id` and `person` are whose card it opens, None for a row about nobody."""

    values: tuple[Value, ...]
    person_id: str | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class NetworkWeek:
    """What one network was given: per day of the week (0: Monday), today last, how many; `failed` of all of them."""

    network: str
    days: tuple[tuple[int, int], ...]
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of a report; `more` says that there are others after them."""

    rows: tuple[ReportRow, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One report in one number; times in milliseconds of kiosk time.

    Attributes:
        report: Which.
        count: How many; tenths of a percent for SMS, whole days for back-ups. None: there is nothing to count.
        before: The same a week earlier, None when that is not known.
        at: When it was counted.
        needs: Whether somebody should do something about it.
        noted: When rights were signed off, or a restore was rehearsed, last.
        old: It was counted earlier and a new one is not there yet.
    """

    report: Report
    count: int | None
    before: int | None
    at: int
    needs: bool = False
    noted: int | None = None
    old: bool = False


_PERSON: Final = (Column("person", "text", 0), Column("user", "text", 16))

COLUMNS: Final[dict[Report, tuple[Column, ...]]] = {
    Report.LOCKED: (
        *_PERSON,
        Column("code_failures", "number", 9),
        Column("password_failures", "number", 11),
        Column("state", "word", 22, "reports.standing."),
    ),
    Report.ONLY_SMS: (*_PERSON, Column("tail", "text", 9), Column("last_in", "moment", 16)),
    Report.NEVER: (*_PERSON, Column("why", "word", 24, "reports.never."), Column("expires", "moment", 16)),
    Report.UNCONFIRMED: (*_PERSON, Column("tail", "text", 9), Column("since", "moment", 16)),
    Report.BACKUP_USED: (*_PERSON, Column("times", "number", 6), Column("last", "moment", 16)),
    Report.TEMPORARY: (
        Column("when", "moment", 16),
        Column("by", "text", 14),
        Column("person", "text", 0),
        Column("reason", "word", 17, "people.temporary.reason."),
        Column("proof", "proof", 17, "people.identified."),
        Column("ticket", "text", 12),
        Column("state", "word", 11, "reports.code."),
    ),
    Report.RIGHTS: (
        *_PERSON,
        Column("role", "word", 22, "home.role."),
        Column("last_in", "day", 10),
        Column("granted_by", "text", 14),
        Column("granted", "day", 10),
    ),
    Report.DRIFTING: (
        *_PERSON,
        Column("drift", "shift", 11),
        Column("offset", "shift", 11),
        Column("seen", "moment", 16),
    ),
    Report.SMS: (
        Column("day", "text", 12),
        Column("network", "text", 0),
        Column("sent", "number", 9),
        Column("failed", "number", 9),
        Column("rate", "percent", 9),
    ),
    Report.BACKUPS: (Column("what", "word", 0, "reports.keeping."), Column("last", "moment", 18)),
    Report.LOCK_OUTS: (
        Column("desk", "text", 0),
        Column("times", "number", 10),
        Column("before", "number", 12),
        Column("last", "moment", 16),
    ),
}
