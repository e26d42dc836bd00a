from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem import pdu
from hardware.modem.alphabet import Alphabet
from hardware.modem.errors import PduError
from hardware.modem.pdu import Deliver, Submit
from hardware.modem.reports import DeliveryOutcome, StatusReport
from hardware.simulator import tpdu
from tests.hardware.modem.recorded import recorded
from tests.hardware.modem.test_gsm7 import GSM7_TEXT

# Bytes that gammu 1.42 wrote for this number and text, with the header of our own message (TP-SRR, ten minutes).
GAMMU = "0031000B911316325476F800000111D53B68FC269741E939888693E56233"
# 23.040 9.2.2.3: FO 06, TP-MR 2A, +31612345678, accepted 25-11-2026 12:34:56 in zone +1 h, discharged 3 s later; TP-ST follows.
REPORT = "00062A0B911316325476F86211522143654062115221439540"
NUMBERS = st.from_regex(r"\A\+[1-9][0-9]{5,14}\Z")


def test_submit_equals_what_gammu_writes() -> None:
    submit = pdu.encode_submit("+31612345678", "Uw code is 482913", validity_minutes=10, report=True)
    assert (submit.hexadecimal, submit.length) == (GAMMU, 29)


def test_submit_has_no_class_no_protocol_and_our_flags() -> None:
    octets = bytes.fromhex(pdu.encode_submit("+31612345678", "x", validity_minutes=5, report=False).hexadecimal)
    # SMSC by the SIM, SUBMIT with relative validity, TP-MR left to the modem, … PID 00, DCS 00, five minutes, one septet.
    assert (octets[:3], octets[-5:]) == (b"\x00\x11\x00", b"\x00\x00\x00\x01\x78")


def test_text_outside_gsm7_goes_out_as_ucs2() -> None:
    submit = pdu.decode_submit(
        pdu.encode_submit("+31612345678", "één ë", validity_minutes=10, report=False).hexadecimal
    )
    assert (submit.data_coding, submit.user_data.text) == (0x08, "één ë")


@pytest.mark.parametrize(
    ("minutes", "octet"),
    [
        (1, 0x00),
        (5, 0x00),
        (6, 0x01),
        (10, 0x01),
        (720, 143),
        (721, 144),
        (1440, 167),
        (1441, 168),
        (43200, 196),
        (43201, 197),
        (635040, 255),
    ],
)
def test_validity_is_rounded_up_to_the_grid_of_the_standard(minutes: int, octet: int) -> None:
    assert pdu.relative_validity(minutes) == octet


@given(st.integers(1, 635040))
def test_validity_is_never_shorter_than_asked(minutes: int) -> None:
    octet = pdu.relative_validity(minutes)
    assert pdu.relative_minutes(octet) >= minutes
    assert octet == 0 or pdu.relative_minutes(octet - 1) < minutes


