"""What a key is to the plain terminal, and that nothing from outside steers the terminal."""

import os
import pty
import termios
from collections.abc import Iterator

import pytest

from screens.plain.console import BACK, BACKSPACE, ENTER, WIPE, Bell, Console, TerminalGone, keys_of


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ab1\r", ["a", "b", "1", ENTER]),
        ("é€\n", ["é", "€", ENTER]),
        ("a\x1b[A\x1b[1;5Cb\x1bOPc", ["a", "b", "c"]),
        ("\x1b", [BACK]),
        ("\x03\x04", [BACK, BACK]),
        ("\x08\x7f\x15", [BACKSPACE, BACKSPACE, WIPE]),
        ("\x00\x07\x1a\x1c\x9b\u202e", []),
    ],
)
def test_a_key_is_what_a_person_pressed(text: str, keys: list[str]) -> None:
    assert keys_of(text) == keys


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    far, near = pty.openpty()
    yield far, near
    for end in (far, near):
        os.close(end)


def test_a_line_that_hangs_up_is_noticed_while_waiting_for_a_key_and_while_waiting_for_nothing() -> None:
    far, near = pty.openpty()
    bell = Bell()
    console = Console(near, near, bell)
    os.close(far)
    with pytest.raises(TerminalGone):
        console.key(5)
    with pytest.raises(TerminalGone):
        console.rest(5)
    with pytest.raises(TerminalGone):
        console.write("x")
    os.close(near)
    bell.close()


def test_the_bell_ends_a_wait_at_once(ends: tuple[int, int]) -> None:
    bell = Bell()
    console = Console(ends[1], ends[1], bell)
    for _ in range(100_000):
        # A full pipe rings no worse.
        bell.ring()
    assert console.key(60) is None
    bell.close()


def test_the_kernel_echoes_nothing_and_turns_no_key_into_a_signal_until_the_terminal_is_given_back(
    ends: tuple[int, int],
) -> None:
    bell, before = Bell(), termios.tcgetattr(ends[1])
    with Console(ends[1], ends[1], bell):
        inside = termios.tcgetattr(ends[1])[3]
        assert inside & (termios.ECHO | termios.ISIG | termios.ICANON) == 0
        os.write(ends[0], b"geheim")
    assert termios.tcgetattr(ends[1]) == before
    assert b"geheim" not in os.read(ends[0], 4096)
    bell.close()


def test_whoever_called_a_gate_leaves_it_by_one_key(ends: tuple[int, int]) -> None:
    bell = Bell()
    console = Console(ends[1], ends[1], bell)
    console.ends_by_key = True
    with console:
        os.write(ends[0], b"an\x03")
        with pytest.raises(TerminalGone):
            console.key(5)
    assert console.told_to_end
    bell.close()
