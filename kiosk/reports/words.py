"""Figures and cells in words, the same on the page, in the answer of a command and in a CSV."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from kiosk.language import Language
from kiosk.methods.totp import STEP_SECONDS
from kiosk.reports.report import Column, Figure, Report, Value

NOTHING: Final = "-"
# The end of `reports.noted.*`.
NOTED: Final = {Report.RIGHTS: "rights", Report.BACKUPS: "backups"}


def text_of(value: Value, column: Column, words: Language, zone: ZoneInfo) -> str:
    """A value as people read it; a dash for what is not known."""
    if value is None or value == "":
        return NOTHING
    match column.kind, value:
        case ("moment" | "day") as kind, int():
            at = datetime.fromtimestamp(value / 1000, UTC).astimezone(zone)
            return at.strftime("%Y-%m-%d %H:%M" if kind == "moment" else "%Y-%m-%d")
        case "percent", int():
            return percent(value, words)
        case "shift", int():
            return f"{value * STEP_SECONDS:+d} s" if value else "0 s"
        case "word", str():
            return _word(value, column, words)
        case "proof", str():
            head, colon, rest = value.partition(": ")
            return f"{_word(head, column, words)}{colon}{rest}"
        case _:
            return str(value)


def percent(tenths: int, words: Language) -> str:
    """1,2%, or 1.2% in English."""
    return f"{tenths // 10}{words.text('reports.decimal')}{tenths % 10}%"


def count_of(figure: Figure, words: Language) -> str:
    """The number of a report."""
    if figure.count is None:
        return NOTHING
    match figure.report:
        case Report.SMS:
            return percent(figure.count, words)
        case Report.BACKUPS:
            return words.text("reports.days", days=figure.count)
        case _:
            return str(figure.count)


def change_of(figure: Figure, words: Language) -> str:
    """What became of it since last week, in a word and a number; empty where that is not known."""
    if figure.count is None or figure.before is None:
        return ""
    more = figure.count - figure.before
    if not more:
        return words.text("reports.change.same")
    size = percent(abs(more), words) if figure.report is Report.SMS else str(abs(more))
    return words.text("reports.change.more" if more > 0 else "reports.change.less", count=size)


def noted_of(figure: Figure, words: Language, zone: ZoneInfo) -> str:
    """When rights were seen or a restore was tried last; empty for other reports."""
    if figure.report not in NOTED:
        return ""
    if figure.noted is None:
        return words.text(f"reports.noted.never_{NOTED[figure.report]}")
    at = datetime.fromtimestamp(figure.noted / 1000, UTC).astimezone(zone)
    return words.text(f"reports.noted.{NOTED[figure.report]}", day=at.strftime("%Y-%m-%d"))


def _word(value: str, column: Column, words: Language) -> str:
    # What was written before somebody renamed a code is shown as it was written.
    text_id = f"{column.prefix}{value}"
    return words.text(text_id) if words.has(text_id) else value
