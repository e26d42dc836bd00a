"""Whoever reads the log reads words: every action that the sources name has some in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.administration.authority import Act
from kiosk.language import LANGUAGES, Language

ROOT = Path(__file__).parents[3]
# What records an action in the sources begins so.
RECORDING = ("record", "note", "audit", "append")
ACTION = re.compile(
    r"(?:account|audit|backup|bench|factor|key|modem|reports|session|sign_in|sms|storage|time|users)\.[a-z_]+"
)
# Not done to one person: everybody is told of it.
NOT_IN_THE_LOG = {Act.RESTORE}


def recorded() -> Iterator[str]:
    for file in (*ROOT.glob("kiosk/**/*.py"), *ROOT.glob("data/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if not name.strip("_").startswith(RECORDING):
                continue
            given = [*node.args, *(one.value for one in node.keywords if one.arg == "action")]
            parts = [part for one in given for part in ast.walk(one) if isinstance(part, ast.Constant)]
            yield from (part.value for part in parts if isinstance(part.value, str) and ACTION.fullmatch(part.value))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_action_that_is_recorded_has_words(code: str) -> None:
    language = Language.load(code)
    acts = {f"users.{act.value}" for act in Act if act not in NOT_IN_THE_LOG}
    found = {*recorded(), *acts}
    assert "reports.read" in found
    assert {action for action in found if not language.has(f"audit.action.{action}")} == set()
