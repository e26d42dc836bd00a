"""Marking people in the list: space marks in the list and writes in the search field."""

from dataclasses import replace
from itertools import product

import pytest

from kiosk.administration.free_text import Why
from kiosk.administration.passwords import UnlockedMany
from kiosk.language import LANGUAGES, Language
from screens.administrator import asking, unlock_many
from screens.administrator import people as people_page
from screens.administrator.people import PeoplePage
from screens.words import Words
from tests.screens.administrator.test_pictures import FOUND, Nowhere
from tests.screens.doubles import FACTS
from tests.screens.sign_in.driver import kiosk, screen_text
from tests.screens.sign_in.scripted import ScriptedDesk, home_page


async def test_marked_people_are_unlocked_with_one_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[set[str], Why]] = []

    def unlock(_office: object, people: frozenset[str], why: Why) -> UnlockedMany:
        done.append((set(people), why))
        return UnlockedMany(unlocked=1, nothing=1, forbidden=0)

    monkeypatch.setattr(ScriptedDesk, "office", lambda _: Nowhere(), raising=False)
    monkeypatch.setattr(people_page, "people", lambda _site, text, **_: replace(FOUND, text=text))
    monkeypatch.setattr(asking, "_proved", lambda _desk, act: act(None))
    monkeypatch.setattr(unlock_many, "unlock_many", unlock)
    async with kiosk() as person:
        await person.sign_in(home_page())
        page = PeoplePage()
        person.app.push_screen(page)
        await person.until(lambda: page.people is not None)
        await person.settle()
        await person.press("space")
        assert (page.marked, page.typed) == (set(), " ")
        await person.press("backspace", "tab", "space", "space")
        await person.settle()
        assert "[■] Vries, Jan de" in "\n".join(screen_text(person.app))
        assert page.marked == {"j.devries", "m.devries"}

        await person.press("up", "space", "space", "d")
        await person.settle()
        assert "2 gemerkte mensen" in "\n".join(screen_text(person.app))
        for key in ("4", "enter"):
            await person.press(key)
            await person.settle()
        await person.until(lambda: person.app.screen is page)

        assert done == [({"j.devries", "t.vrijman"}, Why("holiday"))]
        assert page.marked == set()
        assert "Gedeblokkeerd: 1." in "\n".join(screen_text(person.app))


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 2, 0), "Niets te deblokkeren: 2."),
        ((3, 0, 1), "Gedeblokkeerd: 3. Uzelf mag u niet deblokkeren."),
        ((1, 2, 1), "Gedeblokkeerd: 1. Niets te deblokkeren: 2. Uzelf mag u niet deblokkeren."),
    ],
)
def test_what_came_of_nobody_is_not_said(counts: tuple[int, int, int], said: str) -> None:
    unlocked, nothing, forbidden = counts
    done = UnlockedMany(unlocked=unlocked, nothing=nothing, forbidden=forbidden)
    assert Words(Language.load("nl"), FACTS).say(unlock_many.outcome(done)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_has_its_words(language: str) -> None:
    words = Words(Language.load(language), FACTS)
    for unlocked, nothing, forbidden in product((0, 2), (0, 2), (0, 1)):
        done = UnlockedMany(unlocked=unlocked, nothing=nothing, forbidden=forbidden)
        assert words.say(unlock_many.outcome(done)).count(".") == max(1, sum(map(bool, (unlocked, nothing, forbidden))))
