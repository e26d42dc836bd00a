"""What the database remembers of its keeping, for reports: back-up, rehearsal, the key on paper."""

from dataclasses import dataclass
from typing import Final, Self

from data.database import Database

# Keys in `meta`; the first two hold kiosk time, the third the id of a key and kiosk time.
BACKUP_AT: Final = "backup_at"
REHEARSED_AT: Final = "restore_rehearsed_at"
RECOVERY_COPY: Final = "recovery_copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """When the last back-up was made and the last restore rehearsed, in milliseconds UTC; None when it never was.

    `key_on_paper` is whether the last recovery copy that was written holds the key in use.
    """

    backup_at: int | None
    rehearsed_at: int | None
    key_on_paper: bool

    @classmethod
    def read(cls, database: Database, key_id: str) -> Self:
        """As `database` has it, whose key in use is `key_id`; raises DataError."""
        return cls(
            backup_at=time_in_meta(database, BACKUP_AT),
            rehearsed_at=time_in_meta(database, REHEARSED_AT),
            key_on_paper=(database.meta.get(RECOVERY_COPY) or "").startswith(f"{key_id} "),
        )


def time_in_meta(database: Database, key: str) -> int | None:
    """Milliseconds UTC kept under `key`; None when there are none."""
    value = database.meta.get(key)
    return int(value) if value is not None and value.isdecimal() else None
