import pytest

from data.backup_codes import BackupCode, BackupCodeState
from data.database import Database
from data.temporary_codes import TemporaryCode, TemporaryCodeState
from data.users import User
from tests.data.things import MINUTE, NOW, Things


@pytest.fixture
def user(things: Things) -> User:
    return things.user()


@pytest.fixture
def backup(db: Database, user: User) -> BackupCode:
    with db.transaction(write=True):
        return db.backup_codes.issue(user.id, code_hash="first", now=NOW)


@pytest.fixture
def temporary(db: Database, user: User) -> TemporaryCode:
    return issue_temporary(db, user)


def issue_temporary(db: Database, user: User, code_hash: str = "first") -> TemporaryCode:
    with db.transaction(write=True):
        return db.temporary_codes.issue(
            user.id,
            code_hash=code_hash,
            issued_by="admin",
            reason="phone lost",
            proof="passport",
            expires_at=NOW + 10 * MINUTE,
            now=NOW,
        )


def test_a_new_backup_code_revokes_the_one_before(db: Database, user: User, backup: BackupCode) -> None:
    with db.transaction(write=True):
        second = db.backup_codes.issue(user.id, code_hash="second", now=NOW + 1)
    old = db.backup_codes.get(backup.id)
    assert db.backup_codes.live(user.id) == second
    assert old is not None
    assert (old.state, old.revoked_at) == (BackupCodeState.REVOKED, NOW + 1)


def test_a_backup_code_is_consumed_once_and_then_the_last_used(db: Database, user: User, backup: BackupCode) -> None:
    with db.transaction(write=True):
        consumed = [db.backup_codes.consume(backup.id, NOW + 1), db.backup_codes.consume(backup.id, NOW + 2)]
    last = db.backup_codes.last_used(user.id)
    assert consumed == [True, False]
    assert db.backup_codes.live(user.id) is None
    assert last is not None
    assert (last.id, last.state, last.used_at) == (backup.id, BackupCodeState.USED, NOW + 1)


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_backup_code_is_live_before_and_after_it_is_confirmed(
    db: Database, user: User, backup: BackupCode, confirmed: bool
) -> None:
    with db.transaction(write=True):
        if confirmed:
            assert db.backup_codes.confirm(backup.id, NOW)
            assert not db.backup_codes.confirm(backup.id, NOW)
        assert db.backup_codes.live(user.id) is not None
        assert db.backup_codes.claim_try(backup.id, limit=20) == 1
        assert db.backup_codes.consume(backup.id, NOW)


def test_tries_of_a_backup_code_stop_at_the_limit_until_cleared(db: Database, backup: BackupCode) -> None:
    with db.transaction(write=True):
        claims = [db.backup_codes.claim_try(backup.id, limit=2) for _ in range(3)]
        db.backup_codes.clear_failures(backup.id)
        again = db.backup_codes.claim_try(backup.id, limit=2)
    assert (claims, again) == ([1, 2, None], 1)


def test_a_backup_code_that_is_not_live_takes_no_try(db: Database, backup: BackupCode) -> None:
    with db.transaction(write=True):
        assert db.backup_codes.revoke(backup.id, NOW)
        assert not db.backup_codes.revoke(backup.id, NOW)
        assert db.backup_codes.claim_try(backup.id, limit=20) is None
        assert not db.backup_codes.consume(backup.id, NOW)
        assert not db.backup_codes.confirm(backup.id, NOW)
        assert not db.backup_codes.mark_sent_by_sms(backup.id, NOW)


def test_a_consumed_backup_code_has_no_failures_left(db: Database, user: User, backup: BackupCode) -> None:
    with db.transaction(write=True):
        db.backup_codes.claim_try(backup.id, limit=20)
        db.backup_codes.consume(backup.id, NOW)
    last = db.backup_codes.last_used(user.id)
    assert last is not None
    assert last.failures_in_row == 0


def test_a_backup_code_is_sent_by_sms_once(db: Database, backup: BackupCode) -> None:
    with db.transaction(write=True):
        assert db.backup_codes.mark_sent_by_sms(backup.id, NOW)
        assert not db.backup_codes.mark_sent_by_sms(backup.id, NOW)


def test_the_last_used_backup_code_is_the_latest(db: Database, user: User) -> None:
    with db.transaction(write=True):
        for code_hash in ("a", "b"):
            code = db.backup_codes.issue(user.id, code_hash=code_hash, now=NOW)
            db.backup_codes.consume(code.id, NOW)
    last = db.backup_codes.last_used(user.id)
    assert last is not None
    assert last.code_hash == "b"


def test_a_temporary_code_lives_until_it_expires(db: Database, user: User, temporary: TemporaryCode) -> None:
    assert db.temporary_codes.live(user.id, NOW + 10 * MINUTE - 1) == temporary
    assert db.temporary_codes.live(user.id, NOW + 10 * MINUTE) is None
    with db.transaction(write=True):
        assert db.temporary_codes.claim_try(temporary.id, limit=5, now=NOW + 10 * MINUTE) is None


def test_a_temporary_code_is_consumed_once(db: Database, user: User, temporary: TemporaryCode) -> None:
    with db.transaction(write=True):
        assert db.temporary_codes.consume(temporary.id, NOW)
        assert not db.temporary_codes.consume(temporary.id, NOW)
        assert db.temporary_codes.claim_try(temporary.id, limit=5, now=NOW) is None
    after = db.temporary_codes.get(temporary.id)
    assert after is not None
    assert after.state is TemporaryCodeState.USED
    assert db.temporary_codes.live(user.id, NOW) is None


def test_a_new_temporary_code_revokes_the_one_before(db: Database, user: User, temporary: TemporaryCode) -> None:
    second = issue_temporary(db, user, "second")
    assert db.temporary_codes.live(user.id, NOW) == second
    with db.transaction(write=True):
        assert not db.temporary_codes.consume(temporary.id, NOW)


def test_tries_of_a_temporary_code_stop_at_the_limit(db: Database, temporary: TemporaryCode) -> None:
    with db.transaction(write=True):
        claims = [db.temporary_codes.claim_try(temporary.id, limit=2, now=NOW) for _ in range(3)]
    assert claims == [1, 2, None]


def test_a_revoked_temporary_code_is_void(db: Database, user: User, temporary: TemporaryCode) -> None:
    with db.transaction(write=True):
        assert db.temporary_codes.revoke(temporary.id, NOW)
        assert not db.temporary_codes.revoke(temporary.id, NOW)
        assert not db.temporary_codes.consume(temporary.id, NOW)
    assert db.temporary_codes.live(user.id, NOW) is None


def test_no_repr_shows_a_code_hash(backup: BackupCode, temporary: TemporaryCode) -> None:
    assert "first" not in repr(backup) + repr(temporary)
