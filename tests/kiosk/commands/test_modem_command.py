"""`kiosk modem` as technicians use it: without configuration and database, against simulated modems."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hardware.modem.causes import ErrorClass
from hardware.modem.jobs import SendProgress
from hardware.modem.reasons import Reason
from hardware.modem.reports import DeliveryOutcome
from hardware.serial_line import SerialLine
from hardware.simulator import SimulatedModem, SimulatedNetwork, SimulatedSim
from kiosk.commands.modem import modem as modem_command
from kiosk.language import LANGUAGES, Language

NUMBER = "+31612345678"
TEXT = "Proef met een SMS"
SECONDS = 30


@pytest.fixture
def air() -> SimulatedNetwork:
    return SimulatedNetwork()


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "state"
    monkeypatch.setenv("KIOSK_STATE", str(directory))
    return directory


@pytest.fixture
def pin_file(tmp_path: Path) -> Callable[[str], str]:
    def write(pin: str) -> str:
        path = tmp_path / "pin"
        path.write_text(pin)
        path.chmod(0o600)
        return str(path)

    return write


def send(port: str, *more: str, to: str = NUMBER, text: str = TEXT) -> Result:
    return CliRunner().invoke(modem_command, ["send", "--port", port, "--to", to, "--text", text, *more])


def answer(result: Result) -> dict[str, Any]:
    """The JSON on standard output, which must be all there is."""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def process(port: str, *more: str) -> "subprocess.Popen[str]":
    """The command as a process of its own."""
    arguments = ["modem", "send", "--port", port, "--to", NUMBER, "--text", TEXT, "--json", *more]
    return subprocess.Popen(
        [sys.executable, "-m", "kiosk", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_one_sms_is_sent_and_told(air: SimulatedNetwork) -> None:
    phone = air.phone(NUMBER)
    with SimulatedModem(air=air) as device:
        result = send(device.port, "--json")
        told = answer(result)
        assert result.exit_code == 0
        assert (told["state"], told["reference"], told["network"], told["network_name"]) == ("sent", 0, "20408", "KPN")
        assert (told["modem"], told["imei_tail"], told["signal_dbm"], told["error"]) == (
            "Quectel EC25",
            device.imei[-4:],
            -77,
            None,
        )
        assert told["seconds"] >= 0
        assert told["what_to_do"]
    assert [message.text for message in phone.messages] == [TEXT]


def test_a_delivery_report_makes_it_delivered(air: SimulatedNetwork) -> None:
    air.phone(NUMBER)
    with SimulatedModem(air=air) as device:
        result = send(device.port, "--json", "--report")
    told = answer(result)
    assert (result.exit_code, told["state"], told["report"]["status"]) == (0, "delivered", 0)


def test_a_report_that_does_not_come_leaves_it_sent(air: SimulatedNetwork) -> None:
    air.phone(NUMBER)
    with SimulatedModem(air=air, faults=["report_lost"]) as device:
        result = send(device.port, "--json", "--report", "--report-wait", "0.2")
    assert (result.exit_code, answer(result)["state"]) == (0, "sent")


def test_a_report_of_failure_is_a_refusal_by_the_network(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air) as device:
        result = send(device.port, "--json", "--report")
    told = answer(result)
    assert (result.exit_code, told["state"], told["reason"]) == (3, "failed", "undelivered")


@pytest.mark.parametrize(("language", "word"), [("nl", "Verstuurd"), ("en", "Sent")])
def test_people_get_a_sentence_in_their_language(air: SimulatedNetwork, language: str, word: str) -> None:
    with SimulatedModem(air=air) as device:
        result = send(device.port, "--language", language)
    assert result.stdout.startswith(word)
    assert result.stderr == ""


def test_a_lost_answer_is_unknown_and_one_sms_went_out(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air, faults=["answer_lost"]) as device:
        result = send(device.port, "--json", "--timeout", "2")
    assert (result.exit_code, answer(result)["state"], len(air.accepted)) == (4, "unknown", 1)


@pytest.mark.parametrize(
    "fault",
    [
        "prompt_without_space",
        "prompt_crlf",
        "unknown_urc_flood=20",
        "rssi_flood=20",
        "echo_stuck",
        "one_byte_at_a_time=0.1",
        "urc_during_send",
        "pdu_echo",
    ],
)
def test_bad_manners_of_a_modem_change_nothing(air: SimulatedNetwork, fault: str) -> None:
    with SimulatedModem(air=air, faults=[fault]) as device:
        assert send(device.port, "--json").exit_code == 0
    assert len(air.accepted) == 1


def test_a_prompt_left_by_a_killed_client_swallows_nothing(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air) as device:
        with open(device.port, "r+b", buffering=0) as killed:  # noqa: PTH123  raw, as another program would
            killed.write(b"AT+CMGF=0\rAT+CMGS=29\r")
            assert device.wait_for(lambda: any(b">" in entry.octets for entry in device.transcript))
        assert send(device.port).exit_code == 0
    assert len(air.accepted) == 1


def test_congestion_once_is_a_refusal_with_its_code_and_the_next_one_goes(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air, faults=["cms_error=42:once"]) as device:
        refused = send(device.port, "--json")
        told = answer(refused)
        assert (refused.exit_code, told["state"], told["error"]) == (
            3,
            "failed",
            {"kind": "cms", "code": 42, "class": "other_modem", "name": "congestion"},
        )
        assert send(device.port).exit_code == 0
    assert len(air.accepted) == 1


def test_a_line_that_loses_characters_is_not_called_our_mistake(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air, faults=["dropped_characters=20"]) as device:
        result = send(device.port, "--json", "--language", "en")
    told = answer(result)
    assert (result.exit_code, told["error"]["code"], told["error"]["class"]) == (3, 304, "bad_line")
    assert "cable" in told["what_to_do"]
    assert not air.accepted


def test_the_right_pin_is_entered(air: SimulatedNetwork, pin_file: Callable[[str], str]) -> None:
    with SimulatedModem(air=air, sim=SimulatedSim(pin="1234")) as device:
        assert send(device.port, "--pin-file", pin_file("1234")).exit_code == 0


def test_a_wrong_pin_costs_one_try_over_all_commands(air: SimulatedNetwork, pin_file: Callable[[str], str]) -> None:
    sim = SimulatedSim(pin="1234")
    with SimulatedModem(air=air, sim=sim) as device:
        first, second = [send(device.port, "--json", "--pin-file", pin_file("9999")) for _ in range(2)]
    assert (first.exit_code, second.exit_code, sim.pin_tries) == (3, 3, 2)
    assert (answer(first)["reason"], answer(second)["reason"]) == ("pin_refused", "pin_refused")


def test_the_last_try_is_never_used(air: SimulatedNetwork, pin_file: Callable[[str], str]) -> None:
    sim = SimulatedSim(pin="1234", pin_tries=1)
    with SimulatedModem(air=air, sim=sim) as device:
        result = send(device.port, "--json", "--pin-file", pin_file("1234"))
    assert (result.exit_code, answer(result)["reason"], sim.pin_tries) == (3, "pin_last_try", 1)


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        ("sim_absent", 3, "no_sim"),
        ("sim_puk", 3, "puk_required"),
        ("prompt_refused=500", 3, "refused"),
        ("gone_before_prompt", 1, "port_gone"),
        ("reset_during_send", 4, "modem_restarted"),
        ("error_after_send", 4, "error"),
    ],
)
def test_every_end_has_its_exit_code_and_reason(air: SimulatedNetwork, fault: str, code: int, reason: str) -> None:
    with SimulatedModem(air=air, faults=[fault]) as device:
        result = send(device.port, "--json")
    told = answer(result)
    assert (result.exit_code, told["reason"]) == (code, reason)
    assert told["what_to_do"]


def test_without_network_it_waits_and_then_says_why(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air, faults=["not_registered"]) as device:
        result = send(device.port, "--json", "--timeout", "2")
    assert (result.exit_code, answer(result)["reason"], air.accepted) == (3, "searching", ())


def test_a_missing_port_is_a_failure_with_a_cure(tmp_path: Path) -> None:
    result = send(str(tmp_path / "ttyUSB9"), "--json")
    assert (result.exit_code, answer(result)["reason"]) == (1, "port_missing")


def test_a_busy_port_names_the_program(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air) as device, SerialLine(device.port):
        result = send(device.port, "--json")
    told = answer(result)
    assert (result.exit_code, told["reason"]) == (1, "port_busy")
    assert f"({os.getpid()})" in told["what_to_do"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "hello"},
        {"to": "061"},
        {"text": "x" * 161},
        {"text": ""},
    ],
)
def test_wrong_use_is_told_before_the_port_is_touched(wrong: dict[str, str]) -> None:
    assert send("/dev/none", **wrong).exit_code == 2


@pytest.mark.parametrize("number", ["06 12345678", "0031612345678", "+31 6 1234 5678", "+31(0)612345678"])
def test_numbers_are_taken_as_people_write_them(air: SimulatedNetwork, number: str) -> None:
    with SimulatedModem(air=air) as device:
        assert send(device.port, to=number).exit_code == 0
    assert [sms.recipient for sms in air.accepted] == [NUMBER]


def test_a_service_centre_is_given_to_a_sim_that_has_none(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air, faults=["csca_lost"]) as device:
        assert send(device.port, "--json").exit_code == 3
        assert send(device.port, "--smsc", "+31653131313").exit_code == 0


def test_neither_number_nor_text_nor_pin_is_in_the_answer(
    air: SimulatedNetwork, pin_file: Callable[[str], str]
) -> None:
    with SimulatedModem(air=air, sim=SimulatedSim(pin="73915264")) as device:
        result = send(device.port, "--json", "--pin-file", pin_file("73915264"))
    for secret in (NUMBER[1:], TEXT, "73915264", device.imei):
        assert secret not in result.output


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_before_ctrl_z_nothing_is_sent(air: SimulatedNetwork, kind: signal.Signals) -> None:
    with SimulatedModem(air=air, faults=["prompt_missing"]) as device:
        with process(device.port) as command:
            assert device.wait_for(lambda: b"AT+CMGS=" in device.received, SECONDS)
            command.send_signal(kind)
            output, _ = command.communicate(timeout=SECONDS)
        assert (command.returncode, json.loads(output)["reason"]) == (1, "interrupted")
        assert device.received.count(b"\x1b") >= 2
    assert air.accepted == ()


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_after_ctrl_z_it_is_unknown(air: SimulatedNetwork, kind: signal.Signals) -> None:
    with SimulatedModem(air=air, faults=["answer_lost"]) as device:
        with process(device.port) as command:
            assert device.wait_for(lambda: b"\x1a" in device.received, SECONDS)
            command.send_signal(kind)
            output, _ = command.communicate(timeout=SECONDS)
        assert (command.returncode, json.loads(output)["state"]) == (4, "unknown")
    assert len(air.accepted) == 1


def test_interrupted_while_the_modem_starts_nothing_is_sent(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air, faults=["deaf"]) as device, process(device.port) as command:
        assert device.wait_for(lambda: b"AT" in device.received, SECONDS)
        command.send_signal(signal.SIGINT)
        output, _ = command.communicate(timeout=SECONDS)
    assert (command.returncode, json.loads(output)["reason"]) == (1, "interrupted")


def test_status_shows_modem_sim_and_network(air: SimulatedNetwork) -> None:
    with SimulatedModem(air=air) as device:
        result = CliRunner().invoke(modem_command, ["status", "--port", device.port, "--json"])
        told = answer(result)
        assert (result.exit_code, told["state"], told["imei"], told["iccid"], told["network"]) == (
            0,
            "ready",
            device.imei,
            device.sim.iccid,
            "20408",
        )


def test_status_of_a_locked_sim_tells_the_tries_and_uses_none(air: SimulatedNetwork) -> None:
    sim = SimulatedSim(pin="1234", pin_tries=2)
    with SimulatedModem(air=air, sim=sim) as device:
        result = CliRunner().invoke(modem_command, ["status", "--port", device.port, "--language", "en"])
    assert (result.exit_code, sim.pin_tries) == (3, 2)
    assert "PIN tries left: 2" in result.stdout
    assert sim.iccid in result.stdout


def test_status_of_nothing_is_a_failure(tmp_path: Path) -> None:
    result = CliRunner().invoke(modem_command, ["status", "--port", str(tmp_path / "none")])
    assert result.exit_code == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_and_step_has_its_words(language: str) -> None:
    words = Language.load(language)
    silent = {Reason.NONE, Reason.OPENING, Reason.STOPPED, Reason.CALLBACK_FAILED}
    reasons = [reason.value for reason in Reason if reason not in silent]
    asked = [*reasons, *ErrorClass, *DeliveryOutcome, "sent", "ready", "interrupted", "timeout", "no_prompt"]
    missing = [each for each in asked if not words.has(f"command.modem.todo.{each}")]
    missing += [each for each in SendProgress if not words.has(f"command.modem.progress.{each}")]
    assert missing == []


def test_the_command_starts_without_database_and_screens() -> None:
    program = (
        "import sys, kiosk.commands.modem; "
        "print([name for name in ('sqlite_utils', 'textual', 'hardware.simulator') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=SECONDS)
    assert found.stdout.strip() == "[]"
