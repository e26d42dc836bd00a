"""Between the terminal of the kiosk and that of an application: bytes both ways, in the event loop, without ever waiting there.

Another page may lie over the application: `show` ends, the application runs on, and what it draws meanwhile is kept.
"""

import asyncio
import contextlib
import os
import signal
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto, unique
from typing import Any, Final

from kiosk.applications.launching import Program
from kiosk.applications.screen_text import POSITION, Kept, cleared, position_asked, restored, signs_of_life

READ_BYTES: Final = 65536
# What may wait for a slow terminal before the application has to wait too.
WAITING_BYTES: Final = 65536
# What may wait for an application that does not read.
TYPED_BYTES: Final = 65536
# How long a terminal may take to put itself back, and to answer where its cursor is.
RESTORE_SECONDS: Final = 1.0
ANSWER_SECONDS: Final = 0.3


@unique
class Left(Enum):
    """Why an application is no longer shown."""

    ENDED = auto()
    CALLED_AWAY = auto()
    HUNG_UP = auto()
    """The terminal is gone."""


class Relay:
    """Shows one program on the terminal `descriptor`, as often as wanted; `close` it at the end.

    `alive` is called for every sign of life from the person.
    """

    def __init__(self, program: Program, descriptor: int, *, term: str, alive: Callable[[], None]) -> None:
        self._program = program
        self._descriptor = descriptor
        self._term = term
        self._alive = alive
        self._loop = asyncio.get_running_loop()
        self._kept = Kept()
        self._typed = bytearray()
        self._out: _Output | None = None
        self._left: asyncio.Future[Left] = self._loop.create_future()
        self._hung_up = False
        self._seen_before = False
        self._closed = False
        self._reading = False
        self._listen(on=True)
        program.ended.add_done_callback(self._ended)

    async def show(self) -> Left:
        """Pass bytes until the program ends or `call_away` is called; then the terminal is as it was."""
        if self._program.ended.done():
            return Left.ENDED
        if self._hung_up:
            return Left.HUNG_UP
        self._left = self._loop.create_future()
        with _raw(self._descriptor), _own_description(self._descriptor) as writable:
            self._out = _Output(writable, drained=self._drained)
            ask = True
            try:
                self._begin()
                return await asyncio.shield(self._left)
            except asyncio.CancelledError:
                # The kiosk itself ends: nobody is left to read an answer.
                ask = False
                raise
            finally:
                self._stop_reading()
                out, self._out = self._out, None
                out.drop()
                self._listen(on=True)
                if not self._hung_up:
                    await self._put_back(out, ask=ask)

    def call_away(self) -> None:
        """Let another page lie over it."""
        self._leave(Left.CALLED_AWAY)

    def close(self) -> None:
        """Nothing more of it."""
        if not self._closed:
            self._closed = True
            self._listen(on=False)
            self._loop.remove_writer(self._program.master)

    def _begin(self) -> None:
        assert self._out is not None, "called while it is shown"
        self._out.write(restored(self._term))
        self._loop.add_reader(self._descriptor, self._from_person)
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        if self._seen_before:
            self._out.write(self._kept.again())
            # Another size and back: whoever draws the whole screen draws it anew.
            columns, rows = self._size()
            self._program.resize(columns, max(1, rows - 1))
            self._loop.call_later(0.1, self._resized)
        else:
            self._out.write(cleared(self._term))
            self._resized()
        self._seen_before = True

    def _stop_reading(self) -> None:
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_signal_handler(signal.SIGWINCH)

    async def _put_back(self, out: "_Output", *, ask: bool) -> None:
        """The terminal as it was; what it still answers to the application is read here and not by the pages."""
        asked = position_asked(self._term) if ask else b""
        out.write(restored(self._term) + asked)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(out.written(), RESTORE_SECONDS)
        out.drop()
        if not asked:
            return
        answered = asyncio.Event()
        heard = bytearray()

        def hear() -> None:
            data = _read(self._descriptor)
            heard.extend(data or b"")
            # Nothing at all: it hung up, and would say so again and again.
            if data == b"" or POSITION.search(heard):
                answered.set()

        self._loop.add_reader(self._descriptor, hear)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(answered.wait(), ANSWER_SECONDS)
        finally:
            self._loop.remove_reader(self._descriptor)

    # From the person to the application

    def _from_person(self) -> None:
        data = _read(self._descriptor)
        if data is None:
            return
        if not data:
            self._loop.remove_reader(self._descriptor)
            self._hung_up = True
            self._leave(Left.HUNG_UP)
            return
        if signs_of_life(data):
            self._alive()
        self._typed += data[: TYPED_BYTES - len(self._typed)]
        self._type()

    def _type(self) -> None:
        master = self._program.master
        if self._closed:
            return
        try:
            del self._typed[: os.write(master, self._typed)]
        except BlockingIOError:
            pass
        except OSError:
            self._typed.clear()
        if self._typed:
            self._loop.add_writer(master, self._type)
        else:
            self._loop.remove_writer(master)

    def _size(self) -> tuple[int, int]:
        try:
            size = os.get_terminal_size(self._descriptor)
        except OSError:
            return 80, 24
        return size.columns or 80, size.lines or 24

    def _resized(self) -> None:
        if self._out is not None:
            self._program.resize(*self._size())

    # From the application to the person

    def _listen(self, *, on: bool) -> None:
        if on and not self._closed and not self._reading:
            self._loop.add_reader(self._program.master, self._from_program)
        elif not on and self._reading:
            self._loop.remove_reader(self._program.master)
        self._reading = on and not self._closed

    def _from_program(self) -> None:
        data = _read(self._program.master)
        if data is None:
            return
        if not data:
            # Nobody has its terminal open any more; whether it ended the launcher tells.
            self._closed_by_program()
            return
        self._kept.add(data)
        if self._out is not None:
            self._out.write(data)
            self._listen(on=self._out.waiting <= WAITING_BYTES)

    def _closed_by_program(self) -> None:
        if self._reading:
            self._loop.remove_reader(self._program.master)
            # It may be opened again by its name; looked at now and then, not at full speed.
            self._reading = False
            self._loop.call_later(0.5, lambda: self._listen(on=True))

    def _drained(self) -> None:
        self._listen(on=True)

    def _ended(self, _ended: object) -> None:
        self._leave(Left.ENDED)

    def _leave(self, why: Left) -> None:
        if not self._left.done():
            self._left.set_result(why)


