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
├── RequestOver        what waited for a second administrator counts no more, or not yet
├── CodeTried          the code of the sealed envelope was wrong, or nobody may try it now
└── Forbidden          a rule does not allow it; the refusal is in the log
"""

from enum import StrEnum, unique
from typing import TYPE_CHECKING, Literal

from data.changes import Change

if TYPE_CHECKING:
    from kiosk.administration.four_eyes import Wanted

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


@unique
class Over(StrEnum):
    """What is the matter with a request; the values are the last part of `approval.over.*`."""

    GONE = "gone"
    """It expired, was withdrawn, or the person was deleted: there is nothing of it any more."""
    USED = "used"
    WAITING = "waiting"
    """Nobody has approved it yet."""
    REFUSED = "refused"
    DECIDED = "decided"
    """A colleague was first."""
    APPROVER = "approver"
    """Whoever approved it administers no more."""
    CHANGED = "changed"
    """What would be done now is not what was approved."""
    OWN = "own"
    """Nobody decides about what they asked for themselves."""
    ABOUT = "about"
    """Nobody decides about what is done to themselves."""
    OTHERS = "others"
    """Only whoever asked does it, or withdraws it."""
    FORM = "form"
    """It is done at its own form, with the person or the list at hand."""


class RequestOver(AdministrationError):
    """Nothing can be done with this request now."""

    def __init__(self, over: Over) -> None:
        super().__init__(over.value)
        self.over = over


class CodeTried(AdministrationError):
    """`until` is kiosk time in milliseconds before which nobody tries again; `locked` until a new code is made.

    `reference` finds a wrong try in the log; None for one that was not counted.
    """

    def __init__(self, reference: str | None, *, until: int | None = None, locked: bool = False) -> None:
        super().__init__("locked" if locked else "waits" if until is not None else "wrong")
        self.reference = reference
        self.until = until
        self.locked = locked


class Forbidden(AdministrationError):
    """`reference` finds the refusal in the log; None when it could not be written.

    `wanted` is what a second administrator must approve; None for other rules.
    """

    def __init__(self, rule: Rule, *, wanted: "Wanted | None" = None) -> None:
        super().__init__(rule.value)
        self.rule = rule
        self.wanted = wanted
        self.reference: str | None = None
