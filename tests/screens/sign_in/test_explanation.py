"""UITLEG: six titles, one of them open, and what is known right now."""

from kiosk.sign_in.outcomes import Sentence
from screens.look import Look
from screens.sign_in.qr_dialog import QrDialog
from screens.widgets.qr_code import QrCode
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import NOON_MS, Script, explanation, sms_page, sms_view

TITLES = (
    "1. Zet uw telefoon uit en aan",
    "2. Kies een andere manier",
    "3. Verstuur de SMS opnieuw",
    "4. Kijk of er een storing is",
    "5. Gebruik de back-upcode",
    "6. Bel de functioneel beheerder",
)


async def open_it(person: Driver) -> None:
    await person.sign_in(sms_page())
    await person.press("a", "u")


async def test_all_six_titles_stand_there_whichever_step_is_open() -> None:
    async with kiosk() as person:
        await open_it(person)
        for number in "123456":
            await person.press(number)
            assert all(title in person.words for title in TITLES)


async def test_the_first_step_is_open_at_start() -> None:
    async with kiosk() as person:
        await open_it(person)

        assert person.focused == "step-1"
        assert "Zet uw telefoon helemaal uit en daarna weer aan." in person.words
        assert "Dit hebt u al gedaan." not in person.words


async def test_a_digit_opens_its_step() -> None:
    async with kiosk() as person:
        await open_it(person)
        await person.press("4")

        assert "SMS via Vodafone kwam het afgelopen uur wel aan bij anderen." in person.words
        assert "Zet uw telefoon helemaal uit" not in person.words


async def test_arrows_and_enter_go_from_step_to_step() -> None:
    async with kiosk() as person:
        await open_it(person)
        await person.press("down")
        assert person.focused == "step-2"
        await person.press("enter")
        assert person.focused == "step-3"
        await person.press("up")
        assert person.focused == "step-2"


async def test_enter_after_the_last_step_comes_to_the_way_out() -> None:
    async with kiosk() as person:
        await open_it(person)
        await person.press("6", "enter", "enter")

        assert person.title == "Geen SMS ontvangen"


async def test_the_other_ways_stand_under_the_back_up_code() -> None:
    async with kiosk() as person:
        await open_it(person)
        await person.press("5")

        assert "U kunt ook uw YubiKey of uw authenticator app gebruiken." in person.words


async def test_whom_to_call_is_named() -> None:
    async with kiosk() as person:
        await open_it(person)
        await person.press("6")

        assert "Bel Servicedesk: 030 555 01 23 (ma-vr 8-17 uur)." in person.words


async def test_it_follows_what_becomes_known_and_keeps_the_open_step() -> None:
    script = Script()
    async with kiosk(script) as person:
        await open_it(person)
        await person.press("1")
        script.explanation = explanation(Sentence("explain.step1.delivered", {"time": NOON_MS}))
        await person.become(sms_page(sms_view(sends=2)))

        assert "is de SMS om 12:03 op uw telefoon aangekomen." in person.words
        assert person.focused == "step-1"


async def test_escape_goes_back_to_the_alternatives() -> None:
    async with kiosk() as person:
        await open_it(person)
        await person.press("escape")

        assert person.title == "Geen SMS ontvangen"


async def test_the_qr_code_stands_beside_the_steps_where_there_is_room() -> None:
    async with kiosk(size=(100, 30)) as person:
        await open_it(person)
        code = person.page.query_one(QrCode)

        assert code.display
        assert code.region.size == code.cells_needed
        assert not person.shown("#show-qr")
        assert person.cut_off() == []


async def test_the_qr_code_is_behind_a_key_at_80_by_24_and_any_key_returns() -> None:
    async with kiosk() as person:
        await open_it(person)
        await person.press("q")
        assert isinstance(person.app.screen, QrDialog)
        code = person.app.screen.query_one(QrCode)
        assert code.region.size == code.cells_needed
        assert person.app.screen.region.contains_region(code.region)

        await person.press("x")
        assert person.title == "Uitleg: geen SMS ontvangen"


async def test_a_font_without_half_blocks_is_offered_no_qr_code() -> None:
    async with kiosk(look=Look(theme="sixteen", glyphs="basic")) as person:
        await open_it(person)

        assert not person.shown("#show-qr")
        assert not person.shown("QrCode")


async def test_a_database_that_fails_says_so() -> None:
    async with kiosk(Script(explanation=OSError("no database"))) as person:
        await open_it(person)

        assert "Dit inlogpunt kan nu niet bij de accounts." in person.words
