"""Home: who, since when, what changed, and the way out."""

from dataclasses import replace

from kiosk.sign_in.outcomes import Sentence, Stage
from kiosk.sign_in.views import ChangeView, SignInView
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import FACTS, NOON_MS, SECOND_MS, home_page

DAY = 86_400 * SECOND_MS


async def test_it_says_who_is_here_and_since_when() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())

        assert "Jan de Vries" in person.words
        assert "medewerker" in person.words
        assert "Vorige keer: gisteren 12:03, SMS" in person.words


async def test_an_older_sign_in_has_its_date_in_the_form_of_the_language() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page(last=NOON_MS - 7 * DAY))
        assert "Vorige keer: 27-10-2025 12:03, SMS" in person.words

        await person.press("f2")
        assert "Last time: 2025-10-27 12:03, SMS" in person.words


async def test_the_first_sign_in_is_told_as_the_first() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page(last=None))

        assert "Dit is de eerste keer dat u hier inlogt" in person.words


async def test_the_applications_of_the_site_are_listed() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())

        assert "Toepassingen 1 Bezoekersregistratie 2 Sleutelbeheer 3 Roosters" in person.words


async def test_a_site_without_applications_says_so() -> None:
    async with kiosk(facts=replace(FACTS, applications=())) as person:
        await person.sign_in(home_page())

        assert "Er zijn nog geen toepassingen ingesteld. Vraag de beheerder." in person.words


async def test_what_an_administrator_changed_is_told_with_whom_to_call() -> None:
    view = home_page()
    assert view.home is not None
    change = ChangeView(what="password", by="A. Bakker", at=NOON_MS - DAY, id="c")
    async with kiosk() as person:
        await person.sign_in(replace(view, home=replace(view.home, changes=(change,))))

        assert "A. Bakker heeft gisteren om 12:03 iets aan uw account veranderd." in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words


async def test_signing_out_ends_the_session_and_shows_an_empty_login_page_that_says_so() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        await person.press("u")

        assert person.script.calls("cancel") == [("sign_out",)]
        assert "U bent uitgelogd." in person.words
        assert person.field("name").value == ""
        assert person.focused == "name"


async def test_escape_and_an_enter_in_a_hurry_do_nothing() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        await person.press("escape", "enter", "z")

        assert person.title == "Home"
        assert person.script.calls("cancel") == []


async def test_an_idle_session_is_locked_and_the_warning_says_so() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        await person.leap(281)
        assert "wordt dit scherm vergrendeld. Kies 'Meer tijd' om verder te werken." in person.words
        await person.leap(20)

        assert person.title == "Scherm vergrendeld"
        assert "omdat er een tijd niets gebeurde" in person.words
        assert person.script.calls("cancel") == []


async def test_a_session_that_somebody_else_ended_says_so() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page())
        ended = Sentence("signed_out.administrator")
        await person.become(SignInView(stage=Stage.ENDED, step=(2, 2), language="nl", ended=ended))

        assert "De beheerder heeft u uitgelogd." in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words


async def test_a_name_from_outside_is_never_read_as_markup_or_an_escape_sequence() -> None:
    async with kiosk() as person:
        await person.sign_in(home_page(display_name="[@click=app.exit]Jan[/] \x1b[31m"))

        assert "[@click=app.exit]Jan[/] \\x1b[31m" in person.words


async def test_a_long_name_and_many_applications_fit_80_by_24() -> None:
    name = "Toepassing met een tamelijk lange naam nummer"
    labels = [{"nl": f"{name} {number}", "en": ""} for number in range(1, 10)]
    many = tuple(replace(FACTS.applications[0], labels=label) for label in labels)
    async with kiosk(facts=replace(FACTS, applications=many)) as person:
        await person.sign_in(home_page(display_name="Wilhelmina " * 8))

        assert person.cut_off() == []
        assert person.shown("#sign-out")
