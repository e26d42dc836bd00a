"""What the pages of Mijn account may show at this moment: immutable snapshots without words.

All times are kiosk time in milliseconds UTC. A number is never here, only its last two digits.
"""

from dataclasses import dataclass, field
from enum import StrEnum, unique

from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.sign_in.views import KeyView, SmsView, SuccessView


@unique
class MethodState(StrEnum):
    """How one method of the person stands; the values are the last part of `account.state.*`."""

    GOOD = "good"
    OFFERED = "offered"
    """Given by an administrator and not proved yet."""
    SUSPENDED = "suspended"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMethod:
    """One method of the person, or a kind of which there is none; `id` is empty then, and for the back-up code."""

    kind: MethodKind
    id: str
    state: MethodState
    tail: str | None = None
    label: str | None = None
    """What the person calls it, of a security key."""
    since: int | None = None
    last_used_at: int | None = None
    first_choice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Addable:
    """A kind of method that can be added here, or why not when it is chosen."""

    kind: MethodKind
    replaces: str | None = None
    """Last digits of the phone number that goes."""
    why_not: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofView:
    """A fresh second factor is being shown by this method; `others` are further ways."""

    kind: MethodKind
    sms: SmsView | None
    others: tuple[MethodKind, ...]
    tries_left: int
    key: KeyView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeyView:
    """A security key that is being added."""

    stage: str
    """A value of `kiosk.yubikey.enrolment.EnrolStage`."""
    key: KeyView | None
    """How it stands with the key, until it has proved itself."""
    one_touch: bool
    """It is touched for the proof alone: slot 2 is written without."""
    line: Sentence | None
    why: Sentence | None
    """Why this key may not be added."""
    model: str
    serial: int | None
    firmware: str | None
    flawed: bool
    """Its firmware has a known flaw."""
    types: bool
    """A stray touch types 44 letters; that can be switched off."""
    attested: str | None
    """A value of `kiosk.yubikey.kept.Attested`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppView:
    """An app that is being added; what to type or scan, once."""

    secret: str = field(repr=False)
    """Base32, to be shown in groups of four."""
    uri: str = field(repr=False)
    """What the QR code holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """Everything that the pages of one person show, as far as something is under way."""

    name: str
    display_name: str
    language: str | None
    """The language that the person chose for the pages; None: that of the desk."""
    contrast: bool | None
    methods: tuple[OwnMethod, ...]
    addable: tuple[Addable, ...]
    proofs: tuple[MethodKind, ...]
    """Ways to prove oneself anew, the likeliest first; empty when this desk can carry out none now."""
    fresh_until: int
    """Until then the last proof lasts; in the past when a new one comes first."""
    temporary: bool
    """The last proof was an administrator's temporary code: a method may be added, nothing changed or taken away."""
    minimum_length: int
    """Of a new password."""
    proof: ProofView | None = None
    app: AppView | None = None
    new_key: NewKeyView | None = None
    phone: SmsView | None = None
    backup: SuccessView | None = None
    arranged: bool = False
    """A method of one's own was added in this session."""


@unique
class Result(StrEnum):
    """How a sign-in ended; the values are the last part of `account.result.*`."""

    HERE = "here"
    """This very session."""
    IN = "in"
    FAILED = "failed"
    """Too many wrong codes."""
    LEFT = "left"
    """Right password, and then nothing or too late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentSignIn:
    """One sign-in that had the right password."""

    id: str
    at: int
    desk: str
    method: MethodKind | None
    result: Result
    failures: int
    """Wrong codes before that."""
