from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.database import Database
from data.throttles import Throttle
from data.users import PasswordState
from tests.data.things import MINUTE, NOW, Things


def test_a_desk_is_made_once(db: Database) -> None:
    with db.transaction(write=True):
        first, second = db.desks.ensure("site", "balie"), db.desks.ensure("site", "balie", simulated=True)
        other = db.desks.ensure("other site", "balie")
    assert (second.id, second.simulated) == (first.id, True)
    assert other.id != first.id


def test_a_sign_in_moves_until_it_ends_once(db: Database, things: Things) -> None:
    sign_in = things.sign_in()
    with db.transaction(write=True):
        assert db.sign_ins.set_stage(sign_in.id, "totp", "totp")
        assert db.sign_ins.finish(sign_in.id, "signed_in", None, NOW + 1)
        assert not db.sign_ins.finish(sign_in.id, "timed_out", None, NOW + 2)
        assert not db.sign_ins.set_stage(sign_in.id, "sms_code", "sms")
        assert db.sign_ins.claim_failure(sign_in.id, limit=5) is None
    after = db.sign_ins.get(sign_in.id)
    assert after is not None
    assert (after.stage, after.method, after.result, after.ended_at) == ("totp", "totp", "signed_in", NOW + 1)


def test_failures_of_a_sign_in_stop_at_the_limit(db: Database, things: Things) -> None:
    sign_in = things.sign_in()
    with db.transaction(write=True):
        assert [db.sign_ins.claim_failure(sign_in.id, limit=2) for _ in range(3)] == [1, 2, None]


def test_a_session_lives_until_it_ends_once(db: Database, things: Things) -> None:
    user, desk = things.user(), things.desk()
    with db.transaction(write=True):
        session = db.sessions.start(user.id, desk.id, "totp", user.epoch, NOW)
        assert db.sessions.touch(session.id, NOW + 5)
        assert db.sessions.touch(session.id, NOW + 3)
    touched = db.sessions.get(session.id)
    assert touched is not None
    assert touched.seen_at == NOW + 5
    assert db.sessions.live(user_id=user.id) == db.sessions.live(desk_id=desk.id) == [touched]
    with db.transaction(write=True):
        assert db.sessions.end(session.id, "signed_out", NOW + 9)
        assert not db.sessions.end(session.id, "idle", NOW + 9)
        assert not db.sessions.touch(session.id, NOW + 9)
    assert db.sessions.live() == []


def test_a_session_ends_for_good_when_the_epoch_moves_on(db: Database, things: Things) -> None:
    user, desk = things.user(), things.desk()
    with db.transaction(write=True):
        session = db.sessions.start(user.id, desk.id, "totp", user.epoch, NOW)
        db.users.set_password(user.id, "new", PasswordState.OWN, expires_at=None, if_epoch=0, now=NOW)
        assert not db.sessions.touch(session.id, NOW)


def test_all_sessions_of_one_person_end_and_no_others(db: Database, things: Things) -> None:
    one, other, desk = things.user(), things.user(), things.desk()
    with db.transaction(write=True):
        for user in (one, one, other):
            db.sessions.start(user.id, desk.id, "totp", 0, NOW)
        assert db.sessions.end_all("disabled", NOW, user_id=one.id) == 2
    assert [session.user_id for session in db.sessions.live()] == [other.id]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pauses=st.lists(st.integers(0, 10 * MINUTE), min_size=1, max_size=15),
    window=st.none() | st.integers(1, 20 * MINUTE),
)
def test_a_throttle_counts_within_its_window(db: Database, pauses: list[int], window: int | None) -> None:
    now, first, count = NOW, None, 0
    with db.transaction(write=True):
        db.throttles.clear("scope", "key")
        for pause in pauses:
            now += pause
            if first is None or (window is not None and now - first >= window):
                first, count = now, 0
            count += 1
            throttle = db.throttles.raise_("scope", "key", now=now, until=None, window_ms=window)
            assert (throttle.count, throttle.first_at, throttle.last_at) == (count, first, now)


def test_a_wait_stays_until_it_is_set_anew_or_counting_starts_again(db: Database) -> None:
    with db.transaction(write=True):
        db.throttles.raise_("s", "k", now=NOW, until=NOW + 5, window_ms=100)
        kept = db.throttles.raise_("s", "k", now=NOW + 1, until=None, window_ms=100)
        longer = db.throttles.raise_("s", "k", now=NOW + 2, until=NOW + 9, window_ms=100)
        started_again = db.throttles.raise_("s", "k", now=NOW + 100, until=None, window_ms=100)
        assert db.throttles.set_until("s", "k", NOW + 7)
    assert (kept.until, longer.until, started_again.until) == (NOW + 5, NOW + 9, None)
    assert db.throttles.get("s", "k") == Throttle(
        scope="s", key="k", count=1, first_at=NOW + 100, last_at=NOW + 100, until=NOW + 7
    )


def test_throttles_of_a_scope_come_latest_first_and_are_cleared_one_by_one(db: Database) -> None:
    with db.transaction(write=True):
        for key, at in (("old", NOW), ("new", NOW + 2), ("newer", NOW + 3)):
            db.throttles.raise_("s", key, now=at, until=None, window_ms=None)
        db.throttles.raise_("other", "new", now=NOW, until=None, window_ms=None)
        assert [throttle.key for throttle in db.throttles.of_scope("s", NOW + 1)] == ["newer", "new"]
        assert db.throttles.clear("s", "new")
        assert not db.throttles.clear("s", "new")
    assert db.throttles.get("s", "new") is None
    assert db.throttles.get("other", "new") is not None


def test_changes_are_shown_until_they_are_seen(db: Database, things: Things) -> None:
    user = things.user()
    with db.transaction(write=True):
        change = db.changes.add(user.id, what="factor.added", actor="admin", parameters={"kind": "sms"}, now=NOW)
        assert db.changes.unseen(user.id) == [change]
        assert db.changes.mark_seen(change.id, NOW)
        assert not db.changes.mark_seen(change.id, NOW)
    assert change.parameters == {"kind": "sms"}
    assert db.changes.unseen(user.id) == []


def test_a_fact_about_the_database_is_replaced(db: Database) -> None:
    assert db.meta.get("clock") is None
    with db.transaction(write=True):
        db.meta.set("clock", "1")
        db.meta.set("clock", "2")
    assert db.meta.get("clock") == "2"


def test_counters_that_nobody_raised_for_long_can_be_forgotten(db: Database) -> None:
    with db.transaction(write=True):
        for scope, key, at in (("told", "old", NOW), ("told", "new", NOW + 10), ("other", "old", NOW)):
            db.throttles.raise_(scope, key, now=at, until=None, window_ms=None)
        assert db.throttles.prune("told", NOW + 10) == 1
    left = [(scope, row.key) for scope in ("told", "other") for row in db.throttles.of_scope(scope, since=0)]
    assert left == [("told", "new"), ("other", "old")]
