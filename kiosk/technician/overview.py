"""All modems at a glance, as the technician's page and `kiosk modem status` show them: pure data from the tables."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique
from typing import Any, Final

from data.database import Database
from data.loans import Loan, TakenOut
from data.modems import Modem, ModemState
from data.transmissions import ReportState, Transmission, TransmissionState
from hardware.modem.status import ModemState as EngineState
from hardware.modem.status import ModemStatus, bars
from kiosk.clock import EVIDENCE_KEY, Clock, ClockComparison, ClockDifference, compare, kept_evidence
from kiosk.delivery.candidates import Survey
from kiosk.policy import SmsPolicy
from kiosk.technician import diagnosis
from kiosk.technician.diagnosis import Finding

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
# The last results that are shown one by one.
RESULTS: Final = 10
# More than any hour or day can have (policy: 200 a day per SIM).
_ALL: Final = 1_000
# What the network took longer for than this was not on time, in milliseconds.
_ON_TIME_MS: Final = 60_000
# Digits of IMEI and ICCID that are shown.
_TAIL: Final = 4
# Points of the sparkline: one per half hour.
POINTS: Final = 48


@unique
class Health(StrEnum):
    """One word per modem; the values are the last part of `bench.health.*`."""

    GOOD = "good"
    ATTENTION = "attention"
    FAULT = "fault"
    USED_UP = "used_up"
    """Its SIM has sent what it may for now; it goes on by itself."""
    STARTING = "starting"
    LENT = "lent"
    OUT = "out"


@unique
class Result(StrEnum):
    """What became of one SMS; the values are the last part of `bench.result.*`."""

    GOOD = "good"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemOverview:
    """One modem; `history` are points of the last day in dBm, None where it heard nothing or was not looked at."""

    name: str
    health: Health
    model: str
    revision: str
    port: str
    imei_tail: str
    iccid_tail: str
    network: str
    network_code: str
    technology: str
    dbm: int | None
    bars: int
    pin_tries: int | None
    storage: tuple[int, int] | None
    clock_offset: int | None
    simulated: bool
    on_time: int
    failed: int
    unknown: int
    last_sent_at: int | None
    last_unknown_at: int | None
    results: tuple[Result, ...]
    history: tuple[int | None, ...]
    recovery: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...] = ()
    lent_to: str = ""
    out_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All modems of this machine, at kiosk time `at` in milliseconds UTC; `clock_off` when its clock is wrong by what networks say."""

    at: int
    modems: tuple[ModemOverview, ...] = field(default=())
    clock_off: ClockDifference | None = None

    @property
    def worst(self) -> Health:
        """FAULT when no modem can send, ATTENTION when one cannot or something is to be looked at."""
        healths = {one.health for one in self.modems}
        if not healths & {Health.GOOD, Health.ATTENTION}:
            return Health.FAULT
        return Health.GOOD if healths <= {Health.GOOD} and self.clock_off is None else Health.ATTENTION


def look(database: Database, clock: Clock, policy: SmsPolicy) -> Overview:
    """Look at the tables; raises DataError."""
    now = clock.now()
    survey = Survey(database, policy, now)
    times = compare(kept_evidence(database.meta.get(EVIDENCE_KEY)), clock.moment())
    loans = {loan.modem: loan for loan in database.loans.open()}
    out = database.loans.taken_out()
    rows = sorted(survey.modems, key=lambda row: row.name)
    modems = (_modem(database, row, survey, loans.get(row.name), out.get(row.name)) for row in rows)
    return Overview(at=now, modems=tuple(_with_clock(one, times) for one in modems), clock_off=times.machine_off)


def _modem(database: Database, row: Modem, survey: Survey, loan: Loan | None, out: TakenOut | None) -> ModemOverview:
    now = survey.now
    tries = database.transmissions.last_of(row.id, since=now - DAY_MS, limit=_ALL)
    last_hour = [one for one in tries if one.started_at >= now - HOUR_MS]
    facts: dict[str, Any] = json.loads(row.facts)
    findings = (*_used_up(row, survey), *_findings(row, facts, tries))
    return ModemOverview(
        name=row.name,
        health=_health(row, findings, loan, out),
        model=str(facts.get("model", "")),
        revision=str(facts.get("revision", "")),
        port=str(facts.get("port", "")),
        imei_tail=(row.imei or "")[-_TAIL:],
        iccid_tail=(row.iccid or "")[-_TAIL:],
        network=row.network_name or "",
        network_code=row.network or "",
        technology=str(facts.get("technology", "")),
        dbm=row.signal_dbm,
        bars=bars(row.signal_dbm),
        pin_tries=facts.get("pin_tries"),
        storage=_storage(facts),
        clock_offset=facts.get("clock_offset"),
        simulated=row.simulated,
        on_time=sum(_result(one) is Result.GOOD and _seconds_ms(one) <= _ON_TIME_MS for one in last_hour),
        failed=sum(_result(one) in {Result.FAILED, Result.NOT_SENT} for one in last_hour),
        unknown=sum(_result(one) is Result.UNKNOWN for one in last_hour),
        last_sent_at=next((one.started_at for one in tries if one.state is TransmissionState.SENT), None),
        last_unknown_at=next((one.started_at for one in tries if one.state is TransmissionState.UNKNOWN), None),
        results=tuple(_result(one) for one in tries[:RESULTS]),
        history=_points(database.modems.history(row.id, now - DAY_MS), now),
        recovery=tuple((str(one["rung"]), str(one["reason"])) for one in facts.get("recovery", ())),
        findings=findings,
        lent_to="" if loan is None else loan.borrower,
        out_reason="" if out is None else out.reason,
    )


