"""A dispatcher killed at every state of a send: never two SMS, never a row stuck, and what is shown is true."""

import json
import signal

from data.messages import Message, MessageState
from data.modems import ModemState
from hardware.simulator.faults import Fault
from kiosk.delivery.outbox import DeliveryState
from tests.kiosk.delivery.dispatcher_process import CTRL_Z, HOLD
from tests.kiosk.delivery.processes import Start
from tests.kiosk.delivery.stage import DEADLINE, Stage


def restart_and_settle(stage: Stage, start: Start, message: Message) -> None:
    """Another dispatcher takes over; that it sends something new shows that it has done with the old."""
    stage.modems["noord"].clear()
    start()
    stage.until_sent(stage.house.queue(text="after the restart", priority=9))
    assert stage.house.state(message) not in {MessageState.QUEUED, MessageState.COMMITTED}
    assert not stage.house.db.messages.orphans()


def killed_after_ctrl_z(stage: Stage, message: Message) -> None:
    delivery = stage.house.delivery(message)
    assert (delivery.state, delivery.final) == (DeliveryState.UNKNOWN, True)
    assert ("sms.unknown", "orphan") in stage.house.audit()


def test_killed_while_the_sms_waits_it_is_sent_once(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.NOT_REGISTERED)
    first = start()
    stage.until_modem("noord", ModemState.NO_NETWORK)
    message = stage.house.queue(report=False)
    first.kill()
    assert stage.house.state(message) is MessageState.QUEUED
    restart_and_settle(stage, start, message)
    assert stage.texts.count("Uw code is 482913") == 1


def test_killed_while_waiting_for_the_prompt_it_is_sent_once(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.PROMPT_LATE, 1.5)
    first = start()
    stage.until_ready()
    message = stage.house.queue(report=False)
    stage.until_written(b"AT+CMGS")
    first.kill()
    assert stage.house.state(message) is MessageState.QUEUED
    restart_and_settle(stage, start, message)
    assert stage.texts.count("Uw code is 482913") == 1


def test_killed_between_pdu_and_journal_it_is_sent_once(stage: Stage, start: Start) -> None:
    modem = stage.modem()
    modem.inject(Fault.PROMPT_LATE, 0.5)
    first = start()
    stage.until_ready()
    message = stage.house.queue(report=False)
    stage.until_written(b"AT+CMGS")
    with stage.locked():
        # The journal waits for the lock; the PDU is what was written last.
        assert modem.wait_for(lambda: len(modem.received.rpartition(b"AT+CMGS")[2]) > 40, DEADLINE)
        first.kill()
    assert stage.house.state(message) is MessageState.QUEUED
    restart_and_settle(stage, start, message)
    assert stage.texts.count("Uw code is 482913") == 1


def test_killed_between_journal_and_ctrl_z_it_is_unknown_and_not_sent(stage: Stage, start: Start) -> None:
    stage.modem()
    first = start(HOLD)
    stage.until_ready()
    message = stage.house.queue(report=False)
    stage.until_state(message, MessageState.COMMITTED)
    first.kill()
    restart_and_settle(stage, start, message)
    killed_after_ctrl_z(stage, message)
    assert stage.texts == ("after the restart",)


def test_killed_after_ctrl_z_it_is_unknown_and_sent_once(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.ANSWER_LOST)
    first = start()
    stage.until_ready()
    message = stage.house.queue(report=False)
    assert stage.phone.wait_for(1, timeout=DEADLINE)
    first.kill()
    restart_and_settle(stage, start, message)
    killed_after_ctrl_z(stage, message)
    assert stage.texts == ("Uw code is 482913", "after the restart")


def test_killed_between_the_answer_and_its_row_it_is_unknown_and_sent_once(stage: Stage, start: Start) -> None:
    modem = stage.modem()
    modem.inject(Fault.CMGS_TAKES, 0.8)
    first = start()
    stage.until_ready()
    message = stage.house.queue(report=False)
    stage.until_written(CTRL_Z)
    with stage.locked():
        assert modem.wait_for(lambda: any(b"+CMGS:" in entry.octets for entry in modem.transcript), DEADLINE)
        first.kill()
    restart_and_settle(stage, start, message)
    killed_after_ctrl_z(stage, message)
    assert stage.texts == ("Uw code is 482913", "after the restart")


def test_a_report_tells_what_the_killed_dispatcher_could_not(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.ANSWER_LOST, times=1)
    stage.phone.off()
    first = start()
    stage.until_ready()
    message = stage.house.queue()
    assert stage.air.wait_for(lambda: len(stage.air.accepted) == 1, DEADLINE)
    first.kill()
    start()
    stage.until_shown(message, DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)
    stage.until_sent(stage.house.queue(text="after the restart"))
    stage.phone.on()
    stage.until_shown(message, DeliveryState.DELIVERED)


def test_who_waits_takes_over_and_finishes_what_is_queued(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.PROMPT_LATE, 1.5)
    first = start()
    stage.until_ready()
    start()
    messages = [stage.house.queue(text=f"code {number}", report=False) for number in range(3)]
    stage.until_written(b"AT+CMGS")
    first.kill()
    stage.modems["noord"].clear()
    for message in messages:
        stage.until_sent(message)
    assert stage.texts == ("code 0", "code 1", "code 2")


def test_two_processes_never_send_the_same_sms(stage: Stage, start: Start) -> None:
    stage.modem("noord", "20408")
    stage.modem("zuid", "20404")
    start()
    start()
    messages = [stage.house.queue(text=f"code {number}", report=False) for number in range(20)]
    for message in messages:
        stage.until_sent(message)
    assert sorted(stage.texts) == sorted(f"code {number}" for number in range(20))


def test_on_sigterm_the_answer_to_a_committed_sms_is_waited_for(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.CMGS_TAKES, 0.6)
    process = start()
    stage.until_ready()
    message = stage.house.queue(report=False)
    waiting = stage.house.queue(text="never", report=False)
    stage.until_written(CTRL_Z)
    process.process.send_signal(signal.SIGTERM)
    assert process.process.wait(DEADLINE) == 0
    assert stage.house.state(message) is MessageState.SENT
    assert stage.house.state(waiting) is MessageState.QUEUED


def test_on_sigterm_a_committed_sms_without_an_answer_becomes_unknown_in_time(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.ANSWER_LOST)
    process = start(patience=0.2)
    stage.until_ready()
    message = stage.house.queue(report=False)
    assert stage.phone.wait_for(1, timeout=DEADLINE)
    process.process.send_signal(signal.SIGTERM)
    assert process.process.wait(DEADLINE) == 0
    assert stage.house.delivery(message).state is DeliveryState.UNKNOWN


def test_nothing_that_is_kept_holds_a_text_after_its_sms_is_final(stage: Stage, start: Start) -> None:
    stage.modem().inject(Fault.ANSWER_LOST, times=1)
    first = start()
    stage.until_ready()
    message = stage.house.queue(report=False)
    assert stage.phone.wait_for(1, timeout=DEADLINE)
    first.kill()
    restart_and_settle(stage, start, message)
    assert stage.house.message(message).sealed_text is None
    assert "482913" not in json.dumps([str(row.event) for row in stage.house.db.audit.rows()])
