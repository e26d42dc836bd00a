"""Databases for the tests; `db` is what every backend must be able to stand behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.database import Database
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.vault import FileVault
from tests.data.things import NOW, Things

OpenDatabase = Callable[[], Database]


@pytest.fixture
def vault() -> FileVault:
    return FileVault(MasterKey(bytes(range(32))))


@pytest.fixture
def head(tmp_path: Path) -> AuditHeadFile:
    (tmp_path / "keys").mkdir(mode=0o700)
    return AuditHeadFile(tmp_path / "keys" / "audit-head")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "kiosk.db"


# A second backend adds its name here and how it opens; the tests in contract/ must pass as they are.
@pytest.fixture(params=["sqlite"])
def open_database(path: Path, vault: FileVault, head: AuditHeadFile) -> Iterator[OpenDatabase]:
    opened: list[Database] = []

    def open_one() -> Database:
        database = Database.open(path, vault, head, now=NOW)
        opened.append(database)
        return database

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def db(open_database: OpenDatabase) -> Database:
    return open_database()


@pytest.fixture
def things(db: Database) -> Things:
    return Things(db)
