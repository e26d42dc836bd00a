"""What networks say of the time while SMS go by."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hardware.modem.reports import StatusReport
from hardware.modem.status import ClockSource, ModemState, ModemStatus
from kiosk.clock import EVIDENCE_KEY, ClockComparison, TimeSource, compare, kept_evidence
from kiosk.delivery import tenure
from kiosk.delivery.alarms import AlarmMeans
from kiosk.delivery.outbox import DeliveryState
from kiosk.delivery.records import Records
from kiosk.delivery.time_witness import TimeWitness
from kiosk.delivery.vigil import Vigil
from kiosk.language import Language
from tests.kiosk.delivery.house import MINUTE, PHONE, House
from tests.kiosk.delivery.stage import Stage
from tests.kiosk.delivery.test_vigil import queued

HOUR = 3600
MEANS = AlarmMeans(phones=["+31611111111"], words=Language.load("nl"), site="Receptie Noord", down_minutes=10)
DAY = 24 * 60 * MINUTE
STATUS = ModemStatus(
    name="noord", port="p", state=ModemState.READY, clock_source=ClockSource.MODEM, clock_offset_seconds=HOUR
)


def seen(house: House) -> ClockComparison:
    return compare(kept_evidence(house.db.meta.get(EVIDENCE_KEY)), house.clock.moment())


def report(house: House, *, seconds: float) -> StatusReport:
    """A service centre whose time is so far ahead of the wall clock."""
    stamped = datetime.fromtimestamp(house.clock.wall() / 1000, UTC) + timedelta(seconds=seconds)
    return StatusReport(
        reference=7, recipient=PHONE, service_centre_time=stamped, discharge_time=None, status=0, service_centre=""
    )


def alarms(house: House) -> int:
    vigil = Vigil(MEANS)
    vigil.look_at_clock(house.clock.moment(), Records(house.db, house.clock), house.clock.now())
    return len(queued(house))


# With simulated modems


def test_the_time_of_the_service_centre_is_kept_for_every_process(stage: Stage) -> None:
    stage.modem().inject("clock_wrong", HOUR)
    stage.ready()
    stage.until_shown(stage.house.queue(), DeliveryState.DELIVERED)
    off = seen(stage.house).machine_off
    assert off is not None
    assert (off.modem, off.source, abs(off.seconds - HOUR) < 10) == ("noord", TimeSource.SERVICE_CENTRE, True)


def test_technicians_are_told_by_sms(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenure, "HEARTBEAT_MS", 50)
    stage.alarms = MEANS
    stage.modem().inject("clock_wrong", HOUR)
    stage.ready()
    stage.until_shown(stage.house.queue(), DeliveryState.DELIVERED)
    technician = stage.air.phone(MEANS.phones[0])
    stage.until(lambda: bool(technician.texts), "the alarm")
    stage.until_shown(stage.house.queue(), DeliveryState.DELIVERED)
    assert [text.partition(". ")[0] for text in technician.texts] == [
        "Receptie Noord: de klok van de kiosk loopt niet goed"
    ]


def test_a_service_centre_that_agrees_acquits_this_machine_and_the_modem_is_wrong(stage: Stage) -> None:
    stage.modem().inject("modem_clock_wrong", HOUR)
    stage.ready()
    stage.until(lambda: seen(stage.house).modem_off("noord") is not None, "the modem's clock")
    stage.until_shown(stage.house.queue(), DeliveryState.DELIVERED)
    times = seen(stage.house)
    assert times.network is not None
    assert (times.network.source, times.machine_off) == (TimeSource.SERVICE_CENTRE, None)
    assert times.modem_off("noord") is not None


def test_a_modem_and_its_service_centre_that_agree_are_right(stage: Stage) -> None:
    stage.modem().inject("clock_wrong", HOUR)
    stage.ready()
    stage.until(lambda: "noord" in seen(stage.house).modems, "the modem's clock")
    assert seen(stage.house).modem_off("noord") is not None
    stage.until_shown(stage.house.queue(), DeliveryState.DELIVERED)
    assert seen(stage.house).modem_off("noord") is None


@pytest.mark.parametrize("order", [("noord", "zuid"), ("zuid", "noord")])
def test_two_networks_that_contradict_each_other_accuse_nobody(stage: Stage, order: tuple[str, str]) -> None:
    stage.modem("noord", "20408").inject("clock_wrong", HOUR)
    stage.modem("zuid", "20404")
    stage.ready()
    for name in order:
        stage.until_shown(stage.house.queue(only_modem=name), DeliveryState.DELIVERED)
    assert {one.modem for one in kept_evidence(stage.house.db.meta.get(EVIDENCE_KEY))} >= {"noord", "zuid"}
    assert seen(stage.house).machine_off is None


# In a house whose clock stands still


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({"clock_from_network": None}, TimeSource.MODEM),
        ({"clock_from_network": False}, TimeSource.MODEM),
        ({"clock_from_network": True}, TimeSource.NETWORK),
        ({"clock_source": ClockSource.NETWORK}, TimeSource.NETWORK),
    ],
)
def test_only_a_clock_that_the_network_sets_says_something_of_ours(
    still: House, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], source: TimeSource
) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    TimeWitness(still.clock).look([replace(STATUS, clock_at=100.0, **changes)], still.db)
    [kept] = kept_evidence(still.db.meta.get(EVIDENCE_KEY))
    assert (kept.source, kept.offset_seconds) == (source, HOUR)
    assert (seen(still).machine_off is not None) == (source is TimeSource.NETWORK)
    assert alarms(still) == (source is TimeSource.NETWORK)


def test_a_modem_that_repeats_the_time_again_and_again_is_written_down_once_a_minute(
    still: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = TimeWitness(still.clock)
    kept = []
    for step in range(8):
        monkeypatch.setattr("time.monotonic", lambda at=float(step): at)
        witness.look([replace(STATUS, clock_at=float(step), clock_offset_seconds=float(step))], still.db)
        kept.append(kept_evidence(still.db.meta.get(EVIDENCE_KEY))[0].offset_seconds)
        still.clock.ahead += MINUTE // 4
    assert kept == [0.0, 0.0, 0.0, 0.0, 4.0, 4.0, 4.0, 4.0]


def test_a_difference_of_two_minutes_is_an_alarm_once_a_day(still: House) -> None:
    witness = TimeWitness(still.clock)
    for seconds, expected in ((119, 0), (121, 1), (-500, 1)):
        witness.sent("noord", 7, 2.0)
        witness.reported("noord", report(still, seconds=seconds), still.db)
        assert alarms(still) == expected
        still.clock.ahead += 1000


def test_a_clock_that_is_set_right_is_right_at_once_by_the_same_evidence(still: House) -> None:
    still.clock.wrong = -HOUR * 1000
    witness = TimeWitness(still.clock)
    witness.sent("noord", 7, 2.0)
    witness.reported("noord", report(still, seconds=HOUR), still.db)
    assert seen(still).machine_off is not None
    still.clock.wrong = 0
    assert seen(still).machine_off is None


def test_a_clock_that_was_set_while_the_sms_was_on_its_way_is_judged_by_what_it_is_now(still: House) -> None:
    still.clock.wrong = -HOUR * 1000
    witness = TimeWitness(still.clock)
    witness.sent("noord", 7, 2.0)
    stamped = report(still, seconds=HOUR)
    still.clock.wrong = 0
    still.clock.ahead += MINUTE
    witness.reported("noord", stamped, still.db)
    times = seen(still)
    assert times.network is not None
    assert abs(times.network.seconds) < 3


def test_a_report_of_an_sms_of_somebody_else_or_of_long_ago_is_no_evidence(still: House) -> None:
    witness = TimeWitness(still.clock)
    witness.reported("noord", report(still, seconds=HOUR), still.db)
    witness.sent("zuid", 7, 2.0)
    witness.reported("noord", report(still, seconds=HOUR), still.db)
    witness.sent("noord", 7, 2.0)
    still.clock.ahead += 61 * MINUTE
    witness.reported("noord", report(still, seconds=HOUR), still.db)
    assert seen(still).network is None


def test_evidence_of_yesterday_and_what_is_damaged_counts_for_nothing(still: House) -> None:
    witness = TimeWitness(still.clock)
    witness.sent("noord", 7, 2.0)
    witness.reported("noord", report(still, seconds=HOUR), still.db)
    still.clock.ahead += DAY + 1
    assert seen(still).network is None
    with still.db.transaction(write=True):
        still.db.meta.set(EVIDENCE_KEY, '[{"modem": 1}]')
    assert kept_evidence(still.db.meta.get(EVIDENCE_KEY)) == []
