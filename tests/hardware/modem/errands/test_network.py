"""Searching for networks and choosing one: what takes minutes, can be given up, and is written only when it must be."""

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.modem.errand import ErrandCancelled
from hardware.modem.errands import operator, scan
from hardware.modem.errors import AtTimeout
from hardware.modem.jobs import Sent
from hardware.modem.session import ModemSession
from hardware.modem.status import ModemState
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import OK, Reply, ScriptedModem, after

SECONDS = 8
FOUND = (
    b'\r\n+COPS: (2,"KPN","KPN","20408",7),(3,"vodafone NL","voda","20404",7),(3,"Odido","Odido","20416",0),,(0,1,2,3,4),(0,1,2)\r\n'
    b"\r\nOK\r\n"
)


@pytest.fixture
def harness(scripted: ScriptedModem, state: Path) -> Iterator[Harness]:
    pace = dataclasses.replace(QUICK, operator_scan=1.6, basic=0.3, attention=0.05)
    with Harness(scripted.port, state, pace=pace) as harness:
        yield harness.ready()


def test_a_scan_names_each_network_and_whether_the_sim_may_use_it(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+COPS=?"] = FOUND
    found = harness.ask(scan.scan).result(SECONDS)
    assert [(one.stat, one.long, one.numeric, one.act) for one in found.operators] == [
        (2, "KPN", "20408", 7),
        (3, "vodafone NL", "20404", 7),
        (3, "Odido", "20416", 0),
    ]


def test_a_scan_tells_the_seconds_while_it_runs(harness: Harness, scripted: ScriptedModem) -> None:
    told: list[float] = []
    scripted.answers["AT+COPS=?"] = after(1.2, FOUND)
    harness.ask(lambda session: scan.scan(session, told.append)).result(SECONDS)
    assert told
    assert told[0] >= 1


def test_a_cancelled_scan_is_aborted_and_the_next_sms_goes_out(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+COPS=?"] = b""
    cancelled = threading.Event()
    search = harness.ask(scan.scan, cancelled=cancelled)
    scripted.wait_for(lambda: "AT+COPS=?" in scripted.heard)
    cancelled.set()
    harness.owner.wake()
    with pytest.raises(ErrandCancelled):
        search.result(SECONDS)
    assert isinstance(harness.send(), Sent)


def test_a_search_that_hangs_ends_at_its_limit_and_the_modem_serves_again(
    harness: Harness, scripted: ScriptedModem
) -> None:
    scripted.answers["AT+COPS=?"] = b""
    with pytest.raises(AtTimeout):
        harness.ask(scan.scan).result(SECONDS)
    assert isinstance(harness.send(), Sent)


def test_a_modem_that_chooses_by_itself_is_not_told_to(harness: Harness, scripted: ScriptedModem) -> None:
    found = harness.ask(operator.choose_automatic).result(SECONDS)
    assert (found.mode, found.written) == (operator.Selection.AUTOMATIC, False)
    assert "AT+COPS=0" not in scripted.heard


def test_a_manual_choice_is_taken_back(harness: Harness, scripted: ScriptedModem) -> None:
    def automatic(modem: ScriptedModem) -> bytes:
        modem.answers["AT+COPS?"] = b'\r\n+COPS: 0,2,"20408",7\r\n\r\nOK\r\n'
        return OK

    scripted.answers |= {"AT+COPS?": b'\r\n+COPS: 1,2,"20404",7\r\n\r\nOK\r\n', "AT+COPS=0": automatic}
    found = harness.ask(operator.choose_automatic).result(SECONDS)
    assert (found.mode, found.network, found.written, found.refused) == (0, "20408", True, None)


def test_another_network_is_chosen_with_a_way_back(harness: Harness, scripted: ScriptedModem) -> None:
    def moved(modem: ScriptedModem) -> bytes:
        modem.answers["AT+COPS?"] = b'\r\n+COPS: 4,2,"20404",7\r\n\r\nOK\r\n'
        return OK

    scripted.answers['AT+COPS=4,2,"20404"'] = moved
    found = harness.ask(lambda session: operator.choose_network(session, "20404")).result(SECONDS)
    assert (found.network, found.written, harness.status.network) == ("20404", True, "20404")


def test_the_network_that_serves_is_not_chosen_again(harness: Harness, scripted: ScriptedModem) -> None:
    assert not harness.ask(lambda session: operator.choose_network(session, "20408")).result(SECONDS).written
    assert not [one for one in scripted.heard if one.startswith("AT+COPS=4")]


@pytest.mark.parametrize("network", ["", "KPN", '20408"', "020408", "2040812", "20408;+CFUN=0"])
def test_what_is_no_network_is_never_written(harness: Harness, scripted: ScriptedModem, network: str) -> None:
    def choose(session: ModemSession) -> operator.OperatorChoice:
        return operator.choose_network(session, network)

    with pytest.raises(operator.NoSuchNetwork):
        harness.ask(choose).result(SECONDS)
    assert not [one for one in scripted.heard if one.startswith("AT+COPS=4")]


def test_a_modem_that_searches_on_after_it_was_given_up_is_silent_until_then_and_comes_back(
    harness: Harness, scripted: ScriptedModem
) -> None:
    answers = scripted.answers

    def search(modem: ScriptedModem) -> bytes:
        modem.answers = Deaf()
        return b""

    scripted.answers["AT+COPS=?"] = search
    cancelled = threading.Event()
    found = harness.ask(scan.scan, cancelled=cancelled)
    scripted.wait_for(lambda: "AT+COPS=?" in scripted.heard)
    cancelled.set()
    harness.owner.wake()
    with pytest.raises(ErrandCancelled):
        found.result(SECONDS)
    harness.wait_for_state(ModemState.DOWN, "silent")
    scripted.answers = answers
    assert isinstance(harness.ready().send(), Sent)


class Deaf(dict[str, Reply]):
    """No answer to anything."""

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> Reply:
        return b""

    def get(self, key: str, default: Reply | None = None) -> Reply:  # type: ignore[override]
        return b""
