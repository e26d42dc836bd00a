"""Mijn account: what the person who is signed in at this desk sees and changes of what is theirs.

Lives in the domain thread as long as the session. Whatever changes how the person signs in wants a fresh second factor;
one that was an administrator's temporary code allows adding a method, nothing else (DESIGN §6).
"""

import logging
from collections.abc import Collection
from typing import Final

from data.errors import DataError
from data.factors import FactorState
from kiosk.account.adding import NewApp, NewPhone
from kiosk.account.changing import Owner, guarded
from kiosk.account.new_key import NewKey
from kiosk.account.own import KIND_OF, addable, may_go, own_methods, proofs
from kiosk.account.password import change_password
from kiosk.account.proof import Proof
from kiosk.account.recent import recent_sign_ins
from kiosk.account.views import AccountView, RecentSignIn
from kiosk.administration.notices import Notice
from kiosk.audit import AuditTrail
from kiosk.methods.method import Verdict
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.standing import SignedIn
from kiosk.sign_in.success import BackupCodeHandout
from kiosk.sign_in.ways import present_ways
from kiosk.site import Site
from kiosk.yubikey.enrolment import Enrolment

log = logging.getLogger("kiosk.account")

HERE: Final = Stage.SIGNED_IN


class NotSignedIn(Exception):
    """Nobody is signed in at this desk."""


