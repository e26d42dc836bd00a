"""A database that is busy, full, read-only or gone for a while: nothing is lost and the dispatcher goes on."""

import logging
import resource
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.database import Database
from data.messages import Message, MessageState
from data.modems import ModemState
from hardware.modem.jobs import Sent
from hardware.simulator.faults import Fault
from kiosk.delivery import sending
from kiosk.delivery.jobs import Flight
from kiosk.delivery.records import Records
from kiosk.delivery.routing import Choice, choose
from tests.kiosk.delivery.house import open_database
from tests.kiosk.delivery.processes import Start
from tests.kiosk.delivery.stage import DEADLINE, Stage

CTRL_Z = b"\x1a"


def impatient(directory: Path, now: int) -> Database:
    """Gives up waiting for another writer at once."""
    return open_database(directory, now, busy_ms=50)


class Trouble:
    """While `on`, every connection that is opened has what `cause` does to it."""

    def __init__(self, cause: Callable[[Database], None]) -> None:
        self.cause = cause
        self.on = True
        self.met = threading.Event()

    def open(self, directory: Path, now: int) -> Database:
        database = open_database(directory, now)
        if self.on:
            self.cause(database)
            self.met.set()
        return database


def read_only(database: Database) -> None:
    database._connection.raw.execute("PRAGMA query_only=ON")


def full(database: Database) -> None:
    pages = database._connection.raw.execute("PRAGMA page_count").fetchone()[0]
    database._connection.raw.execute(f"PRAGMA max_page_count={pages}")


def escapes(stage: Stage) -> int:
    return stage.written().count(b"\x1b")


def test_without_a_journal_nothing_is_sent_and_with_it_one_sms(stage: Stage) -> None:
    modem = stage.modem()
    modem.inject(Fault.PROMPT_LATE, 0.3, times=1)
    stage.dispatcher(open_one=impatient)
    stage.until_ready()
    message = stage.house.queue()
    stage.until_written(b"AT+CMGS")
    before = escapes(stage)
    with stage.locked():
        assert modem.wait_for(lambda: escapes(stage) > before, DEADLINE)
        assert len(stage.texts) == 0
    stage.until_sent(message)
    assert len(stage.texts) == 1


def test_an_answer_that_cannot_be_written_down_yet_is_written_later(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "kiosk.delivery")
    modem = stage.modem()
    modem.inject(Fault.CMGS_TAKES, 0.5)
    stage.dispatcher(open_one=impatient)
    stage.until_ready()
    message = stage.house.queue(report=False)
    stage.until_written(CTRL_Z)
    with stage.locked():
        assert modem.wait_for(lambda: any(b"+CMGS:" in entry.octets for entry in modem.transcript), DEADLINE)
        stage.until(lambda: "waits for the database" in caplog.text)
        assert stage.house.state(message) is MessageState.COMMITTED
    stage.until_state(message, MessageState.SENT)
    assert stage.house.audit() == [("sms.sent", "ok")]


@pytest.mark.parametrize("cause", [read_only, full])
def test_a_disk_that_takes_nothing_for_a_while_stops_nothing_for_good(
    stage: Stage, cause: Callable[[Database], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "kiosk.delivery")
    stage.modem()
    message = stage.house.queue()
    trouble = Trouble(cause)
    stage.dispatcher(open_one=trouble.open)
    assert trouble.met.wait(DEADLINE)
    trouble.on = False
    stage.until_sent(message)
    assert len(stage.texts) == 1


def test_a_disk_that_fills_up_in_the_middle_sends_nothing_until_there_is_room(stage: Stage, start: Start) -> None:
    modem = stage.modem()
    process = start()
    # Without reports, so that nothing is left to be written down when the disk is full.
    stage.until_sent(stage.house.queue(text="before", report=False))
    before = escapes(stage)
    # Every write of that process to a file fails, as on a full disk.
    resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    message = stage.house.queue(report=False)
    assert modem.wait_for(lambda: escapes(stage) > before, DEADLINE)
    assert stage.house.state(message) is MessageState.QUEUED
    resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    stage.until_sent(message)
    assert stage.texts == ("before", "Uw code is 482913")


def test_a_database_that_cannot_be_opened_is_tried_again(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "kiosk.delivery")
    stage.modem()
    message = stage.house.queue()
    failures = iter([True, True])

    def open_one(directory: Path, now: int) -> Database:
        if next(failures, False):
            return open_database(directory / "kiosk.db", now)
        return open_database(directory, now)

    stage.dispatcher(open_one=open_one)
    stage.until_sent(message)


def test_trouble_is_told_once_and_its_end_too(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "kiosk.delivery")
    stage.modem()
    stage.dispatcher(open_one=impatient)
    stage.until_ready()
    with stage.locked():
        # Time for the heartbeat of the rows.
        stage.house.clock.ahead = 60_000
        stage.until(lambda: "waits for the database" in caplog.text)
    stage.until(lambda: "the database is back" in caplog.text)
    assert caplog.text.count("waits for the database") == 1


def test_one_message_that_cannot_be_read_does_not_hold_up_the_others(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "kiosk.delivery")
    stage.modem()
    broken, whole = stage.house.queue(text="broken"), stage.house.queue(text="whole")
    stage.house.db._connection.raw.execute(
        "UPDATE messages SET sealed_text = zeroblob(40) WHERE id = :id", {"id": broken.id}
    )
    stage.ready()
    stage.until_sent(whole)
    assert stage.house.message(broken).error == "unreadable"


def test_a_mistake_with_one_result_frees_the_modem_and_leaves_no_row_stuck(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.CRITICAL, "kiosk.delivery")
    sent = Records.sent

    def mistaken(records: Records, flight: Flight, result: Sent) -> None:
        monkeypatch.setattr(Records, "sent", sent)
        raise LookupError

    monkeypatch.setattr(Records, "sent", mistaken)
    stage.modem()
    stage.ready()
    first, second = stage.house.queue(report=False), stage.house.queue(text="second")
    stage.until_sent(second)
    assert stage.house.state(first) is MessageState.COMMITTED
    # Time for the sweep.
    stage.house.clock.ahead = 60_000
    stage.until_state(first, MessageState.UNKNOWN)
    assert len(stage.texts) == 2


def test_one_message_that_nobody_can_route_does_not_hold_up_the_others(
    stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.ERROR, "kiosk.delivery")
    stage.modem()
    mistaken = stage.house.queue(text="mistaken")

    def route(message: Message, *given: Any, **named: Any) -> Choice:
        if message.id == mistaken.id:
            raise LookupError
        return choose(message, *given, **named)

    monkeypatch.setattr(sending, "choose", route)
    stage.ready()
    for text in ("one", "two"):
        stage.until_sent(stage.house.queue(text=text))
    assert stage.house.state(mistaken) is MessageState.QUEUED
    assert caplog.text.count("cannot be handed out") == 1


def test_the_modems_are_known_although_nothing_can_be_sent(stage: Stage) -> None:
    stage.modem().inject(Fault.SIM_PUK)
    stage.dispatcher()
    row = stage.until_modem("noord", ModemState.SIM_PROBLEM)
    assert row.reason
