"""Deleting a person: what the law lets go goes, and what names the person by id stays without a name."""

from data import search_blocks
from data.repository import Repository


class Deletion(Repository):
    """Speaks for every table that knows people; log, sign-ins and sessions keep the id and nothing else."""

    def wipe(self, user_id: str, now: int) -> None:
        """Forget name, password, methods, codes, numbers and changes; the row stays, so that the log still points at it."""
        for sql in _STATEMENTS:
            self._change(sql, id=user_id, now=now)
        search_blocks.rewrite_of(self._connection, user_id)


# In an order that no foreign key stands in the way of.
_STATEMENTS = (
    """UPDATE messages SET state = 'cancelled', sealed_text = NULL, sealed_number = NULL, charged = 0, final_at = :now
    WHERE user_id = :id AND state = 'queued'""",
    # One that is being sent keeps what the modem's owner reads; it is wiped when its report can come no more.
    """UPDATE messages SET sealed_number = NULL, sealed_text = NULL, number_index = x'', number_tail = ''
    WHERE user_id = :id AND state <> 'committed'""",
    """UPDATE challenges SET factor_id = NULL, code_mac = NULL, sealed_code = NULL, wiped_at = coalesce(wiped_at, :now)
    WHERE user_id = :id""",
    "DELETE FROM factors WHERE user_id = :id",
    "DELETE FROM backup_codes WHERE user_id = :id",
    "DELETE FROM temporary_codes WHERE user_id = :id",
    "DELETE FROM changes WHERE user_id = :id",
    "DELETE FROM approvals WHERE person_id = :id OR asked_by = :id",
    "DELETE FROM preferences WHERE user_id = :id",
    # The key can be nobody's name: an id is 128 random bits.
    """UPDATE users SET name = '', name_key = 'deleted ' || id, display_name = '', display_key = '', state = 'disabled',
        password_hash = NULL, password_expires_at = NULL, preferred_factor = NULL, second_factor_failures = 0,
        epoch = epoch + 1, last_sign_in_at = NULL, last_method = NULL, disabled_from = NULL, import_id = NULL,
        suspended_role = NULL, unix_account = NULL, deleted_at = :now WHERE id = :id""",
)
