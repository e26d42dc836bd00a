"""A resend over another network by the only modem, whose SIM may roam; and the way back, whatever happens in between."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import pytest

from data.messages import Message, MessageState
from data.modems import Modem
from hardware.modem.errand import Errand
from hardware.modem.fleet import Fleet
from hardware.modem.status import ModemState, ModemStatus
from hardware.simulator import SimulatedModem, SimulatedNetwork
from hardware.simulator.operators import OPERATORS
from hardware.simulator.sim_card import SimulatedSim
from kiosk.delivery import moving
from kiosk.delivery.borrowing import Borrowed, Purpose
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.delivery.jobs import ModemLabel
from kiosk.delivery.outbox import DeliveryState
from kiosk.delivery.records import Records
from tests.kiosk.delivery.dispatcher_process import ROAMING
from tests.kiosk.delivery.house import MINUTE, House
from tests.kiosk.delivery.processes import Start
from tests.kiosk.delivery.stage import QUICK, Stage, make_means

KPN, VODAFONE, PROXIMUS = "20408", "20404", "20601"
SCAN = b"AT+COPS=?"
AUTOMATIC = b"AT+COPS=0\r"
PACE = dataclasses.replace(QUICK, operator_arrive=0.2, operator_scan=20.0, operator_set=5.0)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A house between three networks."""
    air = SimulatedNetwork(operators=[one for one in OPERATORS if one.mccmnc in {KPN, VODAFONE, PROXIMUS}])
    stage = Stage(House.make(tmp_path), air=air)
    yield stage
    stage.close()


def roaming(stage: Stage, name: str = "noord") -> SimulatedModem:
    """A modem with a Belgian SIM at KPN, far from home; it may go elsewhere."""
    stage.air.outage(PROXIMUS)
    sim = SimulatedSim(number="+32475000001", network=PROXIMUS, may_roam=True)
    return stage.modem(name, KPN, pace=PACE, sim=sim)


def row(stage: Stage, name: str = "noord") -> Modem:
    return next(one for one in stage.house.db.modems.all() if one.name == name)


def first_sent(stage: Stage) -> Message:
    first = stage.house.queue()
    stage.until_sent(first)
    return first


def until_home(stage: Stage, name: str = "noord") -> None:
    stage.until(lambda: row(stage, name).moved_for is None, "the choice given back")


def test_the_only_modem_moves_for_a_resend_and_chooses_by_itself_again(stage: Stage) -> None:
    modem = roaming(stage)
    stage.ready()
    second = stage.house.resend(first_sent(stage), same_network_allowed=True)
    stage.until_sent(second)
    until_home(stage)
    assert [sms.network for sms in stage.air.accepted] == [KPN, VODAFONE]
    assert stage.house.tries(second)[-1].network_group == "Vodafone"
    stage.until(lambda: modem.serving_network == KPN, "back at its first network")
    log = [event.action for each in stage.house.db.audit.rows() if (event := each.event)]
    assert [action for action in log if action.startswith("modem.moved")] == ["modem.moved", "modem.moved_back"]


def searching(stage: Stage) -> Message:
    """A resend for which the modem has begun to search, and will for long."""
    roaming(stage).inject("scan_takes", 60)
    stage.ready()
    second = stage.house.resend(first_sent(stage), same_network_allowed=True)
    stage.until_shown(second, DeliveryState.SEARCHING)
    stage.until_written(SCAN)
    return second


def test_who_waits_is_told_that_another_network_is_looked_for(stage: Stage) -> None:
    delivery = stage.house.delivery(searching(stage))
    assert (delivery.final, delivery.position) == (False, 0)


def test_a_first_sms_never_looks_for_another_network(stage: Stage) -> None:
    roaming(stage)
    stage.ready()
    first_sent(stage)
    assert SCAN not in stage.written()


def test_where_the_site_does_not_say_so_no_sim_roams(stage: Stage) -> None:
    roaming(stage)
    stage.roaming.clear()
    stage.ready()
    second = stage.house.resend(first_sent(stage), same_network_allowed=True)
    stage.until_sent(second)
    assert [sms.network for sms in stage.air.accepted] == [KPN, KPN]
    assert SCAN not in stage.written()


