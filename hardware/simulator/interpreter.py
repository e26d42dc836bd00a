"""Bytes in, bytes out: echo, command lines, prompts and results of a simulated modem (ITU-T V.250 §5)."""

from collections import deque
from collections.abc import Callable, Generator, Sequence

from hardware.simulator import at_commands
from hardware.simulator.causes import CmeFailure, CommandFailure, PlainFailure
from hardware.simulator.command_line import Command, parse
from hardware.simulator.equipment import Equipment
from hardware.simulator.faults import Fault
from hardware.simulator.pace import TIME_TO_READ_SECONDS
from hardware.simulator.script import (
    Escaped,
    NoAnswer,
    Prompt,
    Restart,
    Result,
    Say,
    Script,
    Step,
    Vanish,
    Wait,
    handler_of,
)

CARRIAGE_RETURN = 0x0D
LINE_FEED = 0x0A
BACKSPACE = 0x08
ESCAPE = 0x1B
CTRL_Z = 0x1A

# No command line of a modem is longer; what is, is thrown away.
LONGEST_LINE = 2048

# What asks for a message (3GPP TS 27.005 §3.5.1).
PROMPT = b"\r\n> "

# Results as numbers, ATV0 (V.250 table 1).
NUMERIC_RESULTS = {"OK": "0", "RING": "2", "NO CARRIER": "3", "ERROR": "4"}

LINE_NOISE = b"\x00\x00\xff\xfe\x7e~}#!\xc0\x00\x08\xf8"

# Said by the fault `urc_in_answer`.
URC_IN_ANSWER = "^RSSI:17"

Line = Generator[Step, bytes | None, None]


