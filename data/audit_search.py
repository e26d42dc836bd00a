"""Finding rows of the audit log by person, action, place, time and reference.

What pruning has wiped is found by time and reference only: nothing else of it is left.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from data.audit import REFERENCES, AuditRow, audit_row
from data.audit_chain import ACTION, ACTOR, OBJECT, ORIGIN, last_row
from data.canonical import canonical
from data.connection import Row, Value
from data.repository import Repository

_GIVEN: Final = "(SELECT value FROM json_each(:{}))"

ROWS_AT_ONCE: Final = 2_000
# So many of the last rows are looked at one by one before an index is asked.
RECENT: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which rows are wanted; what is left empty does not matter.

    Attributes:
        people: Ids of who did it, to whom it was done, or to whom an SMS went.
        actions: Actions, whole or up to a dot (`sign_in` for all of `sign_in.…`).
        origins: Where it came from, such as `desk:ID`.
        since: Kiosk time from which on, in milliseconds UTC.
        until: Kiosk time before which.
        reference: A reference as number (`data.audit.sequence_number`); it comes round again after 23 000 rows.
        up_to: The last row number that counts.
        not_reading_of: Leave out the rows that say that this actor read, checked or exported the log.
    """

    people: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    reference: int | None = None
    up_to: int | None = None
    not_reading_of: str | None = None


@dataclass(frozen=True, slots=True)
class AuditBounds:
    """How many rows were found, and the numbers of the first and the last (0 and 0 when there are none)."""

    count: int
    first: int
    last: int


