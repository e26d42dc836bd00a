"""The head beside the key may lag behind the database, never lead."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from data.audit_check import HeadState
from data.database import Database
from data.errors import AuditHeadUnreadable
from kiosk.keys import AuditHeadFile
from kiosk.vault import FileVault
from tests.data.things import NOW, Things


class Witness:
    """A head that looks at the file of the database each time it is told something."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.told: list[int] = []
        self.error: Exception | None = None

    def load(self) -> tuple[int, bytes] | None:
        return None

    def store(self, seq: int, mac: bytes) -> None:
        if self.error is not None:
            raise self.error
        with closing(sqlite3.connect(self._path)) as raw:
            assert raw.execute("SELECT mac FROM audit WHERE seq = ?", (seq,)).fetchone() == (mac,)
        self.told.append(seq)


def test_the_head_is_told_after_the_commit_and_once_per_transaction(path: Path, vault: FileVault) -> None:
    witness = Witness(path)
    with Database.open(path, vault, witness, now=NOW) as db:
        Things(db).audit(3)
        Things(db).user()
        Things(db).audit()
    assert witness.told == [3, 4]


@pytest.mark.parametrize("error", [OSError(28, "full"), AuditHeadUnreadable(Path("head"))])
def test_a_head_that_cannot_be_kept_neither_stops_nor_undoes_the_writer_and_is_kept_later(
    path: Path, vault: FileVault, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    witness = Witness(path)
    with Database.open(path, vault, witness, now=NOW) as db:
        witness.error = error
        Things(db).audit()
        assert db.audit.verify().rows == 1
        assert "could not be kept beside the key" in caplog.text
        witness.error = None
        Things(db).user()
    assert witness.told == [1]


def test_a_head_that_lags_is_no_old_copy_and_catches_up(path: Path, vault: FileVault, head: AuditHeadFile) -> None:
    with Database.open(path, vault, head, now=NOW) as db:
        Things(db).audit(2)
    with Database.open(path, vault, now=NOW) as db:
        Things(db).audit(2)
    with Database.open(path, vault, head, now=NOW) as db:
        assert db.audit.head_state() is HeadState.LAGGING
        assert db.audit.verify().ok
        Things(db).audit()
        assert db.audit.head_state() is HeadState.CURRENT


def test_a_lost_head_is_told_until_the_next_row(db: Database, things: Things, tmp_path: Path) -> None:
    things.audit(2)
    (tmp_path / "keys" / "audit-head").unlink()
    assert db.audit.head_state() is HeadState.NO_HEAD
    assert db.audit.verify().ok
    things.audit()
    assert db.audit.head_state() is HeadState.CURRENT


def test_an_unreadable_head_is_told_and_never_overwritten(
    path: Path, vault: FileVault, head: AuditHeadFile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys" / "audit-head"
    file.write_text("nonsense")
    with Database.open(path, vault, head, now=NOW) as db:
        Things(db).audit()
        with pytest.raises(AuditHeadUnreadable):
            db.audit.head_state()
        with pytest.raises(AuditHeadUnreadable):
            db.audit.verify()
    assert file.read_text() == "nonsense"
    assert "cannot be read" in caplog.text


def test_a_row_deleted_at_the_end_is_told_as_such_and_not_as_an_old_copy(db: Database, things: Things) -> None:
    things.audit(3)
    with closing(sqlite3.connect(db.path)) as raw:
        raw.execute("DROP TRIGGER audit_never_deleted")
        raw.execute("DELETE FROM audit WHERE seq = 3")
        raw.commit()
    assert db.audit.head_state() is HeadState.MISSING_LAST
