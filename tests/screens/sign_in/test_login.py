"""Inloggen: what a person notices first, and what never happens."""

from dataclasses import replace

import pytest

from kiosk.desk_status import DeskStatus, ModemHealth, ModemStrip, SmsHealth
from kiosk.sign_in.outcomes import MethodKind, Refused, Sentence, Stage
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import FACTS, NOON_MS, SECOND_MS, STATUS, Script, sms_page

WRONG = Refused(Sentence("sign_in.login.wrong"), Stage.LOGIN, "K482")
MISSING = Refused(Sentence("sign_in.login.missing"), Stage.LOGIN, clears_field=False)
WAIT = Refused(
    Sentence("sign_in.login.wait", {"seconds": 15}), Stage.LOGIN, "K483", wait_until=NOON_MS + 15 * SECOND_MS
)
DESK_WAIT = Refused(
    Sentence("sign_in.login.desk_wait", {"seconds": 60}), Stage.LOGIN, "K484", wait_until=NOON_MS + 60 * SECOND_MS
)


async def try_to_sign_in(person: Driver, refused: Refused, name: str = "jan", password: str = "geheim") -> None:
    person.script.answer("begin", refused)
    await person.type(name)
    await person.press("enter")
    await person.type(password)
    await person.press("enter")


async def test_the_name_field_has_the_focus_at_start() -> None:
    async with kiosk() as person:
        assert person.focused == "name"
        assert person.title == "Inloggen"


async def test_enter_in_the_name_goes_to_the_password_and_asks_nothing() -> None:
    async with kiosk() as person:
        await person.type("jan")
        await person.press("enter")

        assert person.focused == "password"
        assert person.script.asked == []


async def test_enter_in_the_password_signs_in() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page())

        assert person.script.calls("begin") == [("jan", "geheim")]
        assert person.title == "SMS code"


async def test_the_password_is_never_on_the_screen() -> None:
    async with kiosk() as person:
        await person.type("jan")
        await person.press("enter")
        await person.type("zwaluw")

        assert "zwaluw" not in person.text


async def test_the_password_can_be_shown_and_hidden() -> None:
    async with kiosk() as person:
        await person.press("tab")
        await person.type("zwaluw")
        await person.press("tab", "enter")
        assert "zwaluw" in person.text
        assert "Wachtwoord verbergen" in person.text

        await person.press("tab", "enter")
        assert "zwaluw" not in person.text


async def test_a_wrong_password_says_so_with_its_reference_and_keeps_the_name() -> None:
    async with kiosk() as person:
        await try_to_sign_in(person, WRONG)

        assert (
            "De gebruikersnaam of het wachtwoord klopt niet. Controleer beide en probeer het opnieuw." in person.words
        )
        assert "Kenmerk voor de helpdesk: K482" in person.words
        assert person.field("name").value == "jan"
        assert person.field("password").value == ""
        assert person.focused == "password"


async def test_an_incomplete_form_goes_to_the_empty_field_and_loses_nothing() -> None:
    async with kiosk() as person:
        person.script.answer("begin", MISSING)
        await person.press("tab")
        await person.type("geheim")
        await person.press("enter")

        assert "U hebt niet alles ingevuld." in person.words
        assert person.field("password").value == "geheim"
        assert person.focused == "name"


async def test_a_second_enter_while_the_domain_is_at_work_asks_nothing_more() -> None:
    async with kiosk() as person:
        person.script.gate.clear()
        await try_to_sign_in(person, WRONG)
        await person.press("enter", "enter")
        assert "Een ogenblik geduld" in person.words

        person.script.gate.set()
        await person.until(lambda: person.message.sentence is not None)
        assert len(person.script.calls("begin")) == 1
        assert "Een ogenblik geduld" not in person.words


async def test_keys_go_on_while_the_domain_is_at_work() -> None:
    async with kiosk() as person:
        person.script.gate.clear()
        await try_to_sign_in(person, WRONG)
        await person.press("f1")

        assert person.title == "Hulp"


async def test_a_wait_counts_down_and_the_next_step_comes_back_by_itself() -> None:
    async with kiosk() as person:
        await try_to_sign_in(person, WAIT)
        assert "Probeer het over 15 seconden opnieuw." in person.words
        assert person.page.query_one("#sign-in").disabled

        await person.seconds(5)
        assert "Probeer het over 10 seconden opnieuw." in person.words

        await person.seconds(11)
        assert "verkeerd wachtwoord" not in person.words
        assert not person.page.query_one("#sign-in").disabled


async def test_enter_during_a_wait_asks_nothing() -> None:
    async with kiosk() as person:
        await try_to_sign_in(person, WAIT)
        await person.type("geheim")
        await person.press("enter")

        assert len(person.script.calls("begin")) == 1


