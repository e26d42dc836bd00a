"""Keys that arrive in one piece, as over a slow line: each must reach the field that the person meant."""

from pathlib import Path

import pytest
from textual import events

from screens.widgets.field import Entry
from tests.stories.kiosk_story import Story, kiosk_story

NAMED = {"\t": "tab", "\r": "enter", " ": "space"}


def come_together(story: Story, keys: str) -> None:
    """All keys lie in the queue of the app before it looks at the first one."""
    for key in keys:
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


async def test_a_whole_sign_in_in_one_piece_signs_in(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        come_together(story, f"jan\r{story.person('jan').password}\r")

        await story.until("SMS code", "Typ de 6 cijfers")
