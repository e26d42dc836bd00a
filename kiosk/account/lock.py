"""The lock of one session: nobody is at the desk, and only who began the session goes on with it.

Lives in the domain thread. A wrong password counts as at a sign-in; too many end the session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from data.users import User
from kiosk.account.changing import SESSION_OVER, guarded
from kiosk.account.own import proofs
from kiosk.account.proof import Proof
from kiosk.audit import AuditTrail
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.password_step import PasswordStep
from kiosk.sign_in.standing import SignedIn
from kiosk.sign_in.views import KeyView
from kiosk.sign_in.ways import present_ways
from kiosk.site import Site

T = TypeVar("T")

# As many wrong second factors end a sign-in.
TRIES: Final = 5
ENDED: Final = "locked"
# So long the first person can still come back, when somebody else wants the desk.
OTHER_PERSON_SECONDS: Final = 20
WRONG: Final = Sentence("sign_in.login.wrong")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockView:
    """What the page of the lock shows."""

    display_name: str
    key_offered: bool
    """A touch of the person's own key unlocks too."""
    key: KeyView | None
    """While a key is asked."""


class Lock:
    """Made when the desk is locked, `close` it when the session goes on or ends."""

    def __init__(self, site: Site, trail: AuditTrail, user: User, signed_in: SignedIn, *, desk_id: str) -> None:
        self.session_id: Final = signed_in.session_id
        self.open = False
        """The right person was here."""
        self._site = site
        self._trail = trail
        self._user = user
        self._passwords = PasswordStep(site, trail, desk_id)
        self._wrong = 0
        self._proof = Proof(site, trail, user_id=user.id, desk_id=desk_id, at=0, method=signed_in.method)
        with site.database.transaction(write=True):
            trail.record("session.locked", "ok", actor=user.id, about=self.session_id)

    @property
    def stage(self) -> Stage:
        """Home: nothing here moves the sign-in, except to its end."""
        return Stage.SIGNED_IN

    def view(self) -> LockView:
        """What the page shows now; raises DataError."""
        self._proof.look()
        ways = present_ways(self._site, self._user)
        offered = MethodKind.YUBIKEY in proofs(ways, self._user)
        proof = self._proof.view(self._user)
        return LockView(
            display_name=self._user.display_name, key_offered=offered, key=None if proof is None else proof.key
        )

    @guarded
    def unlock(self, password: str) -> Outcome:
        """The password of the person who was here."""
        if not password:
            return Refused(Sentence("sign_in.login.missing"), Stage.SIGNED_IN, clears_field=False)
        hashed = self._passwords.hash(self._user.name, password)
        if isinstance(hashed, Refused):
            return _here(hashed)
        with self._site.database.transaction(write=True):
            session = self._site.database.sessions.get(self.session_id)
            if session is None or session.ended_at is not None:
                return SESSION_OVER
            judged = self._passwords.judge(hashed)
            if isinstance(judged, Refused):
                return self._refused(judged, counts=not hashed.right)
            if judged.id != self._user.id:
                return SESSION_OVER
            return self._unlocked("password")

    @guarded
    def begin_key(self) -> Outcome:
        """Ask for the person's key; once more, with the key that is in."""
        verdict = self._proof.begin(MethodKind.YUBIKEY, self._user)
        if verdict is None:
            return Moved(Stage.SIGNED_IN)
        return Refused(verdict.why or Sentence("error.unexpected"), Stage.SIGNED_IN, verdict.reference)

    @guarded
    def give_pin(self, pin: str) -> Outcome:
        """The PIN that the key waits for; it goes to the key alone."""
        self._proof.give_pin(pin)
        return Moved(Stage.SIGNED_IN)

    @guarded
    def answer_key(self) -> Outcome:
        """The key gave its answer."""
        verdict = self._proof.answer("")
        if verdict.right:
            with self._site.database.transaction(write=True):
                return self._unlocked("yubikey")
        if verdict.ends:
            with self._site.database.transaction(write=True):
                self._end()
        stage = Stage.ENDED if verdict.ends else Stage.SIGNED_IN
        return Refused(verdict.why or Sentence("error.unexpected"), stage, verdict.reference)

    def close(self, reason: str) -> None:
        """A key that was asked stops blinking, and its challenge is void."""
        with self._site.database.transaction(write=True):
            self._proof.close(reason)

    def _unlocked(self, method: str) -> Outcome:
        """The caller holds the write transaction."""
        if not self._site.database.sessions.touch(self.session_id, self._site.clock.now()):
            return SESSION_OVER
        self._trail.record("session.unlocked", method, actor=self._user.id, about=self.session_id)
        self.open = True
        return Moved(Stage.SIGNED_IN)

    def _refused(self, refused: Refused, *, counts: bool) -> Refused:
        """The caller holds the write transaction."""
        if not counts:
            return _here(refused)
        self._wrong += 1
        if self._wrong >= TRIES:
            self._end()
            return Refused(Sentence("locked.used_up"), Stage.ENDED, refused.reference)
        if refused.why != WRONG:
            return _here(refused)
        return Refused(Sentence("locked.wrong", {"left": TRIES - self._wrong}), Stage.SIGNED_IN, refused.reference)

    def _end(self) -> None:
        if self._site.database.sessions.end(self.session_id, ENDED, self._site.clock.now()):
            self._trail.record("session.ended", ENDED, actor=self._user.id, about=self.session_id)


class Lockable(Protocol):
    """The desk, as far as its lock goes."""

    def lock(self) -> Lock:
        """That of the person who is signed in here."""

    def unlocked(self) -> None:
        """The right person is here again."""


def at_lock(desk: Lockable, request: Callable[[Lock], T]) -> T:
    """Ask the lock of a desk; once it is open the desk forgets it."""
    lock = desk.lock()
    answer = request(lock)
    if lock.open:
        desk.unlocked()
    return answer


def _here(refused: Refused) -> Refused:
    """What a sign-in refuses on the login page is refused here."""
    return Refused(
        refused.why,
        Stage.SIGNED_IN,
        refused.reference,
        names_contact=refused.names_contact,
        clears_field=refused.clears_field,
        wait_until=refused.wait_until,
    )
