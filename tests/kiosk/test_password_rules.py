"""Which new passwords are refused, and for which reason."""

import string
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.language import LANGUAGES, Language
from kiosk.password_rules import BLOCKLIST, Rule, Violation, check_new_password, is_known, normalised
from kiosk.policy import PasswordPolicy

GOOD = "paard lamp rivier zolder"


def rules(password: str, *, old_matches: bool = False, organisation: tuple[str, ...] = ()) -> list[Rule]:
    violations = check_new_password(
        password,
        user_name="j.devries",
        display_name="Zoë Bos de Vries",
        site="Gemeente Zuid",
        organisation=organisation,
        policy=PasswordPolicy(),
        old_matches=old_matches,
    )
    return [violation.rule for violation in violations]


def blocked_words() -> list[str]:
    return [line for line in BLOCKLIST.read_text(encoding="utf-8").splitlines() if not line.startswith("# ")]


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery staple",
        "k7#mQ2vX9!pL",
        "mijn fiets is rood en oud",
        "4829 5731 0046 7713",
        "Tr0ub4dor&3xyz",
        "überraschung im café",
        "велосипед и лампа",
    ],
)
def test_a_password_that_nobody_guesses_is_accepted(password: str) -> None:
    assert rules(password) == []


@pytest.mark.parametrize(
    "password",
    [
        "wachtwoord123",
        "Welkom2024!!",
        "W3lk0m!23456",
        "P@ssw0rd1234",
        "wáchtwoord12",
        "September2024!",
        "!!!Feyenoord1908",
        "12345678Welkom",
        "welkom-welkom1",
        "Zomer2024zomer",
        "ikhouvanjou1",
        "verantwoordelijkheid",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y",
        "123456789012",
        "112233445566",
        "01021985!!!!",
        "abcabcabcabc",
        "aaaaaaaaaaaa",
        "ababbabaabab",
        "x7k!x7k!x7k!",
        "password!!!!!!!!!!!!!!!!!!!!!!!!",
    ],
)
def test_a_password_that_many_people_use_is_refused(password: str) -> None:
    assert rules(password) == [Rule.KNOWN]


def test_full_width_letters_hide_nothing() -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in "wachtwoord12")
    assert rules(wide) == [Rule.KNOWN]


@pytest.mark.parametrize(
    "password",
    [
        "devries lamp hek",
        "lamp DEVRIES hek",
        "d3vr13s lamp hek",
        "jdevries lamp hek",
        "zoe loopt naar huis",
        "bos naast de lamp",
    ],
)
def test_a_password_with_a_name_of_the_person_is_refused(password: str) -> None:
    assert rules(password) == [Rule.OWN_NAME]


@pytest.mark.parametrize("password", ["bosbessen op brood", "de lamp is mooi vandaag", "dezoete appel hangt"])
def test_a_short_name_counts_only_where_it_stands_alone(password: str) -> None:
    assert rules(password) == []


@pytest.mark.parametrize("password", ["gemeente lamp hek", "lampGEMEENTEZUIDhek", "zuiderzee lamp hek"])
def test_a_password_with_the_name_of_the_site_is_refused(password: str) -> None:
    assert rules(password) == [Rule.SITE_NAME]


def test_a_password_with_another_name_of_the_organisation_is_refused() -> None:
    assert rules("waterschap lamp hek", organisation=("Waterschap",)) == [Rule.SITE_NAME]


@pytest.mark.parametrize(
    "character", ["\x1b", "\t", "\n", "\x7f", "\x9b", "\u202e", "\u200b", "\u2028", "\udc80", "\ue000", "\u0378"]
)
def test_a_password_with_a_character_that_is_not_typed_is_refused(character: str) -> None:
    assert rules(f"paard lamp {character} zolder") == [Rule.CHARACTERS]


def test_the_old_password_is_refused() -> None:
    assert rules(GOOD, old_matches=True) == [Rule.SAME]


def test_length_counts_characters_after_nfkc() -> None:
    # An é of two code points is one; the ligature ﬁ is two.
    composed = unicodedata.normalize("NFD", "é" * 4) + "xkwp#mz"
    assert len(composed) > PasswordPolicy().minimum_length
    assert Rule.SHORT in rules(composed)
    assert Rule.SHORT not in rules("ﬁ" + "kqxw#mz!Hn")


@pytest.mark.parametrize(
    ("length", "violations"),
    [
        (11, [Violation(Rule.SHORT, 12)]),
        (12, []),
        (256, []),
        (257, [Violation(Rule.LONG, 256)]),
        (1_000_000, [Violation(Rule.LONG, 256)]),
    ],
)
def test_both_lengths_are_allowed_and_the_next_is_refused_with_its_number(
    length: int, violations: list[Violation]
) -> None:
    password = ("kq7#mXv2" + "lamp rivier zolder paard " * (length // 25 + 1))[:length]
    found = check_new_password(password, user_name="aa", display_name="bb", site="cc", policy=PasswordPolicy())
    assert found == violations


def test_a_stricter_site_asks_for_more_characters() -> None:
    found = check_new_password(
        GOOD, user_name="a", display_name="b", site="c", policy=PasswordPolicy(minimum_length=30)
    )
    assert found == [Violation(Rule.SHORT, 30)]


def test_the_first_reason_is_the_one_to_mend_first() -> None:
    assert rules("Zoë\x00", old_matches=True) == [Rule.CHARACTERS, Rule.SHORT, Rule.SAME, Rule.OWN_NAME]


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("rule", Rule)
def test_every_reason_has_its_words(code: str, rule: Rule) -> None:
    assert Language.load(code).has(f"first.password.{rule}")


def test_the_blocklist_is_long_sorted_and_without_doubles() -> None:
    words = blocked_words()
    assert len(words) >= 10_000
    assert words == sorted(set(words))


@pytest.mark.parametrize(
    "word", ["welkom", "wachtwoord", "feyenoord", "amsterdam", "zomer", "password", "dragon", "letmein", "receptie"]
)
def test_the_blocklist_holds_dutch_and_english(word: str) -> None:
    assert word in blocked_words()


def test_the_licence_of_the_blocklist_stands_beside_it() -> None:
    assert "Permission is hereby granted" in BLOCKLIST.with_name("blocklist.license.txt").read_text(encoding="utf-8")


@settings(max_examples=60)
@given(
    st.sampled_from(blocked_words()), st.sampled_from(["", "1", "123", "2024", "!", "01!", "12345678"]), st.booleans()
)
def test_a_blocked_word_with_trimmings_is_known(word: str, trimming: str, capital: bool) -> None:
    assert is_known((word.capitalize() if capital else word) + trimming)


@settings(max_examples=60)
@given(
    st.text(string.ascii_letters + string.digits + "#%&", min_size=16, max_size=16).filter(
        lambda text: len(set(text)) > 10
    )
)
def test_random_passwords_are_not_known(password: str) -> None:
    assert not is_known(password)


@settings(max_examples=60)
@given(st.text(st.characters(codec=None), max_size=600))
def test_every_text_gets_an_answer(password: str) -> None:
    assert set(rules(password)) <= set(Rule)


@given(st.text(max_size=40))
def test_the_normal_form_is_stable(password: str) -> None:
    assert normalised(normalised(password)) == normalised(password)
