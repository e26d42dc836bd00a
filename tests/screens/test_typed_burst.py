"""Keys that no person types, judged without any page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screens.typed_burst import (
    BURST_GAP_SECONDS,
    LETTER_SILENCE_SECONDS,
    MODHEX,
    OTP_LETTERS,
    TypedBurst,
    Verdict,
    without,
)

# What a YubiKey 5 typed, from Yubico's own documentation of the OTP format.
YUBICO_EXAMPLE = "cccjgjgkhcbbirdrfdnlnghhfgrtnnlgedjlftrbdeut"

FAST = st.floats(min_value=0, max_value=BURST_GAP_SECONDS, exclude_max=True)
SLOW = st.floats(min_value=BURST_GAP_SECONDS * 1.01, max_value=60)
MODHEX_LETTER = st.sampled_from(sorted(MODHEX) + sorted(letter.upper() for letter in MODHEX))
PRINTABLE = st.characters(min_codepoint=33, max_codepoint=126)


class Typist:
    """Types into a field, or where there is none."""

    def __init__(self, *, in_field: bool) -> None:
        self.guard = TypedBurst()
        self.at = 100.0
        self.in_field = in_field
        self.text = ""

    def type(self, character: str, gap: float) -> Verdict:
        self.at += gap
        verdict = self.guard.judge(character, character, self.at, in_field=self.in_field)
        if verdict is Verdict.PASS:
            self.text += character
        return verdict

    def press(self, key: str, gap: float) -> Verdict:
        self.at += gap
        return self.guard.judge(key, None, self.at, in_field=self.in_field)


def test_the_example_of_the_maker_is_modhex_of_the_usual_length() -> None:
    assert len(YUBICO_EXAMPLE) == OTP_LETTERS
    assert set(YUBICO_EXAMPLE) <= MODHEX


@given(
    before=st.text(PRINTABLE, max_size=20),
    letters=st.lists(MODHEX_LETTER, min_size=44, max_size=44),
    gaps=st.lists(FAST, min_size=45, max_size=45),
)
def test_a_key_in_a_field_is_named_and_what_the_person_typed_stays(
    before: str, letters: list[str], gaps: list[float]
) -> None:
    typist = Typist(in_field=True)
    for character in before:
        typist.type(character, 0.2)
    for letter, gap in zip(letters, gaps, strict=False):
        assert typist.type(letter, gap) is Verdict.PASS
    assert typist.press("enter", gaps[-1]) is Verdict.TYPED_BY_KEY
    assert without(typist.guard.letters, typist.text, len(typist.text)) == (before, len(before))


@given(letters=st.lists(MODHEX_LETTER, min_size=44, max_size=44), gaps=st.lists(FAST, min_size=45, max_size=45))
def test_a_key_outside_a_field_is_named(letters: list[str], gaps: list[float]) -> None:
    typist = Typist(in_field=False)
    for letter, gap in zip(letters, gaps, strict=False):
        assert typist.type(letter, gap) is not Verdict.PASS
    assert typist.press("enter", gaps[-1]) is Verdict.TYPED_BY_KEY


@given(keys=st.lists(PRINTABLE, max_size=60), gaps=st.lists(SLOW, min_size=61, max_size=61))
def test_whoever_types_slowly_is_never_taken_for_a_key(keys: list[str], gaps: list[float]) -> None:
    typist = Typist(in_field=True)
    for key, gap in zip(keys, gaps, strict=False):
        assert typist.type(key, gap) is Verdict.PASS
    assert typist.press("enter", gaps[-1]) is Verdict.PASS
    assert typist.text == "".join(keys)


@given(keys=st.text(PRINTABLE, max_size=43), gap=FAST)
def test_a_password_shorter_than_a_key_may_be_typed_or_pasted_at_any_speed(keys: str, gap: float) -> None:
    typist = Typist(in_field=True)
    for key in keys:
        typist.type(key, gap)
    assert typist.press("enter", gap) is Verdict.PASS
    assert typist.text == keys


@given(digits=st.text("0123456789", max_size=8), gap=st.floats(min_value=0, max_value=2))
def test_digits_of_a_code_may_come_at_any_speed(digits: str, gap: float) -> None:
    typist = Typist(in_field=False)
    assert all(typist.type(digit, gap) is Verdict.PASS for digit in digits)
    assert typist.press("enter", gap) is Verdict.PASS


@given(first=PRINTABLE, rest=st.text(PRINTABLE, min_size=1, max_size=30))
@settings(max_examples=50)
def test_nothing_of_a_burst_outside_a_field_acts_after_its_first_letter(first: str, rest: str) -> None:
    typist = Typist(in_field=False)
    letters = [key for key in first + rest if not key.isdigit()]
    verdicts = [typist.type(letter, 0.002) for letter in letters]
    assert set(verdicts[1:]) <= {Verdict.SWALLOW}
    if letters:
        assert typist.press("enter", 0.002) is Verdict.SWALLOW


def test_a_letter_alone_waits_and_a_second_one_after_a_silence_too() -> None:
    typist = Typist(in_field=False)
    assert typist.type("a", 1) is Verdict.HOLD
    assert typist.type("u", LETTER_SILENCE_SECONDS * 2) is Verdict.HOLD


def test_enter_right_after_a_letter_is_swallowed() -> None:
    typist = Typist(in_field=False)
    typist.type("a", 1)
    assert typist.press("enter", LETTER_SILENCE_SECONDS / 2) is Verdict.SWALLOW


def test_enter_long_after_a_letter_is_a_person() -> None:
    typist = Typist(in_field=False)
    typist.type("a", 1)
    assert typist.press("enter", LETTER_SILENCE_SECONDS * 2) is Verdict.PASS


@pytest.mark.parametrize("key", ["tab", "escape", "f1", "down", "backspace"])
def test_movement_is_never_held_back(key: str) -> None:
    typist = Typist(in_field=False)
    typist.type("a", 1)
    assert typist.press(key, 0.001) is Verdict.PASS


def test_a_letter_right_after_movement_is_a_letter_alone() -> None:
    typist = Typist(in_field=False)
    typist.type("a", 1)
    typist.press("tab", 0.001)
    assert typist.type("u", 0.001) is Verdict.HOLD


def test_the_space_bar_presses_outside_a_field_and_types_inside() -> None:
    assert TypedBurst().judge("space", " ", 1.0, in_field=False) is Verdict.PASS
    assert TypedBurst().judge("space", " ", 1.0, in_field=True) is Verdict.PASS


# Digits before the letters: of a text that ends as the key begins, no program can tell who typed it.
@given(before=st.text("0123456789", max_size=60), after=st.text(PRINTABLE, max_size=60), room=st.integers(0, 60))
def test_letters_are_taken_out_of_the_middle_of_a_text_and_of_a_field_that_became_full(
    before: str, after: str, room: int
) -> None:
    taken = YUBICO_EXAMPLE[:room]
    text, cursor = without(YUBICO_EXAMPLE, before + taken + after, len(before + taken))
    assert (text, cursor) == (before + after, len(before))


def test_the_guard_shows_none_of_the_letters() -> None:
    typist = Typist(in_field=True)
    for letter in YUBICO_EXAMPLE:
        typist.type(letter, 0.002)
    assert YUBICO_EXAMPLE not in repr(typist.guard)
