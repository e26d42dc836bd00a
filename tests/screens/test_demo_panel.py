"""The panel of the demonstration: beside the kiosk, or as a drawer; it never takes the focus from a field."""

from typing import Any

import pytest
from textual.pilot import Pilot

from screens.demo_drawer import DemoDrawer
from screens.dense import DensePage
from screens.widgets.demo_panel import DemoPanel
from screens.widgets.field import Field
from tests.screens.doubles import LoginSample, SmallApp, SmallWorld, ready, seen, seen_text, show, small_app, until

SMS = "Receptie Noord: met deze code logt u in. Geef hem aan niemand, ook niet aan de helpdesk. 5 minuten geldig. Code: 492039"


async def arrived(pilot: Pilot[Any], world: SmallWorld, text: str = SMS) -> None:
    """An SMS came, and the pages know."""
    app = pilot.app
    assert isinstance(app, SmallApp)
    world.receive(text)
    await until(pilot, lambda: app.demo_state is not None and bool(app.demo_state.messages))
    await pilot.pause()


async def test_at_eighty_columns_the_newest_sms_is_one_line_that_shows_the_code() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            assert "F9 Telefoon nog geen SMS" in seen(app)[-2]
            await arrived(pilot, world)
            assert seen(app)[-2].rstrip().endswith("Code: 492039")
            assert "KPN 09:41 *78" in seen(app)[-2]


async def test_the_line_is_over_dialogs_too() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            await arrived(pilot, world)
            await pilot.press("f1")
            await pilot.pause()
            assert "Code: 492039" in seen(app)[-2]


async def test_from_130_columns_everything_stands_beside_the_kiosk() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=(130, 36)) as pilot:
            await ready(pilot)
            await arrived(pilot, world)
            text = seen_text(app)
            for part in ("vier losse woorden", "app: 492039", "1 ● noord KPN: zit erin", "X laat de volgende SMS"):
                assert part in text
            assert "Gebruikersnaam" in text
            assert "F3 Contrast" in text
            assert "09:41" in seen(app)[1]


async def test_a_dense_page_has_all_the_columns_that_the_panel_leaves() -> None:
    class Dense(DensePage):
        title_id = "help.title"

    with small_app(demo=SmallWorld()) as app:
        async with app.run_test(size=(140, 40)) as pilot:
            await ready(pilot)
            await show(pilot, page := Dense())
            assert page.query_one("#dense").region.right == page.query_one(DemoPanel).region.x


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_drawer_leaves_text_and_focus_of_the_kiosk_alone(size: tuple[int, int]) -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=size) as pilot:
            await ready(pilot)
            await pilot.press(*"jan", "f9")
            assert isinstance(app.screen, DemoDrawer)
            await pilot.pause()
            assert "vier losse woorden" in seen_text(app)
            await pilot.press("1", "f9")
            await pilot.pause()
            page = app.screen
            assert isinstance(page, LoginSample)
            assert page.query_one("#name", Field).value == "jan"
            assert app.focused is page.query_one("#name", Field).entry


async def test_a_digit_in_the_drawer_pulls_a_plug_and_puts_it_back() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f9", "2")
            assert [modem.plugged for modem in world.state().modems] == [True, False]
            await pilot.pause()
            assert "zuid Vodafone: is eruit" in seen_text(app)
            await pilot.press("2")
            assert [modem.plugged for modem in world.state().modems] == [True, True]
            await pilot.press("3", "0")
            assert [modem.plugged for modem in world.state().modems] == [True, True]


async def test_x_in_the_drawer_loses_the_next_sms() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f9", "x")
            await until(pilot, lambda: world.state().losing)
            await until(pilot, lambda: "de volgende SMS raakt kwijt" in seen_text(app))


async def test_outside_the_drawer_its_keys_type() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=(140, 40)) as pilot:
            await ready(pilot)
            await pilot.press("2", "x")
            assert app.screen.query_one("#name", Field).value == "2x"
            assert [modem.plugged for modem in world.state().modems] == [True, True]
            assert not world.state().losing


async def test_tab_never_reaches_the_panel() -> None:
    with small_app(demo=SmallWorld()) as app:
        async with app.run_test(size=(140, 40)) as pilot:
            await ready(pilot)
            for _ in range(12):
                await pilot.press("tab")
                assert app.focused is not None
                assert app.focused.query_ancestor("#card")


async def test_the_newest_sms_comes_first() -> None:
    world = SmallWorld()
    with small_app(demo=world) as app:
        async with app.run_test(size=(140, 40)) as pilot:
            await ready(pilot)
            await arrived(pilot, world, "eerste")
            await arrived(pilot, world, "tweede")
            await until(pilot, lambda: "tweede" in seen_text(app))
            assert seen_text(app).index("tweede") < seen_text(app).index("eerste")


async def test_without_a_demonstration_there_is_nothing_of_it() -> None:
    with small_app() as app:
        async with app.run_test(size=(140, 40)) as pilot:
            await ready(pilot)
            assert not app.screen.query("DemoPanel, DemoLine")


async def test_ctrl_c_ends_the_demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []
    with small_app(demo=SmallWorld()) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            monkeypatch.setattr(app, "exit", lambda: ended.append(True))
            await pilot.press("ctrl+c")
            await pilot.pause()
            monkeypatch.undo()

    assert ended == [True]
