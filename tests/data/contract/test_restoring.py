from data.audit_check import HeadState
from data.challenges import ChallengeState
from data.database import Database
from data.factors import FactorKind
from data.messages import MessageState
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
