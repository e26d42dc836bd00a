"""Pictures of the administrator's pages: a few, each looked at before it was kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from data.changes import Change
from data.factors import FactorKind, FactorState
from data.users import PasswordState, Role, User, UserState
from kiosk.administration.card import BackupLine, MethodLine, PasswordLine, PersonCard
from kiosk.administration.people import CardSeen, People, PersonLine, Standing
from kiosk.administration.temporary import IssuedCode
from screens.administrator import card as card_page
from screens.administrator import people as people_page
from screens.administrator.card import CardPage
from screens.administrator.deeds import OffPage
from screens.administrator.handover import CodePage
from screens.administrator.people import PeoplePage
from screens.administrator.temporary import TemporaryCodePage
from screens.app import KioskApp
from tests.screens.sign_in.driver import Driver
from tests.screens.sign_in.scripted import NOON_MS, HandClock, Script, ScriptedDesk, home_page, make_app

LOW, HIGH = (80, 24), (100, 30)
DAY = 86_400_000
NAME = "Vries, Jan de"
JAN = User(
    id="jan",
    name="j.devries",
    name_key="j.devries",
    display_name="Jan de Vries",
    role=Role.STAFF,
    language="nl",
    state=UserState.ACTIVE,
    password_hash="-",
    password_state=PasswordState.OWN,
    password_expires_at=None,
    preferred_factor=None,
    epoch=1,
    second_factor_failures=20,
    last_sign_in_at=NOON_MS - DAY,
    last_method="sms",
    created_at=NOON_MS - 90 * DAY,
    disabled_from=None,
    deleted_at=None,
)
SMS = MethodLine(
    id="sms",
    kind=FactorKind.SMS,
    state=FactorState.ACTIVE,
    label="sms",
    number_tail="78",
    added_at=NOON_MS - 90 * DAY,
    confirmed_at=NOON_MS - 90 * DAY,
    last_used_at=NOON_MS - DAY,
    drift=0,
    replaces=None,
)
UNLOCKED = Change(
    id="change",
    user_id="jan",
    what="second_factor_unlocked",
    actor="anne",
    reason="mistyped",
    proof=None,
    parameters={},
    at=NOON_MS - DAY,
    seen_at=None,
)
CARD = PersonCard(
    user=JAN,
    version="change",
    switched_off=False,
    password=PasswordLine(
        exists=True, one_time=False, expires_at=None, expired=False, failures=0, locked=False, wait_until=None
    ),
    second_factor_failures=20,
    second_factor_locked=True,
    methods=(SMS,),
    backup=BackupLine(live=True, confirmed=True, failures_in_row=0, trouble=None, last_used_at=None),
    temporary=None,
    sessions=(),
    last_desk="balie Noord",
    changes=(UNLOCKED,),
    only_sms=True,
    needs_other_factor=False,
)
SEEN = CardSeen(card=CARD, actors={"anne": "Anne Bakker"}, own=False, temporary_minutes=10, temporary_maximum=1440)


def line(name: str, shown: str, standing: Standing, *methods: str) -> PersonLine:
    return PersonLine(id=name, name=name, display_name=shown, methods=methods, standing=standing, off_at=NOON_MS + DAY)


LINES = (
    line("j.devries", "Jan de Vries", Standing.LOCKED_FACTOR, "sms"),
    line("m.devries", "Marijke de Vries", Standing.GOOD, "sms", "totp"),
    line("t.vrijman", "Ton Vrijman", Standing.OFF_SOON, "yubikey_fido2"),
    line("v.vries", "[red]Vera[/] Vries", Standing.INVITED),
)
FOUND = People(text="", lines=LINES, more=False, total=1284)


async def people(person: Driver) -> None:
    page = PeoplePage()
    person.app.push_screen(page)
    await person.until(lambda: page.people is not None)


async def card(person: Driver) -> None:
    page = CardPage("jan", NAME)
    person.app.push_screen(page)
    await person.until(lambda: page.seen is not None)


async def temporary(person: Driver) -> None:
    page = TemporaryCodePage(SEEN, NAME)
    person.app.push_screen(page)
    await person.until(lambda: page.is_mounted)
    await person.settle()
    await person.press("1")
    await person.press("2")


async def code(person: Driver) -> None:
    issued = IssuedCode(user=JAN, code="48210937", code_id="c", expires_at=NOON_MS + 600_000, reference="K482")
    page = CodePage(issued, NAME)
    person.app.push_screen(page)
    await person.until(lambda: page.is_mounted)


async def off(person: Driver) -> None:
    page = OffPage(SEEN, NAME)
    person.app.push_screen(page)
    await person.until(lambda: page.is_mounted)
    await person.settle()
    for digit in "3112":
        await person.press(digit)


PICTURES = {
    "people-low": (people, LOW),
    "people-high": (people, HIGH),
    "card-low": (card, LOW),
    "card-high": (card, HIGH),
    "temporary-low": (temporary, LOW),
    "code-low": (code, LOW),
    "code-high": (code, HIGH),
    "off-low": (off, LOW),
}


def of_line(person_id: str) -> CardSeen:
    """The card of somebody in the list."""
    return replace(SEEN, card=replace(CARD, user=replace(JAN, id=person_id)))


def furnish(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pages ask for."""
    monkeypatch.setattr(ScriptedDesk, "office", lambda _: Nowhere(), raising=False)
    monkeypatch.setattr(people_page, "people", lambda _site, _text, *, limit: FOUND if limit else None)
    monkeypatch.setattr(people_page, "look", lambda _office, person_id: of_line(person_id))
    monkeypatch.setattr(card_page, "look", lambda _office, _person_id: SEEN)


@pytest.mark.parametrize("name", PICTURES)
def test_pages(snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    story, size = PICTURES[name]
    furnish(monkeypatch)
    script, hand = Script(), HandClock()
    app, thread = make_app(script, hand)

    async def before(pilot: Pilot[Any]) -> None:
        person = Driver(cast("KioskApp", pilot.app), pilot, script, hand)
        await person.until(lambda: person.app.status is not None)
        await person.settle()
        await person.sign_in(home_page())
        await story(person)
        person.app.tick()
        await person.settle()

    try:
        assert snap_compare(app, terminal_size=size, run_before=before)
    finally:
        assert thread.stop()


class Nowhere:
    """An office without a site: the pages ask the functions that are replaced here."""

    site = None
