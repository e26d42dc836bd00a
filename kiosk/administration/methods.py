"""Second factors of somebody else: offered, revoked, another phone number. Whatever is added counts once it was proved."""

from enum import StrEnum, unique
from typing import Final

from data.canonical import JSON
from data.factors import Factor, FactorKind, FactorState
from kiosk.accounts import normalised_number
from kiosk.administration.authority import Act
from kiosk.administration.changing import Changing, Office, changing
from kiosk.administration.errors import Forbidden, MethodUnknown, NothingToDo, Rule
from kiosk.administration.four_eyes import NUMBER, Content
from kiosk.administration.free_text import Why
from kiosk.administration.notices import Notice
from kiosk.administration.passwords import Done, end_all_sessions
from kiosk.methods.totp import new_secret
from kiosk.sign_in.ways import METHOD_OF
from kiosk.site import Site

_GONE: Final = frozenset({FactorState.REVOKED})


@unique
class OldNumber(StrEnum):
    """What becomes of the number that is replaced."""

    REVOKED = "revoked"
    """At once: the phone is lost, or somebody else has the number now."""
    KEPT_UNTIL_CONFIRMED = "kept"
    """Until the new one has been proved."""


def offer_app(office: Office, person_id: str, why: Why, *, seen: str | None = None) -> Done:
    """Offer an authenticator app; its key is shown to the person alone, when they add it.

    Raises AdministrationError, DataError.
    """
    content = Content({"kind": FactorKind.TOTP.value})
    with changing(office, Act.ADD_METHOD, person_id, why, seen=seen, content=content) as change:
        change.forbid_disabled()
        change.forbid_both_ways(Act.ADD_METHOD)
        offer_new_app(change)
        change.parameters["kind"] = FactorKind.TOTP.value
        change.tell(Notice.FACTOR)
    return Done(user=change.user, reference=change.reference, count=1)


def add_phone(office: Office, person_id: str, number: str, why: Why, *, seen: str | None = None) -> Done:
    """Offer SMS to a phone number; the person confirms it with a code sent there.

    Raises NumberUnusable, AdministrationError, DataError.
    """
    number = normalised_number(number, office.site.policy.sms.countries)
    content = Content({"kind": FactorKind.SMS.value, "tail": number[-2:], NUMBER: number})
    with changing(office, Act.ADD_METHOD, person_id, why, seen=seen, content=content) as change:
        change.forbid_disabled()
        change.forbid_both_ways(Act.ADD_METHOD)
        _forbid_same_number(change, number)
        _withdraw_offers(change, FactorKind.SMS)
        _offer_phone(change, number, replaces=None)
        change.parameters.update({"kind": FactorKind.SMS.value, "tail": number[-2:]})
        change.tell(Notice.FACTOR, number)
    return Done(user=change.user, reference=change.reference, count=1)


def change_phone(
    office: Office,
    person_id: str,
    why: Why,
    *,
    method_id: str,
    number: str,
    old: OldNumber,
    seen: str | None = None,
) -> Done:
    """Another number in place of one that the person has; a notice goes to both, the new one must be confirmed.

    Raises NumberUnusable, AdministrationError, DataError.
    """
    number = normalised_number(number, office.site.policy.sms.countries)
    content = Content({**named(office.site, method_id), "tail": number[-2:], NUMBER: number, "old": old.value})
    with changing(office, Act.CHANGE_PHONE, person_id, why, seen=seen, content=content) as change:
        change.forbid_disabled()
        change.forbid_both_ways(Act.CHANGE_PHONE)
        factor = method_of(change, method_id)
        if factor.kind is not FactorKind.SMS:
            raise MethodUnknown
        _forbid_same_number(change, number)
        _withdraw_offers(change, FactorKind.SMS, but=factor.id)
        keeps = old is OldNumber.KEPT_UNTIL_CONFIRMED and factor.state is FactorState.ACTIVE
        if not keeps:
            revoke(change, factor)
        _offer_phone(change, number, replaces=factor.id if keeps else None)
        change.parameters.update({"from": factor.number_tail, "to": number[-2:], "old": old.value})
        change.tell(Notice.PHONE, number)
    return Done(user=change.user, reference=change.reference, count=1)


