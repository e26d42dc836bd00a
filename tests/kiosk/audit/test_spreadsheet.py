"""Cells for spreadsheets: no text becomes a formula, and none breaks out of its cell."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.audit.spreadsheet import Spreadsheet, cell


def written(*values: object) -> str:
    pieces: list[bytes] = []
    Spreadsheet(pieces.append).row(values)
    return b"".join(pieces).decode("utf-8-sig")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_what_could_be_a_formula_begins_with_an_apostrophe(start: str) -> None:
    assert cell(f"{start}HYPERLINK(A1)").startswith("'")


@pytest.mark.parametrize("value", ["j.devries", "06 12345678", "007", "a=b", "", "{}"])
def test_other_texts_stay_as_they_are(value: str) -> None:
    assert cell(value) == value


def test_control_characters_are_made_visible() -> None:
    assert cell("a\x1b[31m\u202eb\x00") == "a\\x1b[31m\\u202eb\\x00"


@given(st.lists(st.text(st.characters(codec=None)), min_size=1, max_size=4))
def test_a_row_is_read_back_as_one_row_of_as_many_cells(values: list[str]) -> None:
    [row] = csv.reader(io.StringIO(written(*values)), delimiter=";")
    assert row == [cell(value) for value in values]
    assert not any(one[:1] in {"=", "+", "-", "@", "\t", "\r"} for one in row)


def test_a_spreadsheet_knows_the_encoding() -> None:
    pieces: list[bytes] = []
    Spreadsheet(pieces.append).row(["é"])
    assert b"".join(pieces) == b'\xef\xbb\xbf"\xc3\xa9"\r\n'
