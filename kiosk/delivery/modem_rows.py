"""The modems as every process sees them: what their owners know, written into the table."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from data.canonical import JSON, canonical
from data.database import Database
from data.modems import Modem, ModemState
from hardware.modem.status import ModemStatus
from kiosk.delivery.jobs import ModemLabel, network_name
from kiosk.delivery.networks import group_of

log = logging.getLogger("kiosk.delivery")

# At least so often each row is written although nothing changed: three times within `candidates.SEEN_MS`.
HEARTBEAT_MS: Final = 15_000

# One point of a signal's history stands for so long.
SAMPLE_MS: Final = 60_000

# Reason code of the rows that a dispatcher leaves behind when it ends in good order.
STOPPED: Final = "stopped"

_NOBODY_SAID: Final = ModemLabel()


class ModemRows:
    """Rows by name of the modem, which stays when stick or SIM are replaced; used in the dispatcher's thread."""

    def __init__(self, labels: Mapping[str, ModemLabel]) -> None:
        self._labels = labels
        self._written: dict[str, dict[str, Any]] = {}
        self._written_at: int | None = None
        self._sampled_at: int | None = None
        self._rows: dict[str, Modem] = {}

    def refresh(self, database: Database, statuses: Iterable[ModemStatus], now: int) -> bool:
        """Write what has changed, or everything when the heartbeat is due; whether anything was written."""
        facts = {status.name: self._facts(status) for status in statuses}
        # A clock that jumps ahead makes the heartbeat due as well: the rows would look old to everybody.
        due = self._written_at is None or not 0 <= now - self._written_at < HEARTBEAT_MS
        changed = [name for name, values in facts.items() if due or self._written.get(name) != values]
        if not changed:
            return False
        with database.transaction(write=True):
            rows = {name: database.modems.seen(key=name, name=name, now=now, **facts[name]) for name in changed}
        for name, row in rows.items():
            before = self._rows.get(name)
            if before is None or (before.state, before.reason) != (row.state, row.reason):
                log.info("modem %s is %s%s", name, row.state, f" ({row.reason})" if row.reason else "")
        self._rows |= rows
        self._written |= {name: facts[name] for name in changed}
        self._written_at = now if due else self._written_at
        return True

    def stopped(self, database: Database, now: int) -> None:
        """Say that nobody drives the modems now, so that no one waits for them."""
        with database.transaction(write=True):
            for name, values in self._written.items():
                end = {"state": ModemState.DOWN, "reason": STOPPED}
                database.modems.seen(key=name, name=name, now=now, **(values | end))

    def sample(self, database: Database, statuses: Iterable[ModemStatus], now: int) -> None:
        """Keep how strong each signal is now, at most once a minute."""
        if self._sampled_at is not None and 0 <= now - self._sampled_at < SAMPLE_MS:
            return
        with database.transaction(write=True):
            for status in statuses:
                if (row := self._rows.get(status.name)) is not None:
                    database.modems.heard(row.id, status.signal_dbm, now)
        self._sampled_at = now

    def forget(self, name: str) -> None:
        """Somebody else writes the row of this modem now."""
        self._written.pop(name, None)

    def row(self, name: str) -> Modem | None:
        """The row of the modem with that name, once there is one."""
        return self._rows.get(name)

    def label(self, name: str) -> ModemLabel:
        """What the configuration says of the modem with that name."""
        return self._labels.get(name, _NOBODY_SAID)

    def _facts(self, status: ModemStatus) -> dict[str, Any]:
        label = self.label(status.name)
        return {
            "imei": status.imei or None,
            "iccid": status.iccid or None,
            "usb_path": status.socket or None,
            "state": status.state.value,
            "reason": status.reason,
            "network": status.network or None,
            "network_name": network_name(status, label) or None,
            "network_group": group_of(status.network) or None,
            "signal_dbm": status.signal_dbm,
            "number_tail": label.number_tail,
            "simulated": status.simulated,
            "may_roam": label.may_roam,
            "facts": canonical(_facts_for_people(status)),
        }


def _facts_for_people(status: ModemStatus) -> dict[str, JSON]:
    """What technicians look at; numbers that always move are left out or rounded, so that rows are not written for nothing."""
    offset = status.clock_offset_seconds
    return {
        "port": status.port,
        "interface": status.interface,
        "detail": status.detail,
        "model": f"{status.manufacturer} {status.model}".strip(),
        "revision": status.revision,
        "technology": status.technology,
        "home": status.imsi_network,
        "pin_tries": status.pin_tries,
        "selection": status.selection,
        "sms_service": status.sms_service,
        "storage_used": status.storage_used,
        "storage_total": status.storage_total,
        "clock_offset": None if offset is None else round(offset),
        "clock_source": status.clock_source.value,
        "recovery": [{"rung": step.rung.value, "reason": step.reason} for step in status.recovery],
    }
