"""AT command lines taken apart (ITU-T V.250 §5.2 to §5.4)."""

import re
from dataclasses import dataclass, field
from enum import Enum

# V.250 §5.4.1 asks a name of letters, digits and !%-./:_ behind a plus; makers use other first characters too.
_EXTENDED = re.compile(r"[+^#$*%][A-Za-z0-9!%\-./:_]*")
_BASIC = re.compile(r"(&?[A-Za-z])(\d*)")
_S_PARAMETER = re.compile(r"(S\d+)(=\d*|\?)?", re.IGNORECASE)


class Kind(Enum):
    """What a command asks."""

    ACTION = "AT+X"
    READ = "AT+X?"
    TEST = "AT+X=?"
    SET = "AT+X="


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a line.

    Attributes:
        name: in capitals, such as "+CSQ", "&F", "E", "S3".
        kind: which of the four forms.
        text: everything behind the equals sign, or the number of a basic command.
    """

    name: str
    kind: Kind
    text: str = field(default="", repr=False)

    @property
    def body(self) -> str:
        """The command without AT, name in capitals, as profiles list fixed answers."""
        return self.name + {Kind.ACTION: "", Kind.READ: "?", Kind.TEST: "=?", Kind.SET: f"={self.text}"}[self.kind]

    @property
    def arguments(self) -> list[str]:
        """Values behind the equals sign: split at commas outside quotes, without the quotes."""
        return [part.strip().strip('"') for part in _split(self.text, ",")]


def parse(line: str) -> list[Command] | None:
    """Commands of a line; None when it holds no AT and so is no command line."""
    start = re.search(r"AT|at|At|aT", line)
    if start is None:
        return None
    rest = line[start.end() :].strip()
    commands: list[Command] = []
    while rest:
        if rest[0] in " ;":
            rest = rest[1:]
            continue
        command, rest = _extended(rest) if _EXTENDED.match(rest) else _basic(rest)
        commands.append(command)
    return commands


def _extended(text: str) -> tuple[Command, str]:
    body = _split(text, ";")[0]
    rest = text[len(body) + 1 :]
    match = _EXTENDED.match(body)
    assert match is not None
    name, tail = match.group().upper(), body[match.end() :].strip()
    if tail == "?":
        return Command(name, Kind.READ), rest
    if tail == "=?":
        return Command(name, Kind.TEST), rest
    if tail.startswith("="):
        return Command(name, Kind.SET, tail[1:]), rest
    return Command(name + tail, Kind.ACTION), rest


def _basic(text: str) -> tuple[Command, str]:
    if text[0] in "Dd":
        return Command("D", Kind.ACTION, text[1:]), ""
    parameter = _S_PARAMETER.match(text)
    if parameter is not None:
        tail = parameter.group(2) or ""
        kind = Kind.READ if tail == "?" else Kind.SET if tail else Kind.ACTION
        return Command(parameter.group(1).upper(), kind, tail[1:]), text[parameter.end() :]
    basic = _BASIC.match(text)
    if basic is None:
        return Command(text, Kind.ACTION), ""
    return Command(basic.group(1).upper(), Kind.ACTION, basic.group(2)), text[basic.end() :]


def _split(text: str, separator: str) -> list[str]:
    """Split outside quotes."""
    parts, quoted = [""], False
    for character in text:
        quoted ^= character == '"'
        if character == separator and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return parts
