"""A SIM that is still starting, in the words of every firmware: waited for, and said so meanwhile."""

from pathlib import Path

import pytest

from hardware.modem.jobs import Sent
from tests.hardware.modem.harness import Harness
from tests.hardware.modem.scripted import ScriptedModem, once

BUSY = [f"+{family} ERROR: {code}" for family in ("CME", "CMS") for code in (515, 516)] + [
    "+CME ERROR: 14",
    "+CMS ERROR: 314",
    "+CME ERROR: SIM busy",
    "+CPIN: NOT READY\r\n\r\nOK",
]


@pytest.mark.parametrize("words", BUSY)
def test_a_sim_that_is_starting_is_waited_for(scripted: ScriptedModem, state: Path, words: str) -> None:
    scripted.answers["AT+CPIN?"] = once(f"\r\n{words}\r\n".encode(), b"\r\n+CPIN: READY\r\n\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)
    assert ("starting", "sim_busy") in [(status.state.value, status.reason) for status in harness.statuses]


@pytest.mark.parametrize("words", BUSY[:-1])
def test_an_sms_service_that_is_starting_is_waited_for(scripted: ScriptedModem, state: Path, words: str) -> None:
    scripted.answers["AT+CMGF"] = once(f"\r\n{words}\r\n".encode(), b"\r\nOK\r\n")
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)


@pytest.mark.parametrize("code", [14, 515, 516])
def test_a_sim_that_is_busy_after_its_pin_was_entered_is_waited_for(
    scripted: ScriptedModem, state: Path, tmp_path: Path, code: int
) -> None:
    def entered(modem: ScriptedModem) -> bytes:
        busy = f"\r\n+CME ERROR: {code}\r\n".encode()
        modem.answers["AT+CPIN?"] = once(busy, b"\r\n+CPIN: READY\r\n\r\nOK\r\n")
        return b"\r\nOK\r\n"

    pin = tmp_path / "pin"
    pin.write_text("4321\n")
    pin.chmod(0o600)
    scripted.answers |= {
        "AT+CPIN?": b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n",
        "AT+CPINR": b"\r\n+CPINR: SIM PIN,3\r\n\r\nOK\r\n",
        'AT+CPIN="4321"': entered,
    }
    with Harness(scripted.port, state, pin_file=pin) as harness:
        assert isinstance(harness.ready().send(), Sent)
    assert scripted.heard.count('AT+CPIN="4321"') == 1
