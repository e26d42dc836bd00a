"""What can be wrong with a change that an administrator asks for; words are those of the screens and commands.

AdministrationError
├── PersonUnknown      nobody has this id or name, or the person was deleted
├── MethodUnknown      the person has no such method, or it was revoked
├── ChangedMeanwhile   a colleague changed this person since the card was read
├── NothingToDo        it is so already
├── TextUnusable       a reason, ticket or name that is missing, too long or unprintable
├── NumberInText       a national, document or phone number where free text is kept in the log
├── MinutesUnusable    a life of a temporary code that the site does not allow
├── Contradiction      "called back" while the phone is lost: asked again before it is done
├── DateUnusable       a day that is over
└── Forbidden          a rule does not allow it; the refusal is in the log
"""

from enum import StrEnum, unique
from typing import Literal

from data.changes import Change

WhatIsWrong = Literal["missing", "long", "unprintable"]
NumberKind = Literal["bsn", "document", "phone"]


@unique
class Rule(StrEnum):
    """Why it may not be done."""

    NOT_ADMINISTRATOR = "not_administrator"
    """The session has ended, or the person is no administrator (any more)."""
    REAUTHENTICATE = "reauthenticate"
    """The own second factor was shown too long ago."""
    FOUR_EYES = "four_eyes"
    """A second administrator must approve it."""
    OWN_ACCOUNT = "own_account"
    """Nobody does this to themselves."""
    OWN_LAST_STRONG = "own_last_strong"
    """Nobody takes away their own last method other than SMS."""
    LAST_ADMINISTRATOR = "last_administrator"
    """Nobody would be left who can administer."""
    BOTH_WAYS = "both_ways"
    """The same administrator would hold password and second factor of somebody."""
    DISABLED = "disabled"
    """The account is switched off; enable it first."""


class AdministrationError(Exception):
    """Base of what is wrong with a change that was asked for."""


class PersonUnknown(AdministrationError):
    """There is no such person."""


class MethodUnknown(AdministrationError):
    """The person has no such method."""


class NothingToDo(AdministrationError):
    """It is so already."""


class ChangedMeanwhile(AdministrationError):
    """`change` was made since the card was read; None when it is not known which."""

    def __init__(self, change: Change | None) -> None:
        super().__init__("" if change is None else change.what)
        self.change = change


class TextUnusable(AdministrationError):
    """`field` is reason, ticket or detail; `maximum` how many characters there may be."""

    def __init__(self, field: str, what: WhatIsWrong, maximum: int) -> None:
        super().__init__(f"{field}: {what}")
        self.field = field
        self.what: WhatIsWrong = what
        self.maximum = maximum


class NumberInText(AdministrationError):
    """`field` holds a number that must not be kept; the number itself is not kept here either."""

    def __init__(self, field: str, kind: NumberKind) -> None:
        super().__init__(f"{field}: {kind}")
        self.field = field
        self.kind: NumberKind = kind


class MinutesUnusable(AdministrationError):
    """A temporary code lives from 1 to `maximum` minutes."""

    def __init__(self, maximum: int) -> None:
        super().__init__(maximum)
        self.maximum = maximum


class Contradiction(AdministrationError):
    """The person was called back on a phone that is said to be lost."""


class DateUnusable(AdministrationError):
    """The day is over already."""


class Forbidden(AdministrationError):
    """`reference` finds the refusal in the log; None when it could not be written."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.value)
        self.rule = rule
        self.reference: str | None = None
