"""Four eyes at one desk: a second administrator shows who they are, beside the first, and approves one act on one person, as it was asked.

It lives in the domain of this desk only and is spent by the act; when that fails for another reason it may be tried again,
as long as a second factor of one's own counts.
"""

import dataclasses

from data.canonical import JSON
from data.users import PasswordState, User
from kiosk.account.changing import guarded
from kiosk.account.own import proofs
from kiosk.account.proof import Proof
from kiosk.account.views import AccountView
from kiosk.administration.authority import administers
from kiosk.administration.four_eyes import SecondAdministrator, Wanted
from kiosk.audit import AuditTrail
from kiosk.methods.method import Verdict
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.password_step import PasswordStep
from kiosk.sign_in.ways import present_ways
from kiosk.site import Site

HERE = Stage.SIGNED_IN


class Approval:
    """One question to a second administrator; `second` is who approved it, None until then."""

    def __init__(self, site: Site, trail: AuditTrail, *, desk_id: str, requested_by: str, wanted: Wanted) -> None:
        self.second: SecondAdministrator | None = None
        self._site = site
        self._trail = trail
        self._desk_id = desk_id
        self._requested_by = requested_by
        self._wanted = wanted
        self._user: User | None = None
        self._proof: Proof | None = None

    @property
    def stage(self) -> Stage:
        """It moves nothing."""
        return HERE

    def view(self) -> AccountView:
        """What the page of the second factor shows; `begin` comes first. Raises DataError."""
        user = self._user
        assert user is not None, "begin() comes first"
        proof = self._proof
        if proof is not None:
            proof.look()
        return AccountView(
            name=user.name,
            display_name=user.display_name,
            language=None,
            contrast=None,
            methods=(),
            addable=(),
            proofs=proofs(present_ways(self._site, user), user),
            fresh_until=0,
            temporary=False,
            minimum_length=0,
            proof=None if proof is None else proof.view(user),
        )

    @guarded
    def begin(self, name: str, password: str) -> Outcome:
        """The password of the second administrator, under the same brakes as at the login page."""
        self.close()
        step = PasswordStep(self._site, self._trail, self._desk_id)
        hashed = step.hash(name, password)
        if isinstance(hashed, Refused):
            return _here(hashed)
        with self._site.database.transaction(write=True):
            judged = step.judge(hashed)
            if isinstance(judged, Refused):
                return _here(judged)
            if (why := self._unfit(judged)) is not None:
                return Refused(Sentence(f"approval.{why}"), HERE, self._record(why, judged.id))
        self._user = judged
        # Nothing was shown yet: the moment of the proof is that of the second factor.
        self._proof = Proof(
            self._site, self._trail, user_id=judged.id, desk_id=self._desk_id, at=0, method=MethodKind.TOTP
        )
        return Moved(HERE)

    @guarded
    def begin_proof(self, kind: MethodKind) -> Outcome:
        """Ask for this method."""
        proof, user = self._asked()
        return _told(proof.begin(kind, user))

    @guarded
    def resend_proof(self, *, confirmed: bool = False) -> Outcome:
        """Send the code again."""
        result = self._asked()[0].resend(confirmed=confirmed)
        if isinstance(result, AskFirst):
            return result
        return Moved(HERE, result) if isinstance(result, Sentence) else _told(result)

    @guarded
    def give_pin(self, pin: str) -> Outcome:
        """The PIN that a key waits for; it goes to the key alone."""
        if not pin:
            return Refused(Sentence("yubikey.pin.ask"), HERE)
        self._asked()[0].give_pin(pin)
        return Moved(HERE)

    @guarded
    def answer_proof(self, typed: str) -> Outcome:
        """The second factor: with it the act is approved. A temporary code, which the first one may have made, approves nothing."""
        proof, user = self._asked()
        verdict = proof.answer(typed)
        if not verdict.right:
            return _told(verdict)
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            present = self._site.database.users.get(user.id)
            why = "temporary" if proof.temporary else "gone" if present is None else self._unfit(present)
            reference = self._record(why or "ok", user.id)
        if why is not None:
            return Refused(Sentence(f"approval.{why}"), HERE, reference)
        self.second = SecondAdministrator(administrator_id=user.id, authenticated_at=now, wanted=self._wanted)
        return Moved(HERE)

    @guarded
    def leave_proof(self) -> Outcome:
        """The page was left: the code that was sent is void."""
        if self._proof is not None:
            self._proof.leave()
        return Moved(HERE)

    def close(self) -> None:
        """Nothing of the second administrator stays. Raises DataError."""
        proof, self._proof = self._proof, None
        self._user = None
        if proof is not None:
            with self._site.database.transaction(write=True):
                proof.close("approval")

    def _asked(self) -> tuple[Proof, User]:
        assert self._proof is not None, "begin() comes first"
        assert self._user is not None, "begin() comes first"
        return self._proof, self._user

    def _unfit(self, user: User) -> str | None:
        """Why this person approves nothing; told only after the right password."""
        if user.id == self._requested_by:
            return "own"
        if user.id == self._wanted.person_id:
            return "about"
        if not administers(user, self._site.clock.now()) or user.password_state is not PasswordState.OWN:
            return "no_administrator"
        return None

    def _record(self, result: str, second_id: str) -> str:
        facts: dict[str, JSON] = {"act": self._wanted.act.value, "requested_by": self._requested_by}
        return self._trail.record(
            "users.approved", result, actor=second_id, about=self._wanted.person_id, parameters=facts
        )


def _told(verdict: Verdict | None) -> Outcome:
    if verdict is None or verdict.right:
        return Moved(HERE)
    why = verdict.why or Sentence("error.unexpected")
    return Refused(
        why, HERE, verdict.reference, names_contact=verdict.names_contact, clears_field=not verdict.keeps_typed
    )


def _here(refused: Refused) -> Refused:
    return dataclasses.replace(refused, stage=HERE)
