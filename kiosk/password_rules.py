"""Whether a new password may be used: long enough, not guessable from what many people use, and not the person's own name.

No rules of composition and no expiry (NIST SP 800-63B 3.1.1.2): length and a blocklist stop what is really guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from kiosk.policy import PasswordPolicy

BLOCKLIST = Path(__file__).parent / "blocklist.txt"

# Categories of Unicode that no keyboard types into a password: controls, formats, lone surrogates, private, unassigned, separators.
_NOT_TYPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

# Up to this many different characters, all passwords of twelve are soon tried.
_FEW_CHARACTERS = 3

# Longest trimming looked at on either side, after repeated signs were shortened.
_LONGEST_TRIMMING = 12

# What fingers follow: alphabet, digits, and rows and columns of QWERTY and AZERTY.
_WALKS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789012345678901234567890",
    "`1234567890-=",
    "!@#$%^&*()_+",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    *("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/"),
)
_WAYS = "\n".join([*_WALKS, *(walk[::-1] for walk in _WALKS)])
_LONGEST_WALK = max(map(len, _WALKS))

# Six or eight digits that are a day, in either order.
_DATE = re.compile(r"[0-3]\d[01]\d(?:19|20)?\d\d|(?:19|20)?\d\d[01]\d[0-3]\d")

# Digits and signs that stand for letters; 1, ! and | stand for two.
_UNSWAP = tuple(str.maketrans("01!|3456789@$+", f"o{i}{i}{i}easgtbgast") for i in "il")

# Parts of names that are no names: they stand in any sentence.
_PARTICLES = re.compile("aan|and|bij|del|den|der|des|dit|een|het|ten|ter|the|tot|uit|van|von|zum|zur")


class Rule(StrEnum):
    """The rule that a password breaks; the value is the last part of the id `first.password.*`."""

    CHARACTERS = "characters"
    SHORT = "short"
    LONG = "long"
    SAME = "same"
    OWN_NAME = "own_name"
    SITE_NAME = "site_name"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule; `limit` is the number of characters that `SHORT` (at least) and `LONG` (at most) ask for."""

    rule: Rule
    limit: int | None = None


def normalised(password: str) -> str:
    """Return the form in which a password is measured and hashed: NFKC, so that every keyboard's é is the same."""
    return unicodedata.normalize("NFKC", password)


def check_new_password(
    password: str,
    *,
    user_name: str,
    display_name: str,
    site: str,
    organisation: Iterable[str] = (),
    policy: PasswordPolicy,
    old_matches: bool = False,
) -> list[Violation]:
    """Return the rules that `password` breaks, the one to tell first in front; empty when it may be used.

    `organisation` are further names that stand for this place; `old_matches` says that the old or one-time password is the same.
    """
    # What is far too long is not looked at; NFKC may shorten a text by joining marks to letters, never this much.
    if len(password) > 8 * policy.maximum_length:
        return [Violation(Rule.LONG, policy.maximum_length)]
    normal = normalised(password)
    found = []
    if any(unicodedata.category(character) in _NOT_TYPED for character in password + normal):
        found.append(Violation(Rule.CHARACTERS))
    if len(normal) < policy.minimum_length:
        found.append(Violation(Rule.SHORT, policy.minimum_length))
    if len(normal) > policy.maximum_length:
        found.append(Violation(Rule.LONG, policy.maximum_length))
    if old_matches:
        found.append(Violation(Rule.SAME))
    folded = _fold(normal)
    if _holds_name(folded, [user_name, display_name]):
        found.append(Violation(Rule.OWN_NAME))
    if _holds_name(folded, [site, *organisation]):
        found.append(Violation(Rule.SITE_NAME))
    if is_known(folded[: policy.maximum_length]):
        found.append(Violation(Rule.KNOWN))
    return found


