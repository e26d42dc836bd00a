"""A program in a terminal of its own, as a person starts it: what it paints and when, what it costs."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROWS: Final = 30
COLUMNS: Final = 100
START_SECONDS: Final = 30.0
END_SECONDS: Final = 20.0
# Control sequences between the characters that a person reads (ECMA-48 5.4; OSC and DCS strings).
_SEQUENCE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_ENVIRONMENT: Final = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def kiosk_program() -> str:
    """Path of the program as it was installed."""
    return str(Path(sys.executable).with_name("kiosk"))


def _resize(terminal: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))


class TerminalClosed(Exception):
    """The program ended before it painted what was waited for; holds the end of what it did paint."""


class TerminalProgram:
    """A context manager; `started` is `time.monotonic()` right before the program was started."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        master, slave = pty.openpty()
        _resize(slave, COLUMNS)
        # As installed: with its byte code beside it, whatever the shell of a developer says.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("KIOSK_", "PYTHON"))}
        self._master = master
        self._painted = bytearray()
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**inherited, **_ENVIRONMENT, **(environment or {})},
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    def type(self, text: str) -> float:
        """Press keys; `time.monotonic()` of the first."""
        at = time.monotonic()
        os.write(self._master, text.encode())
        return at

    def forget(self) -> None:
        """Look only at what is painted from now on."""
        self._painted.clear()

    def wait_for(self, text: str, timeout: float = START_SECONDS) -> float:
        """Wait until `text` is painted; `time.monotonic()` at which its last bytes came. Raises TimeoutError."""
        wanted = text.encode()
        deadline = time.monotonic() + timeout
        while wanted not in self._readable():
            if not self._read(deadline - time.monotonic()) and time.monotonic() > deadline:
                raise TimeoutError(f"{text!r} was not painted; last: {self._readable()[-400:]!r}")
        return self._read_at

    def look_again(self, seconds: float = 0.5) -> str:
        """The whole page, painted anew, without control sequences: `painted` has only what changed since `forget`."""
        _resize(self._master, COLUMNS + 1)
        self.settle(seconds)
        self.forget()
        _resize(self._master, COLUMNS)
        self.settle(seconds)
        return self.painted

    @property
    def painted(self) -> str:
        """What was painted since `forget`, without control sequences."""
        return self._readable().decode(errors="replace")

    def settle(self, seconds: float) -> None:
        """Take what is painted for so long."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._read(left)

    def processor_seconds(self) -> float:
        """Processor time of all its threads so far, in user and kernel mode (proc(5), fields 14 and 15)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mebibytes(self) -> float:
        """Resident memory (proc(5), VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def close(self) -> None:
        """Ask it to end; kill it when it does not."""
        self._process.terminate()
        deadline = time.monotonic() + END_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            # A program that restores its terminal waits until somebody takes what it writes.
            with contextlib.suppress(TerminalClosed):
                self.settle(0.01)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._master)

    def _readable(self) -> bytes:
        return _SEQUENCE.sub(b"", bytes(self._painted))

    def _read(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, timeout))
        if not ready:
            return False
        try:
            octets = os.read(self._master, 65536)
        except OSError:
            if self._process.poll() is None:
                time.sleep(0.001)
                return False
            raise TerminalClosed(self._readable()[-2000:].decode(errors="replace")) from None
        self._read_at = time.monotonic()
        self._painted += octets
        return True
