"""The journal of the outbox: the ways of a message from state to state.

QUEUED → COMMITTED → SENT | FAILED | UNKNOWN · QUEUED → CANCELLED | EXPIRED | FAILED · UNKNOWN → SENT ·
SENT | UNKNOWN → DELIVERED | UNDELIVERED · COMMITTED → QUEUED only when a modem said that it was definitely not sent.
Each arrow is a compare-and-set: it hits its row or gives False. The text is wiped on the way out of QUEUED and
COMMITTED; the number too when nothing was ever sent, else when no report can come any more.
"""

from typing import Final, Literal

from data.connection import Row
from data.errors import Wiped
from data.factors import NUMBER_COLUMN
from data.ids import new_id
from data.repository import Repository

# A report that comes later than this is about an SMS nobody waits for any more (TP-MR wraps at 256).
REPORT_WINDOW_MS: Final = 24 * 60 * 60 * 1000
# A national number without its zeros has at least so many digits; fewer could end anybody's.
_NATIONAL_DIGITS: Final = 7


class Journal(Repository):
    """The transitions; base of Messages."""

    def commit(
        self,
        message_id: str,
        *,
        transmission_id: str,
        modem_id: str,
        network: str | None,
        network_name: str | None,
        network_group: str | None = None,
        iccid: str | None = None,
        now: int,
    ) -> bool:
        """The journal, written before Ctrl-Z: from here on the SMS may be on the air.

        True exactly once and only in time; anything else means that nothing may be sent. The group of the network is
        the modem's own when none is given; `iccid` is that of the SIM in it, None when the modem does not tell.
        """
        return self._hit(
            """UPDATE messages SET state = 'committed', committed_at = :now
            WHERE id = :id AND state = 'queued' AND not_after > :now""",
            id=message_id,
            now=now,
        ) and self._hit(
            """INSERT INTO transmissions (id, message_id, modem_id, iccid, network, network_name, network_group, state,
                started_at)
            VALUES (:id, :message_id, :modem_id, :iccid, :network, :network_name,
                coalesce(:network_group, (SELECT network_group FROM modems WHERE id = :modem_id)), 'committed', :now)""",
            id=transmission_id,
            message_id=message_id,
            modem_id=modem_id,
            network=network,
            network_name=network_name,
            network_group=network_group,
            iccid=iccid,
            now=now,
        )

    def try_failed(self, message_id: str, modem_id: str, error: str, network: str | None, now: int) -> bool:
        """A modem gave up before Ctrl-Z: nothing was sent, the message stays QUEUED for another modem."""
        return self._hit(
            """INSERT INTO transmissions (id, message_id, modem_id, iccid, network, network_name, network_group, state, error,
                started_at, answered_at)
            SELECT :id, messages.id, :modem_id, modems.iccid, :network, modems.network_name, modems.network_group,
                'not_sent', :error, :now, :now
            FROM messages LEFT JOIN modems ON modems.id = :modem_id
            WHERE messages.id = :message_id AND messages.state = 'queued'""",
            id=new_id(),
            message_id=message_id,
            modem_id=modem_id,
            error=error,
            network=network,
            now=now,
        )

    def sent(self, message_id: str, transmission_id: str, *, reference: int | None, now: int) -> bool:
        """The network has taken it: COMMITTED → SENT; `reference` is TP-MR, None when the modem did not tell it."""
        return self._answered(
            transmission_id, message_id, "sent", error=None, reference=reference, now=now
        ) and self._leave(message_id, "sent", None, now)

    def unknown(self, message_id: str, transmission_id: str, *, reason: str, now: int) -> bool:
        """No answer after Ctrl-Z: COMMITTED → UNKNOWN, never sent again by itself."""
        return self._answered(
            transmission_id, message_id, "unknown", error=reason, reference=None, now=now
        ) and self._leave(message_id, "unknown", reason, now)

    def late_sent(self, transmission_id: str, reference: int, now: int) -> bool:
        """The answer came after all: UNKNOWN → SENT; False when a report has told so before."""
        if not self._hit(
            """UPDATE transmissions SET state = 'sent', reference = :reference, answered_at = :now
            WHERE id = :id AND state = 'unknown'""",
            id=transmission_id,
            reference=reference,
            now=now,
        ):
            return False
        self._change(
            """UPDATE messages SET state = 'sent', error = NULL WHERE state = 'unknown'
            AND id = (SELECT message_id FROM transmissions WHERE id = :id)""",
            id=transmission_id,
        )
        return True

    def refused(self, transmission_id: str, error: str, now: int, *, final: bool) -> bool:
        """A modem or network said no after Ctrl-Z, so it was definitely not sent.

        COMMITTED → FAILED when `final`, else → QUEUED for another modem: the only way back.
        """
        row = self._first("SELECT message_id FROM transmissions WHERE id = :id", id=transmission_id)
        if row is None or not self._answered(
            transmission_id, row["message_id"], "failed", error=error, reference=None, now=now
        ):
            return False
        if final:
            return self._leave(row["message_id"], "failed", error, now)
        return self._hit(
            "UPDATE messages SET state = 'queued', committed_at = NULL WHERE id = :id AND state = 'committed'",
            id=row["message_id"],
        )

    def failed(self, message_id: str, error: str, now: int) -> bool:
        """It will not be sent and never was: QUEUED | COMMITTED → FAILED, its committed transmission too."""
        self._change(
            """UPDATE transmissions SET state = 'failed', error = :error, answered_at = :now
            WHERE message_id = :id AND state = 'committed'""",
            id=message_id,
            error=error,
            now=now,
        )
        return self._hit(
            """UPDATE messages SET state = 'failed', error = :error, sealed_text = NULL, final_at = :now,
                charged = iif(state = 'queued', 0, charged),
                sealed_number = iif(state = 'queued', NULL, sealed_number)
            WHERE id = :id AND state IN ('queued', 'committed')""",
            id=message_id,
            error=error,
            now=now,
        )

    def cancel_queued(self, sign_in_id: str, now: int) -> int:
        """The person went back or got in otherwise: what still waits is not sent; how many."""
        return self._change(
            """UPDATE messages SET state = 'cancelled', sealed_text = NULL, sealed_number = NULL, charged = 0,
                final_at = :now WHERE sign_in_id = :id AND state = 'queued'""",
            id=sign_in_id,
            now=now,
        )

    def withdraw(self, message_id: str, now: int) -> bool:
        """Whoever asked for this one wants it no more: QUEUED → CANCELLED; False when it has gone out or is decided."""
        return self._hit(
            """UPDATE messages SET state = 'cancelled', sealed_text = NULL, sealed_number = NULL, charged = 0,
                final_at = :now WHERE id = :id AND state = 'queued'""",
            id=message_id,
            now=now,
        )

    def cancel_all_queued(self, now: int) -> int:
        """Nothing that waits is sent; how many."""
        return self._change(
            """UPDATE messages SET state = 'cancelled', sealed_text = NULL, sealed_number = NULL, charged = 0,
                final_at = :now WHERE state = 'queued'""",
            now=now,
        )

    def expire(self, now: int) -> int:
        """What waits and is too late is not sent; how many."""
        return self._change(
            """UPDATE messages SET state = 'expired', sealed_text = NULL, sealed_number = NULL, charged = 0,
                final_at = :now WHERE state = 'queued' AND not_after <= :now""",
            now=now,
        )

    def orphan_to_unknown(self, message_id: str, now: int) -> bool:
        """Its owner died around Ctrl-Z: COMMITTED → UNKNOWN."""
        self._change(
            """UPDATE transmissions SET state = 'unknown', error = 'orphan', answered_at = :now
            WHERE message_id = :id AND state = 'committed'""",
            id=message_id,
            now=now,
        )
        return self._leave(message_id, "unknown", "orphan", now)

    def _leave(self, message_id: str, state: Literal["sent", "unknown", "failed"], error: str | None, now: int) -> bool:
        """COMMITTED → `state`; nothing needs the text any more."""
        return self._hit(
            """UPDATE messages SET state = :state, error = :error, sealed_text = NULL, final_at = :now
            WHERE id = :id AND state = 'committed'""",
            id=message_id,
            state=state,
            error=error,
            now=now,
        )

    def _answered(
        self,
        transmission_id: str,
        message_id: str,
        state: Literal["sent", "unknown", "failed"],
        *,
        error: str | None,
        reference: int | None,
        now: int,
    ) -> bool:
        """A committed transmission of this message → `state`."""
        return self._hit(
            """UPDATE transmissions SET state = :state, error = :error, reference = :reference, answered_at = :now
            WHERE id = :id AND message_id = :message_id AND state = 'committed'""",
            id=transmission_id,
            message_id=message_id,
            state=state,
            error=error,
            reference=reference,
            now=now,
        )

    def _reported(
        self, modem_id: str, reference: int, number: str, *, delivered: bool | None, status: int, now: int
    ) -> str | None:
        """Find the transmission a report is about and note it; the id of its message.

        Modem, reference and number must fit. Only when none does, the report may be about an SMS whose reference was
        never told; then it tells that too.
        """
        row = self._first(
            """SELECT transmissions.id, message_id FROM transmissions JOIN messages ON messages.id = message_id
            WHERE modem_id = :modem_id AND number_index = :number_index AND started_at > :since
            AND (transmissions.reference = :reference
                OR (transmissions.reference IS NULL AND transmissions.state IN ('unknown', 'sent')))
            ORDER BY transmissions.reference IS NULL, started_at DESC, transmissions.rowid DESC LIMIT 1""",
            modem_id=modem_id,
            number_index=self._number_index(number),
            since=now - REPORT_WINDOW_MS,
            reference=reference,
        )
        row = row or self._sent_to_national(modem_id, reference, number, now - REPORT_WINDOW_MS)
        if row is None:
            return None
        self._change(
            """UPDATE transmissions SET report = :report, report_status = :status, reported_at = :now,
                reference = :reference, state = 'sent'
            WHERE id = :id AND report IN ('none', 'pending')""",
            id=row["id"],
            report="pending" if delivered is None else "delivered" if delivered else "undelivered",
            status=status,
            reference=reference,
            now=now,
        )
        self._change(
            """UPDATE messages SET state = :state, error = NULL WHERE id = :id AND state IN ('sent', 'unknown')""",
            id=row["message_id"],
            state="sent" if delivered is None else "delivered" if delivered else "undelivered",
        )
        return str(row["message_id"])

    def _sent_to_national(self, modem_id: str, reference: int, number: str, since: int) -> Row | None:
        """Some service centres report about 0612345678 what was sent to +31612345678 (23.040 9.2.3.14): the one that ends so."""
        tail = number.lstrip("0")
        if number.startswith("+") or not tail.isdecimal() or len(tail) < _NATIONAL_DIGITS:
            return None
        rows = self._rows(
            """SELECT transmissions.id, message_id, sealed_number FROM transmissions JOIN messages ON messages.id = message_id
            WHERE modem_id = :modem_id AND reference = :reference AND started_at > :since AND sealed_number IS NOT NULL""",
            modem_id=modem_id,
            reference=reference,
            since=since,
        )
        found = [
            row for row in rows if self._open(row["sealed_number"], "sealed_number", row["message_id"]).endswith(tail)
        ]
        # Of two it would be a guess.
        return found[0] if len(found) == 1 else None

    def _open(self, sealed: bytes | None, column: str, message_id: str) -> str:
        if sealed is None:
            raise Wiped("messages", column, message_id)
        return self._vault.open(sealed, table="messages", column=column, row=message_id).decode()

    def _number_index(self, number: str) -> bytes:
        return self._vault.blind_index(number, column=NUMBER_COLUMN)