def is_known(password: str) -> bool:
    """Whether `password` is one that many people use, or such a word with the usual trimmings.

    Known are: a blocked word with digits or signs around it (`Welkom2024!`), also with letters swapped for digits (`W3lk0m`) or said
    twice (`welkom-welkom`); runs along the alphabet or the keyboard (`qwerty123456`); repetitions (`abcabcabcabc`).
    """
    whole = _fold(password)
    if whole in _blocklist() or any(core in _blocklist() and _is_trimming(rest) for core, rest in _ends_off(whole)):
        return True
    text = re.sub(r"([^a-z])\1{3,}", r"\1\1\1", whole)
    if len(set(text)) <= _FEW_CHARACTERS or _repeats(text) or _is_trimming(text):
        return True
    words = set(re.findall(r"[a-z]+", text))
    if len(words) == 1 and _blocked(words.pop()) and all(map(_is_trimming, re.findall(r"[^a-z]+", text))):
        return True
    return any(_blocked(core) or _repeats(core) or _walks(core) for core in _cores(text))


def _fold(text: str) -> str:
    """Without case and without marks on letters, as people vary a word."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _holds_name(folded: str, names: Iterable[str]) -> bool:
    spellings = [folded, *(folded.translate(table) for table in _UNSWAP)]
    words = {word for text in spellings for word in re.findall(r"[^\W\d_]+", text)}
    for name in map(_fold, names):
        for part in {re.sub(r"[\W_]", "", name), *re.findall(r"[^\W\d_]+", name)}:
            # A name of three letters is part of many words; it counts only where it stands alone.
            if len(part) == 3 and part in words and not _PARTICLES.fullmatch(part):
                return True
            if len(part) > 3 and any(part in text for text in spellings):
                return True
    return False


def _cores(text: str) -> Iterator[str]:
    """What is left of `text` without trimmings, for each way to take them off; nothing when it holds no letter."""
    found = re.fullmatch(r"([^a-z]*)[a-z](?:.*[a-z])?([^a-z]*)", text, re.DOTALL)
    if not found:
        return
    for start in range(min(len(found[1]), _LONGEST_TRIMMING) + 1):
        for left in range(min(len(found[2]), _LONGEST_TRIMMING) + 1):
            core = text[start : len(text) - left]
            if len(core) > 2 and _is_trimming(text[:start]) and _is_trimming(text[len(text) - left :]):
                yield core


def _ends_off(text: str) -> Iterator[tuple[str, str]]:
    """`text` without its end or its beginning, and what was taken off: blocked words of digits have no letters to find."""
    for length in range(1, min(len(text) - 1, _LONGEST_TRIMMING) + 1):
        yield text[:-length], text[-length:]
        yield text[length:], text[:length]


def _is_trimming(text: str) -> bool:
    """Whether `text` is what people put around a word: a year, a date, 123, !!, or two of these."""
    pieces = re.findall(r"\d+|\D+", text)
    return len(pieces) <= 2 and all(map(_is_usual, pieces))


def _is_usual(piece: str) -> bool:
    short = 4 if piece.isdigit() else 2
    return (
        len(piece) <= short or len(set(piece)) == 1 or bool(_DATE.fullmatch(piece)) or _walks(piece) or _repeats(piece)
    )


def _repeats(text: str) -> bool:
    """Whether `text` is a shorter one said at least twice, the last time perhaps not to its end."""
    return any(text[period:] == text[:-period] for period in range(1, len(text) // 2 + 1))


def _walks(text: str) -> bool:
    """Whether `text` is made of pieces of three or more signs that lie side by side on a keyboard or in the alphabet."""
    # Ends of what can be covered by whole pieces so far.
    ends = {0}
    for end in range(3, len(text) + 1):
        if any(start in ends and text[start:end] in _WAYS for start in range(max(0, end - _LONGEST_WALK), end - 2)):
            ends.add(end)
    return len(text) in ends and len(text) > 2


def _blocked(core: str) -> bool:
    blocklist = _blocklist()
    return core in blocklist or any(core.translate(table) in blocklist for table in _UNSWAP)


@cache
def _blocklist() -> frozenset[str]:
    lines = BLOCKLIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("# "))
