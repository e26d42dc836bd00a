"""Geen SMS ontvangen: send it again, or another way."""

import re
from dataclasses import replace
from typing import Any

import pytest

from kiosk.sign_in.outcomes import AskFirst, MethodKind, Moved, Refused, Sentence, Stage
from kiosk.sign_in.views import SmsState
from screens.sign_in.sms_code import SmsCodePage
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import (
    APP,
    BACKUP,
    NOON_MS,
    SECOND_MS,
    STATUS,
    YUBIKEY,
    Script,
    alternatives,
    code_page,
    sms_page,
    sms_view,
)

SENT = Moved(Stage.SMS_CODE, Sentence("resend.sent", {"network": "KPN"}))


async def test_it_says_what_was_sent_what_to_do_and_every_choice() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("a")

        assert person.title == "Geen SMS ontvangen"
        for words in (
            "Er is een SMS verstuurd naar een nummer dat eindigt op 78",
            "Probeer nogmaals een SMS te versturen of gebruik de back-upcode.",
            "SMS OPNIEUW VERSTUREN",
            "De SMS gaat nu via KPN",
            "GEBRUIK YUBIKEY",
            "GEBRUIK BACK-UP CODE",
            "SLUITEN",
            "UITLEG",
            "Terug naar inlogpagina",
        ):
            assert words in person.words
        assert "GEBRUIK AUTHENTICATOR APP" not in person.words
        assert person.focused == "resend"


async def test_the_app_stands_there_for_whoever_has_one() -> None:
    async with kiosk(Script(alternatives=alternatives(ways=(YUBIKEY, BACKUP, APP)))) as person:
        await person.sign_in(sms_page())
        await person.press("a")

        assert "GEBRUIK AUTHENTICATOR APP" in person.words


async def test_sending_again_closes_the_dialog_and_says_what_happened() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.type("753")
        person.script.answer("resend", SENT, sms_page(sms_view(sends=2)))
        await person.press("a", "enter")

        assert person.title == "SMS code"
        assert "Dezelfde code is opnieuw verstuurd, nu via KPN." in person.words
        assert person.boxes.typed == "753"
        assert person.focused == "code"


async def test_what_became_known_before_the_answer_was_shown_is_not_painted_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("a")
        page = next(screen for screen in person.app.screen_stack if isinstance(screen, SmsCodePage))
        held: list[Any] = []
        monkeypatch.setattr(page.attempt, "do", lambda *asked: held.append(asked))
        person.script.answer("resend", SENT, sms_page(sms_view(state=SmsState.SENDING, sends=2)))
        await person.press("enter")
        [(request, then)] = held
        sign_in = person.script.sign_ins[-1]
        answer = request(sign_in)
        sign_in.become(sms_page(sms_view(state=SmsState.NO_NETWORK, sends=2)))
        await person.settle()
        await then(answer)
        await person.settle()
        assert page.view.sms is not None
        assert page.view.sms.state is SmsState.NO_NETWORK


async def test_the_cooldown_counts_down_and_sends_nothing() -> None:
    script = Script(alternatives=alternatives(resend_from=NOON_MS + 30 * SECOND_MS))
    async with kiosk(script) as person:
        await person.sign_in(sms_page())
        await person.press("a", "enter")
        assert script.calls("resend") == []
        left = person.page.query_one("#resend-line")
        assert re.search("Opnieuw versturen kan over (29|30) seconden", person.words)

        await person.seconds(30)
        assert left.is_attached
        assert "De SMS gaat nu via KPN" in person.words

        script.answer("resend", SENT, sms_page(sms_view(sends=2)))
        await person.press("enter")
        assert script.calls("resend") == [(False,)]


@pytest.mark.parametrize(("key", "resends"), [("j", [(False,), (True,)]), ("n", [(False,)]), ("escape", [(False,)])])
async def test_without_another_network_it_asks_first(key: str, resends: list[tuple[bool]]) -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("resend", AskFirst(Sentence("resend.no_other", {"network": "KPN"})))
        person.script.answer("resend", SENT, sms_page(sms_view(sends=2)))
        await person.press("a", "enter")
        assert "Er is nu geen ander netwerk. Wilt u de SMS opnieuw via KPN versturen" in person.words

        await person.press(key)
        assert person.script.calls("resend") == resends
        assert person.title == ("SMS code" if key == "j" else "Geen SMS ontvangen")


async def test_that_another_network_would_be_looked_for_stands_under_the_button() -> None:
    searching = replace(alternatives(), resend_searches=True)
    async with kiosk(Script(alternatives=searching)) as person:
        await person.sign_in(sms_page())
        await person.press("a")
        assert "Er wordt eerst een ander netwerk gezocht" in person.words
        assert "De SMS gaat nu via" not in person.words


