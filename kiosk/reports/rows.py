"""The rows behind each number, a page at a time."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final

from data.connection import Row
from data.users import PasswordState
from kiosk.audit.names import Names
from kiosk.keeping.state import Kept
from kiosk.reports.counting import BACKUP_SINCE_MS, BACKUP_TIMES, WEEK_MS, least_failures, tenths
from kiosk.reports.failing import failing_people
from kiosk.reports.report import NetworkWeek, Page, Report, ReportRow, Value
from kiosk.site import Site

# So many fit beside the name of a network.
DAYS_SHOWN: Final = 4


def page(site: Site, report: Report, *, limit: int, offset: int = 0) -> Page:
    """So many rows from `offset` on; raises DataError."""
    with site.database.transaction(write=False):
        rows = _ROWS[report](site, site.clock.now(), limit + 1, offset)
    return Page(rows=tuple(rows[:limit]), more=len(rows) > limit)


def _of(row: Row, *values: Value) -> ReportRow:
    return ReportRow(
        values=(row["display_name"] or row["name"], row["name"], *values),
        person_id=row["person_id"],
        person=row["display_name"] or row["name"],
    )


def _locked(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    policy = site.policy

    def standing(codes: int, passwords: int) -> str:
        if codes >= policy.second_factor.failures_lock:
            return "locked_factor"
        return "locked_password" if passwords >= policy.password.lock_after else "nearly"

    people = failing_people(site, least_failures(policy), now)[offset : offset + limit]
    return [
        ReportRow(
            values=(one.display_name, one.name, one.codes, one.passwords, standing(one.codes, one.passwords)),
            person_id=one.person_id,
            person=one.display_name,
        )
        for one in people
    ]


def _only_sms(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    return [_of(row, row["tail"], row["last_sign_in_at"]) for row in site.database.reports.only_sms(now, limit, offset)]


def _never(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    def why(row: Row) -> str:
        if not row["has_password"]:
            return "no_password"
        if row["password_state"] != PasswordState.ONE_TIME:
            return "begun"
        expires = row["password_expires_at"]
        return "expired" if expires is None or expires <= now else "waiting"

    return [_of(row, why(row), row["password_expires_at"]) for row in site.database.reports.never(now, limit, offset)]


def _unconfirmed(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    return [_of(row, row["tail"], row["created_at"]) for row in site.database.reports.unconfirmed(now, limit, offset)]


def _backup_used(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    rows = site.database.reports.backup_used(now, now - BACKUP_SINCE_MS, BACKUP_TIMES, limit, offset)
    return [_of(row, row["times"], row["last_at"]) for row in rows]


def _temporary(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    names = Names(site.database)

    def state(row: Row) -> str:
        if row["state"] != "issued":
            return str(row["state"])
        return "expired" if row["expires_at"] <= now else "issued"

    return [
        ReportRow(
            values=(
                row["issued_at"],
                names.person(row["issued_by"]) or row["issued_by"],
                row["display_name"] or row["name"],
                row["reason"],
                row["proof"],
                row["ticket"],
                state(row),
            ),
            person_id=row["person_id"],
            person=row["display_name"] or row["name"],
        )
        for row in site.database.reports.temporary(limit, offset)
    ]


def _rights(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    del now
    names, found = Names(site.database), []
    for row in site.database.reports.special()[offset : offset + limit]:
        by, at = site.database.reports.granted(row["person_id"]) or (None, row["created_at"])
        giver = None if by is None else names.person(by) or by
        found.append(_of(row, row["role"], row["last_sign_in_at"], giver, at))
    return found


def _drifting(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    return [
        _of(row, row["drift"], row["seen_offset"], row["seen_offset_at"])
        for row in site.database.reports.drifting(now, limit, offset)
    ]


def _sms(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    """The newest day first; the days of the site's own time."""
    counts = _sms_counts(site, now, now - 2 * WEEK_MS)
    newest_first = sorted(sorted(counts.items()), key=lambda one: one[0][0], reverse=True)
    return [
        ReportRow(values=(day.isoformat(), network, given, failed, tenths(failed, given)))
        for (day, network), (given, failed) in newest_first[offset : offset + limit]
    ]


def network_weeks(site: Site) -> list[NetworkWeek]:
    """The last days of each network that was given an SMS lately, those with the most first; raises DataError."""
    now = site.clock.now()
    today = _day(site, now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS_SHOWN))]
    with site.database.transaction(write=False):
        counts = _sms_counts(site, now, now - WEEK_MS)
    found = []
    for network in {network for _, network in counts}:
        of_days = [counts.get((day, network), (0, 0)) for day in days]
        shown = tuple((day.weekday(), given) for day, (given, _) in zip(days, of_days, strict=True))
        found.append(NetworkWeek(network, shown, sum(failed for _, failed in of_days)))
    return sorted(found, key=lambda one: (-sum(given for _, given in one.days), one.network))


def _sms_counts(site: Site, now: int, since: int) -> dict[tuple[date, str], tuple[int, int]]:
    """How many SMS a network was given on a day, and how many of them failed."""
    counts: dict[tuple[date, str], tuple[int, int]] = {}
    for row in site.database.reports.transmissions(since, now + 1):
        key = _day(site, row["started_at"]), row["network_name"] or row["network"] or "?"
        given, failed = counts.get(key, (0, 0))
        counts[key] = (given + 1, failed + row["failed"])
    return counts


def _day(site: Site, at: int) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(site.zone).date()


def _backups(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    del now
    kept = Kept.read(site.database, site.vault.key_id)
    found = [ReportRow(values=("backup", kept.backup_at)), ReportRow(values=("rehearsal", kept.rehearsed_at))]
    return found[offset : offset + limit]


def _lock_outs(site: Site, now: int, limit: int, offset: int) -> list[ReportRow]:
    names, reports = Names(site.database), site.database.reports
    before = {row["origin"]: row for row in reports.lock_outs(now - 2 * WEEK_MS, now - WEEK_MS)}
    recent = {row["origin"]: row for row in reports.lock_outs(now - WEEK_MS, now + 1)}
    found = []
    for origin in dict.fromkeys((*recent, *before)):
        plain = origin.strip('"')
        last = recent.get(origin) or before[origin]
        times = [0 if origin not in rows else rows[origin]["times"] for rows in (recent, before)]
        found.append(ReportRow(values=(names.desk(plain) or plain, *times, last["last_at"])))
    return found[offset : offset + limit]


_ROWS: Final[dict[Report, Callable[[Site, int, int, int], list[ReportRow]]]] = {
    Report.LOCKED: _locked,
    Report.ONLY_SMS: _only_sms,
    Report.NEVER: _never,
    Report.UNCONFIRMED: _unconfirmed,
    Report.BACKUP_USED: _backup_used,
    Report.TEMPORARY: _temporary,
    Report.RIGHTS: _rights,
    Report.DRIFTING: _drifting,
    Report.SMS: _sms,
    Report.BACKUPS: _backups,
    Report.LOCK_OUTS: _lock_outs,
}
