"""What was taken away after a back-up was made, out of the database that it replaces: a restore must not give it back.

Nothing is given by this: whatever was added, allowed or unlocked after the back-up is not brought along. The one exception
is a password that the person has chosen since, without which they would come in by the one before only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from data.repository import Repository

# What befell whom, in the order of the statements; each gives the ids of people. `newer` is the database that is replaced.
_TAKEN: Final = {
    "disabled": """UPDATE users SET state = newer.state,
            disabled_from = min(coalesce(newer.disabled_from, users.disabled_from), coalesce(users.disabled_from, newer.disabled_from))
        FROM newer.users AS newer WHERE newer.id = users.id AND newer.deleted_at IS NULL
            AND newer.state = 'disabled' AND users.state <> 'disabled' RETURNING users.id""",
    "disabled_on_a_day": """UPDATE users SET disabled_from = newer.disabled_from
        FROM newer.users AS newer WHERE newer.id = users.id AND newer.disabled_from IS NOT NULL
            AND (users.disabled_from IS NULL OR users.disabled_from > newer.disabled_from) RETURNING users.id""",
    # A role that came in the place of another must be given anew: that is done by an administrator who is known now.
    "role": """UPDATE users SET role = 'staff', suspended_role = newer.suspended_role
        FROM newer.users AS newer WHERE newer.id = users.id AND users.role <> 'staff'
            AND newer.role <> users.role RETURNING users.id""",
    "unix_account": """UPDATE users SET unix_account = NULL
        FROM newer.users AS newer WHERE newer.id = users.id AND users.unix_account IS NOT NULL
            AND newer.unix_account IS NOT users.unix_account RETURNING users.id""",
    "password": """UPDATE users SET password_hash = newer.password_hash, password_state = newer.password_state,
            password_expires_at = newer.password_expires_at
        FROM newer.users AS newer WHERE newer.id = users.id AND newer.epoch > users.epoch
            AND newer.password_hash IS NOT users.password_hash RETURNING users.id""",
    "locked": """UPDATE users SET second_factor_failures = newer.second_factor_failures
        FROM newer.users AS newer WHERE newer.id = users.id
            AND newer.second_factor_failures > users.second_factor_failures RETURNING users.id""",
    "method": """UPDATE factors SET state = newer.state
        FROM newer.factors AS newer WHERE newer.id = factors.id AND (
            (newer.state = 'revoked' AND factors.state <> 'revoked')
            OR (newer.state = 'suspended' AND factors.state IN ('offered', 'active'))) RETURNING factors.user_id""",
}
# What no administrator did, and must not go back either: what was counted, and what was used.
_COUNTED: Final = (
    """UPDATE factors SET counter = max(coalesce(factors.counter, newer.counter), coalesce(newer.counter, factors.counter)),
        last_step = max(coalesce(factors.last_step, newer.last_step), coalesce(newer.last_step, factors.last_step))
    FROM newer.factors AS newer WHERE newer.id = factors.id""",
    "DELETE FROM throttles",
    "INSERT INTO throttles SELECT * FROM newer.throttles",
)
_DELETED: Final = """SELECT users.id FROM users JOIN newer.users AS newer ON newer.id = users.id
    WHERE newer.deleted_at IS NOT NULL AND users.deleted_at IS NULL"""


class Carrying(Repository):
    """Between this database and the one that it takes the place of."""

    @contextmanager
    def beside(self, newer: Path) -> Iterator[None]:
        """Have the database `newer`, of our schema, at hand; around the transaction, not in it."""
        self._rows("ATTACH DATABASE :path AS newer", path=str(newer))
        try:
            yield
        finally:
            self._rows("DETACH DATABASE newer")

    def deleted_since(self) -> list[str]:
        """Ids of people who were deleted; everything else of them is for `Deletion`."""
        return [row["id"] for row in self._rows(_DELETED)]

    def carry_over(self) -> dict[str, list[str]]:
        """Take away here what was taken away there; what befell whom, by the id of the person."""
        found: dict[str, list[str]] = {}
        for what, sql in _TAKEN.items():
            for row in self._connection.changed(sql, {}):
                kinds = found.setdefault(row[0], [])
                if what not in kinds:
                    kinds.append(what)
        for sql in _COUNTED:
            self._change(sql)
        return found