async def test_another_person_need_not_wait_for_the_wait_of_a_name() -> None:
    async with kiosk() as person:
        await try_to_sign_in(person, WAIT)
        await person.press("escape")
        await try_to_sign_in(person, WRONG, name="piet")

        assert person.script.calls("begin")[-1] == ("piet", "geheim")


async def test_the_wait_of_the_desk_holds_for_every_name() -> None:
    async with kiosk() as person:
        await try_to_sign_in(person, DESK_WAIT)
        await person.press("escape")
        await try_to_sign_in(person, WRONG, name="piet")

        assert len(person.script.calls("begin")) == 1
        assert "Op dit inlogpunt ging inloggen te vaak mis." in person.words


async def test_escape_empties_the_form_first_and_opens_the_menu_then() -> None:
    async with kiosk() as person:
        await person.type("jan")
        await person.press("enter")
        await person.type("geheim")
        await person.press("escape")
        assert (person.field("name").value, person.field("password").value) == ("", "")
        assert person.focused == "name"

        await person.press("escape")
        assert person.in_dialog


async def test_escape_leaves_a_sign_in_that_takes_too_long() -> None:
    async with kiosk() as person:
        person.script.gate.clear()
        await try_to_sign_in(person, WRONG)
        await person.press("escape")
        assert person.field("name").value == ""

        person.script.gate.set()
        await person.until(lambda: ("cancel", "person") in person.script.asked)
        await person.settle()
        assert person.message.sentence is None


async def test_forgotten_password_says_whom_to_call() -> None:
    async with kiosk() as person:
        person.page.query_one("#forgotten").focus()
        await person.press("enter")

        assert "Bel Servicedesk: 030 555 01 23 (ma-vr 8-17 uur)." in person.words
        await person.press("escape")
        assert person.title == "Inloggen"


async def test_forgotten_password_sends_to_the_reception_where_there_is_no_help_desk() -> None:
    nobody = replace(FACTS, help_desk=replace(FACTS.help_desk, name="", phone="", hours=""))
    async with kiosk(facts=nobody) as person:
        person.page.query_one("#forgotten").focus()
        await person.press("enter")

        assert "Hulp: vraag het aan de receptie" in person.words


NO_MODEM = replace(STATUS, sms=SmsHealth.DOWN, modems=(), methods_working=(MethodKind.TOTP, MethodKind.BACKUP_CODE))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (NO_MODEM, "Dit inlogpunt kan nu geen SMS versturen. Log in met uw authenticator app of back-upcode."),
        (
            replace(NO_MODEM, methods_working=(MethodKind.YUBIKEY, MethodKind.TOTP, MethodKind.BACKUP_CODE)),
            "Log in met uw YubiKey, authenticator app of back-upcode.",
        ),
        (
            replace(NO_MODEM, methods_working=(MethodKind.BACKUP_CODE,)),
            "Dit inlogpunt kan nu geen SMS versturen. Log in met uw back-upcode.",
        ),
        (replace(STATUS, clock_wrong=True), "De klok van dit inlogpunt loopt niet goed"),
    ],
)
async def test_what_does_not_work_is_said_before_the_password(status: DeskStatus, words: str) -> None:
    async with kiosk(Script(status=status)) as person:
        assert words in person.words


async def test_a_modem_that_is_starting_raises_no_alarm() -> None:
    starting = ModemStrip(name="noord", health=ModemHealth.STARTING, network=None, bars=0, simulated=False)
    async with kiosk(Script(status=replace(NO_MODEM, modems=(starting,)))) as person:
        assert "geen SMS versturen" not in person.words


async def test_out_of_service_says_why_and_the_form_comes_back_by_itself() -> None:
    script = Script(status=replace(STATUS, out_of_service="error.disk_full"))
    async with kiosk(script) as person:
        assert person.title == "Buiten gebruik"
        assert "De opslag van dit inlogpunt is vol" in person.words
        assert "Hulp: Servicedesk, 030 555 01 23" in person.words
        assert not person.shown("#name")

        script.status = STATUS
        person.app.thread.wake()
        await person.until(lambda: person.shown("#name"))
        assert person.title == "Inloggen"
        assert person.focused == "name"


async def test_somebody_typing_keeps_the_text_when_a_modem_goes_down() -> None:
    script = Script()
    async with kiosk(script) as person:
        await person.type("jan")
        script.status = NO_MODEM
        person.app.thread.wake()
        await person.until(lambda: "geen SMS versturen" in person.words)

        assert person.field("name").value == "jan"
        assert person.focused == "name"


async def test_a_notice_of_the_end_before_stands_on_the_fresh_page() -> None:
    async with kiosk() as person:
        await person.app.show_login(Sentence("signed_out.self_no_key"))
        await person.settle()

        assert "U bent uitgelogd." in person.words
        assert person.message.tone == "note"
