"""The one place that talks to sqlite3: pragmas, transactions, and every error turned into a DataError."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from data.errors import (
    ConstraintBroken,
    DatabaseUnavailable,
    DataError,
    NoTransaction,
    RolledBack,
    StatementFailed,
    Unavailable,
    ValueNotStorable,
    WrongThread,
)

log = logging.getLogger("data")

Value = str | int | float | bytes | None
Row = sqlite3.Row

# Per connection (only WAL persists in the file). `recursive_triggers` lets the audit's delete trigger also stop REPLACE.
PRAGMAS: Final = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA recursive_triggers=ON",
    # A long import leaves a large write-ahead log behind; cut it to this many bytes at the next checkpoint.
    "PRAGMA journal_size_limit=16777216",
)

# Primary result codes (sqlite3.h) → what is the matter.
_REASONS: Final[dict[int, Unavailable]] = {
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
    sqlite3.SQLITE_PROTOCOL: "busy",
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
    sqlite3.SQLITE_CANTOPEN: "io",
    sqlite3.SQLITE_IOERR: "io",
    sqlite3.SQLITE_NOMEM: "io",
}
# Extended result codes that say more than their primary one.
_EXTENDED_REASONS: Final[dict[int, Unavailable]] = {
    # The file was moved or deleted while it was open.
    sqlite3.SQLITE_READONLY_DBMOVED: "missing",
    # The shared-memory file of the write-ahead log could not grow.
    sqlite3.SQLITE_IOERR_SHMSIZE: "disk_full",
}


# What running a statement can raise; the last two come from binding a value.
FAILURES: Final = (sqlite3.Error, UnicodeEncodeError, OverflowError)


def translated(error: Exception, path: Path) -> DataError:
    """The DataError that one of FAILURES means for the database at `path`.

    Raise it `from None`: the encoding error holds the value, which may be what somebody typed.
    """
    if not isinstance(error, sqlite3.Error):
        return ValueNotStorable()
    extended = getattr(error, "sqlite_errorcode", None)
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if extended is None:
        return StatementFailed(name, str(error))
    primary = extended & 0xFF
    if primary == sqlite3.SQLITE_CONSTRAINT:
        return ConstraintBroken(name, str(error))
    if primary == sqlite3.SQLITE_CANTOPEN and not path.exists():
        return DatabaseUnavailable("missing", path, name)
    reason = _EXTENDED_REASONS.get(extended) or _REASONS.get(primary)
    return StatementFailed(name, str(error)) if reason is None else DatabaseUnavailable(reason, path, name)


class Connection:
    """One connection to the database at `path`, bound to the thread that opens it.

    `busy_ms` is how long a writer waits for another one before it gives up as "busy".
    """

    def __init__(self, path: Path, *, busy_ms: int) -> None:
        self.path = path
        self.after_commit: list[Callable[[], None]] = []
        self.before_rollback: list[Callable[[], None]] = []
        self._thread = threading.get_ident()
        self._depth = 0
        self._writing = False
        self._doomed = False
        try:
            # No transaction is ever opened by the driver: isolation_level None leaves them all to transaction().
            self.raw = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None, cached_statements=256)
        except FAILURES as error:
            raise translated(error, path) from None
        self.raw.row_factory = sqlite3.Row
        self._file = self._file_at_path()
        self._log_path = path.with_name(path.name + "-wal")
        self._log: tuple[int, int] | None = None
        self._broken: DatabaseUnavailable | None = None

    def configure(self) -> None:
        """Set the pragmas of every connection; journal mode first, it needs the file for itself when it changes."""
        if self.rows("PRAGMA journal_mode=WAL")[0][0] != "wal":
            raise DatabaseUnavailable("io", self.path, "no write-ahead log on this file system")
        for pragma in PRAGMAS:
            self.rows(pragma)

    def rows(self, sql: str, values: Mapping[str, Value] | None = None) -> list[Row]:
        """Run one statement and fetch all it gives; a half-read one would hold back checkpoints."""
        self._check_thread()
        try:
            return self.raw.execute(sql, values or {}).fetchall()
        except FAILURES as error:
            raise self._noted(translated(error, self.path)) from None

    def tuples(self, sql: str, values: Mapping[str, Value]) -> list[tuple[Any, ...]]:
        """As `rows`, where a million of them are taken apart: without names, which costs a third."""
        self._check_thread()
        cursor = self.raw.cursor()
        cursor.row_factory = None
        try:
            return cursor.execute(sql, values).fetchall()
        except FAILURES as error:
            raise self._noted(translated(error, self.path)) from None

    def change(self, sql: str, values: Mapping[str, Value]) -> int:
        """Run one writing statement and give the number of rows it changed; raises NoTransaction."""
        self._check_thread()
        self._check_writing()
        try:
            return self.raw.execute(sql, values).rowcount
        except FAILURES as error:
            raise self._noted(translated(error, self.path)) from None

    def changed(self, sql: str, values: Mapping[str, Value]) -> list[Row]:
        """Run one statement with RETURNING to its end; raises NoTransaction."""
        self._check_thread()
        self._check_writing()
        return self.rows(sql, values)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """All or nothing; a block inside another joins it, and when the inner one fails nothing of both is kept.

        A write transaction takes the write lock at once (BEGIN IMMEDIATE): a deferred one that reads before it
        writes is refused as busy without waiting (SQLITE_BUSY_SNAPSHOT). `write=False` is one snapshot for reading.
        """
        self._check_thread()
        if self._depth:
            if write and not self._writing:
                raise NoTransaction
            with self._joined():
                yield
            return
        if write:
            # Before it begins: inside a transaction nothing could be brought to safety.
            self._check_log()
        self.rows("BEGIN IMMEDIATE" if write else "BEGIN")
        self._depth, self._writing, self._doomed = 1, write, False
        try:
            if write:
                self.check_file()
                self._know_log()
            yield
            if self._doomed or not self.raw.in_transaction:
                raise RolledBack  # noqa: TRY301  one way out: the handler below
            self.rows("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        finally:
            self._depth, self._writing = 0, False
        if write:
            self._tell()

    def check_file(self) -> None:
        """With a write-ahead log SQLite goes on writing to a file that was deleted or replaced, for nobody to read."""
        if self._file_at_path() != self._file:
            raise DatabaseUnavailable("missing", self.path, "another file lies in its place")

    def close(self) -> None:
        """Close; what is open is rolled back."""
        self._check_thread()
        try:
            self.raw.close()
        except FAILURES as error:
            raise translated(error, self.path) from None

    @contextmanager
    def _joined(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        except BaseException:
            self._doomed = True
            raise
        finally:
            self._depth -= 1

    def _roll_back(self) -> None:
        for forget in self.before_rollback:
            forget()
        # A full disk makes SQLite roll back by itself; a second ROLLBACK would hide that error.
        if self.raw.in_transaction:
            self.rows("ROLLBACK")

    def _tell(self) -> None:
        for callback in self.after_commit:
            try:
                callback()
            except Exception:
                # What was committed is committed: the writer must not be told otherwise.
                log.exception("a listener to commits failed")

    def _know_log(self) -> None:
        """Remember which file the write-ahead log is; a write transaction has it open until this connection is closed."""
        if self._log is None:
            self._log = _file_at(self._log_path)

    def _check_log(self) -> None:
        """A log that was deleted or replaced is written to for nobody to read, as the database itself would be.

        What stands in it is brought into the database first: only who has it open still can.
        """
        if self._log is None or _file_at(self._log_path) == self._log:
            return
        if self._broken is None:
            self._broken = DatabaseUnavailable("missing", self.path, "its write-ahead log was taken away")
            log.error("%s", self._broken)
            self.rows("PRAGMA wal_checkpoint(FULL)")
        raise self._broken

    def _file_at_path(self) -> tuple[int, int]:
        found = _file_at(self.path)
        if found is None:
            raise DatabaseUnavailable("missing", self.path)
        return found

    def check_usable(self) -> None:
        """Raise what makes this connection of no use for good: another file lies there, or a statement met damage."""
        self.check_file()
        self._check_log()
        if self._broken is not None:
            raise self._broken

    def _noted(self, error: DataError) -> DataError:
        if isinstance(error, DatabaseUnavailable) and error.reason in {"corrupt", "io"}:
            self._broken = error
        return error

    def _check_thread(self) -> None:
        if threading.get_ident() != self._thread:
            raise WrongThread

    def _check_writing(self) -> None:
        if not self._writing or self._doomed or not self.raw.in_transaction:
            raise NoTransaction


def _file_at(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
