"""What was taken away after a back-up stays taken away when the back-up is put back; nothing is given by it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.copying import copy_whole
from data.database import Database
from data.factors import Factor, FactorKind, FactorState
from data.restoring import mark_restored
from data.users import PasswordState, Role, User, UserState
from kiosk.vault import FileVault
from tests.data.conftest import OpenDatabase
from tests.data.things import NOW, Things


@dataclass(slots=True)
class PutBack:
    """Somebody with an app and a key, as the back-up has them, and what happens to them afterwards."""

    db: Database
    user: User
    key: Factor
    restored: Database

    def do(self, act: Callable[["PutBack"], object]) -> User:
        """Let it happen, put the back-up back over it; the person then."""
        with self.db.transaction(write=True):
            act(self)
        mark_restored(self.restored, NOW, self.db.path, NOW)
        self.restored.heed_restore(NOW, 0)
        found = self.restored.users.get(self.user.id)
        assert found is not None
        return found


@pytest.fixture
def put_back(open_database: OpenDatabase, path: Path, vault: FileVault) -> Iterator[PutBack]:
    db = open_database()
    things = Things(db)
    user = things.user(role=Role.TECHNICIAN)
    things.factor(user)
    key = things.factor(user, kind=FactorKind.YUBIKEY_FIDO2)
    with db.transaction(write=True):
        db.users.set_state(user.id, UserState.ACTIVE)
    backup = path.with_name("backup.db")
    copy_whole(path, backup)
    with closing(Database.open(backup, vault, now=NOW)) as restored:
        yield PutBack(db, user, key, restored)


def set_password(it: PutBack) -> None:
    epoch = it.user.epoch
    it.db.users.set_password(it.user.id, "new", PasswordState.OWN, expires_at=None, if_epoch=epoch, now=NOW)


def test_a_method_that_was_revoked_since_stays_revoked(put_back: PutBack) -> None:
    put_back.do(lambda it: it.db.factors.set_state(it.key.id, FactorState.REVOKED))

    states = [one.state for one in put_back.restored.factors.of_user(put_back.user.id)]
    assert states == [FactorState.ACTIVE, FactorState.REVOKED]


def test_an_account_that_was_switched_off_since_stays_off(put_back: PutBack) -> None:
    assert put_back.do(lambda it: it.db.users.set_state(it.user.id, UserState.DISABLED)).state is UserState.DISABLED


def test_a_day_on_which_it_will_be_off_stays(put_back: PutBack) -> None:
    assert put_back.do(lambda it: it.db.users.set_disabled_from(it.user.id, NOW + 1)).disabled_from == NOW + 1


def test_a_role_that_was_taken_away_since_stays_away(put_back: PutBack) -> None:
    assert put_back.do(lambda it: it.db.users.set_role(it.user.id, Role.STAFF)).role is Role.STAFF


def test_a_unix_account_that_was_taken_away_since_stays_away(put_back: PutBack) -> None:
    with put_back.restored.transaction(write=True):
        put_back.restored.users.set_unix_account(put_back.user.id, "anne")

    assert put_back.do(lambda it: it.db.users.set_unix_account(it.user.id, None)).unix_account is None


def test_nobody_passes_as_a_unix_account_when_nothing_is_known_of_what_was_taken_away(put_back: PutBack) -> None:
    with put_back.restored.transaction(write=True):
        put_back.restored.users.set_unix_account(put_back.user.id, "anne")
    put_back.restored.apply_restore_rules(NOW, 0)

    found = put_back.restored.users.get(put_back.user.id)
    assert found is not None
    assert found.unix_account is None


def test_a_role_that_was_given_since_must_be_given_again(put_back: PutBack) -> None:
    assert put_back.do(lambda it: it.db.users.set_role(it.user.id, Role.ADMINISTRATOR)).role is Role.STAFF


def test_a_role_that_nobody_touched_stays(put_back: PutBack) -> None:
    assert put_back.do(lambda it: it.db.users.set_last_sign_in(it.user.id, "totp", NOW)).role is Role.TECHNICIAN


def test_the_password_that_was_chosen_since_is_the_one(put_back: PutBack) -> None:
    assert put_back.do(set_password).password_hash == "new"


def test_a_password_that_was_hashed_anew_only_is_left(put_back: PutBack) -> None:
    found = put_back.do(lambda it: it.db.users.rehash(it.user.id, "costlier", if_hash="hash"))

    assert found.password_hash == "hash"


def test_the_lock_of_the_second_factor_stays(put_back: PutBack) -> None:
    found = put_back.do(lambda it: it.db.users.claim_second_factor_failure(it.user.id, limit=20))

    assert found.second_factor_failures == 1


def test_a_signature_counter_does_not_go_back(put_back: PutBack) -> None:
    put_back.do(lambda it: it.db.factors.raise_counter(it.key.id, 7))

    assert put_back.restored.factors.of_user(put_back.user.id)[1].counter == 7


def test_who_was_deleted_since_is_forgotten_again(put_back: PutBack) -> None:
    found = put_back.do(lambda it: it.db.deletion.wipe(it.user.id, NOW))

    assert (found.name, found.deleted_at) == ("", NOW)
    assert put_back.restored.factors.of_user(put_back.user.id) == []


def test_what_was_taken_again_is_written_down_by_person(put_back: PutBack) -> None:
    put_back.do(lambda it: it.db.users.set_role(it.user.id, Role.STAFF))

    *_, row = put_back.restored.audit.rows()
    assert row.event is not None
    assert (row.event.action, row.event.object) == ("storage.taken_again", put_back.user.id)
    assert row.event.parameters == {"what": ["role"]}
