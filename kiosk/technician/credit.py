"""What an operator's answer by USSD says of the credit of a prepaid SIM: pure functions, and careful ones."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

# Warned so many days ahead.
WARN_DAYS: Final = 30
# Less than this buys few SMS, in cents.
LOW_CENTS: Final = 200

_AMOUNT: Final = r"(-?[0-9]{1,5})(?:[.,]([0-9]{2})|,-)?(?![0-9.,]*[0-9])"
# The currency stands before or after the amount; a number without one may be anything.
_BEFORE: Final = re.compile(rf"(?:€|\bEUR\b|\beuro\b)\s*:?\s*{_AMOUNT}", re.IGNORECASE)
_AFTER: Final = re.compile(rf"(?<![0-9.,]){_AMOUNT}\s*(?:€|EUR\b|euro\b)", re.IGNORECASE)
_DAY_FIRST: Final = re.compile(r"(?<![0-9])([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?![0-9])")
_YEAR_FIRST: Final = re.compile(r"(?<![0-9])([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?![0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditRead:
    """What could be read: `cents`, and the day on which it expires; None when the text does not say, or says two things."""

    cents: int | None
    expires_on: date | None

    def is_low(self, today: date) -> bool:
        """Whether a technician should know."""
        low = self.cents is not None and self.cents < LOW_CENTS
        return low or (self.expires_on is not None and (self.expires_on - today).days <= WARN_DAYS)


def read_credit(text: str) -> CreditRead:
    """Read an answer; of several amounts or days none is chosen, because the wrong one would be believed."""
    amounts = {_cents(*found.groups()) for pattern in (_BEFORE, _AFTER) for found in pattern.finditer(text)}
    days = {day for day in _days(text) if day is not None}
    return CreditRead(
        cents=amounts.pop() if len(amounts) == 1 else None, expires_on=days.pop() if len(days) == 1 else None
    )


def _cents(whole: str, hundredths: str | None) -> int:
    cents = abs(int(whole)) * 100 + int(hundredths or 0)
    return -cents if whole.startswith("-") else cents


def _days(text: str) -> list[date | None]:
    found = [(year, month, day) for day, month, year in _DAY_FIRST.findall(text)]
    return [_day(*map(int, parts)) for parts in [*found, *_YEAR_FIRST.findall(text)]]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
