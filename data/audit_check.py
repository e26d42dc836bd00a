"""Checking the audit chain: altered, wiped, swapped and missing rows, and a database that is an older copy of itself."""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from hashlib import sha256
from typing import Any, Final

from data.audit_chain import GENESIS, PRUNED, RESTORED, is_untouched, last_row, link, meta_head
from data.connection import Connection
from data.vault import Vault

ROWS_AT_ONCE: Final = 2_000
# Most rows need not be parsed to know that they are not about pruning.
_PRUNED_MARK: Final = f'"action":"{PRUNED}"'.encode()
Head = tuple[int, bytes]
# A row as the check takes it apart: number, kiosk and wall time, body, salt, digest, mac.
Checked = tuple[Any, ...]


@unique
class Fault(StrEnum):
    """What is wrong with a chain, by its first bad row."""

    ALTERED = "altered"
    WIPED = "wiped"
    """What rows say was wiped, and no pruning did it."""
    SWAPPED = "swapped"
    MISSING_FIRST = "missing_first"
    MISSING_MIDDLE = "missing_middle"
    MISSING_LAST = "missing_last"
    MISSING_ALL = "missing_all"
    OLD_COPY = "old_copy"
    """The chain is whole, but the file beside the key knows a later row or another one of that number."""
    UNEXPECTED = "unexpected"
    """The chain is whole, but it has no row with the value that was noted at an earlier visit: it is another log."""


@unique
class HeadState(StrEnum):
    """How the head in the file beside the key compares with the database."""

    CURRENT = "current"
    LAGGING = "lagging"
    """The file is behind, as after a crash; the next row brings it up to date."""
    NO_HEAD = "no_head"
    """There are rows and no file: it was lost, or the database came from elsewhere."""
    OLD_COPY = "old_copy"
    """The database is behind: it is an older copy and needs the rules of a restore."""
    MISSING_LAST = "missing_last"
    """Rows at the end were deleted from this very database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What the check found: `rows` good ones, then nothing, or `kind` from `first_bad_seq` to `last_bad_seq`.

    Attributes:
        ok: Whether the log is whole.
        rows: How many rows were found good.
        kind: What is wrong.
        first_bad_seq: Where; None when no row can be named.
        last_bad_seq: The last row that is missing, or the row that stands in the place of a swapped one.
        good_until: Wall time of the last good row, in milliseconds UTC.
        last_seq: Number of the last good row.
        mac: Its value, which is the head of the chain when everything is good.
        roll: The roll after it (`data.audit_chain`), when somebody wanted it.
        expected_seq: The row that has the value that was expected.
        pruned: Rows that have kept their place in the chain and nothing else.
        wiped: Of these, how many more than pruning says (fewer: negative).
        restored_at: Rows from which the log goes on after an older copy was restored.
        headless: Whether there was no file beside the key to compare with: rows deleted from the end may not show.
        lost: Per such row the first and the last number that are missing, because they were never in this copy.
        cancelled: Whether the check was stopped before its end.
    """

    ok: bool
    rows: int
    kind: Fault | None = None
    first_bad_seq: int | None = None
    last_bad_seq: int | None = None
    good_until: int | None = None
    last_seq: int = 0
    mac: bytes = GENESIS
    roll: bytes = GENESIS
    expected_seq: int | None = None
    pruned: int = 0
    wiped: int = 0
    restored_at: tuple[int, ...] = ()
    lost: tuple[tuple[int, int], ...] = ()
    headless: bool = False
    cancelled: bool = False


class _Bad(Exception):
    """The way out of the loop to the finding."""

    def __init__(self, kind: Fault, first: int | None, last: int | None = None) -> None:
        super().__init__(kind, first, last)
        self.kind = kind
        self.first = first
        self.last = first if last is None else last


def never() -> bool:
    """Nobody cancels."""
    return False


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def state_of_head(connection: Connection, vault: Vault, head: Head | None) -> HeadState:
    """Compare the head of the file with the database."""
    # One snapshot: a row that another process appends in between must not look like one that was deleted.
    with connection.transaction(write=False):
        last_seq, _ = last_row(connection)
        noted_seq, _ = meta_head(connection)
        if noted_seq > last_seq:
            return HeadState.MISSING_LAST
        if head is None:
            return HeadState.NO_HEAD if last_seq else HeadState.CURRENT
        if not _has_row(connection, head):
            return HeadState.LAGGING if _was_restored_after(connection, vault, head) else HeadState.OLD_COPY
        return HeadState.CURRENT if head[0] == last_seq else HeadState.LAGGING


