"""One sign-in from name to Home: a state machine without any screen; every transition returns a typed outcome.

LOGIN ─ begin ─┬─ OWN_PASSWORD ─ choose_own_password ─┐
               └──────────────────────────────────────┴─┬─ CONFIRM_PHONE ─ confirm_phone ─ SMS_CODE ─┐
                                                         ├─ SMS_CODE · TOTP · TEMPORARY_CODE · CHOOSE ─┤ take, resend, back_to_sms
                                                         └─ ENROL_TOTP ─────────────────────────────────┤ answer
                                              SIGNED_IN ─ confirm_backup_code ─ SUCCESS ────────────────┘
Every stage can go to ENDED: by cancel, by too many failures.

Lives in the domain thread. What changes is one immutable `Standing`, replaced after its transaction was committed, so
that a failing database leaves the sign-in where it was.
"""

import dataclasses
import logging
from collections.abc import Callable

from data.errors import DataError
from data.users import User
from kiosk.audit import AuditTrail
from kiosk.methods.backup_code import EightDigitMethod
from kiosk.methods.method import Person, Verdict
from kiosk.methods.sms import SmsMethod
from kiosk.methods.totp import TotpMethod
from kiosk.methods.yubikey import YubikeyMethod
from kiosk.sign_in import alternatives as choices
from kiosk.sign_in import ending
from kiosk.sign_in.entering import enter, second_factor
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.own_password import OwnPassword
from kiosk.sign_in.password_step import PasswordStep
from kiosk.sign_in.picture import picture
from kiosk.sign_in.standing import SignedIn, Standing
from kiosk.sign_in.success import BackupCodeHandout
from kiosk.sign_in.troubles import told
from kiosk.sign_in.views import AlternativesView, ExplanationView, SignInView
from kiosk.sign_in.ways import Ways, present_ways
from kiosk.site import Site
from kiosk.watch import Subscription, Watchers

log = logging.getLogger("kiosk.sign_in")

SECOND_FACTOR = frozenset(
    {Stage.CHOOSE, Stage.SMS_CODE, Stage.BACKUP_CODE, Stage.TEMPORARY_CODE, Stage.TOTP, Stage.YUBIKEY, Stage.ENROL_TOTP}
)


