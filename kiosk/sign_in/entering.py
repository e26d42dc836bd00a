"""From a right password to the page of the second factor, inside the transaction that tells the password was right."""

import dataclasses

from data.users import PasswordState, User
from kiosk.audit import AuditTrail
from kiosk.methods.backup_code import EightDigitMethod
from kiosk.methods.method import Person
from kiosk.methods.sms import SmsMethod
from kiosk.methods.totp import TotpMethod
from kiosk.methods.yubikey import YubikeyMethod
from kiosk.sign_in import ending
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.standing import Standing
from kiosk.sign_in.ways import first_stage, present_ways
from kiosk.site import Site


def enter(site: Site, trail: AuditTrail, desk_id: str, user: User) -> tuple[Outcome, Standing]:
    """The password was right: open the sign-in and go to its next page."""
    row = site.database.sign_ins.start(desk_id=desk_id, user_id=user.id, stage=Stage.LOGIN.value, now=site.clock.now())
    trail.record("sign_in.password", "ok", actor=user.id, about=row.id)
    person = Person(site, trail, user_id=user.id, sign_in_id=row.id, desk_id=desk_id)
    if user.password_state is PasswordState.ONE_TIME:
        return Moved(Stage.OWN_PASSWORD), Standing(stage=Stage.OWN_PASSWORD, user=user, person=person, first_time=True)
    return second_factor(user, person, first_time=False)


def second_factor(user: User, person: Person, *, first_time: bool) -> tuple[Outcome, Standing]:
    """The page after the password; begins its method."""
    ways = present_ways(person.site, user)
    standing = Standing(stage=Stage.CHOOSE, user=user, person=person, first_time=first_time or not ways.proven)
    match first_stage(ways, user):
        case None:
            reference = ending.end(standing, "no_factor")
            why = Sentence("app.kiosk_clock" if ways.enrols_app else "sign_in.login.no_factor")
            return Refused(why, Stage.ENDED, reference, names_contact=True), Standing(stage=Stage.ENDED)
        case Stage.SMS_CODE:
            assert ways.phone is not None, "the stage is chosen with an active phone only"
            return _begin_sms(standing, SmsMethod(person, user, ways.phone))
        case Stage.TOTP:
            return _begun(standing, Stage.TOTP, TotpMethod(person))
        case Stage.ENROL_TOTP:
            return _begun(standing, Stage.ENROL_TOTP, TotpMethod(person, enrolling=True))
        case Stage.TEMPORARY_CODE:
            return _begun(standing, Stage.TEMPORARY_CODE, EightDigitMethod(person, MethodKind.TEMPORARY_CODE))
        case Stage.YUBIKEY:
            assert person.site.keys is not None, "the stage is chosen with USB ports only"
            method = YubikeyMethod(person, person.site.keys)
            if (refused := method.begin()) is not None:
                return Moved(Stage.CHOOSE, refused.why, warning=True), standing
            return _begun(standing, Stage.YUBIKEY, method)
        case stage:
            return Moved(stage), dataclasses.replace(standing, stage=stage)


def _begun(
    standing: Standing, stage: Stage, method: TotpMethod | EightDigitMethod | YubikeyMethod
) -> tuple[Outcome, Standing]:
    return Moved(stage), dataclasses.replace(standing, stage=stage, method=method)


def _begin_sms(standing: Standing, sms: SmsMethod) -> tuple[Outcome, Standing]:
    if (limited := sms.begin()) is None:
        return Moved(Stage.SMS_CODE), dataclasses.replace(standing, stage=Stage.SMS_CODE, sms=sms, method=sms)
    # No SMS for now: the other ways, with the reason on top.
    return Moved(Stage.CHOOSE, limited.why, warning=True), standing
