"""How a command runs: at once, or as a script that waits and asks for the message text in between."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from hardware.simulator.command_line import Command, Kind
from hardware.simulator.equipment import Equipment
from hardware.simulator.errors import SimulatorError


@dataclass(frozen=True, slots=True)
class Wait:
    """The modem is busy for so many seconds; what clients write waits, or ends the command when it is `abortable` (V.250 §5.6.1)."""

    seconds: float
    abortable: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """Ask for a PDU or a text; the script goes on with what was given before Ctrl-Z."""

    text_mode: bool


@dataclass(frozen=True, slots=True)
class Say:
    """Write an unsolicited line in the middle of the command."""

    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """Write a final result now, for a command that ends without one of its own."""

    text: str


class Escaped(SimulatorError):
    """The client gave ESC instead of a message; the command ends with OK."""


class NoAnswer(SimulatorError):
    """The command ends without any final result."""


class Restart(SimulatorError):
    """The modem restarts in the middle of the command."""


class Vanish(SimulatorError):
    """The port vanishes in the middle of the command."""


Step = Wait | Prompt | Say | Result
Script = Generator[Step, bytes | None, Sequence[str]]
Handler = Callable[[Equipment, Command], Sequence[str] | Script]

_HANDLERS: dict[tuple[str, Kind], Handler] = {}


def answers(*forms: str) -> Callable[[Handler], Handler]:
    """Register a handler for commands in the forms "+CSQ", "+CREG?", "+COPS=?" and "+CMGF="."""

    def register(handler: Handler) -> Handler:
        for form in forms:
            for ending, kind in (("=?", Kind.TEST), ("=", Kind.SET), ("?", Kind.READ), ("", Kind.ACTION)):
                if form.endswith(ending):
                    _HANDLERS[form.removesuffix(ending), kind] = handler
                    break
        return handler

    return register


def handler_of(command: Command) -> Handler | None:
    """The handler of a command, or None."""
    return _HANDLERS.get((command.name, command.kind))


def known_commands() -> list[str]:
    """Names of all extended commands, as +CLAC lists them."""
    return sorted({name for name, _ in _HANDLERS if not name[0].isalpha() and name[0] != "&"})