def test_another_modem_on_another_network_is_quicker(stage: Stage) -> None:
    roaming(stage)
    stage.modem("zuid", VODAFONE)
    stage.ready()
    second = stage.house.resend(stage.house.queue(only_modem="noord"), same_network_allowed=True)
    stage.until_sent(second)
    assert SCAN not in stage.written()


def test_without_another_network_in_reach_it_goes_over_the_same_one_if_the_person_wants_that(stage: Stage) -> None:
    roaming(stage)
    stage.air.outage(VODAFONE)
    stage.ready()
    second = stage.house.resend(first_sent(stage), same_network_allowed=True)
    stage.until_sent(second)
    until_home(stage)
    assert [sms.network for sms in stage.air.accepted] == [KPN, KPN]
    assert stage.written().count(SCAN) == 1


def test_a_sim_that_no_other_network_takes_is_told_as_it_is(stage: Stage) -> None:
    sim = SimulatedSim(network=KPN)
    stage.modem(pace=PACE, sim=sim)
    stage.roaming.add("noord")
    stage.ready()
    second = stage.house.resend(first_sent(stage), same_network_allowed=False)
    stage.until(lambda: SCAN in stage.written(), "the search")
    until_home(stage)
    assert stage.house.delivery(second).state is DeliveryState.NO_NETWORK
    assert stage.house.state(second) is MessageState.QUEUED
    assert stage.written().count(SCAN) == 1
    assert b"AT+COPS=4" not in stage.written()


def test_another_code_ends_the_search_and_both_go_out(stage: Stage) -> None:
    second = searching(stage)
    other = stage.house.queue(stage.house.challenge(stage.house.sign_in("pietersen")), text="Uw code is 111111")
    stage.until_sent(other)
    stage.until_sent(second)
    until_home(stage)
    assert stage.written().count(SCAN) == 1


def test_who_goes_another_way_ends_the_search(stage: Stage) -> None:
    second = searching(stage)
    assert second.sign_in_id is not None
    with stage.house.db.transaction(write=True):
        assert stage.house.outbox.cancel(second.sign_in_id, now=stage.house.clock.now()) == 1
    until_home(stage)
    assert len(stage.air.accepted) == 1
    stage.until_sent(stage.house.queue())


def test_a_search_leaves_time_to_send_over_the_same_network(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of the five minutes of the code nearly nothing is left for searching.
    monkeypatch.setattr(moving, "KEPT_FOR_SENDING_MS", 5 * MINUTE - 1000)
    second = searching(stage)
    stage.until_sent(second)
    assert [sms.network for sms in stage.air.accepted] == [KPN, KPN]


def test_for_a_code_that_ends_soon_nothing_is_looked_for(stage: Stage) -> None:
    roaming(stage)
    stage.ready()
    sign_in = stage.house.sign_in()
    first = stage.house.queue(stage.house.challenge(sign_in, minutes=1.4))
    stage.until_sent(first)
    stage.until_sent(stage.house.resend(first, same_network_allowed=True))
    assert SCAN not in stage.written()


@pytest.mark.parametrize("at", ["search", "move"])
def test_a_driver_that_died_while_the_modem_was_away_leaves_a_modem_that_the_next_one_brings_home(
    stage: Stage, start: Start, at: str
) -> None:
    modem = roaming(stage)
    modem.inject(*(("scan_takes", 60) if at == "search" else ("reselection_takes", 60)))
    first = start(ROAMING)
    stage.until_ready()
    second = stage.house.resend(first_sent(stage), same_network_allowed=True)
    stage.until_written(SCAN if at == "search" else b"AT+COPS=4")
    first.kill()
    modem.clear()
    if at == "move":
        # What it had asked for has happened in the meantime.
        modem.inject("manual_operator_left")
    with stage.house.db.transaction(write=True):
        assert second.sign_in_id is not None
        stage.house.outbox.cancel(second.sign_in_id, now=stage.house.clock.now())
    assert row(stage).moved_for == second.id
    start()
    until_home(stage)
    assert (AUTOMATIC in stage.written()) == (at == "move")
    assert modem.serving_network == KPN


def test_a_choice_that_a_technician_left_is_not_ours_to_take_back(stage: Stage) -> None:
    roaming(stage).inject("manual_operator_left")
    stage.ready()
    first_sent(stage)
    assert AUTOMATIC not in stage.written()


def left_away(stage: Stage) -> SimulatedModem:
    """A modem whose row says that a driver who is dead moved it, and that is fixed on a network."""
    made = stage.house.modem()
    with stage.house.db.transaction(write=True):
        stage.house.db.modems.moved(made.id, "somebody's message")
    modem = roaming(stage)
    modem.inject("manual_operator_left")
    return modem


def test_a_modem_that_does_not_come_home_at_once_is_told_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "FIRST_AGAIN_SECONDS", 0.1)
    modem = left_away(stage)
    stage.settings[0] = dataclasses.replace(
        stage.settings[0], pace=dataclasses.replace(PACE, operator_set=0.3, escape=0.5)
    )
    modem.inject("reselection_takes", 60, times=1)
    stage.ready()
    until_home(stage)
    assert stage.written().count(AUTOMATIC) == 2
    assert modem.serving_network == KPN


