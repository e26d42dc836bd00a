"""The authenticator app: RFC 6238 codes by pyotp, each step accepted once and only upwards, whatever drift was learned."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import pyotp

from data.factors import Factor, FactorKind, FactorState
from kiosk.clock import ClockHealth
from kiosk.methods.method import Attempt, Person, Verdict, digits_of, is_code, not_compared
from kiosk.methods.phone_clocks import learn, offsets_around, phone_clocks
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.watch import Subscription, Watchers

DIGITS: Final = 6
STEP_SECONDS: Final = 30
# Five minutes: a code that is right within this of our time comes from a phone whose clock is off.
CLOCK_HINT_STEPS: Final = 10
# 160 bit, RFC 4226 R6.
SECRET_BYTES: Final = 20
_TOLD_SCOPE: Final = "totp_told"
# Long after the widest window in which a step could count, in milliseconds.
_TOLD_KEPT_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class TotpState:
    """What the page shows; a secret only while the app is being added."""

    tries_left: int
    secret: str | None = field(default=None, repr=False)
    uri: str | None = field(default=None, repr=False)


class TotpMethod:
    """Codes of the person's authenticator apps; `enrolling` takes the offered one and makes it active."""

    kind = MethodKind.TOTP

    def __init__(self, person: Person, *, enrolling: bool = False) -> None:
        self.enrolling = enrolling
        self._person = person
        self._site = person.site
        self._watchers = Watchers(self.state)

    def state(self) -> TotpState:
        """The present state."""
        if not self.enrolling:
            return TotpState(self._person.tries_left())
        factor = next(iter(self._factors()), None)
        user = self._site.database.users.get(self._person.user_id)
        if factor is None or user is None:
            return TotpState(self._person.tries_left())
        secret = self._site.database.factors.secret(factor).decode()
        return TotpState(self._person.tries_left(), secret, uri_of(secret, account=user.name, site=self._site.name))

    def watch(self, callback: Callable[[TotpState], None]) -> Subscription:
        """Call back now and after each try."""
        return self._watchers.watch(callback)

    def begin(self) -> Verdict | None:
        """Refuse when the clock of this machine cannot be believed."""
        if self._site.clock.health() is not ClockHealth.OK:
            return not_compared("app.kiosk_clock", keeps_typed=False, names_contact=True)
        return None

    def answer(self, typed: str, accepted: Callable[[], None]) -> Verdict:
        """Judge six digits; fewer cost no try."""
        code = digits_of(typed)
        if not is_code(code, DIGITS):
            return not_compared("sms.code.incomplete")
        if (refused := self.begin()) is not None:
            return refused
        with self._site.database.transaction(write=True):
            attempt = self._person.claim(self.kind)
            if isinstance(attempt, Verdict):
                return attempt
            verdict = self._judge(code, attempt, accepted)
        self._watchers.refresh()
        return verdict

    def cancel(self) -> None:
        """Nothing of this method outlives its page."""

    def _judge(self, code: str, attempt: Attempt, accepted: Callable[[], None]) -> Verdict:
        factors = self._site.database.factors
        now_step = self._site.clock.wall() // 1000 // STEP_SECONDS
        known_but_old = False
        for factor in self._factors():
            secret = factors.secret(factor).decode()
            now = self._site.clock.now()
            step = matching_step(secret, code, now_step, self._site.policy.totp.window_steps, drift=factor.drift)
            if step is None:
                continue
            if self._was_told(factor, step) or not factors.accept_step(factor.id, step, now):
                known_but_old = True
                continue
            learn(self._site.database, factor, step - now_step, now)
            if self.enrolling:
                factors.confirm(factor.id, now)
            self._person.right(self.kind)
            accepted()
            return Verdict(right=True)
        if known_but_old:
            return self._person.refused(self.kind, "used_before", "app.used_before")
        return self._wrong(code, attempt, now_step)

    def _wrong(self, code: str, attempt: Attempt, now_step: int) -> Verdict:
        verdict = self._person.wrong(self.kind, attempt, "app.wrong")
        if verdict.ends:
            return verdict
        for factor in self._factors():
            secret = self._site.database.factors.secret(factor).decode()
            step = matching_step(secret, code, now_step, CLOCK_HINT_STEPS)
            if step is not None:
                self._tell(factor, step)
                return self._whose_clock(factor, step - now_step, verdict)
        return verdict

    def _whose_clock(self, factor: Factor, offset: int, verdict: Verdict) -> Verdict:
        """Right code, wrong time: it is this desk's clock when the phones of others say the same of it."""
        database, now = self._site.database, self._site.clock.now()
        others = phone_clocks(database, now, not_of=self._person.user_id)
        database.factors.note_offset(factor.id, offset, accepted=False, now=now)
        if others.steps is None or not others.desk_is_off or abs(offset - others.steps) > 1:
            return Verdict(why=Sentence("app.phone_clock"), reference=verdict.reference)
        parameters = {"people": others.people, "steps": others.steps}
        self._person.trail.record("clock", "phones_differ", actor=self._person.user_id, parameters=parameters)
        return Verdict(why=Sentence("app.desk_clock"), reference=verdict.reference, names_contact=True)

    def _tell(self, factor: Factor, step: int) -> None:
        # "The clock of your phone is wrong" says that a code will be right later: it must not become so.
        now = self._site.clock.now()
        throttles = self._site.database.throttles
        # A step that is over comes back for nobody.
        throttles.prune(_TOLD_SCOPE, now - _TOLD_KEPT_MS)
        throttles.raise_(_TOLD_SCOPE, f"{factor.id}/{step}", now=now, until=None, window_ms=None)

    def _was_told(self, factor: Factor, step: int) -> bool:
        return self._site.database.throttles.get(_TOLD_SCOPE, f"{factor.id}/{step}") is not None

    def _factors(self) -> list[Factor]:
        wanted = FactorState.OFFERED if self.enrolling else FactorState.ACTIVE
        rows = self._site.database.factors.of_user(self._person.user_id)
        return [row for row in rows if row.kind is FactorKind.TOTP and row.state is wanted]


def new_secret() -> str:
    """A fresh secret as base32 text."""
    return pyotp.random_base32(SECRET_BYTES * 8 // 5)


def uri_of(secret: str, *, account: str, site: str) -> str:
    """The otpauth address that an app reads from a QR code."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).provisioning_uri(name=account, issuer_name=site)


def code_at(secret: str, wall_ms: int) -> str:
    """The code that an app shows at this moment."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS).at(wall_ms // 1000)


def matching_step(secret: str, code: str, now_step: int, window_steps: int, *, drift: int = 0) -> int | None:
    """The step within the window whose code this is, the likeliest first; compared in constant time."""
    generator = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS)
    found = None
    for offset in offsets_around(drift, window_steps):
        step = now_step + offset
        if hmac.compare_digest(generator.at(step * STEP_SECONDS), code) and found is None:
            found = step
    return found
