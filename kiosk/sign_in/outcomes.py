"""What a transition of a sign-in answers: data for a screen, never words.

A `text_id` is the stable id of a sentence in the catalogues; `values` are its placeholders as bare numbers,
times in milliseconds UTC or names. The screen turns both into words in the language of the page.

Outcome
├── Moved      the sign-in goes on at another stage
├── Refused    nothing moved, or the sign-in ended; says why and what to do
└── AskFirst   the same call again with `confirmed=True` does it
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

Value = int | str
NO_VALUES: Final[Mapping[str, Value]] = {}


@unique
class Nudge(StrEnum):
    """What a person had better arrange, told on Home once; the values are the last part of `home.nudge.*`."""

    ARRANGE = "arrange"
    """An administrator's temporary code let the person in: a method of their own comes first."""
    BACKUP_USED = "backup_used"
    ONE_METHOD = "one_method"


@unique
class Stage(StrEnum):
    """Where a sign-in stands; each stage is one page."""

    LOGIN = "login"
    OWN_PASSWORD = "own_password"  # noqa: S105  the name of a page
    """A one-time password was right: the person chooses their own."""
    CONFIRM_PHONE = "confirm_phone"
    """First sign-in: is this the right number? Nothing has been sent."""
    CHOOSE = "choose"
    """Several ways or no way is the preferred one: the person chooses."""
    SMS_CODE = "sms_code"
    BACKUP_CODE = "backup_code"
    TEMPORARY_CODE = "temporary_code"
    TOTP = "totp"
    YUBIKEY = "yubikey"
    ENROL_TOTP = "enrol_totp"
    """First sign-in: add the authenticator app that the administrator offered; it counts after a right code."""
    SUCCESS = "success"
    """Signed in; a new back-up code is on the page until it is confirmed."""
    SIGNED_IN = "signed_in"
    """Home."""
    ENDED = "ended"


@unique
class MethodKind(StrEnum):
    """The second factors a person can take."""

    SMS = "sms"
    YUBIKEY = "yubikey"
    TOTP = "totp"
    BACKUP_CODE = "backup_code"
    TEMPORARY_CODE = "temporary_code"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One text of the catalogue with its values."""

    text_id: str
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """The sign-in stands at `stage` now; `notice` is worth a line on its page."""

    stage: Stage
    notice: Sentence | None = None
    warning: bool = False
    """The notice says why something else did not happen, so it carries the sign of a failure."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Not done. `stage` is where the sign-in stands now: ENDED sends the person back to the login page with the sentence."""

    why: Sentence
    stage: Stage
    reference: str | None = None
    """Short reference of the audit row, such as K482; the help desk searches by it."""
    wait_until: int | None = None
    """Kiosk time in milliseconds from which it may be tried again; the screen counts down to it."""
    names_contact: bool = False
    """The sentence names the administrator: the page shows `contact.line` under it."""
    clears_field: bool = True
    """False when what was typed may stand, such as an incomplete code."""


@dataclass(frozen=True, slots=True)
class AskFirst:
    """A question that the person answers before it is done; nothing has moved."""

    question: Sentence


Outcome = Moved | Refused | AskFirst
