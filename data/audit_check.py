"""Checking the audit chain: altered, swapped and missing rows, and a database that is an older copy of itself."""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.audit_chain import GENESIS, PRUNED, RESTORED, is_untouched, last_row, link, meta_head
from data.connection import Connection, Row
from data.vault import Vault

ROWS_AT_ONCE: Final = 2_000
# Most rows need not be parsed to know that they are not about pruning.
_PRUNED_MARK: Final = f'"action":"{PRUNED}"'.encode()
Head = tuple[int, bytes]


@unique
class Fault(StrEnum):
    """What is wrong with a chain, by its first bad row."""

    ALTERED = "altered"
    SWAPPED = "swapped"
    MISSING_FIRST = "missing_first"
    MISSING_MIDDLE = "missing_middle"
    MISSING_LAST = "missing_last"
    MISSING_ALL = "missing_all"
    OLD_COPY = "old_copy"
    """The chain is whole, but the file beside the key knows a later row or another one of that number."""


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
    """What the check found: `rows` good ones, then nothing, or `kind` at `first_bad_seq`.

    `pruned` rows have kept their place in the chain and nothing else; at `restored_at` the log goes on after an older
    copy was restored, the numbers before are missing because they were never in this copy.
    """

    ok: bool
    rows: int
    first_bad_seq: int | None = None
    kind: Fault | None = None
    pruned: int = 0
    restored_at: tuple[int, ...] = ()
    cancelled: bool = False


class _Bad(Exception):
    """The way out of the loop to the finding."""

    def __init__(self, kind: Fault, seq: int) -> None:
        super().__init__(kind, seq)
        self.kind = kind
        self.seq = seq


def never() -> bool:
    """Nobody cancels."""
    return False


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def state_of_head(connection: Connection, head: Head | None) -> HeadState:
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
            return HeadState.OLD_COPY
        return HeadState.CURRENT if head[0] == last_seq else HeadState.LAGGING


class ChainCheck:
    """One pass over the log, streaming; `head` is what the file beside the key says."""

    def __init__(self, connection: Connection, vault: Vault, head: Head | None) -> None:
        self._connection = connection
        self._vault = vault
        self._head = head
        self._seq = 0
        self._mac = GENESIS
        self._rows = 0
        self._pruned = 0
        self._pruned_last = 0
        self._prunable_to = 0
        self._restored_at: list[int] = []

    def run(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Verification:
        """Check row by row; `progress(rows done, rows there are about)` and `cancelled()` per 2 000 rows."""
        # Before the rows: a row appended meanwhile must not look like one the heads do not know.
        noted = meta_head(self._connection)
        total, _ = last_row(self._connection)
        try:
            for rows in self._chunks():
                if cancelled():
                    return self._finding(ok=False, cancelled=True)
                for row in rows:
                    self._check(row)
                progress(self._rows, total)
            # A log that was empty then may have grown since.
            self._check_heads(noted if total or noted[0] else None)
            self._check_pruned()
        except _Bad as bad:
            return self._finding(ok=False, kind=bad.kind, first_bad_seq=bad.seq)
        return self._finding(ok=True)

    def _finding(
        self, *, ok: bool, kind: Fault | None = None, first_bad_seq: int | None = None, cancelled: bool = False
    ) -> Verification:
        return Verification(
            ok=ok,
            rows=self._rows,
            first_bad_seq=first_bad_seq,
            kind=kind,
            pruned=self._pruned,
            restored_at=tuple(self._restored_at),
            cancelled=cancelled,
        )

    def _chunks(self, after: int = 0) -> Iterator[list[Row]]:
        # The body as bytes: text that is no UTF-8 is an altered row, not a reason to stop.
        while rows := self._connection.rows(
            """SELECT seq, at, at_wall, CAST(body AS BLOB) AS body, salt, digest, mac FROM audit
            WHERE seq > :after ORDER BY seq LIMIT :limit""",
            {"after": after, "limit": ROWS_AT_ONCE},
        ):
            yield rows
            after = rows[-1]["seq"]

    def _check(self, row: Row) -> None:
        seq, body, mac = row["seq"], row["body"], row["mac"]
        if seq != self._seq + 1 and not self._continues_after_restore(row):
            raise _Bad(Fault.MISSING_MIDDLE if self._seq else Fault.MISSING_FIRST, self._seq + 1)
        pruned = body is None and row["salt"] is None
        if not (pruned or is_untouched(row)) or link(self._vault, self._mac, seq, row["digest"]) != mac:
            raise _Bad(self._altered_or_swapped(row), seq)
        if pruned:
            self._pruned += 1
            self._pruned_last = seq
        elif _PRUNED_MARK in body:
            self._note_pruning(body)
        self._seq, self._mac = seq, mac
        self._rows += 1

    def _continues_after_restore(self, row: Row) -> bool:
        """Whether the row says itself that it goes on after the last one checked; its mac is checked like any other."""
        if row["body"] is None:
            return False
        try:
            event = json.loads(row["body"])["event"]
            goes_on = event["action"] == RESTORED and event["parameters"]["last_seq"] == self._seq
        except (ValueError, KeyError, TypeError):
            return False
        if goes_on:
            self._restored_at.append(row["seq"])
        return bool(goes_on)

    def _note_pruning(self, body: bytes) -> None:
        event = json.loads(body)["event"]
        if event["action"] == PRUNED:
            self._prunable_to = max(self._prunable_to, event["parameters"]["to_seq"])

    def _altered_or_swapped(self, bad: Row) -> Fault:
        """Whether what belongs at this place stands further on: a whole row, or only its contents."""
        for rows in self._chunks(bad["seq"]):
            for other in rows:
                belongs_here = link(self._vault, self._mac, bad["seq"], other["digest"])
                if belongs_here in {other["mac"], bad["mac"]}:
                    return Fault.SWAPPED
        return Fault.ALTERED

    def _check_pruned(self) -> None:
        if self._pruned_last > self._prunable_to:
            rows = self._connection.rows(
                "SELECT min(seq) FROM audit WHERE body IS NULL AND seq > :seq", {"seq": self._prunable_to}
            )
            raise _Bad(Fault.ALTERED, rows[0][0])

    def _check_heads(self, noted: Head | None) -> None:
        if noted is not None and noted[0] > self._seq:
            raise _Bad(Fault.MISSING_LAST if self._rows else Fault.MISSING_ALL, self._seq + 1)
        if self._head is not None and not _has_row(self._connection, self._head):
            kind = Fault.OLD_COPY if self._rows else Fault.MISSING_ALL
            raise _Bad(kind, min(self._head[0], self._seq + 1))
        if noted is not None and not _has_row(self._connection, noted):
            raise _Bad(Fault.ALTERED, self._seq)


def _has_row(connection: Connection, head: Head) -> bool:
    """Whether the database has this very row; if not, it is another history."""
    seq, mac = head
    rows = connection.rows("SELECT mac FROM audit WHERE seq = :seq", {"seq": seq})
    return bool(rows) and hmac.compare_digest(rows[0]["mac"], mac)
