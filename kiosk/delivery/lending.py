"""The dispatcher's side of lending: which modems it drives, which it has let go, and when it takes them back."""

import dataclasses
import logging
from typing import Final

from data.loans import Loan
from hardware.modem.fleet import Fleet
from hardware.modem.reasons import Reason
from hardware.modem.status import ModemState, ModemStatus
from kiosk.delivery.loans import LoanLocks
from kiosk.delivery.modem_rows import ModemRows
from kiosk.delivery.records import Records
from kiosk.delivery.sending import Sending

log = logging.getLogger("kiosk.delivery")

# Seconds until the next look while a port is about to be let go or taken, and while somebody has a modem: he may die.
SOON: Final = 0.02
LENT: Final = 0.25


class Lending:
    """Used in the dispatcher's thread; every method that takes records may raise DataError and is then called again."""

    def __init__(self, fleet: Fleet, sending: Sending, rows: ModemRows, locks: LoanLocks) -> None:
        self._fleet = fleet
        self._sending = sending
        self._rows = rows
        self._locks = locks
        self._last: dict[str, ModemStatus] = {}
        self._unsettled = False
        self._lent: dict[str, Loan] = {}
        """By name, from asking to taking back."""
        self._out: set[str] = set()

    @property
    def pause(self) -> float | None:
        """Seconds until the next look must be; None: no hurry."""
        if self._unsettled:
            return SOON
        return LENT if self._lent else None

    def begin(self, records: Records) -> None:
        """Before any port is opened: what somebody else has, or nobody may have, is left alone."""
        self._heed(records)
        for name in {*self._lent, *self._out}:
            self._fleet.release(name)

    def look(self, records: Records, now: int) -> bool:
        """Let go of what is asked for, take back what came back; whether a borrower died since the last look."""
        died = self._heed(records)
        away = {*self._lent, *self._out}
        self._sending.reserved = away
        self._unsettled = False
        for name in self._fleet.names:
            if name not in away:
                settled = self._fleet.take(name)
            else:
                settled = not self._sending.sends_over(name) and self._fleet.release(name)
                if settled and name in self._lent:
                    self._grant(self._lent[name], records, now)
            self._unsettled |= not settled
        return died

    def statuses(self) -> list[ModemStatus]:
        """What the table should say of all modems that are not lent; who has one writes its row."""
        driven = self._fleet.statuses()
        self._last |= driven
        known = [status for name, status in driven.items() if name not in self._lent and name not in self._out]
        return known + [self._without_network(name, ModemState.DOWN, Reason.TAKEN_OUT) for name in self._only_out()]

    def driven(self) -> list[ModemStatus]:
        """Of the modems that this process drives and nobody has asked for."""
        return [one for name, one in self._fleet.statuses().items() if name not in self._lent and name not in self._out]

    def rows_lent(self, records: Records) -> frozenset[str]:
        """Ids of the rows of lent modems: what is committed over those belongs to a borrower who lives."""
        return frozenset(row.id for row in records.database.modems.all() if row.name in self._lent)

    def _only_out(self) -> set[str]:
        return self._out - self._lent.keys()

    def _heed(self, records: Records) -> bool:
        """Compare with rows and locks; whether a borrower is dead."""
        loans = records.database.loans
        lent: dict[str, Loan] = {}
        died = False
        for loan in loans.open():
            if loan.modem not in self._fleet.names:
                continue
            # The lock first, then the row once more: who gives back in good order ends the row before the lock.
            held = self._locks.is_held(loan.modem)
            fresh = loans.get(loan.id)
            if fresh is None or fresh.ended_at is not None:
                continue
            if held:
                lent[loan.modem] = fresh
            else:
                records.loan_died(fresh)
                died = True
        for name in self._lent.keys() - lent.keys():
            log.info("modem %s is back", name)
        self._lent = lent
        taken_out = loans.taken_out()
        self._out = {name for name in self._fleet.names if name in taken_out}
        return died

    def _grant(self, loan: Loan, records: Records, now: int) -> None:
        if loan.granted_at is not None:
            return
        # Not READY and not DOWN: what waits for this modem goes on waiting, for the borrower serves it in a moment.
        self._rows.refresh(records.database, [self._without_network(loan.modem, ModemState.STARTING, Reason.LENT)], now)
        self._rows.forget(loan.modem)
        if records.grant(loan):
            log.info("modem %s is lent: %s", loan.modem, loan.purpose)

    def _without_network(self, name: str, state: ModemState, reason: Reason) -> ModemStatus:
        known = self._last.get(name) or ModemStatus(name=name, port="", state=state)
        return dataclasses.replace(
            known,
            state=state,
            reason=reason.value,
            registered=False,
            network="",
            network_name="",
            technology="",
            signal_dbm=None,
            bars=0,
        )
