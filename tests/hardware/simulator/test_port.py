"""The pseudo-terminal: opened, closed, left behind, pulled out and put back."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import textwrap
from pathlib import Path

import pytest
import serial

from hardware.simulator import NotPlugged, Pace, SimulatedModem
from hardware.simulator import pseudo_terminal as pseudo_terminals
from tests.hardware.simulator.client import DEADLINE_SECONDS, LENGTH, PDU, Client
from tests.hardware.simulator.conftest import MakeModem


def settle(modem: SimulatedModem) -> None:
    """Wait until the modem has seen what happened to its port before."""
    modem._machine.loop.call(lambda: None)


def test_the_port_can_be_opened_and_closed_many_times(modem: SimulatedModem) -> None:
    answers = []
    for _ in range(50):
        with Client(modem.port, quiet=False) as client:
            answers.append(client.ask("AT+CSQ")[-4:])

    assert answers == [b"OK\r\n"] * 50


def test_settings_stay_when_a_program_closes_and_another_opens(modem: SimulatedModem) -> None:
    with Client(modem.port) as client:
        client.ask("AT+CMEE=2")

    with Client(modem.port, quiet=False) as client:
        assert client.ask("AT+CMEE?") == b"\r\n+CMEE: 2\r\n\r\nOK\r\n"


KILLED = """
    import os, signal, sys
    import serial
    line = serial.Serial(sys.argv[1], timeout=5, exclusive=True)
    line.write(b"ATE0\\r")
    line.read_until(b"OK\\r\\n")
    line.write(b"AT+CMGS=29\\r")
    line.read_until(b"> ")
    line.write(sys.argv[2].encode())
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_program_leaves_a_prompt_that_the_next_one_finds(modem: SimulatedModem) -> None:
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), modem.port, PDU[:20]], check=False)
    with Client(modem.port, quiet=False) as client:
        client.write(b"AT\r")
        silent = client.within(0.1)
        client.write(b"\x1b\r")
        escaped = client.expect(rb"OK\r\n")
        answer = client.ask("AT")

    assert killed.returncode == -signal.SIGKILL
    assert (silent, escaped, answer, modem.sent) == (b"", b"\r\nOK\r\n", b"\r\nOK\r\n", ())


def test_what_a_program_wrote_before_it_closed_is_still_obeyed(modem: SimulatedModem) -> None:
    with Client(modem.port) as client:
        client.prompt(LENGTH)
        client.write(PDU.encode() + b"\x1a")

    assert modem.wait_for(lambda: len(modem.sent) == 1)


def test_what_nobody_read_is_gone_for_the_next_program(modem: SimulatedModem) -> None:
    with Client(modem.port) as client:
        client.write(b"AT+CSQ\r")
        readable, _, _ = select.select([client.line], [], [], DEADLINE_SECONDS)
        assert readable
    settle(modem)
    modem.urc("+CMTI: nobody hears this")

    line = os.open(modem.port, os.O_RDWR | os.O_NOCTTY)
    try:
        # The last program left VMIN = 0: nothing to read reads as nothing.
        assert os.read(line, 1000) == b""
    finally:
        os.close(line)


# TIOCGEXCL of asm-generic/ioctls.h: reads whether a terminal is exclusive.
TIOCGEXCL = 0x80045440


