"""What becomes of messages, written down: each change and its audit row in one transaction, so that neither is without the other."""

import logging
from collections.abc import Collection, Mapping
from typing import Final

from data.canonical import JSON
from data.database import Database
from data.loans import Loan, LoanEnd
from data.messages import Message
from data.modems import Modem
from data.transmissions import ReportState, Transmission
from hardware.modem.causes import ErrorClass
from hardware.modem.jobs import NotSent, Refused, Sent, Unknown
from hardware.modem.reports import StatusReport
from kiosk.audit import NOBODY
from kiosk.clock import Clock
from kiosk.delivery.jobs import Flight

log = logging.getLogger("kiosk.delivery")

ORIGIN: Final = "dispatcher"
# More than ever wait: the limits of all desks together, and a notice to everybody.
ALL_QUEUED: Final = 10_000


def code_of(result: Refused | NotSent) -> str:
    """What modem or network said, as a code such as `cms_42`; else the engine's own reason, such as `bad_line`."""
    if result.error_class is ErrorClass.BAD_LINE:
        return result.error_class.value
    if isinstance(result, NotSent):
        return result.reason if result.kind is None else f"{result.kind}_{result.code}"
    return f"{result.kind}_{result.code}"


class Records:
    """Writes with one connection, in its thread. Every method raises DataError and then has changed nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database: Final = database
        self._clock = clock

    def sent(self, flight: Flight, result: Sent) -> None:
        """The network has taken it."""
        with self.database.transaction(write=True):
            now = self._clock.now()
            messages = self.database.messages
            took = messages.sent(flight.message.id, flight.transmission_id, reference=result.reference, now=now)
            if not took and result.reference is not None:
                # Given up as unknown before the answer came.
                took = messages.late_sent(flight.transmission_id, result.reference, now)
            if took:
                self._audit("sms.sent", flight.message, flight.modem, "ok", {"seconds": round(result.seconds, 1)})

    def late(self, transmission_id: str, reference: int) -> None:
        """The answer to an SMS of unknown fate came after all."""
        with self.database.transaction(write=True):
            if self.database.messages.late_sent(transmission_id, reference, self._clock.now()):
                transmission = self.database.transmissions.get(transmission_id)
                assert transmission is not None, "it has just been changed"
                message, modem = self._about(transmission)
                self._audit("sms.sent", message, modem, "late", {})

    def unknown(self, flight: Flight, result: Unknown) -> None:
        """It may have been sent: shown so, and never sent again by itself."""
        with self.database.transaction(write=True):
            if self.database.messages.unknown(
                flight.message.id, flight.transmission_id, reason=result.reason, now=self._clock.now()
            ):
                self._audit("sms.unknown", flight.message, flight.modem, result.reason, {})

    def refused(self, flight: Flight, result: Refused) -> None:
        """A definite no after Ctrl-Z: another modem may try, unless no modem could reach this number."""
        code, final = code_of(result), result.error_class is ErrorClass.PERMANENT_NUMBER
        with self.database.transaction(write=True):
            if self.database.messages.refused(flight.transmission_id, code, self._clock.now(), final=final) and final:
                self._audit("sms.failed", flight.message, flight.modem, code, {})

    def not_sent(self, flight: Flight, result: NotSent) -> None:
        """It failed before Ctrl-Z: another try may follow, unless no modem could reach this number."""
        code = code_of(result)
        with self.database.transaction(write=True):
            now = self._clock.now()
            self.database.messages.try_failed(flight.message.id, flight.modem.id, code, flight.modem.network, now)
            if result.error_class is ErrorClass.PERMANENT_NUMBER:
                self._fail(flight.message, flight.modem, code, now)

    def failed(self, message: Message, error: str | None = None) -> None:
        """Nothing will send this queued message; without `error` for the reason of the last try."""
        tries = self.database.transmissions.of_message(message.id)
        modem = self.database.modems.get(tries[-1].modem_id) if tries else None
        code = error or next((one.error for one in reversed(tries) if one.error is not None), "failed")
        with self.database.transaction(write=True):
            self._fail(message, modem, code, self._clock.now())

    def expire(self) -> int:
        """Queued messages whose time is over are not sent any more; how many."""
        now = self._clock.now()
        if not self._too_late(now):
            return 0
        with self.database.transaction(write=True):
            # Once more under the lock: others may have come, or gone another way.
            expired = self._too_late(now)
            self.database.messages.expire(now)
            for message in expired:
                tries = self.database.transmissions.of_message(message.id)
                modem = self.database.modems.get(tries[-1].modem_id) if tries else None
                self._audit("sms.expired", message, modem, (tries[-1].error if tries else None) or "too_late", {})
        return len(expired)

    def orphans_to_unknown(
        self, *, but: Mapping[str, Flight], lent: Collection[str] = (), only: Collection[str] | None = None
    ) -> int:
        """Committed messages that nobody is sending may have been sent; how many.

        Those of the flights in `but` are left, and those on the modems whose rows are `lent`: their borrower lives. With `only`
        no others are looked at than those on the modems with these rows.
        """
        found = 0
        for orphan in self.database.messages.orphans():
            tries = self.database.transmissions.of_message(orphan.id)
            if orphan.id in but or (tries and tries[-1].modem_id in lent):
                continue
            if only is not None and not (tries and tries[-1].modem_id in only):
                continue
            found += 1
            with self.database.transaction(write=True):
                if self.database.messages.orphan_to_unknown(orphan.id, self._clock.now()):
                    modem = self.database.modems.get(tries[-1].modem_id) if tries else None
                    self._audit("sms.unknown", orphan, modem, "orphan", {})
        return found

    def ask_for_loan(self, *, modem: str, purpose: str, borrower: str, actor: str) -> Loan:
        """A technician wants to have a modem to themselves; the caller holds its lock."""
        with self.database.transaction(write=True):
            loan = self.database.loans.ask(
                modem=modem, purpose=purpose, borrower=borrower, actor=actor, now=self._clock.now()
            )
            self._audit_loan("modem.borrowed", loan, "asked")
        return loan

    def grant(self, loan: Loan) -> bool:
        """The port is free for the borrower."""
        with self.database.transaction(write=True):
            return self.database.loans.grant(loan.id, self._clock.now())

    def end_loan(self, loan: Loan, by: LoanEnd) -> None:
        """The port is free again."""
        with self.database.transaction(write=True):
            if self.database.loans.end(loan.id, by, self._clock.now()):
                self._audit_loan("modem.given_back", loan, by.value)

    def loan_died(self, loan: Loan) -> None:
        """The borrower is dead: what it was sending may have been sent."""
        self.end_loan(loan, LoanEnd.DIED)
        log.warning("who had borrowed modem %s is dead", loan.modem)

    def reported(self, modem_id: str, report: StatusReport) -> bool:
        """A delivery report: arrived, will not arrive, or the network still tries; False when it is about no SMS of ours."""
        with self.database.transaction(write=True):
            now = self._clock.now()
            message = self.database.messages.report(
                modem_id, report.reference, report.recipient, delivered=report.delivered, status=report.status, now=now
            )
            if message is None:
                return False
            told = {ReportState.DELIVERED, ReportState.UNDELIVERED}
            for one in self.database.transmissions.of_message(message.id):
                if one.report in told and one.reported_at == now:
                    _, modem = self._about(one)
                    action = "sms.delivered" if one.report is ReportState.DELIVERED else "sms.undelivered"
                    self._audit(action, message, modem, f"{report.status:02x}", {})
        return True

    def tidy(self) -> None:
        """Forget the numbers of messages that nothing can be heard of any more."""
        with self.database.transaction(write=True):
            self.database.messages.wipe_old(self._clock.now())
            self.database.loans.prune(self._clock.now())
            self.database.chores.prune(self._clock.now())

    def modem_event(self, action: str, modem: str, result: str) -> None:
        """Something happened to a modem that a technician should find in the log."""
        with self.database.transaction(write=True):
            self.database.audit.append(
                action=action,
                object=modem,
                result=result,
                origin=ORIGIN,
                actor=NOBODY,
                at=self._clock.now(),
                at_wall=self._clock.wall(),
                parameters={},
                simulated=any(row.simulated for row in self.database.modems.all() if row.name == modem),
            )

    def _audit_loan(self, action: str, loan: Loan, result: str) -> None:
        self.database.audit.append(
            action=action,
            object=loan.modem,
            result=result,
            origin=ORIGIN,
            actor=loan.actor,
            at=self._clock.now(),
            at_wall=self._clock.wall(),
            parameters={"purpose": loan.purpose, "borrower": loan.borrower},
            simulated=any(row.simulated for row in self.database.modems.all() if row.name == loan.modem),
        )

    def _too_late(self, now: int) -> list[Message]:
        # Time 0: all that is queued, also what is too late.
        return [one for one in self.database.messages.next_queued(0, limit=ALL_QUEUED) if one.not_after <= now]

    def _fail(self, message: Message, modem: Modem | None, code: str, now: int) -> None:
        if self.database.messages.failed(message.id, code, now):
            self._audit("sms.failed", message, modem, code, {})

    def _about(self, transmission: Transmission) -> tuple[Message, Modem | None]:
        message = self.database.messages.get(transmission.message_id)
        assert message is not None, "transmissions refer to messages"
        return message, self.database.modems.get(transmission.modem_id)

    def _audit(
        self, action: str, message: Message, modem: Modem | None, result: str, parameters: Mapping[str, JSON]
    ) -> None:
        facts: dict[str, JSON] = {"kind": message.kind, "attempt": message.attempt_number, **parameters}
        if modem is not None:
            facts |= {"modem": modem.name, "network": modem.network_group}
        self.database.audit.append(
            action=action,
            object=message.id,
            result=result,
            origin=ORIGIN,
            actor=NOBODY,
            at=self._clock.now(),
            at_wall=self._clock.wall(),
            parameters=facts,
            simulated=modem is not None and modem.simulated,
        )
