"""The temporary code: eight digits for somebody whose other factors fail, read aloud by an administrator, good once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, cast

from data.canonical import JSON
from data.users import User
from kiosk.administration.authority import Act
from kiosk.administration.changing import Changing, Office, changing
from kiosk.administration.errors import Contradiction, MinutesUnusable, NothingToDo
from kiosk.administration.four_eyes import Content
from kiosk.administration.free_text import Why, checked_text
from kiosk.administration.methods import forbid_last_strong, method_of, named, offer_new_app, revoke
from kiosk.administration.notices import Notice
from kiosk.administration.passwords import Done, unlock_codes, unlock_name
from kiosk.methods.backup_code import new_code
from kiosk.passwords import Secret
from kiosk.site import Site

MINUTE_MS: Final = 60_000
DETAIL_LENGTH: Final = 80


@unique
class TemporaryReason(StrEnum):
    """Why the person cannot do without."""

    PHONE_LOST = "phone_lost"
    NO_SMS = "no_sms"
    NEW_NUMBER = "new_number"
    YUBIKEY_LOST = "yubikey_lost"


@unique
class Identification(StrEnum):
    """How the administrator knows who asks; there is no default."""

    IN_PERSON = "in_person"
    """Stands here, proof of identity seen."""
    CALLED_BACK = "called_back"
    """Called back on the number in our own register."""
    MANAGER = "manager"
    """A manager, who is named, vouches."""
    OTHER = "other"
    """Told in words."""


# A manager has a name, and "otherwise" says nothing by itself.
_NEEDS_DETAIL: Final = frozenset({Identification.MANAGER, Identification.OTHER})
_PHONE_IS_AWAY: Final = frozenset({TemporaryReason.PHONE_LOST, TemporaryReason.NEW_NUMBER})


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryRequest:
    """What an administrator asks for."""

    reason: TemporaryReason
    identified: Identification
    detail: str = ""
    """Who vouches, or how else the person was known."""
    ticket: str = ""
    minutes: int | None = None
    """None: what the site offers first."""
    unlock: bool = False
    """Forget wrong passwords and wrong codes as well."""
    add_app: bool = False
    """Let the person add an authenticator app as soon as they are in."""
    revoke: Sequence[str] = ()
    """Ids of methods that are lost."""
    contradiction_seen: bool = False
    """The administrator was warned that a lost phone cannot be called back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """To be read aloud now; it is kept nowhere. `expires_at` in milliseconds UTC."""

    user: User
    code: str = field(repr=False)
    code_id: str
    expires_at: int
    reference: str


def issue(office: Office, person_id: str, request: TemporaryRequest, *, seen: str | None = None) -> IssuedCode:
    """Make a temporary code; one that was made before is void. Raises AdministrationError, DataError."""
    policy = office.site.policy.temporary_code
    minutes = policy.minutes if request.minutes is None else request.minutes
    if not 1 <= minutes <= policy.maximum_hours * 60:
        raise MinutesUnusable(policy.maximum_hours * 60)
    proof = _proof(request)
    if contradicts(request) and not request.contradiction_seen:
        raise Contradiction
    code = new_code()
    # Hashing takes as long as a hundred sign-ins write: outside the transaction.
    code_hash = office.site.hasher.hash(code, Secret.CODE)
    why = Why(request.reason.value, request.ticket)
    content, beside = _content(office.site, request, minutes, proof), _acts_beside(request)
    with changing(office, Act.TEMPORARY_CODE, person_id, why, seen=seen, content=content, beside=beside) as change:
        change.forbid_own()
        change.forbid_disabled()
        change.forbid_both_ways(Act.TEMPORARY_CODE)
        change.proof = proof
        expires_at = change.now + minutes * MINUTE_MS
        row = change.site.database.temporary_codes.issue(
            change.user.id,
            code_hash=code_hash,
            issued_by=office.authority.actor,
            reason=request.reason.value,
            proof=proof,
            ticket=request.ticket.strip() or None,
            adds_app=request.add_app,
            expires_at=expires_at,
            now=change.now,
        )
        change.parameters.update({"minutes": minutes, "code": row.id, "adds_app": request.add_app})
        if contradicts(request):
            change.parameters["contradiction"] = True
        _beside(change, request)
        change.tell(Notice.TEMPORARY)
    return IssuedCode(user=change.user, code=code, code_id=row.id, expires_at=expires_at, reference=change.reference)


def _content(site: Site, request: TemporaryRequest, minutes: int, proof: str) -> Content:
    """What a second administrator approves of it, whose reason stands beside it."""
    return Content(
        {
            "proof": proof,
            "minutes": minutes,
            "unlock": request.unlock,
            "add_app": request.add_app,
            "revoke": [named(site, method_id) for method_id in sorted(request.revoke)],
            "contradiction": contradicts(request),
        }
    )


def request_of(content: Content, why: Why) -> TemporaryRequest:
    """The request that a second administrator approved as `content`."""
    facts = content.facts
    identified, _, detail = str(facts["proof"]).partition(": ")
    revoke = cast("list[dict[str, JSON]]", facts["revoke"])
    return TemporaryRequest(
        reason=TemporaryReason(why.reason),
        identified=Identification(identified),
        detail=detail,
        ticket=why.ticket,
        minutes=int(str(facts["minutes"])),
        unlock=bool(facts["unlock"]),
        add_app=bool(facts["add_app"]),
        revoke=tuple(str(one["method"]) for one in revoke),
        contradiction_seen=bool(facts["contradiction"]),
    )


def withdraw(office: Office, person_id: str, why: Why) -> Done:
    """The code that was made is void after all; raises AdministrationError, DataError."""
    with changing(office, Act.WITHDRAW_CODE, person_id, why) as change:
        codes = change.site.database.temporary_codes
        live = codes.live(change.user.id, change.now)
        if live is None or not codes.revoke(live.id, change.now):
            raise NothingToDo
        change.parameters["code"] = live.id
    return Done(user=change.user, reference=change.reference, count=1)


def _beside(change: Changing, request: TemporaryRequest) -> None:
    """What the ticks of the dialog do in the same stroke, each with a row of its own."""
    if request.unlock:
        if failures := unlock_name(change.site, change.user):
            change.also.append((Act.UNLOCK_PASSWORD, {"failures": failures}))
        if failures := unlock_codes(change):
            change.also.append((Act.UNLOCK_FACTOR, {"failures": failures}))
    for method_id in request.revoke:
        factor = method_of(change, method_id)
        forbid_last_strong(change, factor)
        ended = revoke(change, factor)
        change.also.append((Act.REVOKE_METHOD, {"kind": factor.kind.value, "sessions": ended}))
    if request.add_app:
        offer_new_app(change)


def _acts_beside(request: TemporaryRequest) -> list[Act]:
    """What the ticks do, so that none is a way around four eyes."""
    return [Act.REVOKE_METHOD] * bool(request.revoke) + [Act.ADD_METHOD] * request.add_app


def needs_detail(identified: Identification) -> bool:
    """Whether this way of knowing who asks must be told in words."""
    return identified in _NEEDS_DETAIL


def _proof(request: TemporaryRequest) -> str:
    """How the person was identified, as one text for the log; raises TextUnusable, NumberInText."""
    needed = needs_detail(request.identified)
    detail = checked_text("detail", request.detail, DETAIL_LENGTH, may_be_empty=not needed)
    return request.identified.value + (f": {detail}" if detail else "")


def contradicts(request: TemporaryRequest) -> bool:
    """Whether the person was called back on a phone that is said to be away."""
    return request.identified is Identification.CALLED_BACK and request.reason in _PHONE_IS_AWAY
