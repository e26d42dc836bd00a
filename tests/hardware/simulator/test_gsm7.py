"""The simulator's own GSM 7 bit alphabet, against published examples and recorded vectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulator import gsm7
from tests.hardware.simulator.conftest import vectors

VECTORS = vectors("gsm7")
needs_vectors = pytest.mark.skipif(not VECTORS, reason="recorded vectors are not beside this checkout (KIOSK_VECTORS)")


def test_the_example_of_dreamfabrics_hellohello_packs_to_its_published_octets() -> None:
    assert gsm7.pack(gsm7.encode("hellohello")) == bytes.fromhex("E8329BFD4697D9EC37")


def test_unpacking_takes_as_many_septets_as_are_said() -> None:
    packed = bytes.fromhex("D53B68FC269741E939888693E56233")

    assert gsm7.decode(gsm7.unpack(packed, 17)) == "Uw code is 482913"


def test_unpacking_more_septets_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="3"):
        gsm7.unpack(b"\x31\xd9", 3)


def test_fill_bits_move_the_first_septet_to_a_septet_boundary() -> None:
    assert gsm7.unpack(gsm7.pack(b"\x41", fill_bits=1), 1, fill_bits=1) == b"\x41"
    assert gsm7.pack(b"\x41", fill_bits=1) == b"\x82"


def test_the_default_alphabet_has_128_places_and_the_extension_ten() -> None:
    assert (len(gsm7.DEFAULT_ALPHABET), len(gsm7.EXTENSION)) == (128, 10)


@pytest.mark.parametrize("character", ["ë", "ï", "ê", "â", "ç", "`", "š"])
def test_letters_outside_the_alphabet_are_refused(character: str) -> None:
    with pytest.raises(ValueError, match=character):
        gsm7.encode(character)


@given(st.text(alphabet=sorted(gsm7.ALPHABET), max_size=160), st.integers(0, 6))
def test_any_text_of_the_alphabet_survives_packing(text: str, fill_bits: int) -> None:
    septets = gsm7.encode(text)

    packed = gsm7.pack(septets, fill_bits=fill_bits)

    assert gsm7.decode(gsm7.unpack(packed, len(septets), fill_bits=fill_bits)) == text


@needs_vectors
def test_every_recorded_table_entry_holds() -> None:
    wrong = [
        vector["id"]
        for vector in VECTORS
        if vector["kind"] in {"table", "encode"}
        for text in [str(vector.get("char") or vector["text"])]
        if gsm7.encode(text).hex().upper() != vector["septets"] or gsm7.decode(bytes.fromhex(vector["septets"])) != text
    ]

    assert wrong == []


@needs_vectors
def test_every_recorded_packing_holds_both_ways() -> None:
    wrong = []
    for vector in VECTORS:
        if vector["kind"] == "pack":
            septets, packed = bytes.fromhex(vector["septets"]), bytes.fromhex(vector["packed"])
            fill_bits = vector["fill_bits"]
            same = gsm7.pack(septets, fill_bits=fill_bits) == packed
            if not same or gsm7.unpack(packed, len(septets), fill_bits=fill_bits) != septets:
                wrong.append(vector["id"])

    assert wrong == []


@needs_vectors
def test_irregular_escapes_read_as_one_of_the_allowed_texts() -> None:
    wrong = [
        vector["id"]
        for vector in VECTORS
        if vector["kind"] == "decode_lenient"
        and gsm7.decode(bytes.fromhex(vector["septets"])) not in vector["text_any_of"]
    ]

    assert wrong == []


@needs_vectors
def test_recorded_texts_outside_the_alphabet_are_refused() -> None:
    for vector in VECTORS:
        if vector["kind"] == "not_gsm7":
            with pytest.raises(ValueError, match=r"."):
                gsm7.encode(vector["text"])
