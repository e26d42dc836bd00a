"""The database of one kiosk: opening, transactions, and one repository per table."""

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from data import key_check, opening, restoring
from data.adoptions import Adoptions
from data.approvals import Approvals
from data.audit import Audit
from data.audit_search import AuditSearch
from data.backup_codes import BackupCodes
from data.break_glass import BreakGlass
from data.carrying import Carrying
from data.challenges import Challenges
from data.changes import Changes
from data.chores import Chores
from data.connection import Connection
from data.deletion import Deletion
from data.desks import Desks
from data.errors import DatabaseUnavailable, Unavailable
from data.factors import Factors
from data.imports import Imports
from data.loans import Loans
from data.messages import Messages
from data.meta import Meta
from data.modems import Modems
from data.preferences import AllPreferences
from data.reports import Reports
from data.resealing import Resealing
from data.restoring import RestoreRules
from data.schema import MIGRATIONS
from data.schema.migrating import Migration
from data.sessions import Sessions
from data.sign_ins import SignIns
from data.temporary_codes import TemporaryCodes
from data.throttles import Throttles
from data.transmissions import Transmissions
from data.users import Users
from data.vault import AuditHead, Vault

# How long a writer waits for another one. The longest transaction of ours takes milliseconds.
BUSY_MS: Final = 5_000

_REASONS: Final[dict[int | None, Unavailable]] = {
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.EROFS: "read_only",
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
}


class Database:
    """An open database, bound to the thread that opened it; a context manager that closes it.

    `now` and every other time is milliseconds UTC.
    """

    def __init__(self, connection: Connection, vault: Vault, head: AuditHead | None, in_use: int) -> None:
        self._connection = connection
        self._vault = vault
        self._in_use: int | None = in_use
        self.path: Final = connection.path
        self.users: Final = Users(connection, vault)
        self.factors: Final = Factors(connection, vault)
        self.backup_codes: Final = BackupCodes(connection, vault)
        self.temporary_codes: Final = TemporaryCodes(connection, vault)
        self.desks: Final = Desks(connection, vault)
        self.sign_ins: Final = SignIns(connection, vault)
        self.challenges: Final = Challenges(connection, vault)
        self.messages: Final = Messages(connection, vault)
        self.transmissions: Final = Transmissions(connection, vault)
        self.modems: Final = Modems(connection, vault)
        self.loans: Final = Loans(connection, vault)
        self.chores: Final = Chores(connection, vault)
        self.adoptions: Final = Adoptions(connection, vault)
        self.throttles: Final = Throttles(connection, vault)
        self.sessions: Final = Sessions(connection, vault)
        self.changes: Final = Changes(connection, vault)
        self.approvals: Final = Approvals(connection, vault)
        self.break_glass: Final = BreakGlass(connection, vault)
        self.imports: Final = Imports(connection, vault)
        self.deletion: Final = Deletion(connection, vault)
        self.carrying: Final = Carrying(connection, vault)
        self.preferences: Final = AllPreferences(connection, vault)
        self.audit: Final = Audit(connection, vault, head)
        self.audit_search: Final = AuditSearch(connection, vault)
        self.reports: Final = Reports(connection, vault)
        self.resealing: Final = Resealing(connection, vault)
        self.meta: Final = Meta(connection, vault)

    @classmethod
    def open(
        cls,
        path: Path,
        vault: Vault,
        head: AuditHead | None = None,
        *,
        now: int,
        create: bool = True,
        busy_ms: int = BUSY_MS,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> Self:
        """Open the database at `path`, made and migrated first when that is needed.

        Raises DatabaseUnavailable (also "read_only": a kiosk that cannot write can sign nobody in), SchemaTooNew,
        WrongKey.
        """
        try:
            opening.prepare_directory(path, create=create)
            with opening.opening_lock(path):
                opening.prepare_file(path)
                return cls._open_locked(path, vault, head, now=now, busy_ms=busy_ms, migrations=migrations)
        except OSError as error:
            raise DatabaseUnavailable(
                _REASONS.get(error.errno, "io"), path, errno.errorcode.get(error.errno or 0, "OSError")
            ) from error

    @classmethod
    def _open_locked(
        cls,
        path: Path,
        vault: Vault,
        head: AuditHead | None,
        *,
        now: int,
        busy_ms: int,
        migrations: Sequence[Migration],
    ) -> Self:
        connection = Connection(path, busy_ms=busy_ms)
        in_use: int | None = None
        try:
            in_use = opening.join_users(path)
            connection.configure()
            lost_triggers = opening.bring_up_to_date(connection, vault, migrations=migrations)
            database = cls(connection, vault, head, in_use)
            if lost_triggers:
                database._note_lost_triggers(lost_triggers, now)
        except BaseException:
            connection.close()
            if in_use is not None:
                os.close(in_use)
            raise
        return database

    def transaction(self, *, write: bool) -> AbstractContextManager[None]:
        """All or nothing. `write=True` takes the write lock at once; `write=False` is one snapshot for reading.

        A block inside another joins it. Raises DatabaseUnavailable("busy") when another process keeps the lock.
        """
        return self._connection.transaction(write=write)

    def data_version(self) -> int:
        """A number that differs from the one before when another connection has committed since."""
        version = self._connection.rows("PRAGMA data_version")[0][0]
        assert isinstance(version, int)
        return version

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each write transaction that this connection commits."""
        self._connection.after_commit.append(callback)

    def follow_key(self) -> None:
        """Let the vault use the key that this database is sealed with now; raises WrongKey."""
        key_check.follow(self._connection, self._vault)

    def is_older_copy(self) -> bool:
        """Whether the rules of a restore are due; raises OSError, AuditHeadUnreadable."""
        return restoring.is_older_copy(self)

    def heed_restore(self, now: int, totp_step: int) -> RestoreRules | None:
        """Apply the rules of a restore when they are due, once; see `data.restoring`. Raises OSError, AuditHeadUnreadable."""
        return restoring.heed_restore(self, now, totp_step)

    def apply_restore_rules(self, now: int, totp_step: int) -> RestoreRules:
        """Void what an older copy of the database would make good again; see `data.restoring`."""
        return restoring.apply_restore_rules(self, now, totp_step)

    def _note_lost_triggers(self, names: Sequence[str], now: int) -> None:
        with self.transaction(write=True):
            self.audit.append(
                action="storage.triggers_restored",
                result="done",
                origin="storage",
                actor=None,
                at=now,
                at_wall=now,
                parameters={"triggers": list(names)},
            )

    def check_usable(self) -> None:
        """Raise the DatabaseUnavailable that no waiting mends for this connection: the file was deleted or replaced, or is damaged."""
        self._connection.check_usable()

    def check_whole(self, *, thoroughly: bool = False) -> None:
        """SQLite's quick check of the whole file, or its full one; raises DatabaseUnavailable("corrupt")."""
        opening.check_whole(self._connection, thoroughly=thoroughly)

    def close(self) -> None:
        """Close; a transaction that is open is rolled back."""
        self._connection.close()
        # After SQLite has let go of the file.
        if self._in_use is not None:
            os.close(self._in_use)
            self._in_use = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