@pytest.mark.parametrize(
    ("number", "text", "minutes", "reason"),
    [
        ("0031612345678x", "x", 10, "bad_number"),
        ("+0612345678", "x", 10, "bad_number"),
        ("+1234567890123456", "x", 10, "bad_number"),
        ("", "x", 10, "bad_number"),
        ("+٣١٦", "x", 10, "bad_number"),
        ("+31612345678", "x" * 161, 10, "text_too_long"),
        ("+31612345678", "ë" * 71, 10, "text_too_long"),
        ("+31612345678", "\ud800", 10, "bad_text"),
        ("+31612345678", "x", 0, "bad_validity"),
        ("+31612345678", "x", 700000, "bad_validity"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_reason(number: str, text: str, minutes: int, reason: str) -> None:
    with pytest.raises(PduError) as refused:
        pdu.encode_submit(number, text, validity_minutes=minutes, report=False)
    assert refused.value.reason == reason


@given(NUMBERS, GSM7_TEXT, st.integers(1, 635040), st.booleans())
def test_another_decoder_reads_what_we_write(number: str, text: str, minutes: int, report: bool) -> None:
    submit = pdu.encode_submit(number, text, validity_minutes=minutes, report=report)
    read = tpdu.decode_submit_pdu(submit.hexadecimal, submit.length)
    assert (str(read.destination), read.text, read.status_report) == (number, text, report)


@given(NUMBERS, st.text(max_size=35), st.integers(1, 635040), st.booleans())
def test_every_submit_comes_back(number: str, text: str, minutes: int, report: bool) -> None:
    submit = pdu.encode_submit(number, text, validity_minutes=minutes, report=report)
    read = pdu.decode_submit(submit.hexadecimal)
    assert (read.recipient.text, read.user_data.text, read.report) == (number, text, report)
    assert len(submit.hexadecimal) == 2 * (submit.length + 1)


@recorded("submit_pdu.json")
def test_recorded_submits_are_read(vector: dict[str, Any]) -> None:
    options = vector["opts"]
    parts = [pdu.decode_submit(text) for text in vector["pdus"]]
    for part in parts:
        assert (part.recipient.text, part.recipient.type_octet) == (vector["to"], options["toa"])
        assert (part.reference, part.report, part.reject_duplicates) == (
            options["mr"],
            options["status_report"],
            options["reject_duplicates"],
        )
        assert (part.protocol, part.data_coding, part.service_centre or None) == (
            options["pid"],
            options["dcs"],
            options["smsc"],
        )
        assert (part.user_data.alphabet, part.user_data.message_class) == (options["encoding"], options["class"])
        if options["vp_format"] == "relative":
            assert (part.validity_minutes, part.validity.hex().upper()) == (
                options["vp"]["minutes"],
                options["vp"]["raw"],
            )
    assert "".join(_words(part) for part in parts) == vector["text"]


@recorded("submit_pdu.json")
def test_recorded_submits_are_written_alike(vector: dict[str, Any]) -> None:
    options = vector["opts"]
    if vector.get("decode_only") or len(vector["pdus"]) > 1 or options["class"] is not None:
        pytest.skip("not to be produced: several parts, a class, or 8-bit data")
    if options["vp_format"] == "absolute":
        pytest.skip("an absolute validity is not produced")
    ours = pdu.decode_submit(
        pdu.encode_submit(
            vector["to"],
            vector["text"],
            validity_minutes=options["vp"] and options["vp"]["minutes"],
            report=options["status_report"],
            reference=options["mr"],
            smsc=options["smsc"],
            alphabet=Alphabet(options["encoding"]),
        ).hexadecimal
    )
    theirs = pdu.decode_submit(vector["pdus"][0])
    # 81 or A1 for a national number is free.
    assert (ours.recipient.text, ours.validity, ours.user_data, ours.data_coding, ours.report) == (
        theirs.recipient.text,
        theirs.validity,
        theirs.user_data,
        theirs.data_coding,
        theirs.report,
    )


@recorded("deliver.json")
def test_recorded_delivers_are_read_or_refused(vector: dict[str, Any]) -> None:
    if vector["valid"] is not True:
        try:
            pdu.decode(vector["pdu"])
        except PduError:
            return
        assert vector["valid"] is None, "what is broken must be refused"
        return
    message = pdu.decode(vector["pdu"])
    expected = vector["expected"]
    if vector.get("submit"):
        assert isinstance(message, Submit)
        assert (message.recipient.text, message.user_data.text, message.user_data.alphabet) == (
            expected["to"],
            expected["text"],
            expected["alphabet"],
        )
        return
    assert isinstance(message, Deliver)
    assert _as_recorded(message) == {key: expected[key] for key in _as_recorded(message)}


@recorded("status_report.json")
def test_recorded_status_reports_are_read(vector: dict[str, Any]) -> None:
    if "pdu" not in vector:
        pytest.skip("a line, read in test_answers.py")
    report = pdu.decode_status_report(vector["pdu"], with_smsc=vector["has_smsc"])
    found = {
        "smsc": report.service_centre or None,
        "recipient": report.recipient,
        "ref": report.reference,
        "scts": report.service_centre_time and report.service_centre_time.isoformat(),
        "dt": report.discharge_time and report.discharge_time.isoformat(),
        "status": report.status,
        "state": report.outcome.value,
    }
    certain = set(found) - set(vector.get("lenient", []))
    assert {key: found[key] for key in certain} == {key: vector["expected"][key] for key in certain}


@pytest.mark.parametrize(
    ("status", "outcome", "delivered"),
    [
        (0x00, DeliveryOutcome.DELIVERED, True),
        (0x01, DeliveryOutcome.DELIVERED, True),
        (0x1F, DeliveryOutcome.DELIVERED, True),
        (0x20, DeliveryOutcome.PENDING, None),
        (0x30, DeliveryOutcome.PENDING, None),
        (0x3F, DeliveryOutcome.PENDING, None),
        (0x40, DeliveryOutcome.FAILED, False),
        (0x60, DeliveryOutcome.FAILED, False),
        (0x7F, DeliveryOutcome.FAILED, False),
        (0xFF, DeliveryOutcome.FAILED, False),
    ],
)
def test_status_falls_into_three_groups(status: int, outcome: DeliveryOutcome, delivered: bool | None) -> None:
    report = pdu.decode_status_report(REPORT + f"{status:02X}")
    assert (report.outcome, report.delivered) == (outcome, delivered)


def test_status_report_is_read_field_by_field() -> None:
    report = pdu.decode_status_report(REPORT + "00")
    zone = timezone(timedelta(hours=1))
    assert report == StatusReport(
        reference=42,
        recipient="+31612345678",
        service_centre_time=datetime(2026, 11, 25, 12, 34, 56, tzinfo=zone),
        discharge_time=datetime(2026, 11, 25, 12, 34, 59, tzinfo=zone),
        status=0,
    )


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("62115221436500", datetime(2026, 11, 25, 12, 34, 56, tzinfo=UTC)),
        ("62115221436508", datetime(2026, 11, 25, 12, 34, 56, tzinfo=UTC)),
        ("62115221436548", datetime(2026, 11, 25, 12, 34, 56, tzinfo=timezone(timedelta(hours=-1)))),
        ("09115221436500", datetime(1990, 11, 25, 12, 34, 56, tzinfo=UTC)),
        ("62315221436500", None),
        ("62A15221436500", None),
        ("00000000000000", None),
        ("FFFFFFFFFFFFFF", None),
    ],
)
def test_time_stamps_have_their_zone_and_nonsense_is_none(octets: str, expected: datetime | None) -> None:
    message = pdu.decode_deliver(f"00040B911316325476F80000{octets}00")
    assert message.service_centre_time == expected


@pytest.mark.parametrize(
    ("text", "length"), [(REPORT + "00", 25), (REPORT[2:] + "00", 25), (REPORT + "00", 26), (REPORT[2:] + "00", 24)]
)
def test_an_announced_report_is_read_with_and_without_its_smsc_field(text: str, length: int) -> None:
    assert pdu.decode_announced_report(text, length).reference == 42


@given(st.text("0123456789ABCDEFabcdef xZ", max_size=400))
def test_hostile_hexadecimal_is_an_ordinary_error(text: str) -> None:
    for decode in (pdu.decode, pdu.decode_deliver, pdu.decode_submit, pdu.decode_status_report):
        try:
            decode(text)
        except PduError:
            continue


@given(
    st.sampled_from([GAMMU, "07911326040000F0040B911346610089F60000208062917314480CC8F71D14969741F977FD07"]),
    st.integers(0, 40),
    st.integers(0, 255),
)
def test_one_damaged_octet_is_read_or_an_ordinary_error(text: str, place: int, octet: int) -> None:
    octets = bytearray.fromhex(text)
    octets[place % len(octets)] = octet
    try:
        pdu.decode(octets.hex())
    except PduError:
        return


def test_repr_shows_neither_number_nor_text() -> None:
    submit = pdu.decode_submit(GAMMU)
    shown = repr(submit) + repr(pdu.encode_submit("+31612345678", "482913", validity_minutes=5, report=True))
    assert "612345678" not in shown
    assert "482913" not in shown


def _words(part: Submit) -> str:
    if part.user_data.text is not None:
        return part.user_data.text
    assert part.user_data.data is not None
    return part.user_data.data.decode("latin-1")


def _as_recorded(message: Deliver) -> dict[str, Any]:
    data, part, time = message.user_data, message.user_data.part, message.service_centre_time
    return {
        "smsc": message.service_centre or None,
        "from": message.sender.text,
        "scts": time and time.isoformat(),
        "text": data.text,
        "data": data.data.hex().upper() if data.data is not None else None,
        "alphabet": data.alphabet,
        "class": data.message_class,
        "concat": part and {"ref": part.reference, "total": part.total, "seq": part.number, "bits": part.bits},
    }
