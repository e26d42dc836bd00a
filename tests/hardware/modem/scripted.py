"""A small modem of our own making for tests at the byte seam: it says exactly what the test wrote."""

import contextlib
import os
import re
import select
import threading
import time
import tty
from collections.abc import Callable
from types import TracebackType
from typing import Self

Reply = bytes | Callable[["ScriptedModem"], bytes]

# A modem that has nothing special: every command the engine may ask, with a common answer.
COMMON: dict[str, Reply] = {
    "AT+CGMI": b"\r\nACME\r\n\r\nOK\r\n",
    "AT+CGMM": b"\r\nM1\r\n\r\nOK\r\n",
    "AT+CGMR": b"\r\n1.0\r\n\r\nOK\r\n",
    "AT+CGSN": b"\r\n354237065082227\r\n\r\nOK\r\n",
    "AT+CFUN?": b"\r\n+CFUN: 1\r\n\r\nOK\r\n",
    "AT+CPIN?": b"\r\n+CPIN: READY\r\n\r\nOK\r\n",
    "AT+CCID": b"\r\n+CCID: 8931080000000000019\r\n\r\nOK\r\n",
    "AT+CIMI": b"\r\n204080000000001\r\n\r\nOK\r\n",
    "AT+CMGF?": b"\r\n+CMGF: 0\r\n\r\nOK\r\n",
    "AT+CSCA?": b'\r\n+CSCA: "+31653131313",145\r\n\r\nOK\r\n',
    "AT+COPS?": b'\r\n+COPS: 0,2,"20408",7\r\n\r\nOK\r\n',
    "AT+CREG?": b"\r\n+CREG: 0,1\r\n\r\nOK\r\n",
    "AT+CSQ": b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
}
OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
SENT = b"\r\n+CMGS: 7\r\n\r\nOK\r\n"
PROMPT = b"\r\n> "


