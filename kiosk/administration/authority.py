"""In whose name people are changed, and what that needs: checked in the transaction of the change itself.

Authority
├── PageAuthority  an administrator at a page: a live session, the own second factor shown lately, four eyes where the site asks
└── RootAuthority  a command on this machine: root's door, known by its Unix account
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.restored import RESTORED_CHANGE
from data.users import Role, User
from kiosk.accounts import is_switched_off
from kiosk.administration.errors import Forbidden, Rule
from kiosk.administration.four_eyes import (
    BROKE_GLASS,
    NOTHING_MORE,
    Approved,
    Content,
    SecondAdministrator,
    Wanted,
    is_of,
)
from kiosk.policy import AdministrationPolicy
from kiosk.site import Site

MINUTE_MS: Final = 60_000


@unique
class Act(StrEnum):
    """What can be done to people: `users.ACT` in the log, `what` of a change that the person is shown."""

    ADD = "added"
    RESET_PASSWORD = "password_reset"  # noqa: S105  what was done, not a secret
    UNLOCK_PASSWORD = "password_unlocked"  # noqa: S105  as above
    UNLOCK_FACTOR = "second_factor_unlocked"
    DISABLE = "disabled"
    ENABLE = "enabled"
    DELETE = "deleted"
    ROLE = "role_changed"
    DETAILS = "details_changed"
    ADD_METHOD = "method_added"
    REVOKE_METHOD = "method_revoked"
    CHANGE_PHONE = "phone_changed"
    CONFIRM_PHONE = "phone_confirmed"
    TEMPORARY_CODE = "temporary_code_issued"
    WITHDRAW_CODE = "temporary_code_withdrawn"
    BACKUP_CODE = "backup_code_renewed"
    END_SESSIONS = "sessions_ended"
    UNIX_ACCOUNT = "unix_account_changed"
    IMPORT = "imported"
    EXPORT = "exported"
    SLIP = "slip_made"
    WITHDRAW_SLIP = "slip_withdrawn"
    RESTORE = RESTORED_CHANGE
    """The database was put back from a back-up; nobody does it to one person."""
    REVIEW_RIGHTS = "rights_reviewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAuthority:
    """An administrator who is signed in; `reauthenticated_at` is when the own second factor was shown last."""

    administrator_id: str
    session_id: str
    reauthenticated_at: int
    second: SecondAdministrator | None = None

    @property
    def actor(self) -> str:
        """As the log knows it."""
        return self.administrator_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RootAuthority:
    """`actor` is `unix:LOGIN`; whoever holds it holds key and database anyway."""

    actor: str


Authority = PageAuthority | RootAuthority


def check(
    site: Site,
    authority: Authority,
    act: Act,
    person_id: str | None,
    now: int,
    *,
    content: Content = NOTHING_MORE,
    beside: Collection[Act] = (),
) -> Approved | None:
    """Raise Forbidden unless `authority` may do this to this person now; the caller holds the transaction.

    `beside` is what is done in the same stroke. Returns who approved it where somebody must: the transaction of the act
    itself says so by `use`.
    """
    check_proved(site, authority, now)
    if isinstance(authority, RootAuthority):
        return None
    if not any(needs_four_eyes(site.policy.administration, one) for one in (act, *beside)):
        return None
    return _approved(site, authority, Wanted(act=act, person_id=person_id, content=content), now)


def use(site: Site, approved: Approved | None, now: int) -> None:
    """What was approved is done: it counts once. The caller holds the write transaction of the act; raises Forbidden."""
    if approved is None or approved.request_id is None:
        return
    if not site.database.approvals.spend(approved.request_id, now):
        raise Forbidden(Rule.FOUR_EYES)


def check_proved(site: Site, authority: Authority, now: int) -> None:
    """Raise Forbidden unless it is an administrator who has shown the own second factor just now."""
    if isinstance(authority, RootAuthority):
        return
    check_session(site, authority, now)
    if must_prove(site, authority, now):
        raise Forbidden(Rule.REAUTHENTICATE)


def _approved(site: Site, authority: PageAuthority, wanted: Wanted, now: int) -> Approved:
    """Who approved this very thing, at this desk or elsewhere; nobody approves what is done to themselves. Raises Forbidden."""
    second = authority.second
    if (
        second is not None
        and second.wanted.is_same(wanted)
        and second.administrator_id not in {authority.administrator_id, wanted.person_id}
        and _recent(second.authenticated_at, site.policy.administration, now)
        and administers(site.database.users.get(second.administrator_id), now)
    ):
        return Approved(by=second.administrator_id)
    approvals = site.database.approvals
    asked_by, act = authority.administrator_id, wanted.act.value
    for request in approvals.approved(asked_by=asked_by, act=act, person_id=wanted.person_id, now=now):
        by = request.decided_by
        if by is None and request.broke_glass is None:
            continue
        if by is not None and (by in {asked_by, wanted.person_id} or not administers(site.database.users.get(by), now)):
            continue
        if is_of(request, wanted, site.database):
            return Approved(by=by or BROKE_GLASS, request_id=request.id)
    raise Forbidden(Rule.FOUR_EYES, wanted=wanted)


def must_prove(site: Site, authority: PageAuthority, now: int) -> bool:
    """Whether the own second factor was shown too long ago; a page that asks for it first leaves no refusal in the log."""
    return not _recent(authority.reauthenticated_at, site.policy.administration, now)


def needs_four_eyes(policy: AdministrationPolicy, act: Act) -> bool:
    """Whether the site wants a second administrator for this."""
    match act:
        case Act.RESET_PASSWORD | Act.SLIP:
            return policy.four_eyes_password
        case Act.TEMPORARY_CODE:
            return policy.four_eyes_temporary_code
        case Act.ADD_METHOD | Act.CHANGE_PHONE | Act.REVOKE_METHOD:
            return policy.four_eyes_methods
        case Act.ROLE | Act.IMPORT:
            return policy.four_eyes_role
        case Act.DELETE:
            return policy.four_eyes_delete
        case _:
            return False


def is_own(authority: Authority, person_id: str) -> bool:
    """Whether somebody at a page would do it to themselves."""
    return isinstance(authority, PageAuthority) and authority.administrator_id == person_id


def check_session(site: Site, authority: PageAuthority, now: int) -> None:
    """Raise Forbidden unless the session still lasts and is an administrator's; reading wants no more than that."""
    if not session_holds(site, authority.administrator_id, authority.session_id, {Role.ADMINISTRATOR}, now):
        raise Forbidden(Rule.NOT_ADMINISTRATOR)


def session_holds(site: Site, user_id: str, session_id: str, roles: Collection[Role], now: int) -> bool:
    """Whether the session of this person still lasts, and the person still has one of these roles."""
    user = site.database.users.get(user_id)
    session = site.database.sessions.get(session_id)
    return (
        user is not None
        and user.role in roles
        and not is_switched_off(user, now)
        and session is not None
        and session.ended_at is None
        and session.user_id == user_id
        and session.epoch == user.epoch
    )


def administers(user: User | None, now: int) -> bool:
    """Whether somebody is an administrator and not switched off."""
    return user is not None and user.role is Role.ADMINISTRATOR and not is_switched_off(user, now)


def _recent(at: int, policy: AdministrationPolicy, now: int) -> bool:
    return now - policy.reauthentication_minutes * MINUTE_MS <= at <= now
