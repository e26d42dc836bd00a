"""How the account of whoever is signed in is asked, whichever face asks; called in the domain thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.account.account import Account, NotSignedIn
from kiosk.account.changing import SESSION_OVER, SessionOver
from kiosk.account.views import AccountView
from kiosk.sign_in.outcomes import Moved, Outcome, Stage

if TYPE_CHECKING:
    from kiosk.desk import Desk

Request = Callable[[Account], Outcome]


def asked(desk: "Desk", of: "Callable[[Desk], Account]", request: Request) -> tuple[Outcome, AccountView | None]:
    """What came of it and what stands there now; a session that is over is an outcome."""
    try:
        account = of(desk)
        outcome = request(account)
        # Nothing moved: a database that just failed is not asked again.
        return outcome, account.view() if isinstance(outcome, Moved) and outcome.stage is Stage.SIGNED_IN else None
    except (NotSignedIn, SessionOver):
        return SESSION_OVER, None


def seen(desk: "Desk", of: "Callable[[Desk], Account]") -> AccountView | None:
    """What stands there now; None when the session is over."""
    try:
        return of(desk).view()
    except (NotSignedIn, SessionOver):
        return None
