"""From a call for help to a person who is in: the commonest jobs of an administrator, each within its key presses."""

import asyncio
from pathlib import Path

from data.factors import FactorKind, FactorState
from hardware.simulator.phone import SimulatedPhone
from kiosk.methods.totp import code_at
from screens.account.app import NewAppPage
from tests.stories.administrator_story import (
    code_on_screen,
    lock,
    office,
    password_on_screen,
    states_of,
    user_of,
)
from tests.stories.kiosk_story import Story

NEW_NUMBER = "+31687654321"


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
