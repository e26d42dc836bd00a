"""How a sign-in becomes a session, and how either ends; the caller holds the write transaction."""

from data.users import User, UserState
from kiosk.methods.method import Person
from kiosk.sign_in.outcomes import MethodKind
from kiosk.sign_in.standing import SignedIn, Standing
from kiosk.sign_in.views import ChangeView


def begin_session(standing: Standing, user: User, person: Person, method: MethodKind) -> SignedIn:
    """The second factor was right: everything that makes a session, in the transaction that consumed the code."""
    site = person.site
    database, now = site.database, site.clock.now()
    changes = tuple(
        ChangeView(what=row.what, by=row.actor, at=row.at, id=row.id) for row in database.changes.unseen(user.id)
    )
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
    )


def end(standing: Standing, reason: str) -> str | None:
    """End the session, or the sign-in that did not become one; the reference of the audit row."""
    user, person = standing.user, standing.person
    if user is None or person is None:
        return None
    database, now = person.site.database, person.site.clock.now()
    if standing.signed_in is not None:
        session_id = standing.signed_in.session_id
        database.sessions.end(session_id, reason, now)
        return person.trail.record("session.ended", reason, actor=user.id, about=session_id)
    for challenge in database.challenges.of_sign_in(person.sign_in_id):
        database.challenges.wipe(challenge.id, now)
    person.site.outbox.cancel(person.sign_in_id, now=now)
    if not database.sign_ins.finish(person.sign_in_id, reason, None, now):
        return None
    return person.trail.record("sign_in.ended", reason, actor=user.id, about=person.sign_in_id)
