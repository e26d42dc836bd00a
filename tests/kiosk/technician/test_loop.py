"""The round at night: each modem sends to another and that one reads it; prepaid SIMs are asked for their credit."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from data.chores import LoopResult
from data.messages import MessageKind
from hardware.simulator.faults import Fault
from kiosk.delivery.alarms import AlarmMeans
from kiosk.delivery.borrowing import Borrowed
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.language import Language
from kiosk.technician.night import NightMeans, Round, routes
from kiosk.technician.postman import OutboxPostman
from tests.kiosk.delivery.house import TestClock
from tests.kiosk.delivery.stage import Stage, make_means

TECHNICIAN = "+31687654321"


class Site:
    """Two modems that a dispatcher drives, and what a round at night works with."""

    def __init__(self, stage: Stage, waker: Waker) -> None:
        self.stage = stage
        self.waker = waker
        stage.modem()
        stage.modem("zuid", "20404")
        stage.ready()

    def means(self) -> NightMeans:
        house = self.stage.house
        means = make_means(
            house.directory, self.stage.settings, self.waker.doorbell, clock=house.clock, policy=house.policy
        )
        words = Language.load("nl")
        return NightMeans(
            open_database=means.open_database,
            lend=lambda modem, purpose: Borrowed(
                means,
                self.waker,
                modem,
                purpose=purpose,
                borrower="night",
                actor="night",
                dispatcher_lock=house.directory / "dispatcher.lock",
            ),
            postman=lambda modem: OutboxPostman(
                means.open_database,
                modem=modem,
                language="nl",
                policy=house.policy,
                clock=house.clock,
                doorbell=self.waker.doorbell,
            ),
            modems=tuple(self.stage.modems),
            numbers={name: modem.sim.number for name, modem in self.stage.modems.items()},
            prepaid={},
            words=words,
            site="Receptie Noord",
            zone=ZoneInfo("Europe/Amsterdam"),
            clock=house.clock,
            alarms=AlarmMeans(phones=(TECHNICIAN,), words=words, site="Receptie Noord", down_minutes=10),
            wait_seconds=20.0,
        )

    def results(self) -> dict[str, LoopResult]:
        return {one.from_modem: one.result for one in self.stage.house.db.chores.loops(0)}

    def alarms(self) -> list[str]:
        rows = self.stage.house.db._connection.rows("SELECT kind FROM messages WHERE kind = 'alarm'")
        return [row["kind"] for row in rows]


@pytest.fixture
def site(stage: Stage) -> Iterator[Site]:
    waker = Waker(Doorbell(stage.house.directory / "doorbell"))
    waker.start()
    yield Site(stage, waker)
    assert waker.stop()


def test_each_modem_sends_to_the_other_and_that_one_reads_it(site: Site) -> None:
    Round(site.means()).run()
    assert site.results() == {"noord": LoopResult.ARRIVED, "zuid": LoopResult.ARRIVED}
    assert site.alarms() == []
    site.stage.until_ready()


def test_what_was_read_is_taken_out_of_the_memory_and_nothing_else(site: Site) -> None:
    before = {name: dict(modem.sim.messages.messages) for name, modem in site.stage.modems.items()}
    Round(site.means()).run()
    assert {name: dict(modem.sim.messages.messages) for name, modem in site.stage.modems.items()} == before


def test_an_sms_that_the_network_took_and_that_did_not_come_is_lost_and_told_to_the_technician(site: Site) -> None:
    Round(dataclasses.replace(site.means(), wait_seconds=0.0, numbers={"zuid": "+31600000009"})).run()
    assert site.results() == {"noord": LoopResult.LOST}
    assert site.alarms() == [MessageKind.ALARM.value]


def test_an_sms_that_was_refused_is_not_called_lost(site: Site) -> None:
    for modem in site.stage.modems.values():
        modem.inject(Fault.CMS_ERROR, 1)
    Round(site.means()).run()
    assert set(site.results().values()) == {LoopResult.NOT_SENT}
    assert site.alarms() == []


@pytest.mark.parametrize(
    ("today", "alarms"), [(date(2027, 11, 30), []), (date(2027, 12, 2), [MessageKind.ALARM.value])]
)
def test_the_credit_that_the_operator_names_is_kept_and_its_end_is_told_thirty_days_ahead(
    site: Site, today: date, alarms: list[str]
) -> None:
    noon = TestClock(fixed=int(datetime(today.year, today.month, today.day, 12, tzinfo=UTC).timestamp() * 1000))
    # What the simulated operator says: 12,50 euro, until 31 December 2027.
    Round(dataclasses.replace(site.means(), numbers={}, prepaid={"noord": "*101#"}, clock=noon)).run()
    kept = site.stage.house.db.chores.credits()["noord"]
    assert (kept.cents, kept.expires_on) == (1250, "2027-12-31")
    assert site.alarms() == alarms


@pytest.mark.parametrize(
    ("modems", "numbers", "ways"),
    [
        ((), (), []),
        (("a",), ("a",), []),
        (("a", "b"), ("a", "b"), [("a", "b"), ("b", "a")]),
        (("a", "b"), ("b",), [("a", "b")]),
        (("a", "b", "c"), ("a", "b", "c"), [("a", "b"), ("b", "c"), ("c", "a")]),
        (("a", "b", "c"), ("c",), [("a", "c"), ("b", "c")]),
    ],
)
def test_every_modem_sends_to_another_one_that_has_a_number(
    modems: tuple[str, ...], numbers: tuple[str, ...], ways: list[tuple[str, str]]
) -> None:
    found = routes(modems, dict.fromkeys(numbers, "+31612345678"))
    assert [(one.from_modem, one.to_modem) for one in found] == ways
