"""The letters of the card of a person, and the list that it is found in."""

import threading
from pathlib import Path

import pytest

from data.factors import FactorKind, FactorState
from data.users import Role, UserState
from kiosk.methods.totp import code_at
from screens.administrator.people import PeoplePage
from screens.administrator.proving import AppHerePage
from screens.administrator.temporary import TemporaryCodePage
from screens.look import Look
from tests.stories.administrator_story import (
    changes_of,
    come_in,
    lock,
    office,
    password_on_screen,
    states_of,
    user_of,
)
from tests.stories.kiosk_story import kiosk_story

CONSOLE = Look(theme="sixteen", glyphs="basic")


async def test_a_reset_password_is_shown_once_and_leads_to_an_own_one(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card()
        await desk.press("w")
        await story.until("krijgt een eenmalig wachtwoord")
        await desk.press("1", "enter")
        await story.until("Eenmalig wachtwoord", "Wordt een keer getoond")
        password = password_on_screen(story)
        await desk.press("enter")
        await story.until("eenmalig, nog niet gebruikt")
        assert password not in story.plain()
        await desk.leave()
        await story.type("jan")
        await story.pilot.press("enter")
        await story.type(password)
        await story.pilot.press("enter")
        await story.until("Uw wachtwoord is door de beheerder vervangen")


async def test_a_form_without_a_reason_does_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card()
        await desk.press("w")
        await desk.story.until("krijgt een eenmalig wachtwoord")
        await desk.press("enter")
        await desk.story.until("Kies eerst een reden")
        assert changes_of(desk.story, "jan") == []


async def test_deleting_wants_the_name_typed_and_a_hurried_enter_deletes_nobody(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card()
        await desk.press("v")
        await story.until("voorgoed")
        await desk.press("1", "enter")
        await story.until("Dat is niet de inlognaam")
        assert user_of(story, "jan").deleted_at is None
        await desk.type("JAN")
        await desk.press("enter")
        await story.until("Verwijderd. Gelogd als", "Niemand gevonden")
        with story.premises.open_database() as database:
            assert database.users.by_name("jan") is None


async def test_switched_off_now_and_on_again(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card()
        await desk.press("i")
        await story.until("Vanaf (leeg = nu)")
        await desk.press("enter")
        await story.until("Kies eerst een reden")
        await desk.press("1", "enter")
        await story.until("INACTIEF", "I Actief maken")
        assert user_of(story, "jan").state is UserState.DISABLED
        assert "Tijdelijke code" not in story.plain()
        await desk.press("i")
        await story.until("kan weer inloggen")
        await desk.press("1", "enter")
        await story.until("Weer actief", "T Tijdelijke code")


async def test_half_a_day_or_one_that_does_not_exist_switches_nobody_off(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card()
        await desk.press("i")
        await desk.story.until("Vanaf (leeg = nu)")
        await desk.story.type("31022099")
        await desk.story.until("Deze dag bestaat niet")
        await desk.press("1", "enter")
        await desk.story.until("Deze dag bestaat niet")
        assert changes_of(desk.story, "jan") == []


async def test_sessions_are_stopped_and_the_letter_goes_with_them(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        user = user_of(story, "jan")
        with story.premises.open_database() as database, database.transaction(write=True):
            now = story.premises.clock.now()
            elsewhere = database.desks.ensure("Receptie Noord", "balie 2", simulated=True)
            database.sessions.start(user.id, elsewhere.id, "sms", user.epoch, now)
        await desk.open_card(shows="S Sessies stoppen")
        await story.until("balie 2")
        await desk.press("s")
        await story.until("wordt overal uitgelogd")
        await desk.press("1", "enter")
        await story.until("Overal uitgelogd.")
        await story.until_gone("Sessies stoppen")


async def test_the_back_up_code_is_void_and_nobody_here_sees_the_new_one(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card()
        await desk.press("b")
        await desk.story.until("Alleen Jan de Vries ziet de nieuwe")
        await desk.press("1", "enter")
        await desk.story.until("De back-upcode is vervallen")
        assert changes_of(desk.story, "jan") == ["backup_code_renewed"]


async def test_name_and_role_are_changed_and_a_role_needs_more_than_sms(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card("marijke")
        await desk.press("g")
        await story.until("Een andere rol")
        await desk.press("tab")
        await desk.press("3")
        await story.press("tab")
        await desk.press("1", "enter")
        await story.until("Gewijzigd.", "technicus")
        assert user_of(story, "marijke").role is Role.TECHNICIAN
        await desk.press("escape", "escape")
        await story.until("6 gevonden")
        await desk.type("vri")
        await desk.press("enter")
        await story.until("medewerker")
        await desk.press("g")
        await story.until("Een andere rol")
        await desk.press("tab", "3", "tab", "1", "enter")
        await story.until("Deze rol moet iets anders dan SMS hebben")
        assert user_of(story, "jan").role is Role.STAFF


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
@pytest.mark.parametrize("look", [None, CONSOLE], ids=["rich", "console"])
async def test_an_app_is_added_with_the_person_at_the_desk(
    tmp_path: Path, size: tuple[int, int], look: Look | None
) -> None:
    async with office(tmp_path, size=size, look=look) as desk:
        story = desk.story
        await desk.open_card()
        await desk.press("n")
        await story.until("Wie voert het in?")
        await desk.press("1", "1", "1", "enter")
        await story.until("Dit scherm is voor Jan de Vries", "Sleutel voor de app")
        page = story.app.screen
        assert isinstance(page, AppHerePage)
        await story.pilot.press(*"000000")
        await desk.press("enter")
        await story.until("Deze code klopt niet")
        await story.pilot.press(*code_at(page._secret, story.premises.clock.wall()))
        await desk.press("enter")
        await story.until("De app werkt.")
        assert states_of(story, "jan", FactorKind.TOTP) == [FactorState.ACTIVE]


async def test_an_app_is_offered_for_the_next_sign_in(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.open_card()
        await desk.press("n")
        await desk.story.until("Wie voert het in?")
        await desk.press("1", "2", "1", "enter")
        await desk.story.until("Aangeboden", "AANGEBODEN")
        assert states_of(desk.story, "jan", FactorKind.TOTP) == [FactorState.OFFERED]


async def test_a_method_is_revoked_from_its_page(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card("marijke")
        await desk.press("enter")
        await story.until("Nummer wijzigen", "Intrekken")
        await desk.press("v")
        await story.until("werkt daarna niet meer")
        await desk.press("1", "enter")
        await story.until("De methode is ingetrokken")
        assert states_of(story, "marijke", FactorKind.SMS) == [FactorState.REVOKED]


async def test_what_a_colleague_did_meanwhile_is_seen_before_anything_is_done(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card()
        await desk.press("w")
        await story.until("krijgt een eenmalig wachtwoord")
        person_id = user_of(story, "jan").id
        with story.premises.open_database() as database, database.transaction(write=True):
            database.changes.add(person_id, what="role_changed", actor="unix:root", now=story.premises.clock.now())
        await desk.press("1", "enter")
        await story.until("Een collega heeft hier ondertussen iets gewijzigd", "unix:root: rol gewijzigd")
        assert changes_of(story, "jan") == ["role_changed"]


async def test_the_number_of_the_help_desk_is_remembered_for_this_caller(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        lock(desk.story)
        await desk.open_card(shows="D Deblokkeren")
        await desk.press("d")
        await desk.story.until("gaan weer open")
        await desk.press("1")
        await desk.type("TD-4411")
        await desk.press("enter")
        await desk.story.until("Gedeblokkeerd.")
        await desk.press("t")
        await desk.story.until("Hoe weet u wie dit is?", "TD-4411")
        assert isinstance(desk.story.app.screen, TemporaryCodePage)


@pytest.mark.parametrize("text", ["marijke b", "MARIJKE", "89", "06 23456789"])
async def test_somebody_is_found_by_name_and_number(tmp_path: Path, text: str) -> None:
    async with office(tmp_path) as desk:
        await desk.press("p")
        await desk.story.until("6 gevonden")
        await desk.type(text)
        await desk.story.until("1 gevonden", "Bakker, Marijke")


async def test_somebody_is_found_by_the_reference_that_they_read_out(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.until("Gebruikersnaam")
        await story.type("jan")
        await story.pilot.press("enter")
        await story.type("verkeerd wachtwoord hier")
        await story.pilot.press("enter")
        await story.until("Kenmerk voor de helpdesk")
        reference = story.plain().split("Kenmerk voor de helpdesk: ")[1].split()[0]
        await story.press("escape")
        await come_in(story)
        await story.press("p")
        await story.until("6 gevonden")
        await story.type(reference)
        await story.until("1 gevonden", "Vries, Jan de")


async def test_typing_never_waits_and_the_newest_question_wins(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.press("p")
        await story.until("6 gevonden")
        go_on = threading.Event()
        story.app.thread.call(lambda _desk: go_on.wait(20))
        try:
            await desk.type("marij")
            await story.until("marij")
            await desk.press("enter")
            assert isinstance(story.app.screen, PeoplePage)
        finally:
            go_on.set()
        await story.until("Wat u kunt doen", "Bakker, Marijke")


async def test_arrows_move_the_list_while_the_search_field_keeps_the_keys(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.press("p")
        await desk.story.until("> Beheer, Anne")
        await desk.press("down")
        await desk.story.until("> Vries, Jan de")
        await desk.type("j")
        await desk.story.until("Zoek j")
        await desk.press("escape")
        await desk.story.until("6 gevonden")
        await desk.press("escape")
        await desk.story.until("Uitloggen")


async def test_nobody_found_says_what_to_do(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.press("p")
        await desk.type("xyzzy")
        await desk.story.until("Niemand gevonden", "0 gevonden")
        await desk.press("enter")
        assert isinstance(desk.story.app.screen, PeoplePage)


async def test_everything_is_there_in_english_too(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        lock(story)
        await desk.open_card(shows="GEBLOKKEERD")
        await desk.press("f2")
        await story.until("LOCKED: second step, 20 failures", "T Temporary code", "What you can do")
        await desk.press("t")
        await story.until("How do you know who it is?", "[■] Also unlock (20 failures)")
        await desk.press("2", "2", "enter")
        await story.until("Read aloud to Jan de Vries")


async def test_the_slash_goes_back_to_the_search_field(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.press("p")
        await desk.story.until("6 gevonden")
        await desk.press("tab", "slash")
        await desk.type("ton")
        await desk.story.until("Zoek ton")
