"""What `kiosk gate` asks of a sign-in: whether the person is the one for whom a Unix account of this machine is meant."""

import pwd
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The person may go on as the account that called; for the environment of the command, and no secret."""

    user: str
    method: str
    session: str


GateAnswer = Callable[[Passed | None], None]
"""Is told once, when somebody has signed in; None: the account is not theirs."""


def is_account(name: str | None, uid: int) -> bool:
    """Whether `name` is an account of this machine with this number."""
    if name is None:
        return False
    try:
        return pwd.getpwnam(name).pw_uid == uid
    except KeyError:
        # It was removed from this machine since it was mapped.
        return False
