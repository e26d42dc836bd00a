"""What a keyboard, a scanner or a line may send that is no text: nothing of it ends the terminal."""

import os
from threading import Event

import pytest
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste, Resize
from textual.message import Message

from screens import hostile_input
from screens.hostile_input import PASTE_SECONDS, HardenedParser


class Listening(LinuxDriver):
    """The part of Textual's driver that reads, until an `x` comes."""

    def __init__(self, descriptor: int) -> None:
        self._debug = False
        self.fileno = descriptor
        self.exit_event = Event()
        self.typed: list[str] = []

    def process_message(self, message: Message) -> None:
        if isinstance(message, Key):
            self.typed.append(message.key)
            if message.key == "x":
                self.exit_event.set()


@pytest.mark.parametrize(
    "octets",
    [b"\x80", b"\xff\xfe", b"\xc0\xc1", b"\xe9", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82"],
    ids=bytes.hex,
)
def test_octets_that_are_no_text_are_passed_over(octets: bytes) -> None:
    hostile_input.bear()
    reading, writing = os.pipe()
    listening = Listening(reading)
    try:
        os.write(writing, b"a" + octets + b"x")
        listening.run_input_thread()
    finally:
        os.close(reading)
        os.close(writing)

    assert listening.typed == ["a", "x"]


def typed(parser: HardenedParser, text: str) -> list[str]:
    return [event.key for event in parser.feed(text) if isinstance(event, Key)]


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[9999999;999999~",
        "\x1b[1114112u",
        "\x1b[55296;0;999999999u",
        "\x1b[48;0;0;0;0t\x1b[<0;5;5M",
        "\x1b[1;5:9999999999u",
    ],
    ids=ascii,
)
def test_a_sequence_that_nobody_can_read_ends_nothing(sequence: str) -> None:
    parser = HardenedParser()
    list(parser.feed(sequence))
    assert typed(parser, "jan") == ["j", "a", "n"]


def test_nobody_types_another_size_of_the_terminal() -> None:
    assert not [event for event in HardenedParser().feed("\x1b[48;1;1;1;1t") if isinstance(event, Resize)]


def test_a_paste_that_only_begins_swallows_nothing_of_the_next_person_and_keeps_nothing() -> None:
    seconds = 0.0
    parser = HardenedParser(now=lambda: seconds)
    for part in ("\x1b[2", "00~", "secret"):
        assert typed(parser, part) == []
        assert list(parser.tick()) == []
    seconds = PASTE_SECONDS

    assert list(parser.tick()) == []
    assert typed(parser, "jan") == ["j", "a", "n"]
    assert not [event for event in parser.feed("\x1b[201~") if isinstance(event, Paste)]


def test_what_is_pasted_at_once_arrives() -> None:
    seconds = 0.0
    parser = HardenedParser(now=lambda: seconds)
    pasted = list(parser.feed("\x1b[200~123456\x1b[201~"))
    seconds = 2 * PASTE_SECONDS
    pasted += [*parser.tick(), *parser.feed("x")]
    assert [event.text for event in pasted if isinstance(event, Paste)] == ["123456"]
