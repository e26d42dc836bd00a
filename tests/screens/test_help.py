"""F1: whom to call, what to say, what this desk can do now, and every key of the page."""

from dataclasses import replace

from kiosk.desk_status import HelpDesk, SmsHealth
from tests.screens.doubles import FACTS, STATUS, CodeSample, ready, seen_text, show, small_app


async def test_help_names_help_desk_site_kiosk_state_and_keys() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await pilot.press("f1")
            await pilot.pause()
            text = seen_text(app)
            for part in (
                "Lukt het niet? Bel Servicebalie: 030 555 01 23.",
                "Bereikbaar: ma-vr 8-17",
                "Locatie: Receptie Noord",
                "Inlogpunt: 12",
                "SMS gereed. YubiKey: geen. Inloggen kan nu met: SMS, authenticator app, back-upcode.",
                "Geef nooit uw wachtwoord of code",
                "Enter: doorgaan, Esc: terug, Tab: volgend veld",
                "A: Alternatieve tweefactor authenticatie",
                "T: Terug naar inlogpagina",
                "SLUITEN",
            ):
                assert part in text


async def test_everything_on_it_fits_the_smallest_window() -> None:
    with small_app(status=replace(STATUS, clock_wrong=True, sms=SmsHealth.NO_NETWORK)) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await ready(pilot)
            await show(pilot, CodeSample())
            await pilot.press("f1", "f2")
            await pilot.pause()
            card = app.screen.query_one("#card")
            assert card.max_scroll_y == 0


async def test_help_follows_the_desk_while_it_is_open() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f1")
            app.status = replace(STATUS, sms=SmsHealth.DOWN, methods_working=(), clock_wrong=True)
            await pilot.pause()
            text = seen_text(app)
            assert "SMS werkt niet. Klok loopt niet goed. YubiKey: geen. Inloggen kan nu niet op dit inlogpunt." in text


async def test_a_site_without_a_help_desk_sends_people_to_the_reception() -> None:
    with small_app(facts=replace(FACTS, help_desk=HelpDesk(name="", phone="", hours=""))) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f1")
            await pilot.pause()
            assert "Hulp: vraag het aan de receptie" in seen_text(app)
            assert "Bereikbaar" not in seen_text(app)


async def test_no_password_is_read_out_by_help() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("tab", *"zwaan", "f1")
            await pilot.pause()
            assert "zwaan" not in seen_text(app)
