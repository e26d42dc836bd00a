"""Rules about the source of data/ that no linter knows."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import data

SOURCES = sorted(Path(data.__path__[0]).rglob("*.py"))
TRANSACTION_WORDS = re.compile(
    r"\s*(BEGIN|COMMIT|ROLLBACK|END|SAVEPOINT|RELEASE)\s*(;|$|DEFERRED|IMMEDIATE|EXCLUSIVE|TRANSACTION|TO\b)",
    re.IGNORECASE,
)
# The only place that opens and ends transactions.
TRANSACTIONS = "connection.py"
# Where sqlite3 itself may be spoken to: the connection, and the copy of a whole database.
MAY_USE_SQLITE = {TRANSACTIONS, "copying.py"}


def breaches(name: str, source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"atomic", "begin", "executescript", "isolation_level"}:
            # A migration is not read-then-write of ours: it runs inside the write transaction of the opener.
            if not (name == "migrating.py" and node.attr == "executescript"):
                yield f"{name}: .{node.attr}"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and name != TRANSACTIONS:
            if TRANSACTION_WORDS.match(node.value):
                yield f"{name}: {node.value[:20]}"
        elif isinstance(node, ast.Import) and name not in MAY_USE_SQLITE:
            yield from (f"{name}: import {alias.name}" for alias in node.names if alias.name == "sqlite3")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_only_transaction_opens_transactions_and_only_the_connection_speaks_to_sqlite(path: Path) -> None:
    assert list(breaches(path.name, path.read_text())) == []


def test_the_connection_begins_at_one_place_only() -> None:
    source = (Path(data.__path__[0]) / TRANSACTIONS).read_text()
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    words = sorted(text for text in strings if isinstance(text, str) and TRANSACTION_WORDS.match(text))
    assert words == ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"]


@pytest.mark.parametrize(
    "source",
    [
        "with db.atomic(): pass",
        "db.begin()",
        "connection.rows('begin immediate')",
        "connection.rows('  COMMIT')",
        "import sqlite3",
        "raw.executescript('')",
    ],
)
def test_a_breach_of_these_rules_is_found(source: str) -> None:
    assert list(breaches("users.py", source))