class Interpreter:
    """One modem's conversation. Fed from the modem's thread only."""

    def __init__(
        self,
        equipment: Equipment,
        *,
        write: Callable[[bytes], None],
        after: Callable[[float, Callable[[], None]], None],
        restart: Callable[[], None],
        vanish: Callable[[], None],
    ) -> None:
        """Tie it to the modem around it.

        Args:
            equipment: what commands read and change.
            write: puts bytes on the wire.
            after: does something later, unless the modem is switched off before.
            restart: the modem restarts in the middle of a command.
            vanish: its port vanishes in the middle of a command.
        """
        self._equipment = equipment
        self._write = write
        self._after = after
        self._restart = restart
        self._vanish = vanish
        self._previous = ""
        self._going_on = False
        self.power_on()

    def power_on(self) -> None:
        """Forget what was under way."""
        self._input: deque[int] = deque()
        self._line = bytearray()
        self._message = bytearray()
        # The port is about to vanish: nothing that is written now is heard.
        self._leaving = False
        self._script: Line | None = None
        self._prompt: Prompt | None = None
        self._wait: Wait | None = None
        self._unsolicited: list[str] = []
        self._since_dropped = 0

    def feed(self, octets: bytes) -> None:
        """Take what clients wrote; what comes while a command is under way waits, or ends it."""
        if self._wait is not None and self._wait.abortable:
            # Whatever it was, it does nothing else.
            self._wait = None
            self._advance(PlainFailure("ERROR"))
            return
        self._input.extend(octets)
        self._go_on()

    def say(self, text: str) -> None:
        """Write an unsolicited line, behind the answer of a command that is under way."""
        if self._script is None:
            self.chat(text)
        else:
            self._unsolicited.append(text)

    def chat(self, text: str) -> None:
        """Write an unsolicited line now, but not into a command or a message that is being typed."""
        if self._line or self._prompt is not None:
            self._unsolicited.append(text)
        else:
            self.say_at_once(text)

    def say_at_once(self, text: str) -> None:
        """Write an unsolicited line now."""
        if self._equipment.settings.verbose:
            self._write(f"\r\n{text}\r\n".encode("latin-1", "replace"))
        else:
            self._write(f"{text}\r\n".encode("latin-1", "replace"))

    def _go_on(self) -> None:
        if self._going_on:
            return
        self._going_on = True
        try:
            while self._input and (self._script is None or self._prompt is not None):
                octet = self._input.popleft()
                if self._prompt is not None:
                    self._message_octet(octet)
                else:
                    self._command_octet(octet)
        finally:
            self._going_on = False

    # Command lines

    def _command_octet(self, octet: int) -> None:
        if self._echoes and not self._equipment.asleep:
            self._write(bytes((octet,)))
        if octet == CARRIAGE_RETURN:
            line = self._line.decode("latin-1")
            self._line.clear()
            self._hear(line)
        elif octet == BACKSPACE:
            del self._line[-1:]
        elif octet != LINE_FEED and len(self._line) < LONGEST_LINE:
            self._line.append(octet)

    @property
    def _echoes(self) -> bool:
        return self._equipment.settings.echo or self._equipment.faults.active(Fault.ECHO_STUCK) is not None

    def _hear(self, line: str) -> None:
        if line.strip().upper() == "A/":
            line = self._previous
        commands = parse(line)
        if commands is None or self._equipment.sleeps_through_line():
            self._say_what_waited()
            return
        self._previous = line
        self._script = self._run(commands)
        self._advance(None)

    def _run(self, commands: list[Command]) -> Line:
        """Run a command line: answers, then one final result (V.250 §5.2.1)."""
        slow = self._equipment.faults.take(Fault.SLOW)
        seconds = self._equipment.pace.command + ((slow.value or 0) / 1000 if slow else 0)
        if seconds:
            yield Wait(seconds)
        if self._equipment.takes_garbage():
            self._write(LINE_NOISE)
        swapped = self._equipment.faults.take(Fault.ANSWER_BEFORE_OK_ORDER) is not None
        lines: list[str] = []
        try:
            for command in commands:
                answer = yield from self._execute(command)
                lines += answer
                if not swapped:
                    self._write_answer(answer)
        except CommandFailure as failure:
            self._write_result(failure.final(self._error_level))
            return
        except NoAnswer:
            return
        if self._equipment.faults.take(Fault.URC_IN_ANSWER):
            self.say_at_once(URC_IN_ANSWER)
        self._write_result("OK")
        if swapped:
            self._write_answer(lines)

    def _execute(self, command: Command) -> Script:
        """Run one command: what this family always answers, else what is registered for it."""
        fixed = at_commands.fixed_answer(self._equipment, command)
        if fixed is not None:
            return fixed
        handler = handler_of(command)
        if handler is None or not at_commands.is_supported(self._equipment, command):
            unknown = self._equipment.profile.unknown_command
            raise CmeFailure(unknown) if isinstance(unknown, int) else PlainFailure(unknown)
        result = handler(self._equipment, command)
        if isinstance(result, Generator):
            try:
                return (yield from result)
            except Escaped:
                return ()
        return result

    @property
    def _error_level(self) -> int:
        return 2 if self._equipment.faults.active(Fault.VERBOSE_ERRORS) else self._equipment.settings.error_level

    # Running scripts

    def _wait_over(self, wait: Wait) -> None:
        if self._wait is wait:
            self._wait = None
            self._advance(None)

    def _advance(self, given: bytes | Escaped | PlainFailure | None) -> None:
        """Drive the script until it waits, asks or ends."""
        script = self._script
        assert script is not None
        try:
            step = script.throw(given) if isinstance(given, Escaped | PlainFailure) else script.send(given)
            while isinstance(step, Say | Result):
                if isinstance(step, Say):
                    self.say_at_once(step.text)
                else:
                    self._write_result(step.text)
                step = script.send(None)
        except StopIteration:
            self._end_of_command()
        except Restart:
            self._restart()
        except Vanish:
            self._vanish()
        else:
            if isinstance(step, Wait):
                wait = self._wait = step
                self._after(wait.seconds, lambda: self._wait_over(wait))
            else:
                self._ask(step)

    def _end_of_command(self) -> None:
        self._script = None
        self._say_what_waited()
        self._go_on()

    def _say_what_waited(self) -> None:
        waiting, self._unsolicited = self._unsolicited, []
        for text in waiting:
            self.say_at_once(text)

    # Prompts

    def _ask(self, prompt: Prompt) -> None:
        faults = self._equipment.faults
        late = faults.take(Fault.PROMPT_LATE)
        seconds = self._equipment.pace.prompt + ((late.value or 0) if late else 0)
        if seconds:
            self._after(seconds, lambda: self._show_prompt(prompt))
        else:
            self._show_prompt(prompt)

    def _show_prompt(self, prompt: Prompt) -> None:
        faults = self._equipment.faults
        self._prompt = prompt
        self._message.clear()
        self._since_dropped = 0
        if faults.take(Fault.PROMPT_MISSING):
            pass
        elif faults.take(Fault.PROMPT_WITHOUT_SPACE):
            self._write(b"\r\n>")
        elif faults.take(Fault.PROMPT_CRLF):
            self._write(b"\r\n>\r\n")
        else:
            self._write(PROMPT)
        if faults.take(Fault.GONE_AFTER_PROMPT):
            self._leaving = True
            self._after(TIME_TO_READ_SECONDS, self._vanish)
        self._go_on()

    def _message_octet(self, octet: int) -> None:
        prompt = self._prompt
        assert prompt is not None
        if self._leaving:
            return
        if octet in {CTRL_Z, ESCAPE}:
            self._prompt = None
            self._advance(bytes(self._message) if octet == CTRL_Z else Escaped())
            return
        if self._drops():
            return
        if self._echoes or self._equipment.faults.active(Fault.PDU_ECHO):
            self._write(bytes((octet,)))
        if octet == BACKSPACE:
            del self._message[-1:]
        elif prompt.text_mode and octet == CARRIAGE_RETURN:
            self._message.append(LINE_FEED)
            self._write(PROMPT)
        elif octet not in {CARRIAGE_RETURN, LINE_FEED}:
            self._message.append(octet)

    def _drops(self) -> bool:
        """Whether this octet after the prompt is lost on a slow line."""
        injected = self._equipment.faults.active(Fault.DROPPED_CHARACTERS)
        if injected is None:
            return False
        self._since_dropped += 1
        if self._since_dropped < (injected.value or 1):
            return False
        self._since_dropped = 0
        self._equipment.faults.take(Fault.DROPPED_CHARACTERS)
        return True

    # Answers

    def _write_answer(self, lines: Sequence[str]) -> None:
        """Information text (V.250 §5.7.1): one block for each command that has any."""
        if lines:
            block = "\r\n".join(lines) + "\r\n"
            self._write((f"\r\n{block}" if self._equipment.settings.verbose else block).encode("latin-1", "replace"))

    def _write_result(self, text: str) -> None:
        """A final result in the form of ATV and ATQ (V.250 §6.2.5, §6.2.6)."""
        settings = self._equipment.settings
        if settings.quiet:
            return
        if settings.verbose:
            self._write(f"\r\n{text}\r\n".encode("latin-1", "replace"))
        else:
            self._write(f"{NUMERIC_RESULTS.get(text, text)}\r".encode("latin-1", "replace"))
