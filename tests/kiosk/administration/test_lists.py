"""Files that claim to be lists of people: read, or refused with the line, and never believed."""

import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.administration import lists
from kiosk.administration.lists import (
    Column,
    HeaderUnusable,
    ListError,
    ListUnreadable,
    guarded,
    opened_list,
    unguarded,
)

HEADER = "inlognaam;naam;telefoon\n"


def kept(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def cells(path: Path) -> list[tuple[int, list[str]]]:
    with opened_list(path) as opened:
        return [(row.line, list(row.cells.values())) for row in opened.rows]


def test_a_line_that_never_ends_is_refused_before_the_rest_of_it_is_read() -> None:
    file = io.BytesIO(b"a\r\nb\n" + b"x" * 8_000_000)
    with pytest.raises(ListUnreadable) as caught:
        lists._examined(file)
    assert (caught.value.why, caught.value.line) == ("field", 3)
    assert file.tell() < 2_000_000


@given(
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=6),
    end=st.sampled_from([b"\n", b"\r\n"]),
    chunk=st.integers(1, 7),
)
def test_the_first_line_that_is_too_long_is_named_wherever_it_is_cut(
    lengths: list[int], end: bytes, chunk: int
) -> None:
    content = end.join(b"x" * length for length in lengths) + end
    first = next((place for place, length in enumerate(lengths, 1) if length > 8), None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lists, "_CHUNK", chunk)
        patch.setattr(lists, "LONGEST_LINE", 8)
        if first is None:
            lists._examined(io.BytesIO(content))
            return
        with pytest.raises(ListUnreadable) as caught:
            lists._examined(io.BytesIO(content))
        assert (caught.value.why, caught.value.line) == ("field", first)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_common_kind_of_csv_is_read(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    text = end.join(["Inlognaam;NAAM;Mobiel", "zoë;Zoë de Vries;0612345678", "", 'b;"een; twee";']).replace(
        ";", delimiter
    )
    path = kept(tmp_path / "a.csv", text, encoding)

    with opened_list(path) as opened:
        rows = list(opened.rows)

    assert opened.delimiter == delimiter
    assert opened.encoding == ("cp1252" if encoding == "cp1252" else "utf-8-sig")
    assert list(opened.columns) == [Column.NAME, Column.DISPLAY_NAME, Column.PHONE]
    assert [list(row.cells.values()) for row in rows] == [
        ["zoë", "Zoë de Vries", "0612345678"],
        ["b", f"een{delimiter} twee", ""],
    ]
    assert [row.line for row in rows] == [2, 4]


def test_a_cell_of_several_lines_is_one_row_and_lines_are_counted(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.csv", HEADER + 'a;"een\ntwee";\nb;B;\n')

    assert cells(path) == [(2, ["a", "een\ntwee", ""]), (4, ["b", "B", ""])]


def test_columns_without_a_name_and_those_of_an_export_say_nothing(tmp_path: Path) -> None:
    path = kept(tmp_path / "a.csv", "inlognaam;toestand;naam;;\na;active;A;;\n")

    assert cells(path) == [(2, ["a", "A"])]


@pytest.mark.parametrize("odd", ["\u2028", "\x0b", "\x0c", "\x1c", "\x85"])
def test_odd_line_ends_stay_within_their_cell(tmp_path: Path, odd: str) -> None:
    assert cells(kept(tmp_path / "a.csv", HEADER + f"a;x{odd}y;\n")) == [(2, ["a", f"x{odd}y", ""])]


@pytest.mark.parametrize(
    ("content", "why", "line"),
    [
        (b"", "empty", None),
        (HEADER.encode() + b"a;b\0c;\n", "nul", 2),
        (HEADER.encode("utf-16"), "utf16", None),
        (HEADER.encode() + b"a;\x81;\n", "encoding", None),
        (HEADER.encode() + b'a;b;\nc;"never closed;\n' + b"x;y;z\n" * 1000, "quotes", 3),
        (HEADER.encode() + b'a;b;\nc;"closed" and more;\n', "quotes", 3),
        (HEADER.encode() + b'c;"' + b"x" * 200_000 + b'";\n', "field", 2),
        (HEADER.encode() + b"c;" + b"x" * 10_000_000 + b";\n", "field", 2),
        (HEADER.encode() + b'a;"' + b"x;y;z\n" * 100_000, "field", 2),
        (b'"inlognaam;naam\n' + b"x\n" * 10, "quotes", 1),
        (b"x" * 10_000_000, "field", 1),
    ],
    ids=[
        "empty",
        "nul",
        "utf16",
        "encoding",
        "open quote",
        "after quote",
        "long",
        "10 MB",
        "swallows all",
        "header",
        "10 MB header",
    ],
)
def test_what_is_no_list_is_refused_with_its_line(tmp_path: Path, content: bytes, why: str, line: int | None) -> None:
    with pytest.raises(ListUnreadable) as caught:
        cells(kept(tmp_path / "a.csv", content))

    assert (caught.value.why, caught.value.line) == (why, line)


def test_what_is_no_file_or_far_too_big_is_not_even_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr(lists, "MAXIMUM_BYTES", 100)
    big = kept(tmp_path / "big.csv", b"x" * 101)

    for path, why in ((tmp_path / "pipe", "no_file"), (big, "too_big")):
        with pytest.raises(ListUnreadable) as caught:
            cells(path)
        assert caught.value.why == why


@pytest.mark.parametrize(
    ("header", "problem", "column", "nearest"),
    [
        ("inlognaam;naam;telefon", "unknown", "telefon", "telefoon"),
        ("inlognaam;naam;wachtwoord", "unknown", "wachtwoord", None),
        ("inlognaam;naam;\x1b[2J", "unknown", r"\x1b[2J", None),
        ("inlognaam;naam;naam", "double", "naam", None),
        ("inlognaam;username;naam", "double", "inlognaam", None),
        ("naam;telefoon", "missing", "inlognaam", None),
        ("inlognaam", "missing", "naam", None),
        ("j.devries;Jan de Vries;0612345678", "unknown", "j.devries", None),
    ],
)
def test_a_header_that_does_not_name_the_columns_is_refused(
    tmp_path: Path, header: str, problem: str, column: str, nearest: str | None
) -> None:
    with pytest.raises(HeaderUnusable) as caught:
        cells(kept(tmp_path / "a.csv", header + "\n"))

    assert (caught.value.problem, caught.value.column, caught.value.nearest) == (problem, column, nearest)


@given(st.text())
def test_no_cell_of_an_export_is_a_formula_and_an_import_reads_it_as_it_was(cell: str) -> None:
    safe = guarded(cell)

    assert safe[:1] not in set("=+-@\t\r\n")
    assert unguarded(safe) == cell


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+31612345678", "-2", "'=x", "''=x", "\t=x", "＝1"])  # noqa: RUF001
def test_what_a_spreadsheet_would_run_is_marked(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert unguarded(guarded(cell)) == cell


@given(content=st.binary(max_size=2000))
def test_any_octets_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = kept(tmp_path_factory.getbasetemp() / "any.csv", content)
    try:
        cells(path)
    except ListError:
        return
    assert content


@given(st.lists(st.lists(st.text(alphabet=st.sampled_from("\";,\n\r\t'=x\x1b é"), max_size=6), max_size=4), max_size=6))
def test_any_cells_below_a_header_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    text = HEADER + "\n".join(";".join(row) for row in rows)
    path = kept(tmp_path_factory.getbasetemp() / "cells.csv", text)
    try:
        found = cells(path)
    except ListUnreadable:
        return
    assert all(1 <= line <= text.count("\n") + text.count("\r") + 1 for line, _ in found)
