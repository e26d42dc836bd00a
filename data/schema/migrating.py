"""Bringing a database to the newest schema: which migrations it has, which it lacks, applying them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Protocol

from data.connection import FAILURES, Connection, translated
from data.errors import SchemaTooNew
from data.schema import MIGRATIONS
from data.schema.triggers import TRIGGERS
from data.users import found_by

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

# The name of our set in the table of sqlite-utils, which a plugin or an administrator may share with other sets.
MIGRATION_SET: Final = "kiosk"


class Migration(Protocol):
    """A module of `data.schema`."""

    NAME: str
    SQL: str


def version(name: str) -> int:
    """The number at the beginning of a migration's name."""
    return int(name.split("_", 1)[0])


def applied(connection: Connection) -> list[str]:
    """Names of the migrations the database has; empty for a new one."""
    if not connection.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_sqlite_migrations'"):
        return []
    rows = connection.rows(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = :migration_set ORDER BY id",
        {"migration_set": MIGRATION_SET},
    )
    return [row["name"] for row in rows]


def pending(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> list[Migration]:
    """What the database lacks, in order; raises SchemaTooNew when it has a migration that is not among ours."""
    known = [migration.NAME for migration in migrations]
    present = applied(connection)
    foreign = [name for name in present if name not in known]
    if foreign:
        raise SchemaTooNew(found=max(map(version, foreign)), known=max(map(version, known)))
    return [migration for migration in migrations if migration.NAME not in present]


def migrate(connection: Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply what is pending; inside the caller's write transaction, so that all of it is kept or nothing."""
    # 90 ms of import that a start without a migration does not pay.
    from sqlite_utils import Database, Migrations  # noqa: PLC0415  see above

    migration_set = Migrations(MIGRATION_SET)
    for migration in migrations:
        _register(migration_set, migration)
    try:
        connection.raw.create_function("found_by", 2, found_by, deterministic=True)
        # Without the plugins that may be installed for the command line of sqlite-utils.
        migration_set.apply(Database(connection.raw, execute_plugins=False))
    except FAILURES as error:
        raise translated(error, connection.path) from None


def _register(migration_set: "Migrations", migration: Migration) -> None:
    def run(db: "Database") -> None:
        db.executescript(migration.SQL)

    migration_set(name=migration.NAME)(run)


def restore_triggers(connection: Connection) -> tuple[str, ...]:
    """Make each trigger stand word for word; the names of those that did not. In the caller's write transaction."""
    rows = connection.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    present = {row["name"]: row["sql"] for row in rows}
    wrong = tuple(name for name, sql in TRIGGERS.items() if present.get(name) != sql)
    for name in wrong:
        connection.rows(f"DROP TRIGGER IF EXISTS {name}")
        connection.rows(TRIGGERS[name])
    return wrong