def test_whoever_borrows_a_modem_that_was_left_away_brings_it_home(stage: Stage) -> None:
    modem = left_away(stage)
    house = stage.house
    waker = Waker(Doorbell(house.directory / "doorbell"))
    waker.start()
    means = make_means(house.directory, stage.settings, waker.doorbell, clock=house.clock, policy=house.policy)
    lock = house.directory / "dispatcher.lock"
    with Borrowed(means, waker, "noord", purpose=Purpose.LOOK, borrower="b", actor="user:t", dispatcher_lock=lock):
        until_home(stage)
    assert waker.stop()
    assert modem.serving_network == KPN


def test_a_modem_that_somebody_has_borrowed_looks_for_no_network(stage: Stage) -> None:
    roaming(stage)
    stage.ready()
    house, first = stage.house, first_sent(stage)
    waker = Waker(Doorbell(house.directory / "doorbell"))
    waker.start()
    means = make_means(house.directory, stage.settings, waker.doorbell, clock=house.clock, policy=house.policy)
    means = dataclasses.replace(means, labels={"noord": ModemLabel(may_roam=True)})
    lock = house.directory / "dispatcher.lock"
    with Borrowed(means, waker, "noord", purpose=Purpose.LOOK, borrower="b", actor="user:t", dispatcher_lock=lock):
        stage.until_sent(stage.house.resend(first, same_network_allowed=True))
    assert waker.stop()
    assert SCAN not in stage.written()


def test_what_a_dead_driver_left_is_found_also_when_the_first_thing_to_do_is_another_search(still: House) -> None:
    left, ours = still.modem("zuid"), still.modem("noord", may_roam=True)
    with still.db.transaction(write=True):
        still.db.modems.moved(left.id, "somebody's message")
    fleet = IdleFleet()
    moves = moving.Moving(cast(Fleet, fleet), told=lambda _: None)
    records = Records(still.db, still.clock)
    message = still.queue(avoid_groups=("KPN",))
    moves.begin(message, ours, records, still.clock.now())
    moves.look({message.id}, records)
    assert fleet.asked == [("noord", "another network"), ("zuid", "automatic choice")]


class IdleFleet:
    """Two modems that are ready and take any errand without ever doing it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def statuses(self) -> dict[str, ModemStatus]:
        return {name: ModemStatus(name=name, port="p", state=ModemState.READY) for name in ("noord", "zuid")}

    def run(self, name: str, errand: Errand[Any]) -> "Future[Any]":
        self.asked.append((name, errand.name))
        return Future()

    def wake(self) -> None:
        pass
