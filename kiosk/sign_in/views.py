"""What a page of the sign-in may show at this moment: immutable snapshots without words.

All times are kiosk time in milliseconds UTC. A number is never here, only its last two digits.
"""

from dataclasses import dataclass, field

from data.restored import RESTORED_CHANGE
from kiosk.delivery.state import DeliveryState
from kiosk.sign_in.outcomes import MethodKind, Nudge, Sentence, Stage

SmsState = DeliveryState
"""What is known of the SMS; the values are the last part of `sms.status.line.*`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsView:
    """The SMS code page: delivery of the latest SMS, life of the code, what a resend would do."""

    tail: str
    """Last two digits of the phone number."""
    state: SmsState
    status_line: Sentence
    status_next: Sentence
    network: str | None
    sender_tail: str | None
    """Last digits of the number that the SMS comes from, when the configuration knows it."""
    sends: int
    tries_left: int
    issued_at: int
    valid_until: int
    resend_from: int
    """Before this time a resend is refused (cooldown)."""
    both_work: bool
    """More than one SMS was sent; each carries the same code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeView:
    """A page that takes a back-up code, a temporary code or an app's code."""

    kind: MethodKind
    tries_left: int
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """The YubiKey page: what to do now, and what is wrong."""

    phase: str
    """A value of `kiosk.yubikey.ceremony.Phase`."""
    line: Sentence | None
    problem: Sentence | None
    touch_until: int | None
    """So long the key waits for a touch or a finger."""
    asks_pin: bool
    answered: bool
    """The key gave its answer: `SignIn.answer` judges it."""
    may_retry: bool
    """`take` begins anew with the key that is in."""
    tries_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WayView:
    """One button of the alternatives: usable now, or why not when it is pressed."""

    kind: MethodKind
    why_not: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativesView:
    """Geen SMS ontvangen: what was sent, what can be tried."""

    sent: Sentence | None
    """None when no SMS belongs to this sign-in."""
    advice: Sentence
    names_contact: bool
    resend: bool
    """The person has a phone, so the button stands there."""
    resend_from: int
    resend_over: str | None
    """Name of the network that a resend would take now."""
    resend_searches: bool = False
    """It would look for another one first."""
    ways: tuple[WayView, ...]
    """In the order of the page; SMS is not among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationStep:
    """One of the six steps, with what this kiosk knows right now."""

    title: Sentence
    text: Sentence
    also: Sentence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationView:
    """UITLEG, steps 1 to 6."""

    steps: tuple[ExplanationStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    """First sign-in: the number that would be confirmed."""

    tail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPasswordView:
    """First sign-in or reset: choose a password."""

    reset: bool
    """The administrator replaced the password of somebody who had one."""
    minimum_length: int
    maximum_length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolTotpView:
    """First sign-in: what to type or scan into the authenticator app, once."""

    secret: str = field(repr=False)
    """Base32, to be shown in groups of four."""
    uri: str = field(repr=False)
    """What the QR code holds."""
    tries_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseView:
    """Kies uw tweede stap: the ways of this person, the likeliest first."""

    ways: tuple[WayView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessView:
    """Signed in. `backup_code` is shown once and lives only here and in the mind of the person."""

    backup_code: str | None = field(repr=False)
    """Eight digits; None when no new one was made (then `notice` says so, or there is nothing to show)."""
    first: bool
    notice: Sentence | None
    may_send_sms: bool
    sms: Sentence | None
    """How the SMS with the back-up code goes, as far as one was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """Something that was changed since the last sign-in."""

    what: str
    by: str
    """Who did it; empty for the person themselves."""
    at: int
    id: str

    @property
    def put_back(self) -> bool:
        """The whole database was put back from a back-up, and nobody knows what was taken away since."""
        return self.what == RESTORED_CHANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """Home: who is here and since when."""

    display_name: str
    role: str
    method: MethodKind
    last_sign_in_at: int | None
    last_method: MethodKind | None
    changes: tuple[ChangeView, ...]
    session_id: str
    nudge: Nudge | None = None
    """Something that the person had better arrange."""
    ends_at: int | None = None
    """When the session has lasted as long as it may."""
    language: str | None = None
    """The language that the person chose for the pages; None: whatever the desk has."""
    contrast: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInView:
    """Everything that the pages of one sign-in show, as far as its stage has it."""

    stage: Stage
    step: tuple[int, int]
    """This step and how many there are: stap 2 van 2."""
    language: str
    sms: SmsView | None = None
    code: CodeView | None = None
    key: KeyView | None = None
    choose: ChooseView | None = None
    enrol_totp: EnrolTotpView | None = None
    phone: PhoneView | None = None
    own_password: OwnPasswordView | None = None
    success: SuccessView | None = None
    home: HomeView | None = None
    confirming_phone: bool = False
    """The SMS page confirms a new phone: `first.phone.enter` instead of `sms.intro.line`."""
    ended: Sentence | None = None
    """Why it ended by itself, such as at the end of the longest session; None when somebody at this desk ended it."""
