"""What a technician asks of a modem between two SMS."""

import dataclasses
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from hardware.modem.errand import Errand, ErrandCancelled, ErrandRefused
from hardware.modem.errands.ussd import ask_ussd
from hardware.modem.errors import AtTimeout, ModemRestarted
from hardware.modem.jobs import Sent
from hardware.modem.session import ModemSession
from hardware.modem.status import ModemState
from hardware.serial_line import PortGone
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import ScriptedModem, after

SECONDS = 5


def ask(harness: Harness, command: str, **errand: Any) -> "Future[list[str]]":
    def run(session: ModemSession) -> list[str]:
        return session.channel.command(command, free=True).lines

    values: dict[str, Any] = {"name": "question", "run": run, "deadline": time.monotonic() + SECONDS}
    return harness.owner.run(Errand(**(values | errand)))


def test_an_errand_gets_the_modems_own_answer(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+GMR"] = b"\r\nrevision 7\r\n\r\nOK\r\n"
    with Harness(scripted.port, state) as harness:
        harness.ready()
        assert ask(harness, "AT+GMR").result(SECONDS) == ["revision 7"]


def test_an_errand_waits_while_the_modem_is_being_set_up(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CGMI"] = after(0.2, b"\r\nACME\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        ask(harness, "AT+GMR").result(SECONDS)
    assert scripted.heard.index("AT+CSQ") < scripted.heard.index("AT+GMR")


def test_an_sms_that_waits_goes_before_an_errand_that_waits(scripted: ScriptedModem, state: Path) -> None:
    asked, submitted = threading.Event(), threading.Event()

    def slow(_modem: ScriptedModem) -> bytes:
        asked.set()
        submitted.wait(SECONDS)
        return b"\r\nrevision 7\r\n\r\nOK\r\n"

    scripted.answers["AT+GMR"] = slow
    with Harness(scripted.port, state) as harness:
        harness.ready()
        first, second = (
            ask(harness, "AT+GMR", run=lambda session: session.channel.command("AT+GMR", timeout=SECONDS).lines),
            ask(harness, "AT+GMM"),
        )
        assert asked.wait(SECONDS)
        sms = harness.submit()
        submitted.set()
        assert isinstance(sms.result(SECONDS), Sent)
        first.result(SECONDS)
        second.result(SECONDS)
    heard = [one.split("=")[0] for one in scripted.heard]
    assert heard.index("AT+GMR") < heard.index("AT+CMGS") < heard.index("AT+GMM")


def test_an_errand_runs_while_the_sim_waits_for_its_pin(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CPIN?"] = b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    scripted.answers["AT+GMR"] = b"\r\nrevision 7\r\n\r\nOK\r\n"
    with Harness(scripted.port, state) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM)
        assert ask(harness, "AT+GMR").result(SECONDS) == ["revision 7"]


def test_without_a_port_an_errand_is_refused_with_the_modems_reason(tmp_path: Path, state: Path) -> None:
    with Harness(str(tmp_path / "nowhere"), state) as harness:
        harness.wait_for_state(ModemState.GONE)
        with pytest.raises(ErrandRefused) as refused:
            ask(harness, "AT").result(SECONDS)
    assert refused.value.reason == "port_missing"


def test_a_question_without_an_answer_is_told_and_the_next_one_gets_its_own(
    scripted: ScriptedModem, state: Path
) -> None:
    scripted.answers["AT+GMR"] = b""
    scripted.answers["AT+GMM"] = b"\r\nmodel 3\r\n\r\nOK\r\n"
    with Harness(scripted.port, state) as harness:
        harness.ready()
        silent = ask(harness, "AT+GMR")
        with pytest.raises(AtTimeout):
            silent.result(SECONDS)
        assert ask(harness, "AT+GMM").result(SECONDS) == ["model 3"]


def test_a_cancelled_errand_ends_at_once_and_the_modem_serves_again(scripted: ScriptedModem, state: Path) -> None:
    asked = threading.Event()

    def never(_modem: ScriptedModem) -> bytes:
        asked.set()
        return b""

    scripted.answers["AT+COPS=?"] = never
    cancelled = threading.Event()
    with Harness(scripted.port, state) as harness:
        harness.ready()
        search = ask(
            harness,
            "",
            cancelled=cancelled,
            run=lambda session: session.channel.command("AT+COPS=?", timeout=300.0).lines,
        )
        assert asked.wait(SECONDS)
        cancelled.set()
        harness.owner.wake()
        with pytest.raises(ErrandCancelled):
            search.result(SECONDS)
        assert isinstance(harness.send(), Sent)


def test_an_errand_that_was_cancelled_before_its_turn_never_runs(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+GMR"] = after(0.2, b"\r\nrevision 7\r\n\r\nOK\r\n")
    cancelled = threading.Event()
    with Harness(scripted.port, state) as harness:
        harness.ready()
        first, second = ask(harness, "AT+GMR"), ask(harness, "AT+GMM", cancelled=cancelled)
        cancelled.set()
        with pytest.raises(ErrandCancelled):
            second.result(SECONDS)
        first.result(SECONDS)
    assert "AT+GMM" not in scripted.heard


def test_an_errand_whose_time_is_over_is_not_begun(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        with pytest.raises(ErrandRefused) as refused:
            ask(harness, "AT+GMM", deadline=time.monotonic()).result(SECONDS)
    assert refused.value.reason == "too_late"


def test_a_mistake_in_an_errand_is_given_to_its_asker_and_ends_nothing(scripted: ScriptedModem, state: Path) -> None:
    def broken(_session: ModemSession) -> list[str]:
        raise ZeroDivisionError

    with Harness(scripted.port, state) as harness:
        harness.ready()
        with pytest.raises(ZeroDivisionError):
            ask(harness, "", run=broken).result(SECONDS)
        assert isinstance(harness.send(), Sent)


def test_a_modem_that_restarts_in_an_errand_is_set_up_again(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+GMR"] = b"\r\nRDY\r\n"
    with Harness(scripted.port, state) as harness:
        harness.ready()
        with pytest.raises(ModemRestarted):
            ask(harness, "AT+GMR").result(SECONDS)
        assert isinstance(harness.send(), Sent)


def test_a_modem_pulled_out_in_an_errand_is_told(scripted: ScriptedModem, state: Path) -> None:
    def vanish(modem: ScriptedModem) -> bytes:
        modem.unplug()
        return b""

    scripted.answers["AT+GMR"] = vanish
    with Harness(scripted.port, state) as harness:
        harness.ready()
        with pytest.raises(PortGone):
            ask(harness, "AT+GMR").result(SECONDS)


def test_an_owner_that_stops_ends_what_runs_and_refuses_what_comes(scripted: ScriptedModem, state: Path) -> None:
    asked = threading.Event()

    def never(_modem: ScriptedModem) -> bytes:
        asked.set()
        return b""

    scripted.answers["AT+GMR"] = never
    with Harness(scripted.port, state) as harness:
        harness.ready()
        running = ask(harness, "AT+GMR")
        assert asked.wait(SECONDS)
        harness.owner.stop(2.0)
        with pytest.raises(ErrandCancelled):
            running.result(SECONDS)
        with pytest.raises(ErrandRefused):
            ask(harness, "AT+GMM").result(SECONDS)


def test_a_modem_that_restarts_while_its_sim_waits_is_looked_at_again(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CPIN?"] = b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n"
    scripted.answers["AT+GMR"] = b"\r\nRDY\r\n"
    with Harness(scripted.port, state) as harness:
        harness.wait_for_state(ModemState.SIM_PROBLEM)
        scripted.answers["AT+CPIN?"] = b"\r\n+CPIN: READY\r\n\r\nOK\r\n"
        with pytest.raises(ModemRestarted):
            ask(harness, "AT+GMR").result(SECONDS)
        harness.ready()
        assert not any(status.reason == "internal" for status in harness.statuses)


def test_an_errand_that_gives_way_lets_an_sms_go_first(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CUSD"] = b"\r\nOK\r\n"
    pace = dataclasses.replace(QUICK, ussd=60.0)
    with Harness(scripted.port, state, pace=pace) as harness:
        harness.ready()
        credit = harness.ask(lambda session: ask_ussd(session, "*101#"), gives_way=True)
        scripted.wait_for(lambda: 'AT+CUSD=1,"*101#",15' in scripted.heard)
        assert isinstance(harness.send(), Sent)
        with pytest.raises(ErrandCancelled):
            credit.result(SECONDS)
    assert scripted.heard.index("AT+CUSD=2") < scripted.heard.index("AT+CMGS=29")


def test_an_errand_that_does_not_give_way_is_ended_before_the_sms(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+GMR"] = after(0.3, b"\r\nrevision 7\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        harness.ready()
        question = ask(harness, "AT+GMR")
        scripted.wait_for(lambda: "AT+GMR" in scripted.heard)
        assert isinstance(harness.send(), Sent)
        assert question.result(SECONDS) == ["revision 7"]
