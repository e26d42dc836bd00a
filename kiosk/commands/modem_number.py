"""Telephone numbers as technicians type them."""

from typing import Final

import phonenumbers

from kiosk.commands.speak import WRONG_USE, fail
from kiosk.language import Language

# Numbers without a country are read as numbers of this one.
HOME: Final = "NL"


def number_of(text: str, words: Language) -> str:
    """A number as E.164; wrong use when it cannot be one."""
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        fail(words.text("command.modem.wrong.number"), WRONG_USE)
    if not phonenumbers.is_possible_number(number):
        fail(words.text("command.modem.wrong.number"), WRONG_USE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
