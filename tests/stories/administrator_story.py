"""The functional administrator at the kiosk, whose key presses are counted, and what becomes of the people they help."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from data.factors import FactorKind, FactorState
from data.users import User
from kiosk.administration import authority
from kiosk.commands.site import open_site
from kiosk.methods.totp import STEP_SECONDS, code_at
from screens.administrator.handover import CodePage, HandoverPage
from screens.look import Look
from tests.stories.kiosk_story import Story, kiosk_story

LOCKED = 20


class Office:
    """An administrator who is signed in; `pressed` counts every key since `count_from_here`."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.pressed = 0

    def count_from_here(self) -> None:
        """What was pressed before costs nobody anything."""
        self.pressed = 0

    async def press(self, *keys: str) -> None:
        """Keys one by one; a letter acts after its silence."""
        for key in keys:
            self.pressed += 1
            await self.story.press(key)

    async def type(self, text: str) -> None:
        """Into a field."""
        self.pressed += len(text)
        await self.story.type(text)

    async def open_card(self, text: str = "vri", *, shows: str = "Wat u kunt doen") -> None:
        """From Home to the card of whom `text` finds."""
        await self.press("p")
        await self.story.until("Zoek:")
        await self.type(text)
        await self.press("enter")
        await self.story.until(shows)

    async def leave(self) -> None:
        """From a card to the login page."""
        for _ in range(6):
            if "Uitloggen" in self.story.plain():
                break
            await self.press("escape")
        await self.press("u")
        await self.story.until("Gebruikersnaam")


@asynccontextmanager
async def office(
    directory: Path, *, size: tuple[int, int] = (80, 24), look: Look | None = None
) -> AsyncIterator[Office]:
    """An administrator who is signed in and stands on Home."""
    async with kiosk_story(directory, size=size, look=look) as story:
        await come_in(story)
        yield Office(story)


async def come_in(story: Story, name: str = "beheer") -> None:
    """Sign in with the app."""
    await story.sign_in(name)
    await story.until("Authenticator app")
    code = story.person(name).totp_code
    assert code is not None
    await story.pilot.press(*code, "enter")
    await story.until("Uitloggen")


def lock(story: Story, name: str = "jan") -> None:
    """So many wrong codes that only an administrator helps."""
    with story.premises.open_database() as database:
        user = user_of(story, name)
        with database.transaction(write=True):
            for _ in range(LOCKED):
                database.users.claim_second_factor_failure(user.id, limit=LOCKED)


def user_of(story: Story, name: str) -> User:
    """The person as the database knows them."""
    with story.premises.open_database() as database:
        user = database.users.by_name(name)
        assert user is not None
        return user


def changes_of(story: Story, name: str) -> list[str]:
    """What was changed of a person, the oldest first."""
    with story.premises.open_database() as database:
        user = database.users.by_name(name)
        assert user is not None
        return [one.what for one in reversed(database.changes.latest(user.id, limit=20))]


def states_of(story: Story, name: str, kind: FactorKind) -> list[FactorState]:
    """The states of a person's methods of one kind."""
    with story.premises.open_database() as database:
        user = database.users.by_name(name)
        assert user is not None
        return [one.state for one in database.factors.of_user(user.id) if one.kind is kind]


def code_on_screen(story: Story) -> str:
    """The temporary code as it is read aloud from the page."""
    page = story.app.screen
    assert isinstance(page, CodePage)
    words = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
    plain = story.plain().split(" nog ")[0]
    digits = [str(words.index(word)) for word in plain.split() if word in words]
    # The last eight: the sentence above may hold such a word, too.
    code = "".join(digits[-8:])
    assert code == page._secret
    return code


def password_on_screen(story: Story) -> str:
    """The one-time password as it is written down from the page."""
    page = story.app.screen
    assert isinstance(page, HandoverPage)
    secret = page._secret
    assert secret.replace("-", " - ") in story.plain()
    return secret


def time_passes(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator's own proof is too old; a leap of ten minutes would be a clock that jumped."""
    monkeypatch.setattr(authority, "MINUTE_MS", 4_000)
    story.premises.clock._base_kiosk += 41_000


def next_code(story: Story, name: str = "beheer") -> str:
    """What the administrator's app shows next; the code of the sign-in was used."""
    with open_site(story.premises) as site:
        user = site.database.users.by_name(name)
        assert user is not None
        [app] = [one for one in site.database.factors.of_user(user.id) if one.kind is FactorKind.TOTP]
        secret = site.database.factors.secret(app).decode()
    return code_at(secret, story.premises.clock.wall() + STEP_SECONDS * 1000)
