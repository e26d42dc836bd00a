"""A sign-in that ends with an answer to `kiosk gate` and not at Home, on pages and as lines."""

import os
import pwd
from pathlib import Path

from kiosk.commands.site import Premises, open_site
from kiosk.gate.passing import Passed
from tests.stories.kiosk_story import kiosk_story
from tests.stories.plain_story import plain_story


def map_to_caller(premises: Premises, name: str) -> None:
    with open_site(premises) as site, site.database.transaction(write=True):
        user = site.database.users.by_name(name)
        assert user is not None
        site.database.users.set_unix_account(user.id, pwd.getpwuid(os.getuid()).pw_name)


async def test_the_pages_end_with_the_answer(tmp_path: Path) -> None:
    answers: list[Passed | None] = []
    async with kiosk_story(tmp_path, gate=answers.append) as story:
        map_to_caller(story.premises, "jan")
        await story.sign_in("jan")
        text = await story.sms("jan")
        await story.until("op uw telefoon aangekomen")
        await story.type(text[-6:])
        await story.press("enter")
        await story.until_ended()
    assert [answer and (answer.user, answer.method) for answer in answers] == [("jan", "sms")]
    assert story.app.return_code == 0


def test_the_lines_end_with_the_answer(tmp_path: Path) -> None:
    answers: list[Passed | None] = []
    with plain_story(tmp_path, gate=answers.append) as story:
        map_to_caller(story.premises, "jan")
        story.sign_in("jan")
        code = story.sms("jan")[-6:]
        story.until("op uw telefoon aangekomen")
        story.type(f"{code}\r")
        story.until_ended()
    assert [answer and (answer.user, answer.method) for answer in answers] == [("jan", "sms")]
