"""Modems: what was last seen of each, for the status pages and the routing of every process."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository

# How long the history of a signal is kept: a day, and the hour that is being looked at.
HISTORY_MS: Final = 25 * 60 * 60 * 1000


@unique
class ModemState(StrEnum):
    """How a modem stands."""

    STARTING = "starting"
    READY = "ready"
    NO_NETWORK = "no_network"
    SIM_PROBLEM = "sim_problem"
    DOWN = "down"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Modem:
    """One modem as last seen; times in milliseconds UTC, `network` in MCC-MNC digits, `reason` a code.

    `facts` is what it says of itself, as JSON: for people, nothing decides by it. `may_roam`: the site lets its SIM be moved to other
    networks; `moved_for` is the id of the message for which that was done, until it chooses by itself again.
    """

    id: str
    key: str
    name: str
    imei: str | None
    iccid: str | None
    usb_path: str | None
    state: ModemState
    reason: str
    network: str | None
    network_name: str | None
    network_group: str | None
    signal_dbm: int | None
    number_tail: str | None
    simulated: bool
    first_seen_at: int
    seen_at: int
    facts: str
    may_roam: bool = False
    moved_for: str | None = None


_MODEM: Final = Reader(Modem)


class Modems(Repository):
    """The modems this database has ever seen."""

    def seen(
        self,
        *,
        key: str,
        name: str,
        imei: str | None,
        iccid: str | None,
        usb_path: str | None,
        state: str,
        reason: str,
        network: str | None,
        network_name: str | None,
        network_group: str | None,
        signal_dbm: int | None,
        number_tail: str | None,
        simulated: bool,
        facts: str = "{}",
        may_roam: bool = False,
        now: int,
    ) -> Modem:
        """Keep how a modem stands; `key` is its IMEI, or its name in the configuration while the IMEI is unknown."""
        row = self._changed(
            """INSERT INTO modems (id, key, name, imei, iccid, usb_path, state, reason, network, network_name,
                network_group, signal_dbm, number_tail, simulated, facts, may_roam, first_seen_at, seen_at)
            VALUES (:id, :key, :name, :imei, :iccid, :usb_path, :state, :reason, :network, :network_name,
                :network_group, :signal_dbm, :number_tail, :simulated, :facts, :may_roam, :now, :now)
            ON CONFLICT (key) DO UPDATE SET name = excluded.name, imei = coalesce(excluded.imei, imei),
                iccid = coalesce(excluded.iccid, iccid), usb_path = coalesce(excluded.usb_path, usb_path),
                state = excluded.state, reason = excluded.reason, network = excluded.network,
                network_name = excluded.network_name, network_group = excluded.network_group,
                signal_dbm = excluded.signal_dbm, number_tail = excluded.number_tail,
                simulated = excluded.simulated, facts = excluded.facts, may_roam = excluded.may_roam,
                seen_at = excluded.seen_at
            RETURNING *""",
            id=new_id(),
            key=key,
            name=name,
            imei=imei,
            iccid=iccid,
            usb_path=usb_path,
            state=state,
            reason=reason,
            network=network,
            network_name=network_name,
            network_group=network_group,
            signal_dbm=signal_dbm,
            number_tail=number_tail,
            simulated=simulated,
            facts=facts,
            may_roam=may_roam,
            now=now,
        )
        assert row is not None
        return _MODEM(row)

    def get(self, modem_id: str) -> Modem | None:
        """The modem with this id."""
        row = self._first("SELECT * FROM modems WHERE id = :id", id=modem_id)
        return None if row is None else _MODEM(row)

    def all(self) -> list[Modem]:
        """Every modem, in the order in which they were first seen."""
        return [_MODEM(row) for row in self._rows("SELECT * FROM modems ORDER BY rowid")]

    def moved(self, modem_id: str, message_id: str | None) -> None:
        """Note for which message its choice of a network is taken from it; None when it has been given back."""
        self._change("UPDATE modems SET moved_for = :message_id WHERE id = :id", id=modem_id, message_id=message_id)

    def heard(self, modem_id: str, dbm: int | None, now: int) -> None:
        """Keep how strong the signal is now; what is older than a day is forgotten."""
        self._change(
            "INSERT INTO signal_history (modem_id, at, dbm) VALUES (:id, :now, :dbm) ON CONFLICT DO NOTHING",
            id=modem_id,
            now=now,
            dbm=dbm,
        )
        self._change(
            "DELETE FROM signal_history WHERE modem_id = :id AND at < :before", id=modem_id, before=now - HISTORY_MS
        )

    def history(self, modem_id: str, since: int) -> list[tuple[int, int | None]]:
        """Time and signal in dBm since then, oldest first; None: it heard nothing."""
        rows = self._rows(
            "SELECT at, dbm FROM signal_history WHERE modem_id = :id AND at >= :since ORDER BY at",
            id=modem_id,
            since=since,
        )
        return [(row["at"], row["dbm"]) for row in rows]
