"""What the network says of the time, in every maker's words; and how far our own clock is off by it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem.jobs import Sent
from hardware.modem.network_time import modem_clock_offset_seconds, network_time, report_offset_seconds
from hardware.modem.reports import StatusReport
from hardware.modem.status import ClockSource
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import NUMBER, Harness
from tests.hardware.modem.scripted import ScriptedModem

NOON = datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        '*PSUTTZ: 2026,11,27,12,0,0,"+4",0',
        '+CTZE: "+04",0,"2026/11/27,13:00:00"',
        "+CTZE: +04,0,2026/11/27,13:00:00",
        "^NWTIME: 26/11/27,13:00:00+04,00",
        "+NITZ: 26/11/27,13:00:00+04",
        '+CTZV: "26/11/27,13:00:00+04",0',
        '+CTZE: "-12",1,"2026/11/27,09:00:00"',
    ],
)
def test_the_networks_time_is_read_in_every_makers_words(line: str) -> None:
    assert network_time(line) == NOON


@pytest.mark.parametrize(
    "line",
    [
        "+CTZV: +04",
        '+CTZE: "+99",0,"2026/11/27,13:00:00"',
        "*PSUTTZ: 2026,13,27,12,0,0",
        "*PSUTTZ: 2004,1,1,0,0,12",
        "+CREG: 1",
        "",
    ],
)
def test_what_is_no_time_is_none(line: str) -> None:
    assert network_time(line) is None


@given(line=st.text(max_size=80) | st.from_regex(r"(\*PSUTTZ|\+CTZE|\+CTZV|\^NWTIME|\+NITZ): .{0,40}"))
def test_no_line_breaks_the_reading(line: str) -> None:
    found = network_time(line)
    assert found is None or found.year >= 2024


def report(service_centre_time: datetime | None) -> StatusReport:
    return StatusReport(
        reference=1, recipient=NUMBER, service_centre_time=service_centre_time, discharge_time=None, status=0
    )


@pytest.mark.parametrize(
    ("theirs", "offset"),
    [
        (NOON, 0.0),
        (NOON + timedelta(seconds=5), 0.0),
        (NOON + timedelta(hours=1, seconds=5), 3600.0),
        (NOON - timedelta(hours=1, seconds=1), -3600.0),
        (datetime(2004, 1, 1, tzinfo=UTC), None),
        (None, None),
    ],
)
def test_a_report_says_how_far_our_clock_is_off(theirs: datetime | None, offset: float | None) -> None:
    assert report_offset_seconds(report(theirs), NOON, NOON + timedelta(seconds=5)) == offset


@pytest.mark.parametrize(
    ("hours_ahead", "zone_hours", "offset"),
    [(0, 1, 0.0), (3, 1, 10800.0), (-1, 1, None), (-2, 2, None), (-1, 2, -3600.0), (1, -1, None), (1, 0, 3600.0)],
)
def test_a_modems_clock_that_is_off_by_its_zone_is_no_evidence(
    hours_ahead: int, zone_hours: int, offset: float | None
) -> None:
    theirs = (NOON + timedelta(hours=hours_ahead)).astimezone(timezone(timedelta(hours=zone_hours)))
    assert modem_clock_offset_seconds(theirs, NOON) == offset


def test_the_status_knows_how_far_the_network_is_ahead(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        ahead = datetime.now(UTC) + timedelta(hours=1)
        scripted.say(ahead.strftime('\r\n*PSUTTZ: %Y,%m,%d,%H,%M,%S,"+4",0\r\n').encode())
        harness.wait_for(lambda: harness.status.clock_source is ClockSource.NETWORK)
        assert harness.status.clock_offset_seconds == pytest.approx(3600, abs=5)


def test_the_modems_clock_is_read_now_and_then(air: SimulatedNetwork, state: Path) -> None:
    with (
        SimulatedModem(air=air, faults=["clock_wrong=3600"]) as modem,
        Harness(modem.port, state, health_seconds=0.02) as harness,
    ):
        harness.wait_for(lambda: harness.status.clock_source is ClockSource.MODEM)
        assert abs(abs(harness.status.clock_offset_seconds or 0) - 3600) < 5


def test_a_report_with_a_wrong_time_is_the_report_of_its_sms_all_the_same(air: SimulatedNetwork, state: Path) -> None:
    air.phone(NUMBER)
    with SimulatedModem(air=air, faults=["clock_wrong=86400"]) as modem, Harness(modem.port, state) as harness:
        sent = harness.ready().send()
        harness.wait_for(lambda: bool(harness.reports))
        assert isinstance(sent, Sent)
        assert harness.reports[0].reference == sent.reference
        theirs = harness.reports[0].service_centre_time
        assert theirs is not None
        assert abs((theirs - datetime.now(UTC)).total_seconds()) > 80000


@pytest.mark.parametrize(
    ("answer", "by_network"),
    [(b"\r\n+CTZU: 1\r\n\r\nOK\r\n", True), (b"\r\n+CTZU: 0\r\n\r\nOK\r\n", False), (b"\r\nERROR\r\n", None)],
)
def test_whether_the_network_sets_the_modems_clock_is_known(
    scripted: ScriptedModem, state: Path, answer: bytes, by_network: bool | None
) -> None:
    ahead = datetime.now(UTC) + timedelta(hours=1)
    scripted.answers |= {
        "AT+CTZU?": answer,
        "AT+CCLK?": ahead.strftime('\r\n+CCLK: "%y/%m/%d,%H:%M:%S+00"\r\n\r\nOK\r\n').encode(),
    }
    with Harness(scripted.port, state, health_seconds=0.02) as harness:
        harness.wait_for(lambda: harness.status.clock_offset_seconds is not None)
        assert harness.status.clock_from_network is by_network
        # Switched on now, it says nothing of what the clock was set by before.
        assert ("AT+CTZU=1" in scripted.heard) == (by_network is False)


def test_a_clock_that_nothing_sets_and_reports_that_are_right_are_told_apart(
    air: SimulatedNetwork, state: Path
) -> None:
    air.phone(NUMBER)
    with (
        SimulatedModem(air=air, faults=["modem_clock_wrong=3600"]) as modem,
        Harness(modem.port, state, health_seconds=0.02) as harness,
    ):
        before = datetime.now(UTC)
        harness.ready().send()
        harness.wait_for(lambda: bool(harness.reports) and harness.status.clock_offset_seconds is not None)
        assert harness.status.clock_from_network is False
        assert harness.status.clock_offset_seconds == pytest.approx(3600, abs=5)
        assert report_offset_seconds(harness.reports[0], before, datetime.now(UTC)) == 0.0
