"""The simulator's own TPDU decoder: strict, and right on published and recorded examples."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.simulator import tpdu
from hardware.simulator.address import from_number
from hardware.simulator.errors import PduRejected
from hardware.simulator.tpdu import Alphabet, Concatenation
from tests.hardware.simulator.client import LENGTH, PDU, PDU_WITH_REPORT
from tests.hardware.simulator.conftest import vectors

SUBMIT_VECTORS = vectors("submit_pdu")
REPORT_VECTORS = vectors("status_report")
needs_vectors = pytest.mark.skipif(
    not SUBMIT_VECTORS, reason="recorded vectors are not beside this checkout (KIOSK_VECTORS)"
)

# 8 March 2007, 11:12:13 UTC.
SOME_TIME_MS = 1_173_352_333_000


def test_the_bytes_that_gammu_makes_of_a_code_decode_field_by_field() -> None:
    submit = tpdu.decode_submit_pdu(PDU_WITH_REPORT, LENGTH)

    assert str(submit.destination) == "+31612345678"
    assert submit.text == "Uw code is 482913"
    assert submit.status_report
    assert submit.validity_minutes == 10
    assert (submit.alphabet, submit.message_class, submit.protocol) == (Alphabet.GSM7, None, 0)


def test_ucs2_decodes() -> None:
    submit = tpdu.decode_submit_pdu("07914400000000F01100099121436587F90008F40A4E16754C60A8597DFF01", 23)

    assert (str(submit.service_centre), submit.text) == ("+44000000000", "世界您好\uff01")


def test_a_national_number_keeps_its_digits() -> None:
    submit = tpdu.decode_submit_pdu(
        "04A12143F5310D0AA110624521430000A91BD4F29C0E6A97E7F3F0B9AC03B1DFE3301BE4AEB7C565F91C", 37
    )

    assert str(submit.destination) == "0126541234"


@pytest.mark.parametrize(
    ("octet", "expected"),
    [
        (0x00, (Alphabet.GSM7, None)),
        (0x08, (Alphabet.UCS2, None)),
        (0x04, (Alphabet.DATA, None)),
        (0x10, (Alphabet.GSM7, 0)),
        (0x18, (Alphabet.UCS2, 0)),
        (0xF0, (Alphabet.GSM7, 0)),
        (0xF5, (Alphabet.DATA, 1)),
        (0xC8, (Alphabet.GSM7, None)),
        (0xE0, (Alphabet.UCS2, None)),
    ],
)
def test_data_coding_schemes_read_as_23_038_clause_4_has_them(
    octet: int, expected: tuple[Alphabet, int | None]
) -> None:
    assert tpdu.decode_data_coding(octet) == expected


@pytest.mark.parametrize(("octet", "cause"), [(0x20, 144), (0x0C, 144), (0x80, 159), (0xB0, 159), (0xF8, 159)])
def test_reserved_and_compressed_data_coding_schemes_are_refused(octet: int, cause: int) -> None:
    with pytest.raises(PduRejected) as refused:
        tpdu.decode_data_coding(octet)

    assert (refused.value.field, refused.value.cause) == ("TP-DCS", cause)


@pytest.mark.parametrize(
    ("octet", "minutes"),
    [(0, 5), (1, 10), (143, 720), (144, 750), (167, 1440), (168, 2880), (196, 43200), (197, 50400), (255, 635040)],
)
def test_relative_validity_periods_read_as_23_040_clause_9_2_3_12_1_has_them(octet: int, minutes: int) -> None:
    assert tpdu.decode_validity(2, bytes((octet,))) == minutes


def with_octet(at: int, value: int) -> str:
    octets = bytearray.fromhex(PDU)
    octets[at] = value
    return octets.hex()


@pytest.mark.parametrize(
    ("what", "pdu", "length", "field", "cause"),
    [
        ("odd number of hexadecimal digits", PDU[:-1], LENGTH, "PDU", 304),
        ("something that is not hexadecimal", PDU[:-2] + "G0", LENGTH, "PDU", 304),
        ("length one too small", PDU, LENGTH - 1, "length", 304),
        ("length one too large", PDU, LENGTH + 1, "length", 304),
        ("service centre longer than the PDU", "0A" + PDU[2:], LENGTH, "SCA", 304),
        ("service centre of one octet", "0191" + PDU[2:], LENGTH, "SCA", 304),
        ("SMS-DELIVER instead of SMS-SUBMIT", with_octet(1, 0x10), LENGTH, "TP-MTI", 304),
        ("no digits in the destination", with_octet(3, 0), LENGTH, "TP-DA", 304),
        ("twenty-one digits", with_octet(3, 21), LENGTH, "TP-DA", 304),
        ("type of address without its top bit", with_octet(4, 0x11), LENGTH, "TP-DA", 304),
        ("a name as destination", with_octet(4, 0xD0), LENGTH, "TP-DA", 304),
        ("filler among the digits", with_octet(5, 0xF3), LENGTH, "TP-DA", 304),
        ("no filler behind an odd number of digits", with_octet(10, 0x08), LENGTH, "TP-DA", 304),
        ("a star in an international number", with_octet(5, 0xA3), LENGTH, "TP-DA", 304),
        ("telematic interworking", with_octet(11, 0x24), LENGTH, "TP-PID", 128),
        ("a reserved alphabet", with_octet(12, 0x0C), LENGTH, "TP-DCS", 144),
        ("more user data than the length says", with_octet(14, 15), LENGTH, "TP-UD", 304),
        ("less user data than the length says", with_octet(14, 18), LENGTH, "TP-UD", 304),
        ("user data above 160 septets", with_octet(14, 161), LENGTH, "TP-UDL", 304),
        ("a header longer than the user data", with_octet(1, 0x51), LENGTH, "TP-UDHL", 304),
    ],
)
def test_a_wrong_pdu_is_refused_with_field_and_cause(what: str, pdu: str, length: int, field: str, cause: int) -> None:
    with pytest.raises(PduRejected) as refused:
        tpdu.decode_submit_pdu(pdu, length)

    assert (refused.value.field, refused.value.cause) == (field, cause), what


@given(st.binary(max_size=180))
def test_any_octets_are_decoded_or_refused_and_nothing_else(octets: bytes) -> None:
    try:
        submit = tpdu.decode_submit(octets)
    except PduRejected:
        return
    assert submit.tpdu == octets


@given(st.binary(min_size=1, max_size=12), st.integers(0, 28))
def test_a_pdu_with_some_octets_replaced_is_decoded_or_refused_and_nothing_else(noise: bytes, at: int) -> None:
    octets = bytearray.fromhex(PDU)[1:]
    octets[at : at + len(noise)] = noise[: len(octets) - at]
    try:
        submit = tpdu.decode_submit(bytes(octets))
    except PduRejected:
        return
    assert submit.tpdu == bytes(octets)


def test_the_place_of_a_part_is_read_from_either_kind_of_reference() -> None:
    short = tpdu.decode_submit_pdu("0051000B911316325476F80000010805000342020162", 21)
    wide = tpdu.decode_submit_pdu("0051000B911316325476F80004010906080401420201414200"[:-2], 23)

    assert short.concatenation == Concatenation(0x42, 2, 1)
    assert wide.concatenation == Concatenation(0x0142, 2, 1)


@needs_vectors
def test_every_recorded_submit_decodes_to_its_number_text_and_fields() -> None:
    wrong = []
    for vector in SUBMIT_VECTORS:
        parts = [
            tpdu.decode_submit_pdu(pdu, length) for pdu, length in zip(vector["pdus"], vector["lengths"], strict=True)
        ]
        options = vector["opts"]
        text = "".join(part.text if part.text is not None else part.data.decode("latin-1") for part in parts)
        first = parts[0]
        found = (str(first.destination), text, first.alphabet, first.status_report, first.data_coding, first.protocol)
        expected = (
            vector["to"],
            vector["text"],
            options["encoding"],
            options["status_report"],
            options["dcs"],
            options["pid"],
        )
        if found != expected:
            wrong.append(vector["id"])

    assert wrong == []


def test_a_status_report_has_the_published_layout() -> None:
    made = tpdu.encode_status_report(
        214,
        from_number("+31628870634"),
        accepted_ms=1_294_765_155_000,
        discharged_ms=1_294_765_157_000,
        status=0,
        quarters=4,
    )

    assert made.hex().upper() == "06D60B911326880736F4111011719551401110117195714000"


def test_a_delivered_message_carries_the_user_data_of_the_submitted_one() -> None:
    submit = tpdu.decode_submit_pdu(PDU, LENGTH)

    made = tpdu.encode_deliver("+31612000001", submit, accepted_ms=SOME_TIME_MS, quarters=4)

    assert made.hex().upper() == "040B911316020000F1000070308021213140" + PDU[-32:]


@needs_vectors
def test_recorded_status_reports_are_made_byte_for_byte() -> None:
    wrong, made = [], 0
    for vector in REPORT_VECTORS:
        expected = vector["expected"]
        if vector.get("lenient") or vector.get("trailing") or "scts" not in expected:
            continue
        accepted, discharged = (dt.datetime.fromisoformat(expected[name]) for name in ("scts", "dt"))
        offset = accepted.utcoffset()
        assert offset is not None
        octets = tpdu.encode_status_report(
            expected["ref"],
            from_number(expected["recipient"]),
            accepted_ms=int(accepted.timestamp() * 1000),
            discharged_ms=int(discharged.timestamp() * 1000),
            status=expected["status"],
            quarters=int(offset / dt.timedelta(minutes=15)),
        )
        recorded = bytes.fromhex(vector["pdu"])
        recorded = recorded[1 + recorded[0] :] if vector["has_smsc"] else recorded
        if recorded[len(octets) - 2] >> 4 > 9:
            # A zone whose digits are not decimal: the recording's own fault.
            continue
        made += 1
        # The first octet differs by the network: more messages, status report of a command.
        if octets[1:] != recorded[1 : len(octets)]:
            wrong.append((vector["id"], octets.hex(), recorded.hex()))

    assert (wrong, made > 8) == ([], True)
