"""The terminal as a process on a tty: it cannot be left by keys, ends cleanly, and spoils nothing when it does not."""

import os
import pty
import select
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Long enough for a machine that is busy with other tests.
DEADLINE_SECONDS = 30.0

LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"
CURSOR_SHOWN = b"\x1b[?25h"
PAINTED = b"Gebruikersnaam"


class Terminal:
    """The program on a pseudo-terminal of 80 by 24."""

    def __init__(self, misfortune: str, folder: Path, **environ: str) -> None:
        self.log = folder / "log"
        self.log.touch()
        self.master, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (24, 80))
        self.attributes = termios.tcgetattr(self.slave)
        self.output = b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.screens.one_terminal", misfortune, str(self.log)],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                **environ,
            },
            start_new_session=True,
        )

    def read(self, seconds: float) -> None:
        """Take what is there, for at most that long."""
        if self.master >= 0 and select.select([self.master], [], [], seconds)[0]:
            with suppress(OSError):
                self.output += os.read(self.master, 65536)

    def read_until(self, wanted: bytes) -> None:
        """Wait for something on the screen."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while wanted not in self.output:
            assert time.monotonic() < deadline, self.output[-2000:]
            assert self.process.poll() is None, self.output[-2000:]
            self.read(0.1)

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def wait(self) -> int:
        """Wait for the end; the exit code is returned."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "it did not end"
            if self.master >= 0:
                self.read(0.1)
            else:
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(0.1)
        self.read(0)
        return self.process.returncode

    def hang_up(self) -> None:
        """The line is gone."""
        os.close(self.master)
        os.close(self.slave)
        self.master = self.slave = -1

    def close(self) -> None:
        """End whatever is left."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE_SECONDS)
        if self.master >= 0:
            self.hang_up()


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[list[Terminal]]:
    started: list[Terminal] = []
    yield started
    for terminal in started:
        terminal.close()


def start(terminals: list[Terminal], misfortune: str, folder: Path, **environ: str) -> Terminal:
    terminal = Terminal(misfortune, folder, **environ)
    terminals.append(terminal)
    terminal.read_until(PAINTED)
    return terminal


def test_sigterm_ends_it_cleanly_and_gives_the_terminal_back(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = start(terminals, "none", tmp_path)
    assert termios.tcgetattr(terminal.slave) != terminal.attributes
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 0
    assert termios.tcgetattr(terminal.slave) == terminal.attributes
    assert LEFT_ALTERNATE_SCREEN in terminal.output
    assert CURSOR_SHOWN in terminal.output


def test_no_key_ends_or_stops_it_whatever_the_environment_says(terminals: list[Terminal], tmp_path: Path) -> None:
    switches = {
        "TEXTUAL_ALLOW_SIGNALS": "1",
        "TEXTUAL_DEBUG": "1",
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_LOG": "all.log",
    }
    terminal = start(terminals, "none", tmp_path, NO_COLOR="1", **switches)
    # ^C ^Z ^\ ^D ^Q ^S ^P
    terminal.type(b"\x03\x1a\x1c\x04\x11\x13\x10")
    terminal.type(b"zichtbaar")
    terminal.read_until(b"zichtbaar")
    assert terminal.process.poll() is None
    assert b"38;2;" in terminal.output or b"38;5;" in terminal.output
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 0
    # What was typed is in no file: neither keys.log nor all.log nor our own.
    assert [file.name for file in tmp_path.iterdir() if b"zichtbaar" in file.read_bytes()] == []
    assert {file.name for file in tmp_path.iterdir()} == {"log"}


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_other_signals_that_end_programs_end_it_cleanly_too(
    terminals: list[Terminal], tmp_path: Path, number: signal.Signals
) -> None:
    terminal = start(terminals, "none", tmp_path)
    terminal.process.send_signal(number)
    assert terminal.wait() == 0
    assert termios.tcgetattr(terminal.slave) == terminal.attributes


def test_signals_that_stop_or_kill_other_programs_do_nothing(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = start(terminals, "none", tmp_path)
    for number in (signal.SIGTSTP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGIO):
        terminal.process.send_signal(number)
    terminal.type(b"zichtbaar")
    terminal.read_until(b"zichtbaar")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.wait() == 0


def test_it_tells_systemd_that_its_page_stands_and_starves_the_watchdog_when_its_loop_is_stuck(
    terminals: list[Terminal], tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(DEADLINE_SECONDS)
        # A patience that is shorter than the ticks of the loop: each tick feeds.
        terminal = start(terminals, "stuck", tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000")
        heard = [manager.recv(4096) for _ in range(4)]
        assert heard == [b"READY=1", b"WATCHDOG=1", b"STATUS=Balie 1", b"WATCHDOG=1"]
        terminal.type(b"\t\t\t\r")
        # One tick may have come before the key.
        told = 0
        while told < 3 and select.select([manager], [], [], 2.2)[0]:
            manager.recv(4096)
            told += 1
        assert told <= 1


def test_a_terminal_that_goes_away_without_any_signal_ends_it(terminals: list[Terminal], tmp_path: Path) -> None:
    # Not the controlling terminal of the process: nobody sends SIGHUP, reading gives the end for ever.
    terminal = start(terminals, "none", tmp_path)
    assert os.getsid(terminal.process.pid) == terminal.process.pid
    terminal.hang_up()
    assert terminal.wait() == 1


def test_without_any_terminal_it_ends_instead_of_spinning(tmp_path: Path) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.screens.one_terminal", "none", str(tmp_path / "log")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color"},
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert process.returncode == 1


def test_it_ends_at_once_while_the_domain_is_at_work(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = start(terminals, "busy", tmp_path)
    terminal.process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert terminal.wait() == 0
    assert time.monotonic() - begun < 10


def test_a_crash_says_one_sentence_and_shows_no_value(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = start(terminals, "crash", tmp_path)
    terminal.type(b"\t\t\t\r")
    assert terminal.wait() == 1
    after = terminal.output.split(LEFT_ALTERNATE_SCREEN)[-1]
    assert b"De terminal is gestopt door een fout" in after
    assert b"Traceback" not in after
    log = terminal.log.read_text(encoding="utf-8")
    assert "RuntimeError: a crash" in log
    assert "_crash" in log
    assert "zwaan-492039" not in log
    assert b"zwaan-492039" not in terminal.output
    assert termios.tcgetattr(terminal.slave) == terminal.attributes


def test_nothing_that_logs_warns_or_prints_lands_on_a_page(terminals: list[Terminal], tmp_path: Path) -> None:
    terminal = start(terminals, "noise", tmp_path)
    terminal.type(b"zichtbaar")
    terminal.read_until(b"zichtbaar")
    assert b"NOISE" not in terminal.output
