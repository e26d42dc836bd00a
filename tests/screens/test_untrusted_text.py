"""Text from outside is shown as it is: no markup, no escape sequence, no crash."""

from dataclasses import replace

import pytest
from textual import events

from kiosk.sign_in.outcomes import Sentence
from screens.widgets.field import Field
from screens.widgets.message import Message
from tests.screens.doubles import (
    FACTS,
    MODEMS,
    STATUS,
    CodeSample,
    SmallWorld,
    ready,
    seen,
    seen_text,
    show,
    small_app,
    until,
)

NASTY = (
    "[/oops]",
    "[@click=app.exit]x[/]",
    "[bold red]x",
    "\x1b]0;x\x07",
    "\x1b[5mx",
    "\x9b5mx",
    "\x9d0;x\x9c",
    "\u202excod",
    "a\r\nb\x00\x7f",
)


def harmless(rows: list[str]) -> bool:
    return all(character.isprintable() for row in rows for character in row)


@pytest.mark.parametrize("nasty", NASTY)
async def test_in_the_name_of_the_site_and_of_the_help_desk(nasty: str) -> None:
    facts = replace(FACTS, site=nasty, desk_number=nasty, help_desk=replace(FACTS.help_desk, name=nasty, phone=nasty))
    with small_app(facts=facts) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f1")
            await pilot.pause()
            assert harmless(seen(app))
            await pilot.click("#brand")
            assert app.is_running


async def test_in_the_name_of_a_network() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            for nasty in NASTY:
                app.status = replace(STATUS, modems=(replace(MODEMS[0], network=nasty),))
                await pilot.pause()
                await pilot.click("#state")
                assert app.is_running
                assert harmless(seen(app)), nasty


async def test_in_the_values_of_a_sentence() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            page = CodeSample()
            await show(pilot, page)
            for nasty in NASTY:
                page.message.failure(Sentence("resend.line.over", {"network": nasty}), reference=nasty)
                await pilot.pause()
                await pilot.click(Message)
                assert app.is_running
                assert harmless(seen(app)), nasty


async def test_in_everything_that_the_demonstration_shows() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=(140, 40)) as pilot:
            await ready(pilot)
            for nasty in NASTY:
                world.receive(nasty, network=nasty)
                people = tuple(replace(person, name=nasty, password=nasty) for person in world.state().people)
                modems = tuple(replace(modem, name=nasty, network=nasty) for modem in world.state().modems)
                world.show(people=people, modems=modems, extra=(nasty,))
                await until(pilot, lambda: app.demo_state == world.state())
                await pilot.pause()
                assert harmless(seen(app)), nasty


async def test_in_the_newest_sms_above_the_strip() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            for nasty in NASTY:
                world.receive(nasty, network=nasty)
                await until(pilot, lambda: app.demo_state == world.state())
                await pilot.pause()
                assert harmless(seen(app)), nasty


async def test_markup_is_shown_letter_by_letter() -> None:
    with small_app(facts=replace(FACTS, site="[b]Noord[/b]")) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            assert "[b]Noord[/b]" in seen_text(app)


async def test_a_pasted_control_character_does_not_get_into_a_field() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            assert app._driver is not None
            app._driver.send_message(events.Paste("j\x1b[5ma\x9bn\x00\nzwaan"))
            await pilot.pause()
            assert app.screen.query_one("#name", Field).value == "j[5man"
