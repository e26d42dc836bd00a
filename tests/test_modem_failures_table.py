"""docs/modem-failures.md names only tests that exist, each failure once, and quotes only what the product says."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
TEXT = (ROOT / "docs" / "modem-failures.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if re.match(r"\| \d", line)]
NAMED = sorted(set(re.findall(r"`([^`\s]+)::([^`\s]+)`", TEXT)))


@cache
def functions(file: str) -> frozenset[str]:
    """Names of the test functions of a file below `tests/`."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_the_table_names_exists(file: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in functions(file)


def test_every_failure_has_its_row_once_and_in_order() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, 49)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_names_a_test(row: list[str]) -> None:
    number, cause, seen, cure, tests = row
    assert all((number, cause, seen, cure))
    assert "::" in tests


def test_what_the_table_quotes_is_what_the_product_says() -> None:
    with (ROOT / "kiosk" / "language" / "en.po").open("rb") as source:
        said = [str(message.string) for message in read_po(source, locale="en") if message.id]
    quoted = {sentence for row in ROWS for cell in row[2:4] for sentence in re.findall(r'"([^"]+)"', cell)}
    assert quoted
    assert [sentence for sentence in sorted(quoted) if not any(sentence in words for words in said)] == []
