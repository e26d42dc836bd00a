"""Which ways of proving oneself a person has right now, and which one comes first."""

from dataclasses import dataclass
from typing import Final

from data.factors import Factor, FactorKind, FactorState
from data.modems import ModemState
from data.users import User
from kiosk.clock import ClockHealth
from kiosk.methods.backup_code import backup_trouble, live_temporary
from kiosk.methods.sms import RESERVED_ROLES
from kiosk.sign_in.outcomes import MethodKind, Sentence, Stage
from kiosk.sign_in.views import WayView
from kiosk.site import Site

YUBIKEYS: Final = frozenset({FactorKind.YUBIKEY_FIDO2, FactorKind.YUBIKEY_HMAC})
_MAY_SEND: Final = frozenset({ModemState.READY, ModemState.NO_NETWORK, ModemState.STARTING})
METHOD_OF: Final = {
    FactorKind.SMS: MethodKind.SMS,
    FactorKind.TOTP: MethodKind.TOTP,
    FactorKind.YUBIKEY_FIDO2: MethodKind.YUBIKEY,
    FactorKind.YUBIKEY_HMAC: MethodKind.YUBIKEY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The factors of one person at this moment, with what this desk can do."""

    phone: Factor | None
    """Confirmed phone for SMS."""
    offered_phone: Factor | None
    app: bool
    enrols_app: bool
    """The first proof may be the app that the administrator offered: the page will show its key."""
    yubikey: bool
    backup: bool
    """There is a back-up code that can be used now."""
    backup_none: bool
    """There is none at all; one that was tried too often is there and says so when it is chosen."""
    temporary: bool
    sms_works: bool
    """Some modem is there that may send; no network yet counts, for it may come."""
    clock_ok: bool

    @property
    def proven(self) -> bool:
        """The person has at least one method that counts."""
        return self.phone is not None or self.app or self.yubikey

    @property
    def usable(self) -> frozenset[MethodKind]:
        """Methods of the person that this desk can carry out now."""
        able = {
            MethodKind.SMS: self.phone is not None and self.sms_works,
            MethodKind.TOTP: (self.app or self.enrols_app) and self.clock_ok,
            MethodKind.BACKUP_CODE: self.backup,
        }
        return frozenset(kind for kind, can in able.items() if can)


def present_ways(site: Site, user: User) -> Ways:
    """Look at the factors and codes of a person, and at what this desk can do."""
    now = site.clock.now()
    modems = site.outbox.modems(now, reserved=user.role in RESERVED_ROLES)
    factors = site.database.factors.of_user(user.id)
    active = [factor for factor in factors if factor.state is FactorState.ACTIVE]
    offered = [factor for factor in factors if factor.state is FactorState.OFFERED]
    return Ways(
        phone=_first(active, FactorKind.SMS),
        offered_phone=_first(offered, FactorKind.SMS),
        app=_first(active, FactorKind.TOTP) is not None,
        # Once anything was proved, an offer that lies about must not turn a password alone into a new second factor.
        enrols_app=_first(offered, FactorKind.TOTP) is not None and all(one.confirmed_at is None for one in factors),
        yubikey=any(factor.kind in YUBIKEYS for factor in active),
        backup=backup_trouble(site, user.id, now) is None,
        backup_none=site.database.backup_codes.live(user.id) is None,
        temporary=live_temporary(site, user.id, now) is not None,
        sms_works=any(modem.state in _MAY_SEND for modem in modems),
        clock_ok=site.clock.health() is ClockHealth.OK,
    )


def first_stage(ways: Ways, user: User) -> Stage | None:
    """The page that follows the password; None when the person has no way at all.

    A temporary code comes first, then the way that the person prefers or used last, as far as this desk can.
    """
    if ways.temporary:
        return Stage.TEMPORARY_CODE
    if not ways.proven:
        return _first_proof(ways)
    wished = [METHOD_OF.get(FactorKind(user.preferred_factor)) if user.preferred_factor else None]
    wished += [MethodKind(user.last_method) if user.last_method else None, MethodKind.SMS, MethodKind.TOTP]
    for kind in wished:
        if kind is MethodKind.SMS and MethodKind.SMS in ways.usable:
            return Stage.SMS_CODE
        if kind is MethodKind.TOTP and MethodKind.TOTP in ways.usable:
            return Stage.TOTP
    # Nothing but a phone, and no modem works: the SMS page tells it and offers the other ways.
    return Stage.SMS_CODE if ways.phone is not None and not ways.yubikey and not ways.app else Stage.CHOOSE


def _first_proof(ways: Ways) -> Stage | None:
    if ways.offered_phone is not None and ways.sms_works:
        return Stage.CONFIRM_PHONE
    if ways.enrols_app and ways.clock_ok:
        return Stage.ENROL_TOTP
    return Stage.CONFIRM_PHONE if ways.offered_phone is not None else None


def other_ways(ways: Ways, *, with_sms: bool) -> tuple[WayView, ...]:
    """The buttons of a choice, in the order of the page; the YubiKey's is always there."""
    sms = (WayView(kind=MethodKind.SMS, why_not=None if ways.sms_works else Sentence("no_sms.try_other")),)
    app = (WayView(kind=MethodKind.TOTP, why_not=None if ways.clock_ok else Sentence("app.kiosk_clock")),)
    yubikey = "yubikey.not_here" if ways.yubikey else "no_sms.yubikey_none"
    no_code = Sentence("no_sms.backup_none") if ways.backup_none and not ways.temporary else None
    return (
        *(sms if with_sms and ways.phone is not None else ()),
        WayView(kind=MethodKind.YUBIKEY, why_not=Sentence(yubikey)),
        WayView(kind=MethodKind.BACKUP_CODE, why_not=no_code),
        *(app if ways.app or ways.enrols_app else ()),
    )


def _first(factors: list[Factor], kind: FactorKind) -> Factor | None:
    return next((factor for factor in factors if factor.kind is kind), None)
