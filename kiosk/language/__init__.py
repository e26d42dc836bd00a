"""Every word a person reads, and the cleaning of every word that others wrote.

`Language` gives the words by id, `printable` makes text from outside harmless, `sms_name` makes a name fit for an SMS.
"""

from kiosk.language.catalogue import LANGUAGES, Language
from kiosk.language.clean import printable
from kiosk.language.errors import CatalogueMissing, LanguageError, MissingText, UnknownLanguage, WrongPlaceholders
from kiosk.language.sms import SMS_SEPTETS, SMS_TEXTS, sms_name, sms_septets

__all__ = [
    "LANGUAGES",
    "SMS_SEPTETS",
    "SMS_TEXTS",
    "CatalogueMissing",
    "Language",
    "LanguageError",
    "MissingText",
    "UnknownLanguage",
    "WrongPlaceholders",
    "printable",
    "sms_name",
    "sms_septets",
]
