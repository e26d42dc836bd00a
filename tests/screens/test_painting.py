"""What a page costs before it is painted: its sheets are parsed once, and its widgets are styled for their size at once."""

from typing import Any

import pytest
from textual.app import ComposeResult
from textual.css.parse import parse
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

from screens.app import KioskApp
from tests.screens.doubles import LoginSample, ready, show, small_app


async def test_the_sheets_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def noted(scope: str, css: str, read_from: tuple[str, str], **options: Any) -> Any:
        parsed.append(read_from[0])
        return parse(scope, css, read_from, **options)

    monkeypatch.setattr("textual.css.stylesheet.parse", noted)
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
    assert [parsed.count(str(sheet)) for sheet in KioskApp.CSS_PATH] == [1, 1]


async def test_a_new_page_is_styled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    styled: list[DOMNode] = []
    apply = Stylesheet.apply

    def noted(sheet: Stylesheet, node: DOMNode, **options: Any) -> None:
        styled.append(node)
        apply(sheet, node, **options)

    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            monkeypatch.setattr(Stylesheet, "apply", noted)
            await show(pilot, page := LoginSample())
            assert styled.count(page.query_one("#card")) == 1


@pytest.mark.parametrize(
    ("size", "classes"),
    [((80, 24), {"-rich", "-narrow", "-low"}), ((96, 28), {"-rich", "-wide", "-high"}), ((79, 24), {"-too-small"})],
)
async def test_a_page_knows_its_size_before_it_has_widgets(size: tuple[int, int], classes: set[str]) -> None:
    before_widgets: set[str] = set()

    class Observed(LoginSample):
        def compose_card(self) -> ComposeResult:
            before_widgets.update(self.classes)
            yield from super().compose_card()

    with small_app() as app:
        async with app.run_test(size=size) as pilot:
            await ready(pilot)
            await show(pilot, page := Observed())
            assert before_widgets >= classes
            assert page.classes == before_widgets