class ScriptedModem:
    """A pseudo-terminal with a script behind it.

    `heard` are the commands in order, `committed` the PDUs that Ctrl-Z ended, `escapes` how often ESC came. Answers are
    looked up in `answers`, else OK. `after_ctrl_z` is what Ctrl-Z is answered with; a callable may act first.
    """

    def __init__(self, answers: dict[str, Reply] | None = None) -> None:
        self.answers = COMMON | (answers or {})
        self.prompt: Reply = PROMPT
        self.after_ctrl_z: Reply = SENT
        self.echo = False
        self.seconds_per_byte = 0.0
        self.heard: list[str] = []
        self.committed: list[str] = []
        self.escapes = 0
        self.received = bytearray()
        self.said = 0
        self.changed = threading.Condition()
        self._writing = threading.Lock()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.port = os.ttyname(self._slave)
        self._wake_reader, self._wake_writer = os.pipe()
        self._descriptors = [self._master, self._slave, self._wake_reader, self._wake_writer]
        self._in_prompt = False
        self._buffer = bytearray()
        self._gone = threading.Event()
        self._deaf = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scripted modem", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unplug()

    def unplug(self) -> None:
        """The port vanishes; from any thread, also from a reply."""
        with self._writing:
            if self._gone.is_set():
                return
            self._gone.set()
            os.write(self._wake_writer, b"x")
        if threading.current_thread() is not self._thread:
            self._thread.join(5)
        else:
            self._close()

    def say(self, data: bytes) -> None:
        """Write to the kiosk, from any thread; what nobody takes is lost, as on a line without flow control."""
        pieces = [bytes([octet]) for octet in data] if self.seconds_per_byte else [data]
        for piece in pieces:
            with self._writing:
                if self._gone.is_set():
                    return
                if not select.select([], [self._master], [], 0.2)[1]:
                    return
                with contextlib.suppress(BlockingIOError):
                    self.said += os.write(self._master, piece)
            if self.seconds_per_byte:
                self._gone.wait(self.seconds_per_byte)

    def wait_for(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until something has been heard; AssertionError after `seconds`."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), "the scripted modem has waited in vain"

    def jam(self) -> None:
        """Hear nothing more, and let the port fill up until it takes no byte."""
        self._deaf.set()
        os.write(self._wake_writer, b"x")
        descriptor = os.open(self.port, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        # The kernel moves bytes on for a moment, which makes room again.
        while select.select([], [descriptor], [], 0.05)[1]:
            with contextlib.suppress(BlockingIOError):
                os.write(descriptor, b"x" * 4096)
        os.close(descriptor)

    def in_prompt(self) -> None:
        """Begin in a prompt that another program left behind."""
        self._in_prompt = True

    def _run(self) -> None:
        while not self._gone.is_set():
            ears = [] if self._deaf.is_set() else [self._master]
            ready, _, _ = select.select([*ears, self._wake_reader], [], [])
            if self._wake_reader in ready:
                os.read(self._wake_reader, 100)
            if self._gone.is_set():
                break
            if self._deaf.is_set() or self._master not in ready:
                continue
            try:
                data = os.read(self._master, 4096)
            except OSError:
                break
            self.received += data
            for octet in data:
                self._octet(octet)
                if self._gone.is_set():
                    break
            self._note()
        self._close()

    def _close(self) -> None:
        # Once: a number that was closed may belong to somebody else by now.
        with self._writing:
            while self._descriptors:
                os.close(self._descriptors.pop())

    def _octet(self, octet: int) -> None:
        if self.echo:
            self.say(bytes([octet]))
        if octet == 0x1B:
            self._buffer.clear()
            was_in_prompt, self._in_prompt = self._in_prompt, False
            self.escapes += 1
            self._note()
            if was_in_prompt:
                self.say(OK)
        elif self._in_prompt and octet == 0x1A:
            self._in_prompt = False
            self.committed.append(self._take())
            self._note()
            self._reply(self.after_ctrl_z)
        elif not self._in_prompt and octet == 0x0D:
            self._command(self._take())
        else:
            self._buffer.append(octet)

    def _take(self) -> str:
        text = self._buffer.decode("latin-1").strip()
        self._buffer.clear()
        return text

    def _command(self, command: str) -> None:
        if not command:
            return
        self.heard.append(command)
        self._note()
        if re.fullmatch(r"AT\+CMGS=[0-9]+", command) and "AT+CMGS" not in self.answers:
            self._in_prompt = True
            self._reply(self.prompt)
            return
        key = command if command in self.answers else command.split("=", maxsplit=1)[0]
        self._reply(self.answers.get(key, OK))

    def _reply(self, reply: Reply) -> None:
        data = reply(self) if callable(reply) else reply
        if data and not self._gone.is_set():
            self.say(data)

    def _note(self) -> None:
        with self.changed:
            self.changed.notify_all()


def after(seconds: float, reply: bytes) -> Callable[[ScriptedModem], bytes]:
    """A reply that takes its time, while the modem goes on listening."""

    def later(modem: ScriptedModem) -> bytes:
        timer = threading.Timer(seconds, modem.say, [reply])
        timer.daemon = True
        timer.start()
        return b""

    return later


def once(first: Reply, then: Reply) -> Callable[[ScriptedModem], bytes]:
    """One reply the first time, another ever after."""
    replies = [first]

    def reply(modem: ScriptedModem) -> bytes:
        chosen = replies.pop() if replies else then
        return chosen(modem) if callable(chosen) else chosen

    return reply


class Chatter:
    """Unknown lines all the time, until the end of the with block."""

    def __init__(self, modem: ScriptedModem, line: bytes, seconds: float) -> None:
        self._modem, self._line, self._seconds = modem, line, seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join(5)

    def _run(self) -> None:
        started = time.monotonic()
        while not self._end.wait(self._seconds) and time.monotonic() - started < 60:
            self._modem.say(self._line)
