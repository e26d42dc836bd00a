"""Words by id, waits in words, and the cleaning of text from outside."""

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.language import (
    LANGUAGES,
    SMS_TEXTS,
    CatalogueMissing,
    Language,
    MissingText,
    UnknownLanguage,
    WrongPlaceholders,
    printable,
    sms_name,
    sms_septets,
)
from kiosk.language.sms import GSM7_BASIC

VECTORS = Path(os.environ.get("KIOSK_VECTORS", Path(__file__).parents[3] / "shared" / "vectors"))


@pytest.fixture
def dutch() -> Language:
    return Language.load("nl")


def test_each_language_gives_its_own_words() -> None:
    assert [Language.load(code).text("common.sign_in.button") for code in LANGUAGES] == ["INLOGGEN", "SIGN IN"]


def test_dutch_is_the_first_language() -> None:
    assert LANGUAGES[0] == "nl"


def test_a_value_takes_the_place_of_its_placeholder(dutch: Language) -> None:
    assert dutch.text("resend.line.over", network="KPN") == "De SMS gaat nu via KPN"


def test_a_value_used_twice_stands_in_both_places(dutch: Language) -> None:
    assert dutch.text("explain.step4.failing", network="KPN").count("KPN") == 2


def test_braces_in_a_value_are_not_read_as_a_placeholder(dutch: Language) -> None:
    text = dutch.text("contact.line.number", name="{phone}", phone="030")
    assert text == "Hulp: {phone}, 030"


def test_a_value_from_outside_is_made_printable(dutch: Language) -> None:
    assert dutch.text("resend.line.over", network="K\x1b[31mPN") == "De SMS gaat nu via K\\x1b[31mPN"


def test_an_unknown_id_is_an_error_that_names_it(dutch: Language) -> None:
    with pytest.raises(MissingText) as caught:
        dutch.text("sign_in.login.titel")
    assert (caught.value.text_id, caught.value.language) == ("sign_in.login.titel", "nl")


def test_missing_and_extra_values_are_an_error_that_names_them_without_their_content(dutch: Language) -> None:
    with pytest.raises(WrongPlaceholders) as caught:
        dutch.text("resend.line.over", code="123456")
    assert caught.value.missing == frozenset({"network"})
    assert caught.value.extra == frozenset({"code"})
    assert "123456" not in str(caught.value)


@pytest.mark.parametrize(("text_id", "known"), [("sms.title", True), ("sms.titel", False), ("sms", False), ("", False)])
def test_has_tells_whether_an_id_exists(dutch: Language, text_id: str, known: bool) -> None:
    assert dutch.has(text_id) is known


def test_placeholders_names_what_a_text_asks_for(dutch: Language) -> None:
    assert dutch.placeholders("help.call") == {"name", "phone"}


def test_an_unknown_language_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownLanguage) as caught:
        Language.load("../nl")
    assert caught.value.code == "../nl"


def test_a_missing_catalogue_is_an_error_that_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(CatalogueMissing, match="make setup") as caught:
        Language.load("nl", tmp_path)
    assert caught.value.path == tmp_path / "nl.mo"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "0 seconden"),
        (0, "0 seconden"),
        (0.2, "1 seconde"),
        (1, "1 seconde"),
        (1.5, "2 seconden"),
        (120, "120 seconden"),
        (120.1, "3 minuten"),
        (121, "3 minuten"),
        (180, "3 minuten"),
        (181, "4 minuten"),
        (900, "15 minuten"),
    ],
)
def test_a_wait_is_told_in_seconds_and_above_two_minutes_in_minutes_rounded_up(
    dutch: Language, seconds: float, told: str
) -> None:
    assert dutch.seconds(seconds) == told


def test_a_wait_has_its_word_in_english() -> None:
    english = Language.load("en")
    assert [english.seconds(n) for n in (1, 2, 121)] == ["1 second", "2 seconds", "3 minutes"]


@pytest.mark.parametrize(
    ("outside", "shown"),
    [
        ("plain é [b]text[/b]", "plain é [b]text[/b]"),
        ("\x1b]52;c;eA==\x07", "\\x1b]52;c;eA==\\x07"),
        ("a\r\nb\tc\x7f", "a\\x0d\\x0ab\\x09c\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("soft\xadhyphen", "soft\\xadhyphen"),
        ("abc\u202ecba\u2066", "abc\\u202ecba\\u2066"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("undecodable \udc80", "undecodable \\udc80"),
        ("tag \U000e0041", "tag \\U000e0041"),
    ],
)
def test_what_is_invisible_becomes_visible(outside: str, shown: str) -> None:
    assert printable(outside) == shown


@given(st.text(st.characters(codec=None), max_size=60), st.integers(0, 40))
def test_printable_text_is_bounded_and_neither_steers_nor_hides(text: str, maximum: int) -> None:
    shown = printable(text, maximum=maximum)
    assert len(shown) <= maximum
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(max_size=60))
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert printable(printable(text)) == printable(text)


def test_a_text_that_is_cut_ends_in_dots() -> None:
    assert printable("abcdefghij", maximum=8) == "abcde..."


def test_a_text_of_the_greatest_length_is_not_cut() -> None:
    assert printable("abcdefgh", maximum=8) == "abcdefgh"


@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("Receptie Noord", "Receptie Noord"),
        ("é è ä ö ü à ñ", "é è ä ö ü à ñ"),
        ("ë ê ï â ç", "e e i a c"),
        ("Zoe\u0308 en Rene\u0301", "Zoe en René"),
        ("[A] {B} ~C^ \\D| €5", "A B C D 5"),
        ("東京 kantoor", " kantoor"),
        ("twee\nregels\t", "twee regels "),
        ("\x1b[0m", "0m"),
    ],
)
def test_a_name_keeps_what_an_sms_can_carry(name: str, carried: str) -> None:
    assert sms_name(name) == carried


@given(st.text(max_size=40))
def test_a_name_for_an_sms_takes_one_septet_per_character_on_one_line(name: str) -> None:
    carried = sms_name(name)
    assert sms_septets(carried) == len(carried) <= len(unicodedata.normalize("NFC", name))
    assert not {"\n", "\r"} & set(carried)


@pytest.mark.parametrize(("text", "septets"), [("", 0), ("café", 4), ("€", None), ("ë", None), ("\x1b", None)])
def test_septets_are_counted_in_the_basic_set_only(text: str, septets: int | None) -> None:
    assert sms_septets(text) == septets


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the recorded vectors are not here; set KIOSK_VECTORS")
def test_the_basic_set_is_that_of_the_recorded_table() -> None:
    vectors = json.loads((VECTORS / "gsm7.json").read_text(encoding="utf-8"))["vectors"]
    table = {vector["char"]: vector["septets"] for vector in vectors if vector["kind"] == "table"}
    assert table
    assert {char for char, septets in table.items() if len(septets) == 2} == GSM7_BASIC


def test_an_sms_carries_values_in_the_basic_set(dutch: Language) -> None:
    text = dutch.sms("text.code", site="Zoë {1}", minutes=5, code="012345")
    assert text.startswith("Zoe 1: ")
    assert text.endswith("Code: 012345")


@pytest.mark.parametrize("text_id", SMS_TEXTS)
def test_every_sms_begins_with_the_site(dutch: Language, text_id: str) -> None:
    values = dict.fromkeys(dutch.placeholders(text_id), "x") | {"site": "Locatie"}
    assert dutch.sms(text_id, **values).startswith("Locatie")
