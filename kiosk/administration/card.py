"""One person on one card: what a functional administrator sees before changing anything; never a secret or a whole number."""

from dataclasses import dataclass
from typing import Final

from data.backup_codes import BackupCodeState
from data.changes import Change
from data.factors import FactorKind, FactorState
from data.users import PasswordState, Role, User
from kiosk.accounts import is_switched_off
from kiosk.administration.accounts import has_other_factor
from kiosk.administration.errors import PersonUnknown
from kiosk.methods.backup_code import backup_trouble
from kiosk.site import Site
from kiosk.throttle import PasswordThrottle

CHANGES_SHOWN: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodLine:
    """One second factor; times in milliseconds UTC, `drift` in steps of 30 seconds."""

    id: str
    kind: FactorKind
    state: FactorState
    label: str
    number_tail: str | None
    added_at: int
    confirmed_at: int | None
    last_used_at: int | None
    drift: int
    replaces: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupLine:
    """The back-up code; `trouble` is the id of a sentence when it cannot be used, `confirmed` that the person noted it."""

    live: bool
    confirmed: bool
    failures_in_row: int
    trouble: str | None
    last_used_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryLine:
    """A temporary code that may still be used."""

    expires_at: int
    tries: int
    issued_by: str
    adds_app: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordLine:
    """`locked`: only an administrator opens it; `wait_until` in milliseconds UTC when it opens by itself."""

    exists: bool
    one_time: bool
    expires_at: int | None
    expired: bool
    failures: int
    locked: bool
    wait_until: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One place where the person is signed in."""

    desk: str
    method: str
    started_at: int
    seen_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCard:
    """Everything about one person; hand `version` on with a change, so that two administrators do not overwrite each other."""

    user: User
    version: str
    switched_off: bool
    password: PasswordLine
    second_factor_failures: int
    second_factor_locked: bool
    methods: tuple[MethodLine, ...]
    backup: BackupLine
    temporary: TemporaryLine | None
    sessions: tuple[SessionLine, ...]
    last_desk: str | None
    changes: tuple[Change, ...]
    """The newest first."""
    only_sms: bool
    """Offer another method: nothing but SMS has been proved."""
    needs_other_factor: bool
    """This role must have a factor other than SMS and has none."""


def card(site: Site, person_id: str) -> PersonCard:
    """The card of a person; raises PersonUnknown, DataError."""
    with site.database.transaction(write=False):
        return _card(site, person_id)


def card_by_name(site: Site, name: str) -> PersonCard:
    """The card of whoever has this user name, however it is written; raises PersonUnknown, DataError."""
    with site.database.transaction(write=False):
        user = site.database.users.by_name(name)
        if user is None:
            raise PersonUnknown
        return _card(site, user.id)


def _card(site: Site, person_id: str) -> PersonCard:
    database, now = site.database, site.clock.now()
    user = database.users.get(person_id)
    if user is None or user.deleted_at is not None:
        raise PersonUnknown
    factors = [one for one in database.factors.of_user(user.id) if one.state is not FactorState.REVOKED]
    active = [one for one in factors if one.state is FactorState.ACTIVE]
    changes = tuple(database.changes.latest(user.id, limit=CHANGES_SHOWN))
    last = database.sessions.last_of(user.id)
    return PersonCard(
        user=user,
        version=changes[0].id if changes else "",
        switched_off=is_switched_off(user, now),
        password=_password(site, user, now),
        second_factor_failures=user.second_factor_failures,
        second_factor_locked=user.second_factor_failures >= site.policy.second_factor.failures_lock,
        methods=tuple(
            MethodLine(
                id=one.id,
                kind=one.kind,
                state=one.state,
                label=one.label,
                number_tail=one.number_tail,
                added_at=one.created_at,
                confirmed_at=one.confirmed_at,
                last_used_at=one.last_used_at,
                drift=one.drift,
                replaces=one.replaces,
            )
            for one in factors
        ),
        backup=_backup(site, user, now),
        temporary=_temporary(site, user, now),
        sessions=tuple(
            SessionLine(
                desk=_desk(site, one.desk_id), method=one.method, started_at=one.started_at, seen_at=one.seen_at
            )
            for one in database.sessions.live(user_id=user.id)
        ),
        last_desk=None if last is None else _desk(site, last.desk_id),
        changes=changes,
        only_sms=bool(active) and all(one.kind is FactorKind.SMS for one in active),
        needs_other_factor=user.role is not Role.STAFF and not has_other_factor(site, user),
    )


def _password(site: Site, user: User, now: int) -> PasswordLine:
    throttle = PasswordThrottle(site.database, site.policy, "")
    name_hash = site.name_hash(user.name_key)
    closed = throttle.closed(name_hash, now)
    expires_at = user.password_expires_at
    return PasswordLine(
        exists=user.password_hash is not None,
        one_time=user.password_state is PasswordState.ONE_TIME,
        expires_at=expires_at,
        expired=expires_at is not None and expires_at <= now,
        failures=throttle.count(name_hash),
        locked=closed is not None and closed.until is None,
        wait_until=None if closed is None else closed.until,
    )


def _backup(site: Site, user: User, now: int) -> BackupLine:
    codes = site.database.backup_codes
    live, used = codes.live(user.id), codes.last_used(user.id)
    return BackupLine(
        live=live is not None,
        confirmed=live is not None and live.state is BackupCodeState.CONFIRMED,
        failures_in_row=0 if live is None else live.failures_in_row,
        trouble=backup_trouble(site, user.id, now),
        last_used_at=None if used is None else used.used_at,
    )


def _temporary(site: Site, user: User, now: int) -> TemporaryLine | None:
    live = site.database.temporary_codes.live(user.id, now)
    if live is None:
        return None
    return TemporaryLine(expires_at=live.expires_at, tries=live.tries, issued_by=live.issued_by, adds_app=live.adds_app)


def _desk(site: Site, desk_id: str) -> str:
    desk = site.database.desks.get(desk_id)
    return desk_id if desk is None else desk.name
