"""The latest sign-ins of a person, so that they see it when somebody else has their password."""

from typing import Final

from data.sign_ins import SignInRow
from kiosk.account.views import RecentSignIn, Result
from kiosk.sign_in.outcomes import MethodKind, Stage
from kiosk.site import Site

SHOWN: Final = 50
_RESULT_OF: Final = {"signed_in": Result.IN, "too_many_failures": Result.FAILED}


def recent_sign_ins(site: Site, user_id: str, *, here: str) -> tuple[RecentSignIn, ...]:
    """The latest first; `here` is the sign-in of this very session."""
    names: dict[str, str] = {}
    rows = site.database.sign_ins.of_user(user_id, stage=Stage.LOGIN.value, limit=SHOWN)
    for row in rows:
        if row.desk_id not in names:
            desk = site.database.desks.get(row.desk_id)
            names[row.desk_id] = "" if desk is None else desk.name
    return tuple(_shown(row, names[row.desk_id], here) for row in rows)


def _shown(row: SignInRow, desk: str, here: str) -> RecentSignIn:
    # The right code was counted as well, before it was compared.
    wrong = row.failures - 1 if row.result == "signed_in" else row.failures
    return RecentSignIn(
        id=row.id,
        at=row.started_at,
        desk=desk,
        method=None if row.method is None else MethodKind(row.method),
        result=Result.HERE if row.id == here else _RESULT_OF.get(row.result or "", Result.LEFT),
        failures=max(0, wrong),
    )
