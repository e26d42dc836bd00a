"""What the reports count and list; each statement says the condition of its index in `m0017_reports` word for word.

People who are deleted or switched off are in no list of what somebody should do something about.
"""

from dataclasses import dataclass
from typing import Final

from data.audit_chain import ACTION, ACTOR, OBJECT, ORIGIN
from data.canonical import canonical
from data.connection import Row
from data.repository import Reader, Repository

DAY_MS: Final = 24 * 60 * 60 * 1000
# How long counts per day are kept.
KEPT_DAYS: Final = 60
# A round that came a day late still tells what it was a week ago.
_A_WEEK: Final = (7, 9)

_PRESENT: Final = """users.deleted_at IS NULL AND users.state <> 'disabled'
    AND (users.disabled_from IS NULL OR users.disabled_from > :now)"""
_WHO: Final = "users.id AS person_id, users.name, users.display_name"

_FAILING: Final = (
    f"""FROM users WHERE second_factor_failures >= 5 AND second_factor_failures >= :least AND {_PRESENT}"""
)
# The grouped index has one entry per proved method; whoever has another one than SMS falls out before anybody is looked up.
_ONLY_SMS: Final = f"""FROM (SELECT user_id FROM factors WHERE state = 'active' GROUP BY user_id
    HAVING min(kind) = 'sms' AND max(kind) = 'sms') AS alone JOIN users ON users.id = alone.user_id WHERE {_PRESENT}"""  # noqa: S608  our own words
_NEVER: Final = f"""FROM users WHERE (last_sign_in_at IS NULL OR password_state = 'one_time')
    AND (last_sign_in_at IS NULL OR password_expires_at <= :now) AND {_PRESENT}"""
_UNCONFIRMED: Final = f"""FROM factors JOIN users ON users.id = factors.user_id
    WHERE factors.kind = 'sms' AND factors.state = 'offered' AND {_PRESENT}"""
_BACKUP: Final = f"""FROM (SELECT user_id, count(*) AS times, max(used_at) AS last_at FROM backup_codes
    WHERE state = 'used' AND used_at >= :since GROUP BY user_id HAVING count(*) >= :times) AS often
    JOIN users ON users.id = often.user_id WHERE {_PRESENT}"""  # noqa: S608  as above
_DRIFTING: Final = f"""FROM factors JOIN users ON users.id = factors.user_id WHERE factors.kind = 'totp'
    AND factors.state = 'active' AND (factors.drift <> 0 OR factors.seen_offset <> 0) AND {_PRESENT}"""
_SPECIAL: Final = "FROM users WHERE role <> 'staff' AND deleted_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCount:
    """What a report counted on a day; `at` kiosk time in milliseconds."""

    report: str
    count: int
    at: int


_KEPT: Final = Reader(KeptCount)


