"""Keys that arrive in one piece, as over a slow line: each must reach the field that the person meant."""

import asyncio
from pathlib import Path

import pytest
from textual import events

from screens import keys
from screens.keys import KeyGate
from screens.widgets.field import Entry
from tests.stories.kiosk_story import Story, kiosk_story

NAMED = {"\t": "tab", "\r": "enter", " ": "space"}


def come_together(story: Story, typed: str) -> None:
    """All keys lie in the queue of the app before it looks at the first one."""
    for key in typed:
        name = NAMED.get(key, key)
        story.app.post_message(events.Key(name, None if key in "\t\r" else key))


@pytest.mark.parametrize("between", ["\t", "\r"])
async def test_a_password_that_follows_the_name_at_once_is_never_in_the_name_field(
    tmp_path: Path, between: str
) -> None:
    async with kiosk_story(tmp_path) as story:
        name, password = story.app.screen.query(Entry)

        come_together(story, f"jan{between}fiets regen")
        await story.until("•••••••••••")

        assert (name.value, password.value) == ("jan", "fiets regen")


async def test_on_a_machine_however_busy_the_password_is_never_in_the_name_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, look = asyncio.Event(), KeyGate._look_at_move
    looks = 0

    async def freed_at_last(gate: KeyGate) -> None:
        nonlocal looks
        await look(gate)
        looks += 1
        if looks == 5:
            free.set()

    monkeypatch.setattr(keys, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(KeyGate, "_look_at_move", freed_at_last)
    async with kiosk_story(tmp_path) as story:
        name, password = story.app.screen.query(Entry)
        story.app.screen.call_later(free.wait)

        come_together(story, "jan\rfiets regen")
        # Given up before: the timer ends, and nobody lets the page go on.
        async with asyncio.timeout(20):
            await free.wait()
        await story.until("•••••••••••")

        assert (name.value, password.value) == ("jan", "fiets regen")


async def test_a_whole_sign_in_in_one_piece_signs_in(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        come_together(story, f"jan\r{story.person('jan').password}\r")

        await story.until("SMS code", "Typ de 6 cijfers")
