"""The one way in which people are changed: authority, change, audit row, change row and notices in one transaction."""

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from data.canonical import JSON
from data.errors import DataError
from data.users import User
from kiosk.accounts import is_switched_off
from kiosk.administration.authority import Act, Authority, check, is_own, use
from kiosk.administration.errors import ChangedMeanwhile, Forbidden, PersonUnknown, Rule
from kiosk.administration.four_eyes import NOTHING_MORE, Approved, Content
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.notices import Notice, phones_of, queue_notices
from kiosk.audit import AuditTrail
from kiosk.site import Site

log = logging.getLogger("kiosk.administration")

HOUR_MS: Final = 3600 * 1000
DAY_MS: Final = 24 * HOUR_MS
# What lets its maker in as somebody else together with the other half. A slip is not among it: like a new account it is for
# somebody who never came in, and on the first day the same administrator helps with the second step.
_PASSWORD_HALF: Final = frozenset({Act.RESET_PASSWORD})
_FACTOR_HALF: Final = frozenset({Act.TEMPORARY_CODE, Act.ADD_METHOD, Act.CHANGE_PHONE, Act.CONFIRM_PHONE})


@dataclass(frozen=True, slots=True)
class Office:
    """Where and in whose name people are administered; used in the database's thread."""

    site: Site
    trail: AuditTrail
    authority: Authority


@dataclass(slots=True)
class Changing:
    """One change while it is made; what is put here is written down when it ends well."""

    office: Office
    user: User
    now: int
    known_phones: frozenset[str]
    """Proved numbers from before the change."""
    parameters: dict[str, JSON] = field(default_factory=dict)
    proof: str | None = None
    approved: Approved | None = None
    """By whom, where a second administrator must."""
    kept: bool = True
    """There is somebody whose change it is: not after a deletion."""
    shown: bool = True
    """The person sees it at the next sign-in; not at the first one, where all is new."""
    notices: dict[Notice, set[str]] = field(default_factory=dict)
    also: list[tuple[Act, dict[str, JSON]]] = field(default_factory=list)
    """What was done in the same stroke; each has a row of its own."""
    reference: str = ""

    @property
    def site(self) -> Site:
        """The site."""
        return self.office.site

    @property
    def is_own(self) -> bool:
        """An administrator at a page works on their own account."""
        return is_own(self.office.authority, self.user.id)

    def tell(self, notice: Notice, *also: str) -> None:
        """Send the person a notice: to all proved numbers from before, and to those in `also`."""
        self.notices.setdefault(notice, set()).update(self.known_phones, also)

    def forbid_own(self) -> None:
        """Raise Forbidden when it would be done to oneself."""
        if self.is_own:
            raise Forbidden(Rule.OWN_ACCOUNT)

    def forbid_disabled(self) -> None:
        """Raise Forbidden when the account is switched off."""
        if is_switched_off(self.user, self.now):
            raise Forbidden(Rule.DISABLED)

    def forbid_last_administrator(self) -> None:
        """Raise Forbidden when nobody else could administer; for what takes that away from this person."""
        able = [user.id for user in self.site.database.users.able_administrators()]
        if able == [self.user.id]:
            raise Forbidden(Rule.LAST_ADMINISTRATOR)

    def forbid_both_ways(self, act: Act) -> None:
        """Raise Forbidden when the same actor made the other half of somebody's sign-in within a day, or as long as a one-time password lives.

        Holds where the site has a second administrator who could do this one.
        """
        other = _FACTOR_HALF if act in _PASSWORD_HALF else _PASSWORD_HALF
        # As long as what was handed over then may still be used.
        window = max(DAY_MS, self.site.policy.password.one_time_hours * HOUR_MS)
        since = self.site.database.changes.since(self.user.id, self.now - window)
        actor = self.office.authority.actor
        if not any(row.actor == actor and row.what in other for row in since):
            return
        if len(self.site.database.users.able_administrators()) > 1:
            raise Forbidden(Rule.BOTH_WAYS)


@contextmanager
def changing(
    office: Office,
    act: Act,
    person_id: str,
    why: Why,
    *,
    seen: str | None = None,
    content: Content = NOTHING_MORE,
    beside: Collection[Act] = (),
) -> Iterator[Changing]:
    """Change one person; all of it is kept, or nothing and the refusal is written down.

    Args:
        office: Where and in whose name.
        act: What is done.
        person_id: To whom.
        why: Reason and ticket.
        seen: `version` of the card that the administrator looked at; None does not compare.
        content: What exactly, as a second administrator approves it where the site wants one.
        beside: What is done in the same stroke.

    Raises AdministrationError, DataError.
    """
    why = checked_why(why)
    site = office.site
    try:
        with site.database.transaction(write=True):
            now = site.clock.now()
            approved = check(site, office.authority, act, person_id, now, content=content, beside=beside)
            use(site, approved, now)
            user = site.database.users.get(person_id)
            if user is None or user.deleted_at is not None:
                raise PersonUnknown
            latest = next(iter(site.database.changes.latest(user.id)), None)
            if seen is not None and seen != (latest.id if latest else ""):
                raise ChangedMeanwhile(latest)
            change = Changing(office, user, now, phones_of(site, user.id), approved=approved)
            yield change
            write_down(change, act, why)
    except Forbidden as error:
        error.reference = record_refusal(office, act, person_id, error.rule)
        if error.wanted is not None:
            error.wanted = error.wanted.because(why)
        raise


def record_refusal(office: Office, act: Act, person_id: str | None, rule: Rule) -> str | None:
    """Write down what was not allowed; its reference, None when that could not be kept."""
    try:
        with office.site.database.transaction(write=True):
            return office.trail.record(
                f"users.{act.value}",
                "refused",
                actor=office.authority.actor,
                about=person_id,
                parameters={"rule": rule.value},
            )
    except DataError as error:
        log.error("a refusal could not be written down: %r", error)  # noqa: TRY400  the cause is in the error
        return None


def write_down(change: Changing, act: Act, why: Why) -> None:
    """Audit rows, change rows and notices of one stroke, in its transaction."""
    office, user = change.office, change.user
    for notice, numbers in change.notices.items():
        queue_notices(change.site, user, notice, numbers, change.now)
    common = _common(change, why)
    for each, own in ((act, change.parameters), *change.also):
        reference = office.trail.record(
            f"users.{each.value}",
            "ok",
            actor=office.authority.actor,
            about=user.id,
            parameters={**own, **common, "reason": why.reason},
        )
        change.reference = change.reference or reference
        if not change.kept:
            continue
        changes = change.site.database.changes
        row = changes.add(
            user.id,
            what=each.value,
            actor=office.authority.actor,
            reason=why.reason,
            proof=change.proof,
            parameters={**own, **common},
            now=change.now,
        )
        if not change.shown:
            changes.mark_seen(row.id, change.now)


def _common(change: Changing, why: Why) -> dict[str, JSON]:
    """What every row of one stroke says."""
    found: dict[str, JSON] = {"ticket": why.ticket} if why.ticket else {}
    if change.proof is not None:
        found["proof"] = change.proof
    if change.approved is not None:
        found.update(change.approved.facts())
    return found
