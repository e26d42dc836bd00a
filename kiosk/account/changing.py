"""What every change of one's own account does alike: the session lives, audit row, change row and notices in one transaction."""

import functools
from collections.abc import Callable, Iterable
from typing import Concatenate, Final, ParamSpec, TypeVar

from data.canonical import JSON
from data.users import User
from kiosk.accounts import is_switched_off
from kiosk.administration.notices import Notice, phones_of, queue_notices
from kiosk.audit import AuditTrail
from kiosk.sign_in.outcomes import MethodKind, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.troubles import Standing, told
from kiosk.site import Site

P = ParamSpec("P")
S = TypeVar("S", bound=Standing)

SESSION_OVER: Final = Refused(Sentence("signed_out.administrator"), Stage.ENDED)


class SessionOver(Exception):
    """The session ended meanwhile, at another desk or by an administrator."""


class Owner:
    """The person of one session, who changes what is theirs."""

    def __init__(self, site: Site, trail: AuditTrail, *, user_id: str, session_id: str, desk_id: str) -> None:
        self.site = site
        self.trail = trail
        self.user_id = user_id
        self.session_id = session_id
        self.desk_id = desk_id

    def user(self) -> User:
        """The person as they are now; raises SessionOver."""
        user = self.site.database.users.get(self.user_id)
        if user is None:
            raise SessionOver
        return user

    def check(self) -> User:
        """The person, whose session still holds; raises SessionOver. The caller holds the write transaction."""
        user, now = self.user(), self.site.clock.now()
        if is_switched_off(user, now) or not self.site.database.sessions.touch(self.session_id, now):
            raise SessionOver
        return user

    def end_sessions(self, method: MethodKind) -> None:
        """End the sessions that began with this method elsewhere. The caller holds the write transaction."""
        sessions, now = self.site.database.sessions, self.site.clock.now()
        for session in sessions.live(user_id=self.user_id):
            if session.method == method.value and session.id != self.session_id:
                sessions.end(session.id, "method", now)

    def phones(self) -> frozenset[str]:
        """Where notices go, to be asked before the change."""
        return phones_of(self.site, self.user_id)

    def changed(
        self,
        what: str,
        *,
        notice: Notice | None = None,
        numbers: Iterable[str] = (),
        parameters: dict[str, JSON] | None = None,
    ) -> str:
        """Write down what the person changed and tell them by SMS; the reference. The caller holds the write transaction."""
        user, now = self.user(), self.site.clock.now()
        self.site.database.changes.add(user.id, what=what, actor=user.id, parameters=parameters or {}, now=now)
        if notice is not None:
            queue_notices(self.site, user, notice, numbers, now)
        return self.trail.record(f"account.{what}", "ok", actor=user.id, about=user.id, parameters=parameters)


def guarded(transition: Callable[Concatenate[S, P], Outcome]) -> Callable[Concatenate[S, P], Outcome]:
    """A session that is over and a database that fails are outcomes, and then nothing was changed."""
    safe = told(transition)

    @functools.wraps(transition)
    def wrapped(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Outcome:
        try:
            return safe(self, *args, **kwargs)
        except SessionOver:
            return SESSION_OVER

    return wrapped
