"""SMS code: typing, time, and what is known of the SMS, live."""

from dataclasses import replace

import pytest

from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Sentence, Stage
from kiosk.sign_in.views import SmsState
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import (
    NOON_MS,
    SECOND_MS,
    YUBIKEY,
    choose_page,
    home_page,
    sms_page,
    sms_view,
)

WRONG = Refused(Sentence("sms.code.wrong", {"left": 4}), Stage.SMS_CODE, "K482")
INCOMPLETE = Refused(Sentence("sms.code.incomplete"), Stage.SMS_CODE, clears_field=False)
BACKUP = Refused(Sentence("sms.code.looks_like_backup"), Stage.SMS_CODE)


async def test_the_boxes_have_the_focus_and_the_words_of_the_page_are_those_of_the_catalogue() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())

        assert person.focused == "code"
        assert person.title == "SMS code"
        for words in (
            "Typ de 6 cijfers uit de SMS",
            "INLOGGEN",
            "Alternatieve tweefactor authenticatie",
            "Terug naar inlogpagina",
        ):
            assert words in person.words
        assert "stap 2 van 2" in person.text


async def test_six_digits_and_enter_answer() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", Moved(Stage.SIGNED_IN), home_page())
        await person.type("753123")
        await person.press("enter")

        assert person.script.calls("answer") == [("753123",)]
        assert person.title == "Home"


async def test_the_last_digit_submits_nothing() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.type("753123")

        assert person.script.calls("answer") == []


async def test_a_wrong_code_empties_the_boxes_keeps_the_focus_and_tells_the_tries() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", WRONG)
        await person.type("753123")
        await person.press("enter")

        assert "Deze code klopt niet. Kijk goed in de SMS, u kunt het nog 4 keer proberen." in person.words
        assert "Kenmerk voor de helpdesk: K482" in person.words
        assert person.boxes.typed == ""
        assert person.focused == "code"


async def test_an_incomplete_code_stays_to_be_completed() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", INCOMPLETE)
        await person.type("753")
        await person.press("enter")

        assert "De code is niet compleet. Typ alle 6 cijfers." in person.words
        assert person.boxes.typed == "753"


@pytest.mark.parametrize("how", ["typed", "pasted"])
async def test_a_back_up_code_reaches_the_domain_whole(how: str) -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", BACKUP)
        if how == "typed":
            await person.type("17532256")
        else:
            await person.paste("1753-2256")
        await person.press("enter")

        assert person.script.calls("answer") == [("17532256",)]
        assert "Dit lijkt uw back-upcode." in person.words


async def test_a_pasted_code_is_taken_with_its_spaces() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.paste("Code: 753 123")

        assert person.boxes.typed == "753123"


async def test_a_second_enter_while_the_code_is_checked_counts_no_try() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", WRONG)
        await person.type("753123")
        person.script.gate.clear()
        await person.press("enter", "enter", "enter")
        assert "Een ogenblik geduld" in person.words

        person.script.gate.set()
        await person.until(lambda: person.message.sentence is not None)
        assert len(person.script.calls("answer")) == 1


async def test_network_time_and_sender_of_the_sms_stand_there() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(network="Vodafone", sender_tail="21")))

        assert "Om 12:03 verstuurd via Vodafone" in person.words
        assert "Afzender: een nummer dat eindigt op 21" in person.words


async def test_an_unknown_sender_has_no_line() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(sender_tail=None)))

        assert "Afzender" not in person.words


STATES = (
    (SmsState.SENDING, "De SMS wordt nu verstuurd", "Een ogenblik geduld."),
    (SmsState.QUEUE, "In de wachtrij, aantal SMS voor u: 3", "Het is druk"),
    (SmsState.ACCEPTED, "Om 12:03 verstuurd via Vodafone", "Het netwerk heeft de SMS aangenomen"),
    (SmsState.DELIVERED, "Om 12:03 op uw telefoon aangekomen", "het nummer dat eindigt op 78"),
    (SmsState.NOT_DELIVERED, "De SMS is niet op uw telefoon aangekomen", "Zet uw telefoon uit en weer aan."),
    (SmsState.UNKNOWN, "Niet zeker of de SMS is verstuurd", "Wacht even, de SMS kan nog komen."),
    (SmsState.REFUSED, "Het netwerk heeft de SMS geweigerd", "Er komt nu geen SMS."),
    (SmsState.NO_NETWORK, "Er is nu geen netwerk voor SMS", "Uw SMS wacht tot het netwerk terug is."),
    (SmsState.MODEM_DOWN, "Dit inlogpunt kan nu geen SMS versturen", "Er komt nu geen SMS."),
)