def _with_clock(one: ModemOverview, times: ClockComparison) -> ModemOverview:
    """What is to be said of the modem's own clock, after everything that keeps SMS from going out."""
    off = times.modem_off(one.name)
    if off is None:
        return one
    health = Health.ATTENTION if one.health is Health.GOOD else one.health
    return replace(one, health=health, findings=(*one.findings, diagnosis.of_modem_clock(off.seconds)))


def _health(row: Modem, findings: Sequence[Finding], loan: Loan | None, out: TakenOut | None) -> Health:
    if loan is not None:
        return Health.LENT
    if out is not None:
        return Health.OUT
    if row.state is ModemState.STARTING:
        return Health.STARTING
    if row.state is not ModemState.READY:
        return Health.FAULT
    if any(one.cause == diagnosis.USED_UP for one in findings):
        return Health.USED_UP
    return Health.ATTENTION if findings else Health.GOOD


def _used_up(row: Modem, survey: Survey) -> Iterator[Finding]:
    """That codes for staff do not go over this modem now, although nothing is wrong with it."""
    if row.state is ModemState.READY and survey.guarded(row, reserved=False):
        hour, day = survey.sent(row)
        yield Finding(cause=diagnosis.USED_UP, values={"hour": hour, "day": day})


def _findings(row: Modem, facts: dict[str, Any], tries: Sequence[Transmission]) -> tuple[Finding, ...]:
    """What is the matter now, the worst first."""
    status = ModemStatus(
        name=row.name,
        port=str(facts.get("port", "")),
        state=EngineState(row.state.value),
        reason=row.reason,
        detail=str(facts.get("detail", "")),
        signal_dbm=row.signal_dbm,
        pin_tries=facts.get("pin_tries"),
    )
    found = [diagnosis.of_status(status, manual=facts.get("selection") == 1)]
    if row.state is ModemState.READY:
        found.append(diagnosis.of_signal(row.signal_dbm))
        if (storage := _storage(facts)) is not None and storage[0] >= storage[1] > 0:
            found.append(Finding(cause="memory_full", values={"used": storage[0], "capacity": storage[1]}))
        # What happened last is worth a look until something went well after it.
        latest = tries[0] if tries else None
        if latest is not None and latest.state is TransmissionState.UNKNOWN:
            found.append(
                diagnosis.of_unclear_end(
                    latest.error or "",
                    technology=str(facts.get("technology", "")),
                    sms_service=facts.get("sms_service"),
                )
            )
        elif latest is not None and latest.state in {TransmissionState.FAILED, TransmissionState.NOT_SENT}:
            found.append(diagnosis.of_failed_sms(latest.error or ""))
    return tuple(one for one in found if one is not None)


def _result(one: Transmission) -> Result:
    match one.state:
        case TransmissionState.SENT:
            return Result.FAILED if one.report is ReportState.UNDELIVERED else Result.GOOD
        case TransmissionState.FAILED:
            return Result.FAILED
        case TransmissionState.NOT_SENT:
            return Result.NOT_SENT
        case _:
            return Result.UNKNOWN


def _seconds_ms(one: Transmission) -> int:
    return 0 if one.answered_at is None else one.answered_at - one.started_at


def _storage(facts: dict[str, Any]) -> tuple[int, int] | None:
    used, total = facts.get("storage_used"), facts.get("storage_total")
    return (used, total) if isinstance(used, int) and isinstance(total, int) else None


def _points(history: Sequence[tuple[int, int | None]], now: int) -> tuple[int | None, ...]:
    """The best level of each half hour, the oldest first."""
    width = DAY_MS // POINTS
    points: list[int | None] = [None] * POINTS
    for at, dbm in history:
        place = POINTS - 1 - (now - at) // width
        if dbm is not None and 0 <= place < POINTS:
            before = points[place]
            points[place] = dbm if before is None else max(before, dbm)
    return tuple(points)
