"""The temporary code at the administrator's desk, and who may make one."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.administration.errors import Forbidden
from kiosk.commands.site import open_site
from kiosk.passwords import Secret
from screens.administrator.card import CardPage
from screens.administrator.handover import SHOWN_SECONDS, CodePage
from screens.administrator.people import PeoplePage
from tests.stories.administrator_story import (
    Office,
    changes_of,
    code_on_screen,
    come_in,
    next_code,
    office,
    time_passes,
    user_of,
)
from tests.stories.kiosk_story import Story, kiosk_story


async def temporary_code(desk: Office) -> str:
    """Open the card of Jan and make a code for him."""
    await desk.open_card()
    await desk.press("t")
    await desk.story.until("Hoe weet u wie dit is?")
    await desk.press("2", "2", "enter")
    await desk.story.until("Lees voor aan Jan de Vries")
    return code_on_screen(desk.story)


async def test_without_saying_who_it_is_there_is_no_code(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card()
        await desk.press("t")
        await desk.story.until("Hoe weet u wie dit is?")
        await desk.press("2", "enter")
        await desk.story.until("zonder dat komt er geen code")
        assert changes_of(desk.story, "jan") == []


async def test_called_back_on_a_lost_phone_is_warned_and_a_hurried_enter_makes_no_code(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card()
        await desk.press("t")
        await desk.story.until("Hoe weet u wie dit is?")
        await desk.press("1", "2")
        await desk.story.until("wie nam er op?")
        await desk.press("enter")
        await desk.story.until("Dit komt in het logboek")
        await desk.press("enter")
        await desk.story.until_gone("Dit komt in het logboek")
        assert changes_of(desk.story, "jan") == []
        await desk.press("enter")
        await desk.story.until("Dit komt in het logboek")
        await desk.press("j")
        await desk.story.until("Lees voor aan Jan de Vries")


async def test_whoever_vouches_is_named_and_no_number_of_theirs_goes_into_the_log(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card()
        await desk.press("t")
        await desk.story.until("Hoe weet u wie dit is?")
        await desk.press("4", "3", "enter")
        await desk.story.until("Schrijf wie het bevestigt")
        await desk.type("111222333")
        await desk.press("enter")
        await desk.story.until("misschien een BSN")
        assert changes_of(desk.story, "jan") == []


async def test_the_code_goes_after_a_minute_unless_more_time_is_asked_for(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        code = await temporary_code(desk)
        clock = story.app.clock
        began = clock.monotonic()

        def later(seconds: float) -> None:
            story.app.clock = replace(clock, monotonic=lambda: began + seconds)

        later(SHOWN_SECONDS - 1)
        await desk.press("m")
        later(2 * SHOWN_SECONDS - 2)
        story.app.tick()
        await story.pilot.pause()
        assert code_on_screen(story) == code
        later(2 * SHOWN_SECONDS)
        story.app.tick()
        await story.until("Niet meer te zien")
        assert traces(story, code) == []
        assert "Meer tijd" not in story.plain()


async def test_esc_withdraws_the_code_and_it_opens_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await temporary_code(desk)
        await desk.press("escape")
        await story.until("De code is ingetrokken")
        assert changes_of(story, "jan") == ["temporary_code_issued", "temporary_code_withdrawn"]
        assert "TIJDELIJKE CODE" not in story.plain()


async def test_nothing_of_the_code_is_left_when_the_page_goes(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        code = await temporary_code(desk)
        page = story.app.screen
        assert isinstance(page, CodePage)
        assert code not in repr(page)
        await story.app.show_login(reason="idle")
        await story.until("Gebruikersnaam")
        assert page._secret == ""
        assert traces(story, code) == []
        assert story.app.clipboard == ""


def traces(story: Story, code: str) -> list[str]:
    """Where a code stands still, on the screen or in a widget of any page."""
    digits = f"{code[:4]} {code[4:]}"
    found = [str(screen) for screen in story.app.screen_stack for one in screen.walk_children() if digits in _held(one)]
    return found + ([story.plain()] if code in story.plain().replace(" ", "") else [])


def _held(widget: object) -> str:
    return " ".join(str(value) for value in vars(widget).values() if isinstance(value, str))


async def test_help_that_was_opened_while_the_code_is_made_gives_way_to_it(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card()
        await desk.press("t")
        await story.until("Hoe weet u wie dit is?")
        await desk.press("2", "2")
        go_on = threading.Event()
        story.app.thread.call(lambda _desk: go_on.wait(20))
        try:
            await desk.press("enter", "f1")
            await story.until("Geef nooit uw wachtwoord")
        finally:
            go_on.set()
        await story.until("Lees voor aan Jan de Vries")
        await desk.press("enter")
        await story.until("TIJDELIJKE CODE uitgegeven")


async def test_after_ten_minutes_the_own_second_factor_comes_first_and_the_form_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        time_passes(story, monkeypatch)
        desk.count_from_here()
        await desk.open_card()
        await desk.press("t")
        await story.until("Hoe weet u wie dit is?")
        await desk.press("2", "2", "enter")
        await story.until("Bewijs dat u het bent")
        assert changes_of(story, "jan") == []
        for digit in next_code(story):
            await desk.press(digit)
        await desk.press("enter")
        await story.until("Lees voor aan Jan de Vries")
        await desk.press("enter")
        assert desk.pressed == 17
        assert refusals(story) == []


async def test_leaving_that_proof_changes_nothing_and_keeps_what_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        time_passes(story, monkeypatch)
        await desk.open_card()
        await desk.press("t")
        await story.until("Hoe weet u wie dit is?")
        await desk.press("2", "2", "enter")
        await story.until("Bewijs dat u het bent")
        await desk.press("escape")
        await story.until("> 2 SMS komt niet aan")
        assert changes_of(story, "jan") == []


def refusals(story: Story) -> list[str]:
    """What the log says was not allowed."""
    with story.premises.open_database() as database:
        events = [row.event for row in database.audit.rows()]
        return [event.action for event in events if event is not None and event.result == "refused"]


async def test_only_a_signed_in_administrator_is_given_the_administration(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        with pytest.raises(Forbidden):
            await story.app.ask(lambda desk: desk.office())
        await come_in(story, "techniek")
        assert "Personen" not in story.plain()
        await story.press("p")
        assert not isinstance(story.app.screen, PeoplePage)
        with pytest.raises(Forbidden):
            await story.app.ask(lambda desk: desk.office())
        await story.press("u")
        await come_in(story)
        await story.app.ask(lambda desk: desk.office())
        await story.press("u")
        await story.until("Gebruikersnaam")
        with pytest.raises(Forbidden):
            await story.app.ask(lambda desk: desk.office())


async def test_a_session_that_was_ended_elsewhere_administers_nobody(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        user = user_of(story, "beheer")
        with story.premises.open_database() as database, database.transaction(write=True):
            database.sessions.end_all("administrator", story.premises.clock.now(), user_id=user.id)
        with pytest.raises(Forbidden):
            await story.app.ask(lambda desk: desk.office())
        await story.until("Gebruikersnaam")


async def test_nobody_is_offered_what_they_may_not_do_to_themselves(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card("beheer")
        await desk.story.until("Nieuwe methode")
        shown = desk.story.plain()
        for words in ("Tijdelijke code", "Wachtwoord herstellen", "Inactief maken", "Verwijderen"):
            assert words not in shown
        await desk.press("t", "v", "w", "i")
        assert isinstance(desk.story.app.screen, CardPage)


async def test_an_administrator_who_came_in_by_a_temporary_code_shows_an_own_factor_first(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        give_temporary_code(story, "beheer", "04821937")
        await story.sign_in("beheer")
        await story.until("tijdelijke code")
        await story.pilot.press(*"04821937", "enter")
        await story.until("Regel nu een eigen manier")
        await story.press("escape")
        desk = Office(story)
        await desk.open_card()
        await desk.press("w")
        await story.until("krijgt een eenmalig wachtwoord")
        await desk.press("1", "enter")
        await story.until("Bewijs dat u het bent", "6 cijfers die uw authenticator app")
        assert changes_of(story, "jan") == []


def give_temporary_code(story: Story, name: str, code: str) -> None:
    """As another administrator would."""
    with open_site(story.premises) as site:
        user = site.database.users.by_name(name)
        assert user is not None
        hashed, now = site.hasher.hash(code, Secret.CODE), site.clock.now()
        with site.database.transaction(write=True):
            site.database.temporary_codes.issue(
                user.id,
                code_hash=hashed,
                issued_by="unix:test",
                reason="test",
                proof="test",
                expires_at=now + 600_000,
                now=now,
            )
