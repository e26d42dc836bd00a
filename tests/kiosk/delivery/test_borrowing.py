"""A modem that a technician has for a while: the codes go on, nothing goes out twice, and it comes back whatever happens."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from data.loans import Loan, LoanEnd
from data.messages import MessageKind, MessageState
from data.modems import ModemState
from hardware.modem.errand import Errand, ErrandRefused
from hardware.modem.session import ModemSession
from hardware.serial_line import SerialLine
from hardware.simulator.faults import Fault
from kiosk.delivery.borrowing import Borrowed, LoanRefused, Purpose
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.delivery.loans import others_serve
from kiosk.delivery.outbox import DeliveryState
from tests.kiosk.delivery.processes import ROOT, Start
from tests.kiosk.delivery.stage import DEADLINE, Stage, make_means

CODE = "Uw code is 482913"
Borrow = Callable[..., Borrowed]


@pytest.fixture
def borrow(stage: Stage) -> Iterator[Borrow]:
    waker = Waker(Doorbell(stage.house.directory / "doorbell"))
    waker.start()

    def make(modem: str = "noord", **options: Any) -> Borrowed:
        house = stage.house
        means = make_means(house.directory, stage.settings, waker.doorbell, clock=house.clock, policy=house.policy)
        values: dict[str, Any] = {
            "purpose": Purpose.TEST,
            "borrower": "balie 3",
            "actor": "user:t",
            "dispatcher_lock": house.directory / "dispatcher.lock",
        }
        return Borrowed(means, waker, modem, **(values | options))

    yield make
    assert waker.stop()


def question(seconds: float = DEADLINE) -> Errand[bool]:
    def ask(session: ModemSession) -> bool:
        return session.channel.command("AT").ok

    return Errand(name="attention", run=ask, deadline=time.monotonic() + seconds)


def loans(stage: Stage) -> list[Loan]:
    rows = stage.house.db._connection.rows("SELECT id FROM loans ORDER BY rowid")
    return [loan for row in rows if (loan := stage.house.db.loans.get(row["id"]))]


def ready(modem: Borrowed) -> bool:
    return modem.status.registered


@pytest.fixture
def borrower(stage: Stage) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Borrows "noord" in another process."""
    processes: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        modems = [f"{one.name}={one.port}" for one in stage.settings]
        command = [sys.executable, "-m", "tests.kiosk.delivery.borrower_process", str(stage.house.directory), "noord"]
        process = subprocess.Popen([*command, *modems], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "borrowed\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait(DEADLINE)
        assert process.stdout is not None
        process.stdout.close()


def test_a_borrowed_modem_answers_and_goes_back_to_its_dispatcher(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    stage.ready()
    with borrow() as modem:
        assert modem.run(question()).result(DEADLINE) is True
    stage.until_sent(stage.house.queue())
    assert [(loan.granted_at is not None, loan.ended_by) for loan in loans(stage)] == [(True, LoanEnd.RETURNED)]


def test_a_code_that_waits_for_the_only_modem_goes_out_while_that_is_borrowed(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    stage.ready()
    with borrow() as modem:
        stage.until(lambda: ready(modem))
        stage.until_sent(stage.house.queue())
        assert modem.run(question()).result(DEADLINE) is True
    assert stage.texts == (CODE,)


def test_while_one_modem_is_borrowed_codes_go_over_the_other_one(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    stage.modem("zuid", "20404")
    stage.ready()
    with borrow() as modem:
        stage.until(lambda: ready(modem))
        for _ in range(3):
            stage.until_sent(stage.house.queue())
    assert stage.networks_used() == ["20404"] * 3


def test_an_sms_for_one_modem_goes_over_that_one_although_another_is_free(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    stage.modem("zuid", "20404")
    stage.ready()
    with borrow("zuid") as modem:
        stage.until(lambda: ready(modem))
        message = stage.house.queue(kind=MessageKind.TEST, only_modem="zuid")
        stage.until_sent(message)
        stage.until_sent(stage.house.queue(kind=MessageKind.TEST, only_modem="noord"))
    assert stage.networks_used() == ["20404", "20408"]


def test_the_dispatcher_too_sends_an_sms_for_one_modem_over_that_one(stage: Stage) -> None:
    stage.modem()
    stage.modem("zuid", "20404")
    stage.ready()
    for name in ("zuid", "noord", "zuid"):
        stage.until_sent(stage.house.queue(kind=MessageKind.TEST, only_modem=name))
    assert stage.networks_used() == ["20404", "20408", "20404"]


def test_the_modem_is_lent_only_after_the_sms_that_it_is_sending(stage: Stage, borrow: Borrow) -> None:
    stage.modem().inject(Fault.CMGS_TAKES, 0.6)
    stage.ready()
    message = stage.house.queue(report=False)
    stage.until_state(message, MessageState.COMMITTED)
    with borrow():
        assert stage.house.state(message) is MessageState.SENT
    assert stage.texts == (CODE,)


def test_somebody_else_is_told_who_has_the_modem_and_for_what(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    stage.ready()
    with borrow(purpose=Purpose.SCAN), pytest.raises(LoanRefused) as refused, borrow():
        pass
    assert (refused.value.reason, refused.value.who, refused.value.purpose) == ("borrowed", "balie 3", "scan")


def test_a_port_that_a_foreign_program_has_is_named_as_the_reason_and_the_modem_is_back_at_once(
    stage: Stage, borrow: Borrow
) -> None:
    port = stage.modem().port
    # Nobody drives it, and the one who has its port is no kiosk.
    with SerialLine(port), pytest.raises(LoanRefused) as refused, borrow():
        pass
    assert (refused.value.reason, refused.value.modem) == ("port_busy", "noord")
    assert f"({os.getpid()})" in refused.value.who
    assert [loan.ended_by for loan in loans(stage)] == [LoanEnd.REFUSED]
    with borrow() as modem:
        assert modem.run(question()).result(DEADLINE)


def test_a_modem_that_is_not_configured_cannot_be_borrowed(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    with pytest.raises(LoanRefused) as refused, borrow("west"):
        pass
    assert refused.value.reason == "unknown"


def test_without_a_dispatcher_the_borrower_goes_ahead(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    with borrow() as modem:
        assert modem.run(question()).result(DEADLINE) is True
        stage.until_sent(stage.house.queue())
    assert stage.texts == (CODE,)


def test_a_dispatcher_that_starts_leaves_a_borrowed_modem_alone_until_it_comes_back(
    stage: Stage, borrow: Borrow
) -> None:
    stage.modem()
    stage.modem("zuid", "20404")
    with borrow() as modem:
        stage.dispatcher()
        stage.until_modem("zuid", ModemState.READY)
        assert modem.run(question()).result(DEADLINE) is True
        assert not any(status.reason == "port_busy" for status in [modem.status])
    stage.until_ready()
    stage.until_sent(stage.house.queue(only_modem="noord"))


def test_a_dispatcher_that_takes_over_leaves_a_borrowed_modem_alone(stage: Stage, start: Start, borrow: Borrow) -> None:
    stage.modem()
    first = start()
    stage.until_ready()
    with borrow() as modem:
        stage.until(lambda: ready(modem))
        first.kill()
        start()
        stage.until_sent(stage.house.queue())
        assert modem.run(question()).result(DEADLINE) is True
    stage.until_sent(stage.house.queue(text="afterwards"))
    assert stage.texts == (CODE, "afterwards")


def test_a_borrower_that_is_killed_has_given_back_the_modem(
    stage: Stage, borrower: Callable[[], subprocess.Popen[str]]
) -> None:
    stage.modem()
    stage.ready()
    process = borrower()
    process.kill()
    process.wait(DEADLINE)
    stage.until_sent(stage.house.queue())
    assert [loan.ended_by for loan in loans(stage)] == [LoanEnd.DIED]


def test_an_sms_that_a_killed_borrower_was_sending_is_unknown_and_goes_out_once(
    stage: Stage, borrower: Callable[[], subprocess.Popen[str]]
) -> None:
    stage.modem()
    stage.ready()
    process = borrower()
    stage.modems["noord"].inject(Fault.ANSWER_LOST, times=1)
    message = stage.house.queue(report=False)
    assert stage.phone.wait_for(1, timeout=DEADLINE)
    assert stage.house.state(message) is MessageState.COMMITTED
    process.kill()
    process.wait(DEADLINE)
    stage.until_shown(message, DeliveryState.UNKNOWN)
    stage.until_sent(stage.house.queue(text="afterwards"))
    assert stage.texts == (CODE, "afterwards")


def test_what_a_living_borrower_is_sending_is_no_orphan_for_a_new_dispatcher(
    stage: Stage, start: Start, borrower: Callable[[], subprocess.Popen[str]]
) -> None:
    stage.modem().inject(Fault.CMGS_TAKES, 0.8)
    stage.modem("zuid", "20404")
    process = borrower()
    stage.until_modem("noord", ModemState.READY)
    message = stage.house.queue(only_modem="noord", report=False)
    stage.until_state(message, MessageState.COMMITTED)
    start()
    stage.until_modem("zuid", ModemState.READY)
    stage.until_state(message, MessageState.SENT)
    process.send_signal(signal.SIGTERM)
    assert process.wait(DEADLINE) == 0


def test_what_a_killed_dispatcher_was_sending_is_told_while_the_modem_is_borrowed(
    stage: Stage, start: Start, borrow: Borrow
) -> None:
    stage.modem().inject(Fault.ANSWER_LOST, times=1)
    first = start()
    stage.until_ready()
    message = stage.house.queue(report=False)
    assert stage.phone.wait_for(1, timeout=DEADLINE)
    assert stage.house.state(message) is MessageState.COMMITTED
    first.kill()
    with borrow():
        start()
        stage.until_shown(message, DeliveryState.UNKNOWN)
    assert stage.texts == (CODE,)


def test_what_a_killed_borrower_was_sending_is_told_when_the_next_one_is_quicker_than_a_dispatcher(
    stage: Stage, borrower: Callable[[], subprocess.Popen[str]], borrow: Borrow
) -> None:
    stage.modem().inject(Fault.ANSWER_LOST, times=1)
    process = borrower()
    message = stage.house.queue(report=False)
    assert stage.phone.wait_for(1, timeout=DEADLINE)
    assert stage.house.state(message) is MessageState.COMMITTED
    process.kill()
    process.wait(DEADLINE)
    with borrow():
        stage.until_shown(message, DeliveryState.UNKNOWN)
    assert stage.texts == (CODE,)


def test_a_loan_that_nobody_uses_ends_by_itself(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    stage.ready()
    with borrow(idle_seconds=0.2) as modem:
        stage.until(lambda: modem.over)
        stage.until_sent(stage.house.queue())
        with pytest.raises(ErrandRefused) as refused:
            modem.run(question()).result(DEADLINE)
    assert refused.value.reason == "loan_ended"
    assert [loan.ended_by for loan in loans(stage)] == [LoanEnd.IDLE]


def test_whoever_waits_for_a_modem_can_give_up(stage: Stage, borrow: Borrow) -> None:
    stage.modem().inject(Fault.CMGS_TAKES, 0.8)
    stage.ready()
    message = stage.house.queue(report=False)
    stage.until_state(message, MessageState.COMMITTED)
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(LoanRefused) as refused, borrow(cancelled=cancelled):
        pass
    assert refused.value.reason == "cancelled"
    stage.until_state(message, MessageState.SENT)
    stage.until_sent(stage.house.queue(text="afterwards"))
    assert [loan.ended_by for loan in loans(stage)] == [LoanEnd.REFUSED]


def test_loans_are_in_the_audit_log_with_who_and_why(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    stage.ready()
    with borrow(purpose=Purpose.USSD):
        pass
    events = [row.event for row in stage.house.db.audit.rows()]
    told = [
        (event.action, event.object, event.result, event.actor, event.parameters["purpose"])
        for event in events
        if event and event.action.startswith("modem.")
    ]
    assert told == [
        ("modem.borrowed", "noord", "asked", "user:t", "ussd"),
        ("modem.given_back", "noord", "returned", "user:t", "ussd"),
    ]


def test_a_modem_out_of_service_lets_go_of_its_port_and_comes_back(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    loans_of, now = stage.house.db.loans, stage.house.clock.now()
    with stage.house.db.transaction(write=True):
        assert loans_of.take_out(modem="noord", reason="another SIM", actor="user:t", now=now)
    stage.house.doorbell.ring()
    row = stage.until_modem("noord", ModemState.DOWN)
    assert row.reason == "taken_out"
    message = stage.house.queue()
    with stage.house.db.transaction(write=True):
        assert loans_of.put_back("noord")
    stage.house.doorbell.ring()
    stage.until_sent(message)


def test_a_modem_out_of_service_can_be_borrowed_and_stays_out(stage: Stage, borrow: Borrow) -> None:
    stage.modem()
    with stage.house.db.transaction(write=True):
        stage.house.db.loans.take_out(modem="noord", reason="x", actor="user:t", now=stage.house.clock.now())
    stage.dispatcher()
    stage.until_modem("noord", ModemState.DOWN)
    with borrow() as modem:
        assert modem.run(question()).result(DEADLINE) is True
    assert stage.until_modem("noord", ModemState.DOWN).reason in {"taken_out", "stopped"}
    stage.until(lambda: stage.until_modem("noord", ModemState.DOWN).reason == "taken_out")


def test_it_is_known_whether_another_modem_would_serve(stage: Stage) -> None:
    stage.modem()
    stage.modem("zuid", "20404")
    stage.ready()
    now = stage.house.clock.now()
    assert others_serve(stage.house.db, "noord", now)
    stage.modems["zuid"].unplug()
    stage.until_modem("zuid", ModemState.GONE)
    assert not others_serve(stage.house.db, "noord", now)
