"""The one face of a second factor, and the counters that all of them share.

Screens, the plain mode and any other front end drive every method the same way: `begin`, `watch`, `answer`, `cancel`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from kiosk.audit import AuditTrail
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.site import Site
from kiosk.watch import Subscription

State_co = TypeVar("State_co", covariant=True)

USED_UP: Final = Sentence("sms.code.used_up")
ENDED: Final = Sentence("error.unexpected")
LOCKED: Final = Sentence("sign_in.login.factor_locked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of an answer."""

    right: bool = False
    why: Sentence | None = None
    """Why it was not accepted; None when right."""
    ends: bool = False
    """The sign-in is over: too many failures."""
    reference: str | None = None
    names_contact: bool = False
    keeps_typed: bool = False
    """Nothing was compared and nothing counted: what was typed may stand."""


RIGHT: Final = Verdict(right=True)


def not_compared(text_id: str, *, keeps_typed: bool = True, names_contact: bool = False) -> Verdict:
    """An answer that cost no try."""
    return Verdict(why=Sentence(text_id), keeps_typed=keeps_typed, names_contact=names_contact)


class Method(Protocol, Generic[State_co]):
    """One second factor of one sign-in, used in the domain thread."""

    kind: MethodKind

    def begin(self) -> Verdict | None:
        """Start: send what must be sent. A Verdict says why it could not; None is fine."""

    def watch(self, callback: Callable[[State_co], None]) -> Subscription:
        """Call back now with the present state and after every change."""

    def answer(self, typed: str, accepted: Callable[[], None]) -> Verdict:
        """Judge what was typed; `accepted` runs inside the transaction that consumes the code."""

    def cancel(self) -> None:
        """Stop and wipe; at any time, more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Numbers after claiming one try, the present one included."""

    in_sign_in: int
    in_a_row: int


class Person:
    """Who proves themselves in which sign-in, with the one failure counter over all methods.

    `area` is what the actions of the log begin with: who is signed in already may have to prove it anew.
    """

    def __init__(
        self,
        site: Site,
        trail: AuditTrail,
        *,
        user_id: str,
        sign_in_id: str,
        desk_id: str,
        area: str = "sign_in",
    ) -> None:
        self.site = site
        self.trail = trail
        self.user_id = user_id
        self.sign_in_id = sign_in_id
        self.desk_id = desk_id
        self.area = area

    def tries_left(self, *, at_most: int | None = None) -> int:
        """Tries before this sign-in ends; `at_most` is how many its method allows."""
        limit = self.site.policy.second_factor.failures_end_sign_in
        row = self.site.database.sign_ins.get(self.sign_in_id)
        return 0 if row is None else max(0, min(limit, at_most or limit) - row.failures)

    def claim(self, kind: MethodKind) -> Attempt | Verdict:
        """Count a try before anything is compared; a Verdict when there is none left.

        The caller holds the write transaction.
        """
        limits = self.site.policy.second_factor
        in_sign_in = self.site.database.sign_ins.claim_failure(self.sign_in_id, limit=limits.failures_end_sign_in)
        if in_sign_in is None:
            row = self.site.database.sign_ins.get(self.sign_in_id)
            ended = row is None or row.ended_at is not None
            why, result = (ENDED, "ended") if ended else (USED_UP, "used_up")
            return Verdict(why=why, ends=True, reference=self._record(kind, result))
        in_a_row = self.site.database.users.claim_second_factor_failure(self.user_id, limit=limits.failures_lock)
        if in_a_row is None:
            return Verdict(why=LOCKED, ends=True, reference=self._record(kind, "locked"), names_contact=True)
        return Attempt(in_sign_in=in_sign_in, in_a_row=in_a_row)

    def wrong(
        self, kind: MethodKind, attempt: Attempt, text_id: str, *, tries_left: int | None = None, says_left: bool = True
    ) -> Verdict:
        """A compared code was not right: what to say, and whether that was the last try.

        `text_id` takes `left`, unless it `says_left` nothing; `tries_left` is a tighter limit of the code itself. The caller holds the transaction.
        """
        limits = self.site.policy.second_factor
        if attempt.in_a_row >= limits.failures_lock:
            reference = self._record(kind, "locked", failures=attempt.in_a_row)
            return Verdict(why=LOCKED, ends=True, reference=reference, names_contact=True)
        left = limits.failures_end_sign_in - attempt.in_sign_in
        left = left if tries_left is None else min(left, tries_left)
        reference = self._record(kind, "wrong", failures=attempt.in_a_row)
        if left <= 0:
            return Verdict(why=USED_UP, ends=True, reference=reference)
        return Verdict(why=Sentence(text_id, {"left": left} if says_left else {}), reference=reference)

    def refused(self, kind: MethodKind, result: str, text_id: str, *, names_contact: bool = False) -> Verdict:
        """A code that was known but cannot be used, such as one used before. The caller holds the transaction."""
        return Verdict(why=Sentence(text_id), reference=self._record(kind, result), names_contact=names_contact)

    def right(self, kind: MethodKind) -> None:
        """A right code forgets the failures. The caller holds the transaction."""
        self.site.database.users.clear_second_factor_failures(self.user_id)
        self._record(kind, "ok")

    def _record(self, kind: MethodKind, result: str, **parameters: int) -> str:
        return self.trail.record(
            f"{self.area}.{kind.value}", result, actor=self.user_id, about=self.sign_in_id, parameters=parameters
        )


def digits_of(typed: str) -> str:
    """What was typed without spaces, dashes and points; anything else is left for the caller to refuse."""
    return "".join(character for character in typed if character not in " -.\t\u00a0\u2010\u2011\u2013")


def is_code(text: str, digits: int) -> bool:
    """Exactly so many ASCII digits."""
    return len(text) == digits and text.isascii() and text.isdigit()
