"""How a sign-in becomes a session, and how either ends; the caller holds the write transaction."""

from typing import Final

from data.sessions import Session
from data.users import User, UserState
from kiosk.account.nudges import nudge_for
from kiosk.accounts import is_switched_off
from kiosk.methods.method import Person
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.sign_in.standing import SignedIn, Standing
from kiosk.sign_in.views import ChangeView
from kiosk.site import Site

HOUR_MS: Final = 3600 * 1000
_ABSOLUTE: Final = "absolute"
_WHY_ENDED: Final = {
    _ABSOLUTE: "signed_out.absolute",
    "clock": "signed_out.clock",
    # Too many wrong passwords on the page of the lock.
    "locked": "locked.used_up",
    # What the person did in Mijn account, here or at another desk.
    "everywhere": "signed_out.everywhere",
    "method": "signed_out.method",
    "password": "signed_out.password",
    "proof": "signed_out.proof",
}


class NotWelcome(Exception):
    """The account was switched off, or its password replaced, after the password had been right."""

    def __init__(self, text_id: str) -> None:
        super().__init__(text_id)
        self.text_id = text_id


def begin_session(standing: Standing, user: User, person: Person, method: MethodKind) -> SignedIn:
    """The second factor was right: everything that makes a session, in the transaction that consumed the code.

    Raises NotWelcome, which must undo that transaction.
    """
    site = person.site
    database, now = site.database, site.clock.now()
    _check_welcome(user, database.users.get(user.id), now)
    changes = tuple(
        ChangeView(what=row.what, by=_name_of(site, row.actor, user), at=row.at, id=row.id)
        for row in database.changes.unseen(user.id)
    )
    chosen = database.preferences.of_user(user.id)
    session = database.sessions.start(
        user.id, person.desk_id, method.value, user.epoch, now, sign_in_id=person.sign_in_id
    )
    database.users.set_last_sign_in(user.id, method.value, now)
    if user.state is UserState.INVITED:
        database.users.set_state(user.id, UserState.ACTIVE)
    if standing.sms is not None and standing.sms.challenge_id is not None:
        database.challenges.wipe(standing.sms.challenge_id, now)
    site.outbox.answered(person.sign_in_id, now=now)
    database.sign_ins.finish(person.sign_in_id, "signed_in", method.value, now)
    person.trail.record("session.started", "ok", actor=user.id, about=session.id)
    return SignedIn(
        session_id=session.id,
        method=method,
        last_sign_in_at=user.last_sign_in_at,
        last_method=None if user.last_method is None else MethodKind(user.last_method),
        changes=changes,
        nudge=nudge_for(database, user, method, now),
        ends_at=_end_of(session, site),
        language=chosen.language,
        contrast=chosen.contrast,
    )


def _end_of(session: Session, site: Site) -> int:
    """When it has lasted as long as the policy allows, in kiosk milliseconds."""
    return session.started_at + site.policy.idle.absolute_hours * HOUR_MS


def _name_of(site: Site, actor: str, user: User) -> str:
    """Whom the person knows by this name; empty for the person themselves."""
    if actor == user.id:
        return ""
    found = site.database.users.get(actor)
    # Never empty, which would be the person themselves: of a deleted administrator only the row's id is left.
    return actor if found is None else found.display_name or found.name or actor


def end(standing: Standing, reason: str) -> str | None:
    """End the session, or the sign-in that did not become one; the reference of the audit row, None when it had ended."""
    user, person = standing.user, standing.person
    if user is None or person is None:
        return None
    database, now = person.site.database, person.site.clock.now()
    if standing.signed_in is not None:
        session_id = standing.signed_in.session_id
        if not database.sessions.end(session_id, reason, now):
            return None
        return person.trail.record("session.ended", reason, actor=user.id, about=session_id)
    for challenge in database.challenges.of_sign_in(person.sign_in_id):
        database.challenges.wipe(challenge.id, now)
    person.site.outbox.cancel(person.sign_in_id, now=now)
    if not database.sign_ins.finish(person.sign_in_id, reason, None, now):
        return None
    return person.trail.record("sign_in.ended", reason, actor=user.id, about=person.sign_in_id)


def must_end(standing: Standing) -> str | None:
    """Why a session cannot go on: its longest time is over, or the person may not be here any more; needs no transaction."""
    user, person, signed_in = standing.user, standing.person, standing.signed_in
    if user is None or person is None or signed_in is None:
        return None
    database, now = person.site.database, person.site.clock.now()
    session, present = database.sessions.get(signed_in.session_id), database.users.get(user.id)
    if session is None or session.ended_at is not None:
        return None
    if now >= _end_of(session, person.site):
        return _ABSOLUTE
    gone = present is None or is_switched_off(present, now) or present.epoch != session.epoch
    return "administrator" if gone else None


def why_ended(standing: Standing) -> Sentence | None:
    """Why the session or the sign-in ended without this desk having asked for it; None while it goes on."""
    person = standing.person
    if person is None:
        return None
    database = person.site.database
    if standing.signed_in is None:
        row = database.sign_ins.get(person.sign_in_id)
        return None if row is not None and row.ended_at is None else Sentence("error.unexpected")
    session = database.sessions.get(standing.signed_in.session_id)
    if session is not None and session.ended_at is None:
        return None
    reason = "" if session is None else session.end_reason or ""
    return Sentence(_WHY_ENDED.get(reason, "signed_out.administrator"))


def _check_welcome(user: User, present: User | None, now: int) -> None:
    """`user` is who gave the right password, `present` the same person now."""
    if present is None or is_switched_off(present, now):
        raise NotWelcome("sign_in.login.disabled")
    if present.epoch != user.epoch:
        raise NotWelcome("signed_out.administrator")
