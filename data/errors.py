"""What can go wrong with what is kept.

DataError
├── DatabaseUnavailable   cannot be read or written now; `reason` says why
│   └── DatabaseInUse     somebody has it open, so it cannot be replaced
├── SchemaTooNew          a newer kiosk has written this database
├── WrongKey              the key does not belong to this database
├── SealBroken            one sealed value was altered, moved or sealed by another key
├── Wiped                 a sealed value is gone, as it should be
├── AuditHeadUnreadable   the file beside the key does not hold a head of the chain
├── DuplicateName         the user name is taken
├── DuplicateAccount      the Unix account is mapped to somebody else
├── ConstraintBroken      the database refused a row
├── ValueNotStorable      a value that no column can hold, such as half a surrogate pair
└── StatementFailed       a statement the database does not understand: our mistake

Mistakes of the program are not DataErrors, so that nobody answers them with a sentence for a person:

Misuse (AssertionError)
├── NoTransaction         a write outside an open write transaction
├── RolledBack            an inner block failed and the outer one went on as if nothing had happened
└── WrongThread           a connection belongs to the thread that opened it
"""

from pathlib import Path
from typing import Literal

Unavailable = Literal["busy", "disk_full", "read_only", "corrupt", "missing", "io"]


class DataError(Exception):
    """Base of everything that can go wrong with what is kept."""


class DatabaseUnavailable(DataError):
    """The database cannot be read or written now; `detail` is SQLite's name of the cause, for the technician."""

    def __init__(self, reason: Unavailable, path: Path, detail: str = "") -> None:
        super().__init__(f"{path}: {reason}" + (f" ({detail})" if detail else ""))
        self.reason: Unavailable = reason
        self.path = path
        self.detail = detail


class DatabaseInUse(DatabaseUnavailable):
    """Somebody has the database open and it cannot be replaced; whoever it is holds a lock on the file `lock`."""

    def __init__(self, path: Path, lock: Path) -> None:
        super().__init__("busy", path, "it is open")
        self.lock = lock


class SchemaTooNew(DataError):
    """The database has migration number `found`; this program knows up to `known`."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(f"the database has schema {found}, this program knows up to {known}")
        self.found = found
        self.known = known


class WrongKey(DataError):
    """The database was made with the key `expected` (None: it cannot say which), the key given is `given`."""

    def __init__(self, expected: str | None, given: str) -> None:
        super().__init__(f"the database belongs to key {expected}, not to {given}")
        self.expected = expected
        self.given = given


class SealBroken(DataError):
    """The sealed value of this column and row does not open."""

    def __init__(self, table: str, column: str, row: str) -> None:
        super().__init__(f"{table}.{column} of {row} does not open")
        self.table = table
        self.column = column
        self.row = row


class Wiped(DataError):
    """The sealed value of this column and row has been wiped."""

    def __init__(self, table: str, column: str, row: str) -> None:
        super().__init__(f"{table}.{column} of {row} has been wiped")
        self.table = table
        self.column = column
        self.row = row


class AuditHeadUnreadable(DataError):
    """The file is there and does not hold a head."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not hold a head of the audit chain")
        self.path = path


class DuplicateName(DataError):
    """Another user has this name, compared by its key."""

    def __init__(self, name_key: str) -> None:
        super().__init__("the user name is taken")
        self.name_key = name_key


class DuplicateAccount(DataError):
    """The Unix account is mapped to somebody else."""

    def __init__(self, account: str) -> None:
        super().__init__(account)
        self.account = account


class ConstraintBroken(DataError):
    """The database refused a row; `detail` is SQLite's name of the constraint and the columns, never a value."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


class ValueNotStorable(DataError):
    """A value that SQLite cannot hold; never shown, it may be what somebody typed."""

    def __init__(self) -> None:
        super().__init__("a value cannot be stored")


class StatementFailed(DataError):
    """SQLite does not understand or cannot run a statement."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


class Misuse(AssertionError):
    """Base of the mistakes of a caller."""


class NoTransaction(Misuse):
    """A write needs an open write transaction."""

    def __init__(self) -> None:
        super().__init__("a write needs an open write transaction")


class RolledBack(Misuse):
    """Nothing was kept: an inner block or the database itself had rolled everything back before the end."""

    def __init__(self) -> None:
        super().__init__("the transaction was rolled back before its end")


class WrongThread(Misuse):
    """A connection belongs to the thread that opened it."""

    def __init__(self) -> None:
        super().__init__("a connection belongs to the thread that opened it")
