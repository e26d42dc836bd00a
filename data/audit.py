"""The audit log: what happened, append-only, each row chained to the one before.

The head of the chain (number and mac of the last row) also lies in `meta`, written in the same transaction, and in a
file beside the key (AuditHead), written after the commit: it may lag, never lead. How rows hang together is
`data.audit_chain`, checking them `data.audit_check`, finding them `data.audit_search`.
"""

import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from data.audit_chain import (
    ACTION,
    CHECKPOINT,
    META_HEAD,
    NEVER_PRUNED,
    PRUNED,
    RESTORED,
    body_of,
    checkpoint_message,
    digest_of,
    last_row,
    link,
    meta_head,
)
from data.audit_check import ChainCheck, HeadState, Verification, never, silent, state_of_head
from data.canonical import JSON, canonical
from data.connection import Connection, Row
from data.errors import AuditHeadUnreadable
from data.repository import Repository
from data.vault import AuditHead, Vault

log = logging.getLogger("data")

SALT_BYTES: Final = 16
ROWS_AT_ONCE: Final = 1_000
# Letters that are not taken for a digit or for each other when they are read aloud.
REFERENCE_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
REFERENCES: Final = len(REFERENCE_LETTERS) * 1_000
NO_PARAMETERS: Final[Mapping[str, JSON]] = {}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row just written; `reference` is what is told to the person, such as K482."""

    seq: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """What happened, in codes and ids: never a sentence, a secret or a whole phone number."""

    action: str
    object: str | None
    result: str
    origin: str
    actor: str | None
    parameters: Mapping[str, JSON]
    simulated: bool

    def as_data(self) -> dict[str, JSON]:
        """As it stands in the body; `asdict` of dataclasses copies every parameter, which a million rows feel."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row; `at` is kiosk time, `at_wall` wall time, in milliseconds UTC.

    `event` is None when it was pruned, or `altered` into something that cannot be read.
    """

    seq: int
    at: int
    at_wall: int
    event: AuditEvent | None
    altered: bool = False

    @property
    def reference(self) -> str:
        """The short name of the row."""
        return reference(self.seq)


def reference(seq: int) -> str:
    """A letter and three digits; they come round again after 23 000 rows."""
    letter, number = divmod(seq % REFERENCES, 1_000)
    return f"{REFERENCE_LETTERS[letter]}{number:03d}"


def sequence_number(text: str) -> int | None:
    """The number (below 23 000) that `text`, such as "k482", is the reference of; None when it is none."""
    text = text.strip().upper()
    if len(text) != 4 or text[0] not in REFERENCE_LETTERS or not (text[1:].isascii() and text[1:].isdigit()):
        return None
    return REFERENCE_LETTERS.index(text[0]) * 1_000 + int(text[1:])


class Audit(Repository):
    """The log of this database."""

    def __init__(self, connection: Connection, vault: Vault, head: AuditHead | None) -> None:
        super().__init__(connection, vault)
        self._head = head
        self._written: tuple[int, bytes] | None = None
        # None until the first row: whether this database is the one that the head belongs to.
        self._head_is_ours: bool | None = None
        connection.after_commit.append(self._store_head)
        connection.before_rollback.append(self._forget)

    def append(
        self,
        *,
        action: str,
        object: str | None = None,  # noqa: A002  the norm's word (BIO2 8.15.01)
        result: str,
        origin: str,
        actor: str | None,
        at: int,
        at_wall: int,
        parameters: Mapping[str, JSON] = NO_PARAMETERS,
        simulated: bool = False,
    ) -> AuditEntry:
        """Write down what happened, in the transaction in which it happens."""
        event = AuditEvent(
            action=action,
            object=object,
            result=result,
            origin=origin,
            actor=actor,
            parameters=parameters,
            simulated=simulated,
        )
        # Numbers go on after rows that were deleted from the end, so that the hole stays to be seen.
        last_seq, last_mac = max(last_row(self._connection), meta_head(self._connection), key=lambda head: head[0])
        if self._head_is_ours is None:
            self._head_is_ours = self._look_at_head()
        return self._append(event, at, at_wall, last_seq + 1, last_mac)

    def append_restored(self, *, at: int, at_wall: int, parameters: Mapping[str, JSON]) -> AuditEntry:
        """Go on after an older copy was put in place, above every number that was given before it."""
        last_seq, last_mac = last_row(self._connection)
        try:
            head = self._load_head()
        except (OSError, AuditHeadUnreadable):
            # People must be able to sign in after a restore; the check of the chain tells what is wrong with the file.
            log.exception("the head of the audit chain beside the key cannot be read")
            head = None
        highest = max(last_seq, meta_head(self._connection)[0], head[0] if head else 0)
        event = AuditEvent(
            action=RESTORED,
            object=None,
            result="done",
            origin="storage",
            actor=None,
            parameters={**parameters, "last_seq": last_seq},
            simulated=False,
        )
        self._head_is_ours = True
        return self._append(event, at, at_wall, highest + 1, last_mac)

    def last_at(self) -> int:
        """Kiosk time of the last row in milliseconds UTC; 0 when there is none."""
        row = self._first("SELECT at FROM audit ORDER BY seq DESC LIMIT 1")
        return 0 if row is None else int(row["at"])

    def has(self, seq: int, mac: bytes) -> bool:
        """Whether the log has this very row."""
        return self._first("SELECT 1 FROM audit WHERE seq = :seq AND mac = :mac", seq=seq, mac=mac) is not None

    def rows(self, after: int = 0) -> Iterator[AuditRow]:
        """The rows with a number above `after`, oldest first, streaming."""
        while rows := self._rows(
            "SELECT seq, at, at_wall, body FROM audit WHERE seq > :after ORDER BY seq LIMIT :limit",
            after=after,
            limit=ROWS_AT_ONCE,
        ):
            yield from map(audit_row, rows)
            after = rows[-1]["seq"]

    def by_reference(self, text: str) -> AuditRow | None:
        """The newest row with this reference, however it is written; None when there is none."""
        number = sequence_number(text)
        if number is None:
            return None
        last_seq, _ = last_row(self._connection)
        seq = last_seq - (last_seq - number) % REFERENCES
        row = self._first("SELECT seq, at, at_wall, body FROM audit WHERE seq = :seq", seq=seq)
        return None if row is None else audit_row(row)

    def value(self, seq: int) -> bytes | None:
        """The mac of a row; None when there is no such row."""
        row = self._first("SELECT mac FROM audit WHERE seq = :seq", seq=seq)
        return None if row is None else row["mac"]

    def with_value(self, value: bytes, *, up_to: int) -> int | None:
        """The row with at most this number whose mac begins with `value`; looks at all of them."""
        row = self._first(
            "SELECT seq FROM audit WHERE seq <= :up_to AND substr(mac, 1, :length) = :value LIMIT 1",
            up_to=up_to,
            length=len(value),
            value=value,
        )
        return None if row is None else row["seq"]

    def head_state(self) -> HeadState:
        """How the file beside the key compares with the database; raises OSError, AuditHeadUnreadable."""
        return state_of_head(self._connection, self._vault, self._load_head())

    def verify(
        self,
        progress: Callable[[int, int], None] = silent,
        cancelled: Callable[[], bool] = never,
        *,
        expected: bytes | None = None,
    ) -> Verification:
        """Check the whole chain; `progress(done, total)` and `cancelled()` are called every 2 000 rows.

        `expected` is how the mac of some row must begin. Raises OSError, AuditHeadUnreadable.
        """
        check = ChainCheck(self._connection, self._vault, self._load_head(), expected=expected, rolls=False)
        return check.run(progress, cancelled)

    def check(self) -> ChainCheck:
        """A check that can go on with what is written while it runs; raises OSError, AuditHeadUnreadable."""
        return ChainCheck(self._connection, self._vault, self._load_head())

    def checkpoint(self, check: ChainCheck, *, at: int, at_wall: int, actor: str, origin: str) -> AuditEntry | None:
        """Sign all rows before this one, which `check` has found whole; None when it finds fault with the rest of them.

        Takes the write transaction itself: nothing may come between the last row checked and this one.
        """
        with self._connection.transaction(write=True):
            found = check.go_on()
            if not found.ok:
                return None
            seq = max(last_row(self._connection), meta_head(self._connection), key=lambda head: head[0])[0] + 1
            signature = self._vault.sign(checkpoint_message(seq, at, found.roll))
            return self.append(
                action=CHECKPOINT,
                result="ok",
                origin=origin,
                actor=actor,
                at=at,
                at_wall=at_wall,
                parameters={"roll": found.roll.hex(), "key": self._vault.signer, "signature": signature.hex()},
            )

    def prune(self, action: str, before: int, *, limit: int, at: int, at_wall: int, actor: str, origin: str) -> int:
        """Wipe what rows of an action from before that time say, keep their place in the chain; how many.

        The oldest `limit` of them, so that the write lock is short. Audited when there are any, with number and sum of
        the numbers of what was wiped: so a row that somebody else wipes is found, and no list of them is needed.
        """
        assert action not in NEVER_PRUNED
        wiped = self._connection.changed(
            f"""UPDATE audit SET body = NULL, salt = NULL WHERE seq IN (
                SELECT seq FROM audit WHERE {ACTION} = :action AND at < :before ORDER BY seq LIMIT :limit)
            RETURNING seq""",  # noqa: S608  the action is a parameter
            {"action": canonical(action), "before": before, "limit": limit},
        )
        if wiped:
            numbers = [row["seq"] for row in wiped]
            self.append(
                action=PRUNED,
                result="done",
                origin=origin,
                actor=actor,
                at=at,
                at_wall=at_wall,
                parameters={
                    "action": action,
                    "before": before,
                    "rows": len(numbers),
                    "sum": sum(numbers),
                    "to_seq": max(numbers),
                },
            )
        return len(wiped)

    def _append(self, event: AuditEvent, at: int, at_wall: int, seq: int, mac_before: bytes) -> AuditEntry:
        salt = secrets.token_bytes(SALT_BYTES)
        body = body_of(at, at_wall, event.as_data())
        digest = digest_of(salt, body.encode())
        mac = link(self._vault, mac_before, seq, digest)
        self._change(
            """INSERT INTO audit (seq, at, at_wall, body, salt, digest, mac)
            VALUES (:seq, :at, :at_wall, :body, :salt, :digest, :mac)""",
            seq=seq,
            at=at,
            at_wall=at_wall,
            body=body,
            salt=salt,
            digest=digest,
            mac=mac,
        )
        self._change(
            """INSERT INTO meta (key, value) VALUES (:key, :value)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
            key=META_HEAD,
            value=f"{seq} {mac.hex()}",
        )
        self._written = (seq, mac)
        return AuditEntry(seq, reference(seq))

    def _load_head(self) -> tuple[int, bytes] | None:
        return None if self._head is None else self._head.load()

    def _look_at_head(self) -> bool:
        try:
            return self.head_state() is not HeadState.OLD_COPY
        except (OSError, AuditHeadUnreadable):
            log.exception("the head of the audit chain beside the key cannot be read")
            return False

    def _store_head(self) -> None:
        """Keep the head beside the key, unless it tells that this database is an older copy: it is the only witness."""
        if self._head is None or self._written is None or not self._head_is_ours:
            return
        try:
            self._head.store(*self._written)
        except (OSError, AuditHeadUnreadable):
            # The row is committed; the file lags, as it may, until the next row.
            log.exception("the head of the audit chain could not be kept beside the key")
        else:
            self._written = None

    def _forget(self) -> None:
        # Also whose head it is: a restore that was rolled back has not happened.
        self._written = self._head_is_ours = None


def audit_row(row: Row) -> AuditRow:
    """A row of which body and both times were read."""
    seq, at, at_wall, body = row["seq"], row["at"], row["at_wall"], row["body"]
    if body is None:
        return AuditRow(seq, at, at_wall, None)
    try:
        event = AuditEvent(**json.loads(body)["event"])
    except (ValueError, TypeError, KeyError, RecursionError):
        # Somebody wrote it with another tool; the check of the chain says so, and the rest can still be read.
        return AuditRow(seq, at, at_wall, None, altered=True)
    return AuditRow(seq, at, at_wall, event)
