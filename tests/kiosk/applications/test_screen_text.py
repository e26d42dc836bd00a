"""What of an application's output may be written twice, and which bytes from a terminal are a person's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.applications.screen_text import Kept, drawing, restored, signs_of_life


@pytest.mark.parametrize(
    "asking",
    [
        b"\x1b[6n",
        b"\x1b[c",
        b"\x1b[>c",
        b"\x1b[?2026$p",
        b"\x1b[?u",
        b"\x1b[>0q",
        b"\x1b[18t",
        b"\x1b[5i",
        b"\x1bZ",
        b"\x05",
        b"\x1b]52;c;?\x07",
        b"\x1b]11;?\x1b\\",
        b"\x1bP$qm\x1b\\",
        b"\x1b_Gi=1\x1b\\",
    ],
)
def test_what_is_answered_or_handed_on_is_not_written_twice(asking: bytes) -> None:
    assert drawing(b"before" + asking + b"after") == b"beforeafter"


@pytest.mark.parametrize(
    "drawn", [b"\x1b[31mred\x1b[0m", b"\x1b[?1049h\x1b[2;3Hx", b"\x1b(0lqk\x1b(B", b"\x1b7x\x1b8\x1b[u"]
)
def test_what_draws_is(drawn: bytes) -> None:
    assert drawing(drawn) == drawn


@pytest.mark.parametrize("unfinished", [b"\x1b]0;secret", "\x1b]0;Über".encode(), b"\x1bPq"])
def test_a_string_that_never_ends_is_not_drawn(unfinished: bytes) -> None:
    assert drawing(b"before" + unfinished) == b"before"
    assert drawing(b"before" + unfinished + b"\x1b[31mafter") == b"before\x1b[31mafter"


def test_a_title_with_letters_of_its_own_is_left_out_whole() -> None:
    assert drawing("\x1b]0;Über title\x07after".encode()) == b"after"


def test_strings_without_an_end_cost_one_look_each() -> None:
    # 64 kB took half a minute of the loop of the pages, and now takes none of it: a hang shows here, not a clock.
    assert drawing(b"\x1b]" * 32_768) == b""


@given(st.binary(max_size=200).map(lambda some: some.replace(b"\x1b", b"\x1b[")))
def test_nothing_that_draws_is_made_into_a_question(output: bytes) -> None:
    once = drawing(output)
    assert drawing(once) == once


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=50))
def test_the_newest_output_is_kept_within_its_limit(parts: list[bytes]) -> None:
    kept = Kept(limit=100)
    for part in parts:
        kept.add(part)
    assert len(kept.again()) <= 100


@pytest.mark.parametrize("typed", [b"a", b"\x1b[A", b"\x1b", b"\x1b[3~", b"\x1b[<0;1;1M", b"\x1b[6nx", b"\x1b[1;1Rq"])
def test_a_key_is_a_sign_of_life(typed: bytes) -> None:
    assert signs_of_life(typed)


@pytest.mark.parametrize(
    "typed", [b"\x1b[1;1R", b"\x1b[?62;4c\x1b[0n", b"\x1b[O", b"\x1b]11;rgb:0/0/0\x1b\\", b"\x1b[<35;4;4M"]
)
def test_what_a_terminal_says_by_itself_is_none(typed: bytes) -> None:
    assert not signs_of_life(typed)


def test_a_console_gets_its_own_word_for_the_palette_and_no_title() -> None:
    assert b"\x1b]R" in restored("linux")
    assert b"\x1b]2;" not in restored("linux")
    assert b"\x1b]R" not in restored("xterm-256color")
