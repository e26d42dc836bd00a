"""Taking the lock, and ending in good order."""

import logging
import threading
import time
from dataclasses import replace
from functools import partial

import pytest

from data.messages import MessageState
from hardware.simulator.faults import Fault
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.modem_rows import HEARTBEAT_MS
from kiosk.delivery.outbox import DeliveryState, Outbox
from kiosk.delivery.records import Records
from kiosk.delivery.sending import Sending
from tests.kiosk.delivery.stage import Stage

CTRL_Z = b"\x1a"


def test_every_ring_makes_the_dispatcher_look(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    look = Sending.look

    def counted(sending: Sending, records: Records, now: int) -> None:
        look(sending, records, now)
        looks.append(now)

    monkeypatch.setattr(Sending, "look", counted)
    for name in ("IDLE_POLL", "AWAITED_POLL"):
        monkeypatch.setattr(f"kiosk.delivery.doorbell.{name}", 3600.0)
    stage.modem()
    stage.ready()
    for _ in range(5):
        so_far = len(looks)
        stage.house.doorbell.ring()
        stage.until(partial(looked_more_often, looks, so_far))


def looked_more_often(looks: list[int], before: int) -> bool:
    return len(looks) > before


def test_a_ring_that_is_lost_loses_no_sms(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    deaf = Doorbell(stage.house.directory / "elsewhere")
    message = replace(stage.house, outbox=Outbox(stage.house.db, stage.house.policy, deaf)).queue()
    deaf.close()
    stage.until_sent(message)


def test_the_rows_of_modems_are_renewed_although_nothing_happens(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    stage.house.clock.ahead = 2 * HEARTBEAT_MS
    now = stage.house.clock.now()
    stage.until(lambda: stage.house.db.modems.all()[0].seen_at >= now)


def test_stopping_leaves_no_thread_no_lock_and_no_ready_modem(stage: Stage) -> None:
    stage.modem()
    assert stage.ready().stop()
    assert not [thread for thread in threading.enumerate() if thread.name in {"dispatcher", "modem noord"}]
    assert stage.house.outbox.modems(stage.house.clock.now())[0].reason == "stopped"
    assert stage.house.delivery(stage.house.queue()).state is DeliveryState.MODEM_DOWN


def test_who_waits_for_the_lock_can_be_stopped_and_never_drives(stage: Stage) -> None:
    stage.modem()
    first = stage.ready()
    waiting = stage.dispatcher()
    assert waiting.stop()
    assert first.stop()
    stage.dispatcher()
    stage.until_sent(stage.house.queue())
    assert not waiting.drives


def test_a_lock_that_cannot_be_opened_is_tried_again(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.ERROR, "kiosk.delivery")
    monkeypatch.setattr("kiosk.delivery.dispatcher.TROUBLE", 0.01)
    lock = stage.house.directory / "dispatcher.lock"
    lock.mkdir()
    stage.modem()
    stage.dispatcher()
    message = stage.house.queue()
    stage.until(lambda: "cannot be opened" in caplog.text)
    lock.rmdir()
    stage.until_sent(message)


def test_stopping_waits_for_the_answer_to_an_sms_that_is_on_its_way(stage: Stage) -> None:
    modem = stage.modem()
    dispatcher = stage.ready()
    modem.inject(Fault.CMGS_TAKES, 0.6)
    message = stage.house.queue(report=False)
    stage.until_written(CTRL_Z)
    assert dispatcher.stop()
    assert stage.house.state(message) is MessageState.SENT


def test_stopping_gives_up_after_its_patience_and_says_unknown(stage: Stage) -> None:
    modem = stage.modem()
    dispatcher = stage.ready()
    modem.inject(Fault.CMGS_TAKES, 60)
    message = stage.house.queue(report=False)
    stage.until_written(CTRL_Z)
    assert dispatcher.stop(patience=0.1)
    assert stage.house.state(message) is MessageState.UNKNOWN


def test_stopping_takes_back_what_has_not_been_committed_at_once(stage: Stage) -> None:
    modem = stage.modem()
    dispatcher = stage.ready()
    modem.inject(Fault.PROMPT_LATE, 1.0)
    message = stage.house.queue(report=False)
    stage.until_written(b"AT+CMGS")
    began = time.monotonic()
    assert dispatcher.stop(patience=30)
    assert time.monotonic() - began < 15
    assert stage.house.state(message) is MessageState.QUEUED
