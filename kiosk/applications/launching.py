"""The kiosk's side: asks a launcher to start an application on a pseudo-terminal, and knows how it goes.

ApplicationError
└── NotRunning   it was not started; `why` says why
"""

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
import subprocess
import sys
import termios
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.applications.launcher import PATIENCE_SECONDS
from kiosk.applications.wire import Answer, Ended, NotStarted, Request, Started, Why, answer_from
from kiosk.local_socket import END, PACKET_BYTES, BadPacket

__all__ = ["ApplicationError", "Ended", "Launching", "NotRunning", "Program", "Request", "Why"]

# Where `kiosk-app.socket` listens.
SOCKET: Final = Path("/run/kiosk-app.socket")
# A launcher that systemd must start first imports, reads and executes.
START_SECONDS: Final = 15.0
# What the launcher itself may need after its patience is over.
END_SECONDS: Final = PATIENCE_SECONDS + 8.0

_WINDOW: Final = struct.Struct("4H")


class ApplicationError(Exception):
    """Something about an application went wrong."""


class NotRunning(ApplicationError):
    """It was not started; `why` says why."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Launching:
    """How the applications of this site are started: `config` is the file that a launcher of our own reads."""

    config: Path
    socket_path: Path = SOCKET
    patience: float = PATIENCE_SECONDS
    """Between SIGTERM and SIGKILL, of a launcher of our own."""

    async def start(self, request: Request, *, same_account: bool, size: tuple[int, int]) -> "Program":
        """Start an application on a terminal of `size` (columns, rows); raises NotRunning."""
        try:
            master, terminal = os.openpty()
        except OSError:
            # No terminal or no descriptor is left on this machine.
            raise NotRunning(Why.NO_LAUNCHER) from None
        try:
            os.set_blocking(master, False)
            _resize(master, *size)
            connection = self._own_launcher() if same_account else self._connect()
            program = Program(master, connection)
        except BaseException:
            os.close(master)
            os.close(terminal)
            raise
        try:
            # A few hundred bytes into an empty socket: this does not wait.
            socket.send_fds(connection, [request.to_bytes()], [terminal])
        except OSError:
            program.close()
            raise NotRunning(Why.NO_LAUNCHER) from None
        finally:
            os.close(terminal)
        await program.begin()
        return program

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        try:
            connection.connect(str(self.socket_path))
        except OSError:
            connection.close()
            raise NotRunning(Why.NO_LAUNCHER) from None
        return connection

    def _own_launcher(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            ours.setblocking(False)
            try:
                child = self._started(theirs)
            except OSError:
                ours.close()
                raise NotRunning(Why.NO_LAUNCHER) from None
        # It ends by itself, some time after the connection; somebody must wait for it.
        threading.Thread(target=child.wait, name="kiosk-launcher", daemon=True).start()
        return ours

    def _started(self, connection: socket.socket) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603  ourselves
            [
                *(sys.executable, "-I", "-m", "kiosk.applications.launcher", "--same-account"),
                *("--config", str(self.config), "--patience", str(self.patience)),
            ],
            stdin=connection.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            # Ctrl-C in the terminal of a demonstration is not for it.
            start_new_session=True,
        )


class Program:
    """One application that runs, as long as `close` has not been called; `master` is the other end of its terminal."""

    def __init__(self, master: int, connection: socket.socket) -> None:
        self.master: Final = master
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        """How it ended; an exit of the launcher without a word counts as a kill."""
        self._connection = connection
        self._listening: asyncio.Task[None] | None = None
        self._closed = False

    async def begin(self) -> None:
        """Wait until it runs; raises NotRunning, and then everything is closed."""
        try:
            async with asyncio.timeout(START_SECONDS):
                answer = await self._answer()
        except TimeoutError:
            answer = None
        except BaseException:
            self.close()
            raise
        if not isinstance(answer, Started):
            self.close()
            raise NotRunning(answer.why if isinstance(answer, NotStarted) else Why.NO_LAUNCHER)
        self._listening = asyncio.create_task(self._listen())

    def resize(self, columns: int, rows: int) -> None:
        """The window changed; the program gets SIGWINCH."""
        if not self._closed:
            _resize(self.master, columns, rows)

    async def end(self) -> Ended:
        """End it and everything that came of it: SIGTERM, then SIGKILL; how it ended. `close` it afterwards."""
        if not self.ended.done():
            with contextlib.suppress(OSError):
                self._connection.send(END)
        try:
            async with asyncio.timeout(END_SECONDS):
                return await asyncio.shield(self.ended)
        except TimeoutError:
            return Ended(signal=9)

    def close(self) -> None:
        """Let go of it: the launcher ends whatever still runs when the connection is gone."""
        if self._closed:
            return
        self._closed = True
        if self._listening is not None:
            self._listening.cancel()
        if not self.ended.done():
            self.ended.set_result(Ended(signal=9))
        self._connection.close()
        os.close(self.master)

    async def _listen(self) -> None:
        answer = await self._answer()
        if not self.ended.done():
            self.ended.set_result(answer if isinstance(answer, Ended) else Ended(signal=9))

    async def _answer(self) -> Answer | None:
        try:
            packet = await asyncio.get_running_loop().sock_recv(self._connection, PACKET_BYTES)
            return answer_from(packet) if packet else None
        except (OSError, BadPacket):
            return None


def _resize(master: int, columns: int, rows: int) -> None:
    with contextlib.suppress(OSError):
        fcntl.ioctl(master, termios.TIOCSWINSZ, _WINDOW.pack(rows, columns, 0, 0))
