"""Keys that no person types: a YubiKey touched by accident, a bar-code scanner.

A YubiKey types 44 letters of an alphabet of its own (modhex) and Enter. In a text field the letters are taken back when
the Enter comes; elsewhere a letter acts only after a silence, so that a burst presses nothing at all.
"""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

# The letters a YubiKey types: on QWERTY, QWERTZ and AZERTY they stand at the same place.
MODHEX: Final = frozenset("cbdefghijklnrtuv")

# Letters in a one-time password: 6 bytes of identity and 16 bytes of cipher text, two letters each.
OTP_LETTERS: Final = 44

# Slower than this between two keys is a person.
BURST_GAP_SECONDS: Final = 0.300

# So long a letter waits for company before it acts.
LETTER_SILENCE_SECONDS: Final = 0.060


@unique
class Verdict(Enum):
    """What is to be done with a key."""

    PASS = "pass"  # noqa: S105  a verdict, not a password
    """Handle it as ever."""
    HOLD = "hold"
    """A letter outside a text field: act on it after `LETTER_SILENCE_SECONDS` without another key."""
    SWALLOW = "swallow"
    """Part of a burst outside a text field."""
    TYPED_BY_KEY = "typed_by_key"
    """The Enter after a one-time password: swallow it, take the letters back, tell the person."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What a key typed into a text field, with what stood there before."""

    before: str
    cursor: int
    letters: str

    def without(self) -> tuple[str, int]:
        """The text and the cursor as they would be had the key not typed; what the person typed right before stays."""
        kept = self.letters[: max(0, len(self.letters) - OTP_LETTERS)]
        text = self.before[: self.cursor] + kept + self.before[self.cursor :]
        return text, self.cursor + len(kept)

    def __repr__(self) -> str:
        return f"Burst({len(self.letters)} letters)"


class TypedBurst:
    """Judges each key by what it prints and when; holds what a field contained only while letters follow fast."""

    def __init__(self) -> None:
        self._last = float("-inf")
        self.forget()

    def forget(self) -> None:
        """Nothing of what was typed stays here."""
        self._letters = ""
        self._before = ("", 0)
        self._burst = False
        self._digits_only = True

    def judge(self, key: str, character: str | None, at: float, *, field: tuple[str, int] | None) -> Verdict:
        """Judge one key.

        `key` is Textual's name of it, `character` what it prints, `at` monotonic seconds, `field` the text and the cursor
        of the text field that has the focus (before this key), None outside of text fields.
        """
        gap, self._last = at - self._last, at
        if gap >= BURST_GAP_SECONDS:
            self.forget()
        if key == "enter":
            return self._judge_enter(gap, in_field=field is not None)
        if character is None or not character.isprintable() or (character == " " and field is None):
            # Movement, and the space bar where it presses an action.
            self.forget()
            return Verdict.PASS
        self._count(character, field or ("", 0))
        return Verdict.PASS if field is not None else self._judge_outside(character, gap)

    def burst(self) -> Burst:
        """What was typed since the silence before the burst."""
        return Burst(self._before[0], self._before[1], self._letters)

    def _count(self, character: str, field: tuple[str, int]) -> None:
        if character.lower() not in MODHEX:
            self._letters = ""
            return
        if not self._letters:
            self._before = field
        self._letters += character

    def _judge_enter(self, gap: float, *, in_field: bool) -> Verdict:
        if len(self._letters) >= OTP_LETTERS:
            return Verdict.TYPED_BY_KEY
        company = self._burst or (gap < LETTER_SILENCE_SECONDS and not self._digits_only)
        self.forget()
        return Verdict.SWALLOW if company and not in_field else Verdict.PASS

    def _judge_outside(self, character: str, gap: float) -> Verdict:
        digit = character.isdigit()
        # Digits of a code may come fast, pasted or over a slow line; a letter among them makes it a burst.
        if gap < LETTER_SILENCE_SECONDS and not (digit and self._digits_only):
            self._burst = True
        self._digits_only = self._digits_only and digit
        if self._burst:
            return Verdict.SWALLOW
        return Verdict.PASS if digit else Verdict.HOLD
