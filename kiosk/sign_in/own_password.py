"""First sign-in and reset: a password of one's own in place of the one-time password."""

from dataclasses import dataclass, field

from data.users import PasswordState, User
from kiosk.audit import AuditTrail
from kiosk.password_rules import Rule, Violation, check_new_password
from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from kiosk.site import Site


@dataclass(frozen=True, slots=True)
class NewHash:
    """The hash of a password that keeps all rules."""

    value: str = field(repr=False)


class OwnPassword:
    """Checks and keeps a new password."""

    def __init__(self, site: Site, trail: AuditTrail) -> None:
        self._site = site
        self._trail = trail

    def choose(self, user: User, new: str, repeated: str) -> NewHash | Refused:
        """Check the rules and hash; outside every transaction."""
        if not new or not repeated:
            return self._refused(Sentence("first.password.short", {"min": self._site.policy.password.minimum_length}))
        known = user.password_hash
        broken = check_new_password(
            new,
            user_name=user.name,
            display_name=user.display_name,
            site=self._site.name,
            policy=self._site.policy.password,
            old_matches=known is not None and self._site.hasher.verify(new, known),
        )
        if broken:
            return self._refused(_sentence(broken[0]))
        if new != repeated:
            return self._refused(Sentence("first.password.different"))
        return NewHash(self._site.hasher.hash(new))

    def keep(self, user: User, new: NewHash) -> User | Refused:
        """Replace the one-time password: one caller wins. The caller holds the write transaction."""
        users, now = self._site.database.users, self._site.clock.now()
        kept = users.set_password(user.id, new.value, PasswordState.OWN, expires_at=None, if_epoch=user.epoch, now=now)
        renewed = users.get(user.id)
        if not kept or renewed is None:
            reference = self._trail.record("password.chosen", "one_time_used", actor=user.id)
            return Refused(Sentence("first.one_time.expired"), Stage.ENDED, reference, names_contact=True)
        self._trail.record("password.chosen", "ok", actor=user.id)
        return renewed

    @staticmethod
    def _refused(why: Sentence) -> Refused:
        return Refused(why, Stage.OWN_PASSWORD)


def _sentence(broken: Violation) -> Sentence:
    limits = {Rule.SHORT: "min", Rule.LONG: "max"}
    values = {limits[broken.rule]: broken.limit} if broken.limit is not None else {}
    return Sentence(f"first.password.{broken.rule.value}", values)
