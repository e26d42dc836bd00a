"""What is chosen on the page becomes a question: quarters and years in the zone of the site, references without a period."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.audit.asking import Asked
from kiosk.audit.periods import Kind, LogFilter, Period

ZONE = ZoneInfo("Europe/Amsterdam")


def asked(chosen: LogFilter, day: str, text: str = "") -> Asked:
    return chosen.asked(text, now=int(datetime.fromisoformat(day).replace(tzinfo=ZONE).timestamp() * 1000), zone=ZONE)


@pytest.mark.parametrize(
    ("day", "since", "until"),
    [
        ("2026-11-29 12:00", "2026-07-01", "2026-09-30"),
        ("2026-01-01 00:30", "2025-10-01", "2025-12-31"),
        ("2026-04-01 00:30", "2026-01-01", "2026-03-31"),
        ("2026-06-30 23:30", "2026-01-01", "2026-03-31"),
    ],
)
def test_the_last_quarter_is_the_one_that_is_over(day: str, since: str, until: str) -> None:
    question = asked(LogFilter(period=Period.LAST_QUARTER), day)
    assert (question.since, question.until) == (since, until)


def test_every_period_is_a_question() -> None:
    day = "2026-11-29 00:30"
    own = LogFilter(period=Period.OWN, since="2026-11-01", until="3d")
    bounds = [
        (one.since, one.until)
        for one in (
            *(asked(LogFilter(period=period), day) for period in Period if period is not Period.OWN),
            asked(own, day),
        )
    ]
    assert bounds == [
        ("2026-11-29", ""),
        ("7d", ""),
        ("30d", ""),
        ("2026-07-01", "2026-09-30"),
        ("2026-01-01", ""),
        ("", ""),
        ("2026-11-01", "3d"),
    ]


def test_a_reference_is_looked_for_in_all_times_and_of_all_kinds() -> None:
    chosen = LogFilter(period=Period.TODAY, kind=Kind.LOG, desk="balie 1")
    assert asked(chosen, "2026-11-29", "k482") == Asked(reference="k482")


def test_anything_else_is_somebody() -> None:
    question = asked(LogFilter(kind=Kind.MESSAGES, desk="balie 1", without_own=True), "2026-11-29", "vries")
    assert question == Asked(
        person="vries", since="7d", actions=("sms", "modem", "bench"), desk="balie 1", not_own_reading=True
    )
