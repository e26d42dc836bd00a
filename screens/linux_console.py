"""What only a virtual console of Linux tells: its font, and the lights of its keyboard.

Everywhere else, such as in a terminal emulator or over SSH, the kernel refuses and nobody knows.
"""

import array
import errno
import fcntl
import struct
from collections.abc import Callable
from typing import Any, Final

HALF_BLOCKS: Final = "▀▄█"

# linux/kd.h
GIO_UNIMAP: Final = 0x4B66
KDGKBLED: Final = 0x4B64
NUM_LOCK: Final = 0x02
CAPS_LOCK: Final = 0x04

# No console font has more pairs of character and glyph.
MOST_PAIRS: Final = 0xFFFF

Ioctl = Callable[[int, int, Any, bool], int]


def font_has(console: int, characters: str, *, ioctl: Ioctl = fcntl.ioctl) -> bool:
    """Whether the font of this console draws each of `characters`; False where nobody can tell."""
    pairs = array.array("H", bytes(4 * MOST_PAIRS))
    address, _length = pairs.buffer_info()
    # struct unimapdesc: how many pairs, and where they are to be put.
    described = bytearray(struct.pack("HP", MOST_PAIRS, address))
    try:
        ioctl(console, GIO_UNIMAP, described, True)
    except OSError:
        return False
    (count, _address) = struct.unpack("HP", described)
    return set(map(ord, characters)) <= set(pairs[0 : 2 * count : 2])


def lights(console: int, *, ioctl: Ioctl = fcntl.ioctl) -> int | None:
    """State of the locks of this console's keyboard, bits `NUM_LOCK` and `CAPS_LOCK`; None where nobody can tell."""
    state = bytearray(1)
    try:
        ioctl(console, KDGKBLED, state, True)
    except OSError as error:
        if error.errno in {errno.ENOTTY, errno.EINVAL, errno.EPERM, errno.EIO, errno.EBADF}:
            return None
        raise
    return state[0]
