"""A line that loses characters: the modem refuses the PDU, and gets it once more against its echo."""

import dataclasses
from pathlib import Path

import pytest

from hardware.modem.causes import ErrorClass
from hardware.modem.jobs import NotSent, Refused, Sent, Unknown
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import NUMBER, QUICK, TEXT, Harness
from tests.hardware.modem.scripted import ScriptedModem, once

GARBLED = b"\r\n+CMS ERROR: 304\r\n"
PACE = dataclasses.replace(QUICK, echo=0.1)


def test_a_pdu_that_lost_a_character_goes_out_at_the_second_try(air: SimulatedNetwork, state: Path) -> None:
    with (
        SimulatedModem(air=air, faults=["dropped_characters=20:once"]) as modem,
        Harness(modem.port, state) as harness,
    ):
        assert isinstance(harness.ready().send(), Sent)
        assert isinstance(harness.send(), Sent)
    assert [(sms.recipient, sms.submit.text) for sms in air.accepted] == [(NUMBER, TEXT)] * 2


def test_a_line_that_goes_on_losing_characters_sends_nothing(air: SimulatedNetwork, state: Path) -> None:
    with (
        SimulatedModem(air=air, faults=["dropped_characters=20"]) as modem,
        Harness(modem.port, state, pace=PACE) as harness,
    ):
        result = harness.ready().send()
        assert isinstance(result, Refused | NotSent)
        # Its echo shows it: the line and not the program.
        assert (result.kind, result.code, result.error_class) == ("cms", 304, ErrorClass.BAD_LINE)
    assert not air.accepted


@pytest.mark.parametrize("code", [304, 549, 553])
def test_without_an_echo_there_is_no_second_ctrl_z(scripted: ScriptedModem, state: Path, code: int) -> None:
    scripted.after_ctrl_z = f"\r\n+CMS ERROR: {code}\r\n".encode()
    with Harness(scripted.port, state, pace=PACE) as harness:
        result = harness.ready().send()
        assert isinstance(result, Refused)
        assert (result.code, result.error_class) == (code, ErrorClass.OUR_BUG)
        assert len(scripted.committed) == 1
        scripted.after_ctrl_z = b"\r\n+CMGS: 9\r\n\r\nOK\r\n"
        assert isinstance(harness.send(), Sent)


def test_the_second_try_has_its_own_answer_and_asks_the_journal_no_more(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["ATE1"] = echo_on
    scripted.after_ctrl_z = once(GARBLED, b"\r\n+CMGS: 8\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert isinstance(result, Sent)
        assert (result.reference, len(harness.journal), len(harness.progress)) == (8, 1, 3)
    assert len(scripted.committed) == 2


def test_a_second_try_without_an_answer_is_unknown(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["ATE1"] = echo_on
    scripted.after_ctrl_z = once(GARBLED, b"")
    with Harness(scripted.port, state, pace=dataclasses.replace(PACE, final=0.2)) as harness:
        assert isinstance(harness.ready().send(), Unknown)
    assert len(scripted.committed) == 2


def test_a_second_try_that_is_refused_alike_is_the_last(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["ATE1"] = echo_on
    scripted.after_ctrl_z = GARBLED
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Refused)
    assert len(scripted.committed) == 2


def test_unplugged_during_the_second_try_it_is_as_refused_as_before(scripted: ScriptedModem, state: Path) -> None:
    def gone(modem: ScriptedModem) -> bytes:
        modem.unplug()
        return b""

    scripted.answers["ATE1"] = gone
    scripted.after_ctrl_z = GARBLED
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Refused)
    assert len(scripted.committed) == 1


def test_the_echo_is_off_again_afterwards(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["ATE1"] = echo_on
    scripted.after_ctrl_z = once(GARBLED, b"\r\n+CMGS: 8\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        harness.ready().send()
        scripted.wait_for(lambda: scripted.heard[-1] == "AT+CMGF=0")
    assert scripted.heard[-3] == "ATQ0V1E0"


def echo_on(modem: ScriptedModem) -> bytes:
    modem.echo = True
    return b"\r\nOK\r\n"
