"""Recorded modem answers that lie beside the checkout; tests that read them are skipped where they are missing."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

DIRECTORY = Path(os.environ.get("KIOSK_VECTORS") or Path(__file__).parents[4] / "shared" / "vectors")


def recorded(file: str, *kinds: str) -> pytest.MarkDecorator:
    """Parametrize a test with the vectors of a file, of some kinds or all; each is a dict."""
    path = DIRECTORY / file
    if not path.exists():
        missing = pytest.mark.skip(reason=f"no recordings: set KIOSK_VECTORS to the directory of {file}")
        return pytest.mark.parametrize("vector", [pytest.param({}, id=file, marks=missing)])
    vectors: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["vectors"]
    chosen = [vector for vector in vectors if not kinds or vector.get("kind") in kinds]
    return pytest.mark.parametrize("vector", [pytest.param(vector, id=vector["id"]) for vector in chosen])
