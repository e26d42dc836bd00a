"""A desk whose person has an account."""

import pytest

from tests.screens.account.scripted import ScriptedAccount
from tests.screens.sign_in.scripted import ScriptedDesk


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> ScriptedAccount:
    made = ScriptedAccount()
    monkeypatch.setattr(ScriptedDesk, "account", lambda _: made, raising=False)
    return made