class AuditSearch(Repository):
    """Reads the log; every statement names its columns, so that a search reads no more than it must."""

    def bounds(self, wanted: AuditFilter) -> AuditBounds:
        """How many rows there are, and from where to where."""
        where, values = self._conditions(wanted)
        row = self._first(f"SELECT count(*), min(seq), max(seq) FROM audit WHERE {where}", **values)  # noqa: S608  conditions of ours
        assert row is not None
        return AuditBounds(row[0], row[1] or 0, row[2] or 0)

    def newest(self, wanted: AuditFilter, *, limit: int, before: int | None = None) -> list[AuditRow]:
        """The newest rows, of those with a number below `before`; newest first."""
        end = self.last_number() + 1 if before is None else before
        # What many rows have is soon found among the last ones, what few have by an index; each is slow for the other.
        recent = end - RECENT
        rows = self._within(wanted, recent, end, limit, indexed=False)
        if len(rows) < limit and recent > 1:
            rows += self._within(wanted, 1, recent, limit - len(rows), indexed=True)
        return rows

    def oldest(self, wanted: AuditFilter, *, limit: int, after: int = 0) -> list[AuditRow]:
        """The oldest rows, of those with a number above `after`; oldest first."""
        far, end = after + 1 + RECENT, self.last_number() + 1
        rows = self._within(wanted, after + 1, min(far, end), limit, indexed=False, newest=False)
        if len(rows) < limit and far < end:
            rows += self._within(wanted, far, end, limit - len(rows), indexed=True, newest=False)
        return rows

    def raw(self, wanted: AuditFilter, bounds: AuditBounds) -> Iterator[Row]:
        """Every row within the bounds as it is kept, the body as bytes, and whether it is `wanted`; oldest first, streaming."""
        where, values = self._conditions(wanted, indexed=False)
        after = bounds.first - 1
        while bounds.count and (
            rows := self._rows(
                f"""SELECT seq, at, at_wall, CAST(body AS BLOB) AS body, salt, digest, mac, ({where}) AS wanted FROM audit
                WHERE seq > :after AND seq <= :last ORDER BY seq LIMIT :limit""",  # noqa: S608  see above
                **values,
                after=after,
                last=bounds.last,
                limit=ROWS_AT_ONCE,
            )
        ):
            yield from rows
            after = rows[-1]["seq"]

    def last(self, action: str) -> AuditRow | None:
        """The newest row of an action that is never pruned or was not yet."""
        found = self.newest(AuditFilter(actions=(action,)), limit=1)
        return found[0] if found else None

    def last_number(self) -> int:
        """The number of the last row there is; 0 for an empty log."""
        return last_row(self._connection)[0]

    def oldest_by_action(self) -> dict[str, int]:
        """Kiosk time of the oldest row of each action that is still to be read."""
        rows = self._rows(f"SELECT {ACTION} AS action, min(at) AS at FROM audit WHERE {ACTION} IS NOT NULL GROUP BY 1")  # noqa: S608  see above
        return {json.loads(row["action"]): row["at"] for row in rows}

    def known_origin(self, origin: str) -> bool:
        """Whether any row comes from there."""
        found = f"SELECT 1 FROM audit WHERE {ORIGIN} = :origin LIMIT 1"  # noqa: S608  see above
        return self._first(found, origin=canonical(origin)) is not None

    def recipient(self, message_id: str) -> str | None:
        """Whom a message went to; None for what is no message, or has no person."""
        row = self._first("SELECT user_id FROM messages WHERE id = :id", id=message_id)
        return None if row is None else row["user_id"]

    def _within(
        self, wanted: AuditFilter, first: int, end: int, limit: int, *, indexed: bool, newest: bool = True
    ) -> list[AuditRow]:
        where, values = self._conditions(wanted, indexed=indexed)
        sign = "+" if indexed else ""
        order = "DESC" if newest else "ASC"
        rows = self._rows(
            f"""SELECT seq, at, at_wall, CAST(body AS BLOB) AS body FROM audit
            WHERE {where} AND {sign}seq >= :first AND {sign}seq < :end ORDER BY seq {order} LIMIT :limit""",  # noqa: S608  see above
            **values,
            first=first,
            end=end,
            limit=limit,
        )
        return [audit_row(row) for row in rows]

    def _conditions(self, wanted: AuditFilter, *, indexed: bool = True) -> tuple[str, dict[str, Value]]:
        """The filter as SQL; a plus keeps SQLite from an index, and from going by number where there is a better one."""
        parts: list[str] = ["1"]
        values: dict[str, Value] = {}
        action, origin, at = (ACTION, ORIGIN, "at") if indexed else (f"+{ACTION}", f"+{ORIGIN}", "+at")
        for column, sign, name, number in (
            (at, ">=", "since", wanted.since),
            (at, "<", "until", wanted.until),
            ("+seq", "<=", "up_to", wanted.up_to),
        ):
            if number is not None:
                parts.append(f"{column} {sign} :{name}")
                values[name] = number
        if wanted.people:
            parts.append(_about(_GIVEN.format("people"), _GIVEN.format("ids")))
            values["people"] = _texts(wanted.people)
            values["ids"] = json.dumps(wanted.people)
        if wanted.origins:
            parts.append(f"{origin} IN {_GIVEN.format('origins')}")
            values["origins"] = _texts(wanted.origins)
        if wanted.actions:
            parts.append(_one_of(action, wanted.actions, values))
        if wanted.reference is not None:
            # So many lookups by number cost less than one look at every row.
            numbers = range(wanted.reference, self.last_number() + 1, REFERENCES)
            parts.append(f"seq IN {_GIVEN.format('numbers')}")
            values["numbers"] = json.dumps(list(numbers))
        if wanted.not_reading_of is not None:
            read = f"""{ACTION} >= '"audit.' AND {ACTION} < '"audit/' AND {ACTOR} = :reader"""
            parts.append(f"NOT coalesce({read}, 0)")
            values["reader"] = canonical(wanted.not_reading_of)
        return " AND ".join(parts), values


def _texts(values: Sequence[str]) -> str:
    """A list of texts, each as it stands in a body."""
    return json.dumps([canonical(value) for value in values])


def _about(people: str, ids: str) -> str:
    """Each part has its own index; as one condition SQLite would look at every row."""
    return f"""seq IN (
        SELECT seq FROM audit WHERE {ACTOR} IN {people}
        UNION SELECT seq FROM audit WHERE {OBJECT} IN {people}
        UNION SELECT seq FROM audit WHERE {OBJECT} IN (
            SELECT '"' || id || '"' FROM messages WHERE charged = 1 AND user_id IN {ids}
            UNION ALL SELECT '"' || id || '"' FROM messages WHERE charged = 0 AND user_id IN {ids}))"""  # noqa: S608  the people are a parameter


def _one_of(expression: str, actions: Sequence[str], values: dict[str, Value]) -> str:
    """Each action itself or what begins with it and a dot; `/` is the character after the dot."""
    parts = []
    for place, action in enumerate(actions):
        begun = canonical(action)[:-1]
        values |= {f"action{place}": f'{begun}"', f"from{place}": f"{begun}.", f"to{place}": f"{begun}/"}
        begins = f"{expression} >= :from{place} AND {expression} < :to{place}"
        parts.append(f"{expression} = :action{place} OR ({begins})")
    return f"({' OR '.join(parts)})"
