from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from data.audit_check import HeadState
from data.challenges import ChallengeState
from data.database import Database
from data.factors import FactorKind
from data.messages import MessageState
from data.restoring import RESTORED_MARK
from tests.data.things import MINUTE, NOW, Things

STEP = 60_000_000


def test_a_restore_makes_nothing_good_again(db: Database, things: Things) -> None:
    user = things.user()
    totp, phone = things.factor(user), things.phone(user)
    sign_in = things.sign_in(user)
    challenge = things.challenge(sign_in)
    message = things.message(sign_in)
    with db.transaction(write=True):
        code = db.backup_codes.issue(user.id, code_hash="hash", now=NOW)
        temporary = db.temporary_codes.issue(
            user.id, code_hash="hash", issued_by="a", reason="r", proof="p", expires_at=NOW + MINUTE, now=NOW
        )
        session = db.sessions.start(user.id, things.desk().id, "totp", 0, NOW)
    db.apply_restore_rules(NOW, STEP)
    after = (db.users.get(user.id), db.challenges.get(challenge.id), db.messages.get(message.id))
    assert after[0] is not None
    assert after[0].epoch == user.epoch + 1
    assert after[1] is not None
    assert after[1].state(NOW) is ChallengeState.VOID
    assert after[2] is not None
    assert after[2].state is MessageState.CANCELLED
    assert db.backup_codes.live(user.id) is None
    assert db.temporary_codes.live(user.id, NOW) is None
    assert db.sessions.live() == []
    with db.transaction(write=True):
        assert not db.backup_codes.consume(code.id, NOW)
        assert not db.temporary_codes.consume(temporary.id, NOW)
        assert not db.sessions.touch(session.id, NOW)
        assert not db.sign_ins.finish(sign_in.id, "signed_in", "totp", NOW)
        assert not db.factors.accept_step(totp.id, STEP, NOW)
        assert db.factors.accept_step(totp.id, STEP + 1, NOW)
    assert [factor.kind for factor in db.factors.of_user(user.id)] == [FactorKind.TOTP, FactorKind.SMS]
    assert db.factors.get(phone.id) == phone


def test_a_totp_step_beyond_the_restore_is_not_lowered(db: Database, things: Things) -> None:
    totp = things.factor()
    with db.transaction(write=True):
        db.factors.accept_step(totp.id, STEP + 5, NOW)
    db.apply_restore_rules(NOW, STEP)
    with db.transaction(write=True):
        assert not db.factors.accept_step(totp.id, STEP + 5, NOW)


def test_a_restore_is_written_down_with_what_it_voided(db: Database, things: Things) -> None:
    things.challenge()
    things.audit(2)
    db.apply_restore_rules(NOW, STEP)
    *_, row = db.audit.rows()
    assert row.event is not None
    assert row.event.action == "storage.restored"
    assert row.event.parameters["challenges"] == 1
    assert row.event.parameters["users"] == 1
    assert (db.audit.verify().ok, db.audit.head_state()) == (True, HeadState.CURRENT)


def restored_rows(db: Database) -> int:
    return sum(row.event is not None and row.event.action == "storage.restored" for row in db.audit.rows())


def test_of_two_that_start_after_a_restore_one_applies_the_rules(
    db: Database, open_database: Callable[[], Database], things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    things.audit()
    with db.transaction(write=True):
        db.meta.set(RESTORED_MARK, str(NOW))
    second = open_database()
    begin = second.transaction

    @contextmanager
    def late(*, write: bool) -> Iterator[None]:
        # It has seen the mark, and the other one comes first.
        if write:
            assert db.heed_restore(NOW, STEP)
        with begin(write=write):
            yield

    monkeypatch.setattr(second, "transaction", late)
    assert not second.heed_restore(NOW, STEP)
    assert restored_rows(db) == 1


def test_a_restore_is_not_due_again_because_the_file_beside_the_key_lags(
    db: Database, open_database: Callable[[], Database], things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    things.audit(2)
    monkeypatch.setattr(db.audit._head, "store", lambda *_head: None)
    # As an older copy is: the file knows a row that is not here.
    with db.transaction(write=True):
        db.meta.set(RESTORED_MARK, str(NOW))
        monkeypatch.setattr(db.audit._head, "load", lambda: (7, b"m" * 32))
        assert db.audit.head_state() is HeadState.OLD_COPY
        db.apply_restore_rules(NOW, STEP)
    assert db.audit.head_state() is HeadState.LAGGING
    assert not db.heed_restore(NOW, STEP)
    assert db.audit.verify().ok


def test_a_row_that_says_the_rules_were_applied_is_believed_by_its_mac_alone(
    db: Database, things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    things.audit(2)
    with db.transaction(write=True):
        db.apply_restore_rules(NOW, STEP)
        db._connection.rows("DROP TRIGGER audit_only_wiped")
        db._connection.change("UPDATE audit SET mac = :mac WHERE seq = 3", {"mac": bytes(32)})
        monkeypatch.setattr(db.audit._head, "load", lambda: (2, b"m" * 32))
        assert db.audit.head_state() is HeadState.OLD_COPY
