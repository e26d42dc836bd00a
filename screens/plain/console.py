"""Console: a terminal that is only ever given lines, and the keys that come from it.

What is typed stays here until Enter, so that news can be said between two keys and the line be shown again; the kernel
echoes nothing and turns no key into a signal.
"""

import codecs
import contextlib
import os
import select
import termios
from collections import deque
from types import TracebackType
from typing import Any, Final, Self

# An escape sequence comes in one go; Esc alone is followed by nothing.
ESCAPE_SECONDS: Final = 0.05

ENTER: Final = "\n"
BACKSPACE: Final = "\x7f"
WIPE: Final = "\x15"
"""Ctrl+U: the line anew."""
BACK: Final = "\x1b"
"""Esc, Ctrl+C and Ctrl+D."""

_CANCEL: Final = "\x03"
_SAME_AS: Final = {"\r": ENTER, "\x08": BACKSPACE, _CANCEL: BACK, "\x04": BACK}
_KEYS: Final = frozenset({ENTER, BACKSPACE, WIPE, BACK})
# Screen, then what can be scrolled back to (xterm's and the Linux console's own sequence).
_CLEAR: Final = "\x1b[H\x1b[2J\x1b[3J"
_READ_BYTES: Final = 4096


class TerminalGone(Exception):
    """Nobody reads any more: the line hung up, or this process was told to end."""


class Bell:
    """Wakes whoever waits for a key; `ring` may be called from any thread and from a signal handler."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        for end in (self._read, self._write):
            os.set_blocking(end, False)

    def fileno(self) -> int:
        """What becomes readable."""
        return self._read

    def ring(self) -> None:
        """Wake; a bell that rings already is enough."""
        try:
            os.write(self._write, b"!")
        except (BlockingIOError, OSError):
            return

    def silence(self) -> None:
        """Heard."""
        try:
            while os.read(self._read, _READ_BYTES):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        """No more."""
        for end in (self._read, self._write):
            os.close(end)


class Console:
    """Reads keys from `keyboard` and writes lines to `screen`, both file descriptors; use it in a `with`."""

    def __init__(self, keyboard: int, screen: int, bell: Bell, *, encoding: str = "utf-8", clears: bool = True) -> None:
        self._keyboard, self._screen, self._bell = keyboard, screen, bell
        self._encoding = encoding
        self._clears = clears
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="ignore")
        self._keys: deque[str] = deque()
        self._kept: list[Any] = []
        self.told_to_end = False
        """Set from a signal handler, which then rings the bell."""
        self.ends_by_key = False
        """Ctrl+C is the end and not a step back: somebody called this terminal, and wants to have theirs again."""

    def __enter__(self) -> Self:
        self._kept = termios.tcgetattr(self._keyboard)
        raw = termios.tcgetattr(self._keyboard)
        raw[0] &= ~(termios.IXON | termios.IXOFF)
        raw[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
        raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self._keyboard, termios.TCSAFLUSH, raw)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(TerminalGone, termios.error):
            self.clear()
        try:
            # What was typed and not read belongs to nobody's shell.
            termios.tcsetattr(self._keyboard, termios.TCSAFLUSH, self._kept)
        except termios.error:
            return

    @property
    def keyboard(self) -> int:
        """The descriptor of the terminal, for lending it; whatever is typed meanwhile comes to nobody here."""
        return self._keyboard

    @property
    def rows(self) -> int:
        """Height of the terminal."""
        try:
            return termios.tcgetwinsize(self._screen)[0] or 24
        except termios.error:
            return 24

    @property
    def columns(self) -> int:
        """Width of the terminal."""
        try:
            return termios.tcgetwinsize(self._screen)[1] or 80
        except termios.error:
            return 80

    def write(self, text: str) -> None:
        """Put `text` on the terminal; raises TerminalGone."""
        left = text.encode(self._encoding, errors="replace")
        try:
            while left:
                self._await_room()
                left = left[os.write(self._screen, left) :]
        except OSError:
            raise TerminalGone from None

    def _await_room(self) -> None:
        """A terminal that takes nothing must not keep this process from ending."""
        room = select.poll()
        room.register(self._screen, select.POLLOUT)
        while not room.poll(1000):
            if self.told_to_end:
                raise TerminalGone

    def clear(self) -> None:
        """Nothing of what was said can be read any more, neither on the screen nor above it."""
        self.write(_CLEAR if self._clears else "\n" * self.rows)

    def key(self, seconds: float) -> str | None:
        """The next key; None when none came within `seconds` or the bell rang first. Raises TerminalGone."""
        if not self._keys:
            self._read(seconds)
        return self._keys.popleft() if self._keys else None

    def type_in(self, text: str) -> None:
        """Keys as if somebody pressed them now."""
        self._keys.extend(keys_of(text))

    def forget(self) -> None:
        """What was typed ahead was meant for something else."""
        self._keys.clear()

    def rest(self, seconds: float) -> None:
        """Wait without taking keys, until the bell rings; raises TerminalGone."""
        waiting = select.poll()
        # Without any event asked for, a line that hung up is told all the same.
        waiting.register(self._keyboard, 0)
        waiting.register(self._bell.fileno(), select.POLLIN)
        self._heed(waiting.poll(seconds * 1000))

    def _read(self, seconds: float) -> None:
        waiting = select.poll()
        waiting.register(self._keyboard, select.POLLIN)
        waiting.register(self._bell.fileno(), select.POLLIN)
        found = dict(self._heed(waiting.poll(seconds * 1000)))
        if found.get(self._keyboard, 0) & select.POLLIN:
            self._take()

    def _heed(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        if self.told_to_end or any(events & (select.POLLHUP | select.POLLERR) for _, events in found):
            raise TerminalGone
        if any(number == self._bell.fileno() for number, _ in found):
            self._bell.silence()
        return found

    def _take(self) -> None:
        try:
            read = os.read(self._keyboard, _READ_BYTES)
        except OSError:
            raise TerminalGone from None
        if not read:
            raise TerminalGone
        text = self._decoder.decode(read)
        if self.ends_by_key and _CANCEL in text:
            self.told_to_end = True
            raise TerminalGone
        if text.endswith("\x1b") and select.select([self._keyboard], [], [], ESCAPE_SECONDS)[0]:
            text += self._decoder.decode(os.read(self._keyboard, _READ_BYTES))
        self._keys.extend(keys_of(text))


def keys_of(text: str) -> list[str]:
    """What a person pressed: printable characters and the few keys that mean something here; arrows and the like are nothing."""
    keys: list[str] = []
    at = 0
    while at < len(text):
        character = text[at]
        at += 1
        if character == "\x1b" and at < len(text) and text[at] in "[O":
            at = _end_of_sequence(text, at + 1)
            continue
        key = _SAME_AS.get(character, character)
        if key in _KEYS or key.isprintable():
            keys.append(key)
    return keys


def _end_of_sequence(text: str, at: int) -> int:
    """Behind the final byte of a control sequence (ECMA-48 §5.4)."""
    while at < len(text) and not "@" <= text[at] <= "~":
        at += 1
    return at + 1
