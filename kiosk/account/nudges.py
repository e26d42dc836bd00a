"""What a person had better arrange, told on Home once; knows nothing above the tables, because a sign-in asks it."""

from data.database import Database
from data.factors import FactorState
from data.users import User
from kiosk.sign_in.outcomes import Nudge


def nudge_for(database: Database, user: User, method: str, now: int) -> Nudge | None:
    """What to tell whoever came in by `method`; the caller holds the write transaction."""
    if method == "temporary_code":
        return Nudge.ARRANGE
    if method == "backup_code":
        return Nudge.BACKUP_USED
    active = [row for row in database.factors.of_user(user.id) if row.state is FactorState.ACTIVE]
    if len(active) == 1 and database.preferences.tell_one_method(user.id, now):
        return Nudge.ONE_METHOD
    return None
