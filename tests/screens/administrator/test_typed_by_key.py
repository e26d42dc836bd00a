"""A key that types its letters on the administrator's pages: every letter of a card stands in such a burst."""

from collections.abc import Awaitable, Callable

import pytest

from screens.administrator import card as card_page
from screens.administrator import people as people_page
from screens.administrator.card import CardPage
from screens.administrator.people import PeoplePage
from screens.administrator.temporary import TemporaryCodePage
from screens.page import Page
from tests.screens.administrator.test_pictures import FOUND, SEEN, Nowhere, card, people, temporary
from tests.screens.doubles import type_fast
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import ScriptedDesk, home_page
from tests.screens.test_typed_burst import YUBICO_EXAMPLE


@pytest.fixture(autouse=True)
def office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers what the pages read."""
    monkeypatch.setattr(ScriptedDesk, "office", lambda _: Nowhere(), raising=False)
    monkeypatch.setattr(people_page, "people", lambda _site, _text, *, limit: FOUND if limit else None)
    monkeypatch.setattr(card_page, "look", lambda _office, _person_id: SEEN)


@pytest.mark.parametrize(
    ("come", "page"),
    [(people, PeoplePage), (card, CardPage), (temporary, TemporaryCodePage)],
    ids=["people", "card", "form"],
)
async def test_a_key_that_types_opens_nothing_and_does_nothing(
    come: Callable[[Driver], Awaitable[None]], page: type[Page[None]]
) -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        await come(person)
        await person.settle()
        person.hand.forward(1.0)
        await type_fast(person.pilot, YUBICO_EXAMPLE, "enter")
        await person.settle()
        shown = person.app.screen
        assert isinstance(shown, page)
        assert shown.message.sentence is not None
        assert shown.message.sentence.text_id in {"page.typed_by_key", "yubikey.typed_no_key"}
