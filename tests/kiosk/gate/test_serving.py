"""The gate: whom and what it refuses, what its pages are told, and that no caller holds it or leaves a terminal sideways."""

import fcntl
import json
import os
import pwd
import signal
import socket
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.commands.gate_service import pages_of
from kiosk.commands.site import open_site
from kiosk.gate import serving
from kiosk.gate.passing import Passed
from kiosk.gate.serving import SLOTS, Rules, serve
from kiosk.gate.wire import RESIZED, Answer, Face, NotPassed, Request, Why, answer_from
from kiosk.local_socket import END
from tests.kiosk.commands.command_line import Kiosk

REQUEST = Request(face=Face.LINES, term="xterm-256color", colours="", language="nl")
SECONDS = 20.0
ANSWERS = 'import json, os, signal, sys; answer = int(sys.argv[sys.argv.index("--answer") + 1]); '
PASSES = 'os.write(answer, json.dumps({"user": "anne", "method": "totp", "session": "abc"}).encode())'


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """This process runs other tests after these."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def line() -> Iterator[tuple[int, int]]:
    near, far = os.openpty()
    yield near, far
    for end in (near, far):
        # A test may have hung up.
        try:
            os.close(end)
        except OSError:
            continue


def rules(directory: Path, code: str = PASSES, **changes: Any) -> Rules:
    """A gate whose pages are a few lines of Python."""
    made = Rules(pages=(sys.executable, "-I", "-S", "-c", ANSWERS + code), slots=directory, environ={}, patience=0.2)
    return replace(made, **changes)


def answer(
    one: Rules, packet: bytes, descriptors: list[int], meanwhile: Callable[[socket.socket], object] | None = None
) -> Answer:
    """What the gate says to a packet; another thread is the caller, for the gate itself needs the main one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.settimeout(SECONDS)
        socket.send_fds(ours, [packet], descriptors)
        caller = threading.Thread(target=lambda: meanwhile is not None and meanwhile(ours))
        caller.start()
        serve(theirs, one)
        caller.join(SECONDS)
        return answer_from(ours.recv(1000))


