"""Contrast of what is really drawn: every page in every theme, by the formula of WCAG 2.2.

1.4.3 Text at least 4.5:1 on its ground; 1.4.11 frames, boxes, bars and block digits at least 3:1. The page that lies under
a dialog and actions that do nothing now are left out, as the norm does.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace

import pytest
from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from textual.color import Color
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget

from kiosk.sign_in.outcomes import Stage
from kiosk.sign_in.views import SignInView
from screens.app import KioskApp
from screens.idle import IdleDialog
from screens.page import Dialog
from screens.themes import TOKENS
from screens.widgets.action import Action
from screens.widgets.brand_bar import BrandBar
from screens.widgets.status_strip import StatusStrip
from tests.screens.account import test_pictures as account_pictures
from tests.screens.account.scripted import ScriptedAccount
from tests.screens.administrator import test_pictures as administrator_pictures
from tests.screens.sign_in import test_pictures as sign_in_pictures
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import (
    BACKUP,
    STATUS,
    YUBIKEY,
    Script,
    ScriptedDesk,
    choose_page,
    code_page,
    enrol_page,
    home_page,
    password_page,
    phone_page,
    success_page,
)
from tests.screens.technician import test_pictures as technician_pictures
from tests.screens.test_themes import VGA, XTERM, contrast

Prepare = Callable[[Driver], Awaitable[None]]

TEXT, LINES = 4.5, 3.0
# What is drawn from these is a line, a box, a bar or a picture and no text.
DRAWN = frozenset("─│┌┐└┘├┤┬┴┼╭╮╰╯━═║▀▄█▌▐▂▆▁▃▅▇■·●_")


# Two names may stand for the same colours.
DIFFERENT = list({id(tokens): name for name, tokens in TOKENS.items()}.values())


def palettes(name: str) -> list[dict[str, str]]:
    return [VGA, XTERM] if "sixteen" in name else [{}]


def seen_in(app: KioskApp) -> Iterator[tuple[str, str, str, bool]]:
    """Text, colour and ground of every segment that a person is to read, and whether it is drawn with dim."""
    regions = list(to_be_read(app))
    asleep = [action.region for action in app.screen.query(Action) if action.disabled and action.display]
    for y, strip in enumerate(app.screen._compositor.render_strips()):
        x = 0
        for segment in strip:
            middle = (x + len(segment.text) // 2, y)
            x += len(segment.text)
            if not segment.text.strip() or segment.style is None or any(one.contains(*middle) for one in asleep):
                continue
            if any(region.contains(*middle) for region in regions):
                yield from coloured(segment)


def to_be_read(app: KioskApp) -> Iterator[Region]:
    if not isinstance(app.screen, Dialog):
        yield app.screen.region
        return
    for kind in ("#card", BrandBar, StatusStrip):
        yield from (widget.region for widget in app.screen.query(kind).results(Widget))


def coloured(segment: Segment) -> Iterator[tuple[str, str, str, bool]]:
    style = segment.style
    assert style is not None
    ink, ground = name_of(style.color), name_of(style.bgcolor)
    if style.reverse:
        ink, ground = ground, ink
    yield segment.text.strip(), ink, ground, bool(style.dim)


def name_of(colour: RichColor | None) -> str:
    assert colour is not None, "a colour of the terminal's own is nobody's choice"
    if colour.type is ColorType.TRUECOLOR:
        return Color.from_rich_color(colour).hex
    assert colour.number is not None, colour
    names = list(VGA)
    return names[colour.number]


def weak(app: KioskApp) -> dict[tuple[str, str, str], tuple[float, str]]:
    """Every pair that is too weak in the present theme, with one text that is drawn so."""
    found: dict[tuple[str, str, str], tuple[float, str]] = {}
    for text, ink, ground, dim in seen_in(app):
        least = LINES if set(text.replace(" ", "")) <= DRAWN else TEXT
        for palette in palettes(app.theme):
            ratio = contrast(palette.get(ink, ink), palette.get(ground, ground))
            if ratio < least or dim:
                found[app.theme, ink, ground] = (round(ratio, 2), text)
    return found


async def weak_in_every_theme(app: KioskApp, pilot: Pilot[None]) -> dict[tuple[str, str, str], tuple[float, str]]:
    found: dict[tuple[str, str, str], tuple[float, str]] = {}
    for name in DIFFERENT:
        app.theme = name
        await pilot.pause()
        await pilot.pause()
        found |= weak(app)
        assert len({ink for _text, ink, _ground, _dim in seen_in(app)}) > 2, "next to nothing was drawn"
    return found


Page = tuple[Callable[[], Script], Prepare]


async def nothing(_person: Driver) -> None:
    """The login page."""


def at(view: SignInView, *keys: str) -> Page:
    """The page of a stage, and what opens over it."""

    async def prepare(person: Driver) -> None:
        await person.sign_in(view)
        await person.press(*keys)

    return Script, prepare


async def are_you_there(person: Driver) -> None:
    await person.sign_in(code_page(Stage.TOTP))
    await person.leap(165)
    await person.until(lambda: isinstance(person.app.screen, IdleDialog))


async def out_of_service(person: Driver) -> None:
    await person.until(lambda: person.app.status is not None and person.app.status.out_of_service is not None)


SIGN_IN: dict[str, Page] = {
    **{
        name: (make_script, story)
        for name, (story, size, make_script) in sign_in_pictures.PICTURES.items()
        if size == sign_in_pictures.LOW
    },
    "out-of-service": (lambda: Script(status=replace(STATUS, out_of_service="error.disk_full")), out_of_service),
    "forgotten": (Script, lambda person: person.press("tab", "tab", "tab", "tab", "enter")),
    "help": (Script, lambda person: person.press("f1")),
    "menu": (Script, lambda person: person.press("escape")),
    "own-password": at(password_page()),
    "confirm-phone": at(phone_page()),
    "choose": at(choose_page(YUBIKEY, BACKUP)),
    "app": at(code_page(Stage.TOTP)),
    "back-up-code": at(code_page(Stage.BACKUP_CODE)),
    "temporary-code": at(code_page(Stage.TEMPORARY_CODE)),
    "enrol": at(enrol_page()),
    "noted": at(success_page(), "enter"),
    "idle": (Script, are_you_there),
}


async def readable(page: Page, *, size: tuple[int, int] = (80, 24)) -> None:
    make_script, prepare = page
    async with kiosk(make_script(), size=size) as person:
        await prepare(person)
        await person.settle()
        assert await weak_in_every_theme(person.app, person.pilot) == {}


@pytest.mark.parametrize("name", SIGN_IN)
async def test_every_page_of_the_sign_in_can_be_read_in_every_theme(name: str) -> None:
    await readable(SIGN_IN[name])


def after_home(story: Prepare) -> Page:
    async def prepare(person: Driver) -> None:
        await person.sign_in(home_page())
        await story(person)

    return Script, prepare


@pytest.mark.parametrize(
    "name", [name for name in account_pictures.PICTURES if "high" not in name or name == "backup-high"]
)
async def test_so_can_every_page_of_mijn_account(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    account, story = ScriptedAccount(), account_pictures.PICTURES[name][0]
    monkeypatch.setattr(ScriptedDesk, "account", lambda _: account, raising=False)
    await readable((Script, lambda person: story(person, account)))


@pytest.mark.parametrize("name", [name for name in administrator_pictures.PICTURES if name.endswith("low")])
async def test_so_can_every_page_of_the_administrator(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    administrator_pictures.furnish(monkeypatch)
    await readable(after_home(administrator_pictures.PICTURES[name][0]))


@pytest.mark.parametrize("name", technician_pictures.PICTURES)
async def test_so_can_every_page_of_the_technician(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    technician_pictures.furnish(monkeypatch)
    await readable(after_home(technician_pictures.PICTURES[name][0]))


async def test_a_weak_pair_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    # Amber on white, as in a light theme of somebody who did not count.
    monkeypatch.setitem(TOKENS, "kiosk-light", {**TOKENS["kiosk-light"], "quiet": "#F2B84B"})
    async with kiosk(Script()) as person:
        found = await weak_in_every_theme(person.app, person.pilot)
    assert {theme for theme, _ink, _ground in found} == {"kiosk-light"}