class _Output:
    """What is on its way to the terminal, which may be slow."""

    def __init__(self, descriptor: int, *, drained: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._drained = drained
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._done = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many bytes wait."""
        return len(self._waiting)

    def write(self, data: bytes) -> None:
        """Write it now, as far as the terminal takes it, and the rest when it does."""
        self._waiting += data
        self._done.clear()
        self._push()

    async def written(self) -> None:
        """Until everything is."""
        await self._done.wait()

    def drop(self) -> None:
        """Forget what waits."""
        self._loop.remove_writer(self._descriptor)
        self._waiting.clear()

    def _push(self) -> None:
        try:
            # In small pieces, for a terminal whose descriptor could not be made non-blocking.
            del self._waiting[: os.write(self._descriptor, self._waiting[:4096])]
        except BlockingIOError:
            pass
        except OSError:
            self._waiting.clear()
        if self._waiting:
            self._loop.add_writer(self._descriptor, self._push)
        else:
            self._loop.remove_writer(self._descriptor)
            self._done.set()
            self._drained()


def _read(descriptor: int) -> bytes | None:
    """What is there; None when nothing is, empty when the other side is gone."""
    try:
        return os.read(descriptor, READ_BYTES)
    except BlockingIOError:
        return None
    except OSError:
        # EIO is how a terminal says that its other side is gone.
        return b""


@contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Every key as its bytes; what was typed before or is left afterwards goes to nobody."""
    before: list[Any] = termios.tcgetattr(descriptor)
    tty.setraw(descriptor, termios.TCSAFLUSH)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
            termios.tcflush(descriptor, termios.TCIFLUSH)


@contextmanager
def _own_description(descriptor: int) -> Iterator[int]:
    """The same terminal, non-blocking for us alone: the flag belongs to the open file, which others share."""
    own = None
    for path in (os.ttyname(descriptor), "/dev/tty"):
        with contextlib.suppress(OSError):
            own = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            break
    if own is None:
        own = os.dup(descriptor)
    try:
        yield own
    finally:
        os.close(own)
