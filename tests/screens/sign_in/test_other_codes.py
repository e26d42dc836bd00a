"""Back-up code, temporary code, authenticator app, and the choice between ways."""

import pytest

from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Sentence, Stage
from kiosk.sign_in.views import WayView
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import (
    BACKUP,
    NOON_MS,
    SECOND_MS,
    YUBIKEY,
    choose_page,
    code_page,
    home_page,
    sms_page,
    sms_view,
    success_page,
)

PAGES = [
    (Stage.BACKUP_CODE, "Back-upcode", "Typ de 8 cijfers van uw back-upcode. U kunt deze code 1 keer gebruiken."),
    (Stage.TEMPORARY_CODE, "Tijdelijke code", "Voor u is een tijdelijke code gemaakt."),
    (Stage.TOTP, "Authenticator app", "Typ de 6 cijfers die u bij Receptie Noord ziet."),
]


@pytest.mark.parametrize(("stage", "title", "intro"), PAGES)
async def test_each_code_page_has_its_words_and_the_focus_in_its_boxes(stage: Stage, title: str, intro: str) -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(stage))

        assert person.title == title
        assert intro in person.words
        assert person.focused == "code"
        for words in ("INLOGGEN", "Alternatieve tweefactor authenticatie", "Terug naar inlogpagina"):
            assert words in person.words


async def test_the_back_up_page_says_that_a_temporary_code_is_fine() -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(Stage.BACKUP_CODE))

        assert "Een tijdelijke code van de beheerder mag hier ook" in person.words


@pytest.mark.parametrize("how", ["typed", "pasted"])
async def test_a_right_back_up_code_leads_to_the_new_one(how: str) -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(Stage.BACKUP_CODE, sms=sms_view()))
        person.script.answer("answer", Moved(Stage.SUCCESS), success_page())
        if how == "typed":
            await person.type("17532256")
        else:
            await person.paste(" 1753 - 2256 ")
        await person.press("enter")

        assert person.script.calls("answer") == [("17532256",)]
        assert person.title == "U bent succesvol ingelogd"


async def test_a_wrong_back_up_code_tells_the_tries() -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(Stage.BACKUP_CODE))
        person.script.answer("answer", Refused(Sentence("backup.wrong", {"left": 3}), Stage.BACKUP_CODE, "K482"))
        await person.type("17532256")
        await person.press("enter")

        assert "Controleer de cijfers, u kunt het nog 3 keer proberen." in person.words
        assert person.boxes.typed == ""
        assert person.focused == "code"


async def test_escape_goes_back_to_a_running_sms_code() -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(Stage.BACKUP_CODE, sms=sms_view()))
        person.script.answer("back_to_sms", Moved(Stage.SMS_CODE), sms_page())
        await person.press("escape")

        assert person.title == "SMS code"
        assert person.script.calls("cancel") == []


async def test_escape_without_an_sms_goes_back_to_the_login_page() -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(Stage.TOTP))
        await person.press("escape")

        assert person.title == "Inloggen"
        assert person.script.calls("cancel") == [("person",)]


async def test_the_link_goes_back_to_the_login_page_although_an_sms_runs() -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(Stage.BACKUP_CODE, sms=sms_view()))
        person.page.query_one("#back").focus()
        await person.press("enter")

        assert person.title == "Inloggen"


async def test_a_right_code_of_the_app_leads_home() -> None:
    async with kiosk() as person:
        await person.sign_in(code_page(Stage.TOTP))
        person.script.answer("answer", Moved(Stage.SIGNED_IN), home_page())
        await person.type("123456")
        await person.press("enter")

        assert person.title == "Home"


async def test_the_choice_starts_on_the_likeliest_way() -> None:
    async with kiosk() as person:
        await person.sign_in(choose_page())
        person.script.answer("take", Moved(Stage.SMS_CODE), sms_page())
        assert person.title == "Kies uw tweede stap"
        assert "Uw wachtwoord klopt. Kies hoe u verder wilt inloggen." in person.words
        await person.press("enter")

        assert person.script.calls("take") == [(MethodKind.SMS,)]
        assert person.title == "SMS code"


async def test_a_choice_that_does_not_work_says_why() -> None:
    async with kiosk() as person:
        await person.sign_in(choose_page())
        await person.press("y")

        assert "Er hoort nog geen YubiKey bij uw account." in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words
        assert person.script.calls("take") == []


async def test_the_choice_follows_what_works() -> None:
    async with kiosk() as person:
        broken = WayView(kind=MethodKind.SMS, why_not=Sentence("no_sms.try_other"))
        await person.sign_in(choose_page(broken, YUBIKEY, BACKUP))
        await person.press("s")
        assert "Een SMS versturen kan nu niet." in person.words

        await person.become(choose_page(WayView(kind=MethodKind.SMS), YUBIKEY, BACKUP))
        person.script.answer("take", Moved(Stage.SMS_CODE), sms_page())
        await person.press("s")
        assert person.title == "SMS code"


async def test_escape_on_the_choice_goes_back_to_the_login_page() -> None:
    async with kiosk() as person:
        await person.sign_in(choose_page())
        await person.press("escape")

        assert person.title == "Inloggen"


@pytest.mark.parametrize("stage", [Stage.BACKUP_CODE, Stage.SMS_CODE])
async def test_a_living_sms_code_is_the_clock_of_every_page_after_the_password(stage: Stage) -> None:
    living = sms_view(valid_until=NOON_MS + 300 * SECOND_MS)
    async with kiosk() as person:
        await person.sign_in(sms_page(living) if stage is Stage.SMS_CODE else code_page(stage, sms=living))
        await person.leap(270)
        assert not person.in_dialog

        await person.leap(15)
        assert person.title == "Bent u er nog?"