def revoke_method(office: Office, person_id: str, method_id: str, why: Why, *, seen: str | None = None) -> Done:
    """End a method for ever, with the sessions that it began and the codes that are under way to it.

    Raises AdministrationError, DataError.
    """
    content = Content(named(office.site, method_id))
    with changing(office, Act.REVOKE_METHOD, person_id, why, seen=seen, content=content) as change:
        factor = method_of(change, method_id)
        forbid_last_strong(change, factor)
        change.parameters.update({"kind": factor.kind.value, "sessions": revoke(change, factor)})
        change.tell(Notice.FACTOR)
    return Done(user=change.user, reference=change.reference, count=1)


def named(site: Site, method_id: str) -> dict[str, JSON]:
    """A method as a second administrator is told of it: which kind, and the end of its number."""
    factor = site.database.factors.get(method_id)
    kind, tail = (None, None) if factor is None else (factor.kind.value, factor.number_tail)
    return {"method": method_id, "kind": kind, "of": tail}


# ── inside a change ───────────────────────────────────────────────────────────────────────────────────────────────────


def method_of(change: Changing, method_id: str) -> Factor:
    """The method of this person; raises MethodUnknown."""
    factor = change.site.database.factors.get(method_id)
    if factor is None or factor.user_id != change.user.id or factor.state in _GONE:
        raise MethodUnknown
    return factor


def forbid_last_strong(change: Changing, factor: Factor) -> None:
    """Raise Forbidden when the last factor other than SMS would go: one's own, or that of the last administrator."""
    if factor.kind is FactorKind.SMS or factor.state is not FactorState.ACTIVE:
        return
    factors = change.site.database.factors.of_user(change.user.id)
    others = [
        one
        for one in factors
        if one.id != factor.id and one.kind is not FactorKind.SMS and one.state is FactorState.ACTIVE
    ]
    if others:
        return
    if change.is_own:
        raise Forbidden(Rule.OWN_LAST_STRONG)
    change.forbid_last_administrator()


def revoke(change: Changing, factor: Factor) -> int:
    """End the factor, the sessions it began and the codes sent to it; how many sessions."""
    database = change.site.database
    database.factors.set_state(factor.id, FactorState.REVOKED)
    database.challenges.wipe_of_user(change.user.id, change.now, factor_id=factor.id)
    return end_all_sessions(change, method=METHOD_OF[factor.kind].value)


def offer_new_app(change: Changing) -> None:
    """A fresh key for an app that the person adds; one that was offered before is void."""
    _withdraw_offers(change, FactorKind.TOTP)
    change.site.database.factors.add(
        change.user.id,
        kind=FactorKind.TOTP,
        label=FactorKind.TOTP.value,
        state=FactorState.OFFERED,
        secret=new_secret().encode(),
        index=None,
        now=change.now,
    )


def _offer_phone(change: Changing, number: str, *, replaces: str | None) -> None:
    change.site.database.factors.add(
        change.user.id,
        kind=FactorKind.SMS,
        label=FactorKind.SMS.value,
        state=FactorState.OFFERED,
        secret=number.encode(),
        index=number,
        replaces=replaces,
        now=change.now,
    )


def _withdraw_offers(change: Changing, kind: FactorKind, *, but: str | None = None) -> None:
    factors = change.site.database.factors
    for factor in factors.of_user(change.user.id):
        if factor.kind is kind and factor.state is FactorState.OFFERED and factor.id != but:
            factors.set_state(factor.id, FactorState.REVOKED)
            change.site.database.challenges.wipe_of_user(change.user.id, change.now, factor_id=factor.id)


def _forbid_same_number(change: Changing, number: str) -> None:
    """Raise NothingToDo when the person has this number already."""
    if any(one.user_id == change.user.id for one in change.site.database.factors.by_phone(number)):
        raise NothingToDo
