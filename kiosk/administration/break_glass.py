"""The code in the sealed envelope: for an administrator who is alone when the site wants a second one.

It is made by a command, kept as a keyed hash, good once and throttled like a password. What it is used for is one thing, as a
second administrator would have approved it; every Home shows that it was used until another administrator has read it.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final

from data.canonical import JSON
from kiosk.accounts import ALPHABET
from kiosk.administration.authority import Act, PageAuthority, check_proved, check_session
from kiosk.administration.changing import DAY_MS, Office
from kiosk.administration.errors import CodeTried, Over, RequestOver
from kiosk.administration.four_eyes import Wanted, digest_of, sealed_form
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.requests import name_of
from kiosk.site import Site
from kiosk.throttle import Closed, PasswordThrottle

# 120 random bits: it lies in an envelope for years.
GROUPS: Final = 6
GROUP: Final = 4
# How long what it was used for may still be done: with the person at the desk that takes some minutes.
GOOD_FOR_MS: Final = 3600 * 1000
# A use that nobody else reads, because there is nobody else, stands on Home so long.
SHOWN_MS: Final = 30 * DAY_MS
# What people misread in the alphabet, as its inventor reads it (Crockford).
_MISREAD: Final = str.maketrans("oil", "011")
# No user name holds it, so nobody's wrong passwords count here.
_THROTTLED: Final = "\nbreak-glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCode:
    """To be written down and sealed now; it is kept nowhere. `replaced` is whether another one is void by it."""

    code: str = field(repr=False)
    replaced: bool
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedCode:
    """A use that must be read; `own` when whoever looks used it. Times in milliseconds UTC."""

    id: str
    by: str
    at: int
    act: Act
    who: str
    reason: str
    own: bool


def make(office: Office, why: Why) -> MadeCode:
    """A new code in place of the one before; raises AdministrationError, DataError."""
    why, site = checked_why(why), office.site
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    code_hash = site.hasher.hash_random(_plain(code))
    with site.database.transaction(write=True):
        now = site.clock.now()
        check_proved(site, office.authority, now)
        replaced = site.database.break_glass.live() is not None
        made = site.database.break_glass.make(code_hash=code_hash, made_by=office.authority.actor, now=now)
        # Whoever locked the one before by guessing has not locked this one.
        _throttle(site).succeeded(site.name_hash(_THROTTLED))
        facts: dict[str, JSON] = {"reason": why.reason, "replaced": replaced, "code": made.id}
        if why.ticket:
            facts["ticket"] = why.ticket
        reference = office.trail.record("users.break_glass_made", "ok", actor=office.authority.actor, parameters=facts)
    return MadeCode(code=code, replaced=replaced, reference=reference)


def is_there(office: Office) -> bool:
    """Whether there is a code to use; raises DataError."""
    return office.site.database.break_glass.live() is not None


def use(office: Office, wanted: Wanted, typed: str) -> str:
    """Let the code stand for a second administrator, for exactly this; the reference in the log.

    Raises CodeTried, AdministrationError, DataError.
    """
    assert wanted.why is not None, "a form asked for it"
    authority, site, why = office.authority, office.site, wanted.why
    assert isinstance(authority, PageAuthority), "root's door knows no second administrator"
    name_hash, throttle = site.name_hash(_THROTTLED), _throttle(site)
    with site.database.transaction(write=False):
        check_proved(site, authority, site.clock.now())
        # The key may have changed since; the code was hashed with one of them.
        site.database.follow_key()
        live, closed = site.database.break_glass.live(), throttle.closed(name_hash, site.clock.now())
    if closed is not None:
        raise _not_now(closed)
    # Outside the transaction, and told only under the counter: guesses at once learn no more than guesses one by one.
    kept = None if live is None else live.code_hash
    right = site.hasher.verify(_plain(typed), kept) and live is not None
    with site.database.transaction(write=True):
        now = site.clock.now()
        check_proved(site, authority, now)
        if (closed := throttle.closed(name_hash, now)) is not None:
            raise _not_now(closed)
        codes, by = site.database.break_glass, authority.administrator_id
        used = (
            right
            and live is not None
            and codes.consume(
                live.id, used_by=by, act=wanted.act.value, person_id=wanted.person_id, reason=why.reason, now=now
            )
        )
        facts: dict[str, JSON] = {"act": wanted.act.value, "reason": why.reason}
        if used:
            assert live is not None, "it was used"
            throttle.succeeded(name_hash)
            content = sealed_form(wanted.content)
            request = site.database.approvals.ask(
                act=wanted.act.value,
                person_id=wanted.person_id,
                asked_by=by,
                reason=why.reason,
                ticket=why.ticket,
                digest=digest_of(wanted, by, content),
                content=content,
                broke_glass=live.id,
                expires_at=now + GOOD_FOR_MS,
                now=now,
            )
            facts |= {"request": request.id, "code": live.id}
        else:
            closed = throttle.failed(name_hash, now)
        reference = office.trail.record(
            "users.break_glass_used", "ok" if used else "wrong", actor=by, about=wanted.person_id, parameters=facts
        )
    if not used:
        raise CodeTried(reference) if closed is None else _not_now(closed)
    return reference


def unread(office: Office) -> tuple[UsedCode, ...]:
    """Uses that no other administrator has read yet, oldest first; raises DataError."""
    site = office.site
    with site.database.transaction(write=False):
        return tuple(
            UsedCode(
                id=one.id,
                by=name_of(site, one.used_by or ""),
                at=one.used_at or 0,
                act=Act(one.act or ""),
                who="" if one.person_id is None else name_of(site, one.person_id),
                reason=one.reason or "",
                own=one.used_by == office.authority.actor,
            )
            for one in site.database.break_glass.unread(site.clock.now() - SHOWN_MS)
        )


def mark_read(office: Office, code_id: str) -> str:
    """Another administrator has read that it was used; the reference in the log. Raises RequestOver, Forbidden, DataError."""
    authority, site = office.authority, office.site
    assert isinstance(authority, PageAuthority), "root's door reads the log"
    with site.database.transaction(write=True):
        now = site.clock.now()
        check_session(site, authority, now)
        code = site.database.break_glass.get(code_id)
        if code is None:
            raise RequestOver(Over.GONE)
        if code.used_by == authority.administrator_id:
            raise RequestOver(Over.OWN)
        if not site.database.break_glass.mark_read(code_id, authority.administrator_id, now):
            raise RequestOver(Over.DECIDED)
        return office.trail.record(
            "users.break_glass_read",
            "ok",
            actor=authority.administrator_id,
            about=code.person_id,
            parameters={"code": code_id, "by": code.used_by},
        )


def _plain(code: str) -> str:
    """The code as it is hashed, however it was typed."""
    return "".join(filter(str.isalnum, code.casefold())).translate(_MISREAD)


def _throttle(site: Site) -> PasswordThrottle:
    """The brakes of a password, for the whole site."""
    return PasswordThrottle(site.database, site.policy, _THROTTLED)


def _not_now(closed: Closed) -> CodeTried:
    return CodeTried(None, until=closed.until, locked=closed.until is None)
