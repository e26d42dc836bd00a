"""On a console every character of every page is one that its font has."""

import pytest
from textual.color import Color

from screens.help import Menu
from screens.look import Look
from screens.page import Page
from screens.widgets.time_left import TimeLeft
from tests.screens.doubles import (
    DARK,
    SIXTEEN,
    BackupCodeSample,
    CodeSample,
    QuestionSample,
    SmallWorld,
    ready,
    seen,
    show,
    small_app,
)

# In the kernel's own font (cp437) and in Debian's default console font: the tables of both fonts.
EVERYWHERE = frozenset("•■▲▼→←↑↓·éëïöüèáó│─┌┐└┘├┤┬┴┼")


def strange(rows: list[str]) -> set[str]:
    return {
        character
        for row in rows
        for character in row
        if not (character.isascii() and character.isprintable()) and character not in EVERYWHERE
    }


@pytest.mark.parametrize("page", [None, CodeSample, BackupCodeSample, QuestionSample, Menu])
@pytest.mark.parametrize("size", [(80, 24), (100, 30), (140, 40)])
async def test_every_page_draws_with_glyphs_that_any_console_has(
    page: type[Page[object]] | None, size: tuple[int, int]
) -> None:
    with small_app(look=SIXTEEN, demo=SmallWorld()) as app:
        async with app.run_test(size=size) as pilot:
            await ready(pilot)
            if page is not None:
                await show(pilot, page())
            for countdown in app.screen.query(TimeLeft):
                countdown.start(left_seconds=30, whole_seconds=60)
            await pilot.press(*"123")
            await pilot.pause()
            assert strange(seen(app)) == set()


@pytest.mark.parametrize("key", ["f1", "f9", "f3"])
async def test_so_do_help_drawer_and_contrast(key: str) -> None:
    with small_app(look=SIXTEEN, demo=SmallWorld()) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("tab", *"zwaan", key)
            await pilot.pause()
            assert strange(seen(app)) == set()


@pytest.mark.parametrize("page", [None, CodeSample, BackupCodeSample])
@pytest.mark.parametrize("look", [DARK, SIXTEEN])
async def test_contrast_leaves_no_colour_of_the_theme_before(page: type[Page[object]] | None, look: Look) -> None:
    with small_app(look=look, demo=SmallWorld()) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            if page is not None:
                await show(pilot, page())
            await pilot.press("f3")
            await pilot.pause()
            await pilot.pause()
            allowed = {
                Color.parse(value).rich_color for value in app.current_theme.variables.values() if is_colour(value)
            }
            strange_colours = {
                (segment.text, str(colour))
                for strip in app.screen._compositor.render_strips()
                for segment in strip
                if segment.style is not None
                for colour in (segment.style.color, segment.style.bgcolor)
                if colour is not None and colour not in allowed
            }
            assert strange_colours == set()


def is_colour(value: str) -> bool:
    return value.startswith(("#", "ansi_")) and "%" not in value


@pytest.mark.parametrize("page", [None, CodeSample, BackupCodeSample, QuestionSample])
async def test_sixteen_colours_are_drawn_without_bold_dim_or_true_colour(page: type[Page[object]] | None) -> None:
    with small_app(look=SIXTEEN) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            if page is not None:
                await show(pilot, page())
            wrong = []
            for strip in app.screen._compositor.render_strips():
                for segment in strip:
                    style = segment.style
                    if style is None:
                        continue
                    colours = [colour for colour in (style.color, style.bgcolor) if colour is not None]
                    if style.bold or style.dim or any(colour.triplet is not None for colour in colours):
                        wrong.append((segment.text, str(style)))
            assert wrong == []
