"""A person's terminal and a site's configuration, for applications that are real processes."""

import asyncio
import fcntl
import os
import re
import struct
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.applications.launching import Ended, Launching, Program, Request
from kiosk.applications.relay import Left, Relay

REQUEST = Request(
    application="it", user="j.devries", method="totp", session="5f3a", term="xterm-256color", language="nl"
)
SECONDS = 20.0


def site(directory: Path, *argv: str, extra: str = "same_account = true") -> Launching:
    """The configuration of a site with one application, `it`."""
    quoted = ", ".join(f"'''{word}'''" for word in argv)
    path = directory / "kiosk.toml"
    path.write_text(
        f'[site]\nname = "x"\n[[application]]\nname = "it"\nlabel = "x"\nargv = [{quoted}]\n{extra}\n', encoding="utf-8"
    )
    return Launching(config=path, socket_path=directory / "launcher.socket", patience=0.2)


def python(code: str) -> tuple[str, ...]:
    """A program of a few lines."""
    return (sys.executable, "-I", "-c", code)


async def started(launching: Launching, *, size: tuple[int, int] = (80, 24)) -> Program:
    return await launching.start(REQUEST, same_account=True, size=size)


class DeskTerminal:
    """What the person sits at: everything that was drawn, and keys; it answers where its cursor is, as terminals do."""

    def __init__(self) -> None:
        self.near, self.far = os.openpty()
        os.set_blocking(self.near, False)
        self.resize(80, 24)
        self.drawn = b""
        self.answers = True
        self._more = asyncio.Event()
        asyncio.get_running_loop().add_reader(self.near, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self.near, 65536)
        except OSError:
            return
        self.drawn += data
        if self.answers:
            os.write(self.near, b"\x1b[1;1R" * data.count(b"\x1b[6n"))
        self._more.set()

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.far, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        os.write(self.near, keys)

    def forget(self) -> None:
        self.drawn = b""

    async def sees(self, pattern: bytes) -> re.Match[bytes]:
        async with asyncio.timeout(SECONDS):
            while not (found := re.search(pattern, self.drawn)):
                self._more.clear()
                await self._more.wait()
        return found

    async def types_until(self, keys: bytes, pattern: bytes) -> None:
        """Type it as often as a person would: programs lose keys while they start and while their window changes."""
        async with asyncio.timeout(SECONDS):
            while not re.search(pattern, self.drawn):
                self.type(keys)
                await asyncio.sleep(0.05)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self.near)
        os.close(self.near)
        os.close(self.far)


class Sitting:
    """A person at a terminal with one application on it."""

    def __init__(self, terminal: DeskTerminal, program: Program) -> None:
        self.terminal = terminal
        self.program = program
        self.lives = 0
        self.lived = asyncio.Event()
        self.relay = Relay(program, terminal.far, term="xterm-256color", alive=self._alive)

    def _alive(self) -> None:
        self.lives += 1
        self.lived.set()

    async def shown(self) -> Left:
        async with asyncio.timeout(SECONDS):
            return await self.relay.show()

    async def over(self) -> Ended:
        ended = await self.program.end()
        self.relay.close()
        self.program.close()
        return ended

    async def shown_after_enter(self) -> Left:
        """For a program that says `ready` and waits for a line."""
        shown = asyncio.create_task(self.shown())
        await self.terminal.sees(b"ready")
        self.terminal.type(b"\r")
        return await shown


@contextmanager
def terminal() -> Iterator[DeskTerminal]:
    one = DeskTerminal()
    try:
        yield one
    finally:
        one.close()


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def gone(pid: int) -> None:
    async with asyncio.timeout(SECONDS):
        while alive(pid):  # noqa: ASYNC110  a process that is not our child tells nobody
            await asyncio.sleep(0.02)
