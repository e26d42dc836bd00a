"""One SMS up to Ctrl-Z and on the usual way, at the byte seam: until then everything can be undone."""

import dataclasses
import time
from pathlib import Path

import pytest

from hardware.modem import pdu
from hardware.modem.causes import ErrorClass
from hardware.modem.jobs import Cancelled, NotSent, SendProgress, Sent
from hardware.modem.status import ModemState, ModemStatus
from hardware.serial_line import SerialLine
from tests.hardware.modem.harness import NUMBER, QUICK, TEXT, Harness
from tests.hardware.modem.scripted import (
    ERROR,
    PROMPT,
    SENT,
    Chatter,
    ScriptedModem,
    after,
)


def unplug(modem: ScriptedModem) -> bytes:
    modem.unplug()
    return b""


def test_an_sms_goes_out_once_with_its_reference(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
    assert isinstance(result, Sent)
    assert result.reference == 7
    submit = pdu.decode_submit(scripted.committed[0])
    assert (submit.recipient.text, submit.user_data.text, submit.validity_minutes, submit.report) == (
        NUMBER,
        TEXT,
        10,
        True,
    )
    assert len(scripted.committed) == 1


def test_a_warm_sms_costs_one_command_and_no_byte_beside_its_pdu(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        commands, received = len(scripted.heard), len(scripted.received)
        harness.send()
    submit = pdu.encode_submit(NUMBER, TEXT, validity_minutes=10, report=True)
    # AT+CMGS=29, CR, the PDU, Ctrl-Z: the bare minimum itself.
    minimum = len(f"AT+CMGS={submit.length}\r{submit.hexadecimal}\x1a")
    assert (len(scripted.heard) - commands, len(scripted.received) - received) == (1, minimum)


def test_progress_is_told_in_order(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, slow_network=0.05)
    scripted.after_ctrl_z = after(0.2, SENT)
    with Harness(scripted.port, state, pace=pace) as harness:
        harness.ready().send()
        assert harness.progress == list(SendProgress)


def test_the_journal_is_asked_once_between_pdu_and_ctrl_z(scripted: ScriptedModem, state: Path) -> None:
    seen: list[tuple[bytes, ModemStatus]] = []
    submit = pdu.encode_submit(NUMBER, TEXT, validity_minutes=10, report=True)

    def journal(status: ModemStatus) -> bool:
        scripted.wait_for(lambda: scripted.received.endswith(submit.hexadecimal.encode()))
        seen.append((bytes(scripted.received[-1:]), status))
        return True

    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(journal=journal), Sent)
    ((last, status),) = seen
    assert (last, status.network, len(scripted.committed)) == (b"3", "20408", 1)


@pytest.mark.parametrize("answer", [False, None, 1, "yes"])
def test_without_a_clear_yes_of_the_journal_nothing_is_sent(
    scripted: ScriptedModem, state: Path, answer: object
) -> None:
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send(journal=lambda _: answer)
        assert result == Cancelled()
        assert isinstance(harness.send(), Sent)
    assert (len(scripted.committed), scripted.escapes) == (1, 2)


def test_a_journal_that_fails_means_escape_and_nothing_sent(scripted: ScriptedModem, state: Path) -> None:
    def journal(_: ModemStatus) -> bool:
        raise RuntimeError("disk full, and +31612345678 in the message")

    with Harness(scripted.port, state) as harness:
        result = harness.ready().send(journal=journal)
        assert result == NotSent(reason="journal_failed", error_class=ErrorClass.OUR_BUG)
        assert isinstance(harness.send(), Sent)
    assert len(scripted.committed) == 1


@pytest.mark.parametrize(
    "prompt", [b"\r\n>", b"\r\n>\r\n", b"\r\n> \r\n", b"\r\r\n> ", b"> ", b"\r\n^RSSI:9\r\n\r\n> "]
)
def test_every_form_of_prompt_is_taken(scripted: ScriptedModem, state: Path, prompt: bytes) -> None:
    scripted.prompt = prompt
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)


def test_a_modem_that_never_stops_talking_lengthens_no_wait_for_the_prompt(
    scripted: ScriptedModem, state: Path
) -> None:
    pace = dataclasses.replace(QUICK, prompt=0.2)
    scripted.prompt = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        harness.ready()
        with Chatter(scripted, b"\r\n+NOBODY: KNOWS\r\n" * 50, 0.0):
            started = time.monotonic()
            result = harness.send()
            assert time.monotonic() - started < 2
        assert result == NotSent(reason="no_prompt", error_class=ErrorClass.OTHER_MODEM)


@pytest.mark.parametrize("seconds", [0.03, 0.5])
def test_a_flood_of_unknown_lines_spoils_nothing(scripted: ScriptedModem, state: Path, seconds: float) -> None:
    scripted.after_ctrl_z = after(0.3, SENT)
    with Chatter(scripted, b"\r\n+NOBODY: KNOWS\r\n", seconds), Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)
    assert len(scripted.committed) == 1


def test_one_byte_at_a_time_and_echo_are_no_obstacle(scripted: ScriptedModem, state: Path) -> None:
    scripted.echo, scripted.seconds_per_byte = True, 0.0001
    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)
    assert len(scripted.committed) == 1


