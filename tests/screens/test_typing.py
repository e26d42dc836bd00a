"""What a letter and a cursor cost: the line itself is drawn, the page is not laid out anew."""

import pytest
from textual._compositor import Compositor
from textual.geometry import Region
from textual.screen import Screen

from screens.widgets.field import Entry
from tests.screens.doubles import LoginSample, ready, seen_text, show, small_app, until


async def test_a_letter_lays_out_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts: list[Screen[object]] = []
    lay_out = Screen._refresh_layout

    def counted(page: Screen[object], *arguments: object, **options: object) -> None:
        layouts.append(page)
        lay_out(page, *arguments, **options)  # type: ignore[arg-type]

    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, LoginSample())
            await pilot.press("j")
            await pilot.pause()
            monkeypatch.setattr(Screen, "_refresh_layout", counted)
            await pilot.press(*"anenalleman")
            await pilot.pause()

    assert layouts == []


async def test_a_cursor_that_blinks_paints_its_row_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[Region] = []
    paint = Compositor.render_partial_update

    def noted(compositor: Compositor) -> object:
        painted.extend(compositor._dirty_regions)
        return paint(compositor)

    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, LoginSample())
            await pilot.press("j")
            await pilot.pause()
            monkeypatch.setattr(Compositor, "render_partial_update", noted)
            entry = app.focused
            assert isinstance(entry, Entry)
            entry._cursor_visible = not entry._cursor_visible
            await until(pilot, lambda: bool(painted))
            assert [(region.y, region.height) for region in painted] == [(entry.content_region.y, 1)]


async def test_of_a_long_text_the_end_that_is_typed_stays_in_sight() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, LoginSample())
            await pilot.press(*"a" * 54, *"einde")
            await pilot.pause()
            assert "aeinde" in seen_text(app)
            await pilot.resize_terminal(100, 30)
            await pilot.pause()
            await pilot.press(*"lijk")
            await pilot.pause()
            assert "aeindelijk" in seen_text(app)
            await pilot.press("home", "b")
            await pilot.pause()
            assert "baaaa" in seen_text(app)
