"""The caller of the gate: what it hands over, what it passes on, and what it gives back to whoever comes after it."""

import json
import os
import signal
import socket
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.commands.gate_service import main
from kiosk.gate import calling
from kiosk.gate.calling import SOCKET, call, own_terminal
from kiosk.gate.passing import Passed
from kiosk.gate.wire import RESIZED, Answer, Face, NotPassed, Request, Why, answer_bytes
from kiosk.local_socket import END
from kiosk.machine.plan import FILES

REQUEST = Request(face=Face.PAGES, term="xterm-256color", colours="", language="nl")
PASSED = Passed(user="anne", method="totp", session="abc")
SECONDS = 20.0
HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP, signal.SIGWINCH)


@pytest.fixture
def line() -> Iterator[tuple[int, int]]:
    near, far = os.openpty()
    yield near, far
    os.close(near)
    os.close(far)


@contextmanager
def gate(directory: Path, talks: Callable[[socket.socket, bytes, int], object]) -> Iterator[Path]:
    """A gate of one call; `talks` gets the connection, the request and the terminal in another thread."""
    path = directory / "gate.socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.settimeout(SECONDS)
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            connection, _address = listening.accept()
            with connection:
                connection.settimeout(SECONDS)
                packet, descriptors, _flags, _from = socket.recv_fds(connection, 2000, 4)
                talks(connection, packet, descriptors[0])
                for descriptor in descriptors:
                    os.close(descriptor)

        thread = threading.Thread(target=serve)
        thread.start()
        yield path
        thread.join(SECONDS)


def says(connection: socket.socket, answer: Answer) -> None:
    connection.send(answer_bytes(answer))


def test_it_hands_over_its_terminal_and_takes_the_answer(tmp_path: Path, line: tuple[int, int]) -> None:
    handed: list[bool] = []

    def talks(connection: socket.socket, packet: bytes, terminal: int) -> None:
        handed.append(os.path.samestat(os.fstat(terminal), os.fstat(line[1])))
        handed.append(Request.from_bytes(packet) == REQUEST)
        says(connection, PASSED)

    with gate(tmp_path, talks) as path:
        assert call(REQUEST, line[1], socket_path=path) == PASSED
    assert handed == [True, True]


def test_of_its_environment_it_tells_what_the_terminal_is_and_nothing_else() -> None:
    environ = {"TERM": "linux", "COLORTERM": "truecolor", "SECRET": "x"}
    told = Request.of(environ, face=Face.LINES, language="en")
    assert json.loads(told.to_bytes()) == {"face": "lines", "term": "linux", "colours": "truecolor", "language": "en"}
    odd = Request.of({"TERM": "../x", "COLORTERM": "$(id)"}, face=Face.LINES, language="en")
    assert (odd.term, odd.colours) == ("dumb", "")


def test_it_passes_on_what_only_it_hears_and_has_its_signals_back_afterwards(
    tmp_path: Path, line: tuple[int, int]
) -> None:
    before = [signal.getsignal(number) for number in HEARD]
    heard: list[bytes] = []

    def talks(connection: socket.socket, _packet: bytes, _terminal: int) -> None:
        os.kill(os.getpid(), signal.SIGTSTP)
        os.kill(os.getpid(), signal.SIGWINCH)
        heard.append(connection.recv(100))
        os.kill(os.getpid(), signal.SIGINT)
        heard.append(connection.recv(100))
        # Just before somebody had signed in.
        says(connection, PASSED)

    with gate(tmp_path, talks) as path:
        assert call(REQUEST, line[1], socket_path=path) == NotPassed(Why.NOT_SIGNED_IN)
    assert heard == [RESIZED, END]
    assert [signal.getsignal(number) for number in HEARD] == before
    assert signal.set_wakeup_fd(-1) == -1


def test_what_is_ignored_stays_ignored(tmp_path: Path, line: tuple[int, int]) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:

        def talks(connection: socket.socket, _packet: bytes, _terminal: int) -> None:
            os.kill(os.getpid(), signal.SIGHUP)
            says(connection, PASSED)

        with gate(tmp_path, talks) as path:
            assert call(REQUEST, line[1], socket_path=path) == PASSED
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("said", [None, b"x", b'{"user": "anne", "method": "a b", "session": "abc"}'])
def test_a_gate_that_breaks_off_lets_nobody_in_and_the_terminal_is_put_back(
    tmp_path: Path, line: tuple[int, int], said: bytes | None
) -> None:
    before = termios.tcgetattr(line[1])

    def talks(connection: socket.socket, _packet: bytes, terminal: int) -> None:
        tty.setraw(terminal)
        os.write(line[0], b"secret\r")
        if said is not None:
            connection.send(said)

    with gate(tmp_path, talks) as path:
        assert call(REQUEST, line[1], socket_path=path) == NotPassed(Why.BROKEN_OFF)
    assert termios.tcgetattr(line[1]) == before
    assert b"\x1b[?1049l" in os.read(line[0], 2000)
    # Half a password is no command for the shell that comes next.
    os.set_blocking(line[1], False)
    with pytest.raises(BlockingIOError):
        os.read(line[1], 100)


def test_a_gate_that_does_not_end_is_not_waited_for(
    tmp_path: Path, line: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "SIGN_IN_SECONDS", 0.0)
    monkeypatch.setattr(calling, "END_SECONDS", 0.05)
    with gate(tmp_path, lambda connection, _packet, _terminal: connection.recv(100)) as path:
        assert call(REQUEST, line[1], socket_path=path) == NotPassed(Why.BROKEN_OFF)


def test_no_gate_at_the_socket_is_told(tmp_path: Path, line: tuple[int, int]) -> None:
    assert call(REQUEST, line[1], socket_path=tmp_path / "none") == NotPassed(Why.NO_GATE)


@pytest.mark.parametrize(
    ("error", "why"), [(PermissionError, Why.NOT_ADMITTED), (BlockingIOError, Why.BUSY), (TimeoutError, Why.NO_GATE)]
)
def test_a_socket_that_lets_nobody_in_is_told(
    line: tuple[int, int], monkeypatch: pytest.MonkeyPatch, error: type[OSError], why: Why
) -> None:
    def connect(_self: socket.socket, _address: object) -> None:
        raise error

    monkeypatch.setattr(socket.socket, "connect", connect)
    assert call(REQUEST, line[1]) == NotPassed(why)


def test_the_terminal_is_whichever_stream_can_be_read_and_written(line: tuple[int, int]) -> None:
    pid = os.fork()
    if pid == 0:
        # Input from a file and output into one, as for a dump of a database.
        null = os.open(os.devnull, os.O_RDWR)
        found = []
        for descriptors in ((null, null, line[1]), (null, null, null), (line[1], null, null)):
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
            found.append(own_terminal())
        only_read = os.open(os.ttyname(line[1]), os.O_RDONLY | os.O_NOCTTY)
        os.dup2(only_read, 0)
        found.append(own_terminal())
        os._exit(0 if found == [2, None, 0, None] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_the_units_that_install_writes_are_for_this_caller_and_this_service() -> None:
    units = FILES / "etc/systemd/system"
    listening = (units / "kiosk-gate.socket").read_text(encoding="utf-8")
    assert f"ListenSequentialPacket={SOCKET}\n" in listening
    assert "SocketGroup=kiosk-gate\nSocketMode=0660\n" in listening
    service = (units / "kiosk-gate@.service").read_text(encoding="utf-8")
    command, *options = service.split("kiosk.commands.gate_service ")[1].split("\n")[0].split()
    known = {name for one in main.commands[command].params for name in one.opts}
    assert {option for option in options if option.startswith("--")} <= known