class Reports(Repository):
    """Counts and lists; `now` and `since` are kiosk time in milliseconds."""

    # What was counted before

    def keep(self, report: str, count: int, now: int) -> None:
        """Keep what was counted today, the last count of the day; forget what is older than it is kept."""
        self._change(
            """INSERT INTO report_counts (report, day, count, at) VALUES (:report, :day, :count, :now)
            ON CONFLICT (report, day) DO UPDATE SET count = :count, at = :now""",
            report=report,
            day=now // DAY_MS,
            count=count,
            now=now,
        )
        self._change(
            "DELETE FROM report_counts WHERE report = :report AND day < :before",
            report=report,
            before=now // DAY_MS - KEPT_DAYS,
        )

    def last_kept(self) -> list[KeptCount]:
        """The newest count of each report."""
        rows = self._rows(
            """SELECT report, count, at FROM report_counts AS one WHERE day =
                (SELECT max(day) FROM report_counts WHERE report = one.report)"""
        )
        return [_KEPT(row) for row in rows]

    def a_week_ago(self, report: str, now: int) -> int | None:
        """What was counted a week ago; None when nobody counted then."""
        newest, oldest = (now // DAY_MS - days for days in _A_WEEK)
        row = self._first(
            """SELECT count FROM report_counts WHERE report = :report AND day BETWEEN :oldest AND :newest
            ORDER BY day DESC LIMIT 1""",
            report=report,
            oldest=oldest,
            newest=newest,
        )
        return None if row is None else int(row["count"])

    # Locked or nearly

    def failing(self, least: int, now: int) -> list[Row]:
        """Whose second factor failed so often in a row."""
        return self._rows(f"SELECT {_WHO}, second_factor_failures {_FAILING}", least=least, now=now)

    def password_failures(self) -> dict[str, int]:
        """Keyed hashes of names with 10 or more wrong passwords in a row; also of names that nobody has."""
        rows = self._rows("SELECT key, count FROM throttles WHERE scope = 'password' AND count >= 10")
        return {row["key"]: row["count"] for row in rows}

    def present_names(self, now: int) -> list[Row]:
        """Everybody, to find out whose name was hashed."""
        return self._rows(f"SELECT {_WHO}, users.name_key FROM users WHERE {_PRESENT}", now=now)  # noqa: S608  as above

    # Lists with one statement each: how many, and a page of them

    def count_only_sms(self, now: int) -> int:
        """People whose proved methods are all SMS."""
        return self._number(f"SELECT count(*) {_ONLY_SMS}", now=now)

    def only_sms(self, now: int, limit: int, offset: int) -> list[Row]:
        """By name."""
        return self._rows(
            f"""SELECT {_WHO}, users.last_sign_in_at, (SELECT number_tail FROM factors WHERE factors.user_id = users.id
                AND state = 'active' LIMIT 1) AS tail {_ONLY_SMS} ORDER BY users.name_key LIMIT :limit OFFSET :offset""",  # noqa: S608  as above
            now=now,
            limit=limit,
            offset=offset,
        )

    def count_never(self, now: int) -> int:
        """Who never signed in, and whose one-time password is over."""
        return self._number(f"SELECT count(*) {_NEVER}", now=now)

    def never(self, now: int, limit: int, offset: int) -> list[Row]:
        """By name."""
        return self._rows(
            f"""SELECT {_WHO}, users.created_at, users.last_sign_in_at, users.password_expires_at,
                users.password_hash IS NOT NULL AS has_password, users.password_state
            {_NEVER} ORDER BY users.name_key LIMIT :limit OFFSET :offset""",
            now=now,
            limit=limit,
            offset=offset,
        )

    def count_unconfirmed(self, now: int) -> int:
        """Phone numbers that nobody proved."""
        return self._number(f"SELECT count(*) {_UNCONFIRMED}", now=now)

    def unconfirmed(self, now: int, limit: int, offset: int) -> list[Row]:
        """By name."""
        return self._rows(
            f"""SELECT {_WHO}, factors.number_tail AS tail, factors.created_at {_UNCONFIRMED}
            ORDER BY users.name_key LIMIT :limit OFFSET :offset""",
            now=now,
            limit=limit,
            offset=offset,
        )

    def count_backup_used(self, now: int, since: int, times: int) -> int:
        """Who used back-up codes so often since then."""
        return self._number(f"SELECT count(*) {_BACKUP}", now=now, since=since, times=times)

    def backup_used(self, now: int, since: int, times: int, limit: int, offset: int) -> list[Row]:
        """The latest first."""
        return self._rows(
            f"""SELECT {_WHO}, often.times, often.last_at {_BACKUP}
            ORDER BY often.last_at DESC, users.name_key LIMIT :limit OFFSET :offset""",
            now=now,
            since=since,
            times=times,
            limit=limit,
            offset=offset,
        )

    def count_drifting(self, now: int) -> int:
        """Apps on phones whose clock is off."""
        return self._number(f"SELECT count(*) {_DRIFTING}", now=now)

    def drifting(self, now: int, limit: int, offset: int) -> list[Row]:
        """By name."""
        return self._rows(
            f"""SELECT {_WHO}, factors.drift, factors.seen_offset, factors.seen_offset_at {_DRIFTING}
            ORDER BY users.name_key LIMIT :limit OFFSET :offset""",
            now=now,
            limit=limit,
            offset=offset,
        )

    # Temporary codes

    def count_temporary(self, since: int, until: int) -> int:
        """Codes handed out in that time."""
        return self._number(
            "SELECT count(*) FROM temporary_codes WHERE issued_at >= :since AND issued_at < :until",
            since=since,
            until=until,
        )

    def temporary(self, limit: int, offset: int) -> list[Row]:
        """All that are kept, the newest first."""
        return self._rows(
            f"""SELECT {_WHO}, codes.issued_at, codes.issued_by, codes.reason, codes.proof, codes.ticket, codes.state,
                codes.expires_at FROM temporary_codes AS codes JOIN users ON users.id = codes.user_id
            ORDER BY codes.issued_at DESC, codes.rowid DESC LIMIT :limit OFFSET :offset""",  # noqa: S608  as above
            limit=limit,
            offset=offset,
        )

    # Special rights

    def special(self) -> list[Row]:
        """Everybody with a role other than staff, also who is switched off; by name."""
        return self._rows(
            f"""SELECT {_WHO}, users.role, users.last_sign_in_at, users.created_at, users.state, users.disabled_from
            {_SPECIAL} ORDER BY users.name_key"""
        )

    def granted(self, user_id: str) -> tuple[str | None, int] | None:
        """Who gave somebody the role they have and when, as the log has it; None when it has no such row any more.

        Whoever came with a list was given it by who imported that.
        """
        row = self._first(
            f"""SELECT {ACTOR} AS actor, at FROM audit
            WHERE {OBJECT} IN (:about, (SELECT '"' || import_id || '"' FROM users WHERE id = :user_id))
            AND {ACTION} IN ('"users.role_changed"', '"users.added"', '"users.imported"')
            AND instr(body, '"result":"ok"') > 0 ORDER BY seq DESC LIMIT 1""",  # noqa: S608  as above
            about=canonical(user_id),
            user_id=user_id,
        )
        return None if row is None else (row["actor"].strip('"'), row["at"])

    # SMS and desks

    def transmissions(self, since: int, until: int) -> list[Row]:
        """Moment, network and outcome of every SMS that went as far as the network in that time."""
        return self._rows(
            """SELECT started_at, network_name, network, state = 'failed' OR report = 'undelivered' AS failed
            FROM transmissions WHERE started_at >= :since AND started_at < :until AND state <> 'not_sent'""",
            since=since,
            until=until,
        )

    def lock_outs(self, since: int, until: int) -> list[Row]:
        """Per desk how often a second factor was locked in that time, and when last; the most first.

        Only the failure that locked it is written with the number of failures; who comes back locked is not counted again.
        """
        return self._rows(
            f"""SELECT {ORIGIN} AS origin, count(*) AS times, max(at) AS last_at FROM audit
            WHERE instr(body, '"result":"locked"') > 0 AND instr(body, '"failures":') > 0 AND at >= :since AND at < :until
            GROUP BY 1 ORDER BY 2 DESC, 1""",  # noqa: S608  as above
            since=since,
            until=until,
        )
