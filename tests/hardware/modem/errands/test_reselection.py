"""Moving to another network: which ones are tried, in which order, and where the modem is when none will have it."""

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.modem.errand import ErrandCancelled
from hardware.modem.errands.reselection import Reselection, reselect
from hardware.modem.jobs import Sent
from hardware.modem.status import ModemState
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import OK, Reply, ScriptedModem

SECONDS = 8
FOUND = (
    b'\r\n+COPS: (2,"KPN","KPN","20408",7),(0,"Proximus","P","20601",7),(3,"Odido","Odido","20416",7),'
    b'(1,"vodafone NL","voda","20404",0),(1,"vodafone NL","voda","20404",7),(1,"TDG","TDG","26201",7),,(0,1,2,3,4),(0,1,2)\r\n'
    b"\r\nOK\r\n"
)


@pytest.fixture
def harness(scripted: ScriptedModem, state: Path) -> Iterator[Harness]:
    pace = dataclasses.replace(QUICK, operator_scan=1.6, operator_arrive=0.1, basic=0.3, attention=0.05)
    with Harness(scripted.port, state, pace=pace) as harness:
        yield harness.ready()


def moves(scripted: ScriptedModem, network: str) -> Reply:
    """The answer to AT+COPS=4 of a modem that registers there."""

    def moved(modem: ScriptedModem) -> bytes:
        modem.answers["AT+COPS?"] = f'\r\n+COPS: 4,2,"{network}",7\r\n\r\nOK\r\n'.encode()
        return OK

    scripted.answers[f'AT+COPS=4,2,"{network}"'] = moved
    return moved


def not_kpn(network: str) -> bool:
    return network != "20408"


def go(harness: Harness) -> Reselection:
    return harness.ask(lambda session: reselect(session, not_kpn)).result(SECONDS)


def test_the_first_network_that_the_sim_may_use_is_taken(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+COPS=?"] = FOUND
    moves(scripted, "20404")
    found = go(harness)
    assert found == Reselection(network="20404", seen=("20404", "26201", "20601"), tried=("20404",))
    assert (harness.status.network, harness.status.state) == ("20404", ModemState.READY)


def test_where_one_does_not_have_it_the_next_is_tried_and_then_no_more(
    harness: Harness, scripted: ScriptedModem
) -> None:
    scripted.answers |= {"AT+COPS=?": FOUND, 'AT+COPS=4,2,"20404"': b"\r\n+CME ERROR: 32\r\n"}
    moves(scripted, "26201")
    assert (go(harness).network, harness.status.network) == ("26201", "26201")


def test_where_none_has_it_it_stays_and_two_are_enough(harness: Harness, scripted: ScriptedModem) -> None:
    refused = b"\r\n+CME ERROR: 32\r\n"
    scripted.answers |= {"AT+COPS=?": FOUND}
    scripted.answers |= {f'AT+COPS=4,2,"{network}"': refused for network in ("20404", "26201", "20601")}
    found = go(harness)
    assert (found.network, found.tried) == ("", ("20404", "26201"))
    assert harness.status.network == "20408"
    assert isinstance(harness.send(), Sent)


def test_a_network_that_is_forbidden_is_never_asked_for(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+COPS=?"] = b'\r\n+COPS: (2,"KPN","KPN","20408",7),(3,"Odido","Odido","20416",7)\r\n\r\nOK\r\n'
    assert go(harness) == Reselection(network="", seen=(), tried=())
    assert not [line for line in scripted.heard if line.startswith("AT+COPS=4")]


def test_a_modem_that_will_not_search_stays_where_it_is(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+COPS=?"] = b"\r\n+CME ERROR: 30\r\n"
    assert go(harness).network == ""


def test_an_ok_without_a_network_behind_it_is_none(harness: Harness, scripted: ScriptedModem) -> None:
    def lost(modem: ScriptedModem) -> bytes:
        modem.answers |= {f"AT+{one}?": f"\r\n+{one}: 0,2\r\n\r\nOK\r\n".encode() for one in ("CREG", "CEREG", "CGREG")}
        modem.answers["AT+COPS?"] = b"\r\n+COPS: 4\r\n\r\nOK\r\n"
        return OK

    scripted.answers |= {"AT+COPS=?": FOUND, 'AT+COPS=4,2,"20404"': lost, 'AT+COPS=4,2,"26201"': lost}
    assert go(harness).network == ""


def test_a_move_can_be_given_up(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers |= {"AT+COPS=?": FOUND, 'AT+COPS=4,2,"20404"': b""}
    cancelled = threading.Event()
    going = harness.ask(lambda session: reselect(session, not_kpn), cancelled=cancelled)
    scripted.wait_for(lambda: 'AT+COPS=4,2,"20404"' in scripted.heard)
    cancelled.set()
    harness.owner.wake()
    with pytest.raises(ErrandCancelled):
        going.result(SECONDS)
    assert isinstance(harness.send(), Sent)
