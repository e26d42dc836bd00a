import threading

import pytest

from data.database import Database
from data.errors import NoTransaction, RolledBack, WrongThread
from tests.data.conftest import OpenDatabase
from tests.data.things import Things


class GiveUpError(Exception):
    pass


def test_a_write_without_a_transaction_is_refused(db: Database) -> None:
    with pytest.raises(NoTransaction):
        db.meta.set("key", "value")
    with pytest.raises(NoTransaction):
        db.desks.ensure("site", "desk")
    assert db.meta.get("key") is None


def test_a_write_in_a_read_transaction_is_refused(db: Database) -> None:
    with pytest.raises(NoTransaction), db.transaction(write=False):
        db.meta.set("key", "value")
    with pytest.raises(NoTransaction), db.transaction(write=False), db.transaction(write=True):
        pass


def test_what_fails_keeps_nothing(db: Database) -> None:
    with pytest.raises(GiveUpError), db.transaction(write=True):  # noqa: PT012  the block is what is tested
        db.meta.set("key", "value")
        raise GiveUpError
    assert db.meta.get("key") is None


def test_an_inner_block_joins_the_outer(db: Database) -> None:
    with pytest.raises(GiveUpError), db.transaction(write=True):  # noqa: PT012  the block is what is tested
        with db.transaction(write=True):
            db.meta.set("inner", "value")
        with db.transaction(write=False):
            assert db.meta.get("inner") == "value"
        raise GiveUpError
    assert db.meta.get("inner") is None


def test_an_inner_failure_keeps_nothing_even_when_it_is_caught(db: Database) -> None:
    def outer() -> None:
        with db.transaction(write=True):
            db.meta.set("outer", "value")
            with pytest.raises(GiveUpError), db.transaction(write=True):
                raise GiveUpError
            with pytest.raises(NoTransaction):
                db.meta.set("after", "value")

    with pytest.raises(RolledBack):
        outer()
    assert db.meta.get("outer") is None
    with db.transaction(write=True):
        db.meta.set("next", "value")
    assert db.meta.get("next") == "value"


def test_a_read_transaction_is_one_snapshot(db: Database, open_database: OpenDatabase) -> None:
    other = open_database()
    with db.transaction(write=False):
        assert db.meta.get("key") is None
        with other.transaction(write=True):
            other.meta.set("key", "value")
        assert db.meta.get("key") is None
    assert db.meta.get("key") == "value"


def test_listeners_hear_of_commits_and_of_nothing_else(db: Database) -> None:
    heard: list[str | None] = []
    db.on_commit(lambda: heard.append(db.meta.get("key")))
    with db.transaction(write=False):
        pass
    with pytest.raises(GiveUpError), db.transaction(write=True):
        raise GiveUpError
    with db.transaction(write=True):
        with db.transaction(write=True):
            db.meta.set("key", "value")
        assert heard == []
    assert heard == ["value"]


def test_a_listener_that_fails_neither_undoes_the_commit_nor_silences_the_others(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def fail() -> None:
        raise GiveUpError

    db.on_commit(fail)
    db.on_commit(lambda: heard.append("bell"))
    with db.transaction(write=True):
        db.meta.set("key", "value")
    assert (db.meta.get("key"), heard) == ("value", ["bell"])
    assert "a listener to commits failed" in caplog.text


def test_the_data_version_tells_of_commits_elsewhere(db: Database, open_database: OpenDatabase) -> None:
    other = open_database()
    before = db.data_version()
    assert db.data_version() == before
    with other.transaction(write=True):
        other.meta.set("key", "value")
    assert db.data_version() != before


def test_a_database_belongs_to_the_thread_that_opened_it(db: Database, things: Things) -> None:
    caught: list[BaseException] = []

    def elsewhere() -> None:
        for use in (db.users.count, db.data_version, things.user, db.close):
            try:
                use()
            except WrongThread as error:
                caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(10)
    assert len(caught) == 4
    assert db.users.count() == 0
