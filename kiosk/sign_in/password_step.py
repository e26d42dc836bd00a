"""Name and password: checked under the counter, the same in words, time and cost for a name that does not exist."""

from dataclasses import dataclass, field

from data.users import PasswordState, User, name_key
from kiosk.accounts import is_switched_off
from kiosk.audit import AuditTrail
from kiosk.audit.trail import unknown_name
from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from kiosk.site import Site
from kiosk.throttle import Closed, Gate, PasswordThrottle


@dataclass(frozen=True, slots=True)
class Hashed:
    """A password that has been hashed and compared; whether it was right is told only under the counter."""

    name_hash: str
    user: User | None
    right: bool = field(repr=False)


class PasswordStep:
    """The first step of every sign-in at one desk."""

    def __init__(self, site: Site, trail: AuditTrail, desk_id: str) -> None:
        self._site = site
        self._trail = trail
        self._throttle = PasswordThrottle(site.database, site.policy, desk_id)

    def hash(self, name: str, password: str) -> Hashed | Refused:
        """Hash outside every transaction; a name or desk that waits is refused before."""
        key = name_key(name)
        name_hash = self._site.name_hash(key)
        with self._site.database.transaction(write=False):
            # The key may have changed since; another desk may have hashed this password with one in between.
            self._site.database.follow_key()
            closed = self._throttle.closed(name_hash, self._site.clock.now())
            user = self._site.database.users.by_name(name)
        if closed is not None:
            return self._closed(closed, self._reference(closed, Hashed(name_hash, user, right=False)))
        known = None if user is None else user.password_hash
        return Hashed(name_hash, user, self._site.hasher.verify(password, known) and known is not None)

    def judge(self, hashed: Hashed) -> User | Refused:
        """The person, or why not. The caller holds the write transaction that the answer belongs to."""
        now = self._site.clock.now()
        # Looked at again: guesses in parallel passed the first look together.
        if (closed := self._throttle.closed(hashed.name_hash, now)) is not None:
            return self._closed(closed, self._record("throttled", hashed))
        user = None if hashed.user is None else self._site.database.users.get(hashed.user.id)
        # The epoch and not the hash: another desk may just have hashed the same password anew.
        replaced = user is None or hashed.user is None or user.epoch != hashed.user.epoch
        if not hashed.right or user is None or replaced:
            return self._wrong(hashed, now)
        self._throttle.succeeded(hashed.name_hash)
        return self._unusable(user, hashed, now) or user

    def _wrong(self, hashed: Hashed, now: int) -> Refused:
        reference = self._record("wrong", hashed)
        closed = self._throttle.failed(hashed.name_hash, now)
        if closed is None:
            return Refused(Sentence("sign_in.login.wrong"), Stage.LOGIN, reference)
        if closed.gate is Gate.DESK_PAUSES:
            self._trail.record("desk.sprayed", "paused")
        return self._closed(closed, reference)

    def _unusable(self, user: User, hashed: Hashed, now: int) -> Refused | None:
        """Things that only the holder of the right password is told."""
        if is_switched_off(user, now):
            return self._refused("sign_in.login.disabled", "disabled", hashed)
        one_time = user.password_state is PasswordState.ONE_TIME
        if one_time and (user.password_expires_at is None or user.password_expires_at <= now):
            return self._refused("first.one_time.expired", "one_time_expired", hashed)
        if user.second_factor_failures >= self._site.policy.second_factor.failures_lock:
            return self._refused("sign_in.login.factor_locked", "factor_locked", hashed)
        return None

    def _refused(self, text_id: str, result: str, hashed: Hashed) -> Refused:
        return Refused(Sentence(text_id), Stage.LOGIN, self._record(result, hashed), names_contact=True)

    def _reference(self, closed: Closed, hashed: Hashed) -> str | None:
        """Whoever must call the help desk gets a reference; who only has to wait would fill the log by knocking."""
        if closed.gate is not Gate.NAME_LOCKED:
            return None
        with self._site.database.transaction(write=True):
            return self._record("throttled", hashed)

    def _closed(self, closed: Closed, reference: str | None) -> Refused:
        if closed.until is None:
            return Refused(Sentence("sign_in.login.locked"), Stage.LOGIN, reference, names_contact=True)
        seconds = max(1, -(-(closed.until - self._site.clock.now()) // 1000))
        text_id = "sign_in.login.desk_wait" if closed.gate is Gate.DESK_PAUSES else "sign_in.login.wait"
        return Refused(Sentence(text_id, {"seconds": seconds}), Stage.LOGIN, reference, wait_until=closed.until)

    def _record(self, result: str, hashed: Hashed) -> str:
        user = hashed.user
        actor = unknown_name(hashed.name_hash) if user is None else user.id
        return self._trail.record("sign_in.password", result, actor=actor)
