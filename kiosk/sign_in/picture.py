"""The view of a sign-in: what its page may show, made from its standing."""

from typing import Final

from data.users import UserState
from kiosk.methods.totp import TotpMethod
from kiosk.methods.yubikey import YubikeyMethod
from kiosk.sign_in.outcomes import MethodKind, Stage
from kiosk.sign_in.standing import Standing
from kiosk.sign_in.views import (
    ChooseView,
    CodeView,
    EnrolTotpView,
    HomeView,
    OwnPasswordView,
    PhoneView,
    SignInView,
)
from kiosk.sign_in.ways import other_ways, present_ways
from kiosk.site import Site

_CODE_PAGES: Final = {
    Stage.BACKUP_CODE: MethodKind.BACKUP_CODE,
    Stage.TEMPORARY_CODE: MethodKind.TEMPORARY_CODE,
    Stage.TOTP: MethodKind.TOTP,
}
# Password, own password, proof, back-up code; a later sign-in has the password and the proof.
_FIRST_STEPS: Final = {Stage.LOGIN: 1, Stage.OWN_PASSWORD: 2, Stage.SUCCESS: 4}


def picture(site: Site, standing: Standing, language: str) -> SignInView:
    """Everything that the page of this stage shows."""
    stage, sms = standing.stage, standing.sms
    return SignInView(
        stage=stage,
        step=_step(standing),
        language=language,
        sms=sms.state() if sms is not None and sms.begun else None,
        code=_code(site, standing),
        key=standing.method.state() if isinstance(standing.method, YubikeyMethod) else None,
        choose=_choose(site, standing) if stage is Stage.CHOOSE else None,
        enrol_totp=_enrol(standing) if stage is Stage.ENROL_TOTP else None,
        phone=_phone(site, standing) if stage is Stage.CONFIRM_PHONE else None,
        own_password=_own_password(site, standing) if stage is Stage.OWN_PASSWORD else None,
        success=standing.handout.view() if stage is Stage.SUCCESS and standing.handout is not None else None,
        home=_home(standing),
        confirming_phone=sms is not None and sms.confirming,
        ended=standing.ended,
    )


def _step(standing: Standing) -> tuple[int, int]:
    if standing.first_time:
        return _FIRST_STEPS.get(standing.stage, 3), 4
    return (1 if standing.stage is Stage.LOGIN else 2), 2


def _code(site: Site, standing: Standing) -> CodeView | None:
    kind = _CODE_PAGES.get(standing.stage)
    if kind is None or standing.person is None:
        return None
    method = standing.method
    left = standing.person.tries_left() if method is None else method.state().tries_left
    return CodeView(kind=kind, tries_left=left, site=site.name)


def _choose(site: Site, standing: Standing) -> ChooseView | None:
    if standing.user is None:
        return None
    return ChooseView(ways=other_ways(present_ways(site, standing.user), with_sms=True))


def _enrol(standing: Standing) -> EnrolTotpView | None:
    if not isinstance(standing.method, TotpMethod):
        return None
    state = standing.method.state()
    if state.secret is None or state.uri is None:
        return None
    return EnrolTotpView(secret=state.secret, uri=state.uri, tries_left=state.tries_left)


def _phone(site: Site, standing: Standing) -> PhoneView | None:
    if standing.user is None:
        return None
    offered = present_ways(site, standing.user).offered_phone
    return None if offered is None else PhoneView(tail=offered.number_tail or "")


def _own_password(site: Site, standing: Standing) -> OwnPasswordView | None:
    if standing.user is None:
        return None
    policy = site.policy.password
    return OwnPasswordView(
        reset=standing.user.state is not UserState.INVITED,
        minimum_length=policy.minimum_length,
        maximum_length=policy.maximum_length,
    )


def _home(standing: Standing) -> HomeView | None:
    user, signed_in = standing.user, standing.signed_in
    if user is None or signed_in is None:
        return None
    return HomeView(
        display_name=user.display_name,
        role=user.role.value,
        method=signed_in.method,
        last_sign_in_at=signed_in.last_sign_in_at,
        last_method=signed_in.last_method,
        changes=signed_in.changes,
        session_id=signed_in.session_id,
        nudge=signed_in.nudge,
        ends_at=signed_in.ends_at,
        language=signed_in.language,
        contrast=signed_in.contrast,
    )
