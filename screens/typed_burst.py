"""Keys that no person types: a YubiKey touched by accident, a bar-code scanner.

A YubiKey types 44 letters of an alphabet of its own (modhex) and Enter. In a text field the letters are taken back when
the Enter comes; elsewhere a letter acts only after a silence, so that a burst presses nothing at all.
"""

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


class TypedBurst:
    """Judges each key by what it prints and when; holds letters only while they follow each other fast."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Nothing of what was typed stays here; the next key is the first."""
        self._last = float("-inf")
        self._letters = ""
        self._burst = False
        self._digits_only = True

    @property
    def fast(self) -> bool:
        """Whether the latest keys outside a text field came faster than a person types."""
        return self._burst

    @property
    def letters(self) -> str:
        """What the key typed, after a verdict that says so."""
        return self._letters[-OTP_LETTERS:]

    def judge(self, key: str, character: str | None, at: float, *, in_field: bool) -> Verdict:
        """Judge one key.

        `key` is Textual's name of it, `character` what it prints, `at` monotonic seconds, `in_field` whether a text field
        has the focus.
        """
        gap = at - self._last
        if gap >= BURST_GAP_SECONDS:
            self.forget()
        self._last = at
        if key == "enter":
            return self._judge_enter(gap, in_field=in_field)
        if character is None or not character.isprintable() or (character == " " and not in_field):
            # Movement, and the space bar where it presses an action.
            self.forget()
            return Verdict.PASS
        self._letters = self._letters + character if character.lower() in MODHEX else ""
        return Verdict.PASS if in_field else self._judge_outside(character, gap)

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


def without(letters: str, text: str, cursor: int) -> tuple[str, int]:
    """Text and cursor without the `letters` that were typed before the cursor.

    A field that became full took only the first of them.
    """
    taken = next(count for count in range(len(letters), -1, -1) if text[:cursor].endswith(letters[:count]))
    return text[: cursor - taken] + text[cursor:], cursor - taken
