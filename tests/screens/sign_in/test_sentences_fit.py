"""Every failure that the catalogue knows: shown whole, with contact and reference, on every page, in both languages."""

import re
import textwrap
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from kiosk.desk_status import HelpDesk, SmsHealth
from kiosk.language import LANGUAGES, Language
from kiosk.language.catalogue import PLACEHOLDER
from kiosk.sign_in.outcomes import Refused, Sentence, Stage, Value
from kiosk.sign_in.views import SignInView, SmsState
from screens.sign_in.contact import ASK_THE_ADMINISTRATOR
from screens.sign_in.stage_page import Answered
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import (
    APP,
    BACKUP,
    FACTS,
    NOON_MS,
    STATUS,
    YUBIKEY,
    Script,
    alternatives,
    choose_page,
    code_page,
    enrol_page,
    explanation,
    password_page,
    phone_page,
    sms_page,
    sms_view,
    success_page,
)

# The longest that TEXTS allows in each placeholder.
LONGEST: dict[str, Value] = {
    "seconds": 120,
    "left": 10,
    "count": 10,
    "min": 12,
    "max": 256,
    "time": NOON_MS,
    "until": NOON_MS,
    "tail": "78",
    "network": "Vodafone Nederl",
    "other": "Vodafone Nederl",
    "day": "2025-10-27",
    "by": "W" * 24,
}
LONG_FACTS = replace(
    FACTS,
    site="Gemeentehuis Zuidoost 12",
    help_desk=HelpDesk(
        name="Servicedesk Zuidoost", phone="030 555 01 23 4", hours="ma-vr 8-17 uur, do tot 21 uur, za 9-12"
    ),
)
# Whose sentences are refusals; what is a label, a title or an explanation is not.
FAMILIES = re.compile(
    r"(sign_in\.login|sms\.code|backup|app|resend|error|first\.(password|phone|one_time|no_way)|yubikey|no_sms|success)\."
    r"(?!.*\b(title|label|button|line|hint|intro|text|tip|saved|confirmed|enter|ask|reset|first|new|sent|sent_unknown)\b)"
)
WIDTH = 54


def refusals(language: Language) -> Iterator[Sentence]:
    for text_id in ids():
        if FAMILIES.match(text_id):
            asked = PLACEHOLDER.findall(language._catalogue.gettext(text_id))
            yield Sentence(text_id, {name: LONGEST[name] for name in asked if name in LONGEST})


def ids() -> list[str]:
    return sorted(key for key in Language.load("nl")._catalogue._catalog if key)  # type: ignore[attr-defined]


def rows(driver: Driver, sentence: Sentence) -> int:
    return len(textwrap.wrap("! " + driver.app.say(sentence), WIDTH))


def test_there_are_refusals_of_every_part_of_the_sign_in() -> None:
    parts = {sentence.text_id.split(".")[0] for sentence in refusals(Language.load("nl"))}

    assert parts == {"sign_in", "sms", "backup", "app", "resend", "error", "first", "yubikey", "no_sms", "success"}


def test_the_contact_line_stands_under_exactly_what_tells_to_ask_the_administrator() -> None:
    dutch = Language.load("nl")._catalogue
    asking = re.compile(r"(vraag|bel|vertel het) de functioneel beheerder", re.IGNORECASE)
    found = {text_id for text_id in ids() if asking.search(dutch.gettext(text_id))}

    assert found - {"explain.step6.title"} == ASK_THE_ADMINISTRATOR


async def test_every_refusal_is_shown_whole() -> None:
    async with kiosk(facts=LONG_FACTS) as person:
        await person.sign_in(sms_page())
        page = person.app.screen
        assert isinstance(page, Answered)
        for sentence in refusals(person.app.language):
            page.refuse(Refused(sentence, Stage.SMS_CODE, "K482", clears_field=False))
            await person.settle()
            assert person.app.say(sentence) in person.words_in(person.message)


