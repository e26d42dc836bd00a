"""Passwords and locks: reset with a one-time password that nobody chose, unlock either stage, end sessions."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from data.users import PasswordState, User
from kiosk.accounts import HOUR_MS, new_one_time_password
from kiosk.administration.authority import Act
from kiosk.administration.changing import Changing, Office, changing
from kiosk.administration.errors import Forbidden, NothingToDo, PersonUnknown, Rule
from kiosk.administration.free_text import Why
from kiosk.administration.notices import Notice
from kiosk.methods.backup_code import DAY_SCOPE
from kiosk.site import Site
from kiosk.throttle import PasswordThrottle

# Reason of a session that ended, as the desk of that session tells it.
ENDED_BY: Final = "administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimePassword:
    """To be handed over now; it is kept nowhere. `expires_at` in milliseconds UTC."""

    user: User
    password: str = field(repr=False)
    expires_at: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done; `count` is how many failures, sessions or methods it concerned."""

    user: User
    reference: str
    count: int = 0


def reset_password(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> OneTimePassword:
    """A one-time password of 80 random bits in place of the present one; sessions and codes of the old one end.

    Raises AdministrationError, DataError.
    """
    with changing(office, Act.RESET_PASSWORD, person_id, why, seen=seen) as change:
        change.forbid_own()
        change.forbid_disabled()
        change.forbid_both_ways(Act.RESET_PASSWORD)
        password, expires_at = give_one_time_password(change)
        change.parameters["sessions"] = end_all_sessions(change)
        change.site.database.challenges.wipe_of_user(change.user.id, change.now)
        # Whoever asks for it has often locked the name by trying.
        unlock_name(change.site, change.user)
        change.tell(Notice.PASSWORD)
    return OneTimePassword(user=change.user, password=password, expires_at=expires_at, reference=change.reference)


def unlock_password(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Done:
    """Forget the wrong passwords of this name; raises AdministrationError, DataError."""
    with changing(office, Act.UNLOCK_PASSWORD, person_id, why, seen=seen) as change:
        failures = unlock_name(change.site, change.user)
        if not failures:
            raise NothingToDo
        change.parameters["failures"] = failures
        change.tell(Notice.UNLOCK)
    return Done(user=change.user, reference=change.reference, count=failures)


def unlock_second_factor(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Done:
    """Forget the wrong codes of this person, those of the back-up code too; raises AdministrationError, DataError."""
    with changing(office, Act.UNLOCK_FACTOR, person_id, why, seen=seen) as change:
        change.forbid_own()
        failures = unlock_codes(change)
        if not failures:
            raise NothingToDo
        change.parameters["failures"] = failures
        change.tell(Notice.UNLOCK)
    return Done(user=change.user, reference=change.reference, count=failures)


def unlock(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Done:
    """Forget wrong passwords and wrong codes in one stroke, whichever there are; raises AdministrationError, DataError."""
    site = office.site
    user = site.database.users.get(person_id)
    codes = user is not None and code_failures(site, user) > 0
    with changing(office, Act.UNLOCK_FACTOR if codes else Act.UNLOCK_PASSWORD, person_id, why, seen=seen) as change:
        names = unlock_name(site, change.user)
        failures = names
        if codes:
            change.forbid_own()
            failures = unlock_codes(change)
            if names:
                change.also.append((Act.UNLOCK_PASSWORD, {"failures": names}))
        if not failures and not names:
            raise NothingToDo
        change.parameters["failures"] = failures
        change.tell(Notice.UNLOCK)
    return Done(user=change.user, reference=change.reference, count=failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockedMany:
    """How many of the people who were marked are open again, had nothing to unlock, and may not be unlocked by this administrator."""

    unlocked: int
    nothing: int
    forbidden: int


def unlock_many(office: Office, people: Collection[str], why: Why) -> UnlockedMany:
    """`unlock` for each, with one reason; each is kept by itself and has its own rows. Raises AdministrationError, DataError."""
    counts = Counter[str]()
    for person_id in people:
        try:
            unlock(office, person_id, why)
        except (NothingToDo, PersonUnknown):
            counts["nothing"] += 1
        except Forbidden as error:
            if error.rule is not Rule.OWN_ACCOUNT:
                raise
            counts["forbidden"] += 1
        else:
            counts["unlocked"] += 1
    return UnlockedMany(unlocked=counts["unlocked"], nothing=counts["nothing"], forbidden=counts["forbidden"])


def end_sessions(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Done:
    """Sign the person out everywhere; raises AdministrationError, DataError."""
    with changing(office, Act.END_SESSIONS, person_id, why, seen=seen) as change:
        ended = end_all_sessions(change)
        if not ended:
            raise NothingToDo
        change.parameters["sessions"] = ended
    return Done(user=change.user, reference=change.reference, count=ended)


def renew_backup_code(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Done:
    """The back-up code is void; the person, and nobody else, is shown a new one at the next sign-in.

    Raises AdministrationError, DataError.
    """
    with changing(office, Act.BACKUP_CODE, person_id, why, seen=seen) as change:
        codes = change.site.database.backup_codes
        if (live := codes.live(change.user.id)) is None:
            # The next sign-in makes one anyhow.
            raise NothingToDo
        codes.revoke(live.id, change.now)
        change.tell(Notice.FACTOR)
    return Done(user=change.user, reference=change.reference, count=1)


# ── inside a change ───────────────────────────────────────────────────────────────────────────────────────────────────


def give_one_time_password(change: Changing) -> tuple[str, int]:
    """Set a new one-time password; the password and until when it may be used."""
    password = new_one_time_password()
    expires_at = change.now + change.site.policy.password.one_time_hours * HOUR_MS
    kept = change.site.database.users.set_password(
        change.user.id,
        change.site.hasher.hash_random(password),
        PasswordState.ONE_TIME,
        expires_at=expires_at,
        if_epoch=change.user.epoch,
        now=change.now,
    )
    assert kept, "read under the same write transaction"
    return password, expires_at


def end_all_sessions(change: Changing, *, method: str | None = None) -> int:
    """End the person's sessions, or those begun by one method; how many."""
    return change.site.database.sessions.end_all(ENDED_BY, change.now, user_id=change.user.id, method=method)


def unlock_name(site: Site, user: User) -> int:
    """Forget the wrong passwords; how many there were."""
    throttle = PasswordThrottle(site.database, site.policy, "")
    name_hash = site.name_hash(user.name_key)
    failures = throttle.count(name_hash)
    throttle.succeeded(name_hash)
    return failures


def code_failures(site: Site, user: User) -> int:
    """How many wrong codes are counted over all methods, those of the back-up code too."""
    backup = site.database.backup_codes.live(user.id)
    day = site.database.throttles.get(DAY_SCOPE, user.id)
    in_row = 0 if backup is None else backup.failures_in_row
    return max(user.second_factor_failures, in_row, 0 if day is None else day.count)


def unlock_codes(change: Changing) -> int:
    """Forget the wrong codes over all methods; how many there were."""
    database, user = change.site.database, change.user
    failures = code_failures(change.site, user)
    database.users.clear_second_factor_failures(user.id)
    database.throttles.clear(DAY_SCOPE, user.id)
    if (backup := database.backup_codes.live(user.id)) is not None:
        database.backup_codes.clear_failures(backup.id)
    return failures
