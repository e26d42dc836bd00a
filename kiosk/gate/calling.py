"""The caller's side: hands its terminal to the gate of the kiosk, and waits until it is its own again.

This process does nothing with the terminal meanwhile. It passes on what only it hears: a window that changes, and signals that
end it.
"""

import contextlib
import fcntl
import os
import select
import signal
import socket
import stat
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kiosk.applications.screen_text import restored
from kiosk.gate.passing import Passed
from kiosk.gate.wire import END_SECONDS, RESIZED, SIGN_IN_SECONDS, Answer, NotPassed, Request, Why, answer_from
from kiosk.local_socket import END, PACKET_BYTES, BadPacket

# Where `kiosk-gate.socket` listens; only root makes files there.
SOCKET: Final = Path("/run/kiosk-gate.socket")
CONNECT_SECONDS: Final = 5.0

# What ends the sign-in in good order.
_ENDING: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})
# Stopping would give the terminal back to a shell while the gate reads its keys.
_HELD_BACK: Final = frozenset({signal.SIGTSTP})


def own_terminal() -> int | None:
    """The first of standard input, error and output that is a terminal to read and to write; None: none is.

    Waits, stopped by the kernel, while this process is in the background of that terminal.
    """
    for descriptor in (0, 2, 1):
        with contextlib.suppress(OSError, termios.error):
            if (
                stat.S_ISCHR(os.fstat(descriptor).st_mode)
                and fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
            ):
                # Changes nothing, and is what the kernel holds up in the background (termios(3), SIGTTOU).
                termios.tcsetattr(descriptor, termios.TCSANOW, termios.tcgetattr(descriptor))
                return descriptor
    return None


def call(request: Request, terminal: int, *, socket_path: Path = SOCKET) -> Answer:
    """Let the gate sign somebody in on `terminal`, which is as it was when this returns. In the main thread only."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection, _kept(terminal, request.term) as kept:
        connection.settimeout(CONNECT_SECONDS)
        with _signals() as heard:
            try:
                connection.connect(str(socket_path))
                socket.send_fds(connection, [request.to_bytes()], [terminal])
            except PermissionError:
                return NotPassed(Why.NOT_ADMITTED)
            except BlockingIOError:
                return NotPassed(Why.BUSY)
            except OSError:
                return NotPassed(Why.NO_GATE)
            answer = _wait(connection, heard)
        kept.orderly = answer != NotPassed(Why.BROKEN_OFF)
        return answer


def _wait(connection: socket.socket, heard: int) -> Answer:
    deadline = time.monotonic() + SIGN_IN_SECONDS + END_SECONDS
    told_to_end = False
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    poll.register(heard, select.POLLIN)
    while (left := deadline - time.monotonic()) > 0:
        ready = {descriptor for descriptor, _events in poll.poll(left * 1000)}
        if heard in ready:
            numbers = set(os.read(heard, PACKET_BYTES))
            if signal.SIGWINCH in numbers:
                _tell(connection, RESIZED)
            if numbers & _ENDING and not told_to_end:
                told_to_end = True
                deadline = time.monotonic() + END_SECONDS
                _tell(connection, END)
        if connection.fileno() in ready:
            answer = _answer(connection)
            # Whoever wanted to end it does not go on, not even when somebody had just signed in.
            return NotPassed(Why.NOT_SIGNED_IN) if told_to_end and isinstance(answer, Passed) else answer
    return NotPassed(Why.BROKEN_OFF)


def _answer(connection: socket.socket) -> Answer:
    try:
        return answer_from(connection.recv(PACKET_BYTES))
    except (OSError, BadPacket):
        return NotPassed(Why.BROKEN_OFF)


def _tell(connection: socket.socket, packet: bytes) -> None:
    # It may be gone; then it is readable, too.
    with contextlib.suppress(OSError):
        connection.send(packet, socket.MSG_DONTWAIT)


@contextmanager
def _signals() -> Iterator[int]:
    """A descriptor from which the numbers of signals are read; afterwards each does what it did before."""
    read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    # What is ignored stays so: `nohup`, or the background of a script.
    numbers = {one for one in _ENDING if signal.getsignal(one) is not signal.SIG_IGN} | _HELD_BACK | {signal.SIGWINCH}
    before: Mapping[signal.Signals, Any] = {one: signal.getsignal(one) for one in numbers}
    wakes = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for one in numbers:
        signal.signal(one, lambda _number, _frame: None)
    try:
        yield read
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
        signal.set_wakeup_fd(wakes)
        os.close(read)
        os.close(write)


class _Kept:
    """The attributes of a terminal; `orderly` says whether its screen was left as it should be."""

    orderly = True


@contextmanager
def _kept(terminal: int, term: str) -> Iterator[_Kept]:
    before: list[Any] = termios.tcgetattr(terminal)
    kept = _Kept()
    try:
        yield kept
    finally:
        # It may have hung up.
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, before)
            # What was typed and not read is meant for nobody.
            termios.tcflush(terminal, termios.TCIFLUSH)
            if not kept.orderly:
                os.write(terminal, restored(term))
