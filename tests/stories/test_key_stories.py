"""Signing in by key as a person lives it: the real pages, the real libraries, simulated USB ports."""

import time
from pathlib import Path

import pytest

from screens.look import Look
from tests.stories.administrator_story import Office, changes_of, come_in
from tests.stories.kiosk_story import LOOK_SECONDS, PATIENCE_SECONDS, Story, kiosk_story

SIZES = [
    pytest.param((80, 24), Look(theme="dark", glyphs="rich"), id="80x24"),
    pytest.param((100, 30), Look(theme="sixteen", glyphs="basic"), id="console at 100x30"),
]


async def blinks(story: Story, *, blinking: bool = True) -> None:
    """A key waits for a touch, or none does any more."""
    end = time.monotonic() + PATIENCE_SECONDS
    while any(key.blinking for key in story.world.keys.states()) is not blinking:
        assert time.monotonic() < end, story.screen()
        await story.pilot.pause(LOOK_SECONDS)


async def touched(story: Story, *, expect: str) -> None:
    """A finger on the key, and what follows."""
    await blinks(story)
    story.world.touch_key()
    await story.until(expect)


@pytest.mark.parametrize(("size", "look"), SIZES)
async def test_insert_touch_in(tmp_path: Path, size: tuple[int, int], look: Look) -> None:
    async with kiosk_story(tmp_path, size=size, look=look) as story:
        await story.sign_in("sam")
        await story.until("Steek uw YubiKey in de USB-poort", "YubiKey: geen")
        story.world.toggle_key("sam")
        await story.until("Raak uw YubiKey aan", "YubiKey: aanwezig")
        await touched(story, expect="Sam Visser")
        assert not story.world.air.accepted


