"""A fresh second factor: whoever changes how they sign in proves once more that it is them."""

from typing import Final

from data.factors import FactorKind, FactorState
from data.users import User
from kiosk.account.own import factors_of, proofs
from kiosk.account.views import ProofView
from kiosk.audit import AuditTrail
from kiosk.methods.backup_code import EightDigitMethod
from kiosk.methods.method import Person, Verdict, not_compared
from kiosk.methods.sms import SmsMethod
from kiosk.methods.totp import TotpMethod
from kiosk.methods.yubikey import YubikeyMethod
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Sentence
from kiosk.sign_in.views import KeyView, SmsView
from kiosk.sign_in.ways import present_ways
from kiosk.site import Site

# How long a proof lasts.
FRESH_MS: Final = 10 * 60_000
STAGE: Final = "account_proof"


class Proof:
    """The proofs of one session; `at` is when the last one was given, first that of the sign-in itself.

    Tries are counted as at a sign-in, in a row of their own that outlives the page: leaving it gives no new tries.
    """

    def __init__(
        self, site: Site, trail: AuditTrail, *, user_id: str, desk_id: str, at: int, method: MethodKind
    ) -> None:
        self.at = at
        self.temporary = self._began_temporary = method is MethodKind.TEMPORARY_CODE
        self._site = site
        self._trail = trail
        self._user_id = user_id
        self._desk_id = desk_id
        self._person: Person | None = None
        self._sms: SmsMethod | None = None
        self._method: SmsMethod | TotpMethod | EightDigitMethod | YubikeyMethod | None = None

    @property
    def fresh_until(self) -> int:
        """Until when the last proof lasts, in kiosk milliseconds."""
        return self.at + FRESH_MS

    @property
    def fresh(self) -> bool:
        """Whether it still lasts."""
        return self._site.clock.now() < self.fresh_until

    def view(self, user: User) -> ProofView | None:
        """What the page shows; None while nothing is asked."""
        method = self._method
        if method is None:
            return None
        others = tuple(kind for kind in proofs(present_ways(self._site, user), user) if kind is not method.kind)
        state = method.state()
        sms = state if isinstance(state, SmsView) else None
        key = state if isinstance(state, KeyView) else None
        return ProofView(kind=method.kind, sms=sms, key=key, others=others, tries_left=state.tries_left)

    def look(self) -> None:
        """Take in what a key said that was asked."""
        if isinstance(self._method, YubikeyMethod):
            self._method.refresh()

    def give_pin(self, pin: str) -> None:
        """The PIN that a key waits for; it goes to the key alone."""
        if isinstance(self._method, YubikeyMethod):
            self._method.give_pin(pin)

    def begin(self, kind: MethodKind, user: User) -> Verdict | None:
        """Ask for this method; a Verdict says why it cannot be asked now."""
        if kind not in proofs(present_ways(self._site, user), user):
            return not_compared("account.proof.not_now", names_contact=True)
        method: SmsMethod | TotpMethod | EightDigitMethod | YubikeyMethod
        self._let_go()
        if kind is MethodKind.SMS and self._sms is not None:
            self._method = self._sms
            return None
        if kind is MethodKind.SMS:
            phone = factors_of(self._site, user.id, FactorKind.SMS, FactorState.ACTIVE)[0]
            method = SmsMethod(self._who(), user, phone)
        elif kind is MethodKind.TOTP:
            method = TotpMethod(self._who())
        elif kind is MethodKind.YUBIKEY:
            assert self._site.keys is not None, "a proof by key is offered with USB ports only"
            method = YubikeyMethod(self._who(), self._site.keys)
        else:
            method = EightDigitMethod(self._who(), MethodKind.BACKUP_CODE)
        if (refused := method.begin()) is not None:
            return refused
        self._sms = method if isinstance(method, SmsMethod) else self._sms
        self._method = method
        return None

    def resend(self, *, confirmed: bool) -> Sentence | AskFirst | Verdict:
        """The same code again."""
        assert self._sms is not None, "the page shows it with an SMS only"
        return self._sms.resend(confirmed=confirmed)

    def answer(self, typed: str) -> Verdict:
        """Judge the code of the page."""
        method, person = self._method, self._person
        if method is None or person is None:
            return not_compared("account.proof.not_now")

        def accepted() -> None:
            database, now = self._site.database, self._site.clock.now()
            for challenge in database.challenges.of_sign_in(person.sign_in_id):
                database.challenges.wipe(challenge.id, now)
            self._site.outbox.answered(person.sign_in_id, now=now)
            database.sign_ins.finish(person.sign_in_id, "proved", method.kind.value, now)

        verdict = method.answer(typed, accepted)
        if verdict.right:
            self.at = self._site.clock.now()
            used = method.used if isinstance(method, EightDigitMethod) else method.kind
            # A method that was added under a temporary code proves no more than that code, as long as the session lasts.
            self.temporary = self._began_temporary or used is MethodKind.TEMPORARY_CODE
            self._person = self._sms = self._method = None
        return verdict

    def leave(self) -> None:
        """The page was left: the code that was sent is void; tries stay counted."""
        self._let_go()
        if self._sms is not None:
            self._sms.cancel()
        self._sms = self._method = None

    def close(self, reason: str) -> None:
        """Nothing of it outlives the session. The caller holds the write transaction."""
        self._let_go()
        if self._person is not None:
            end_errand(self._site, self._person, reason)
        self._person = self._sms = self._method = None

    def _let_go(self) -> None:
        """A key that was asked stops blinking."""
        if isinstance(self._method, YubikeyMethod):
            self._method.let_go()

    def _who(self) -> Person:
        if self._person is None:
            self._person = begin_errand(
                self._site, self._trail, user_id=self._user_id, desk_id=self._desk_id, stage=STAGE, area="proof"
            )
        return self._person


def begin_errand(site: Site, trail: AuditTrail, *, user_id: str, desk_id: str, stage: str, area: str) -> Person:
    """A row that counts the tries and names the messages of something that a signed-in person does."""
    with site.database.transaction(write=True):
        row = site.database.sign_ins.start(desk_id=desk_id, user_id=user_id, stage=stage, now=site.clock.now())
    return Person(site, trail, user_id=user_id, sign_in_id=row.id, desk_id=desk_id, area=area)


def end_errand(site: Site, person: Person, result: str) -> None:
    """Its codes are void and what has not been sent is not. The caller holds the write transaction."""
    now = site.clock.now()
    for challenge in site.database.challenges.of_sign_in(person.sign_in_id):
        site.database.challenges.wipe(challenge.id, now)
    site.outbox.cancel(person.sign_in_id, now=now)
    site.database.sign_ins.finish(person.sign_in_id, result, None, now)
