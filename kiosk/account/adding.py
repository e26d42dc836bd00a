"""Adding a method of one's own: it counts from the first right code on, and until then nothing of it does."""

import logging
from typing import Final

from data.canonical import JSON
from data.errors import DataError
from data.factors import Factor, FactorKind, FactorState
from kiosk.account.changing import Owner
from kiosk.account.own import factors_of
from kiosk.account.proof import begin_errand, end_errand
from kiosk.account.views import AppView
from kiosk.accounts import NumberUnusable, normalised_number
from kiosk.administration.notices import Notice
from kiosk.clock import ClockHealth
from kiosk.methods.method import RIGHT, Person, Verdict, digits_of, is_code, not_compared
from kiosk.methods.phone_clocks import learn, phone_clocks
from kiosk.methods.sms import SmsMethod
from kiosk.methods.totp import (
    CLOCK_HINT_STEPS,
    DIGITS,
    STEP_SECONDS,
    matching_step,
    new_secret,
    uri_of,
)

log = logging.getLogger("kiosk.account")

# A key that stood on the screen for so long and was not used is replaced by another one.
APP_LIFE_MS: Final = 10 * 60_000
PHONE_STAGE: Final = "account_phone"


class NewApp:
    """An authenticator app that is being added: the one that an administrator offered, else a fresh key that only lives here."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._site = owner.site
        self._offered = next(iter(factors_of(self._site, owner.user_id, FactorKind.TOTP, FactorState.OFFERED)), None)
        factors = self._site.database.factors
        self._secret = new_secret() if self._offered is None else factors.secret(self._offered).decode()
        self._until = self._site.clock.now() + APP_LIFE_MS

    def __repr__(self) -> str:
        return "NewApp()"

    def view(self) -> AppView:
        """What the page shows."""
        name = self._owner.user().name
        return AppView(secret=self._secret, uri=uri_of(self._secret, account=name, site=self._site.name))

    @property
    def expired(self) -> bool:
        """Whether it stood there too long."""
        return self._site.clock.now() >= self._until

    def answer(self, typed: str) -> Verdict:
        """Judge the first code. Wrong ones cost nothing: the key stands on the screen, so there is nothing to guess."""
        code = digits_of(typed)
        if not is_code(code, DIGITS):
            return not_compared("sms.code.incomplete")
        if self._site.clock.health() is not ClockHealth.OK:
            return not_compared("app.kiosk_clock", keeps_typed=False, names_contact=True)
        now_step = self._site.clock.wall() // 1000 // STEP_SECONDS
        step = matching_step(self._secret, code, now_step, self._site.policy.totp.window_steps)
        if step is None:
            return self._wrong(code, now_step)
        with self._site.database.transaction(write=True):
            self._owner.check()
            numbers = self._owner.phones()
            factor, now = self._offered or self._added(), self._site.clock.now()
            if not self._site.database.factors.accept_step(factor.id, step, now):
                return not_compared("app.used_before", keeps_typed=False)
            self._site.database.factors.confirm(factor.id, now)
            learn(self._site.database, factor, step - now_step, now)
            self._owner.changed("app_added", notice=Notice.FACTOR, numbers=numbers)
        return RIGHT

    def _added(self) -> Factor:
        return self._site.database.factors.add(
            self._owner.user_id,
            kind=FactorKind.TOTP,
            label=FactorKind.TOTP.value,
            state=FactorState.OFFERED,
            secret=self._secret.encode(),
            index=None,
            now=self._site.clock.now(),
        )

    def _wrong(self, code: str, now_step: int) -> Verdict:
        step = matching_step(self._secret, code, now_step, CLOCK_HINT_STEPS)
        if step is None:
            return not_compared("account.app.wrong", keeps_typed=False)
        others = phone_clocks(self._site.database, self._site.clock.now(), not_of=self._owner.user_id)
        if others.steps is not None and others.desk_is_off and abs(step - now_step - others.steps) <= 1:
            return not_compared("app.desk_clock", keeps_typed=False, names_contact=True)
        return not_compared("app.phone_clock", keeps_typed=False)


class NewPhone:
    """A phone that is being confirmed; the one that was there goes when the new one has been proved."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._site = owner.site
        self.sms: SmsMethod | None = None
        self._errand: Person | None = None
        self._made_here = False

    def begin(self, typed: str) -> Verdict | None:
        """Send a code to this number; nothing typed takes the number that an administrator offered."""
        offered = factors_of(self._site, self._owner.user_id, FactorKind.SMS, FactorState.OFFERED)
        if not typed.strip():
            if not offered:
                return not_compared("account.phone.missing")
            return self._send(offered[-1], made_here=False)
        try:
            number = normalised_number(typed, self._site.policy.sms.countries)
        except NumberUnusable as error:
            return not_compared(f"account.phone.{error.reason}")
        if any(self._number(row) == number for row in self._active()):
            return not_compared("account.phone.same")
        same = next((row for row in offered if self._number(row) == number), None)
        return self._send(same or self._added(number), made_here=same is None)

    def answer(self, typed: str) -> Verdict:
        """Judge the code of the SMS."""
        sms, errand = self.sms, self._errand
        if sms is None or errand is None:
            return not_compared("sms.code.expired")

        def accepted() -> None:
            self._owner.check()
            database, now = self._site.database, self._site.clock.now()
            # The old number and the new one.
            numbers = self._owner.phones() | {self._number(sms.phone)}
            gone = [row for row in self._active() if row.id != sms.phone.id]
            for row in gone:
                database.factors.set_state(row.id, FactorState.REVOKED)
                database.challenges.wipe_of_user(self._owner.user_id, now, factor_id=row.id)
            if gone:
                self._owner.end_sessions(sms.kind)
            self._site.outbox.answered(errand.sign_in_id, now=now)
            database.sign_ins.finish(errand.sign_in_id, "confirmed", sms.kind.value, now)
            what = "phone_changed" if gone else "phone_added"
            notice = Notice.PHONE if gone else Notice.FACTOR
            parameters: dict[str, JSON] = {"tail": sms.phone.number_tail}
            self._owner.changed(what, notice=notice, numbers=numbers, parameters=parameters)

        verdict = sms.answer(typed, accepted)
        if verdict.right:
            self.sms = None
        elif verdict.ends:
            self.leave("too_many_failures")
        return verdict

    def leave(self, reason: str = "left") -> None:
        """The page was left, or the session ended: the number counts for nothing."""
        sms, self.sms = self.sms, None
        if sms is None or self._errand is None:
            return
        try:
            with self._site.database.transaction(write=True):
                end_errand(self._site, self._errand, reason)
                if self._made_here:
                    self._site.database.factors.set_state(sms.phone.id, FactorState.REVOKED)
        except DataError as error:
            # It was never proved, so it opens nothing; its code ends by its own expiry.
            log.warning("a phone that was not confirmed could not be taken back: %r", error)

    def _send(self, phone: Factor, *, made_here: bool) -> Verdict | None:
        user = self._owner.user()
        self._made_here = made_here
        self._errand = begin_errand(
            self._site,
            self._owner.trail,
            user_id=user.id,
            desk_id=self._owner.desk_id,
            stage=PHONE_STAGE,
            area="account",
        )
        self.sms = SmsMethod(self._errand, user, phone, confirming=True)
        if (refused := self.sms.begin()) is not None:
            self.leave("limited")
            return refused
        return None

    def _added(self, number: str) -> Factor:
        with self._site.database.transaction(write=True):
            self._owner.check()
            return self._site.database.factors.add(
                self._owner.user_id,
                kind=FactorKind.SMS,
                label=FactorKind.SMS.value,
                state=FactorState.OFFERED,
                secret=number.encode(),
                index=number,
                now=self._site.clock.now(),
            )

    def _active(self) -> list[Factor]:
        return factors_of(self._site, self._owner.user_id, FactorKind.SMS, FactorState.ACTIVE)

    def _number(self, row: Factor) -> str:
        return self._site.database.factors.secret(row).decode()
