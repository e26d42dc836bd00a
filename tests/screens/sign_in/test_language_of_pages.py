"""F2 on every page: other words in place, nothing typed is lost, and the domain knows."""

import pytest

from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from kiosk.sign_in.views import SignInView
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import (
    choose_page,
    code_page,
    enrol_page,
    home_page,
    password_page,
    phone_page,
    sms_page,
    success_page,
)

DUTCH = ("INLOGGEN", "Terug naar", "Wachtwoord", "DOORGAAN", "Uitloggen", "Typ ", "Kies ", "nog ")


@pytest.mark.parametrize(
    ("view", "title"),
    [
        (sms_page(), "SMS code"),
        (code_page(Stage.BACKUP_CODE), "Back-up code"),
        (code_page(Stage.TEMPORARY_CODE), "Temporary code"),
        (code_page(Stage.TOTP), "Authenticator app"),
        (enrol_page(), "Add your authenticator app"),
        (choose_page(), "Choose your second step"),
        (phone_page(), "Confirm your phone"),
        (password_page(), "Choose a password"),
        (success_page(), "You are signed in"),
        (home_page(), "Home"),
    ],
)
async def test_every_word_of_a_page_changes(view: SignInView, title: str) -> None:
    async with kiosk() as person:
        await person.sign_in(view)
        await person.press("f2")

        assert person.title == title
        assert not [words for words in DUTCH if words in person.words]


async def test_typed_text_and_focus_stay_on_the_login_page() -> None:
    async with kiosk() as person:
        await person.type("jan")
        await person.press("enter")
        await person.type("geheim")
        await person.press("f2")

        assert (person.field("name").value, person.field("password").value) == ("jan", "geheim")
        assert person.focused == "password"
        assert "SIGN IN" in person.words


async def test_the_code_the_message_and_the_time_stay_on_the_code_page() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        wrong = Refused(Sentence("sms.code.wrong", {"left": 4}), Stage.SMS_CODE, "K482", clears_field=False)
        person.script.answer("answer", wrong)
        await person.type("753")
        await person.press("enter", "f2")

        assert person.boxes.typed == "753"
        assert person.focused == "code"
        assert "This code is not correct. Look closely at the SMS, tries left: 4." in person.words
        assert "Reference for the help desk: K482" in person.words
        assert "left" in person.words


async def test_the_domain_is_told() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("f2")

        assert person.script.sign_ins[-1].language == "en"


async def test_a_sign_in_begins_in_the_language_of_the_page() -> None:
    async with kiosk() as person:
        await person.press("f2")
        await person.sign_in(sms_page())

        assert person.script.sign_ins[-1].language == "en"


async def test_the_way_back_keeps_the_language_and_signing_out_does_not() -> None:
    async with kiosk() as person:
        await person.press("f2")
        await person.sign_in(sms_page())
        await person.press("escape")
        assert person.title == "Sign in"

        await person.sign_in(home_page())
        await person.press("u")
        assert person.title == "Inloggen"


async def test_the_dialogs_speak_the_other_language_too() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("a", "f2")
        assert person.title == "No SMS received"
        assert "SEND SMS AGAIN" in person.words

        await person.press("u")
        assert "1. Switch your phone off and on" in person.words
