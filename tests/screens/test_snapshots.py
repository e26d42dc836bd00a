"""Pictures of the frame: one per look and size, each looked at before it was kept."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from kiosk.sign_in.outcomes import Sentence
from screens.help import HelpPage
from screens.look import Look
from screens.widgets.time_left import TimeLeft
from tests.screens.doubles import (
    DARK,
    SIXTEEN,
    STATUS,
    BackupCodeSample,
    CodeSample,
    SmallApp,
    SmallWorld,
    ready,
    show,
    small_app,
    until,
)
from tests.screens.test_demo_panel import SMS

SnapCompare = Callable[..., bool]
Before = Callable[[Pilot[Any]], Coroutine[Any, Any, None]]


async def login(pilot: Pilot[Any]) -> None:
    await ready(pilot)
    await pilot.press(*"j.devries", "tab", *"ZWAAN")


async def code(pilot: Pilot[Any]) -> None:
    await ready(pilot)
    page = CodeSample()
    await show(pilot, page)
    page.query_one(TimeLeft).start(left_seconds=186, whole_seconds=300)
    page.message.failure(Sentence("sms.code.wrong", {"left": 4}), reference="K482", contact=True)
    await pilot.press(*"492")


async def backup_code(pilot: Pilot[Any]) -> None:
    await ready(pilot)
    await show(pilot, BackupCodeSample())


async def help_page(pilot: Pilot[Any]) -> None:
    await ready(pilot)
    await show(pilot, CodeSample())
    await show(pilot, HelpPage())


async def contrast(pilot: Pilot[Any]) -> None:
    await login(pilot)
    await pilot.press("f3")


async def demo(pilot: Pilot[Any]) -> None:
    await ready(pilot)
    app = pilot.app
    assert isinstance(app, SmallApp)
    assert isinstance(app.demo, SmallWorld)
    app.demo.receive(SMS)
    await until(pilot, lambda: app.demo_state is not None and bool(app.demo_state.messages))
    await pilot.press(*"jan")


async def drawer(pilot: Pilot[Any]) -> None:
    await demo(pilot)
    await pilot.press("f9")
    await pilot.pause()


def compare(
    snap_compare: SnapCompare, before: Before, size: tuple[int, int], look: Look, *, world: bool = False
) -> bool:
    """Whether the picture is as it was."""
    status = replace(STATUS, simulated=world)
    with small_app(look=look, demo=SmallWorld() if world else None, status=status) as app:
        return snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize(
    ("before", "size", "look"),
    [
        (login, (100, 30), DARK),
        (code, (80, 24), DARK),
        (code, (80, 24), SIXTEEN),
        (help_page, (80, 24), DARK),
        (contrast, (80, 24), DARK),
        (backup_code, (80, 24), SIXTEEN),
    ],
    ids=["login", "code", "code-console", "help", "login-contrast", "digits-console"],
)
def test_pages(snap_compare: SnapCompare, before: Before, size: tuple[int, int], look: Look) -> None:
    assert compare(snap_compare, before, size, look)


@pytest.mark.parametrize(("before", "size"), [(demo, (140, 40)), (drawer, (80, 24))], ids=["beside", "drawer"])
def test_the_demonstration(snap_compare: SnapCompare, before: Before, size: tuple[int, int]) -> None:
    assert compare(snap_compare, before, size, DARK, world=True)
