"""The methods that a person has, those that can be added here, and which may go."""

from collections.abc import Callable
from typing import Final

from data.factors import Factor, FactorKind, FactorState
from data.users import Role, User
from kiosk.account.views import Addable, MethodState, OwnMethod
from kiosk.clock import ClockHealth
from kiosk.methods.backup_code import backup_trouble
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.sign_in.ways import Ways, present_ways
from kiosk.site import Site
from kiosk.yubikey.kept import is_key

# More than anybody needs; each further app makes a guess a little likelier.
MOST_APPS: Final = 3
# Two are advised, one of them for a safe place.
MOST_KEYS: Final = 5
_LIVE: Final = frozenset({FactorState.ACTIVE, FactorState.OFFERED, FactorState.SUSPENDED})
_STATE_OF: Final = {
    FactorState.ACTIVE: MethodState.GOOD,
    FactorState.OFFERED: MethodState.OFFERED,
    FactorState.SUSPENDED: MethodState.SUSPENDED,
}
KIND_OF: Final = {
    FactorKind.SMS: MethodKind.SMS,
    FactorKind.TOTP: MethodKind.TOTP,
    FactorKind.YUBIKEY_FIDO2: MethodKind.YUBIKEY,
    FactorKind.YUBIKEY_HMAC: MethodKind.YUBIKEY,
}
# The order in which methods are shown and offered for a proof.
_ORDER: Final = (MethodKind.SMS, MethodKind.TOTP, MethodKind.YUBIKEY)


def factors_of(site: Site, user_id: str, kind: FactorKind, state: FactorState) -> list[Factor]:
    """The person's factors of one kind in one state, in the order in which they were added."""
    rows = site.database.factors.of_user(user_id)
    return [row for row in rows if row.kind is kind and row.state is state]


def own_methods(site: Site, user: User) -> tuple[OwnMethod, ...]:
    """All methods of a person; a kind of which there is none has a row that says so."""
    rows = [row for row in site.database.factors.of_user(user.id) if row.state in _LIVE]
    found: list[OwnMethod] = []
    for kind in _ORDER:
        of_kind = [_shown(row, user) for row in rows if KIND_OF[row.kind] is kind]
        found += of_kind or [OwnMethod(kind=kind, id="", state=MethodState.NONE)]
    code = site.database.backup_codes.live(user.id)
    if code is None:
        found.append(OwnMethod(kind=MethodKind.BACKUP_CODE, id="", state=MethodState.NONE))
    else:
        bad = backup_trouble(site, user.id, site.clock.now()) is not None
        state = MethodState.SUSPENDED if bad else MethodState.GOOD
        found.append(OwnMethod(kind=MethodKind.BACKUP_CODE, id="", state=state, since=code.issued_at))
    return tuple(found)


def _shown(row: Factor, user: User) -> OwnMethod:
    return OwnMethod(
        kind=KIND_OF[row.kind],
        id=row.id,
        state=_STATE_OF[row.state],
        tail=row.number_tail,
        label=row.label if is_key(row) else None,
        since=row.confirmed_at,
        last_used_at=row.last_used_at,
        first_choice=row.state is FactorState.ACTIVE and user.preferred_factor == row.kind,
    )


# One entry per kind that can be added: it looks at what there is and answers what would happen, or why not.


def _app(site: Site, user: User) -> Addable:
    why_not = None
    if site.clock.health() is not ClockHealth.OK:
        why_not = Sentence("app.kiosk_clock")
    elif len(factors_of(site, user.id, FactorKind.TOTP, FactorState.ACTIVE)) >= MOST_APPS:
        why_not = Sentence("account.add.enough")
    return Addable(kind=MethodKind.TOTP, why_not=why_not)


def _phone(site: Site, user: User) -> Addable:
    present = factors_of(site, user.id, FactorKind.SMS, FactorState.ACTIVE)
    works = present_ways(site, user).sms_works
    why_not = None if works else Sentence("account.phone.no_modem")
    return Addable(kind=MethodKind.SMS, replaces=present[-1].number_tail if present else None, why_not=why_not)


def _key(site: Site, user: User) -> Addable:
    present = [row for row in site.database.factors.of_user(user.id) if is_key(row) and row.state is FactorState.ACTIVE]
    why_not = None
    if site.keys is None:
        why_not = Sentence("yubikey.not_here")
    elif len(present) >= MOST_KEYS:
        why_not = Sentence("account.add.enough")
    return Addable(kind=MethodKind.YUBIKEY, why_not=why_not)


ADDABLE: Final[tuple[Callable[[Site, User], Addable], ...]] = (_app, _phone, _key)


def addable(site: Site, user: User) -> tuple[Addable, ...]:
    """What can be added at this desk, in the order of the page."""
    return tuple(entry(site, user) for entry in ADDABLE)


def proofs(ways: Ways, user: User) -> tuple[MethodKind, ...]:
    """Ways to prove oneself anew at this desk, the person's own first choice or latest first."""
    usable = [kind for kind in (*_ORDER, MethodKind.BACKUP_CODE) if kind in ways.usable]
    if not ways.app:
        # An offered app proves nothing about who is here.
        usable = [kind for kind in usable if kind is not MethodKind.TOTP]
    first = KIND_OF[FactorKind(user.preferred_factor)] if user.preferred_factor else user.last_method
    return tuple(sorted(usable, key=lambda kind: kind != first))


def may_go(site: Site, user: User, factor: Factor) -> Sentence | None:
    """Why a method cannot be taken away; None when it can.

    Nobody takes away the last method, and whoever mends or guards the kiosk not the last one that is no SMS (DESIGN §6).
    """
    active = [row for row in site.database.factors.of_user(user.id) if row.state is FactorState.ACTIVE]
    left = [row for row in active if row.id != factor.id]
    if not left:
        return Sentence("account.remove.last")
    if user.role is not Role.STAFF and all(row.kind is FactorKind.SMS for row in left):
        return Sentence("account.remove.last_strong")
    return None
