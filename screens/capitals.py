"""Caps Lock, as far as what was typed shows it."""

# So many letters without one small letter mean Caps Lock rather than initials.
CAPITALS_THAT_TELL = 3


def only_capitals(text: str) -> bool:
    """Whether `text` looks typed with Caps Lock on: several letters, no small one among them."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= CAPITALS_THAT_TELL and all(letter.isupper() for letter in letters)