async def test_everything_that_goes_wrong_is_told_and_goes_on_by_itself(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("sam")
        story.world.toggle_key("solo")
        await story.until("Deze YubiKey hoort niet bij uw account")
        story.world.toggle_key("fips")
        await story.until("Er zitten meer YubiKeys in dit inlogpunt")
        story.world.toggle_key("fips")
        story.world.toggle_key("sam")
        await story.until("Raak uw YubiKey aan", "nog 0:")
        story.world.toggle_key("sam")
        await story.until("De YubiKey is er te vroeg uit gehaald")
        story.world.toggle_key("sam")
        await story.until("Raak uw YubiKey aan")
        await touched(story, expect="Sam Visser")


async def test_another_way_is_one_letter_away_and_the_key_stops_blinking(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("sam")
        story.world.toggle_key("sam")
        await story.until("Raak uw YubiKey aan")
        await story.press("a")
        await story.until("GEBRUIK BACK-UP CODE")
        await story.press("b")
        await story.until("Back-upcode")
        await blinks(story, blinking=False)


async def test_the_key_in_english(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path, language="en") as story:
        await story.pilot.pause()
        await story.type("sam")
        await story.pilot.press("enter")
        await story.type(story.person("sam").password)
        await story.pilot.press("enter")
        await story.until("Put your YubiKey in the USB port")
        story.world.toggle_key("solo")
        await story.until("This YubiKey does not belong to your account")


async def test_whoever_signs_out_with_the_key_still_in_is_reminded_of_it(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("sam")
        story.world.toggle_key("sam")
        await story.until("Raak uw YubiKey aan")
        await touched(story, expect="Sam Visser")
        await story.press("u")
        await story.until("Vergeet uw YubiKey niet")


async def test_letters_that_a_key_types_on_its_page_change_nothing(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("sam")
        await story.until("Steek uw YubiKey in de USB-poort")
        await story.type("cccccccccccbdefghijklnrtuvcbdefghijklnrtuvcb")
        await story.pilot.press("enter")
        await story.until("Steek uw YubiKey in de USB-poort")
        assert "Een YubiKey heeft" in story.plain() or "getypt" in story.plain()


async def test_the_technician_tests_a_key_with_two_touches(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path, size=(100, 30)) as story:
        await story.sign_in("techniek")
        code = story.person("techniek").totp_code
        assert code is not None
        await story.until("Authenticator app")
        await story.type(code)
        await story.pilot.press("enter")
        await story.until("Tom Techniek")
        await story.press("y")
        await story.until("YubiKey testen", "Steek uw YubiKey in de USB-poort")
        story.world.toggle_key("sam")
        await story.until("Raak uw YubiKey aan", "Yubico YubiKey")
        for told in ("eerste aanraking", "per vraag"):
            await story.until(told)
            await blinks(story)
            story.world.touch_key()
        await story.until("teller", "hoger")
        await story.press("e")
        await story.until("Bewaard als keytest-")


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
async def test_a_person_adds_a_key_of_their_own_and_signs_in_with_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with kiosk_story(tmp_path, size=size) as story:
        await story.sign_in("jan")
        text = await story.sms("jan")
        await story.until("SMS code")
        await story.type(text[-6:])
        await story.press("enter")
        await story.until("Jan de Vries")
        await story.press("m")
        await story.until("Mijn account")
        await story.press("n")
        await story.until("YUBIKEY OF ANDERE SLEUTEL")
        await story.press("3")
        await story.until("YubiKey toevoegen", "Steek uw YubiKey in de USB-poort")
        story.world.toggle_key("fips")
        await story.until("PIN van uw YubiKey")
        pin = next(key.pin for key in story.world.keys.states() if key.name == "fips")
        assert pin is not None
        await story.type(pin)
        await story.press("enter")
        await blinks(story)
        story.world.touch_key()
        await story.until("Typ de PIN van uw YubiKey")
        await story.type(pin)
        await story.press("enter")
        await story.until("nog een keer aan, als proef")
        await blinks(story)
        story.world.touch_key()
        await story.until("De sleutel werkt", "Hoe noemt u deze sleutel?")
        await story.type("bureaula")
        await story.press("enter")
        await story.until("De sleutel is toegevoegd", "YubiKey bureaula")
        await story.press("escape")
        await story.until("Uitloggen")
        await story.press("u")
        await story.until("Vergeet uw YubiKey niet")
        assert pin not in story.plain()


async def test_an_administrator_adds_a_key_with_the_person_beside_them_who_signs_in_with_it(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await come_in(story)
        office = Office(story)
        await office.open_card()
        await office.press("n")
        await story.until("Welke methode?")
        await office.press("3", "1", "3", "enter")
        await story.until("Dit scherm is voor Vries, Jan de", "Steek uw YubiKey in de USB-poort")
        story.world.toggle_key("solo")
        for told in ("nog een keer aan, als proef", "De sleutel werkt"):
            await touched(story, expect=told)
        await story.type("sleutelbos")
        await story.press("enter")
        await story.until("De sleutel is toegevoegd", "Wat u kunt doen")
        await office.leave()
        await story.sign_in("jan")
        await story.until("Raak uw YubiKey aan")
        await touched(story, expect="Jan de Vries")
        assert changes_of(story, "jan") == ["method_added"]
        # The notice of the new method, and no code for whoever stands there with a key in the port.
        assert "uw manier van inloggen is veranderd" in await story.sms("jan")
        assert len(story.world.air.accepted) == 1


async def test_leaving_the_page_of_a_new_key_lets_it_go_and_keeps_nothing(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("sam")
        story.world.toggle_key("sam")
        await story.until("Raak uw YubiKey aan")
        await touched(story, expect="Sam Visser")
        story.world.toggle_key("sam")
        await story.press("m")
        await story.until("Mijn account")
        await story.press("n")
        await story.until("YUBIKEY OF ANDERE SLEUTEL")
        await story.press("3")
        await story.until("Steek uw YubiKey in de USB-poort")
        story.world.toggle_key("solo")
        await blinks(story)
        await story.press("escape")
        await story.until_gone("YubiKey toevoegen")
        await blinks(story, blinking=False)