def test_a_missing_prompt_is_escaped_and_nothing_is_sent(scripted: ScriptedModem, state: Path) -> None:
    pace = dataclasses.replace(QUICK, prompt=0.1)
    scripted.prompt = b""
    with Harness(scripted.port, state, pace=pace) as harness:
        result = harness.ready().send()
        assert result == NotSent(reason="no_prompt", error_class=ErrorClass.OTHER_MODEM)
        scripted.prompt = PROMPT
        assert isinstance(harness.send(), Sent)
    assert len(scripted.committed) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "code", "error_class"),
    [
        (b"\r\n+CMS ERROR: 500\r\n", "cms", 500, ErrorClass.OTHER_MODEM),
        (b"\r\n+CMS ERROR: 310\r\n", "cms", 310, ErrorClass.MODEM_DOWN),
        (b"\r\n+CMS ERROR: 331\r\n", "cms", 331, ErrorClass.OTHER_MODEM),
        (ERROR, None, None, ErrorClass.OTHER_MODEM),
    ],
)
def test_an_error_instead_of_the_prompt_means_not_sent(
    scripted: ScriptedModem, state: Path, answer: bytes, kind: str | None, code: int | None, error_class: ErrorClass
) -> None:
    scripted.answers["AT+CMGS"] = answer
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert isinstance(result, NotSent)
        assert (result.reason, result.kind, result.code, result.error_class) == ("refused", kind, code, error_class)
        assert harness.journal == []


def test_an_error_right_behind_the_prompt_means_not_sent(scripted: ScriptedModem, state: Path) -> None:
    scripted.prompt = b"\r\n> \r\n+CMS ERROR: 304\r\n"
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert isinstance(result, NotSent)
        assert (result.code, harness.journal, scripted.committed) == (304, [], [])


def test_unplugged_at_the_command_means_not_sent(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CMGS"] = unplug
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert result == NotSent(reason="port_gone", error_class=ErrorClass.MODEM_DOWN)
        assert harness.journal == []


def test_unplugged_at_the_prompt_means_not_sent(scripted: ScriptedModem, state: Path) -> None:
    class PulledOut(SerialLine):
        def write(self, data: bytes) -> None:
            if data.startswith(b"00"):  # the PDU
                scripted.unplug()
            super().write(data)

    with Harness(scripted.port, state, opener=PulledOut) as harness:
        result = harness.ready().send()
        assert result == NotSent(reason="port_gone", error_class=ErrorClass.MODEM_DOWN)
        assert harness.journal == []
    assert scripted.committed == []


def test_restarted_before_ctrl_z_means_not_sent(scripted: ScriptedModem, state: Path) -> None:
    scripted.answers["AT+CMGS"] = b"\r\nRDY\r\n"
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send()
        assert result == NotSent(reason="modem_restarted", error_class=ErrorClass.TEMPORARY)
        del scripted.answers["AT+CMGS"]
        harness.wait_for(lambda: scripted.heard.count("ATQ0V1E0") == 2)
        assert isinstance(harness.ready().send(), Sent)


def test_a_job_cancelled_at_the_prompt_is_escaped(scripted: ScriptedModem, state: Path) -> None:
    scripted.prompt = b""
    with Harness(scripted.port, state) as harness:
        waiting = harness.ready().submit()
        harness.wait_for(lambda: harness.progress == [SendProgress.WAITING])
        harness.cancelled.set()
        harness.owner.wake()
        assert waiting.result(5) == Cancelled()
    assert (scripted.committed, scripted.escapes) == ([], 2)


def test_a_job_cancelled_in_the_journal_is_too_late(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:

        def journal(_: ModemStatus) -> bool:
            harness.cancelled.set()
            return True

        assert isinstance(harness.ready().send(journal=journal), Sent)


def test_a_port_that_takes_no_bytes_means_not_sent(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        scripted.jam()
        result = harness.send()
        assert result == NotSent(reason="write_stuck", error_class=ErrorClass.MODEM_DOWN)
        harness.wait_for_state(ModemState.DOWN, "write_stuck")
    assert scripted.committed == []


@pytest.mark.parametrize(
    ("changes", "reason", "error_class"),
    [
        ({"number": "12ab"}, "bad_number", ErrorClass.PERMANENT_NUMBER),
        ({"text": "x" * 161}, "bad_text", ErrorClass.OUR_BUG),
        ({"validity_minutes": 0}, "bad_text", ErrorClass.OUR_BUG),
    ],
)
def test_what_cannot_be_coded_is_not_tried(
    scripted: ScriptedModem, state: Path, changes: dict[str, object], reason: str, error_class: ErrorClass
) -> None:
    with Harness(scripted.port, state) as harness:
        result = harness.ready().send(**changes)
    assert result == NotSent(reason=reason, error_class=error_class)
    assert not any(each.startswith("AT+CMGS") for each in scripted.heard)


def test_a_failing_progress_listener_stops_nothing(scripted: ScriptedModem, state: Path) -> None:
    def progress(_: SendProgress) -> None:
        raise RuntimeError("listener")

    with Harness(scripted.port, state) as harness:
        assert isinstance(harness.ready().send(progress=progress), Sent)


def test_our_own_time_per_sms_is_small(scripted: ScriptedModem, state: Path) -> None:
    with Harness(scripted.port, state) as harness:
        harness.ready()
        times = []
        for _ in range(20):
            started = time.monotonic()
            assert isinstance(harness.send(), Sent)
            times.append(time.monotonic() - started)
    assert sorted(times)[len(times) // 2] < 0.025
