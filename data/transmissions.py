"""Transmissions: each try of a message over one modem. Written by `data.journal`; routing and evidence read them."""

from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum, unique
from statistics import median
from typing import Final

from data.repository import Reader, Repository


@unique
class TransmissionState(StrEnum):
    """NOT_SENT: given up before Ctrl-Z; FAILED: definitely refused after it; UNKNOWN: may be on the air."""

    NOT_SENT = "not_sent"
    COMMITTED = "committed"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


@unique
class ReportState(StrEnum):
    """What the network has reported; PENDING: it goes on trying."""

    NONE = "none"
    PENDING = "pending"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """One try; times in milliseconds UTC, `reference` TP-MR, `report_status` TP-ST, `network` MCC-MNC digits.

    `iccid` is the SIM that was in the modem, None when the modem did not tell.
    """

    id: str
    message_id: str
    modem_id: str
    network: str | None
    network_name: str | None
    network_group: str | None
    state: TransmissionState
    reference: int | None
    error: str | None
    report: ReportState
    report_status: int | None
    started_at: int
    answered_at: int | None
    reported_at: int | None
    iccid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How SMS went over one group of networks.

    `sent` counts those the network took, `delivered` and `undelivered` are part of them; `failed` were refused.
    `median_seconds` is from Ctrl-Z to the report of delivery, `last_seconds` that of the one that arrived last, at `last_arrived_at`
    (milliseconds UTC); None when none was delivered.
    """

    network_group: str | None
    network_name: str | None
    sent: int
    delivered: int
    undelivered: int
    failed: int
    unknown: int
    median_seconds: float | None
    last_arrived_at: int | None
    last_seconds: float | None


_TRANSMISSION: Final = Reader(Transmission)
# A modem that never came as far as Ctrl-Z says nothing about the network.
_TRIED_SINCE: Final = """SELECT * FROM transmissions WHERE started_at >= :since AND state <> 'not_sent'
    ORDER BY started_at"""


class Transmissions(Repository):
    """All tries."""

    def get(self, transmission_id: str) -> Transmission | None:
        """The transmission with this id."""
        row = self._first("SELECT * FROM transmissions WHERE id = :id", id=transmission_id)
        return None if row is None else _TRANSMISSION(row)

    def of_message(self, message_id: str) -> list[Transmission]:
        """The tries of a message, oldest first."""
        rows = self._rows(
            "SELECT * FROM transmissions WHERE message_id = :id ORDER BY started_at, rowid", id=message_id
        )
        return [_TRANSMISSION(row) for row in rows]

    def evidence(self, since: int, *, without: Container[str] = ()) -> list[Evidence]:
        """How SMS went since then, per group of networks; those with an id in `without` are left out."""
        groups: dict[str | None, list[Transmission]] = {}
        for row in self._rows(_TRIED_SINCE, since=since):
            transmission = _TRANSMISSION(row)
            if transmission.id not in without:
                groups.setdefault(transmission.network_group, []).append(transmission)
        return [_evidence(group, transmissions) for group, transmissions in groups.items()]

    def last_of(self, modem_id: str, *, since: int, limit: int) -> list[Transmission]:
        """The newest tries over this modem, newest first; those that were given up before Ctrl-Z too."""
        rows = self._rows(
            """SELECT * FROM transmissions WHERE modem_id = :modem_id AND started_at >= :since
            ORDER BY started_at DESC, rowid DESC LIMIT :limit""",
            modem_id=modem_id,
            since=since,
            limit=limit,
        )
        return [_TRANSMISSION(row) for row in rows]

    def per_sim(self, modem_id: str, iccid: str | None, since: int) -> int:
        """How many SMS the SIM in this modem may have sent since then, in whichever modem: the unknown count too.

        What went over this modem with a SIM that it did not tell counts as well; all of the modem's does while it does
        not tell the present one.
        """
        return self._number(
            """SELECT count(*) FROM transmissions
            WHERE (iccid = :iccid OR (modem_id = :modem_id AND (iccid IS NULL OR :iccid IS NULL)))
            AND started_at >= :since AND state <> 'not_sent'""",
            modem_id=modem_id,
            iccid=iccid,
            since=since,
        )


def _evidence(group: str | None, transmissions: list[Transmission]) -> Evidence:
    states = [transmission.state for transmission in transmissions]
    reports = [transmission.report for transmission in transmissions]
    arrived = sorted(
        (transmission.reported_at, (transmission.reported_at - transmission.started_at) / 1000)
        for transmission in transmissions
        if transmission.report is ReportState.DELIVERED and transmission.reported_at is not None
    )
    last_arrived_at, last_seconds = arrived[-1] if arrived else (None, None)
    return Evidence(
        network_group=group,
        network_name=transmissions[-1].network_name,
        sent=states.count(TransmissionState.SENT),
        delivered=reports.count(ReportState.DELIVERED),
        undelivered=reports.count(ReportState.UNDELIVERED),
        failed=states.count(TransmissionState.FAILED),
        unknown=states.count(TransmissionState.UNKNOWN),
        median_seconds=median(seconds for _, seconds in arrived) if arrived else None,
        last_arrived_at=last_arrived_at,
        last_seconds=last_seconds,
    )