def test_an_exclusive_mode_that_a_program_left_is_lifted(modem: SimulatedModem) -> None:
    line = os.open(modem.port, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(line, termios.TIOCEXCL)
    os.close(line)
    settle(modem)

    line = os.open(modem.port, os.O_RDWR | os.O_NOCTTY)
    (exclusive,) = struct.unpack("i", fcntl.ioctl(line, TIOCGEXCL, bytes(4)))
    os.close(line)

    assert exclusive == 0


def test_a_port_that_a_dead_program_locked_for_ever_is_replaced_under_the_same_path(
    modem: SimulatedModem, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(modem._machine.port, "publish", lambda: opened.append("again"))

    def busy(_self: object) -> int:
        raise OSError(16, "exclusive")

    monkeypatch.setattr(pseudo_terminals.PseudoTerminal, "_open_far_end", busy)
    os.close(os.open(modem.port, os.O_RDWR | os.O_NOCTTY))
    settle(modem)

    assert opened == ["again"]


def test_pulling_out_gives_end_of_file_to_a_reader_and_an_error_to_a_writer(modem: SimulatedModem) -> None:
    line = os.open(modem.port, os.O_RDWR | os.O_NOCTTY)
    modem.unplug()

    assert os.read(line, 10) == b""
    with pytest.raises(OSError, match="Input/output error"):
        os.write(line, b"AT\r")
    os.close(line)


def test_pulling_out_tells_pyserial(modem: SimulatedModem) -> None:
    line = serial.Serial(modem.port, timeout=5)
    modem.unplug()

    with pytest.raises(serial.SerialException):
        line.read(1)
    line.close()


def test_pulling_out_takes_the_path_away_and_plugging_in_brings_the_same_back(modem: SimulatedModem) -> None:
    path = modem.port
    modem.unplug()
    gone = Path(path).is_symlink()
    with pytest.raises(NotPlugged):
        _ = modem.port

    again = modem.plug()

    with Client(again) as client:
        assert (gone, again, client.ask("AT")) == (False, path, b"\r\nOK\r\n")


def test_a_modem_says_its_banner_when_it_is_plugged_in(make_modem: MakeModem) -> None:
    modem = make_modem("sim800", pace=Pace(boot=1.0))
    modem.unplug()
    modem.plug()

    with Client(modem.port, quiet=False) as client:
        assert client.expect(rb"\+CFUN: 1\r\n") == b"\r\nRDY\r\n\r\n+CFUN: 1\r\n"


def test_a_modem_that_is_started_has_been_on_and_says_no_banner(make_modem: MakeModem) -> None:
    with Client(make_modem("sim800", pace=Pace(boot=0.2)).port, quiet=False) as client:
        assert client.within(0.3) == b""


def test_plugging_in_twice_changes_nothing(modem: SimulatedModem) -> None:
    device = Path(modem.port).readlink()

    modem.plug()

    assert Path(modem.port).readlink() == device


def test_a_modem_that_was_stopped_can_be_started_again(make_modem: MakeModem) -> None:
    modem = make_modem()
    modem.stop()
    modem.start()

    with Client(modem.port) as client:
        assert client.ask("AT") == b"\r\nOK\r\n"


def test_stopping_removes_the_directory_that_was_made(make_modem: MakeModem) -> None:
    modem = make_modem(directory=None)
    directory = Path(modem.port).parent

    modem.stop()

    assert not directory.exists()


def test_the_directory_is_for_its_owner_alone(make_modem: MakeModem) -> None:
    directory = Path(make_modem(directory=None).port).parent

    assert directory.stat().st_mode & 0o077 == 0


def test_an_idle_modem_does_not_run(modem: SimulatedModem, monkeypatch: pytest.MonkeyPatch) -> None:
    with Client(modem.port) as client:
        client.ask("AT")
    rounds = 0
    loop = modem._machine.loop
    before = loop._before_waiting

    def count() -> None:
        nonlocal rounds
        rounds += 1
        before()

    monkeypatch.setattr(loop, "_before_waiting", count)

    assert not modem.wait_for(lambda: rounds > 20, timeout=0.3)


def test_a_reader_that_sleeps_does_not_stop_the_modem(modem: SimulatedModem) -> None:
    with Client(modem.port) as client:
        for _ in range(2000):
            modem.urc("+CMTI: " + "x" * 100)

        assert modem.attended
        client.within(0.2)
        client.write(b"AT\r")
        client.expect(rb"\r\nOK\r\n")


def test_the_transcript_holds_both_directions(modem: SimulatedModem) -> None:
    with Client(modem.port) as client:
        client.ask("AT+CSQ")

    def written() -> bytes:
        return b"".join(entry.octets for entry in modem.transcript if entry.direction == "out")

    assert modem.wait_for(lambda: b"+CSQ: 18,99" in written())
    assert b"AT+CSQ\r" in modem.received


def test_an_unsolicited_line_waits_for_the_answer_under_way(make_modem: MakeModem) -> None:
    modem = make_modem(faults=["slow=500:2"])
    with Client(modem.port) as client:
        client.write(b"AT+CSQ\r")
        assert modem.wait_for(lambda: b"AT+CSQ\r" in modem.received)
        modem.urc("+CMTI: 1")

        assert client.expect(rb"CMTI[^\r]*\r\n") == b"\r\n+CSQ: 18,99\r\n\r\nOK\r\n\r\n+CMTI: 1\r\n"


def test_secrets_do_not_show_in_the_repr_of_a_modem(modem: SimulatedModem) -> None:
    with Client(modem.port) as client:
        client.send()

    shown = repr((modem, modem.sent, modem.transcript))

    assert not any(secret in shown for secret in ("482913", "31612345678", PDU))
