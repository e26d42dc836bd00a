"""The keypad on the screen: for whoever points, and never in the way of whoever types."""

import pytest
from textual import events
from textual.geometry import Offset

from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from kiosk.sign_in.views import SignInView
from screens.look import Look
from screens.sign_in.stage_page import Answered
from screens.widgets.action import Action
from screens.widgets.keypad import Keypad, KeypadKey
from tests.screens.account.scripted import BACKUP_PROOF, ScriptedAccount, account_view
from tests.screens.account.test_pages import STALE, my_account
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import ScriptedDesk, code_page, enrol_page, sms_page, sms_view

TOUCH = Look("dark", "rich", touch=True)
HIGH, VAST = (100, 30), (160, 45)
# Rows and columns that a finger hits.
LEAST = (3, 9)


async def point_at(person: Driver, *keys: str) -> None:
    for key in keys:
        target = next(one for one in person.page.query(KeypadKey) if one.key == key)
        await person.pilot.click(target)
        await person.settle()


async def test_a_code_can_be_pointed_at_mixed_with_typing_and_handed_in() -> None:
    async with kiosk(size=HIGH, look=TOUCH) as person:
        await person.sign_in(sms_page())
        await point_at(person, "4", "1", "backspace", "9")
        await person.type("203")
        await point_at(person, "9", "enter")

        assert person.script.calls("answer") == [("492039",)]


async def test_the_boxes_keep_the_focus_and_get_it_back_and_tab_never_stops_at_the_keypad() -> None:
    async with kiosk(size=HIGH, look=TOUCH) as person:
        await person.sign_in(sms_page())
        await point_at(person, "4")
        assert person.focused == "code"

        await person.press("tab")
        await point_at(person, "9")
        assert (person.focused, person.boxes.typed) == ("code", "49")
        assert [one.id for one in person.page.focus_chain] == ["code", "sign-in", "alternatives", "back"]


async def test_a_digit_that_is_pointed_at_is_no_part_of_a_burst() -> None:
    async with kiosk(size=HIGH, look=TOUCH) as person:
        await person.sign_in(sms_page())
        for letter in "cbd":
            person.app.post_message(events.Key(letter, letter))
        await person.settle()
        await point_at(person, "7")

        assert person.boxes.typed == "7"


async def test_the_first_click_does_what_it_was_meant_for_and_brings_the_keypad() -> None:
    async with kiosk(size=HIGH) as person:
        await person.sign_in(sms_page())
        person.app.post_message(events.MouseMove(None, 5, 5, 1, 0, 0, False, False, False))
        await person.settle()
        assert not person.shown("Keypad")
        person.script.answer("answer", Refused(Sentence("sms.code.incomplete"), Stage.SMS_CODE, clears_field=False))
        # Where the keypad will stand; as a terminal tells it, which the pilot's own click does not.
        x, y = person.page.query_one("#sign-in").region.offset + Offset(50, 1)
        for event in (events.MouseDown, events.MouseUp):
            person.app.post_message(event(None, x, y, 0, 0, 1, False, False, False))
        await person.settle()

        assert person.script.calls("answer") == [("",)]
        assert person.shown("Keypad")


async def test_there_is_none_where_it_has_no_room() -> None:
    async with kiosk(size=HIGH, look=TOUCH) as person:
        await person.sign_in(sms_page())
        assert person.shown("Keypad")
        for width, height in ((95, 30), (100, 27), (80, 24)):
            await person.pilot.resize_terminal(width, height)
            await person.settle()
            assert not person.shown("Keypad")
            assert person.cut_off() == []


async def test_the_key_of_an_app_with_its_qr_code_leaves_it_no_room() -> None:
    async with kiosk(size=VAST, look=TOUCH) as person:
        await person.sign_in(enrol_page())
        assert not person.page.has_class("-keypad")


@pytest.mark.parametrize(
    "view", [sms_page(sms_view(sends=2), confirming_phone=True), code_page(Stage.BACKUP_CODE)], ids=["sms", "backup"]
)
async def test_a_finger_hits_every_key_and_everything_else_is_still_there(view: SignInView) -> None:
    async with kiosk(size=HIGH, look=TOUCH) as person:
        await person.sign_in(view)
        assert isinstance(person.page, Answered)
        person.page.refuse(Refused(Sentence("backup.disabled"), view.stage, "K482", names_contact=True))
        for size in (HIGH, VAST):
            await person.pilot.resize_terminal(*size)
            await person.settle()

            keypad = person.page.query_one(Keypad).region
            keys = [key.region for key in person.page.query(KeypadKey)]
            assert all((key.height, key.width) >= LEAST and keypad.contains_region(key) for key in keys)
            assert not any(one.overlaps(other) for one in keys for other in keys if one is not other)
            assert person.cut_off() == []
            others = [person.boxes, person.page.message, *person.page.query(Action)]
            assert not any(keypad.overlaps(other.region) for other in others)


async def test_a_proof_has_one_while_it_asks_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    account = ScriptedAccount(STALE)
    account.after["begin_proof"] = account_view(proof=BACKUP_PROOF)
    monkeypatch.setattr(ScriptedDesk, "account", lambda _: account, raising=False)
    async with kiosk(size=HIGH, look=TOUCH) as person:
        await my_account(person)
        await person.press("w")
        await person.type("1753225")
        await point_at(person, "6", "enter")

        assert ("answer_proof", "17532256") in account.asked
