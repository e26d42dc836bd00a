"""One AT command at a time: written, answered, timed out; everything else that comes in between is handed on."""

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hardware.modem.answers import Final, final_result, report_length
from hardware.modem.errors import AtTimeout, ModemRestarted, Stopped
from hardware.modem.lines import PROMPT, Event, Expected, LineAssembler, Meaning, is_restart, meaning
from hardware.modem.settings import Pace
from hardware.modem.wire_log import log_traffic
from hardware.serial_line import SerialLine

ESCAPE = b"\x1b"
CTRL_Z = b"\x1a"
# A PDU follows the line that announces it (27.005 3.4.1); a few other lines may come between.
_LINES_UNTIL_PDU = 3
# Resynchronisation waits longer each time, for modems that are seconds behind.
_RESYNC_TRIES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """The information lines of a command and its final result code."""

    lines: list[str]
    final: Final

    @property
    def ok(self) -> bool:
        """Whether the modem did it."""
        return self.final.ok

    @property
    def first(self) -> str:
        """The first information line, or nothing."""
        return self.lines[0] if self.lines else ""

    def is_error(self, *codes: tuple[str, int]) -> bool:
        """Whether it was refused with one of these (family, code)."""
        return (self.final.family, self.final.code) in codes


# What a command that was given up counts for.
NO_ANSWER = Answer([], Final(ok=False))


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """A line that nobody asked for, with the PDU on the line after it when it announces one."""

    line: str
    pdu: str = field(default="", repr=False)


