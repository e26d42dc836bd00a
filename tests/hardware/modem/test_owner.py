"""The life of an owner: lost ports, stops, jobs that wait, listeners that fail, and the clock of its idle hours."""

import dataclasses
import os
import threading
import time
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest

from hardware.modem.causes import ErrorClass
from hardware.modem.jobs import Cancelled, NotSent, Sent, Unknown
from hardware.modem.status import ModemState, ModemStatus
from hardware.modem.wire_log import LOGGER, TRAFFIC
from hardware.serial_line import PortForbidden, SerialLine
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import NUMBER, QUICK, TEXT, Harness
from tests.hardware.modem.scripted import SENT, ScriptedModem, after

REPORT = "0006070B911316325476F86211522143654062115221439540"


def test_a_stick_pulled_out_is_gone_and_comes_back(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        modem.unplug()
        harness.wait_for_state(ModemState.GONE)
        assert isinstance(harness.send(), NotSent)
        modem.plug()
        assert isinstance(harness.ready().send(), Sent)


def test_a_port_that_is_not_there_yet_is_waited_for(tmp_path: Path, scripted: ScriptedModem, state: Path) -> None:
    link = tmp_path / "modem"
    with Harness(str(link), state) as harness:
        harness.wait_for_state(ModemState.GONE, "port_missing")
        link.symlink_to(scripted.port)
        harness.ready()


def test_a_port_in_use_names_the_program_and_is_taken_when_free(scripted: ScriptedModem, state: Path) -> None:
    other = SerialLine(scripted.port)
    with Harness(scripted.port, state) as harness:
        status = harness.wait_for_state(ModemState.GONE, "port_busy")
        assert f"({os.getpid()})" in status.detail
        other.close()
        harness.ready()


def test_a_forbidden_port_is_told_with_its_group(scripted: ScriptedModem, state: Path) -> None:
    def opener(port: str) -> SerialLine:
        raise PortForbidden(port, group="dialout", account="kiosk")

    with Harness(scripted.port, state, opener=opener) as harness:
        status = harness.wait_for_state(ModemState.GONE, "port_forbidden")
        assert "dialout" in status.detail


def test_a_mistake_in_the_program_does_not_end_the_thread(scripted: ScriptedModem, state: Path) -> None:
    broken = [True]

    def opener(port: str) -> SerialLine:
        if broken:
            raise ZeroDivisionError(NUMBER)
        return SerialLine(port)

    with Harness(scripted.port, state, opener=opener) as harness:
        harness.wait_for_state(ModemState.DOWN, "internal")
        broken.clear()
        harness.ready()


def test_a_job_that_comes_too_early_waits_until_the_modem_is_ready(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CGMI"] = after(0.2, b"\r\nACME\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.send(), Sent)


def test_a_job_that_waits_too_long_is_not_started(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CGMI"] = after(0.5, b"\r\nACME\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        result = harness.send(deadline=time.monotonic() + 0.05)
        assert result == NotSent(reason="too_late", error_class=ErrorClass.TEMPORARY)
        harness.ready()
    assert scripted.committed == []


def test_a_job_cancelled_while_another_is_sent_never_starts(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = after(0.5, SENT)
    with Harness(scripted.port, state) as harness:
        first = harness.ready().submit()
        cancelled = threading.Event()
        second = harness.submit(cancelled=cancelled)
        cancelled.set()
        assert second.result(5) == Cancelled()
        assert isinstance(first.result(5), Sent)
    assert len(scripted.committed) == 1


def test_a_future_that_its_caller_cancelled_is_passed_over(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = after(0.2, SENT)
    with Harness(scripted.port, state) as harness:
        first = harness.ready().submit()
        second = harness.submit()
        assert second.cancel()
        assert isinstance(first.result(5), Sent)
        assert isinstance(harness.send(), Sent)
    assert len(scripted.committed) == 2


def test_jobs_are_sent_in_their_order(air: SimulatedNetwork, state: Path) -> None:
    texts = [f"code {number}" for number in range(5)]
    phone = air.phone(NUMBER)
    with SimulatedModem(air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        wait([harness.submit(text=text) for text in texts], 10)
    assert [message.text for message in phone.messages] == texts


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"\r\n+CREG: 0,2\r\n\r\nOK\r\n", "searching"), (b"\r\n+CREG: 0,3\r\n\r\nOK\r\n", "denied")],
)
def test_without_network_a_job_fails_at_once(scripted: ScriptedModem, state: Path, answer: bytes, reason: str) -> None:
    scripted.answers["AT+CREG?"] = answer
    with Harness(scripted.port, state) as harness:
        harness.wait_for_state(ModemState.NO_NETWORK)
        assert harness.send() == NotSent(reason=reason, error_class=ErrorClass.OTHER_MODEM)


def test_stopping_before_ctrl_z_escapes(scripted: ScriptedModem, state: Path) -> None:
    scripted.prompt = b""
    with Harness(scripted.port, state) as harness:
        waiting = harness.ready().submit()
        harness.wait_for(lambda: bool(harness.progress))
        assert harness.owner.stop(1.0)
        assert waiting.result(1) == NotSent(reason="stopping", error_class=ErrorClass.TEMPORARY)
    # One at the start, one now.
    scripted.wait_for(lambda: scripted.escapes == 2)
    assert scripted.committed == []


def test_stopping_gives_a_committed_message_its_time(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = after(0.3, SENT)
    with Harness(scripted.port, state) as harness:
        waiting = harness.ready().submit()
        scripted.wait_for(lambda: bool(scripted.committed))
        assert harness.owner.stop(5.0)
        assert isinstance(waiting.result(1), Sent)


def test_stopping_ends_the_wait_for_a_committed_message_as_unknown(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = b""
    with Harness(scripted.port, state) as harness:
        waiting = harness.ready().submit()
        scripted.wait_for(lambda: bool(scripted.committed))
        started = time.monotonic()
        assert harness.owner.stop(0.2)
        result = waiting.result(1)
        assert isinstance(result, Unknown)
        assert (result.reason, time.monotonic() - started < 2) == ("stopped", True)


def test_jobs_after_the_stop_are_refused(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        harness.owner.stop(1.0)
        assert harness.send() == NotSent(reason="stopping", error_class=ErrorClass.TEMPORARY)


def test_jobs_of_an_owner_that_never_started_are_resolved_by_its_stop(scripted: ScriptedModem, state: Path) -> None:
    harness = Harness(scripted.port, state)
    waiting = harness.submit()
    assert harness.owner.stop(0.1)
    assert waiting.result(1) == NotSent(reason="stopping", error_class=ErrorClass.TEMPORARY)


def test_a_stopped_owner_gives_its_port_back(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
    SerialLine(scripted.port).close()


def test_an_idle_owner_is_woken_by_a_job_at_once(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        harness.send()
        times = []
        for _ in range(10):
            journal_at: list[float] = []

            def journal(_: ModemStatus, journal_at: list[float] = journal_at) -> bool:
                journal_at.append(time.monotonic())
                return True

            started = time.monotonic()
            harness.send(journal=journal)
            times.append(journal_at[0] - started)
    assert sorted(times)[len(times) // 2] < 0.02


def test_a_delivery_report_is_told_with_the_modems_name(air: SimulatedNetwork, state: Path) -> None:
    air.phone(NUMBER)
    with SimulatedModem(air=air) as modem, Harness(modem.port, state) as harness:
        sent = harness.ready().send()
        assert isinstance(sent, Sent)
        harness.wait_for(lambda: bool(harness.reports))
        (report,) = harness.reports
        assert (report.reference, report.recipient, report.delivered) == (sent.reference, NUMBER, True)


def test_an_unreadable_delivery_report_is_only_logged(
    scripted: ScriptedModem, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.say(b"\r\n+CDS: 25\r\n0006D60B9113268807\r\n")
        scripted.say(f"\r\n+CDS: 25\r\n{REPORT}00\r\n".encode())
        harness.wait_for(lambda: len(harness.reports) == 1)
        assert harness.reports[0].reference == 7
    assert "unreadable delivery report: truncated" in caplog.text


@pytest.mark.parametrize("listener", ["on_status", "on_report", "on_late"])
def test_a_failing_listener_is_logged_without_its_words_and_shown(
    scripted: ScriptedModem, state: Path, caplog: pytest.LogCaptureFixture, listener: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"cannot store {NUMBER} {TEXT}")

    pace = dataclasses.replace(QUICK, final=0.1)
    failing: dict[str, Any] = {listener: fail}
    with Harness(scripted.port, state, pace=pace, **failing) as harness:
        harness.wait_for_state(ModemState.READY)
        scripted.after_ctrl_z = b""
        assert isinstance(harness.send(), Unknown)
        scripted.after_ctrl_z = SENT
        scripted.say(SENT + f"\r\n+CDS: 25\r\n{REPORT}00\r\n".encode())
        harness.wait_for(lambda: bool(harness.reports) and bool(harness.late))
        assert isinstance(harness.send(), Sent)
        assert harness.status.reason == "callback_failed"
    assert f"callback {listener} failed: RuntimeError at test_owner.py" in caplog.text
    assert NUMBER not in caplog.text
    assert TEXT not in caplog.text


def test_nothing_secret_is_logged_even_with_all_traffic(
    air: SimulatedNetwork, state: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pin_file = tmp_path / "pin"
    pin_file.write_text("73915264")
    pin_file.chmod(0o600)
    with caplog.at_level(TRAFFIC, logger=LOGGER.name), SimulatedModem(air=air) as modem:
        modem.sim.pin = "73915264"
        with Harness(modem.port, state, pin_file=pin_file) as harness:
            assert isinstance(harness.ready().send(), Sent)
            shown = repr(harness.job()) + repr(harness.status)
    assert "AT+CMGS" in caplog.text
    for secret in ("73915264", NUMBER.lstrip("+"), "1316325476", TEXT):
        assert secret not in caplog.text
        assert secret not in shown


def test_an_idle_modem_costs_at_most_120_bytes_a_minute(scripted: ScriptedModem, state: Path) -> None:
    # A check every 50 ms stands for one every 30 s: 1200 checks are ten hours, 40 are twenty minutes.
    scripted.answers |= {
        "AT+CPMS?": b'\r\n+CPMS: "SM",10,30,"SM",10,30,"SM",10,30\r\n\r\nOK\r\n',
        "AT+CGSMS?": b"\r\n+CGSMS: 3\r\n\r\nOK\r\n",
        "AT+CTZU?": b"\r\n+CTZU: 1\r\n\r\nOK\r\n",
        "AT+CCLK?": b'\r\n+CCLK: "26/11/27,12:00:00+04"\r\n\r\nOK\r\n',
    }
    with Harness(scripted.port, state, health_seconds=0.05) as harness:
        harness.ready()
        before, heard = len(scripted.received) + scripted.said, len(scripted.heard)
        scripted.wait_for(lambda: len(scripted.heard) >= heard + 42, 20)
        bytes_in_all = len(scripted.received) + scripted.said - before
    assert bytes_in_all / 20 <= 120
    # All that is asked now and then has come by.
    assert {"AT+CPMS?", "AT+CCLK?", "AT+COPS?", "AT+CREG?", "AT+CEREG?", "AT+CSQ"} <= set(scripted.heard[heard:])


def test_health_is_never_asked_while_a_message_is_under_way(scripted: ScriptedModem, state: Path) -> None:
    scripted.after_ctrl_z = after(0.4, SENT)
    with Harness(scripted.port, state, health_seconds=0.05) as harness:
        harness.ready()
        waiting = harness.submit()
        scripted.wait_for(lambda: bool(scripted.committed))
        heard = len(scripted.heard)
        assert isinstance(waiting.result(5), Sent)
        assert len(scripted.heard) == heard


def test_health_follows_signal_and_registration(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, health_seconds=0.02) as harness:
        harness.ready()
        modem.set_signal(-101)
        harness.wait_for(lambda: harness.status.signal_dbm == -101)
        modem.inject("not_registered")
        harness.wait_for_state(ModemState.NO_NETWORK)
        modem.clear()
        harness.ready()
        harness.wait_for(lambda: harness.status.network == "20408")


def test_a_sim_pulled_out_without_a_word_is_found_by_the_lost_network(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, health_seconds=0.02) as harness:
        harness.ready()
        modem.inject("sim_absent")
        harness.wait_for_state(ModemState.SIM_PROBLEM, "no_sim")
        modem.clear()
        harness.ready()


def test_what_held_on_the_network_is_forgotten_with_the_port(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        modem.unplug()
        status = harness.wait_for_state(ModemState.GONE)
        assert (status.registered, status.network, status.signal_dbm, status.imei) == (False, "", None, modem.imei)


def test_a_modem_that_falls_silent_is_down_and_comes_back(air: SimulatedNetwork, state: Path) -> None:
    pace = dataclasses.replace(QUICK, basic=0.05, attention=0.02)
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, pace=pace, health_seconds=0.02) as harness:
        harness.ready()
        modem.inject("deaf")
        harness.wait_for_state(ModemState.DOWN, "silent")
        modem.clear()
        harness.ready()


def test_a_restart_while_idle_is_noticed_and_set_up_again(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.say(b"\r\nRDY\r\n")
        scripted.wait_for(lambda: scripted.heard.count("ATQ0V1E0") == 2)
        harness.ready()


def test_since_changes_with_the_state_and_not_with_the_signal(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state, health_seconds=0.02) as harness:
        since = harness.ready().status.since
        scripted.answers["AT+CSQ"] = b"\r\n+CSQ: 10,99\r\n\r\nOK\r\n"
        harness.wait_for(lambda: harness.status.signal_dbm == -93)
        assert harness.status.since == since
