"""What is void when the database turns out to be an older copy of itself: a restore must not make anything good again."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from data.database import Database

# Key in `meta` of a database that was restored and to which the rules have not been applied yet.
RESTORED_MARK: Final = "restored"


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
