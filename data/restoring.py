"""What is void when the database turns out to be an older copy of itself: a restore must not make anything good again."""

from typing import TYPE_CHECKING, Final

from data.audit_check import HeadState

if TYPE_CHECKING:
    from data.database import Database

# Key in `meta` of a database that was restored and to which the rules have not been applied yet.
RESTORED_MARK: Final = "restored"


def is_older_copy(database: "Database") -> bool:
    """Whether the rules of a restore are due; raises OSError, AuditHeadUnreadable."""
    return database.meta.get(RESTORED_MARK) is not None or database.audit.head_state() is HeadState.OLD_COPY


def heed_restore(database: "Database", now: int, totp_step: int) -> bool:
    """Apply the rules when they are due, once: of several that start at the same time one does. False when they are not.

    Raises OSError, AuditHeadUnreadable.
    """
    if not is_older_copy(database):
        return False
    with database.transaction(write=True):
        if not is_older_copy(database):
            return False
        apply_restore_rules(database, now, totp_step)
    return True


def apply_restore_rules(database: "Database", now: int, totp_step: int) -> None:
    """Void everything that may have been used or withdrawn since the copy was made, and write that down.

    Every epoch rises, codes of challenges are wiped, live back-up and temporary codes revoked, one-time
    passwords expire, no TOTP step up to `totp_step` is accepted, sessions and sign-ins end, waiting messages are
    cancelled. The audit log goes on above every number that the file beside the key has seen.
    """
    with database.transaction(write=True):
        parameters = {
            "users": database.users.raise_all_epochs(),
            "one_time_passwords": database.users.expire_one_time_passwords(now),
            "challenges": database.challenges.wipe_all(now),
            "backup_codes": database.backup_codes.revoke_all(now),
            "temporary_codes": database.temporary_codes.revoke_all(now),
            "totp": database.factors.raise_all_steps(totp_step),
            "sessions": database.sessions.end_all("restored", now),
            "sign_ins": database.sign_ins.finish_all("restored", now),
            "messages": database.messages.cancel_all_queued(now),
        }
        database.audit.append_restored(at=now, at_wall=now, parameters=parameters)
        database.meta.drop(RESTORED_MARK)
