"""Mijn account at the kiosk: what a person can do themselves, through the real pages, domain and modems."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from data.factors import FactorKind, FactorState
from kiosk.account import proof
from kiosk.account.account import NotSignedIn
from kiosk.methods.totp import STEP_SECONDS, code_at
from screens.account.app import NewAppPage
from screens.look import Look
from screens.widgets.code_boxes import CodeBoxes
from tests.stories.kiosk_story import Story, kiosk_story

SIZES = [(80, 24), (100, 30)]
CONSOLE = Look(theme="sixteen", glyphs="basic")
NEW_NUMBER = "+31687654321"
NEW_PASSWORD = "kaas trein wolk bezem"


async def come_in(story: Story, name: str, count: int = 1) -> None:
    """Sign in by SMS; `count` SMS are on the phone then."""
    await story.sign_in(name)
    await story.until("SMS code")
    text = await story.sms(name, count)
    await story.type(text[-6:])
    await story.press("enter")
    await story.until("Mijn account", "Uitloggen")


@asynccontextmanager
async def at_home(
    directory: Path, *, size: tuple[int, int] = (80, 24), look: Look | None = None, name: str = "jan"
) -> AsyncIterator[Story]:
    async with kiosk_story(directory, size=size, look=look) as story:
        await come_in(story, name)
        yield story


async def my_account(story: Story) -> None:
    await story.press("m")
    await story.until("Uw gegevens", "Nieuwe methode")


async def one_by_one(story: Story, *keys: str) -> None:
    """A letter acts after its silence: keys at once are a YubiKey."""
    for key in keys:
        await story.press(key)


def time_passes(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof of the sign-in is too old; a leap of ten minutes would be a clock that jumped."""
    monkeypatch.setattr(proof, "FRESH_MS", 40_000)
    story.premises.clock._base_kiosk += 41_000


async def new_secret(story: Story) -> str:
    """The key on the page, as a person types it into the app."""
    await story.until("Sleutel voor de app", "TOEVOEGEN")
    page = story.app.screen
    assert isinstance(page, NewAppPage)
    return page._secret


def app_shows(story: Story, secret: str, *, steps: int = 0) -> str:
    return code_at(secret, story.premises.clock.wall() + steps * STEP_SECONDS * 1000)


def states(story: Story, name: str, kind: FactorKind) -> list[FactorState]:
    with story.premises.open_database() as database:
        user = database.users.by_name(name)
        assert user is not None
        return [row.state for row in database.factors.of_user(user.id) if row.kind is kind]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", [None, CONSOLE], ids=["rich", "console"])
async def test_an_app_is_added_with_four_keys_and_its_code_and_then_signs_in(
    tmp_path: Path, size: tuple[int, int], look: Look | None
) -> None:
    async with at_home(tmp_path, size=size, look=look) as story:
        await my_account(story)
        await story.press("n")
        await story.until("AUTHENTICATOR APP")
        await story.press("1")
        secret = await new_secret(story)
        await story.pilot.press(*app_shows(story, secret))
        await story.press("enter")
        await story.until("Uw authenticator app werkt", "IN ORDE")
        assert "uw manier van inloggen is veranderd" in await story.sms("jan", 2)
        await one_by_one(story, "escape", "u")
        await story.sign_in("jan")
        await story.until("SMS code")
        await story.press("a")
        await story.until("GEBRUIK AUTHENTICATOR APP")
        await story.press("p")
        await story.until("Open de authenticator app")
        await story.pilot.press(*app_shows(story, secret, steps=1))
        await story.press("enter")
        await story.until("Jan de Vries", "Let op", "U hebt vandaag")


