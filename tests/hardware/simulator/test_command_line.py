import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulator.command_line import Command, Kind, parse


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("AT", []),
        ("at+csq", [Command("+CSQ", Kind.ACTION)]),
        ("AT+CREG?", [Command("+CREG", Kind.READ)]),
        ("AT+COPS=?", [Command("+COPS", Kind.TEST)]),
        ("AT+CMGS=29", [Command("+CMGS", Kind.SET, "29")]),
        ("AT^CURC=0", [Command("^CURC", Kind.SET, "0")]),
        (
            "AT+CSQ;+CREG?;+COPS=3,2",
            [
                Command("+CSQ", Kind.ACTION),
                Command("+CREG", Kind.READ),
                Command("+COPS", Kind.SET, "3,2"),
            ],
        ),
        (
            "ATE0V1Q0",
            [
                Command("E", Kind.ACTION, "0"),
                Command("V", Kind.ACTION, "1"),
                Command("Q", Kind.ACTION, "0"),
            ],
        ),
        (
            "AT&F0E1+CMEE=1",
            [
                Command("&F", Kind.ACTION, "0"),
                Command("E", Kind.ACTION, "1"),
                Command("+CMEE", Kind.SET, "1"),
            ],
        ),
        ("ATS0=1S3?", [Command("S0", Kind.SET, "1"), Command("S3", Kind.READ)]),
        ("\x1b\x00AT+CSQ", [Command("+CSQ", Kind.ACTION)]),
    ],
)
def test_a_command_line_is_taken_apart_as_v_250_has_it(line: str, expected: list[Command]) -> None:
    assert parse(line) == expected


@pytest.mark.parametrize("line", ["", "\x1b", "0011000B91", "hello"])
def test_a_line_without_at_is_no_command_line(line: str) -> None:
    assert parse(line) is None


def test_a_semicolon_inside_quotes_belongs_to_the_value() -> None:
    assert parse('AT+CUSD=1,"a;b",15') == [Command("+CUSD", Kind.SET, '1,"a;b",15')]


def test_arguments_are_split_at_commas_outside_quotes() -> None:
    assert Command("+X", Kind.SET, '1,"a,b",,2').arguments == ["1", "a,b", "", "2"]


@given(st.text(max_size=60))
def test_any_line_is_taken_apart_without_an_error(line: str) -> None:
    commands = parse(line)

    assert commands is None or all(command.name for command in commands)