class ChainCheck:
    """One pass over the log, streaming; `head` is what the file beside the key says, `expected` begins some row's mac.

    `rolls`: whether somebody wants the roll, which costs a tenth.
    """

    def __init__(
        self,
        connection: Connection,
        vault: Vault,
        head: Head | None,
        *,
        expected: bytes | None = None,
        rolls: bool = True,
    ) -> None:
        self._connection = connection
        self._vault = vault
        self._mac_of = vault.macs("audit")
        self._rolls = rolls
        self._head = head
        self._expected = expected
        self._expected_seq: int | None = None
        self._seq = 0
        self._mac = self._roll = GENESIS
        self._at_wall: int | None = None
        self._rows = 0
        self._pruning = _Pruning()
        self._restored_at: list[int] = []
        self._lost: list[tuple[int, int]] = []
        self._roll_wanted_at = 0
        self.roll_at = GENESIS

    def want_roll(self, seq: int) -> None:
        """Keep in `roll_at` the roll after the last row with at most this number."""
        self._roll_wanted_at = seq

    def run(self, progress: Callable[[int, int], None] = silent, cancelled: Callable[[], bool] = never) -> Verification:
        """Check row by row; `progress(rows done, rows there are about)` and `cancelled()` per 2 000 rows."""
        # One snapshot: what is appended or pruned meanwhile must not look like one that nobody knows.
        with self._connection.transaction(write=False):
            total, _ = last_row(self._connection)
            try:
                for rows in self._chunks(0):
                    if cancelled():
                        return self._finding(ok=False, cancelled=True)
                    self._check_all(rows)
                    progress(self._rows, total)
                self._check_heads()
                self._check_pruned()
            except _Bad as bad:
                return self._finding(ok=False, bad=bad)
        if self._expected is not None and self._expected_seq is None:
            return self._finding(ok=False, bad=_Bad(Fault.UNEXPECTED, None))
        return self._finding(ok=True)

    def go_on(self) -> Verification:
        """Check what was appended after `run` found no fault; in the caller's write transaction, so that nothing follows."""
        try:
            for rows in self._chunks(self._seq):
                self._check_all(rows)
            self._check_heads()
        except _Bad as bad:
            return self._finding(ok=False, bad=bad)
        return self._finding(ok=True)

    def _finding(self, *, ok: bool, bad: _Bad | None = None, cancelled: bool = False) -> Verification:
        return Verification(
            ok=ok,
            rows=self._rows,
            kind=None if bad is None else bad.kind,
            first_bad_seq=None if bad is None else bad.first,
            last_bad_seq=None if bad is None else bad.last,
            good_until=self._at_wall,
            last_seq=self._seq,
            mac=self._mac,
            roll=self._roll,
            expected_seq=self._expected_seq,
            pruned=self._pruning.seen,
            wiped=self._pruning.unexplained,
            restored_at=tuple(self._restored_at),
            lost=tuple(self._lost),
            headless=self._head is None and self._rows > 0,
            cancelled=cancelled,
        )

    def _chunks(self, after: int) -> Iterator[list[Checked]]:
        # The body as bytes: text that is no UTF-8 is an altered row, not a reason to stop.
        while rows := self._connection.tuples(
            """SELECT seq, at, at_wall, CAST(body AS BLOB), salt, digest, mac FROM audit
            WHERE seq > :after ORDER BY seq LIMIT :limit""",
            {"after": after, "limit": ROWS_AT_ONCE},
        ):
            yield rows
            after = rows[-1][0]

    def _check_all(self, rows: list[Checked]) -> None:
        # The inner loop of a million rows: every name is local, what is rare stands elsewhere.
        mac_of, expected, wanted, rolls = self._mac_of, self._expected, self._roll_wanted_at, self._rolls
        last, mac_before, roll, done = self._seq, self._mac, self._roll, 0
        at_wall = self._at_wall
        try:
            for seq, at, wall, body, salt, digest, mac in rows:
                if seq != last + 1:
                    self._check_hole(last, seq, body)
                place = seq.to_bytes(8, "big") + digest
                pruned = body is None and salt is None
                whole = pruned or is_untouched(at, wall, body, salt, digest)
                if not whole or mac_of(mac_before + place) != mac:
                    raise self._altered_or_swapped(mac_before, seq, mac)
                if pruned:
                    self._pruning.see(seq)
                elif _PRUNED_MARK in body:
                    self._pruning.note(body)
                if expected is not None and mac.startswith(expected):
                    self._expected_seq = seq
                if rolls:
                    roll = sha256(roll + place).digest()
                    if seq <= wanted:
                        self.roll_at = roll
                last, mac_before, at_wall = seq, mac, wall
                done += 1
        finally:
            self._seq, self._mac, self._roll, self._at_wall = last, mac_before, roll, at_wall
            self._rows += done

    def _check_hole(self, last: int, seq: int, body: bytes | None) -> None:
        if not self._continues_after_restore(last, seq, body):
            raise _Bad(Fault.MISSING_MIDDLE if last else Fault.MISSING_FIRST, last + 1, seq - 1)

    def _continues_after_restore(self, last: int, seq: int, body: bytes | None) -> bool:
        """Whether the row says itself that it goes on after the last one checked; its mac is checked like any other."""
        if body is None:
            return False
        try:
            event = json.loads(body)["event"]
            goes_on = event["action"] == RESTORED and event["parameters"]["last_seq"] == last
        except (ValueError, KeyError, TypeError):
            return False
        if goes_on:
            self._restored_at.append(seq)
            self._lost.append((last + 1, seq - 1))
        return bool(goes_on)

    def _altered_or_swapped(self, mac_before: bytes, seq: int, mac: bytes) -> _Bad:
        """Whether what belongs at this place stands further on: a whole row, or only its contents."""
        before = mac_before + seq.to_bytes(8, "big")
        for rows in self._chunks(seq):
            for other, _at, _wall, _body, _salt, other_digest, other_mac in rows:
                if self._mac_of(before + other_digest) in {other_mac, mac}:
                    return _Bad(Fault.SWAPPED, seq, other)
        return _Bad(Fault.ALTERED, seq)

    def _check_pruned(self) -> None:
        pruning = self._pruning
        if pruning.last_seen > pruning.to_seq:
            rows = self._connection.rows(
                "SELECT min(seq) FROM audit WHERE body IS NULL AND seq > :seq", {"seq": pruning.to_seq}
            )
            raise _Bad(Fault.WIPED, rows[0][0])
        if pruning.unexplained or pruning.sum_unexplained:
            # One row more or fewer: the difference of the sums is its number.
            alone = abs(pruning.unexplained) == 1
            kind = Fault.WIPED if pruning.unexplained > 0 else Fault.ALTERED
            raise _Bad(kind, abs(pruning.sum_unexplained) if alone else None)

    def _check_heads(self) -> None:
        noted = meta_head(self._connection)
        if noted[0] > self._seq:
            raise _Bad(Fault.MISSING_LAST if self._rows else Fault.MISSING_ALL, self._seq + 1, noted[0])
        if self._head is not None and not self._knows(self._head):
            kind = Fault.OLD_COPY if self._rows else Fault.MISSING_ALL
            raise _Bad(kind, min(self._head[0], self._seq + 1), max(self._head[0], self._seq))
        if self._rows and not _has_row(self._connection, noted):
            raise _Bad(Fault.ALTERED, self._seq)

    def _knows(self, head: Head) -> bool:
        return _has_row(self._connection, head) or _was_restored_after(self._connection, self._vault, head)