async def test_the_key_of_an_app_that_was_not_added_opens_nothing(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await one_by_one(story, "n", "1")
        await new_secret(story)
        await story.pilot.press(*"000000")
        await story.press("enter")
        await story.until("Deze code klopt niet")
        await story.press("escape")
        await story.until("Uw gegevens")
        assert states(story, "jan", FactorKind.TOTP) == []


async def test_the_qr_code_fills_the_screen_where_there_is_no_room_beside_the_key(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await one_by_one(story, "n", "1")
        await new_secret(story)
        await story.press("q")
        await story.until("Druk op een toets")
        await story.press("x")
        await story.until("Sleutel voor de app")


@pytest.mark.parametrize("size", SIZES)
async def test_a_new_phone_is_confirmed_by_sms_and_the_old_one_is_told(tmp_path: Path, size: tuple[int, int]) -> None:
    async with at_home(tmp_path, size=size) as story:
        phone = story.world.air.phone(NEW_NUMBER)
        await my_account(story)
        await one_by_one(story, "n", "2")
        await story.until("Typ het nieuwe nummer")
        await story.pilot.press(*"0687654321")
        await story.press("enter")
        await story.until("eindigt op 21", "BEVESTIGEN")
        assert phone.wait_for(1, timeout=20)
        await story.until("op uw telefoon aangekomen")
        await story.pilot.press(*phone.texts[0][-6:])
        await story.press("enter")
        await story.until("Uw telefoon is bevestigd", "SMS, eindigt op 21")
        assert "telefoonnummer is veranderd" in await story.sms("jan", 2)
        assert states(story, "jan", FactorKind.SMS) == [FactorState.REVOKED, FactorState.ACTIVE]


async def test_a_number_that_cannot_get_sms_is_refused_with_what_to_do(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await one_by_one(story, "n", "2")
        await story.until("Typ het nieuwe nummer")
        await story.pilot.press(*"030555")
        await story.press("enter")
        await story.until("Dit is geen mobiel nummer")
        await story.press("escape")
        await story.until("Uw gegevens", "SMS, eindigt op 78")


async def test_after_ten_minutes_a_fresh_code_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_home(tmp_path) as story:
        time_passes(story, monkeypatch)
        await my_account(story)
        await one_by_one(story, "n", "1")
        await story.until("Bewijs dat u het bent", "eindigt op 78")
        text = await story.sms("jan", 2)
        await story.pilot.press(*text[-6:])
        await story.press("enter")
        await new_secret(story)


async def test_another_way_of_proving_is_two_keys_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_home(tmp_path) as story:
        time_passes(story, monkeypatch)
        await my_account(story)
        await story.press("w")
        await story.until("eindigt op 78")
        await story.press("a")
        await story.until("Typ uw back-upcode van 8 cijfers")
        code = story.person("jan").backup_code
        assert code is not None
        await story.pilot.press(*code)
        await story.press("enter")
        await story.until("Huidig wachtwoord")


async def test_too_many_wrong_codes_sign_out_and_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at_home(tmp_path) as story:
        time_passes(story, monkeypatch)
        await my_account(story)
        await one_by_one(story, "n", "1")
        await story.until("Bewijs dat u het bent", "eindigt op 78")
        right = (await story.sms("jan", 2))[-6:]
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        for _ in range(5):
            boxes = next(one for one in story.app.screen.query(CodeBoxes) if one.display)
            assert boxes.typed == ""
            await story.pilot.press(*wrong)
            await story.press("enter")
            await story.pilot.pause(0.2)
        await story.until("te vaak een verkeerde code", "Gebruikersnaam")


@pytest.mark.parametrize("size", SIZES)
async def test_a_new_back_up_code_is_shown_once_and_the_old_one_is_void(tmp_path: Path, size: tuple[int, int]) -> None:
    async with at_home(tmp_path, size=size) as story:
        old = story.person("jan").backup_code
        await my_account(story)
        await story.press("b")
        await story.until("Uw oude back-upcode werkt")
        await story.press("enter")
        await story.until_gone("Uw oude back-upcode werkt")
        assert story.person("jan").backup_code == old
        await story.press("b")
        await story.until("Uw oude back-upcode werkt")
        await story.press("j")
        await story.until("Dit is uw nieuwe back-upcode", "Back-upcode")
        shown = next(line for line in story.screen().splitlines() if "Back-upcode " in line and "nieuwe" not in line)
        code = "".join(character for character in shown if character.isdigit())
        assert len(code) == 8
        await one_by_one(story, "enter", "j")
        await story.until("Uw nieuwe back-upcode werkt")
        assert code[:4] not in story.plain()
        await one_by_one(story, "escape", "u")
        await story.sign_in("jan")
        await story.until("SMS code")
        await one_by_one(story, "a", "b")
        await story.until("8 cijfers")
        await story.pilot.press(*code)
        await story.press("enter")
        await story.until("U bent succesvol ingelogd")


async def test_the_password_is_changed_after_the_present_one(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await story.press("w")
        await story.until("Huidig wachtwoord")
        for text in ("iets anders dan dat", NEW_PASSWORD, NEW_PASSWORD):
            await story.type(text)
            await story.pilot.press("enter")
        await story.until("Uw huidige wachtwoord klopt niet")
        await story.type(story.person("jan").password)
        await story.pilot.press("enter", "enter", "enter")
        await story.until("Uw wachtwoord is gewijzigd")
        assert "wachtwoord is vervangen" in await story.sms("jan", 2)
        await one_by_one(story, "escape", "u")
        await story.until("Gebruikersnaam")
        await story.type("jan")
        await story.pilot.press("enter")
        await story.type(NEW_PASSWORD)
        await story.pilot.press("enter")
        await story.until("SMS code")


async def test_language_and_contrast_come_back_and_the_next_person_has_those_of_the_desk(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await story.press("t")
        await story.until("Remembered")
        await story.press("c")
        await story.until("Contrast: high")
        await one_by_one(story, "escape", "u")
        await story.until("Gebruikersnaam")
        assert (story.app.language.code, story.app.contrast) == ("nl", False)
        await story.sign_in("jan")
        await story.until("SMS code")
        await story.type((await story.sms("jan", 2))[-6:])
        await story.press("enter")
        await story.until("My account", "Sign out")
        assert story.app.contrast
        await story.press("u")
        await story.until("Gebruikersnaam")
        assert (story.app.language.code, story.app.contrast) == ("nl", False)


async def test_whoever_chose_another_language_in_this_sign_in_keeps_it(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await story.press("t")
        await story.until("Remembered")
        await one_by_one(story, "escape", "u")
        await story.sign_in("jan")
        await story.until("SMS code")
        await one_by_one(story, "f2", "f2")
        await story.type((await story.sms("jan", 2))[-6:])
        await story.press("enter")
        await story.until("Mijn account")


async def test_the_latest_sign_ins_are_listed_with_this_one_first(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await story.press("l")
        await story.until("Uitkomst", "demo 3", "nu, hier")


async def test_signing_out_everywhere_asks_first_and_ends_here_too(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await story.press("o")
        await story.until("U wordt overal uitgelogd")
        await story.press("enter")
        await story.until_gone("U wordt overal uitgelogd")
        await story.press("o")
        await story.press("j")
        await story.until("U bent overal uitgelogd", "Gebruikersnaam")


async def test_the_last_method_cannot_be_removed_and_a_second_one_can(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await story.press("v")
        await story.until("SMS verwijderen?")
        await story.press("j")
        await story.until("Dit is uw enige methode")
        await one_by_one(story, "n", "1")
        secret = await new_secret(story)
        await story.pilot.press(*app_shows(story, secret))
        await story.press("enter")
        await story.until("Uw authenticator app werkt")
        await story.press("v")
        await story.until("SMS verwijderen?")
        await story.press("j")
        await story.until("De methode is verwijderd")
        assert states(story, "jan", FactorKind.SMS) == [FactorState.REVOKED]


async def test_a_temporary_code_leads_to_a_method_of_ones_own(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        give_temporary_code(story, "jan", "04821937")
        await story.sign_in("jan")
        await story.until("tijdelijke code")
        await story.pilot.press(*"04821937")
        await story.press("enter")
        await story.until("Regel nu een eigen manier")
        await story.press("b")
        await story.press("j")
        await story.until("Met een tijdelijke code kunt u alleen iets toevoegen")
        await one_by_one(story, "n", "1")
        secret = await new_secret(story)
        await story.pilot.press(*app_shows(story, secret))
        await story.press("enter")
        await story.until("Uw authenticator app werkt")


def give_temporary_code(story: Story, name: str, code: str) -> None:
    from kiosk.commands.site import open_site
    from kiosk.passwords import Secret

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


async def test_what_was_told_on_home_goes_with_one_key_and_comes_once(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await story.until("U hebt maar een manier om in te loggen")
        await story.press("x")
        await story.until_gone("U hebt maar een manier om in te loggen")
        await story.press("u")
        await come_in(story, "jan", 2)
        assert "U hebt maar een manier" not in story.plain()


async def test_nothing_of_the_account_is_left_after_signing_out_in_the_middle(tmp_path: Path) -> None:
    async with at_home(tmp_path) as story:
        await my_account(story)
        await one_by_one(story, "n", "1")
        secret = await new_secret(story)
        await story.app.show_login(reason="sign_out")
        await story.until("Gebruikersnaam")
        await story.pilot.pause(0.1)
        assert secret[:4] not in story.screen()
        with pytest.raises(NotSignedIn):
            await story.app.ask(lambda desk: desk.account())
        assert await story.app.ask(lambda desk: desk._account) is None
