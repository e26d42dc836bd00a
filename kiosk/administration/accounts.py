"""Accounts as a whole: switched off now or on a day, on again, another role, deleted."""

from dataclasses import dataclass
from datetime import date, datetime, time

from data.factors import FactorKind, FactorState
from data.users import Role, User, UserState
from kiosk.accounts import NeedsOtherFactor, is_switched_off, usable_name
from kiosk.administration.authority import Act
from kiosk.administration.changing import Changing, Office, changing
from kiosk.administration.errors import DateUnusable, NothingToDo
from kiosk.administration.four_eyes import Content
from kiosk.administration.free_text import Why
from kiosk.administration.passwords import Done, end_all_sessions, unlock_name
from kiosk.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A person who is gone; `kept_id` is how log and sign-ins go on naming them."""

    name: str
    kept_id: str
    reference: str


def disable(office: Office, person_id: str, why: Why, *, on: date | None = None, seen: str | None = None) -> Done:
    """Switch the account off now, or from the beginning of a day of the site; raises AdministrationError, DataError."""
    with changing(office, Act.DISABLE, person_id, why, seen=seen) as change:
        change.forbid_own()
        change.forbid_last_administrator()
        ended = _disable_now(change) if on is None else _disable_on(change, on)
    return Done(user=change.user, reference=change.reference, count=ended)


def enable(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Done:
    """Switch the account on again, or forget the day on which it would be off; raises AdministrationError, DataError."""
    with changing(office, Act.ENABLE, person_id, why, seen=seen) as change:
        user, users = change.user, change.site.database.users
        if user.state is not UserState.DISABLED and user.disabled_from is None:
            raise NothingToDo
        users.set_disabled_from(user.id, None)
        if user.state is UserState.DISABLED:
            users.set_state(user.id, UserState.INVITED if user.last_sign_in_at is None else UserState.ACTIVE)
    return Done(user=change.user, reference=change.reference)


def change_role(office: Office, person_id: str, role: Role, why: Why, *, seen: str | None = None) -> Done:
    """Give another role; its sessions end, so that nobody goes on with the rights of the old one.

    Raises NeedsOtherFactor, AdministrationError, DataError.
    """
    before = office.site.database.users.get(person_id)
    content = Content({"from": None if before is None else before.role.value, "to": role.value})
    with changing(office, Act.ROLE, person_id, why, seen=seen, content=content) as change:
        user = change.user
        if user.role is role:
            raise NothingToDo
        change.forbid_own()
        if user.role is Role.ADMINISTRATOR:
            change.forbid_last_administrator()
        if role is not Role.STAFF and not has_other_factor(change.site, user):
            raise NeedsOtherFactor(role)
        change.site.database.users.set_role(user.id, role)
        change.parameters.update({"from": user.role.value, "to": role.value})
        change.parameters["sessions"] = end_all_sessions(change)
    return Done(user=change.user, reference=change.reference)


def change_details(
    office: Office, person_id: str, why: Why, *, display_name: str, language: str, seen: str | None = None
) -> Done:
    """Another name to be shown, or another language; the user name stays. Raises NameUnusable, AdministrationError, DataError."""
    display_name = usable_name(display_name)
    with changing(office, Act.DETAILS, person_id, why, seen=seen) as change:
        user, users = change.user, change.site.database.users
        if (user.display_name, user.language) == (display_name, language):
            raise NothingToDo
        users.set_display_name(user.id, display_name)
        users.set_language(user.id, language)
        # Names are not kept in the log: it must not remember whom the person asked to forget.
        change.parameters.update({"name": user.display_name != display_name, "language": language})
    return Done(user=change.user, reference=change.reference)


def set_unix_account(office: Office, person_id: str, account: str | None, why: Why, *, seen: str | None = None) -> Done:
    """Let the person go on as this account of the machine by `kiosk gate`, or as none; raises AdministrationError, DataError."""
    with changing(office, Act.UNIX_ACCOUNT, person_id, why, seen=seen) as change:
        if change.user.unix_account == account:
            raise NothingToDo
        change.site.database.users.set_unix_account(change.user.id, account)
        change.parameters.update({"from": change.user.unix_account, "to": account})
    return Done(user=change.user, reference=change.reference)


def delete(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Deleted:
    """Forget a person: name, password, methods, codes, numbers. The log keeps its rows with the id, which names nobody.

    Raises AdministrationError, DataError.
    """
    with changing(office, Act.DELETE, person_id, why, seen=seen) as change:
        change.forbid_own()
        change.forbid_last_administrator()
        user = change.user
        change.parameters.update({"role": user.role.value, "sessions": end_all_sessions(change)})
        unlock_name(change.site, user)
        change.site.database.deletion.wipe(user.id, change.now)
        change.kept = False
    return Deleted(name=user.name, kept_id=user.id, reference=change.reference)


def has_other_factor(site: Site, user: User) -> bool:
    """An active factor other than SMS; for somebody who has proved nothing yet an offered one, as when created."""
    factors = site.database.factors.of_user(user.id)
    counted = {FactorState.ACTIVE}
    if all(one.confirmed_at is None for one in factors):
        counted.add(FactorState.OFFERED)
    return any(one.kind is not FactorKind.SMS and one.state in counted for one in factors)


def _disable_now(change: Changing) -> int:
    if change.user.state is UserState.DISABLED:
        raise NothingToDo
    users, user_id = change.site.database.users, change.user.id
    users.set_state(user_id, UserState.DISABLED)
    users.set_disabled_from(user_id, change.now)
    change.site.database.challenges.wipe_of_user(user_id, change.now)
    ended = end_all_sessions(change)
    change.parameters["sessions"] = ended
    return ended


def _disable_on(change: Changing, on: date) -> int:
    midnight = datetime.combine(on, time(), tzinfo=change.site.zone)
    at = int(midnight.timestamp() * 1000)
    if at <= change.now:
        raise DateUnusable
    if is_switched_off(change.user, change.now):
        raise NothingToDo
    change.site.database.users.set_disabled_from(change.user.id, at)
    change.parameters["on"] = on.isoformat()
    # Sessions end when the day begins.
    return 0
