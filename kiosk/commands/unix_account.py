"""Who types a command, as the kernel knows it: the environment says what whoever types it wants it to say."""

import os
import pwd
from pathlib import Path
from typing import Final

# The account that signed in to this machine; it stays through sudo and su (pam_loginuid(8)). Only the kernel's own
# administrator can change it once it is set.
LOGINUID: Final = Path("/proc/self/loginuid")
# (uid_t) -1: nobody signed in, as for a service.
_UNSET: Final = 0xFFFFFFFF


def real_account(loginuid: Path = LOGINUID) -> str:
    """The name of the account that signed in, else of the one that this process belongs to; its number without a name."""
    uid = _signed_in(loginuid)
    if uid is None:
        uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        # As in a container.
        return str(uid)


def _signed_in(loginuid: Path) -> int | None:
    try:
        uid = int(loginuid.read_text(encoding="ascii"))
    except (OSError, ValueError):
        # A kernel without auditing.
        return None
    return None if uid == _UNSET else uid
