"""What the dispatcher does beside sending: alarms that were given, tests from modem to modem, prepaid credit."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository

DAY_MS: Final = 24 * 60 * 60 * 1000
# How long results and alarms are kept.
KEPT_MS: Final = 90 * DAY_MS


@unique
class LoopResult(StrEnum):
    """What became of an SMS from one modem of this machine to another."""

    RUNNING = "running"
    ARRIVED = "arrived"
    NOT_SENT = "not_sent"
    LOST = "lost"
    """The network took it, and it did not come within the time."""
    UNREADABLE = "unreadable"
    """The other modem could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopTest:
    """One SMS from modem to modem; times in milliseconds UTC."""

    id: str
    from_modem: str
    to_modem: str
    started_at: int
    ended_at: int | None
    result: LoopResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What the operator last said; `result` a code, `cents` and `expires_on` (ISO date) None when they could not be read."""

    modem: str
    asked_at: int
    result: str
    cents: int | None
    expires_on: str | None


_LOOP: Final = Reader(LoopTest)
_CREDIT: Final = Reader(Credit)


class Chores(Repository):
    """Three small tables."""

    def alarm_is_new(self, cause: str, subject: str, now: int) -> bool:
        """Note an alarm; False when it was given on this day already."""
        return self._hit(
            "INSERT INTO alarms (cause, subject, day, at) VALUES (:cause, :subject, :day, :now) ON CONFLICT DO NOTHING",
            cause=cause,
            subject=subject,
            day=now // DAY_MS,
            now=now,
        )

    def begin_loop(self, from_modem: str, to_modem: str, now: int) -> LoopTest:
        """An SMS from modem to modem begins."""
        row = self._changed(
            """INSERT INTO loop_tests (id, from_modem, to_modem, started_at, result)
            VALUES (:id, :from_modem, :to_modem, :now, 'running') RETURNING *""",
            id=new_id(),
            from_modem=from_modem,
            to_modem=to_modem,
            now=now,
        )
        assert row is not None
        return _LOOP(row)

    def end_loop(self, loop_id: str, result: LoopResult, now: int) -> bool:
        """It ended, once."""
        return self._hit(
            "UPDATE loop_tests SET result = :result, ended_at = :now WHERE id = :id AND result = 'running'",
            id=loop_id,
            result=result,
            now=now,
        )

    def loops(self, since: int) -> list[LoopTest]:
        """The tests since then, newest first."""
        rows = self._rows(
            "SELECT * FROM loop_tests WHERE started_at >= :since ORDER BY started_at DESC, rowid DESC", since=since
        )
        return [_LOOP(row) for row in rows]

    def keep_credit(self, *, modem: str, result: str, cents: int | None, expires_on: str | None, now: int) -> None:
        """What the operator said of the credit; a date that was known stays when this answer has none."""
        self._change(
            """INSERT INTO credits (modem, asked_at, result, cents, expires_on)
            VALUES (:modem, :now, :result, :cents, :expires_on)
            ON CONFLICT (modem) DO UPDATE SET asked_at = :now, result = :result,
                cents = coalesce(:cents, cents), expires_on = coalesce(:expires_on, expires_on)""",
            modem=modem,
            now=now,
            result=result,
            cents=cents,
            expires_on=expires_on,
        )

    def credits(self) -> dict[str, Credit]:
        """What is known, by name of the modem."""
        return {row["modem"]: _CREDIT(row) for row in self._rows("SELECT * FROM credits")}

    def prune(self, now: int) -> int:
        """Forget what is old; how many rows."""
        return self._change("DELETE FROM alarms WHERE at < :before", before=now - KEPT_MS) + self._change(
            "DELETE FROM loop_tests WHERE started_at < :before", before=now - KEPT_MS
        )
