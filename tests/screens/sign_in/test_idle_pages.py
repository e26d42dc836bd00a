"""Idleness on each page: what is taken away, when, and what the person reads before and after."""

from dataclasses import replace

import pytest

from kiosk.sign_in.outcomes import Moved, Sentence, Stage
from tests.screens.sign_in.driver import kiosk
from tests.screens.sign_in.scripted import FACTS, NOON_MS, SECOND_MS, choose_page, sms_page, sms_view


async def test_an_empty_login_page_waits_for_ever_and_keeps_how_it_ended() -> None:
    async with kiosk() as person:
        await person.app.show_login(Sentence("signed_out.idle_sign_in"))
        await person.settle()
        await person.leap(3600)

        assert not person.in_dialog
        assert "Er gebeurde een tijd niets" in person.words


async def test_an_empty_login_page_of_a_gate_ends_since_whoever_called_has_gone() -> None:
    async with kiosk(facts=replace(FACTS, gate_account=1)) as person:
        person.app.gate = lambda _passed: pytest.fail("nobody signed in")
        await person.leap(89)
        assert person.app.is_running
        await person.leap(1)
        await person.until(lambda: person.app._exit)


async def test_a_name_left_behind_is_taken_away_after_a_warning() -> None:
    async with kiosk() as person:
        await person.type("jan")
        await person.leap(71)
        assert person.title == "Bent u er nog?"
        assert "Over 20 seconden gaat dit scherm terug naar de inlogpagina." in person.words

        await person.leap(20)
        assert person.field("name").value == ""
        assert "Er gebeurde een tijd niets, dus het inloggen is gestopt." in person.words


async def test_a_password_that_would_be_shown_is_hidden_again_for_the_next_person() -> None:
    async with kiosk() as person:
        person.field("password").show_secret(shown=True)
        await person.leap(91)
        assert not person.field("password").shown

        person.field("password").show_secret(shown=True)
        await person.press("escape")
        assert not person.in_dialog
        assert not person.field("password").shown


async def test_more_time_keeps_what_was_typed() -> None:
    async with kiosk() as person:
        await person.type("jan")
        await person.leap(71)
        await person.press("enter")
        await person.leap(60)

        assert not person.in_dialog
        assert person.field("name").value == "jan"


async def test_the_language_of_the_desk_comes_back_on_an_empty_page_without_a_warning() -> None:
    async with kiosk() as person:
        await person.press("f2")
        assert person.title == "Sign in"
        await person.leap(91)

        assert person.title == "Inloggen"
        assert not person.in_dialog


async def test_after_the_password_it_takes_three_minutes_without_a_code() -> None:
    async with kiosk() as person:
        await person.sign_in(choose_page())
        await person.leap(150)
        assert not person.in_dialog
        await person.leap(11)
        assert person.title == "Bent u er nog?"
        await person.leap(21)

        assert person.title == "Inloggen"
        assert person.script.calls("cancel") == [("idle",)]


async def test_an_expired_code_leaves_the_page_only_after_its_own_wait() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(valid_until=NOON_MS + 60 * SECOND_MS)))
        await person.leap(100)
        assert not person.in_dialog
        assert "Deze code is niet meer geldig." in person.words

        await person.leap(65)
        assert person.title == "Bent u er nog?"


async def test_the_dialog_over_a_living_code_waits_as_long_as_the_code() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(valid_until=NOON_MS + 300 * SECOND_MS)))
        await person.press("a")
        await person.leap(260)

        assert person.title == "Geen SMS ontvangen"


async def test_a_visitor_halfway_loses_neither_digits_nor_code() -> None:
    async with kiosk() as person:
        await person.sign_in(sms_page(sms_view(valid_until=NOON_MS + 300 * SECOND_MS)))
        await person.type("753")
        await person.seconds(120)
        person.script.answer("answer", Moved(Stage.SIGNED_IN))

        assert person.boxes.typed == "753"
        assert person.focused == "code"