async def test_each_state_of_the_sms_comes_up_live_with_what_to_do() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(state=SmsState.UNKNOWN)))
        await person.type("75")
        for state, line, following in STATES:
            await person.become(sms_page(sms_view(state=state)))

            assert line in person.words
            assert following in person.words
            assert person.boxes.typed == "75"


async def test_news_of_the_sms_takes_the_place_of_old_good_news() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(state=SmsState.SENDING)))
        await person.press("a")
        sent = Sentence("resend.sent", {"network": "KPN"})
        person.script.answer("resend", Moved(Stage.SMS_CODE, sent), sms_page(sms_view(state=SmsState.SENDING, sends=2)))
        await person.press("enter")
        assert "Dezelfde code is opnieuw verstuurd, nu via KPN." in person.words

        await person.become(sms_page(sms_view(state=SmsState.NOT_DELIVERED, sends=2)))
        assert "Dezelfde code is opnieuw verstuurd" not in person.words
        assert "Zet uw telefoon uit en weer aan." in person.words


async def test_several_sms_all_work_and_the_page_says_so() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(sends=2)))

        assert "Meer dan een SMS? Ze werken allemaal" in person.words


async def test_the_life_of_the_code_counts_down_and_ends_in_words() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(valid_until=NOON_MS + 10 * SECOND_MS)))
        left = person.page.query_one("#time-left")
        assert "nog 0:10" in str(left.render())

        await person.seconds(10)
        assert "Deze code is niet meer geldig. Ga terug naar de inlogpagina" in person.words


async def test_coming_back_to_an_expired_code_says_so() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(issued_at=NOON_MS - 300 * SECOND_MS, valid_until=NOON_MS - SECOND_MS)))

        assert "Deze code is niet meer geldig." in person.words


async def test_a_resend_makes_the_life_of_the_code_longer() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(valid_until=NOON_MS + 10 * SECOND_MS)))
        await person.become(sms_page(sms_view(valid_until=NOON_MS + 300 * SECOND_MS)))
        await person.seconds(12)

        assert "niet meer geldig" not in person.words
        assert "nog 4:" in str(person.page.query_one("#time-left").render())


async def test_a_phone_that_is_being_confirmed_has_its_own_words() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(confirming_phone=True))

        assert "Typ de code uit de SMS. Daarna weten wij zeker dat de SMS bij u aankomt." in person.words


@pytest.mark.parametrize("way", ["escape", "link"])
async def test_the_way_back_ends_the_sign_in_at_a_clean_login_page(way: str) -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.type("75")
        if way == "link":
            person.page.query_one("#back").focus()
            await person.press("enter")
        else:
            await person.press("escape")

        assert person.script.calls("cancel") == [("person",)]
        assert person.title == "Inloggen"
        assert person.field("name").value == ""
        assert person.focused == "name"


async def test_the_last_wrong_code_ends_at_the_login_page_with_the_reason() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("answer", Refused(Sentence("sms.code.used_up"), Stage.ENDED, "K482"))
        await person.type("753123")
        await person.press("enter")

        assert person.title == "Inloggen"
        assert "U hebt te vaak een verkeerde code ingevuld" in person.words
        assert "Kenmerk voor de helpdesk: K482" in person.words


async def test_letters_are_keys_of_the_page_and_never_digits() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.type("7x5")

        assert person.boxes.typed == "75"


async def test_a_notice_that_warns_carries_the_sign_of_a_failure() -> None:
    async with kiosk() as person:
        limit = Sentence("resend.limit.day")
        person.script.signs_in(choose_page(YUBIKEY), Moved(Stage.CHOOSE, limit, warning=True))
        await person.type("jan")
        await person.press("enter")
        await person.type("x")
        await person.press("enter")

        assert person.message.tone == "failure"
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words


async def test_the_method_of_another_page_never_shows_on_this_one() -> None:
    """A view of another stage that comes while the domain is at work is the answer's to show."""
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("take", Moved(Stage.BACKUP_CODE), replace(sms_page(), stage=Stage.BACKUP_CODE))
        await person.press("a", "b")

        assert person.script.calls("take") == [(MethodKind.BACKUP_CODE,)]
        assert person.title == "Back-upcode"
