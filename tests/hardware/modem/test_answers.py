from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem import answers, pdu
from hardware.modem.answers import Final, StoredAt
from tests.hardware.modem.recorded import recorded

# Lines of any kind that may come from the wire, with what parsers look for more often than chance would.
LINE = st.one_of(
    st.text(max_size=60),
    st.builds(
        lambda prefix, rest: prefix + rest,
        st.sampled_from(
            [
                "+CREG: ",
                "+COPS: ",
                "+CSQ:",
                "+CMGS: ",
                "+CDS: ",
                "+CUSD: ",
                "+CPMS: ",
                "+CCLK: ",
                "+CME ERROR: ",
                "+CPIN: ",
            ]
        ),
        st.text('0123456789,"()-: ABCDEFx\r\n', max_size=40),
    ),
)


@recorded("responses.json", "error")
def test_recorded_refusals_are_final(vector: dict[str, Any]) -> None:
    final = answers.final_result(vector["response"])
    assert final is not None
    assert not final.ok
    family = final.family.upper() if final.family else None
    assert (family, final.code) == (vector["expected"]["family"], vector["expected"]["code"])


@recorded("responses.json", "unsolicited")
def test_recorded_unsolicited_lines_end_nothing(vector: dict[str, Any]) -> None:
    assert answers.final_result(vector["response"]) is None


@recorded("responses.json", "cgmi", "cgmm", "cgmr")
def test_recorded_identities_are_read(vector: dict[str, Any]) -> None:
    (expected,) = vector["expected"].values()
    found = answers.identity(vector["response"].split("\r\n"), f"+{vector['kind'].upper()}")
    assert found
    assert expected is None or found == " ".join(expected.split())


@recorded("responses.json", "cgsn")
def test_recorded_serial_numbers_are_read(vector: dict[str, Any]) -> None:
    assert (answers.imei(vector["response"].split("\r\n")) or None) == vector["expected"]["imei"]


@recorded("responses.json", "cmgs")
def test_recorded_message_references_are_read(vector: dict[str, Any]) -> None:
    assert answers.message_reference(vector["response"]) == vector["expected"]["mr"]


@recorded("responses.json", "cfun")
def test_recorded_functionality_is_read(vector: dict[str, Any]) -> None:
    assert answers.functionality(vector["response"]) == vector["expected"]["fun"]


@recorded("status_report.json")
def test_recorded_report_lines_are_read(vector: dict[str, Any]) -> None:
    if "line" not in vector:
        pytest.skip("a PDU, read in test_pdu.py")
    announcement, *rest = vector["line"].split("\r\n")
    expected = vector["expected"]
    if not rest:
        assert answers.stored_at(announcement) == StoredAt(expected["mem"], expected["index"])
        return
    length = answers.report_length(announcement)
    assert length is not None
    assert length == expected["length"]
    report = pdu.decode_announced_report(rest[0], length)
    assert (report.reference, report.status) == (expected["ref"], expected["status"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("OK", Final(ok=True)),
        ("ERROR", Final(ok=False)),
        ("MODEM ERROR: 7", Final(ok=False)),
        ("NA", Final(ok=False)),
        ("BUSY", Final(ok=False, of_call=True)),
        ("+CMS ERROR: 42", Final(ok=False, family="cms", code=42)),
        ("+cms error: 42", Final(ok=False, family="cms", code=42)),
        ("+CME ERROR: SIM busy", Final(ok=False, family="cme", code=14)),
        ("+CME ERROR: SIM PIN required", Final(ok=False, family="cme", code=11)),
        ("+CMS ERROR: 99999999999", Final(ok=False, family="cms", code=None)),
        ("+CMS ERROR:", Final(ok=False, family="cms", code=None)),
    ],
)
def test_final_results_are_told_apart(line: str, expected: Final) -> None:
    assert answers.final_result(line) == expected


@pytest.mark.parametrize("line", ["OKAY", "ok then", "0", "4", "+CREG: 1", "ERRORS", "", "> ", "+CMS", "^RSSI:17"])
def test_other_lines_are_not_final(line: str) -> None:
    assert answers.final_result(line) is None


def test_digits_are_final_only_when_asked_for() -> None:
    assert (answers.final_result("0", numeric=True), answers.final_result("4", numeric=True)) == (
        Final(ok=True),
        Final(ok=False),
    )


@pytest.mark.parametrize("line", ["+CMGS: 256", "+CMGS: -1", "+CMGS:", "+CMGS: x", "CMGS: 1", "+CMGSX: 1"])
def test_an_impossible_reference_is_none(line: str) -> None:
    assert answers.message_reference(line) is None


def test_reference_with_an_acknowledgement_pdu_is_read() -> None:
    assert answers.message_reference('+CMGS: 12,"079144"') == 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,2", ["1", "2"]), ('"a,b",3', ["a,b", "3"]), (",,", ["", "", ""]), (' "ME" , 1', ["ME", "1"]), ('"x', ["x"])],
)
def test_fields_are_split_outside_quotes(text: str, expected: list[str]) -> None:
    assert answers.fields(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0056006500720069007A006F006E", "Verizon"),
        ("KPN", "KPN"),
        ("31624000", "31624000"),
        ("00310032", "12"),
        ("DEAD", "DEAD"),
        ("0000FFFF", "0000FFFF"),
    ],
)
def test_ucs2_is_recognised_and_numbers_stay_numbers(text: str, expected: str) -> None:
    assert answers.from_ucs2(text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('+CCLK: "26/11/25,12:34:56+04"', datetime(2026, 11, 25, 12, 34, 56, tzinfo=timezone(timedelta(hours=1)))),
        ('+CCLK: "2026/11/25,12:34:56-08"', datetime(2026, 11, 25, 12, 34, 56, tzinfo=timezone(timedelta(hours=-2)))),
        ('+CCLK: "26/11/25,12:34:56"', datetime(2026, 11, 25, 12, 34, 56, tzinfo=timezone(timedelta()))),
        ('+CCLK: "26/13/25,12:34:56+04"', None),
        ("+CCLK: ", None),
    ],
)
def test_clock_is_read_with_its_zone(line: str, expected: datetime | None) -> None:
    assert answers.clock(line) == expected


@given(LINE)
def test_no_line_makes_a_parser_fail(line: str) -> None:
    answers.final_result(line)
    answers.identity([line], "+CGMI")
    answers.imei([line])
    answers.imsi([line])
    answers.message_reference(line)
    answers.functionality(line)
    answers.stored_at(line)
    answers.report_length(line)
    answers.clock(line)


@given(LINE)
def test_printable_text_has_no_control_characters(line: str) -> None:
    assert all(character.isprintable() for character in answers.printable(line))