class AtChannel:
    """The AT dialogue on one line, for one thread.

    `on_unsolicited` gets every line that is no answer; it must not talk to the modem. `stopping` is asked while waiting: when
    it says True, commands end with Stopped. Every method raises PortGone when the port vanishes, WriteStuck when it takes no
    bytes, and ModemRestarted when the modem says that it has started anew.
    """

    def __init__(
        self,
        line: SerialLine,
        *,
        name: str,
        pace: Pace,
        on_unsolicited: Callable[[Unsolicited], None],
        stopping: Callable[[], bool],
    ) -> None:
        self.line = line
        self.pace = pace
        self._name = name
        self._on_unsolicited = on_unsolicited
        self._stopping = stopping
        self._assembler = LineAssembler()
        self._events: deque[Event] = deque()
        self._announcement = ""
        self._lines_since_announcement = 0
        self._tap: Callable[[str, bytes], None] | None = None

    @contextlib.contextmanager
    def tapped(self, tap: Callable[[str, bytes], None]) -> Iterator[None]:
        """Let `tap` see every byte inside: `>` and what is written, `<` and what was read, echoes too."""
        self._tap = tap
        try:
            yield
        finally:
            self._tap = None

    def command(
        self,
        text: str,
        *,
        prefixes: tuple[str, ...] = (),
        free: bool = False,
        timeout: float | None = None,
        numeric: bool = False,
        final_optional: bool = False,
        waiting: Callable[[], None] | None = None,
    ) -> Answer:
        """Send `text` and wait for its final result code, `timeout` seconds in all (default `Pace.basic`); AtTimeout.

        `prefixes` ("+CREG") and `free` say what information looks like; an information line just after its OK still counts.
        `numeric` takes 0 and 4 for OK and ERROR. With `final_optional` an answer without a final result code is taken too.
        `waiting` is called in every turn of the wait.
        """
        expected = Expected(prefixes, free)
        deadline = self.begin(text, timeout)
        lines: list[str] = []
        while True:
            event = self.next_event(deadline, waiting)
            if event is None and lines and final_optional:
                self.resync()
                return Answer(lines, Final(ok=True))
            if event is None or event is PROMPT:
                raise AtTimeout(_verb(text))
            if self._announcement and _is_hexadecimal(event):
                self.unsolicited(event)
                continue
            match meaning(event, expected, numeric=numeric):
                case Meaning.INFORMATION:
                    lines.append(event)
                    if final_optional:
                        deadline = min(deadline, time.monotonic() + self.pace.missing_final)
                case Meaning.FINAL:
                    final = final_result(event, numeric=numeric)
                    assert final is not None
                    if final.ok and prefixes and not lines:
                        lines = self._late_information(expected)
                    return Answer(lines, final)
                case Meaning.UNSOLICITED:
                    self.unsolicited(event)

    def begin(self, text: str, timeout: float | None = None) -> float:
        """Write a command, after what is left of the one before has been put aside; its deadline."""
        self._put_aside()
        self._assembler.forget_prompt()
        self._assembler.sent(text)
        self.write(text.encode("ascii") + b"\r", shown=text)
        return time.monotonic() + (self.pace.basic if timeout is None else timeout)

    def expect_prompt(self, *, expected: bool = True) -> None:
        """Take the next `>` at the start of a line for a prompt, or no longer."""
        self._assembler.prompt_expected = expected

    def echo_of(self, text: str) -> None:
        """What was written raw and may come back."""
        self._assembler.sent(text)

    def write(self, data: bytes, *, shown: str) -> None:
        """Write bytes as they are; `shown` is what the traffic log says of them."""
        log_traffic(self._name, ">", shown)
        if self._tap:
            self._tap(">", data)
        self.line.write(data)

    def next_event(self, deadline: float, waiting: Callable[[], None] | None = None) -> Event | None:
        """The next line or prompt, None at the deadline; Stopped when the owner stops."""
        # The clock is asked before each line: a modem that never stops talking must not hold us.
        while time.monotonic() < deadline:
            event = self.event_soon(deadline)
            if event is not None:
                return event
            if self._stopping():
                raise Stopped
            if waiting:
                waiting()
        return None

    def event_soon(self, deadline: float) -> Event | None:
        """The next line or prompt if one comes within `Pace.job_read` and before `deadline`, whether or not we stop."""
        if not self._events:
            self._receive(min(deadline, time.monotonic() + self.pace.job_read))
        return self._events.popleft() if self._events else None

    def unsolicited(self, line: str) -> None:
        """Hand on a line that answers nothing, together with the PDU that follows it; ModemRestarted for a banner."""
        if self._announcement:
            self._lines_since_announcement += 1
            if _is_hexadecimal(line):
                announcement, self._announcement = self._announcement, ""
                self._on_unsolicited(Unsolicited(announcement, line))
                return
            if self._lines_since_announcement >= _LINES_UNTIL_PDU:
                self._announcement = ""
        if report_length(line) is not None or line.startswith("+CMT:"):
            self._announcement, self._lines_since_announcement = line, 0
            return
        self._on_unsolicited(Unsolicited(line))
        if is_restart(line):
            raise ModemRestarted

    def listen(self, deadline: float) -> None:
        """Hand on what comes in until `deadline`, `SerialLine.cancel_read` or a stop, whichever is first."""
        if not self._events:
            self._receive(deadline)
        self._put_aside()

    def drain(self, seconds: float) -> None:
        """Hand on what comes in for so long, however much it is."""
        deadline = time.monotonic() + seconds
        while (event := self.next_event(deadline)) is not None:
            self.aside(event)

    def attention(self, tries: int, plain: str, *, plain_after: int) -> bool:
        """Say AT, after some tries `plain` instead, until something answers; whether it does, and then in step.

        A slow modem answers each of the tries, one after another: without their answers the next command would take the answer
        to the one before it, and every later one too.
        """
        began = time.monotonic()
        for attempt in range(tries):
            try:
                self.command("AT" if attempt < plain_after else plain, timeout=self.pace.attention, numeric=True)
            except AtTimeout:
                continue
            silence = min(time.monotonic() - began, self.pace.basic) + self.pace.quiet
            self._take_results(attempt, silence)
            return True
        return False

    def escape(self) -> None:
        """Leave a prompt: nothing of what was typed there is sent (27.005 4.3); then take what the modem says to it."""
        self.expect_prompt(expected=False)
        self.write(ESCAPE, shown="ESC")
        deadline = time.monotonic() + self.pace.escape
        while (event := self.next_event(deadline)) is not None:
            if event is not PROMPT and meaning(event, Expected()) is Meaning.FINAL:
                return
            self.aside(event)

    def resync(self) -> bool:
        """After a time-out: ESC, silence, AT, then a question whose answer cannot be mistaken; whether it is in step."""
        self.expect_prompt(expected=False)
        self.write(ESCAPE + b"\r", shown="ESC")
        for turn in range(_RESYNC_TRIES):
            self.drain(self.pace.quiet * 2**turn)
            try:
                self.command("AT")
                answer = self.command("AT+CMGF?", prefixes=("+CMGF",))
                self.drain(self.pace.quiet)
                if answer.lines or answer.final.family:
                    return True
            except AtTimeout:
                continue
        return False

    def _take_results(self, count: int, silence: float) -> None:
        """Put aside so many late results; fewer when nothing comes for `silence` seconds: a modem that slept heard nothing."""
        deadline = time.monotonic() + silence
        while count and (event := self.next_event(deadline)) is not None:
            if self.aside(event):
                count -= 1
                deadline = time.monotonic() + silence

    def _late_information(self, expected: Expected) -> list[str]:
        deadline = time.monotonic() + self.pace.late_information
        while (event := self.next_event(deadline)) is not None:
            if event is not PROMPT and meaning(event, expected) is Meaning.INFORMATION:
                return [event]
            self.aside(event)
        return []

    def _receive(self, deadline: float) -> None:
        data = self.line.read(deadline)
        if self._tap and data:
            self._tap("<", data)
        for event in self._assembler.feed(data):
            log_traffic(self._name, "<", event if event is not PROMPT else "> (prompt)")
            self._events.append(event)

    def _put_aside(self) -> None:
        self._receive(0.0)
        while self._events:
            self.aside(self._events.popleft())

    def aside(self, event: Event) -> bool:
        """A line that nobody waits for: late results and prompts are dropped, the rest is handed on; whether it was a result."""
        final = final_result(event) if event is not PROMPT else None
        if event is not PROMPT and final is None:
            self.unsolicited(event)
        return final is not None and not final.of_call


def _verb(text: str) -> str:
    """A command without its values: no PIN and no number gets into an error."""
    return text.split("=", maxsplit=1)[0]


def _is_hexadecimal(line: str) -> bool:
    return len(line) % 2 == 0 and len(line) >= 14 and all(digit in "0123456789ABCDEFabcdef" for digit in line)
