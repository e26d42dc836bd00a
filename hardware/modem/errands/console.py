"""One AT line as a technician typed it, and every byte that came of it; what must stay secret is masked before it is kept."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from hardware.modem.answers import Final, final_result
from hardware.modem.errands.waiting import abort
from hardware.modem.errors import AtTimeout, ModemError, Stopped
from hardware.modem.lines import PROMPT
from hardware.modem.session import ModemSession
from hardware.modem.wire_log import mask_secrets

# The longest line V.250 asks a modem to take is 40 characters (5.2.1); common ones take some hundred.
LONGEST_LINE = 400
# Unsolicited lines that follow an answer belong to the picture.
_AFTER_ANSWER_SECONDS = 0.3
_LINE_END = re.compile(rb"\r+\n|\n|\r(?=[^\n\r])|\r$")


class Direction(StrEnum):
    """Who said it."""

    TO_MODEM = ">"
    FROM_MODEM = "<"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleLine:
    """One line of the transcript: `seconds` since the command was written, `raw` with its line end; both are masked."""

    direction: Direction
    seconds: float
    text: str = field(repr=False)
    raw: bytes = field(repr=False)


class ConsoleEnd(StrEnum):
    """Why the console stopped listening."""

    ANSWERED = "answered"
    PROMPT = "prompt"  # it asked for a text; ESC was sent, so that nothing goes out
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleAnswer:
    """What became of one line; `final` its result code when there was one."""

    end: ConsoleEnd
    lines: tuple[ConsoleLine, ...]
    final: Final | None
    seconds: float


class BadConsoleLine(ModemError):
    """Not one line of printable ASCII of at most LONGEST_LINE characters."""


def ask(
    session: ModemSession, line: str, *, seconds: float = 30.0, hear: Callable[[ConsoleLine], None] | None = None
) -> ConsoleAnswer:
    """Write one line as it is and take all that comes until its result code, at most so many `seconds`; BadConsoleLine.

    `hear` gets each line at once. A prompt is left by ESC: an SMS goes out over `ModemOwner.submit` alone. Cancelled, the
    command is aborted. Afterwards the dialogue is as the engine needs it (words, no echo, PDU mode).
    """
    if not 0 < len(line) <= LONGEST_LINE or not line.isascii() or not line.isprintable():
        raise BadConsoleLine
    transcript = Transcript(hear or _unheard)
    channel = session.channel
    with channel.tapped(transcript.take):
        end, final = _exchange(session, line, seconds)
        if end is ConsoleEnd.ANSWERED:
            channel.drain(min(_AFTER_ANSWER_SECONDS, channel.pace.quiet))
    transcript.close()
    answer = ConsoleAnswer(end=end, lines=transcript.lines, final=final, seconds=transcript.seconds)
    if end is ConsoleEnd.NO_ANSWER and not channel.resync():
        raise AtTimeout(mask_secrets(line).split("=", maxsplit=1)[0])
    if not line.rstrip().endswith("?"):
        session.restore_dialogue()
    return answer


def listen(session: ModemSession, seconds: float, hear: Callable[[ConsoleLine], None]) -> tuple[ConsoleLine, ...]:
    """What the modem says of itself for so many seconds; SMS that wait go first when this is asked a second at a time."""
    transcript = Transcript(hear)
    with session.channel.tapped(transcript.take):
        session.channel.drain(seconds)
    transcript.close()
    return transcript.lines


def _exchange(session: ModemSession, line: str, seconds: float) -> tuple[ConsoleEnd, Final | None]:
    channel = session.channel
    deadline = channel.begin(line, seconds)
    channel.expect_prompt()
    try:
        while (event := channel.next_event(deadline)) is not None:
            if event is PROMPT:
                channel.escape()
                return ConsoleEnd.PROMPT, None
            # A technician may have switched to digits (ATV0).
            final = final_result(event, numeric=True)
            if final and not final.of_call:
                return ConsoleEnd.ANSWERED, final
            if final is None:
                channel.unsolicited(event)
    except Stopped:
        abort(channel)
        raise
    finally:
        channel.expect_prompt(expected=False)
    abort(channel)
    return ConsoleEnd.NO_ANSWER, None


class Transcript:
    """Makes masked lines of the bytes on the line, in the order in which they went over it."""

    def __init__(self, hear: Callable[[ConsoleLine], None]) -> None:
        self._hear = hear
        self._begun = time.monotonic()
        self._open = {Direction.TO_MODEM: bytearray(), Direction.FROM_MODEM: bytearray()}
        self._lines: list[ConsoleLine] = []

    @property
    def lines(self) -> tuple[ConsoleLine, ...]:
        """So far."""
        return tuple(self._lines)

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._begun

    def take(self, direction: str, data: bytes) -> None:
        """What was written or read."""
        buffer = self._open[Direction(direction)]
        buffer += data
        while end := _LINE_END.search(buffer):
            raw = bytes(buffer[: end.end()])
            del buffer[: end.end()]
            self._keep(Direction(direction), raw)
        # Something that never ends a line is cut.
        if len(buffer) > 10 * LONGEST_LINE or (direction == ">" and buffer):
            self._keep(Direction(direction), bytes(buffer))
            buffer.clear()

    def close(self) -> None:
        """What has no line end yet (a prompt) is a line too."""
        for direction, buffer in self._open.items():
            if buffer:
                self._keep(direction, bytes(buffer))
                buffer.clear()

    def _keep(self, direction: Direction, raw: bytes) -> None:
        text = mask_secrets(raw.decode("latin-1"))
        words = "ESC" if text.strip() == "" and b"\x1b" in raw else text.strip("\r\n\0 \x1b")
        if not words:
            return
        line = ConsoleLine(direction=direction, seconds=self.seconds, text=words, raw=text.encode("latin-1"))
        self._lines.append(line)
        self._hear(line)


def _unheard(line: ConsoleLine) -> None:
    del line
