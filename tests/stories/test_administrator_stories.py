"""From a call for help to a person who is in: the administrator's pages on real domain and modems, within the budgets."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from data.factors import FactorKind, FactorState
from data.users import Role, UserState
from hardware.simulator.phone import SimulatedPhone
from kiosk.administration.errors import Forbidden
from kiosk.commands.site import open_site
from kiosk.methods.totp import code_at
from kiosk.passwords import Secret
from screens.account.app import NewAppPage
from screens.administrator.card import CardPage
from screens.administrator.handover import SHOWN_SECONDS, CodePage
from screens.administrator.people import PeoplePage
from screens.administrator.proving import AppHerePage
from screens.administrator.temporary import TemporaryCodePage
from screens.look import Look
from tests.stories.administrator_story import (
    Office,
    changes_of,
    code_on_screen,
    come_in,
    lock,
    next_code,
    office,
    password_on_screen,
    states_of,
    time_passes,
    user_of,
)
from tests.stories.kiosk_story import Story, kiosk_story

CONSOLE = Look(theme="sixteen", glyphs="basic")
NEW_NUMBER = "+31687654321"
OWN_PASSWORD = "kaas trein wolk bezem"


async def temporary_code(desk: Office) -> str:
    """Open the card of Jan and make a code for him."""
    await desk.open_card()
    await desk.press("t")
    await desk.story.until("Hoe weet u wie dit is?")
    await desk.press("2", "2", "enter")
    await desk.story.until("Lees voor aan Jan de Vries")
    return code_on_screen(desk.story)


# ── the commonest jobs, within their budgets ──────────────────────────────────────────────────────────────────────────


async def test_a_locked_out_caller_is_in_with_a_temporary_code_and_an_app_for_ten_keys(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        lock(story)
        desk.count_from_here()
        await desk.open_card(shows="GEBLOKKEERD: tweede stap, 20 fouten")
        await desk.press("t")
        await story.until("[■] Deblokkeer ook (20 fouten)", "[■] Laat meteen een authenticator app toevoegen")
        await desk.press("2", "2", "enter")
        await story.until("Lees voor aan Jan de Vries")
        code = code_on_screen(story)
        await desk.press("enter")
        await story.until("TIJDELIJKE CODE uitgegeven")
        assert desk.pressed == 10
        await desk.leave()

        await story.sign_in("jan")
        await story.until("tijdelijke code")
        await story.pilot.press(*code, "enter")
        await story.until("Regel nu een eigen manier")
        await story.press("n")
        await story.until("AUTHENTICATOR APP")
        await story.press("1")
        await story.until("Sleutel voor de app")
        page = story.app.screen
        assert isinstance(page, NewAppPage)
        await story.pilot.press(*code_at(page._secret, story.premises.clock.wall()), "enter")
        await story.until("Uw authenticator app werkt")
        assert FactorState.ACTIVE in states_of(story, "jan", FactorKind.TOTP)
        assert user_of(story, "jan").second_factor_failures == 0


async def test_unlocking_alone_costs_eight_keys_and_lets_in_at_once(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        lock(desk.story)
        desk.count_from_here()
        await desk.open_card(shows="D Deblokkeren")
        await desk.press("d")
        await desk.story.until("gaan weer open")
        await desk.press("1", "enter")
        await desk.story.until("Gedeblokkeerd. Gelogd als")
        assert desk.pressed == 8
        assert user_of(desk.story, "jan").second_factor_failures == 0
        assert "GEBLOKKEERD" not in desk.story.plain()
        assert "de blokkade van uw account is opgeheven" in await desk.story.sms("jan")


async def test_a_new_number_is_proved_beside_the_administrator_for_nine_keys(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        phone = story.world.air.phone(NEW_NUMBER)
        desk.count_from_here()
        await desk.open_card()
        await desk.press("enter")
        await story.until("Nummer wijzigen")
        await desk.press("w")
        await story.until("Het oude (eindigt op 78) vervalt")
        await story.pilot.press(*NEW_NUMBER.replace("+31", "0"))
        await desk.press("enter")
        await story.until("eindigt op 21", "BEVESTIGEN")
        assert await asyncio.to_thread(story.world.air.wait_for, lambda: bool(codes_on(phone)), 20)
        await story.pilot.press(*codes_on(phone)[0][-6:])
        await desk.press("enter")
        await story.until("Het nummer is bevestigd", "SMS (21)")
        assert desk.pressed == 9
        assert states_of(story, "jan", FactorKind.SMS) == [FactorState.REVOKED, FactorState.ACTIVE]


def codes_on(phone: SimulatedPhone) -> list[str]:
    """The SMS on this phone that hold a code to confirm it."""
    return [text for text in phone.texts if "typ deze code" in text]


async def test_a_leaver_is_switched_off_on_a_day_for_eight_keys_and_the_day(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        desk.count_from_here()
        await desk.open_card()
        await desk.press("i")
        await desk.story.until("Vanaf (leeg = nu)")
        await desk.story.type("31122099")
        await desk.press("1", "enter")
        await desk.story.until("Wordt inactief op 31-12-2099")
        assert desk.pressed == 8
        assert user_of(desk.story, "jan").disabled_from is not None


async def test_a_new_person_costs_four_keys_and_the_form_and_signs_in_with_the_password_shown(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        desk.count_from_here()
        await desk.press("p")
        await story.until("Zoek:")
        await desk.press("tab", "n")
        await story.until("Nieuwe persoon")
        await fill_in(story, "Kees Smit", "k.smit", "06 12345679")
        await desk.press("enter")
        await story.until("Inlognaam: k.smit", "Gemaakt. Gelogd als kenmerk")
        assert desk.pressed == 4
        password = password_on_screen(story)
        await desk.press("enter")
        await desk.leave()
        await story.type("k.smit")
        await story.pilot.press("enter")
        await story.type(password)
        await story.pilot.press("enter")
        await story.until("Kies een wachtwoord")


async def fill_in(story: Story, name: str, user: str, phone: str) -> None:
    """The form of a new person, as far as its reason."""
    for text in (name, user, phone):
        await story.type(text)
        await story.press("tab")
    for _ in range(3):
        await story.press("tab")
    await story.press("1")


# ── the temporary code ────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── who may, and the own second factor ────────────────────────────────────────────────────────────────────────────────


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


# ── the other letters of the card ─────────────────────────────────────────────────────────────────────────────────────


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
        await story.until("5 gevonden")
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


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["marijke b", "MARIJKE", "89", "06 23456789"])
async def test_somebody_is_found_by_name_and_number(tmp_path: Path, text: str) -> None:
    async with office(tmp_path) as desk:
        await desk.press("p")
        await desk.story.until("5 gevonden")
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
        await story.until("5 gevonden")
        await story.type(reference)
        await story.until("1 gevonden", "Vries, Jan de")


async def test_typing_never_waits_and_the_newest_question_wins(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.press("p")
        await story.until("5 gevonden")
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
        await desk.story.until("5 gevonden")
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


async def test_the_slash_goes_back_to_the_search_field(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        await desk.press("p")
        await desk.story.until("5 gevonden")
        await desk.press("tab", "slash")
        await desk.type("ton")
        await desk.story.until("Zoek ton")
