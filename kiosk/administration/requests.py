"""What waits for a second administrator at whatever desk: asked, approved or refused there, carried out by whoever asked.

Each step is a compare-and-set with its row of the log. What is carried out goes the way that its form goes: the act finds
what was approved and spends it in its own transaction (`kiosk.administration.authority`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from data.approvals import ApprovalState, AskedApproval
from data.canonical import JSON
from data.factors import FactorKind
from data.users import Role
from kiosk.administration.accounts import Deleted, change_role, delete
from kiosk.administration.authority import Act, PageAuthority, administers, check_proved, check_session
from kiosk.administration.changing import HOUR_MS, Office, record_refusal
from kiosk.administration.errors import Forbidden, Over, PersonUnknown, RequestOver, Rule
from kiosk.administration.four_eyes import NUMBER, Content, Wanted, content_in, digest_of, sealed_form
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.methods import OldNumber, add_phone, change_phone, offer_app, revoke_method
from kiosk.administration.passwords import Done, OneTimePassword, reset_password
from kiosk.administration.temporary import IssuedCode, issue, request_of
from kiosk.audit import AuditTrail
from kiosk.site import Site

CarriedOut = Done | Deleted | OneTimePassword | IssuedCode


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One request as a list and Home show it; `who` is empty for somebody who is not there yet. Times in milliseconds UTC."""

    id: str
    act: Act
    person_id: str | None
    who: str
    asked_by: str
    asked_at: int
    expires_at: int
    state: ApprovalState
    own: bool
    """Whoever looks has asked it."""
    mine: bool
    """Whoever looks may decide about it: neither asked it nor is whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSeen:
    """A request with everything that the second administrator approves."""

    line: RequestLine
    shown: Mapping[str, JSON]
    reason: str
    ticket: str
    decided_by: str
    decided_at: int | None
    answer: str
    broke_glass: bool
    """The code of the sealed envelope approved it."""
    at_form: bool
    """It is done at its form, with the person or the list at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What was done with a request; `reference` finds it in the log."""

    request_id: str
    reference: str
    expires_at: int


def leave_waiting(office: Office, wanted: Wanted) -> Step:
    """Ask whichever other administrator comes; what was asked before about the same is withdrawn.

    Raises AdministrationError, DataError.
    """
    assert wanted.why is not None, "a form asked for it"
    why = checked_why(wanted.why)
    with _step(office, wanted.act, wanted.person_id) as (asked_by, now):
        site, approvals = office.site, office.site.database.approvals
        if wanted.person_id is not None:
            person = site.database.users.get(wanted.person_id)
            if person is None or person.deleted_at is not None:
                raise PersonUnknown
            for old in approvals.open_ones(now, person_id=wanted.person_id):
                if (old.asked_by, old.act) == (asked_by, wanted.act.value) and approvals.withdraw(old.id, now):
                    _record(office, "users.approval_withdrawn", old)
        kept = sealed_form(wanted.content)
        made = approvals.ask(
            act=wanted.act.value,
            person_id=wanted.person_id,
            asked_by=asked_by,
            reason=why.reason,
            ticket=why.ticket,
            digest=digest_of(wanted, asked_by, kept),
            content=kept,
            expires_at=now + site.policy.administration.approval_hours * HOUR_MS,
            now=now,
        )
        facts: dict[str, JSON] = {"reason": why.reason, "until": made.expires_at, "sha256": made.digest.hex()}
        reference = _record(office, "users.approval_asked", made, facts)
    return Step(request_id=made.id, reference=reference, expires_at=made.expires_at)


def approve(office: Office, request_id: str) -> Step:
    """Agree with what was asked; raises RequestOver, AdministrationError, DataError."""
    return _record_decision(
        office,
        request_id,
        "users.approved",
        lambda by, now: office.site.database.approvals.approve(request_id, by, now),
    )


def refuse(office: Office, request_id: str, why: Why) -> Step:
    """Do not agree, with a reason that is shown to whoever asked; raises RequestOver, AdministrationError, DataError."""
    why = checked_why(why)
    return _record_decision(
        office,
        request_id,
        "users.approval_refused",
        lambda by, now: office.site.database.approvals.refuse(request_id, by, why.reason, now),
        {"reason": why.reason} | ({"ticket": why.ticket} if why.ticket else {}),
    )


def withdraw(office: Office, request_id: str) -> Step:
    """It is needed no more, or that it was refused has been read; raises RequestOver, AdministrationError, DataError."""
    request = _get(office, request_id)
    with _step(office, Act(request.act), request.person_id, fresh=False) as (asked_by, now):
        request = _get(office, request_id)
        if request.asked_by != asked_by:
            raise RequestOver(Over.OTHERS)
        if not office.site.database.approvals.withdraw(request_id, now):
            raise RequestOver(_over(request.state))
        reference = _record(office, "users.approval_withdrawn", request, {"was": request.state.value})
    return Step(request_id=request_id, reference=reference, expires_at=request.expires_at)


def carry_out(office: Office, request_id: str) -> CarriedOut:
    """Do what was approved, once, with the reason that it was asked with.

    Raises RequestOver, AccountError, AdministrationError, DataError.
    """
    wanted = _approved(office, request_id)
    assert wanted.why is not None
    deed = _deed(wanted)
    if wanted.person_id is None or deed is None:
        raise RequestOver(Over.FORM)
    try:
        return deed(office, wanted.person_id, wanted.content.facts, wanted.why)
    except Forbidden as error:
        if error.rule is not Rule.FOUR_EYES:
            raise
        # It was approved a moment ago: either what would be done now is another thing, or it is over since.
        _approved(office, request_id)
        raise RequestOver(Over.CHANGED) from error


def waiting(office: Office, *, person_id: str | None = None) -> tuple[RequestLine, ...]:
    """What whoever is here has to do with: own requests, and those of others; of one person, or of all. Raises DataError."""
    site = office.site
    with site.database.transaction(write=False):
        now = site.clock.now()
        found = [_line(office, one) for one in site.database.approvals.open_ones(now, person_id=person_id)]
        # That another one was approved or refused concerns whoever asked; on the card it stands for everybody.
        return tuple(
            one
            for one in found
            if person_id is not None or one.own or (one.mine and one.state is ApprovalState.WAITING)
        )


def look(office: Office, request_id: str) -> RequestSeen:
    """A request as a page shows it; raises RequestOver, DataError."""
    with office.site.database.transaction(write=False):
        request = _get(office, request_id)
        wanted = _wanted(office, request)
        return RequestSeen(
            line=_line(office, request),
            shown=wanted.content.shown,
            reason=request.reason,
            ticket=request.ticket,
            decided_by="" if request.decided_by is None else name_of(office.site, request.decided_by),
            decided_at=request.decided_at,
            answer=request.answer or "",
            broke_glass=request.broke_glass is not None,
            at_form=request.person_id is None or _deed(wanted) is None,
        )


def prune(site: Site, trail: AuditTrail, *, actor: str) -> int:
    """Throw away what nobody can do anything with any more; how many ran out unused. Raises DataError."""
    with site.database.transaction(write=True):
        expired = site.database.approvals.prune(site.clock.now())
        for one in expired:
            facts: dict[str, JSON] = {
                "act": one.act,
                "request": one.id,
                "requested_by": one.asked_by,
                "was": one.state.value,
            }
            trail.record("users.approval_expired", "done", actor=actor, about=one.person_id, parameters=facts)
    return len(expired)


def name_of(site: Site, user_id: str) -> str:
    """How a person is called on a page."""
    user = site.database.users.get(user_id)
    return "" if user is None else user.display_name or user.name


# ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _step(office: Office, act: Act, person_id: str | None, *, fresh: bool = True) -> Iterator[tuple[str, int]]:
    """The transaction of one step, with who does it and when; what is not allowed is written down."""
    authority, site = office.authority, office.site
    assert isinstance(authority, PageAuthority), "root's door knows no second administrator"
    try:
        with site.database.transaction(write=True):
            now = site.clock.now()
            if fresh:
                check_proved(site, authority, now)
            else:
                check_session(site, authority, now)
            yield authority.administrator_id, now
    except Forbidden as error:
        error.reference = record_refusal(office, act, person_id, error.rule)
        raise


def _record_decision(
    office: Office,
    request_id: str,
    action: str,
    decide: Callable[[str, int], bool],
    facts: Mapping[str, JSON] | None = None,
) -> Step:
    request = _get(office, request_id)
    with _step(office, Act(request.act), request.person_id) as (by, now):
        request = _get(office, request_id)
        if by in {request.asked_by, request.person_id}:
            raise RequestOver(Over.OWN if by == request.asked_by else Over.ABOUT)
        if not decide(by, now):
            raise RequestOver(Over.DECIDED if request.expires_at > now else Over.GONE)
        reference = _record(office, action, request, facts)
    return Step(request_id=request_id, reference=reference, expires_at=request.expires_at)


def _record(office: Office, action: str, request: AskedApproval, facts: Mapping[str, JSON] | None = None) -> str:
    everything: dict[str, JSON] = {
        "act": request.act,
        "request": request.id,
        "requested_by": request.asked_by,
        **(facts or {}),
    }
    if request.ticket:
        everything.setdefault("ticket", request.ticket)
    return office.trail.record(
        action, "ok", actor=office.authority.actor, about=request.person_id, parameters=everything
    )


def _get(office: Office, request_id: str) -> AskedApproval:
    """The request, as long as there is something of it; raises RequestOver."""
    request = office.site.database.approvals.get(request_id)
    if request is None or request.state is ApprovalState.WITHDRAWN:
        raise RequestOver(Over.GONE)
    if request.state is ApprovalState.USED:
        raise RequestOver(Over.USED)
    if request.expires_at <= office.site.clock.now():
        raise RequestOver(Over.GONE)
    return request


def _approved(office: Office, request_id: str) -> Wanted:
    """What was approved to whoever is here; raises RequestOver."""
    request = _get(office, request_id)
    if request.asked_by != office.authority.actor:
        raise RequestOver(Over.OTHERS)
    if request.state is not ApprovalState.APPROVED:
        raise RequestOver(_over(request.state))
    site = office.site
    if request.broke_glass is None and not administers(
        site.database.users.get(request.decided_by or ""), site.clock.now()
    ):
        raise RequestOver(Over.APPROVER)
    return _wanted(office, request)


def _over(state: ApprovalState) -> Over:
    return {
        ApprovalState.WAITING: Over.WAITING,
        ApprovalState.REFUSED: Over.REFUSED,
        ApprovalState.USED: Over.USED,
    }.get(state, Over.GONE)


def _wanted(office: Office, request: AskedApproval) -> Wanted:
    kept = office.site.database.approvals.content(request)
    if kept is None:
        raise RequestOver(Over.GONE)
    return Wanted(
        act=Act(request.act),
        person_id=request.person_id,
        content=content_in(kept),
        why=Why(request.reason, request.ticket),
    )


def _line(office: Office, request: AskedApproval) -> RequestLine:
    here = office.authority.actor
    return RequestLine(
        id=request.id,
        act=Act(request.act),
        person_id=request.person_id,
        who="" if request.person_id is None else name_of(office.site, request.person_id),
        asked_by=name_of(office.site, request.asked_by),
        asked_at=request.asked_at,
        expires_at=request.expires_at,
        state=request.state,
        own=request.asked_by == here,
        mine=here not in {request.asked_by, request.person_id},
    )


# ── carrying out ──────────────────────────────────────────────────────────────────────────────────────────────────────

Facts = Mapping[str, JSON]
Deed = Callable[[Office, str, Facts, Why], CarriedOut]


def _deed(wanted: Wanted) -> Deed | None:
    """How it is done without its form; None when that needs the person or a list at hand."""
    if wanted.content.facts.get("here"):
        return None
    return _DEEDS.get(wanted.act)


def _add_method(office: Office, person_id: str, facts: Facts, why: Why) -> CarriedOut:
    if facts["kind"] == FactorKind.TOTP.value:
        return offer_app(office, person_id, why)
    return add_phone(office, person_id, str(facts[NUMBER]), why)


def _change_phone(office: Office, person_id: str, facts: Facts, why: Why) -> CarriedOut:
    method_id, number, old = str(facts["method"]), str(facts[NUMBER]), OldNumber(str(facts["old"]))
    return change_phone(office, person_id, why, method_id=method_id, number=number, old=old)


_DEEDS: Final[Mapping[Act, Deed]] = {
    Act.RESET_PASSWORD: lambda office, person_id, _facts, why: reset_password(office, person_id, why),
    Act.TEMPORARY_CODE: lambda office, person_id, facts, why: issue(office, person_id, request_of(Content(facts), why)),
    Act.ADD_METHOD: _add_method,
    Act.CHANGE_PHONE: _change_phone,
    Act.REVOKE_METHOD: lambda office, person_id, facts, why: revoke_method(
        office, person_id, str(facts["method"]), why
    ),
    Act.ROLE: lambda office, person_id, facts, why: change_role(office, person_id, Role(str(facts["to"])), why),
    Act.DELETE: lambda office, person_id, _facts, why: delete(office, person_id, why),
}
