"""From a sentence with data to what a person reads."""

from dataclasses import replace

import pytest

from kiosk.desk_status import HelpDesk
from kiosk.language import Language, WrongPlaceholders
from kiosk.sign_in.outcomes import Sentence
from screens.words import Words
from tests.screens.doubles import FACTS, MONDAY_MORNING_MS

DUTCH = Words(Language.load("nl"), FACTS)
ENGLISH = Words(Language.load("en"), FACTS)


@pytest.mark.parametrize(
    ("sentence", "dutch"),
    [
        (Sentence("sms.valid.line", {"until": MONDAY_MORNING_MS}), "De code is geldig tot 09:41"),
        (
            Sentence("sms.status.line.accepted", {"time": MONDAY_MORNING_MS + 120_000, "network": "KPN"}),
            "Om 09:43 verstuurd via KPN",
        ),
        (Sentence("resend.line.cooldown", {"seconds": 1}), "Opnieuw versturen kan over 1 seconde"),
        (Sentence("resend.line.cooldown", {"seconds": 121}), "Opnieuw versturen kan over 3 minuten"),
        (Sentence("help.call"), "Lukt het niet? Bel Servicebalie: 030 555 01 23."),
        (Sentence("help.kiosk.line"), "Inlogpunt: 12"),
        (Sentence("common.step.line", {"step": 2, "total": 2}), "stap 2 van 2"),
    ],
)
def test_waits_moments_and_the_values_of_the_desk_are_filled_in(sentence: Sentence, dutch: str) -> None:
    assert DUTCH.say(sentence) == dutch


def test_a_moment_is_that_of_the_site_in_summer_and_winter() -> None:
    july = 1_720_000_000_000
    assert DUTCH.moment(july) == "11:46"
    assert DUTCH.moment(MONDAY_MORNING_MS) == "09:41"
    assert Words(Language.load("en"), replace(FACTS, time_zone="America/New_York")).moment(july) == "05:46"


@pytest.mark.parametrize(
    ("seconds", "rest"), [(186, "3:06"), (185.2, "3:06"), (60, "1:00"), (0.4, "0:01"), (0, "0:00"), (-5, "0:00")]
)
def test_a_rest_is_rounded_up_and_never_below_nothing(seconds: float, rest: str) -> None:
    assert DUTCH.left(seconds) == rest


def test_the_contact_line_names_whom_the_site_named() -> None:
    assert ENGLISH.contact() == "Help: Servicebalie, 030 555 01 23"
    nobody = replace(FACTS, help_desk=HelpDesk(name="", phone="", hours=""))
    assert Words(Language.load("nl"), nobody).contact() == "Hulp: vraag het aan de receptie"


def test_the_hours_of_the_help_desk_are_in_the_language_of_the_page() -> None:
    desk = replace(FACTS.help_desk, hours_in_languages={"nl": "ma-vr 8-17", "en": "Mon-Fri 8-17"})
    words = Words(Language.load("en"), replace(FACTS, help_desk=desk))
    assert words.text("help.hours.line") == "Open: Mon-Fri 8-17"


def test_a_value_that_nobody_knows_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(WrongPlaceholders):
        DUTCH.text("sms.valid.line")


def test_a_value_too_many_is_an_error() -> None:
    with pytest.raises(WrongPlaceholders):
        DUTCH.text("help.title", {"left": 3})
