"""From bytes to lines, prompts and their meaning.

Modems end lines as they like, add NULs, echo what they hear and talk out of turn. The assembler makes clean lines of it; the
classifier then knows four things, in this order: expected prefix, final result code, prompt, and anything else. That last
kind is always unsolicited: it never ends a command and never lengthens a wait.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from hardware.modem.answers import final_result

# The longest line kept; a scan of thirty operators is a third of it. More than that is rubbish.
LONGEST_LINE = 8192
# CR, LF; and Ctrl-Z and ESC, which end the echo of a PDU.
_LINE_ENDS = re.compile(rb"[\r\n\x1a\x1b]")
# What precedes a line and carries nothing.
_BEFORE_LINE = b"\r\n\x1a\x1b \t"
# Echoes may come late, after the next command.
_ECHOES_KEPT = 8

# Lines with which a modem says that it has just started, or is about to go down.
_RESTART = frozenset(
    {
        "RDY",
        "APP RDY",
        "START",
        "^SYSSTART",
        "*ATREADY: 1",
        "+CFUN: 1",
        "MODEM:STARTUP",
        "NORMAL POWER DOWN",
        "POWERED DOWN",
        "UNDER-VOLTAGE POWER DOWN",
        "OVER-VOLTAGE POWER DOWN",
        "SHUTDOWN",
    }
)
# Lines in words that come unasked; with a sign in front (+ ^ * # …) a line is known to be unasked by that.
_UNASKED_WORDS = frozenset(
    {
        "RING",
        "CALL READY",
        "SMS READY",
        "SMS DONE",
        "PB DONE",
        "CONNECT",
        "UNDER-VOLTAGE WARNNING",
        "UNDER-VOLTAGE WARNING",
        "OVER-VOLTAGE WARNNING",
        "OVER-VOLTAGE WARNING",
    }
)
_UNASKED_SIGNS = tuple("+^*#%$!&_")


class Prompt(Enum):
    """The `>` with which a modem asks for a PDU (27.005 4.3)."""

    SEEN = ">"


PROMPT = Prompt.SEEN
Event = str | Prompt


class LineAssembler:
    """Bytes in, clean lines and prompts out; at most LONGEST_LINE bytes are kept.

    While `prompt_expected`, a `>` at the start of a line is a prompt at once, with or without a space or line end behind it;
    otherwise only a line that is nothing but `>` is one.
    """

    def __init__(self) -> None:
        self.prompt_expected = False
        self._buffer = bytearray()
        self._skipping = False
        self._echoes: deque[str] = deque(maxlen=_ECHOES_KEPT)

    def sent(self, text: str) -> None:
        """Remember what was written, so that its echo is no answer."""
        self._echoes.append(text)

    def forget_prompt(self) -> None:
        """Drop a `>` that came unasked and has no line end: it is not the prompt of the next command."""
        if self._buffer.lstrip(_BEFORE_LINE).startswith(b">"):
            self._buffer.clear()

    def feed(self, data: bytes) -> Iterator[Event]:
        """The lines and prompts that `data` completes, in order."""
        self._buffer += data.replace(b"\x00", b"")
        while True:
            del self._buffer[: len(self._buffer) - len(self._buffer.lstrip(_BEFORE_LINE))]
            if self.prompt_expected and not self._skipping and self._buffer.startswith(b">"):
                del self._buffer[:1]
                self.prompt_expected = False
                yield PROMPT
                continue
            end = _LINE_ENDS.search(self._buffer)
            if not end:
                break
            line = self._buffer[: end.start()].decode("latin-1").rstrip()
            del self._buffer[: end.end()]
            if self._skipping:
                self._skipping = False
            elif line == ">":
                yield PROMPT
            elif line not in self._echoes:
                yield line
        if len(self._buffer) > LONGEST_LINE:
            self._buffer.clear()
            self._skipping = True


@dataclass(frozen=True, slots=True)
class Expected:
    """What a command may be answered with: lines with one of `prefixes` ("+CREG"), or `free` text without any prefix."""

    prefixes: tuple[str, ...] = ()
    free: bool = False

    def accepts(self, line: str) -> bool:
        """Whether a line with an expected prefix has come."""
        return any(line.startswith(prefix + ":") for prefix in self.prefixes)


class Meaning(Enum):
    """What a line is for the command under way."""

    INFORMATION = "information"
    FINAL = "final"
    UNSOLICITED = "unsolicited"


def meaning(line: str, expected: Expected, *, numeric: bool = False) -> Meaning:
    """What `line` is while a command waits for `expected`.

    `numeric` takes 0 and 4 for OK and ERROR (ATV0). The results of calls (NO CARRIER) are unsolicited: we never dial.
    """
    if expected.accepts(line):
        return Meaning.INFORMATION
    final = final_result(line, numeric=numeric)
    if final and not final.of_call:
        return Meaning.FINAL
    if expected.free and not final and not is_unasked(line):
        return Meaning.INFORMATION
    return Meaning.UNSOLICITED


def is_unasked(line: str) -> bool:
    """Whether a line cannot be the free text of an answer (maker, model, serial number)."""
    return line.startswith(_UNASKED_SIGNS) or line.upper() in _UNASKED_WORDS or is_restart(line)


def is_restart(line: str) -> bool:
    """Whether the modem says that it has started again or goes down; asked for, "+CFUN: 1" is an answer instead."""
    return line.upper() in _RESTART