ALL_WAYS = (YUBIKEY, BACKUP, APP)
VIEWS = {
    "sms": sms_page(sms_view(state=SmsState.ACCEPTED, sends=2), confirming_phone=True),
    "backup": code_page(Stage.BACKUP_CODE),
    "temporary": code_page(Stage.TEMPORARY_CODE),
    "totp": code_page(Stage.TOTP),
    "enrol": enrol_page(),
    "choose": choose_page(),
    "phone": phone_page(),
    "password": password_page(reset=True),
    "success": success_page(first=True, sms=Sentence("success.sms.sent", {"tail": "78"})),
}


SIZES = ((80, 24), (100, 30))


async def in_each_size_and_language(person: Driver) -> AsyncIterator[None]:
    """The page as it stands at 80 by 24 and at 100 by 30, in Dutch and in English."""
    for size in SIZES:
        await person.pilot.resize_terminal(*size)
        for code in LANGUAGES:
            person.app.set_language(code)
            await person.settle()
            yield


async def longest_refusal_fits(person: Driver) -> None:
    """The sentence with the most rows leaves every widget of the card on the screen, and so do all shorter ones."""
    page = person.app.screen
    assert isinstance(page, Answered)
    longest = max(refusals(person.app.language), key=lambda sentence: rows(person, sentence))
    page.refuse(Refused(longest, person.stage or Stage.LOGIN, "K482", names_contact=True))
    async for _ in in_each_size_and_language(person):
        assert rows(person, longest) >= 2
        assert person.app.say(longest) in person.words_in(person.message)
        assert person.cut_off() == []


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
async def test_each_page_fits_and_with_it_the_longest_refusal(view: SignInView) -> None:
    async with kiosk(facts=LONG_FACTS) as person:
        await person.sign_in(view)
        async for _ in in_each_size_and_language(person):
            assert person.cut_off() == []
        await longest_refusal_fits(person)


async def test_the_longest_refusal_fits_on_the_login_page_of_a_desk_that_cannot_do_much() -> None:
    broken = replace(STATUS, sms=SmsHealth.DOWN, modems=())
    async with kiosk(Script(status=broken), facts=LONG_FACTS) as person:
        await longest_refusal_fits(person)


async def test_the_dialog_with_every_way_fits_and_with_it_the_longest_refusal() -> None:
    async with kiosk(Script(alternatives=alternatives(ways=ALL_WAYS)), facts=LONG_FACTS) as person:
        await person.sign_in(sms_page())
        await person.press("a")
        async for _ in in_each_size_and_language(person):
            assert person.cut_off() == []
        await longest_refusal_fits(person)


ARRIVING: dict[str, Value] = {"network": "Vodafone Nederl", "time": NOON_MS, "seconds": 60}


@pytest.mark.parametrize(
    "outage",
    [
        Sentence("explain.step4.unknown", {"network": "Vodafone Nederl"}),
        Sentence("explain.step4.arriving", ARRIVING),
        Sentence("explain.step4.arriving_median", ARRIVING | {"median": 60}),
    ],
    ids=lambda sentence: sentence.text_id,
)
@pytest.mark.parametrize("again", ["no_other", "search"])
async def test_every_step_of_the_explanation_fits(outage: Sentence, again: str) -> None:
    desk = LONG_FACTS.help_desk
    network = "Vodafone Nederl"
    longest = explanation(
        Sentence("explain.step1.delivered", {"time": NOON_MS}),
        Sentence("explain.step2.default"),
        Sentence(f"explain.step3.{again}", {"network": network}),
        outage,
        Sentence("explain.step5.backup"),
        Sentence("explain.step6.open", {"name": desk.name, "phone": desk.phone, "hours": desk.hours}),
    )
    async with kiosk(Script(explanation=longest), facts=LONG_FACTS) as person:
        await person.sign_in(sms_page())
        await person.press("a", "u")
        async for _ in in_each_size_and_language(person):
            for number, step in enumerate(longest.steps, start=1):
                await person.press(str(number))
                assert person.app.say(step.text) in person.words_in(person.page.query_one(f"#step-{number}"))
                assert person.cut_off() == []
