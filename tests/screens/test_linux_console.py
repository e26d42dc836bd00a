"""What a virtual console tells of its font and its keyboard, and that a terminal emulator tells nothing."""

import ctypes
import os
import pty
import struct
from typing import Any

import pytest

from screens.linux_console import CAPS_LOCK, GIO_UNIMAP, HALF_BLOCKS, KDGKBLED, NUM_LOCK, font_has, lights


def font_of(characters: str) -> Any:
    """A kernel whose font has these: fills the pairs as `con_get_unimap` does."""

    def ioctl(_console: int, request: int, described: bytearray, _mutate: bool) -> int:
        assert request == GIO_UNIMAP
        room, address = struct.unpack("HP", described)
        assert room >= len(characters)
        pairs = b"".join(struct.pack("HH", ord(character), glyph) for glyph, character in enumerate(characters))
        ctypes.memmove(address, pairs, len(pairs))
        described[:] = struct.pack("HP", len(characters), address)
        return 0

    return ioctl


@pytest.mark.parametrize(("characters", "has"), [("ab▀▄█z", True), ("ab▀█", False), ("", False)])
def test_the_font_of_a_console_says_what_it_can_draw(characters: str, has: bool) -> None:
    assert font_has(0, HALF_BLOCKS, ioctl=font_of(characters)) is has


@pytest.mark.parametrize("state", [0, NUM_LOCK, CAPS_LOCK, NUM_LOCK | CAPS_LOCK])
def test_the_lights_of_the_keyboard_are_read(state: int) -> None:
    def ioctl(_console: int, request: int, answer: bytearray, _mutate: bool) -> int:
        assert request == KDGKBLED
        answer[0] = state
        return 0

    assert lights(0, ioctl=ioctl) == state


def test_a_terminal_emulator_tells_neither() -> None:
    far, near = pty.openpty()
    try:
        assert not font_has(near, HALF_BLOCKS)
        assert lights(near) is None
    finally:
        os.close(far)
        os.close(near)
