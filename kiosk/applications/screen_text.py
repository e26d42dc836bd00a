"""Bytes for and from a terminal: how it is put back, and what of an application's output may be shown once more."""

import re
from typing import Final

from kiosk.terminal_names import ONLY_PRINT

# Everything an application may have changed, undone; ECMA-48 and xterm's control sequences, all of which the Linux console ignores
# or knows. In this order: leave the other screen, then what is kept per screen.
RESTORED: Final = b"".join(
    (
        # End whatever sequence was cut off: CAN, then ST.
        b"\x18\x1b\\",
        # Mouse, focus, pasting, alternate scroll; keyboard protocols of kitty and xterm.
        b"\x1b[?9l\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1007l\x1b[?1015l\x1b[?1016l",
        b"\x1b[?2004l\x1b[?2026l\x1b[?2048l\x1b[=0u\x1b[>4m",
        b"\x1b[?47l\x1b[?1047l\x1b[?1049l",
        # Cursor keys, reverse screen, origin, wrap, insert, keypad, margins, cursor.
        b"\x1b[?1l\x1b[?5l\x1b[?6l\x1b[?69l\x1b[?7h\x1b[4l\x1b[20l\x1b>\x1b[r\x1b[?25h\x1b[0 q",
        # Character sets and attributes, soft reset.
        b"\x0f\x1b(B\x1b)0\x1b[0m\x1b[!p\x1b[?7h",
    )
)
_CLEARED: Final = b"\x1b[0m\x1b[H\x1b[2J\x1b[3J\x1b[H"
# The Linux console has its own word for the palette; every other terminal would wait for its end.
_CONSOLE_PALETTE: Final = b"\x1b]R"
# Palette, colours, highlight and title.
_OSC_RESET: Final = b"\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\\x1b]2;\x1b\\"

_ASK_POSITION: Final = b"\x1b[6n"
POSITION: Final = re.compile(rb"\x1b\[\d+;\d+R")


def restored(term: str) -> bytes:
    """What puts a terminal back, whatever a program did to it; nothing for one that would print it."""
    if term in ONLY_PRINT:
        return b""
    return RESTORED + (_CONSOLE_PALETTE if term.startswith("linux") else _OSC_RESET) + _CLEARED


def cleared(term: str) -> bytes:
    """The screen and what scrolled out of it: nothing of one person is left to the next."""
    return b"" if term in ONLY_PRINT else _CLEARED


def position_asked(term: str) -> bytes:
    """Where is the cursor? The answer comes behind all answers to earlier questions; empty for a terminal that gives none."""
    return b"" if term in ONLY_PRINT else _ASK_POSITION


_PIECE: Final = re.compile(
    rb"""
      \x1b\[ (?P<csi>[\x30-\x3f]*[\x20-\x2f]*) (?P<final>[\x40-\x7e])
    | \x1b [\]PX^_] [^\x1b\x07]* (?: \x1b\\ | \x07 )?   # OSC, DCS, SOS, PM, APC, to their end or the next sequence
    | \x1b (?: [\x20-\x2f]+ [\x30-\x7e] | (?! [\[\]PX^_] ) [\x30-\x7e] )
    | [^\x1b]+
    """,
    re.VERBOSE,
)
# Questions that the terminal would answer (DA, DSR, DECREQTPARM, window, mode and keyboard), media copy, and the size of the window.
_ASKING: Final = frozenset(b"cnxtiqup")
_STRINGS: Final = frozenset((b"\x1b]", b"\x1bP", b"\x1bX", b"\x1b^", b"\x1b_"))
_IDENTIFY: Final = (b"\x1bZ", b"\x1bc")


class Kept:
    """The newest output of an application, to be shown again after a page lay over it.

    A program that draws the whole screen draws it anew when its window changes; of one that only writes lines this is all.
    """

    def __init__(self, limit: int = 65536) -> None:
        self._limit = limit
        self._bytes = bytearray()

    def add(self, output: bytes) -> None:
        """More of it."""
        self._bytes += output
        if len(self._bytes) > 2 * self._limit:
            del self._bytes[: len(self._bytes) - self._limit]

    def again(self) -> bytes:
        """What may be written once more: everything that only draws, nothing that is answered, copied or printed."""
        whole = bytes(self._bytes[-self._limit :])
        if len(self._bytes) > self._limit:
            # Begin where a line begins, not in the middle of a sequence.
            whole = whole[whole.find(b"\n") + 1 :]
        return drawing(whole)


def drawing(output: bytes) -> bytes:
    """`output` without anything that a terminal answers or hands on; an unfinished sequence at its end is left out."""
    return b"".join(piece[0].replace(b"\x05", b"") for piece in _PIECE.finditer(output) if _only_draws(piece))


def _only_draws(piece: re.Match[bytes]) -> bool:
    found = piece[0]
    if piece["final"] is not None:
        # SCORC, DECSTR and the shape of the cursor end in the same letters.
        harmless = piece["csi"] in {b"", b"!"} and piece["final"] in b"up"
        harmless = harmless or piece["csi"].endswith(b" ")
        return harmless or piece["final"][0] not in _ASKING
    return found not in _IDENTIFY and found[:2] not in _STRINGS


# What terminals send by themselves: answers to questions, focus, a mouse that moves with no button down.
_BY_ITSELF: Final = re.compile(
    rb"\x1b\[[?>=]?[\d;:]*\$?[cnRtyxu]|\x1b\[[IO]|\x1b\[<35;\d+;\d+M|\x1b\[M[C]..|\x1b[\]P_](?s:.*?)(?:\x1b\\|\x07)"
)


def signs_of_life(typed: bytes) -> bool:
    """Whether somebody is there: an application that asks its terminal something every second is nobody."""
    return bool(_BY_ITSELF.sub(b"", typed))