class _Pruning:
    """What was wiped against what pruning says it wiped: the last number, how many, and the sum of their numbers."""

    def __init__(self) -> None:
        self.seen = self.last_seen = self.to_seq = 0
        self._sum_seen = self._rows = self._sum = 0

    def see(self, seq: int) -> None:
        """A row without contents."""
        self.seen += 1
        self.last_seen = seq
        self._sum_seen += seq

    def note(self, body: bytes) -> None:
        """A row that may be about pruning."""
        event = json.loads(body)["event"]
        if event["action"] == PRUNED:
            parameters = event["parameters"]
            self.to_seq = max(self.to_seq, parameters["to_seq"])
            self._rows += parameters["rows"]
            self._sum += parameters["sum"]

    @property
    def unexplained(self) -> int:
        """How many more were wiped than pruning says."""
        return self.seen - self._rows

    @property
    def sum_unexplained(self) -> int:
        """The same for the sum of the numbers."""
        return self._sum_seen - self._sum


def _has_row(connection: Connection, head: Head) -> bool:
    """Whether the database has this very row; if not, it is another history."""
    seq, mac = head
    rows = connection.rows("SELECT mac FROM audit WHERE seq = :seq", {"seq": seq})
    return bool(rows) and hmac.compare_digest(rows[0]["mac"], mac)


def _was_restored_after(connection: Connection, vault: Vault, head: Head) -> bool:
    """Whether the rules of a restore were applied above `head`, and the file has not followed yet: they count once."""
    rows = connection.rows(
        """SELECT seq, at, at_wall, CAST(body AS BLOB) AS body, salt, digest, mac,
            (SELECT mac FROM audit AS before WHERE before.seq < audit.seq ORDER BY seq DESC LIMIT 1) AS mac_before
        FROM audit WHERE seq > :seq ORDER BY seq LIMIT 1""",
        {"seq": head[0]},
    )
    if not rows:
        return False
    seq, at, at_wall, body, salt, digest, mac, mac_before = rows[0]
    # Whoever puts an older copy back could add a row that says so, but not its mac.
    genuine = is_untouched(at, at_wall, body, salt, digest) and hmac.compare_digest(
        link(vault, mac_before or GENESIS, seq, digest), mac
    )
    return genuine and _action_of(body) == RESTORED


def _action_of(body: bytes) -> str | None:
    try:
        return str(json.loads(body)["event"]["action"])
    except (ValueError, KeyError, TypeError):
        return None
