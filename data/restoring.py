"""What is void when the database turns out to be an older copy of itself: a restore must not make anything good again.

What was used up is void for everybody. What was taken away since (methods, passwords, roles, accounts) the copy cannot
know. A restore carries it over from the database that is replaced (`data.carrying`) when that is whole and goes on from the
back-up. When it does not, nobody knows: then every role but staff is suspended until somebody gives it again, and
everybody is told at the next sign-in to look through their methods.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from data.audit_check import HeadState
from data.restored import RESTORED_CHANGE

if TYPE_CHECKING:
    from data.database import Database

# Keys in `meta` of a database that was restored and to which the rules have not been applied yet: kiosk time of the
# back-up, and what was carried over from the database that it replaced; that is missing when nothing could be.
RESTORED_MARK: Final = "restored"
CARRIED_MARK: Final = "restored_carried"

# Who did it, in the log and in the changes of a person.
ACTOR: Final = "restore"
# What befell somebody: all of it at once.
DELETED: Final = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRules:
    """Rules that were applied to a copy of kiosk time `made_at`, in milliseconds UTC.

    `known` is whether what was taken away since is known, `suspended` how many people have lost their role until then.
    """

    made_at: int
    known: bool
    suspended: int


def is_older_copy(database: "Database") -> bool:
    """Whether the rules of a restore are due; raises OSError, AuditHeadUnreadable."""
    return database.meta.get(RESTORED_MARK) is not None or database.audit.head_state() is HeadState.OLD_COPY


def mark_restored(database: "Database", made_at: int, newer: Path | None, now: int) -> int | None:
    """Let the next start apply the rules; how many people something was taken from, as `newer` has it.

    None when there is no `newer`: a whole database of our schema that goes on from this one, and that it replaces.
    """
    if newer is None:
        with database.transaction(write=True):
            database.meta.set(RESTORED_MARK, str(made_at))
        return None
    with database.carrying.beside(newer), database.transaction(write=True):
        carried = database.carrying.carry_over()
        for user_id in database.carrying.deleted_since():
            database.deletion.wipe(user_id, now)
            carried[user_id] = [DELETED]
        database.meta.set(RESTORED_MARK, str(made_at))
        database.meta.set(CARRIED_MARK, json.dumps(carried))
    return len(carried)


def heed_restore(database: "Database", now: int, totp_step: int) -> RestoreRules | None:
    """Apply the rules when they are due, once: of several that start at the same time one does. None when they are not.

    Raises OSError, AuditHeadUnreadable.
    """
    if not is_older_copy(database):
        return None
    with database.transaction(write=True):
        return apply_restore_rules(database, now, totp_step) if is_older_copy(database) else None


def apply_restore_rules(database: "Database", now: int, totp_step: int) -> RestoreRules:
    """Void everything that may have been used or withdrawn since the copy was made, and write that down.

    Every epoch rises, codes of challenges are wiped, live back-up and temporary codes revoked, requests to
    a second administrator and the code in the envelope withdrawn, one-time passwords expire, no TOTP step up to `totp_step` is accepted, sessions and sign-ins end, waiting messages are
    cancelled. The audit log goes on above every number that the file beside the key has seen.
    """
    with database.transaction(write=True):
        made_at, carried = _mark(database)
        suspended = {} if carried is not None else database.users.suspend_roles()
        unmapped = 0 if carried is not None else database.users.forget_unix_accounts()
        parameters = {
            "users": database.users.raise_all_epochs(),
            "one_time_passwords": database.users.expire_one_time_passwords(now),
            "challenges": database.challenges.wipe_all(now),
            "backup_codes": database.backup_codes.revoke_all(now),
            "temporary_codes": database.temporary_codes.revoke_all(now),
            "approvals": database.approvals.withdraw_all(now),
            "break_glass": database.break_glass.void_live(),
            "totp": database.factors.raise_all_steps(totp_step),
            "sessions": database.sessions.end_all("restored", now),
            "sign_ins": database.sign_ins.finish_all("restored", now),
            "messages": database.messages.cancel_all_queued(now),
            "made_at": made_at,
            "carried": None if carried is None else len(carried),
            "roles_suspended": len(suspended),
            "unix_accounts": unmapped,
        }
        database.audit.append_restored(at=now, at_wall=now, parameters=parameters)
        for user_id, what in (carried or {}).items():
            _note(database, "storage.taken_again", user_id, {"what": list(what)}, now)
        for user_id, role in suspended.items():
            _note(database, "storage.role_suspended", user_id, {"from": role}, now)
        if carried is None:
            database.changes.add_to_all(RESTORED_CHANGE, actor=ACTOR, parameters={"made_at": made_at}, now=now)
        database.meta.drop(RESTORED_MARK)
        database.meta.drop(CARRIED_MARK)
    return RestoreRules(made_at=made_at, known=carried is not None, suspended=len(suspended))


def _mark(database: "Database") -> tuple[int, Mapping[str, Sequence[str]] | None]:
    mark, carried = database.meta.get(RESTORED_MARK), database.meta.get(CARRIED_MARK)
    # A copy that somebody put there by hand is as old as its last row says.
    made_at = database.audit.last_at() if mark is None else int(mark)
    return made_at, None if mark is None or carried is None else json.loads(carried)


def _note(database: "Database", action: str, user_id: str, parameters: Mapping[str, str | list[str]], now: int) -> None:
    database.audit.append(
        action=action,
        object=user_id,
        result="done",
        origin="storage",
        actor=None,
        at=now,
        at_wall=now,
        parameters={**parameters},
    )
