"""What every test of the pages needs: colours, and a cursor that stands still."""

import pytest
from textual.widgets import Input


@pytest.fixture(autouse=True)
def _still_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _self: None)
