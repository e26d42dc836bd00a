"""What the network says of the time: lines that come by themselves (NITZ), and the service centre's time in a report.

Pure functions; an offset is how far the other clock is ahead of ours, in seconds.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from hardware.modem.reports import StatusReport

# A modem that the network never told counts from 1970, 1980, 2000 or 2004.
_FIRST_YEAR = 2024
# Clocks this near to each other are the same: a modem's answer takes its time.
_SAME_SECONDS = 120
_QUARTER_SECONDS = 15 * 60
_MOST_QUARTERS = 56  # UTC+14

_DATE = r"(\d{2}|\d{4})/(\d\d?)/(\d\d?),(\d\d?):(\d\d?):(\d\d?)"
# SIM800 and its kin: UTC, then the zone: *PSUTTZ: 2026,11,27,12,0,0,"+4",0
_UTC_IN_FIELDS = re.compile(r"\*PSUTTZ: *(\d{4}),(\d\d?),(\d\d?),(\d\d?),(\d\d?),(\d\d?)(?:,.*)?", re.ASCII)
# Local time behind its zone (27.007 8.41): +CTZE: "+04",0,"2026/11/27,13:00:00"
_ZONE_FIRST = re.compile(rf'\+CTZE: *"?([+-]?\d{{1,2}})"?,\d,"?{_DATE}"?', re.ASCII)
# Local time before its zone: ^NWTIME: 26/11/27,13:00:00+04,00 and +NITZ: 26/11/27,13:00:00+04
_ZONE_LAST = re.compile(rf'(?:\^NWTIME|\+NITZ|\^NITZ|\+CTZV|#NITZ): *"?{_DATE}([+-]\d{{1,2}})"?(?:,.*)?', re.ASCII)


def plausible(moment: datetime | None) -> datetime | None:
    """The moment unless it is one with which modems begin."""
    return moment if moment is not None and moment.year >= _FIRST_YEAR else None


def offset_seconds(theirs: datetime, ours: datetime) -> float:
    """How far `theirs` is ahead of `ours`; both with their zones."""
    return (theirs - ours).total_seconds()


def network_time(line: str) -> datetime | None:
    """The time in a line with which a modem passes on what the network told it; None for every other line."""
    if found := _UTC_IN_FIELDS.fullmatch(line):
        return _moment(found.groups(), UTC)
    if found := _ZONE_FIRST.fullmatch(line):
        return _moment(found.groups()[1:], _zone(found[1]))
    if found := _ZONE_LAST.fullmatch(line):
        return _moment(found.groups()[:6], _zone(found[7]))
    return None


def modem_clock_offset_seconds(theirs: datetime, ours: datetime) -> float | None:
    """How far a modem's clock (+CCLK) is ahead of ours; None when that cannot be told.

    The standard wants local time before the zone (27.007 8.15). Several modems give UTC there; then the clock seems to be off
    by just its zone, and so does ours when it was set to local time. Neither is evidence.
    """
    offset = offset_seconds(theirs, ours)
    zone = theirs.utcoffset() or timedelta()
    if abs(offset) > _SAME_SECONDS and abs(offset + zone.total_seconds()) <= _SAME_SECONDS:
        return None
    return offset


def report_offset_seconds(report: StatusReport, committed_at: datetime, answered_at: datetime) -> float | None:
    """What a report says of our clock: the service centre took the SMS between `committed_at` and `answered_at` of ours.

    Zero inside that span, else how far its time lies outside; None when it makes no sense (23.040 9.2.3.11).
    """
    theirs = plausible(report.service_centre_time)
    if theirs is None:
        return None
    if theirs > answered_at:
        return offset_seconds(theirs, answered_at)
    # The fraction of a second that its time leaves out is no difference.
    return min(0.0, offset_seconds(theirs + timedelta(seconds=1), committed_at))


def _zone(quarters: str) -> timezone | None:
    count = int(quarters)
    return timezone(timedelta(seconds=count * _QUARTER_SECONDS)) if abs(count) <= _MOST_QUARTERS else None


def _moment(parts: tuple[str | None, ...], zone: timezone | None) -> datetime | None:
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    if zone is None:
        return None
    try:
        moment = datetime(year + 2000 if year < 100 else year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return plausible(moment)
