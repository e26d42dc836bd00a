"""U bent succesvol ingelogd: the code is read, written down, and gone."""

import pytest

from kiosk.sign_in.outcomes import Moved, Refused, Sentence, Stage
from screens.widgets.block_digits import BlockDigits
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import home_page, success_page

HOME = Moved(Stage.SIGNED_IN)


async def test_the_code_stands_there_large_and_plain() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())

        assert person.title == "U bent succesvol ingelogd"
        assert "Back-upcode 1753 2256" in person.words
        assert person.page.query_one(BlockDigits)._text == "1753 2256"
        assert "Uw oude back-upcode is gebruikt, dit is uw nieuwe." in person.words
        assert "U ziet deze code maar 1 keer" in person.words
        assert person.focused == "continue"


async def test_the_first_code_is_told_as_the_first() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page(first=True))

        assert "Dit is uw back-upcode, voor als uw telefoon of YubiKey er niet is." in person.words


async def test_continuing_asks_first_and_starts_on_no() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        await person.press("enter")

        assert person.title == "Hebt u de code genoteerd?"
        assert "Na DOORGAAN ziet u deze code niet meer." in person.words
        assert person.focused == "no"
        assert person.script.calls("confirm_backup_code") == []


async def test_a_second_enter_in_a_hurry_loses_nothing() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        await person.press("enter", "enter")

        assert person.script.calls("confirm_backup_code") == []
        assert "Back-upcode 1753 2256" in person.words


async def test_yes_goes_home() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        person.script.answer("confirm_backup_code", HOME, home_page())
        await person.press("enter", "j")

        assert len(person.script.calls("confirm_backup_code")) == 1
        assert person.title == "Home"


async def test_a_confirmation_that_was_not_kept_says_so_and_keeps_the_code() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        person.script.answer(
            "confirm_backup_code", Refused(Sentence("error.disk_full"), Stage.SUCCESS, "X001", names_contact=True)
        )
        await person.press("enter", "j")

        assert "De opslag van dit inlogpunt is vol" in person.words
        assert "Back-upcode 1753 2256" in person.words
        assert person.cut_off() == []


@pytest.mark.parametrize("key", ["space", "x", "7"])
async def test_any_other_key_covers_the_code_and_shows_it_again(key: str) -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        await person.press(key)
        assert "1753" not in person.text
        assert person.page.query_one(BlockDigits)._text.strip() == ""
        assert person.title == "U bent succesvol ingelogd"

        await person.press(key)
        assert "Back-upcode 1753 2256" in person.words


async def test_a_covered_code_stays_covered_when_the_page_speaks_another_language_or_hears_news() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        await person.press("space", "f2")
        await person.become(success_page(may_send_sms=False, sms=Sentence("success.sms.sending.line")))

        assert "1753" not in person.text


async def test_the_sms_with_the_code_is_sent_and_its_state_shown() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        sending = success_page(may_send_sms=False, sms=Sentence("success.sms.sending.line"))
        person.script.answer("send_backup_code_by_sms", Moved(Stage.SUCCESS), sending)
        await person.press("s")
        assert len(person.script.calls("send_backup_code_by_sms")) == 1
        assert "De SMS met de back-upcode wordt verstuurd" in person.words
        assert not person.shown("#send")

        await person.become(success_page(may_send_sms=False, sms=Sentence("success.sms.sent", {"tail": "78"})))
        assert "is verstuurd naar het nummer dat eindigt op 78." in person.words
        assert person.cut_off() == []


async def test_an_sms_that_does_not_go_is_told_once() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        why = Sentence("success.sms.failed")
        person.script.answer("send_backup_code_by_sms", Refused(why, Stage.SUCCESS), success_page(sms=why))
        await person.press("s")

        assert person.words.count("De SMS met de back-upcode is niet verstuurd.") == 1


async def test_where_no_sms_may_go_there_is_no_button() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page(may_send_sms=False))

        assert "Stuur een SMS" not in person.words


async def test_without_a_new_code_it_says_so_and_asks_nothing() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page(backup_code=None, may_send_sms=False))
        assert "U bent ingelogd, maar er is geen nieuwe back-upcode gemaakt." in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words
        person.script.answer("confirm_backup_code", HOME, home_page())
        await person.press("enter")

        assert person.title == "Home"


async def test_nobody_there_takes_the_code_away_after_a_warning() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        await person.leap(101)
        assert "verdwijnt uw back-upcode. Kies 'Meer tijd' als u hem nog niet hebt genoteerd." in person.words

        await person.leap(21)
        assert person.title == "Inloggen"
        assert person.script.calls("cancel") == [("idle",)]
        assert "1753" not in person.text


async def test_the_warning_over_the_question_is_that_of_the_code() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        await person.press("enter")
        await person.leap(101)

        assert "verdwijnt uw back-upcode." in person.words


async def test_escape_loses_no_code() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())
        await person.press("escape")

        assert "Back-upcode 1753 2256" in person.words


async def test_the_code_is_in_nothing_that_the_page_says_of_itself() -> None:
    async with kiosk() as person:
        await person.sign_in(success_page())

        assert "17532256" not in repr(person.page)
        assert "17532256" not in repr(person.page.query_one(BlockDigits))
