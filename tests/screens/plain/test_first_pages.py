"""What the lines before the second factor do by themselves."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from screens.plain.first_pages import LoginPage
from screens.plain.page import Here
from tests.screens.sign_in.scripted import FACTS


@pytest.mark.parametrize(("account", "seconds"), [(None, None), (1000, FACTS.login_idle_seconds)])
def test_an_empty_login_page_waits_for_ever_unless_somebody_called_it(account: int | None, seconds: int | None) -> None:
    facts = replace(FACTS, gate_account=account)
    here = SimpleNamespace(facts=facts, language=facts.language, talk=None)
    assert LoginPage(cast("Here", here)).idle_seconds == seconds
