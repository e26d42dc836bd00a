"""Home in lines: what it says while somebody only sits there."""

from types import SimpleNamespace
from typing import cast

from kiosk.language import Language
from screens.plain.home import HomePage
from screens.plain.page import Here
from screens.words import Words
from tests.screens.doubles import FACTS
from tests.screens.sign_in.scripted import NOON_MS, home_page


def test_the_end_of_the_longest_session_is_announced_once_five_minutes_before() -> None:
    here = SimpleNamespace(
        talk=SimpleNamespace(words=Words(Language.load("nl"), FACTS)),
        attempt=SimpleNamespace(view=home_page(ends_at=NOON_MS)),
        now_ms=NOON_MS - 300_001,
        heed=lambda: None,
    )
    page = HomePage(cast("Here", here))
    assert list(page.news()) == []
    here.now_ms += 1
    assert list(page.news()) == [
        "Over 5 minuten wordt u uitgelogd, omdat u lang bent ingelogd. Rond uw werk nu af en log daarna opnieuw in."
    ]
    here.now_ms += 1000
    assert list(page.news()) == []