class Account:
    """The account of one session; every change answers with an outcome, and `view` says what stands there now."""

    def __init__(
        self, site: Site, trail: AuditTrail, signed_in: SignedIn, *, user_id: str, sign_in_id: str, desk_id: str
    ) -> None:
        self.session_id: Final = signed_in.session_id
        self._site = site
        self._trail = trail
        self._sign_in_id = sign_in_id
        self._owner = Owner(site, trail, user_id=user_id, session_id=signed_in.session_id, desk_id=desk_id)
        session = site.database.sessions.get(signed_in.session_id)
        self._began = 0 if session is None else session.started_at
        self._proof = Proof(site, trail, user_id=user_id, desk_id=desk_id, at=self._began, method=signed_in.method)
        self._app: NewApp | None = None
        self._phone: NewPhone | None = None
        self._key: NewKey | None = None
        self._handout: BackupCodeHandout | None = None

    @property
    def stage(self) -> Stage:
        """Home: nothing here moves the sign-in, except to its end."""
        return HERE

    @property
    def proved_at(self) -> int:
        """When a second factor of one's own was shown last, in kiosk milliseconds; 0 when it was an administrator's code."""
        return 0 if self._proof.temporary else self._proof.at

    def view(self) -> AccountView:
        """What the pages show now; raises SessionOver, DataError."""
        self._proof.look()
        if self._key is not None:
            self._key.look()
        site, user = self._site, self._owner.user()
        chosen = site.database.preferences.of_user(user.id)
        phone = None if self._phone is None else self._phone.sms
        return AccountView(
            name=user.name,
            display_name=user.display_name,
            language=chosen.language,
            contrast=chosen.contrast,
            methods=(methods := own_methods(site, user)),
            addable=addable(site, user),
            proofs=proofs(present_ways(site, user), user),
            fresh_until=self._proof.fresh_until,
            temporary=self._proof.temporary,
            minimum_length=site.policy.password.minimum_length,
            proof=self._proof.view(user),
            app=None if self._app is None else self._app.view(),
            new_key=None if self._key is None else self._key.view(),
            phone=None if phone is None else phone.state(),
            backup=None if self._handout is None else self._handout.view(),
            arranged=any(one.id and one.since is not None and one.since > self._began for one in methods),
        )

    def recent(self) -> tuple[RecentSignIn, ...]:
        """The latest sign-ins of this person that had the right password, the latest first; raises DataError."""
        return recent_sign_ins(self._site, self._owner.user_id, here=self._sign_in_id)

    # A fresh second factor

    @guarded
    def begin_proof(self, kind: MethodKind) -> Outcome:
        """Ask for this method."""
        return self._told(self._proof.begin(kind, self._owner.user()))

    @guarded
    def resend_proof(self, *, confirmed: bool = False) -> Outcome:
        """Send the code of the proof again."""
        return self._resent(self._proof.resend(confirmed=confirmed))

    @guarded
    def answer_proof(self, typed: str) -> Outcome:
        """The code of the proof; too many wrong ones end the session, as they end a sign-in."""
        verdict = self._proof.answer(typed)
        if not verdict.ends:
            return self._told(verdict, Sentence("account.proof.done"))
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            if self._site.database.sessions.end(self.session_id, "proof", now):
                self._trail.record("session.ended", "proof", actor=self._owner.user_id, about=self.session_id)
        return Refused(verdict.why or Sentence("error.unexpected"), Stage.ENDED, verdict.reference)

    @guarded
    def leave_proof(self) -> Outcome:
        """The page of the proof was left."""
        self._proof.leave()
        return Moved(HERE)

    # Methods

    @guarded
    def begin_app(self) -> Outcome:
        """Show the key of a new app."""
        if (refused := self._must_prove(changes=False)) is not None:
            return refused
        entry = next(one for one in addable(self._site, self._owner.user()) if one.kind is MethodKind.TOTP)
        if entry.why_not is not None:
            return Refused(entry.why_not, HERE)
        self._app = NewApp(self._owner)
        return Moved(HERE)

    @guarded
    def answer_app(self, typed: str) -> Outcome:
        """The first code of the new app."""
        if self._app is None or self._app.expired:
            self._app = None
            return Refused(Sentence("account.app.expired"), HERE)
        verdict = self._app.answer(typed)
        if verdict.right:
            self._app = None
        return self._told(verdict, Sentence("account.app.done"))

    @guarded
    def leave_app(self) -> Outcome:
        """The page of the new app was left; its key counts for nothing."""
        self._app = None
        return Moved(HERE)

    @guarded
    def begin_key(self) -> Outcome:
        """Look for a key to add."""
        if (refused := self._must_prove(changes=False)) is not None:
            return refused
        entry = next(one for one in addable(self._site, self._owner.user()) if one.kind is MethodKind.YUBIKEY)
        if entry.why_not is not None:
            return Refused(entry.why_not, HERE)
        self._leave_key()
        person = self._owner.user_id
        enrolment = Enrolment(self._site, self._trail, user_id=person, actor=person)
        self._key = NewKey(enrolment, self._site.clock)
        return Moved(HERE)

    @guarded
    def again_key(self) -> Outcome:
        """Begin anew with the key that is in."""
        if (refused := self._must_prove(changes=False)) is not None:
            return refused
        if self._key is not None:
            self._key.again()
        return Moved(HERE)

    @guarded
    def give_pin(self, pin: str) -> Outcome:
        """The PIN that a key waits for, in a proof or while it is added; it goes to the key alone."""
        if not pin:
            return Refused(Sentence("yubikey.pin.ask"), HERE)
        self._proof.give_pin(pin)
        if self._key is not None:
            self._key.give_pin(pin)
        return Moved(HERE)

    @guarded
    def silence_key(self) -> Outcome:
        """The new key shall type no letters at a stray touch."""
        if self._key is not None:
            self._key.silence()
        return Moved(HERE)

    @guarded
    def keep_key(self, name: str) -> Outcome:
        """The key has proved itself: it counts from now on, under this name."""
        with self._site.database.transaction(write=True):
            self._owner.check()
            numbers = self._owner.phones()
            if self._key is None or self._key.made(name) is None:
                return Refused(Sentence("yubikey.no_answer"), HERE, clears_field=False)
            self._owner.changed("key_added", notice=Notice.FACTOR, numbers=numbers)
        self._leave_key()
        return Moved(HERE, Sentence("account.new_key.done"))

    @guarded
    def leave_key(self) -> Outcome:
        """The page of the new key was left; it counts for nothing."""
        self._leave_key()
        return Moved(HERE)

    @guarded
    def begin_phone(self, number: str) -> Outcome:
        """Send a code to a new phone; without a number to the one that an administrator gave."""
        entry = next(one for one in addable(self._site, self._owner.user()) if one.kind is MethodKind.SMS)
        if (refused := self._must_prove(changes=entry.replaces is not None)) is not None:
            return refused
        if entry.why_not is not None:
            return Refused(entry.why_not, HERE, clears_field=False)
        if self._phone is not None:
            self._phone.leave()
        self._phone = NewPhone(self._owner)
        return self._told(self._phone.begin(number))

    @guarded
    def resend_phone(self, *, confirmed: bool = False) -> Outcome:
        """The same code to the new phone again."""
        if self._phone is None or self._phone.sms is None:
            return Refused(Sentence("sms.code.expired"), HERE)
        return self._resent(self._phone.sms.resend(confirmed=confirmed))

    @guarded
    def answer_phone(self, typed: str) -> Outcome:
        """The code that came on the new phone."""
        if self._phone is None:
            return Refused(Sentence("sms.code.expired"), HERE)
        return self._told(self._phone.answer(typed), Sentence("account.phone.done"))

    @guarded
    def leave_phone(self) -> Outcome:
        """The page of the new phone was left."""
        if self._phone is not None:
            self._phone.leave()
        self._phone = None
        return Moved(HERE)

    @guarded
    def remove(self, factor_id: str) -> Outcome:
        """Take a method away; sessions that began with it elsewhere end."""
        if (refused := self._must_prove(changes=True)) is not None:
            return refused
        database = self._site.database
        with database.transaction(write=True):
            user, now = self._owner.check(), self._site.clock.now()
            factor = database.factors.get(factor_id)
            if factor is None or factor.user_id != user.id or factor.state is FactorState.REVOKED:
                return Refused(Sentence("account.remove.gone"), HERE)
            if factor.state is FactorState.ACTIVE and (why_not := may_go(self._site, user, factor)) is not None:
                return Refused(why_not, HERE)
            numbers = self._owner.phones()
            database.factors.set_state(factor.id, FactorState.REVOKED)
            left = [row for row in database.factors.of_user(user.id) if row.state is FactorState.ACTIVE]
            if user.preferred_factor == factor.kind and all(row.kind is not factor.kind for row in left):
                database.users.set_preferred_factor(user.id, None)
            kind = KIND_OF[factor.kind]
            database.challenges.wipe_of_user(user.id, now, factor_id=factor.id)
            self._owner.end_sessions(kind)
            self._owner.changed(
                "method_removed", notice=Notice.FACTOR, numbers=numbers, parameters={"kind": kind.value}
            )
        return Moved(HERE, Sentence("account.remove.done"))

    @guarded
    def prefer(self, factor_id: str) -> Outcome:
        """Ask this method first from now on."""
        database = self._site.database
        with database.transaction(write=True):
            user, factor = self._owner.check(), database.factors.get(factor_id)
            if factor is None or factor.user_id != user.id or factor.state is not FactorState.ACTIVE:
                return Refused(Sentence("account.remove.gone"), HERE)
            database.users.set_preferred_factor(user.id, factor.kind)
            parameters = {"kind": factor.kind.value}
            self._trail.record("account.preferred", "ok", actor=user.id, about=user.id, parameters=parameters)
        return Moved(HERE, Sentence("account.first.done"))

    # The back-up code

    @guarded
    def new_backup_code(self) -> Outcome:
        """A new back-up code; the one that was there is void at once."""
        if (refused := self._must_prove(changes=True)) is not None:
            return refused
        with self._site.database.transaction(write=True):
            user = self._owner.check()
        handout = BackupCodeHandout(
            self._site, self._trail, user=user, sign_in_id=self._sign_in_id, desk_id=self._owner.desk_id
        )

        def written_down() -> None:
            self._owner.check()
            self._owner.changed("backup_code", notice=Notice.FACTOR, numbers=self._owner.phones())

        if not handout.issue(written_down):
            return Refused(Sentence("success.not_made"), HERE, names_contact=True)
        self._handout = handout
        return Moved(HERE)

    @guarded
    def send_backup_code(self) -> Outcome:
        """The new back-up code to the person's phone, once."""
        refused = Sentence("success.sms.failed") if self._handout is None else self._handout.send_by_sms()
        return Moved(HERE) if refused is None else Refused(refused, HERE)

    @guarded
    def confirm_backup_code(self) -> Outcome:
        """The person has written it down."""
        handout, self._handout = self._handout, None
        kept = handout is not None and handout.confirm()
        return Moved(HERE, Sentence("account.backup.done" if kept else "success.not_made"), warning=not kept)

    # Password, pages, sessions

    @guarded
    def change_password(self, present: str, new: str, repeated: str) -> Outcome:
        """Replace the password."""
        if (refused := self._must_prove(changes=True)) is not None:
            return refused
        return change_password(self._owner, present, new, repeated)

    @guarded
    def keep_language(self, language: str) -> Outcome:
        """The language of pages and SMS from the next sign-in on."""
        with self._site.database.transaction(write=True):
            user = self._owner.check()
            self._site.database.preferences.set_language(user.id, language)
            self._site.database.users.set_language(user.id, language)
            parameters = {"language": language}
            self._trail.record("account.language", "ok", actor=user.id, about=user.id, parameters=parameters)
        return Moved(HERE, Sentence("account.language.done"))

    @guarded
    def keep_contrast(self, *, high: bool) -> Outcome:
        """High contrast from the next sign-in on, or not."""
        with self._site.database.transaction(write=True):
            self._site.database.preferences.set_contrast(self._owner.check().id, high=high)
        return Moved(HERE, Sentence("account.contrast.done"))

    @guarded
    def mark_seen(self, changes: Collection[str]) -> Outcome:
        """The person has read these changes, by their ids; what came after them is shown the next time."""
        database = self._site.database
        with database.transaction(write=True):
            user, now = self._owner.check(), self._site.clock.now()
            for change in database.changes.unseen(user.id):
                if change.id in changes:
                    database.changes.mark_seen(change.id, now)
        return Moved(HERE)

    @guarded
    def sign_out_everywhere(self) -> Outcome:
        """End all sessions and half-way sign-ins of this person, this one too."""
        database = self._site.database
        with database.transaction(write=True):
            user = self._owner.check()
            count = database.sessions.end_all("everywhere", self._site.clock.now(), user_id=user.id)
            database.users.raise_epoch(user.id)
            self._trail.record("account.everywhere", "ok", actor=user.id, about=user.id, parameters={"sessions": count})
        return Moved(Stage.ENDED)

    def close(self) -> None:
        """The session is over: nothing that was under way stays, here or in the database."""
        self._app = None
        self._leave_key()
        if self._handout is not None:
            self._handout.forget()
            self._handout = None
        if self._phone is not None:
            self._phone.leave("ended")
            self._phone = None
        try:
            with self._site.database.transaction(write=True):
                self._proof.close("ended")
        except DataError as error:
            log.warning("a proof could not be closed; it ends with the next start: %r", error)

    # Inside

    def _leave_key(self) -> None:
        if self._key is not None:
            self._key.leave()
            self._key = None

    def _must_prove(self, *, changes: bool) -> Refused | None:
        """Why it may not be done now: no fresh proof, or one that only lets add."""
        if not self._proof.fresh:
            return Refused(Sentence("account.proof.first"), HERE, clears_field=False)
        if changes and self._proof.temporary:
            return Refused(Sentence("account.temporary"), HERE, clears_field=False)
        return None

    def _told(self, verdict: Verdict | None, notice: Sentence | None = None) -> Outcome:
        if verdict is None or verdict.right:
            return Moved(HERE, notice)
        why = verdict.why or Sentence("error.unexpected")
        names, keeps = verdict.names_contact, verdict.keeps_typed
        return Refused(why, HERE, verdict.reference, names_contact=names, clears_field=not keeps)

    def _resent(self, result: Sentence | AskFirst | Verdict) -> Outcome:
        if isinstance(result, AskFirst):
            return result
        return Moved(HERE, result) if isinstance(result, Sentence) else self._told(result)
