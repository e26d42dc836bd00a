"""Each report in one number, with what it was a week earlier; one that fails says so and leaves the others alone."""

import logging
from collections.abc import Callable
from typing import Final

from data.database import Database
from data.errors import DataError
from kiosk.keeping.state import Kept
from kiosk.policy import Policy
from kiosk.reports.failing import failing_people
from kiosk.reports.report import DAY_MS, Figure, Report
from kiosk.reports.rights import holders, last_review, review_due
from kiosk.site import Site

log = logging.getLogger("kiosk.reports")

WEEK_MS: Final = 7 * DAY_MS
# Back-up codes are for an odd day; whoever used so many within a year needs another method.
BACKUP_TIMES: Final = 3
BACKUP_SINCE_MS: Final = 365 * DAY_MS
# BIO2 8.13.04: a restore is tried every year; a back-up is made every night.
REHEARSED_WITHIN_MS: Final = 365 * DAY_MS
BACKUP_WITHIN_DAYS: Final = 2
# Of few SMS a share says nothing.
FAILED_LEAST: Final = 5
FAILED_TENTHS: Final = 50

# What Home counts: cheap among any number of people.
_ON_HOME: Final = (Report.LOCKED, Report.RIGHTS, Report.SMS, Report.BACKUPS)


def figure(site: Site, report: Report) -> Figure:
    """Count now, and keep what was counted for next week; raises DataError."""
    database = site.database
    with database.transaction(write=False):
        found = _COUNTS[report](site, site.clock.now())
    if report in KEPT_PER_DAY and found.count is not None:
        try:
            with database.transaction(write=True):
                database.reports.keep(report.value, found.count, found.at)
        except DataError as error:
            # Next week has one figure less; this one is right all the same.
            log.warning("what a report counted could not be kept: %r", error)
    return found


def rows_about(site: Site, report: Report) -> int:
    """How many rows a report has now, or about; 0 for one that is never long. Raises DataError."""
    if report not in KEPT_PER_DAY:
        return 0
    with site.database.transaction(write=False):
        return _COUNTS[report](site, site.clock.now()).count or 0


def kept_figures(site: Site) -> dict[Report, Figure]:
    """What was counted last of each report, to be shown until it is counted anew; raises DataError."""
    found = {}
    for one in site.database.reports.last_kept():
        if one.report in KEPT_PER_DAY:
            report = Report(one.report)
            found[report] = Figure(report=report, count=one.count, before=None, at=one.at, old=True)
    return found


def attention(site: Site, reports: tuple[Report, ...]) -> int:
    """How many of these reports want something done, as Home says; raises DataError."""
    with site.database.transaction(write=False):
        now = site.clock.now()
        return sum(_COUNTS[report](site, now).needs for report in _ON_HOME if report in reports)


def count_per_day(site: Site) -> None:
    """Count everything that next week is compared with: the work of a night. What fails is logged."""
    for report in KEPT_PER_DAY:
        try:
            figure(site, report)
        except DataError as error:
            log.warning("the report %s was not counted: %r", report.value, error)


def least_failures(policy: Policy) -> int:
    """From so many failures on somebody is locked or nearly."""
    return min(10, policy.second_factor.failures_lock)


def sms_share(database: Database, since: int, until: int) -> tuple[int, int]:
    """How many SMS the networks were given in that time, and how many of them failed."""
    rows = database.reports.transmissions(since, until)
    return len(rows), sum(row["failed"] for row in rows)


def _counted(
    report: Report, count: Callable[[Site, int], int], *, needs: bool = False
) -> Callable[[Site, int], Figure]:
    def counted(site: Site, now: int) -> Figure:
        number = count(site, now)
        before = site.database.reports.a_week_ago(report.value, now)
        return Figure(report=report, count=number, before=before, at=now, needs=needs and number > 0)

    return counted


def _temporary(site: Site, now: int) -> Figure:
    count = site.database.reports.count_temporary
    return Figure(
        report=Report.TEMPORARY,
        count=count(now - WEEK_MS, now + 1),
        before=count(now - 2 * WEEK_MS, now - WEEK_MS),
        at=now,
    )


def _rights(site: Site, now: int) -> Figure:
    rights, review = holders(site), last_review(site)
    return Figure(
        report=Report.RIGHTS,
        count=len(rights),
        before=None,
        at=now,
        needs=review_due(site, rights, now),
        noted=None if review is None else review.at,
    )


def _sms(site: Site, now: int) -> Figure:
    given, failed = sms_share(site.database, now - WEEK_MS, now + 1)
    given_before, failed_before = sms_share(site.database, now - 2 * WEEK_MS, now - WEEK_MS)
    share = tenths(failed, given)
    return Figure(
        report=Report.SMS,
        count=share,
        before=tenths(failed_before, given_before),
        at=now,
        needs=share is not None and failed >= FAILED_LEAST and share >= FAILED_TENTHS,
    )


def tenths(part: int, whole: int) -> int | None:
    """A share in tenths of a percent; None of nothing."""
    return round(part * 1000 / whole) if whole else None


def _backups(site: Site, now: int) -> Figure:
    kept = Kept.read(site.database, site.vault.key_id)
    days = None if kept.backup_at is None else max(0, now - kept.backup_at) // DAY_MS
    rehearsed = kept.rehearsed_at is not None and now - kept.rehearsed_at < REHEARSED_WITHIN_MS
    return Figure(
        report=Report.BACKUPS,
        count=days,
        before=None,
        at=now,
        needs=days is None or days >= BACKUP_WITHIN_DAYS or not rehearsed,
        noted=kept.rehearsed_at,
    )


def _lock_outs(site: Site, now: int) -> Figure:
    def count(since: int, until: int) -> int:
        return sum(row["times"] for row in site.database.reports.lock_outs(since, until))

    before = count(now - 2 * WEEK_MS, now - WEEK_MS)
    return Figure(report=Report.LOCK_OUTS, count=count(now - WEEK_MS, now + 1), before=before, at=now)


_COUNTS: Final[dict[Report, Callable[[Site, int], Figure]]] = {
    Report.LOCKED: _counted(
        Report.LOCKED, lambda site, now: len(failing_people(site, least_failures(site.policy), now)), needs=True
    ),
    Report.ONLY_SMS: _counted(Report.ONLY_SMS, lambda site, now: site.database.reports.count_only_sms(now)),
    Report.NEVER: _counted(Report.NEVER, lambda site, now: site.database.reports.count_never(now)),
    Report.UNCONFIRMED: _counted(Report.UNCONFIRMED, lambda site, now: site.database.reports.count_unconfirmed(now)),
    Report.BACKUP_USED: _counted(
        Report.BACKUP_USED,
        lambda site, now: site.database.reports.count_backup_used(now, now - BACKUP_SINCE_MS, BACKUP_TIMES),
    ),
    Report.TEMPORARY: _temporary,
    Report.RIGHTS: _rights,
    Report.DRIFTING: _counted(Report.DRIFTING, lambda site, now: site.database.reports.count_drifting(now)),
    Report.SMS: _sms,
    Report.BACKUPS: _backups,
    Report.LOCK_OUTS: _lock_outs,
}
# What can be known of last week only by having counted then.
KEPT_PER_DAY: Final = (
    Report.LOCKED,
    Report.ONLY_SMS,
    Report.NEVER,
    Report.UNCONFIRMED,
    Report.BACKUP_USED,
    Report.DRIFTING,
)
