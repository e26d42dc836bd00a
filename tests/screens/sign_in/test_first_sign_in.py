"""First sign-in: own password, phone, authenticator app."""

import pytest

from kiosk.sign_in.outcomes import Moved, Refused, Sentence, Stage
from screens.sign_in.qr_dialog import QrDialog
from screens.widgets.qr_code import QrCode
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import (
    SECRET,
    enrol_page,
    password_page,
    phone_page,
    sms_page,
    success_page,
)

SAVED = Moved(Stage.CONFIRM_PHONE, Sentence("first.password.saved"))


async def choose(person: Driver, new: str, repeated: str) -> None:
    await person.type(new)
    await person.press("enter")
    await person.type(repeated)
    await person.press("enter")


async def test_the_page_says_why_and_by_which_rules() -> None:
    async with kiosk() as person:
        await person.sign_in(password_page())

        assert person.title == "Kies een wachtwoord"
        assert person.focused == "new"
        for words in (
            "U logt in met een eenmalig wachtwoord. Kies nu een eigen wachtwoord.",
            "Minimaal 12 tekens, spaties mogen",
            "Niet uw naam of de naam van deze locatie",
            "Geen wachtwoord dat veel mensen gebruiken",
            "Tip: kies vier woorden",
            "WACHTWOORD OPSLAAN",
        ):
            assert words in person.words


async def test_a_reset_is_told_as_one() -> None:
    async with kiosk() as person:
        await person.sign_in(password_page(reset=True))

        assert "Uw wachtwoord is door de beheerder vervangen." in person.words


async def test_a_new_password_goes_on_to_the_next_page_and_says_it_was_saved() -> None:
    async with kiosk() as person:
        await person.sign_in(password_page())
        person.script.answer("choose_own_password", SAVED, phone_page())
        await choose(person, "vier losse woorden", "vier losse woorden")

        assert person.script.calls("choose_own_password") == [("vier losse woorden", "vier losse woorden")]
        assert person.title == "Bevestig uw telefoon"
        assert "Uw nieuwe wachtwoord is opgeslagen." in person.words


async def test_the_rule_of_the_length_is_marked_while_typing() -> None:
    async with kiosk() as person:
        await person.sign_in(password_page())
        assert "· Minimaal 12 tekens" in person.words
        await person.type("vier losse w")

        assert "✓ Minimaal 12 tekens" in person.words


@pytest.mark.parametrize(
    ("text_id", "values", "new", "repeated", "focused"),
    [
        ("first.password.different", {}, "vier losse woorden", "", "repeat"),
        ("first.password.short", {"min": 12}, "", "", "new"),
        ("first.password.known", {}, "", "", "new"),
        ("first.password.own_name", {}, "", "", "new"),
    ],
)
async def test_only_what_is_wrong_is_typed_again(
    text_id: str, values: dict[str, int], new: str, repeated: str, focused: str
) -> None:
    async with kiosk() as person:
        await person.sign_in(password_page())
        person.script.answer("choose_own_password", Refused(Sentence(text_id, values), Stage.OWN_PASSWORD))
        await choose(person, "vier losse woorden", "iets anders")

        assert (person.field("new").value, person.field("repeat").value) == (new, repeated)
        assert person.focused == focused
        assert person.app.language.text(text_id, **values).split(".")[0] in person.words


async def test_a_one_time_password_that_is_used_up_ends_at_the_login_page() -> None:
    async with kiosk() as person:
        await person.sign_in(password_page())
        used = Refused(Sentence("first.one_time.expired"), Stage.ENDED, "K482", names_contact=True)
        person.script.answer("choose_own_password", used)
        await choose(person, "vier losse woorden", "vier losse woorden")

        assert person.title == "Inloggen"
        assert "Vraag de functioneel beheerder om een nieuw." in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words


async def test_the_phone_is_asked_about_before_anything_is_sent() -> None:
    async with kiosk() as person:
        await person.sign_in(phone_page())

        assert "Wij sturen een SMS naar het nummer dat eindigt op 78. Klopt dit nummer?" in person.words
        assert person.focused == "yes"
        assert person.script.calls("confirm_phone") == []


async def test_a_right_number_leads_to_the_code() -> None:
    async with kiosk() as person:
        await person.sign_in(phone_page())
        person.script.answer("confirm_phone", Moved(Stage.SMS_CODE), sms_page(confirming_phone=True))
        await person.press("enter")

        assert person.script.calls("confirm_phone") == [(True,)]
        assert "Daarna weten wij zeker dat de SMS bij u aankomt." in person.words


async def test_a_wrong_number_ends_with_whom_to_ask() -> None:
    async with kiosk() as person:
        await person.sign_in(phone_page())
        wrong = Refused(Sentence("first.phone.wrong_number"), Stage.ENDED, names_contact=True)
        person.script.answer("confirm_phone", wrong)
        await person.press("n")

        assert person.script.calls("confirm_phone") == [(False,)]
        assert person.title == "Inloggen"
        assert "Vraag de functioneel beheerder om uw nummer te veranderen" in person.words


async def test_an_sms_that_cannot_go_leads_to_the_app_with_a_warning() -> None:
    async with kiosk() as person:
        await person.sign_in(phone_page())
        not_sent = Moved(Stage.ENROL_TOTP, Sentence("first.phone.not_sent"), warning=True)
        person.script.answer("confirm_phone", not_sent, enrol_page())
        await person.press("j")

        assert person.title == "Koppel uw authenticator app"
        assert person.message.tone == "failure"
        assert person.cut_off() == []


async def test_the_key_of_the_app_stands_there_in_groups_of_four() -> None:
    async with kiosk() as person:
        await person.sign_in(enrol_page())

        assert "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP" in person.words
        assert person.focused == "code"


async def test_the_first_code_of_the_app_links_it() -> None:
    async with kiosk() as person:
        await person.sign_in(enrol_page())
        person.script.answer("answer", Moved(Stage.SUCCESS), success_page(first=True))
        await person.type("123456")
        await person.press("enter")

        assert person.script.calls("answer") == [("123456",)]
        assert person.title == "U bent succesvol ingelogd"


async def test_the_qr_code_of_the_app_is_whole_on_the_screen_at_80_by_24() -> None:
    async with kiosk() as person:
        await person.sign_in(enrol_page())
        await person.press("q")
        screen = person.app.screen
        assert isinstance(screen, QrDialog)
        code = screen.query_one(QrCode)
        assert code.region.size == code.cells_needed
        assert screen.region.contains_region(code.region)

        await person.press("1")
        assert person.title == "Koppel uw authenticator app"
        assert person.boxes.typed == ""


async def test_the_qr_code_of_the_app_stands_beside_the_text_at_100_by_30() -> None:
    async with kiosk(size=(100, 30)) as person:
        await person.sign_in(enrol_page())
        code = person.page.query_one(QrCode)

        assert code.region.size == code.cells_needed
        assert "Scan de QR-code met de authenticator app" in person.words
        assert not person.shown("#show-qr")
        assert person.cut_off() == []


async def test_a_qr_code_that_fits_nowhere_is_not_offered_but_the_key_is() -> None:
    async with kiosk() as person:
        await person.sign_in(enrol_page("otpauth://totp/" + "x" * 400))

        assert not person.shown("#show-qr")
        assert not person.shown("QrCode")
        assert "JBSW Y3DP" in person.words


async def test_no_secret_of_the_app_is_in_what_the_page_says_of_itself() -> None:
    async with kiosk() as person:
        await person.sign_in(enrol_page())

        assert SECRET not in repr(person.page)
