"""`kiosk simulate modem` as a process of its own."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from hardware.simulator import PROFILES, Fault

# SMS-SUBMIT "Uw code is 482913" to +31612345678 and its length in octets.
PDU = b"0011000B911316325476F800000111D53B68FC269741E939888693E56233"
LENGTH = 29

SECONDS = 20

Simulate = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def simulate() -> Iterator[Simulate]:
    """Start simulated modems; what still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "simulate", "modem", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=SECONDS)


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def next_line(process: "subprocess.Popen[str]") -> str:
    return first_line(process)


def send(port: str, pdu: bytes = PDU, length: int = LENGTH) -> bytes:
    with serial.Serial(port, timeout=SECONDS) as line:
        line.write(b"ATE0\r")
        line.read_until(b"OK\r\n")
        line.write(b"AT+CMGS=%d\r" % length)
        line.read_until(b"> ")
        line.write(pdu + b"\x1a")
        return bytes(line.read_until(b"\r\n\r\n")) + bytes(line.read_until(b"\r\n"))


def ask(port: str, command: bytes) -> bytes:
    with serial.Serial(port, timeout=SECONDS) as line:
        line.write(command + b"\r")
        return bytes(line.read_until(b"OK\r\n"))


def test_the_first_line_is_the_path_of_the_port_alone(simulate: Simulate) -> None:
    port = first_line(simulate())

    assert Path(port).is_symlink()
    assert b"Quectel" in ask(port, b"ATI")


@pytest.mark.parametrize(("options", "stat"), [((), b"3"), (("--roaming",), b"1")])
def test_only_a_sim_that_may_roam_is_taken_by_other_networks(
    simulate: Simulate, options: tuple[str, ...], stat: bytes
) -> None:
    port = first_line(simulate(*options))

    assert b"(" + stat + b',"vodafone NL"' in ask(port, b"AT+COPS=?")


def test_every_accepted_message_is_one_line(simulate: Simulate) -> None:
    process = simulate("--network", "20416")
    port = first_line(process)

    send(port)
    send(port)

    expected = "SMS {} to +31612345678 over Odido (20416): Uw code is 482913"
    assert [next_line(process), next_line(process)] == [expected.format(0), expected.format(1)]


def test_json_lines_say_what_a_program_wants_to_know(simulate: Simulate) -> None:
    process = simulate("--json")
    send(first_line(process))

    told = json.loads(next_line(process))

    assert (told["reference"], told["number"], told["text"]) == (0, "+31612345678", "Uw code is 482913")
    assert (told["network"], told["status_report"], told["validity_minutes"]) == ("20408", False, 10)


def test_control_characters_of_a_message_stay_inside_its_line(simulate: Simulate) -> None:
    process = simulate()
    # "a" LF ESC "[" in UCS-2.
    send(first_line(process), b"0011000B911316325476F800080108" + "a\n\x1b[".encode("utf-16-be").hex().encode(), 22)

    assert next_line(process).endswith(": a  [")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_takes_the_path_away(simulate: Simulate, number: signal.Signals) -> None:
    process = simulate()
    port = Path(first_line(process))

    process.send_signal(number)

    assert process.wait(SECONDS) == 0
    assert (port.is_symlink(), port.parent.exists()) == (False, False)


def test_a_path_of_ones_own_is_made_and_removed(simulate: Simulate, tmp_path: Path) -> None:
    wanted = tmp_path / "modem-noord"
    process = simulate("--path", str(wanted))
    told = first_line(process)
    there = wanted.is_symlink()

    process.terminate()
    process.wait(SECONDS)

    assert (told, there, wanted.is_symlink(), tmp_path.exists()) == (str(wanted), True, False, True)


def test_profile_pin_number_and_faults_are_those_that_were_asked(simulate: Simulate) -> None:
    process = simulate("--profile", "sim800", "--pin", "4321", "--own-number", "+31699999999", "--fault", "echo_stuck")
    port = first_line(process)

    assert b"SIMCOM_SIM800L" in ask(port, b"AT+CGMM")
    assert b"+CPIN: SIM PIN" in ask(port, b"AT+CPIN?")
    ask(port, b"AT+CPIN=4321")
    assert b"+31699999999" in ask(port, b"AT+CNUM")
    assert ask(port, b"ATE0").startswith(b"ATE0")
    assert ask(port, b"AT").startswith(b"AT\r")


def test_the_log_holds_the_traffic_for_its_owner_alone(simulate: Simulate, tmp_path: Path) -> None:
    log = tmp_path / "traffic.log"
    process = simulate("--log", str(log))
    ask(first_line(process), b"AT+CGMI")
    process.terminate()
    process.wait(SECONDS)

    assert log.stat().st_mode & 0o077 == 0
    assert "> b'AT+CGMI\\r'" in log.read_text()
    assert "Quectel" in log.read_text()


def test_it_goes_on_when_nobody_reads_its_lines_any_more(simulate: Simulate) -> None:
    process = simulate()
    port = first_line(process)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None

    send(port)
    answer = send(port)
    process.terminate()

    assert b"+CMGS: 1" in answer
    assert process.wait(SECONDS) == 0


def test_the_list_names_every_profile_and_fault(simulate: Simulate) -> None:
    output, _ = simulate("--list").communicate(timeout=SECONDS)

    assert [name for name in (*PROFILES, *(fault.value for fault in Fault)) if name not in output] == []


def test_the_list_can_be_read_by_a_program(simulate: Simulate) -> None:
    output, _ = simulate("--list", "--json").communicate(timeout=SECONDS)

    told = json.loads(output)
    assert (set(told["profiles"]), set(told["faults"])) == (set(PROFILES), {fault.value for fault in Fault})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--fault", "answer_los"), "Did you mean answer_lost?"),
        (("--fault", "cms_error=x"), "takes: cause"),
        (("--profile", "nokia"), "quectel_ec25"),
        (("--network", "99999"), "20408"),
    ],
)
def test_wrong_use_says_what_is_known_and_exits_with_2(
    simulate: Simulate, arguments: tuple[str, ...], words: str
) -> None:
    process = simulate(*arguments)
    _, errors = process.communicate(timeout=SECONDS)

    assert (process.returncode, words in errors) == (2, True), errors


def test_neither_textual_nor_the_database_is_imported(tmp_path: Path) -> None:
    program = "import sys, kiosk.commands.simulate; print([m for m in ('textual', 'sqlite_utils', 'serial') if m in sys.modules])"

    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    assert output == "[]\n"
