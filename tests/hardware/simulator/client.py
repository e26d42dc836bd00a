"""A program that talks to a simulated modem through pyserial, as the tests need it."""

import re
import time
from types import TracebackType
from typing import Self

import serial

FINAL = rb"\r\n(OK|ERROR|\+CM[SE] ERROR: [^\r]*|NO CARRIER|COMMAND NOT SUPPORT)\r\n"

# "Uw code is 482913" to +31612345678, validity 10 minutes: with the request for a delivery report, and without.
NUMBER = "+31612345678"
TEXT = "Uw code is 482913"
PDU_WITH_REPORT = "0031000B911316325476F800000111D53B68FC269741E939888693E56233"
PDU = "0011000B911316325476F800000111D53B68FC269741E939888693E56233"
LENGTH = 29

CTRL_Z = b"\x1a"
ESCAPE = b"\x1b"

# Nothing here takes longer unless it hangs.
DEADLINE_SECONDS = 5.0


class Client:
    """One opening of a port; the echo is switched off at first unless asked otherwise."""

    def __init__(self, path: str, *, quiet: bool = True) -> None:
        self.line = serial.Serial(path, timeout=0, write_timeout=1)
        self.read = b""
        if quiet:
            self.ask("ATE0")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.line.close()

    def write(self, octets: bytes) -> None:
        self.line.write(octets)

    def expect(self, pattern: bytes, seconds: float = DEADLINE_SECONDS) -> bytes:
        """Read up to and with the first match of a pattern; fails when it does not come."""
        deadline = time.monotonic() + seconds
        while (match := re.search(pattern, self.read, re.DOTALL)) is None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                message = f"no {pattern!r} within {seconds} s, but {self.read!r}"
                raise AssertionError(message)
            self.line.timeout = remaining
            self.read += self.line.read(1) + self.line.read(self.line.in_waiting)
        taken, self.read = self.read[: match.end()], self.read[match.end() :]
        return taken

    def ask(self, command: str, final: bytes = FINAL) -> bytes:
        """Give a command; everything up to and with its final result."""
        self.write(command.encode("latin-1") + b"\r")
        return self.expect(final)

    def within(self, seconds: float) -> bytes:
        """Everything that comes within so many seconds."""
        deadline = time.monotonic() + seconds
        while (remaining := deadline - time.monotonic()) > 0:
            self.line.timeout = remaining
            self.read += self.line.read(1) + self.line.read(self.line.in_waiting)
        taken, self.read = self.read, b""
        return taken

    def prompt(self, length: int = LENGTH) -> bytes:
        return self.ask(f"AT+CMGS={length}", rb"\r\n> $")

    def send(self, pdu: str = PDU, length: int = LENGTH) -> bytes:
        """Send a PDU; the answer behind Ctrl-Z."""
        self.prompt(length)
        self.write(pdu.encode() + CTRL_Z)
        return self.expect(FINAL)