def read_until(near: int, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        seen += os.read(near, 1000)
    return seen


# Whom and what it refuses


@pytest.mark.parametrize(
    ("uid", "why"),
    [(1_234_567, Why.UNKNOWN_ACCOUNT), (65534, Why.UNKNOWN_ACCOUNT), (1, Why.FOREIGN_TERMINAL)],
    ids=["of nobody", "of another namespace", "of somebody else's terminal"],
)
def test_who_calls_is_what_the_kernel_says_and_must_own_the_terminal(
    tmp_path: Path, line: tuple[int, int], monkeypatch: pytest.MonkeyPatch, uid: int, why: Why
) -> None:
    monkeypatch.setattr(serving, "caller_of", lambda _connection: uid)
    assert answer(rules(tmp_path), REQUEST.to_bytes(), [line[1]]) == NotPassed(why)


@pytest.mark.parametrize(
    "packet",
    [
        b" ",
        b"[" * 2000,
        b"x" * 5000,
        replace(REQUEST, term="../../tmp/evil").to_bytes(),
        replace(REQUEST, colours="yes\nLD_PRELOAD=x").to_bytes(),
        replace(REQUEST, language="xx").to_bytes(),
        REQUEST.to_bytes().replace(b"lines", b"shell"),
        REQUEST.to_bytes()[:-1] + b', "account": "0"}',
        json.dumps({"user": "anne", "method": "totp", "session": "abc"}).encode(),
    ],
)
def test_a_packet_that_is_not_a_request_shows_nothing(tmp_path: Path, line: tuple[int, int], packet: bytes) -> None:
    assert answer(rules(tmp_path), packet, [line[1]]) == NotPassed(Why.BAD_REQUEST)


def test_it_wants_one_living_terminal_to_read_and_write_and_nothing_else(tmp_path: Path, line: tuple[int, int]) -> None:
    one, request = rules(tmp_path), REQUEST.to_bytes()
    only_read = os.open(os.ttyname(line[1]), os.O_RDONLY | os.O_NOCTTY)
    null, (pipe, other) = os.open(os.devnull, os.O_RDWR), os.pipe()
    assert answer(one, request, []) == NotPassed(Why.BAD_REQUEST)
    assert answer(one, request, [line[1], line[1]]) == NotPassed(Why.BAD_REQUEST)
    for descriptor in (only_read, null, pipe):
        assert answer(one, request, [descriptor]) == NotPassed(Why.NO_TERMINAL)
    os.close(line[0])
    assert answer(one, request, [line[1]]) == NotPassed(Why.NO_TERMINAL)
    for descriptor in (only_read, null, pipe, other):
        os.close(descriptor)


def test_an_account_has_a_few_sign_ins_open_and_no_more(tmp_path: Path, line: tuple[int, int]) -> None:
    held = [os.open(tmp_path / f"{os.getuid()}-{number}", os.O_RDWR | os.O_CREAT, 0o600) for number in range(SLOTS)]
    for descriptor in held:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert answer(rules(tmp_path), REQUEST.to_bytes(), [line[1]]) == NotPassed(Why.BUSY)
    os.close(held.pop())
    assert isinstance(answer(rules(tmp_path), REQUEST.to_bytes(), [line[1]]), Passed)
    for descriptor in held:
        os.close(descriptor)


def test_a_caller_that_says_nothing_is_not_waited_for(
    tmp_path: Path, line: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.05)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        serve(theirs, rules(tmp_path))
        assert answer_from(ours.recv(1000)) == NotPassed(Why.BAD_REQUEST)


# What its pages are told, and what they say


def test_the_pages_know_the_caller_by_the_kernel_and_of_its_words_only_the_checked_ones(
    tmp_path: Path, line: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    seen = tmp_path / "seen"
    code = f"open({str(seen)!r}, 'w').write(json.dumps([sys.argv[1:], dict(os.environ), os.isatty(0)])); {PASSES}"
    asked = replace(REQUEST, colours="truecolor").to_bytes()
    found = answer(rules(tmp_path, code, environ={"PATH": "/bin"}), asked, [line[1]])
    assert found == Passed(user="anne", method="totp", session="abc")
    arguments, environment, on_terminal = json.loads(seen.read_text())
    assert arguments[:2] == ["--account", str(os.getuid())]
    assert arguments[-2:] == ["--face", "lines"]
    # Python itself adds the locale that it falls back to.
    environment.pop("LC_CTYPE", None)
    assert environment == {
        "PATH": "/bin",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "KIOSK_LANGUAGE": "nl",
    }
    assert on_terminal


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('os.write(answer, b\'{"why": "refused"}\')', Why.REFUSED),
        (f"{PASSES}; sys.exit(75)", Why.OUT_OF_SERVICE),
        ("pass", Why.OUT_OF_SERVICE),
        ('os.write(answer, b\'{"user": "a\\\\nb", "method": "totp", "session": "abc"}\')', Why.OUT_OF_SERVICE),
        (f"{PASSES}; os.kill(os.getpid(), signal.SIGKILL)", Why.BROKEN_OFF),
    ],
    ids=["another person", "crashed after it", "said nothing", "no name", "killed"],
)
def test_nobody_passes_by_pages_that_do_not_say_so_in_good_order(
    tmp_path: Path, line: tuple[int, int], code: str, why: Why
) -> None:
    assert answer(rules(tmp_path, code), REQUEST.to_bytes(), [line[1]]) == NotPassed(why)


def test_the_pages_hear_that_the_window_changed(tmp_path: Path, line: tuple[int, int]) -> None:
    code = (
        "\ndef changed(*_):\n"
        "    columns, rows = os.get_terminal_size(0)\n"
        '    os.write(answer, json.dumps({"user": f"{columns}x{rows}", "method": "totp", "session": "a"}).encode())\n'
        "    sys.exit()\n"
        "signal.signal(signal.SIGWINCH, changed)\nprint('ready', flush=True)\nwhile True: signal.pause()"
    )

    def resize(caller: socket.socket) -> None:
        read_until(line[0], b"ready")
        termios.tcsetwinsize(line[0], (33, 120))
        caller.send(RESIZED)

    found = answer(rules(tmp_path, code), REQUEST.to_bytes(), [line[1]], resize)
    assert isinstance(found, Passed)
    assert found.user == "120x33"


