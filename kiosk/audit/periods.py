"""What a reader chooses on the page of the log: a period, a kind of action, a desk; and the question that this is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum, unique
from typing import Final
from zoneinfo import ZoneInfo

from data.audit import sequence_number
from kiosk.audit.asking import Asked


@unique
class Period(StrEnum):
    """Since when, in the order of the digits that choose it."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    LAST_QUARTER = "last_quarter"
    YEAR = "year"
    ALL = "all"
    OWN = "own"
    """From one date to another, as typed."""


@unique
class Kind(StrEnum):
    """What is looked for, in the order of the digits that choose it."""

    ALL = "all"
    SIGN_IN = "sign_in"
    PEOPLE = "people"
    TEMPORARY = "temporary"
    MESSAGES = "messages"
    LOG = "log"
    KIOSK = "kiosk"


ACTIONS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ALL: (),
    Kind.SIGN_IN: ("sign_in", "session", "password", "backup_code", "desk"),
    Kind.PEOPLE: ("users", "account", "factor"),
    Kind.TEMPORARY: ("users.temporary_code_issued", "users.temporary_code_withdrawn", "sign_in.temporary_code"),
    Kind.MESSAGES: ("sms", "modem", "bench"),
    Kind.LOG: ("audit", "reports"),
    Kind.KIOSK: ("backup", "restore", "key", "clock", "time", "storage"),
}
_AGO: Final = {Period.WEEK: "7d", Period.MONTH: "30d"}
_QUARTER: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """What was chosen; `since` and `until` as typed, for a period of one's own; `person` the id of whose log it is alone."""

    period: Period = Period.WEEK
    kind: Kind = Kind.ALL
    desk: str = ""
    since: str = ""
    until: str = ""
    without_own: bool = False
    person: str = ""

    def asked(self, text: str, *, now: int, zone: ZoneInfo) -> Asked:
        """The question with what is typed besides: a reference such as K482, else somebody; `now` in milliseconds UTC."""
        if sequence_number(text) is not None:
            # Whoever reads one out does not say of which day it is.
            return Asked(reference=text)
        since, until = self._bounds(datetime.fromtimestamp(now / 1000, UTC).astimezone(zone).date())
        return Asked(
            person=self.person or text,
            actions=ACTIONS[self.kind],
            since=since,
            until=until,
            desk=self.desk,
            not_own_reading=self.without_own,
        )

    def _bounds(self, today: date) -> tuple[str, str]:
        match self.period:
            case Period.TODAY:
                return today.isoformat(), ""
            case Period.LAST_QUARTER:
                begin = date(today.year, (today.month - 1) // _QUARTER * _QUARTER + 1, 1)
                last = begin - timedelta(days=1)
                return date(last.year, last.month - _QUARTER + 1, 1).isoformat(), last.isoformat()
            case Period.YEAR:
                return date(today.year, 1, 1).isoformat(), ""
            case Period.OWN:
                return self.since, self.until
            case _:
                return _AGO.get(self.period, ""), ""
