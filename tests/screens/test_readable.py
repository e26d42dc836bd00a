"""Contrast of what is really drawn, in every theme, by the formula of WCAG 2.2.

A page is drawn once, in a theme whose every token has a colour of its own: so each segment tells which token stands on
which, and the pairs are computed for all themes and palettes. 1.4.3 Text at least 4.5:1 on its ground; 1.4.11 frames, boxes, bars and block digits at least 3:1. The page that lies under
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
from textual.widget import Widget

from kiosk.sign_in.outcomes import Stage
from screens.app import KioskApp
from screens.idle import IdleDialog
from screens.look import Look
from screens.page import Dialog
from screens.themes import DARK, LIGHT, TOKENS
from screens.widgets.action import Action
from screens.widgets.brand_bar import BrandBar
from screens.widgets.status_strip import StatusStrip
from tests.screens.account import test_pictures as account_pictures
from tests.screens.account.scripted import ScriptedAccount
from tests.screens.administrator import test_pictures as administrator_pictures
from tests.screens.sign_in import test_pictures as sign_in_pictures
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import (
    STATUS,
    Script,
    ScriptedDesk,
    code_page,
    home_page,
)
from tests.screens.technician import test_pictures as technician_pictures
from tests.screens.test_themes import VGA, XTERM, contrast

Prepare = Callable[[Driver], Awaitable[None]]

TEXT, LINES = 4.5, 3.0
# What is drawn from these is a line, a box, a bar or a picture and no text.
DRAWN = frozenset("─│┌┐└┘├┤┬┴┼╭╮╰╯━═║▀▄█▌▐▂▆▁▃▅▇■·●_")


COLOURS = [token for token in DARK if token not in {"veil", "strong"}]
TRACED = {**DARK, **{token: f"#{20 + 9 * number:02X}4080" for number, token in enumerate(COLOURS)}}
TOKEN_OF = {TRACED[token]: token for token in COLOURS}

GROUNDS = [
    (name, tokens, palette)
    for name, tokens in TOKENS.items()
    for palette in ((VGA, XTERM) if "sixteen" in name else ({},))
]

# What is seen, by its two colours: one text that is drawn so.
Seen = dict[tuple[str, str, float], str]


def seen_in(app: KioskApp) -> Seen:
    """Colour and ground of every segment that a person is to read, and the contrast that it must have."""
    seen: Seen = {}
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
                text, ink, ground = coloured(segment)
                seen[ink, ground, LINES if set(text.replace(" ", "")) <= DRAWN else TEXT] = text
    return seen


def to_be_read(app: KioskApp) -> Iterator[Region]:
    if not isinstance(app.screen, Dialog):
        yield app.screen.region
        return
    for kind in ("#card", BrandBar, StatusStrip):
        yield from (widget.region for widget in app.screen.query(kind).results(Widget))


def coloured(segment: Segment) -> tuple[str, str, str]:
    style = segment.style
    assert style is not None
    assert not style.dim, segment.text
    ink, ground = name_of(style.color), name_of(style.bgcolor)
    if style.reverse:
        ink, ground = ground, ink
    return segment.text.strip(), ink, ground


def name_of(colour: RichColor | None) -> str:
    assert colour is not None, "a colour of the terminal's own is nobody's choice"
    if colour.type is ColorType.TRUECOLOR:
        return Color.from_rich_color(colour).hex
    assert colour.number is not None, colour
    return list(VGA)[colour.number]


def weak(seen: Seen) -> dict[tuple[str, str, str], tuple[float, str]]:
    """Every pair of tokens that is too weak in some theme, with one text that is drawn so."""
    found: dict[tuple[str, str, str], tuple[float, str]] = {}
    pairs = {(TOKEN_OF[ink], TOKEN_OF[ground], least): text for (ink, ground, least), text in seen.items()}
    assert len(pairs) > 2, "next to nothing was drawn"
    for name, tokens, palette in GROUNDS:
        for (ink, ground, least), text in pairs.items():
            ratio = contrast(*(palette.get(tokens[token], tokens[token]) for token in (ink, ground)))
            if ratio < least:
                found[name, ink, ground] = (round(ratio, 2), text)
    return found


Page = tuple[Callable[[], Script], Prepare]


async def nothing(_person: Driver) -> None:
    """The login page."""


async def are_you_there(person: Driver) -> None:
    await person.sign_in(code_page(Stage.TOTP))
    await person.leap(165)
    await person.until(lambda: isinstance(person.app.screen, IdleDialog))


async def by_finger(person: Driver) -> None:
    await person.pilot.resize_terminal(160, 45)
    await sign_in_pictures.sms_by_finger(person)


async def out_of_service(person: Driver) -> None:
    await person.until(lambda: person.app.status is not None and person.app.status.out_of_service is not None)


SIGN_IN: dict[str, Page] = {
    "login-without-sms": (sign_in_pictures.out_of_sms, sign_in_pictures.login_without_sms),
    "explanation": (Script, sign_in_pictures.explanation),
    "by-finger": (Script, by_finger),
    "success": (Script, sign_in_pictures.success),
    "out-of-service": (lambda: Script(status=replace(STATUS, out_of_service="error.disk_full")), out_of_service),
    "help": (Script, lambda person: person.press("f1")),
    "idle": (Script, are_you_there),
}


async def seen_on(page: Page) -> Seen:
    make_script, prepare = page
    async with kiosk(make_script()) as person:
        await prepare(person)
        await person.settle()
        return seen_in(person.app)


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The theme in which a test begins gives every token its own colour."""
    monkeypatch.setitem(TOKENS, "kiosk-dark", TRACED)


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("name", SIGN_IN)
async def test_every_page_of_the_sign_in_can_be_read_in_every_theme(name: str) -> None:
    assert weak(await seen_on(SIGN_IN[name])) == {}


