"""Modems are asked what time it is when somebody wants to know it now."""

from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from hardware.modem.errand import Errand, ErrandRefused
from hardware.modem.errands.clock import ModemClock
from hardware.modem.fleet import Fleet
from hardware.modem.status import ModemState, ModemStatus
from kiosk.clock import ASKED_KEY, EVIDENCE_KEY, TimeSource, kept_evidence
from kiosk.delivery.time_question import ANSWER_SECONDS, TimeQuestion
from kiosk.delivery.time_witness import TimeWitness
from tests.kiosk.delivery.house import House
from tests.kiosk.delivery.stage import Stage

HOUR = 3600


def told(house: House) -> list[tuple[str, TimeSource, float]]:
    found = kept_evidence(house.db.meta.get(EVIDENCE_KEY))
    return [(one.modem, one.source, one.offset_seconds) for one in found]


def ask(house: House, *, seconds_ago: float = 0) -> None:
    with house.db.transaction(write=True):
        house.db.meta.set(ASKED_KEY, str(house.clock.now() - round(seconds_ago * 1000)))


def test_a_modem_that_is_asked_says_at_once_what_its_clock_says(stage: Stage) -> None:
    modem = stage.modem()
    stage.ready()
    # From now on its driver writes down what it reads by itself in a minute.
    stage.until(lambda: bool(told(stage.house)), "the modem's clock")
    modem.inject("modem_clock_wrong", HOUR)
    ask(stage.house)
    stage.house.doorbell.ring()
    stage.until(lambda: any(abs(one[2] - HOUR) < 10 for one in told(stage.house)), "the answer")


class OneModem:
    """A fleet whose errands end when the test says so."""

    def __init__(self, **status: Any) -> None:
        given = {"state": ModemState.READY} | status
        self.status = ModemStatus(name="noord", port="p", **given)
        self.asked: list[Future[ModemClock]] = []

    def statuses(self) -> dict[str, ModemStatus]:
        return {"noord": self.status}

    def run(self, name: str, errand: Errand[ModemClock]) -> "Future[ModemClock]":
        assert (name, errand.gives_way) == ("noord", True)
        self.asked.append(Future())
        return self.asked[-1]


def question(house: House, modem: OneModem, heard: list[str]) -> TimeQuestion:
    fleet = cast("Fleet", modem)
    return TimeQuestion(fleet, TimeWitness(house.clock), house.clock, lambda: heard.append("heard"))


def answer(seconds: float | None) -> ModemClock:
    return ModemClock(at=datetime.now(UTC), offset_seconds=seconds, from_network=True, refused=None)


@pytest.mark.parametrize(
    ("from_network", "source"), [(True, TimeSource.NETWORK), (False, TimeSource.MODEM), (None, TimeSource.MODEM)]
)
def test_an_answer_is_evidence_of_the_network_only_where_that_sets_the_clock(
    still: House, *, from_network: bool | None, source: TimeSource
) -> None:
    modem, heard = OneModem(clock_from_network=from_network), list[str]()
    asking = question(still, modem, heard)
    ask(still)
    asking.look(still.db)
    asking.look(still.db)
    [future] = modem.asked
    future.set_result(answer(7.0))
    assert heard == ["heard"]
    asking.look(still.db)
    assert told(still) == [("noord", source, 7.0)]


@pytest.mark.parametrize("refused", [None, ErrandRefused("closed")])
def test_a_modem_that_does_not_tell_says_nothing_and_may_be_asked_again(
    still: House, refused: ErrandRefused | None
) -> None:
    modem = OneModem()
    asking = question(still, modem, [])
    ask(still)
    asking.look(still.db)
    if refused is None:
        modem.asked[0].set_result(answer(None))
    else:
        modem.asked[0].set_exception(refused)
    still.clock.ahead += 1
    ask(still)
    asking.look(still.db)
    assert told(still) == []
    assert len(modem.asked) == 2


@pytest.mark.parametrize("seconds_ago", [ANSWER_SECONDS + 1, -5])
def test_nobody_is_asked_what_somebody_wanted_to_know_at_another_time(still: House, seconds_ago: float) -> None:
    modem = OneModem()
    ask(still, seconds_ago=seconds_ago)
    question(still, modem, []).look(still.db)
    assert modem.asked == []


def test_a_modem_that_is_not_ready_is_left_to_become_so(still: House) -> None:
    modem = OneModem(state=ModemState.NO_NETWORK)
    ask(still)
    question(still, modem, []).look(still.db)
    assert modem.asked == []
