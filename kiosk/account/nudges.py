"""What a person had better arrange, told on Home once; knows nothing above the tables, because a sign-in asks it."""

from enum import StrEnum, unique

from data.database import Database
from data.factors import FactorState
from data.users import User


@unique
class Nudge(StrEnum):
    """The values are the last part of `home.nudge.*`."""

    ARRANGE = "arrange"
    """An administrator's temporary code let the person in: a method of their own comes first."""
    BACKUP_USED = "backup_used"
    ONE_METHOD = "one_method"


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
