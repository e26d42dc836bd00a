"""Changing one's own password: the present one first, under the same brakes as at the login page."""

import dataclasses

from data.users import PasswordState
from kiosk.account.changing import Owner
from kiosk.administration.notices import Notice
from kiosk.sign_in.outcomes import Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.own_password import OwnPassword
from kiosk.sign_in.password_step import PasswordStep

WRONG = "sign_in.login.wrong"


def change_password(owner: Owner, present: str, new: str, repeated: str) -> Outcome:
    """Replace the password; this session goes on and all others of the person end."""
    site, user = owner.site, owner.user()
    if not present:
        return Refused(Sentence("account.password.missing"), Stage.SIGNED_IN, clears_field=False)
    step = PasswordStep(site, owner.trail, owner.desk_id)
    hashed = step.hash(user.name, present)
    if isinstance(hashed, Refused):
        return _here(hashed)
    with site.database.transaction(write=True):
        owner.check()
        judged = step.judge(hashed)
    if isinstance(judged, Refused):
        return _here(judged)
    chosen = OwnPassword(site, owner.trail).choose(judged, new, repeated)
    if isinstance(chosen, Refused):
        return _here(chosen)
    database = site.database
    with database.transaction(write=True):
        owner.check()
        numbers, now = owner.phones(), site.clock.now()
        if not database.users.set_password(
            user.id, chosen.value, PasswordState.OWN, expires_at=None, if_epoch=judged.epoch, now=now
        ):
            return Refused(Sentence("account.password.meanwhile"), Stage.SIGNED_IN)
        database.sessions.renew(owner.session_id, judged.epoch + 1)
        for session in database.sessions.live(user_id=user.id):
            if session.id != owner.session_id:
                database.sessions.end(session.id, "password", now)
        owner.changed("password_changed", notice=Notice.PASSWORD, numbers=numbers)
    return Moved(Stage.SIGNED_IN, Sentence("account.password.done"))


def _here(refused: Refused) -> Refused:
    """The same words, on this page."""
    why = Sentence("account.password.wrong") if refused.why.text_id == WRONG else refused.why
    return dataclasses.replace(refused, why=why, stage=Stage.SIGNED_IN)
