"""The memory for messages: reports that a modem stores are read, and it never stays full of what was read."""

from pathlib import Path

import pytest

from hardware.modem.jobs import Sent
from hardware.modem.status import ModemState
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import NUMBER, Harness
from tests.hardware.modem.scripted import ScriptedModem, once

REPORT = "07911326040000F006070B911316325476F8629011200000806290112010008000"
STORED = f"\r\n+CMGR: 0,,24\r\n{REPORT}\r\n\r\nOK\r\n".encode()
EMPTY = b"\r\n+CMS ERROR: 321\r\n"


def test_a_report_that_the_modem_stores_is_read_and_deleted(air: SimulatedNetwork, state: Path) -> None:
    air.phone(NUMBER)
    with (
        SimulatedModem(air=air, faults=["report_stored"]) as modem,
        Harness(modem.port, state) as harness,
    ):
        sent = harness.ready().send()
        harness.wait_for(lambda: bool(harness.reports))
        assert isinstance(sent, Sent)
        assert harness.reports[0].reference == sent.reference


def test_a_stored_report_is_deleted_at_its_place_alone(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CMGR=4"] = STORED
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.say(b'\r\n+CDSI: "SM",4\r\n')
        harness.wait_for(lambda: bool(harness.reports))
        scripted.wait_for(lambda: "AT+CMGD=4" in scripted.heard)
    assert harness.reports[0].reference == 7
    assert [one for one in scripted.heard if one.startswith("AT+CMGD")] == ["AT+CMGD=4"]


def test_a_report_that_is_not_where_it_is_said_to_be_is_looked_for_among_the_reports(
    scripted: ScriptedModem, state: Path
) -> None:
    scripted.answers |= {
        "AT+CMGR=0": once(EMPTY, STORED),
        "AT+CPMS?": b'\r\n+CPMS: "SM",0,10,"SM",0,10,"SM",0,10\r\n\r\nOK\r\n',
    }
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.say(b'\r\n+CDSI: "SM",0\r\n')
        harness.wait_for(lambda: bool(harness.reports))
        scripted.wait_for(lambda: 'AT+CPMS="SM"' in scripted.heard)
    chosen = [one for one in scripted.heard if one.startswith("AT+CPMS=")]
    assert chosen == ['AT+CPMS="SR"', 'AT+CPMS="SM"']


def test_an_announced_report_that_lies_nowhere_holds_nothing_up(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CMGR"] = EMPTY
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.say(b'\r\n+CDSI: "SM",0\r\n' * 30)
        assert isinstance(harness.send(), Sent)
        assert harness.status.state is ModemState.READY
    assert not harness.reports


def test_a_stored_message_that_is_no_report_is_left_alone(scripted: ScriptedModem, state: Path) -> None:
    message = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"
    scripted.answers["AT+CMGR=3"] = f"\r\n+CMGR: 0,,28\r\n{message}\r\n\r\nOK\r\n".encode()
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.say(b'\r\n+CDSI: "SM",3\r\n')
        scripted.wait_for(lambda: "AT+CMGR=3" in scripted.heard)
        harness.send()
    assert not [one for one in scripted.heard if one.startswith("AT+CMGD")]


@pytest.mark.parametrize(("used", "emptied"), [(7, False), (8, True), (10, True)])
def test_a_memory_that_is_nearly_full_loses_what_was_read_and_never_what_is_unread(
    scripted: ScriptedModem, state: Path, used: int, emptied: bool
) -> None:
    full = f'\r\n+CPMS: "ME",1,99,"SM",{used},10,"SM",{used},10\r\n\r\nOK\r\n'.encode()
    scripted.answers["AT+CPMS?"] = full
    with Harness(scripted.port, state, health_seconds=0.02) as harness:
        harness.wait_for(lambda: harness.status.storage_used == used)
        scripted.wait_for(lambda: "AT+CCLK?" in scripted.heard)
        assert harness.status.storage_total == 10
    heard = [one for one in scripted.heard if one.startswith(("AT+CMGD", "AT+CPMS="))]
    assert heard == (['AT+CPMS="SM"', "AT+CMGD=1,3"] if emptied else [])


def test_with_a_full_memory_sms_go_out_and_reports_come(air: SimulatedNetwork, state: Path) -> None:
    air.phone(NUMBER)
    with (
        SimulatedModem(air=air, faults=["sim_memory_full"]) as modem,
        Harness(modem.port, state) as harness,
    ):
        assert isinstance(harness.ready().send(), Sent)
        harness.wait_for(lambda: bool(harness.reports))


@pytest.mark.parametrize("line", ['^SMMEMFULL: "SM"', '+QIND: "SMSFULL","ME"', "SMS FULL"])
def test_a_modem_that_says_its_memory_is_full_is_looked_at_at_once(
    scripted: ScriptedModem, state: Path, line: str
) -> None:
    scripted.answers["AT+CPMS?"] = once(
        b'\r\n+CPMS: "SM",10,10,"SM",10,10,"SM",10,10\r\n\r\nOK\r\n',
        b'\r\n+CPMS: "SM",0,10,"SM",0,10,"SM",0,10\r\n\r\nOK\r\n',
    )
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.say(f"\r\n{line}\r\n".encode())
        harness.wait_for(lambda: harness.status.storage_used == 0)
    assert scripted.heard.count("AT+CMGD=1,3") == 1