# The end

WAITS = "print('ready', flush=True)\nwhile True: signal.pause()"
RAW = "import tty; tty.setraw(0); signal.signal(signal.SIGTERM, signal.SIG_IGN); "


@pytest.mark.parametrize(
    ("code", "why"), [(WAITS, Why.NOT_SIGNED_IN), (RAW + WAITS, Why.BROKEN_OFF)], ids=["in good order", "by force"]
)
def test_a_caller_that_gives_up_has_its_terminal_as_it_was(
    tmp_path: Path, line: tuple[int, int], code: str, why: Why
) -> None:
    before = termios.tcgetattr(line[1])

    def give_up(caller: socket.socket) -> None:
        read_until(line[0], b"ready")
        caller.send(END)

    assert answer(rules(tmp_path, code), REQUEST.to_bytes(), [line[1]], give_up) == NotPassed(why)
    assert termios.tcgetattr(line[1]) == before


def test_a_caller_that_is_killed_leaves_nothing_running(tmp_path: Path, line: tuple[int, int]) -> None:
    seen = tmp_path / "pid"
    code = f"open({str(seen)!r}, 'w').write(str(os.getpid())); {WAITS}"
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    socket.send_fds(ours, [REQUEST.to_bytes()], [line[1]])

    def die() -> None:
        read_until(line[0], b"ready")
        ours.close()

    caller = threading.Thread(target=die)
    caller.start()
    with theirs:
        serve(theirs, rules(tmp_path, code))
    caller.join(SECONDS)
    with pytest.raises(ProcessLookupError):
        os.kill(int(seen.read_text()), 0)


def test_a_line_that_hung_up_ends_it_while_its_caller_stays(tmp_path: Path, line: tuple[int, int]) -> None:
    def hang_up(_caller: socket.socket) -> None:
        read_until(line[0], b"ready")
        os.close(line[0])

    # It hears nothing of it: its controlling terminal is another one.
    code = f"signal.signal(signal.SIGHUP, signal.SIG_IGN); {WAITS}"
    found = answer(rules(tmp_path, code), REQUEST.to_bytes(), [line[1]], hang_up)
    assert found == NotPassed(Why.NOT_SIGNED_IN)


def test_no_sign_in_lasts_for_ever(tmp_path: Path, line: tuple[int, int]) -> None:
    found = answer(rules(tmp_path, WAITS, seconds=0.1), REQUEST.to_bytes(), [line[1]])
    assert found == NotPassed(Why.NOT_SIGNED_IN)


def test_the_real_pages_come_to_the_terminal_of_the_caller_and_leave_it_by_one_key(
    tmp_path: Path, line: tuple[int, int]
) -> None:
    made = Kiosk(tmp_path)
    made.make()
    painted = b""

    def look_and_leave(_caller: socket.socket) -> None:
        nonlocal painted
        painted = read_until(line[0], b"Gebruikersnaam: ")
        os.write(line[0], b"\x03")

    slots = tmp_path / "slots"
    slots.mkdir()
    one = rules(slots, pages=pages_of(made.config), environ={"LANG": "C.UTF-8"}, patience=SECONDS)
    assert answer(one, REQUEST.to_bytes(), [line[1]], look_and_leave) == NotPassed(Why.NOT_SIGNED_IN)
    assert "Met Ctrl+C stopt u zonder in te loggen." in painted.decode()
    with open_site(made.premises()) as site:
        desks = [desk.name for desk in site.database.desks.all()]
    # Of the account: however many terminals it opens, they are one desk, and never that of somebody else.
    assert desks == [f"{socket.gethostname()} gate {pwd.getpwuid(os.getuid()).pw_name}"]