async def test_a_refused_resend_says_why_in_the_dialog() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        refused = Refused(Sentence("resend.limit.hour", {"time": NOON_MS}), Stage.SMS_CODE, "K482")
        person.script.answer("resend", refused)
        await person.press("a", "enter")

        assert person.title == "Geen SMS ontvangen"
        assert "U hebt dit uur te veel SMS-berichten aangevraagd." in person.words
        assert "probeer het om 12:03 opnieuw." in person.words
        assert "Kenmerk voor de helpdesk: K482" in person.words


async def test_a_way_that_does_not_work_says_why_whom_to_ask_and_asks_nothing() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("a", "y")

        assert "Er hoort nog geen YubiKey bij uw account." in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words
        assert person.script.calls("take") == []
        assert person.title == "Geen SMS ontvangen"


async def test_a_way_that_works_leads_to_its_page() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        person.script.answer("take", Moved(Stage.BACKUP_CODE), code_page(Stage.BACKUP_CODE, sms=sms_view()))
        await person.press("a", "b")

        assert person.script.calls("take") == [(MethodKind.BACKUP_CODE,)]
        assert person.title == "Back-upcode"
        assert person.focused == "code"


@pytest.mark.parametrize("key", ["escape", "s"])
async def test_closing_it_leaves_the_sms_page_as_it_was(key: str) -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.type("753")
        await person.press("a", key)

        assert person.title == "SMS code"
        assert person.boxes.typed == "753"
        assert person.focused == "code"
        assert person.script.calls("cancel") == []


async def test_the_way_back_of_the_dialog_ends_the_sign_in() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("a")
        person.page.query_one("#back").focus()
        await person.press("enter")

        assert person.title == "Inloggen"
        assert person.script.calls("cancel") == [("person",)]


async def test_it_follows_what_becomes_known_while_it_is_open() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("a")
        person.script.alternatives = alternatives(over="Vodafone", ways=(YUBIKEY, BACKUP, APP))
        await person.become(sms_page(sms_view(sends=2)))

        assert "De SMS gaat nu via Vodafone" in person.words
        assert "GEBRUIK AUTHENTICATOR APP" in person.words


async def test_a_modem_that_comes_back_shows_in_the_open_dialog() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())
        await person.press("a")
        person.script.alternatives = alternatives(over="Vodafone")
        person.script.status = replace(STATUS, yubikey_present=True)
        person.app.thread.wake()

        await person.until(lambda: "De SMS gaat nu via Vodafone" in person.words)


async def test_without_a_phone_the_first_other_way_has_the_focus() -> None:
    async with kiosk(
        Script(alternatives=alternatives(sent=False, resend=False, over=None, ways=(BACKUP, YUBIKEY)))
    ) as person:
        await person.sign_in(code_page(Stage.TOTP))
        await person.press("a")

        assert "SMS OPNIEUW VERSTUREN" not in person.words
        assert person.title == "Kies uw tweede stap"
        focused = person.app.focused
        assert focused is not None
        assert "GEBRUIK BACK-UP CODE" in str(focused.render())


async def test_whoever_never_waited_for_an_sms_is_not_told_of_another() -> None:
    script = Script(alternatives=alternatives(sent=False, ways=(YUBIKEY, BACKUP, APP)))
    async with kiosk(script) as person:
        await person.sign_in(code_page(Stage.TOTP))
        await person.press("a")

        assert person.title == "Kies uw tweede stap"
        assert "Uw wachtwoord klopt. Kies hoe u verder wilt inloggen." in person.words
        assert "STUUR EEN SMS CODE" in person.words
        assert "OPNIEUW" not in person.words

        script.answer("resend", Moved(Stage.SMS_CODE), sms_page())
        await person.press("enter")
        assert person.title == "SMS code"


async def test_advice_to_call_somebody_has_the_number_under_it() -> None:
    nothing = replace(alternatives(), advice=Sentence("no_sms.try_nothing"), names_contact=True)
    async with kiosk(Script(alternatives=nothing)) as person:
        await person.sign_in(sms_page())
        await person.press("a")

        assert "Bel de functioneel beheerder voor een tijdelijke code. Hulp: Servicedesk, 030 555 01 23" in person.words


async def test_a_database_that_fails_says_so_instead_of_nothing() -> None:
    script = Script(alternatives=OSError("no database"))
    async with kiosk(script) as person:
        await person.sign_in(sms_page())
        await person.press("a")
        assert "Dit inlogpunt kan nu niet bij de accounts." in person.words
        assert person.title == "SMS code"

        script.alternatives = alternatives()
        await person.press("a")
        assert person.title == "Geen SMS ontvangen"
