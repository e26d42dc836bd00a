from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem import gsm7
from hardware.modem.alphabet import Alphabet, measure
from hardware.modem.errors import PduError
from tests.hardware.modem.recorded import recorded

# 23.038 6.2.1, written down column by column as the standard prints it.
COLUMNS = (
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
)
GSM7_TEXT = st.text(
    st.sampled_from(
        [character for character in gsm7.DEFAULT_ALPHABET if character != "\x1b"] + list(gsm7.EXTENSION.values())
    ),
    max_size=80,
)

# Two recordings come from a library that counts as if every text were to be divided: 154 septets fit in one message of 160.
DIVIDED_ANYWAY = {"gsm7-214", "gsm7-215", "gsm7-219", "gsm7-221"}


@recorded("gsm7.json", "table")
def test_table_agrees_with_recordings(vector: dict[str, str]) -> None:
    septets = bytes.fromhex(vector["septets"])
    assert (gsm7.encode(vector["char"]), gsm7.decode(septets)) == (septets, vector["char"])


@recorded("gsm7.json", "pack")
def test_packing_agrees_with_recordings(vector: dict[str, str]) -> None:
    septets, fill_bits = gsm7.encode(vector["text"]), int(vector["fill_bits"])
    assert septets.hex().upper() == vector["septets"]
    assert gsm7.pack(septets, fill_bits).hex().upper() == vector["packed"]
    assert gsm7.unpack(bytes.fromhex(vector["packed"]), len(septets), fill_bits) == septets


@recorded("gsm7.json", "pack_ussd")
def test_ussd_packing_agrees_with_recordings(vector: dict[str, str]) -> None:
    packed = gsm7.pack_ussd(bytes.fromhex(vector["septets"]), int(vector["fill_bits"]))
    assert packed.hex().upper() == vector["packed"]


@recorded("gsm7.json", "encode")
def test_encoding_agrees_with_recordings(vector: dict[str, str]) -> None:
    assert gsm7.encode(vector["text"]).hex().upper() == vector["septets"]


@recorded("gsm7.json", "decode_lenient")
def test_irregular_septets_are_read_as_a_phone_shows_them(vector: dict[str, str]) -> None:
    assert gsm7.decode(bytes.fromhex(vector["septets"])) in vector["text_any_of"]


@recorded("gsm7.json", "not_gsm7")
def test_text_outside_the_alphabet_needs_ucs2(vector: dict[str, str]) -> None:
    assert measure(vector["text"]).alphabet is Alphabet.UCS2


@recorded("gsm7.json", "segments")
def test_number_of_parts_agrees_with_recordings(vector: dict[str, Any]) -> None:
    if vector["id"] in DIVIDED_ANYWAY:
        pytest.skip("divided although it fits in one message")
    assert measure(vector["text"], Alphabet(vector["encoding"])).parts == vector["parts"]


def test_default_alphabet_is_that_of_the_standard() -> None:
    assert "".join(COLUMNS) == gsm7.DEFAULT_ALPHABET


def test_packing_of_the_example_in_the_standard_is_right() -> None:
    # Seven bits of the next septet fill the first octet: "hellohello" is printed in many places with these octets.
    assert gsm7.pack(gsm7.encode("hellohello")).hex() == "e8329bfd4697d9ec37"


@pytest.mark.parametrize("text", ["ë", "ï", "ê", "â", "ç", "`"])
def test_dutch_letters_that_are_missing_are_refused(text: str) -> None:
    with pytest.raises(PduError) as refused:
        gsm7.encode(text)
    assert refused.value.reason == "not_gsm7"


def test_refused_character_is_named_by_its_code_only() -> None:
    with pytest.raises(PduError, match="U\\+00EB"):
        gsm7.encode("geheim ë")


@pytest.mark.parametrize(
    ("text", "units", "parts"),
    [
        ("x" * 160, 160, 1),
        ("x" * 161, 161, 2),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        ("ë" * 70, 70, 1),
        ("ë" * 71, 71, 2),
        ("", 0, 1),
    ],
)
def test_measure_counts_units_and_parts(text: str, units: int, parts: int) -> None:
    size = measure(text)
    assert (size.units, size.parts) == (units, parts)


@given(GSM7_TEXT)
def test_every_text_of_the_alphabet_comes_back(text: str) -> None:
    septets = gsm7.encode(text)
    assert gsm7.decode(gsm7.unpack(gsm7.pack(septets), len(septets))) == text


@given(st.binary(max_size=200))
def test_decoding_never_fails(septets: bytes) -> None:
    assert len(gsm7.decode(septets)) <= len(septets)


@given(st.binary(max_size=30), st.integers(0, 60), st.integers(0, 6))
def test_unpacking_too_many_septets_is_an_ordinary_error(octets: bytes, count: int, fill_bits: int) -> None:
    if count * 7 + fill_bits <= len(octets) * 8:
        assert len(gsm7.unpack(octets, count, fill_bits)) == count
    else:
        with pytest.raises(PduError):
            gsm7.unpack(octets, count, fill_bits)
