"""What the terminal can draw, found out once at the start: which colours and which glyphs.

UnusableTerminal   no page can be drawn here; `text_id` is the sentence that says what to do
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from kiosk.terminal_names import ONLY_PRINT

ThemeName = Literal["dark", "light", "sixteen"]
GlyphSet = Literal["rich", "block", "basic"]

# Terminals of this name have sixteen colours and a font of 256 or 512 glyphs.
LINUX_CONSOLE = "linux"


class UnusableTerminal(Exception):
    """Nothing can be drawn here. `text_id` names the sentence for whoever started the program."""

    def __init__(self, text_id: str) -> None:
        super().__init__(text_id)
        self.text_id = text_id


@dataclass(frozen=True, slots=True)
class Look:
    """The colours and the glyphs of this terminal."""

    theme: ThemeName
    glyphs: GlyphSet
    touch: bool = False
    """Whether people point here with a finger, before anybody has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """Signs by meaning; every one of a set is in the fonts that the set is for."""

    good: str
    """Before a sentence about success."""
    good_sign: str
    """Before a part that works."""
    bad: str
    note: str
    signal: tuple[str, str, str, str]
    """The four bars of the signal when they are lit."""
    signal_off: str
    time_left: str
    time_gone: str
    brand: str
    separator: str
    half_blocks: bool = False
    """Upper and lower halves of a cell: large digits are three rows high, and QR codes can be drawn."""


# Rich: a UTF-8 terminal emulator or browser.
RICH = Glyphs(
    good="✓",
    good_sign="●",
    bad="!",
    note="·",
    signal=("▂", "▄", "▆", "█"),
    signal_off="_",
    time_left="━",
    time_gone="─",
    brand="▌",
    separator="│",
    half_blocks=True,
)

# Basic: in the kernel's own console font and in Debian's.
BASIC = Glyphs(
    good="■",
    good_sign="■",
    bad="!",
    note="·",
    signal=("■", "■", "■", "■"),
    signal_off="·",
    time_left="─",
    time_gone="·",
    brand="■",
    separator="│",
)

# Block: a console font that has the halves of a cell, such as the kernel's own and Terminus, and nothing else besides.
BLOCK = replace(BASIC, half_blocks=True)

GLYPHS: Mapping[GlyphSet, Glyphs] = {"rich": RICH, "block": BLOCK, "basic": BASIC}


def detect(environ: Mapping[str, str], *, terminal: bool, encoding: str, half_blocks: bool = False) -> Look:
    """Choose the look from the environment.

    `terminal` says whether standard input is one, `encoding` is that of the terminal (`sys.stdin.encoding`), `half_blocks`
    whether the font of a console has them (`linux_console.font_has`).
    Raises UnusableTerminal when there is no terminal or when it can only print lines (TERM=dumb).
    """
    if not terminal:
        raise UnusableTerminal("page.terminal.none")
    name = environ.get("TERM", "")
    if name in ONLY_PRINT:
        raise UnusableTerminal("page.terminal.dumb")
    many = "256color" in name or environ.get("COLORTERM", "") in {"truecolor", "24bit"}
    console = name == LINUX_CONSOLE or name.startswith("linux-")
    utf8 = encoding.lower().replace("-", "").replace("_", "") in {"utf8", "utf8sig"}
    glyphs: GlyphSet = "block" if utf8 and half_blocks else "basic"
    return Look(theme="dark" if many and not console else "sixteen", glyphs="rich" if utf8 and not console else glyphs)