def after_home(story: Prepare) -> Page:
    async def prepare(person: Driver) -> None:
        await person.sign_in(home_page())
        await story(person)

    return Script, prepare


@pytest.mark.usefixtures("traced")
async def test_so_can_mijn_account(monkeypatch: pytest.MonkeyPatch) -> None:
    account, story = ScriptedAccount(), account_pictures.app
    monkeypatch.setattr(ScriptedDesk, "account", lambda _: account, raising=False)
    assert weak(await seen_on((Script, lambda person: story(person, account)))) == {}


@pytest.mark.usefixtures("traced")
async def test_so_can_the_administrators_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    administrator_pictures.furnish(monkeypatch)
    assert weak(await seen_on(after_home(administrator_pictures.people))) == {}


@pytest.mark.usefixtures("traced")
async def test_so_can_the_technicians_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    technician_pictures.furnish(monkeypatch)
    assert weak(await seen_on(after_home(technician_pictures.trouble))) == {}


@pytest.mark.parametrize("name", ["people", "login"])
async def test_textuals_own_rules_for_sixteen_colours_weaken_no_table_and_no_field(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator_pictures.furnish(monkeypatch)
    async with kiosk(look=Look(theme="sixteen", glyphs="basic")) as person:
        if name == "people":
            await person.sign_in(home_page())
            await administrator_pictures.people(person)
        await person.settle()
        seen = seen_in(person.app)
    for (ink, ground, least), text in seen.items():
        ratios = [contrast(palette[ink], palette[ground]) for palette in (VGA, XTERM)]
        assert min(ratios) >= least, (text, ink, ground)


@pytest.mark.usefixtures("traced")
async def test_a_weak_pair_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = await seen_on((Script, nothing))
    # Amber on white, as in a light theme of somebody who did not count.
    monkeypatch.setitem(LIGHT, "quiet", "#F2B84B")
    assert {theme for theme, _ink, _ground in weak(seen)} == {"kiosk-light"}