class SignIn:
    """One attempt of one person at one desk."""

    def __init__(self, site: Site, trail: AuditTrail, *, desk_id: str, language: str) -> None:
        self._site = site
        self._trail = trail
        self._desk_id = desk_id
        self._language = language
        self._passwords = PasswordStep(site, trail, desk_id)
        self._standing = Standing()
        self._unwritten: tuple[Standing, str] | None = None
        self._watchers = Watchers(self.view)

    @property
    def stage(self) -> Stage:
        """Where the sign-in stands."""
        return self._standing.stage

    def view(self) -> SignInView:
        """What the page of this stage shows now."""
        return picture(self._site, self._standing, self._language)

    def watch(self, callback: Callable[[SignInView], None]) -> Subscription:
        """Call back now and after every change, from the domain thread."""
        return self._watchers.watch(callback)

    def refresh(self) -> None:
        """Look at the database again for those who watch; raises DataError."""
        self._notice_end()
        if isinstance(self._standing.method, YubikeyMethod):
            self._standing.method.refresh()
        self._watchers.refresh()

    @property
    def signed_in(self) -> User | None:
        """Who is signed in; None before the second factor, and after the end."""
        return self._standing.user if self._standing.stage is Stage.SIGNED_IN else None

    @property
    def standing(self) -> Standing | None:
        """Session, person and method of who is signed in; None before that and after the end."""
        return self._standing if self._standing.stage is Stage.SIGNED_IN else None

    @property
    def watched(self) -> bool:
        """Somebody waits for news."""
        return len(self._watchers) > 0

    def set_language(self, language: str) -> None:
        """The language of the page; an SMS stays in the person's own."""
        self._language = language

    @told
    def begin(self, name: str, password: str) -> Outcome:
        """Name and password; the second factor begins in the transaction that tells they were right."""
        self._at(Stage.LOGIN)
        if not name.strip() or not password:
            return Refused(Sentence("sign_in.login.missing"), Stage.LOGIN, clears_field=False)
        hashed = self._passwords.hash(name, password)
        if isinstance(hashed, Refused):
            return hashed
        with self._site.database.transaction(write=True):
            judged = self._passwords.judge(hashed)
            if isinstance(judged, Refused):
                return judged
            outcome, standing = enter(self._site, self._trail, self._desk_id, judged)
        self._move(standing)
        self._rehash(judged, password)
        return outcome

    @told
    def choose_own_password(self, new: str, repeated: str) -> Outcome:
        """First sign-in or reset: the one-time password makes way for the person's own."""
        standing = self._at(Stage.OWN_PASSWORD)
        user, person = _both(standing)
        passwords = OwnPassword(self._site, self._trail)
        chosen = passwords.choose(user, new, repeated)
        if isinstance(chosen, Refused):
            return chosen
        with self._site.database.transaction(write=True):
            renewed = passwords.keep(user, chosen)
            if isinstance(renewed, Refused):
                ending.end(standing, "one_time_used")
                following = Standing(stage=Stage.ENDED)
                outcome: Outcome = renewed
            else:
                outcome, following = second_factor(renewed, person, first_time=True)
        self._move(following)
        if isinstance(outcome, Moved):
            return dataclasses.replace(outcome, notice=outcome.notice or Sentence("first.password.saved"))
        return outcome

    @told
    def confirm_phone(self, right: bool) -> Outcome:
        """First sign-in: send an SMS to this number, or take another way when the number is wrong."""
        standing = self._at(Stage.CONFIRM_PHONE)
        user, person = _both(standing)
        ways = self._ways(user)
        if not right:
            return self._other_first_proof(standing, ways, Sentence("first.phone.wrong_number"))
        if not ways.sms_works:
            return self._other_first_proof(standing, ways, Sentence("first.phone.not_sent"))
        assert ways.offered_phone is not None, "the stage is entered with an offered phone only"
        sms = SmsMethod(person, user, ways.offered_phone, confirming=True)
        if (limited := sms.begin()) is not None:
            if MethodKind.TOTP in ways.usable and limited.why is not None:
                return self._other_first_proof(standing, ways, limited.why)
            return self._verdict(limited, Stage.CONFIRM_PHONE)
        self._move(dataclasses.replace(standing, stage=Stage.SMS_CODE, sms=sms, method=sms))
        return Moved(Stage.SMS_CODE)

    @told
    def take(self, kind: MethodKind) -> Outcome:
        """Choose a method, or another one than that of the page; the SMS code stays good meanwhile."""
        standing = self._standing
        self._at(*SECOND_FACTOR, Stage.CONFIRM_PHONE)
        user, person = _both(standing)
        if kind is MethodKind.SMS:
            return self._take_sms(standing, user, person)
        if kind is MethodKind.YUBIKEY:
            return self._take_key(standing, user, person)
        if kind is MethodKind.TOTP:
            return self._take_app(standing, user, person)
        method = EightDigitMethod(person, kind)
        if (refused := method.begin()) is not None:
            return self._verdict(refused, standing.stage)
        stage = Stage.TEMPORARY_CODE if kind is MethodKind.TEMPORARY_CODE else Stage.BACKUP_CODE
        self._move(dataclasses.replace(standing, stage=stage, method=method))
        return Moved(stage)

    @told
    def back_to_sms(self) -> Outcome:
        """From another way back to the code that was sent."""
        standing = self._standing
        if standing.sms is None:
            return Moved(standing.stage)
        self._move(dataclasses.replace(standing, stage=Stage.SMS_CODE, method=standing.sms))
        return Moved(Stage.SMS_CODE)

    @told
    def answer(self, typed: str) -> Outcome:
        """The code of the page."""
        standing = self._at(*SECOND_FACTOR)
        user, person = _both(standing)
        if (method := standing.method) is None:
            raise WrongStage(standing.stage)
        made: list[SignedIn] = []

        def accepted() -> None:
            used = method.used if isinstance(method, EightDigitMethod) else method.kind
            made.append(ending.begin_session(standing, user, person, used))

        try:
            verdict = method.answer(typed, accepted)
        except ending.NotWelcome as error:
            reference = self._end(standing, "not_welcome")
            return Refused(Sentence(error.text_id), Stage.ENDED, reference, names_contact=True)
        if not verdict.right:
            return self._verdict(verdict, standing.stage)
        return self._welcome(standing, user, made[0])

    @told
    def give_pin(self, pin: str) -> Outcome:
        """The PIN that a key waits for; it goes to the key alone, which counts its tries."""
        method = self._at(Stage.YUBIKEY).method
        assert isinstance(method, YubikeyMethod), "the stage is entered with a key's method only"
        if not pin:
            return Refused(Sentence("yubikey.pin.ask"), Stage.YUBIKEY)
        method.give_pin(pin)
        self._tell()
        return Moved(Stage.YUBIKEY)

    @told
    def resend(self, *, confirmed: bool = False) -> Outcome:
        """The same code over another network; asks first when there is no other."""
        standing = self._standing
        self._at(*SECOND_FACTOR)
        if standing.sms is None:
            return self.take(MethodKind.SMS)
        result = standing.sms.resend(confirmed=confirmed)
        if isinstance(result, Verdict):
            return self._verdict(result, standing.stage)
        if isinstance(result, AskFirst):
            return result
        self._move(dataclasses.replace(standing, stage=Stage.SMS_CODE, method=standing.sms))
        return Moved(Stage.SMS_CODE, result)

    def alternatives(self) -> AlternativesView:
        """Geen SMS ontvangen."""
        user, _person = _both(self._standing)
        return choices.alternatives(self._standing, self._ways(user))

    def explanation(self, *, alternatives_seen: bool) -> ExplanationView:
        """UITLEG, with what is known now."""
        user, _person = _both(self._standing)
        return choices.explanation(self._site, self._standing, self._ways(user), alternatives_seen=alternatives_seen)

    @told
    def send_backup_code_by_sms(self) -> Outcome:
        """The new back-up code to the person's phone, once."""
        handout = self._at(Stage.SUCCESS).handout
        assert handout is not None, "the success page has a code"
        refused = handout.send_by_sms()
        self._tell()
        return Moved(Stage.SUCCESS) if refused is None else Refused(refused, Stage.SUCCESS)

    @told
    def confirm_backup_code(self) -> Outcome:
        """DOORGAAN: the code is noted; on to Home."""
        standing = self._at(Stage.SUCCESS)
        kept = standing.handout is None or standing.handout.confirm()
        self._move(dataclasses.replace(standing, stage=Stage.SIGNED_IN, handout=None))
        # Replaced meanwhile, such as by a sign-in at another desk: what the person noted is worth nothing.
        return Moved(Stage.SIGNED_IN, None if kept else Sentence("success.not_made"), warning=not kept)

    def cancel(self, reason: str) -> None:
        """End the sign-in or its session; wipes and takes back what can be. Never raises for a failing database."""
        self._end(self._standing, reason)

    @property
    def end_unwritten(self) -> bool:
        """The person has gone, and the database could not be told."""
        return self._unwritten is not None

    def write_end(self) -> None:
        """Tell the database that the person has gone, when it could not be told then; raises DataError."""
        if self._unwritten is not None:
            with self._site.database.transaction(write=True):
                ending.end(*self._unwritten)
            self._unwritten = None

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _end(self, standing: Standing, reason: str) -> str | None:
        """Let the person go, and give the reference under which the log knows it; None when there is none."""
        self._standing = Standing(stage=Stage.ENDED)
        if isinstance(standing.method, YubikeyMethod):
            standing.method.let_go()
        if standing.handout is not None:
            standing.handout.forget()
        if standing.stage is Stage.ENDED or standing.user is None:
            return None
        try:
            with self._site.database.transaction(write=True):
                return ending.end(standing, reason)
        except DataError as error:
            # The person leaves all the same; what is left ends as soon as it can be written, else at the next start.
            log.error("a sign-in could not be closed: %r", error)  # noqa: TRY400  the cause is in the error
            self._unwritten = (dataclasses.replace(standing, sms=None, method=None, handout=None), reason)
            return None

    def _notice_end(self) -> None:
        """Follow a session or sign-in that ended without this desk having asked for it."""
        standing = self._standing
        if (reason := ending.must_end(standing)) is not None:
            with self._site.database.transaction(write=True):
                ending.end(standing, reason)
        if (why := ending.why_ended(standing)) is not None:
            if isinstance(standing.method, YubikeyMethod):
                standing.method.let_go()
            if standing.handout is not None:
                standing.handout.forget()
            self._standing = Standing(stage=Stage.ENDED, ended=why)

    def _take_app(self, standing: Standing, user: User, person: Person) -> Outcome:
        """The code of the app; at a first sign-in the app that was offered is added by it."""
        ways = self._ways(user)
        if not ways.app and not ways.enrols_app:
            return Refused(Sentence("no_sms.try_other"), standing.stage, clears_field=False)
        method = TotpMethod(person, enrolling=not ways.app)
        if (refused := method.begin()) is not None:
            return self._verdict(refused, standing.stage)
        stage = Stage.TOTP if ways.app else Stage.ENROL_TOTP
        self._move(dataclasses.replace(standing, stage=stage, method=method))
        return Moved(stage)

    def _take_key(self, standing: Standing, user: User, person: Person) -> Outcome:
        ways = self._ways(user)
        if MethodKind.YUBIKEY not in ways.usable or self._site.keys is None:
            text_id = "yubikey.not_here" if ways.yubikey else "no_sms.yubikey_none"
            return Refused(Sentence(text_id), standing.stage, clears_field=False)
        if isinstance(standing.method, YubikeyMethod):
            # Once more with the key that is in: a fresh challenge, and the old one is worth nothing.
            standing.method.cancel()
        method = YubikeyMethod(person, self._site.keys)
        if (refused := method.begin()) is not None:
            return self._verdict(refused, standing.stage)
        self._move(dataclasses.replace(standing, stage=Stage.YUBIKEY, method=method))
        return Moved(Stage.YUBIKEY)

    def _take_sms(self, standing: Standing, user: User, person: Person) -> Outcome:
        if standing.sms is not None:
            return self.back_to_sms()
        ways = self._ways(user)
        if ways.phone is None:
            return Refused(Sentence("no_sms.try_other"), standing.stage, clears_field=False)
        sms = SmsMethod(person, user, ways.phone)
        if (limited := sms.begin()) is not None:
            return self._verdict(limited, standing.stage)
        self._move(dataclasses.replace(standing, stage=Stage.SMS_CODE, sms=sms, method=sms))
        return Moved(Stage.SMS_CODE)

    def _other_first_proof(self, standing: Standing, ways: Ways, why: Sentence) -> Outcome:
        """The phone cannot be confirmed now: the app that was offered, else only an administrator helps."""
        _user, person = _both(standing)
        if MethodKind.TOTP in ways.usable:
            method = TotpMethod(person, enrolling=True)
            self._move(dataclasses.replace(standing, stage=Stage.ENROL_TOTP, method=method))
            return Moved(Stage.ENROL_TOTP, why, warning=True)
        wrong_number = why.text_id == "first.phone.wrong_number"
        reference = self._end(standing, "wrong_number" if wrong_number else "no_way")
        return Refused(why if wrong_number else Sentence("first.no_way"), Stage.ENDED, reference, names_contact=True)

    def _welcome(self, standing: Standing, user: User, signed_in: SignedIn) -> Outcome:
        """Signed in already; a new back-up code when the person has none that they confirmed."""
        _user, person = _both(standing)
        home = dataclasses.replace(
            standing, stage=Stage.SIGNED_IN, sms=None, method=None, handout=None, signed_in=signed_in
        )
        handout = BackupCodeHandout(
            self._site, self._trail, user=user, sign_in_id=person.sign_in_id, desk_id=self._desk_id
        )
        try:
            needed = handout.needed()
        except DataError as error:
            log.warning("whether a back-up code is needed could not be read: %r", error)
            needed = False
        if not needed:
            self._move(home)
            return Moved(Stage.SIGNED_IN)
        handout.issue()
        self._move(dataclasses.replace(home, stage=Stage.SUCCESS, handout=handout))
        return Moved(Stage.SUCCESS)

    def _verdict(self, verdict: Verdict, stage: Stage) -> Refused:
        """Why an answer was not accepted; ends the sign-in when it was the last try."""
        why = verdict.why or Sentence("error.unexpected")
        if verdict.ends:
            self._end(self._standing, "too_many_failures")
            stage = Stage.ENDED
        else:
            self._tell()
        return Refused(
            why, stage, verdict.reference, names_contact=verdict.names_contact, clears_field=not verdict.keeps_typed
        )

    def _rehash(self, user: User, password: str) -> None:
        """A hash made with other parameters than today's is replaced, now that the password is known."""
        if user.password_hash is None or not self._site.hasher.needs_rehash(user.password_hash):
            return
        renewed = self._site.hasher.hash(password)
        try:
            with self._site.database.transaction(write=True):
                self._site.database.users.rehash(user.id, renewed, if_hash=user.password_hash)
        except DataError as error:
            # The sign-in has moved on; the next one tries again.
            log.warning("a password could not be hashed anew: %r", error)

    def _ways(self, user: User) -> Ways:
        return present_ways(self._site, user)

    def _at(self, *stages: Stage) -> Standing:
        if self._standing.stage not in stages:
            raise WrongStage(self._standing.stage)
        return self._standing

    def _move(self, standing: Standing) -> None:
        left = self._standing.method
        if isinstance(left, YubikeyMethod) and left is not standing.method:
            # Its key stops blinking; its challenge ends with the sign-in.
            left.let_go()
        self._standing = standing
        self._tell()

    def _tell(self) -> None:
        """Tell those who watch; what has been committed is not undone by a database that cannot be read now."""
        try:
            self._watchers.refresh()
        except DataError as error:
            log.warning("those who watch a sign-in could not be told yet: %r", error)


class WrongStage(AssertionError):
    """A front end asked for something that the present stage does not have: a fault of ours."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.stage = stage


def _both(standing: Standing) -> tuple[User, Person]:
    if standing.user is None or standing.person is None:
        raise WrongStage(standing.stage)
    return standing.user, standing.person
