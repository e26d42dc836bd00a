"""Messages: what should arrive by SMS; this table is the outbox. The ways from state to state stand in `data.journal`."""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data.canonical import canonical
from data.connection import Value
from data.ids import new_id
from data.journal import REPORT_WINDOW_MS, Journal
from data.repository import Reader


@unique
class MessageKind(StrEnum):
    """CODE and BACKUP count for the limits on requests."""

    CODE = "code"
    BACKUP = "backup"
    NOTICE = "notice"
    TEST = "test"
    ALARM = "alarm"


@unique
class MessageState(StrEnum):
    """What is known of a message; `data.journal` has the ways from one to the next."""

    QUEUED = "queued"
    COMMITTED = "committed"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One SMS to be; times in milliseconds UTC.

    `avoid_groups` are groups of networks that were used for the same code before, `attempt_number` is 2 for the first
    resend, `charged` says that it counts for the limits, `number_tail` is the last two digits, `only_modem` the name of the one
    modem that may send it.
    """

    id: str
    kind: MessageKind
    state: MessageState
    user_id: str | None
    desk_id: str | None
    sign_in_id: str | None
    challenge_id: str | None
    sealed_number: bytes | None = field(repr=False)
    number_tail: str
    sealed_text: bytes | None = field(repr=False)
    priority: int
    not_after: int
    attempt_number: int
    avoid_groups: tuple[str, ...]
    same_network_allowed: bool
    report: bool
    language: str
    charged: bool
    only_modem: str | None
    error: str | None
    queued_at: int
    committed_at: int | None
    final_at: int | None


_MESSAGE: Final = Reader(Message)


class Messages(Journal):
    """The outbox."""

    def queue(
        self,
        *,
        kind: MessageKind,
        user_id: str | None,
        desk_id: str | None,
        sign_in_id: str | None,
        challenge_id: str | None,
        number: str,
        text: str,
        priority: int,
        not_after: int,
        attempt_number: int = 1,
        avoid_groups: tuple[str, ...] = (),
        same_network_allowed: bool = True,
        report: bool = True,
        only_modem: str | None = None,
        language: str,
        now: int,
    ) -> Message:
        """Put a message in the queue; `number` (E.164) and `text` are sealed. A lower `priority` goes first."""
        message_id = new_id()
        row = self._changed(
            """INSERT INTO messages (id, kind, state, user_id, desk_id, sign_in_id, challenge_id, sealed_number,
                number_index, number_tail, sealed_text, key_id, priority, not_after, attempt_number, avoid_groups,
                same_network_allowed, report, language, charged, only_modem, queued_at)
            VALUES (:id, :kind, 'queued', :user_id, :desk_id, :sign_in_id, :challenge_id, :sealed_number,
                :number_index, :number_tail, :sealed_text, :key_id, :priority, :not_after, :attempt_number,
                :avoid_groups, :same_network_allowed, :report, :language, :charged, :only_modem, :now) RETURNING *""",
            id=message_id,
            kind=kind,
            user_id=user_id,
            desk_id=desk_id,
            sign_in_id=sign_in_id,
            challenge_id=challenge_id,
            sealed_number=self._seal(number, "sealed_number", message_id),
            number_index=self._number_index(number),
            number_tail=number[-2:],
            sealed_text=self._seal(text, "sealed_text", message_id),
            key_id=self._vault.key_id,
            priority=priority,
            not_after=not_after,
            attempt_number=attempt_number,
            avoid_groups=canonical(avoid_groups),
            same_network_allowed=same_network_allowed,
            report=report,
            language=language,
            charged=kind in {MessageKind.CODE, MessageKind.BACKUP},
            only_modem=only_modem,
            now=now,
        )
        assert row is not None
        return _MESSAGE(row)

    def get(self, message_id: str) -> Message | None:
        """The message with this id."""
        row = self._first("SELECT * FROM messages WHERE id = :id", id=message_id)
        return None if row is None else _MESSAGE(row)

    def number(self, message: Message) -> str:
        """The whole number; raises Wiped, SealBroken."""
        return self._open(message.sealed_number, "sealed_number", message.id)

    def text(self, message: Message) -> str:
        """The words; raises Wiped, SealBroken."""
        return self._open(message.sealed_text, "sealed_text", message.id)

    def next_queued(self, now: int, *, limit: int) -> list[Message]:
        """What to send next: by priority, then by age; nothing that is too late."""
        rows = self._rows(
            """SELECT * FROM messages WHERE state = 'queued' AND not_after > :now
            ORDER BY priority, queued_at, rowid LIMIT :limit""",
            now=now,
            limit=limit,
        )
        return [_MESSAGE(row) for row in rows]

    def waiting(self, now: int) -> int:
        """How many are still to be sent."""
        return self._number("SELECT count(*) FROM messages WHERE state = 'queued' AND not_after > :now", now=now)

    def position(self, message_id: str) -> int:
        """How many queued messages go before this one."""
        return self._number(
            """SELECT count(*) FROM messages AS other JOIN messages AS mine ON mine.id = :id AND mine.state = 'queued'
            WHERE other.state = 'queued' AND (other.priority, other.queued_at, other.rowid)
                < (mine.priority, mine.queued_at, mine.rowid)""",
            id=message_id,
        )

    def of_challenge(self, challenge_id: str) -> list[Message]:
        """The messages that carry this code, oldest first."""
        rows = self._rows("SELECT * FROM messages WHERE challenge_id = :id ORDER BY rowid", id=challenge_id)
        return [_MESSAGE(row) for row in rows]

    def of_sign_in(self, sign_in_id: str) -> list[Message]:
        """The messages of a sign-in, oldest first."""
        rows = self._rows("SELECT * FROM messages WHERE sign_in_id = :id ORDER BY rowid", id=sign_in_id)
        return [_MESSAGE(row) for row in rows]

    def report(
        self, modem_id: str, reference: int, number: str, *, delivered: bool | None, status: int, now: int
    ) -> Message | None:
        """A status report came in; the message it is about, None when there is none of the last 24 hours.

        `reference` is TP-MR, `number` the recipient (E.164), `status` TP-ST (3GPP TS 23.040 §9.2.3.15), `delivered`
        what it means: None while the network goes on trying.
        """
        message_id = self._reported(modem_id, reference, number, delivered=delivered, status=status, now=now)
        return None if message_id is None else self.get(message_id)

    def orphans(self) -> list[Message]:
        """COMMITTED messages, oldest first: for a dispatcher that starts they belong to one that died."""
        rows = self._rows("SELECT * FROM messages WHERE state = 'committed' ORDER BY committed_at, rowid")
        return [_MESSAGE(row) for row in rows]

    def charged_since(
        self, *, user_id: str | None = None, number: str | None = None, desk_id: str | None = None, since: int
    ) -> int:
        """How many codes were asked for since then that no sign-in has answered; of all desks when nothing is named."""
        return self._charged(user_id, number, desk_id, since)[0]

    def oldest_charged(
        self, *, user_id: str | None = None, number: str | None = None, desk_id: str | None = None, since: int
    ) -> int | None:
        """When the first of them was asked for; None when there is none."""
        return self._charged(user_id, number, desk_id, since)[1]

    def uncharge(self, sign_in_id: str) -> int:
        """The sign-in was answered: its messages count no longer; how many."""
        return self._change("UPDATE messages SET charged = 0 WHERE sign_in_id = :id AND charged = 1", id=sign_in_id)

    def wipe_old(self, now: int) -> int:
        """Forget the numbers of messages that no report can be about any more; how many."""
        return self._change(
            """UPDATE messages SET sealed_number = NULL WHERE sealed_number IS NOT NULL AND final_at <= :before
            AND state NOT IN ('queued', 'committed')""",
            before=now - REPORT_WINDOW_MS,
        )

    def _charged(
        self, user_id: str | None, number: str | None, desk_id: str | None, since: int
    ) -> tuple[int, int | None]:
        given: list[tuple[str, Value]] = [(_CHARGED_USER, user_id), (_CHARGED_DESK, desk_id)]
        given.append((_CHARGED_NUMBER, None if number is None else self._number_index(number)))
        named = [(sql, key) for sql, key in given if key is not None]
        assert len(named) <= 1, "one of user, number and desk, or none"
        if named:
            [(sql, key)] = named
            [row] = self._rows(sql, since=since, key=key)
        else:
            [row] = self._rows(_CHARGED_ALL, since=since)
        return row[0], row[1]

    def _seal(self, plain: str, column: str, message_id: str) -> bytes:
        return self._sealed(plain.encode(), table="messages", column=column, row=message_id)


# Four statements, each with an index of its own.
_CHARGED_ALL: Final = "SELECT count(*), min(queued_at) FROM messages WHERE charged = 1 AND queued_at >= :since"
_CHARGED_USER: Final = """SELECT count(*), min(queued_at) FROM messages
    WHERE charged = 1 AND user_id = :key AND queued_at >= :since"""
_CHARGED_NUMBER: Final = """SELECT count(*), min(queued_at) FROM messages
    WHERE charged = 1 AND number_index = :key AND queued_at >= :since"""
_CHARGED_DESK: Final = """SELECT count(*), min(queued_at) FROM messages
    WHERE charged = 1 AND desk_id = :key AND queued_at >= :since"""
