"""The gate: one process per connection, which lets somebody sign in on the caller's terminal and says whether they passed.

It runs as the account of the kiosk, started by the socket unit. Who calls is what the kernel says; of what the caller says only
a few checked words are used. The terminal is a hostile one: whoever handed it over can still read, write and resize it, stop it,
and hang it up. So the pages run in a child, and this process never reads or writes the terminal.
"""

import contextlib
import fcntl
import logging
import os
import pwd
import select
import signal
import socket
import stat
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kiosk.gate.wire import (
    END_SECONDS,
    RESIZED,
    SIGN_IN_SECONDS,
    Answer,
    NotPassed,
    Request,
    Why,
    answer_bytes,
    answer_from,
)
from kiosk.local_socket import PACKET_BYTES, BadPacket, caller_of, receive_with_descriptor

log = logging.getLogger("kiosk.gate")

# A caller says at once what it wants.
REQUEST_SECONDS: Final = 5.0
SAY_SECONDS: Final = 5.0
# Between SIGTERM and SIGKILL: less than callers wait.
PATIENCE_SECONDS: Final = END_SECONDS - 5.0
# How many sign-ins one account may have open at a time.
SLOTS: Final = 4
# What a number becomes that this machine cannot name: user_namespaces(7), /proc/sys/kernel/overflowuid.
_OVERFLOW: Final = 65534


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How this gate serves: `pages` is what shows the sign-in, to which account, pipe and face are added."""

    pages: Sequence[str]
    slots: Path
    """A directory of the gate's own, in which accounts hold the sign-ins that they have open."""
    environ: dict[str, str]
    """What the pages find in their environment besides what is said of the terminal."""
    seconds: float = SIGN_IN_SECONDS
    patience: float = PATIENCE_SECONDS


class _Refused(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


def serve(connection: socket.socket, rules: Rules) -> None:
    """One sign-in, from the request to the answer."""
    uid = caller_of(connection)
    try:
        with _slot(rules.slots, _known(uid)):
            request, terminal = _receive(connection, uid)
            try:
                answer = _sign_in(connection, rules, uid, request, terminal)
            finally:
                os.close(terminal)
    except _Refused as refused:
        answer = NotPassed(refused.why)
    log.info("account %s: %s", uid, answer.why.value if isinstance(answer, NotPassed) else "passed")
    # Nobody may be there any more.
    with contextlib.suppress(OSError):
        connection.settimeout(SAY_SECONDS)
        connection.send(answer_bytes(answer))


# The beginning


def _known(uid: int) -> int:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise _Refused(Why.UNKNOWN_ACCOUNT) from None
    if uid == _OVERFLOW:
        raise _Refused(Why.UNKNOWN_ACCOUNT)
    return uid


@contextmanager
def _slot(directory: Path, uid: int) -> Iterator[None]:
    """Hold one of the sign-ins of this account; the kernel lets go of it when this process dies."""
    for number in range(SLOTS):
        held = os.open(directory / f"{uid}-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            continue
        try:
            yield
        finally:
            os.close(held)
        return
    raise _Refused(Why.BUSY)


def _receive(connection: socket.socket, uid: int) -> tuple[Request, int]:
    try:
        packet, terminal = receive_with_descriptor(connection, REQUEST_SECONDS)
    except (BadPacket, OSError):
        raise _Refused(Why.BAD_REQUEST) from None
    try:
        request = Request.from_bytes(packet)
        _check_terminal(terminal, uid)
    except BadPacket:
        os.close(terminal)
        raise _Refused(Why.BAD_REQUEST) from None
    except _Refused:
        os.close(terminal)
        raise
    return request, terminal


def _check_terminal(terminal: int, uid: int) -> None:
    """A terminal that is the caller's own and still there, to read and to write.

    Whoever signs in on a console, over SSH or in a window owns its terminal. A descriptor that was kept or inherited from
    somebody else's would put the sign-in before another person.
    """
    try:
        found = os.fstat(terminal)
        usable = stat.S_ISCHR(found.st_mode) and fcntl.fcntl(terminal, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
        # An error for what is no terminal, and for one that hung up.
        termios.tcgetattr(terminal)
    except (OSError, termios.error):
        usable = False
    if not usable:
        raise _Refused(Why.NO_TERMINAL)
    if found.st_uid != uid:
        raise _Refused(Why.FOREIGN_TERMINAL)


# The sign-in


def _sign_in(connection: socket.socket, rules: Rules, uid: int, request: Request, terminal: int) -> Answer:
    try:
        before: list[Any] = termios.tcgetattr(terminal)
    except termios.error:
        raise _Refused(Why.NO_TERMINAL) from None
    told, tells = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        try:
            child = subprocess.Popen(  # noqa: S603  ourselves
                [*rules.pages, "--account", str(uid), "--answer", str(tells), "--face", request.face.value],
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                pass_fds=[tells],
                env=rules.environ | _of_the_terminal(request),
                cwd="/",
            )
        finally:
            os.close(tells)
        ended_by_itself = _watch(connection, terminal, child, rules)
        code = child.wait()
        if code < 0 and code != -signal.SIGTERM:
            # Its screen is left as it was at that moment. SIGTERM ends it only while there is none.
            log.error("the pages were ended by signal %s", -code)
            return NotPassed(Why.BROKEN_OFF)
        return _answer_of(told, code) if ended_by_itself else NotPassed(Why.NOT_SIGNED_IN)
    finally:
        os.close(told)
        # The pages do so themselves unless they were killed; the caller may be gone. Nothing here waits for its output.
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, before)


def _of_the_terminal(request: Request) -> dict[str, str]:
    colours = {"COLORTERM": request.colours} if request.colours else {}
    return {"TERM": request.term, "KIOSK_LANGUAGE": request.language} | colours


def _answer_of(told: int, code: int) -> Answer:
    if code != 0:
        return NotPassed(Why.OUT_OF_SERVICE)
    try:
        return answer_from(os.read(told, PACKET_BYTES))
    except (OSError, BadPacket) as error:
        log.error("the pages ended without an answer: %r", error)  # noqa: TRY400  whoever looks needs no more
        return NotPassed(Why.OUT_OF_SERVICE)


def _watch(connection: socket.socket, terminal: int, child: "subprocess.Popen[bytes]", rules: Rules) -> bool:
    """Wait for the end of the pages, and whether it came by itself; else they are ended here."""
    program = os.pidfd_open(child.pid)
    stopping, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    deadline = time.monotonic() + rules.seconds
    poll = select.poll()
    for descriptor in (connection.fileno(), program, stopping):
        poll.register(descriptor, select.POLLIN)
    # Without any event asked for, a line that hung up is told all the same; its caller may well stay.
    poll.register(terminal, 0)
    try:
        while (left := deadline - time.monotonic()) > 0:
            ready = {descriptor for descriptor, _events in poll.poll(left * 1000)}
            if program in ready:
                return True
            if ready & {terminal, stopping} or (connection.fileno() in ready and not _goes_on(connection, child)):
                break
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(rules.patience)
        return False
    finally:
        if child.poll() is None:
            child.kill()
        signal.set_wakeup_fd(-1)
        for descriptor in (program, stopping, wakes):
            os.close(descriptor)


def _goes_on(connection: socket.socket, child: "subprocess.Popen[bytes]") -> bool:
    try:
        packet = connection.recv(PACKET_BYTES)
    except OSError:
        return False
    if packet == RESIZED:
        # The kernel tells it to the processes of the caller's terminal alone.
        child.send_signal(signal.SIGWINCH)
        return True
    return False
