"""Finding rows of the log: what is found is what a look at each row finds."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.audit import REFERENCES
from data.audit_search import AuditBounds, AuditFilter
from data.database import Database
from tests.data.things import NOW, Things

ACTIONS = ("sign_in", "sign_in.password", "sign_in.sms", "sign_ins.odd", "users.added", "audit.read", 'a"b,"actor":"x"')
PEOPLE = ("jan", "piet", 'x","object":"jan"', "\ud800")
ORIGINS = ("desk:1", "desk:2", 'desk","parameters":{')
DAY = 1_000


@dataclass(frozen=True)
class Written:
    action: str
    actor: str | None
    object: str | None
    origin: str
    at: int


WRITTEN = st.builds(
    Written,
    action=st.sampled_from(ACTIONS),
    actor=st.none() | st.sampled_from(PEOPLE),
    object=st.none() | st.sampled_from(PEOPLE),
    origin=st.sampled_from(ORIGINS),
    at=st.integers(NOW, NOW + 5 * DAY),
)
FILTERS = st.builds(
    AuditFilter,
    people=st.lists(st.sampled_from(PEOPLE), max_size=2).map(tuple),
    actions=st.lists(st.sampled_from((*ACTIONS, "users", "")), max_size=2).map(tuple),
    origins=st.lists(st.sampled_from(ORIGINS), max_size=2).map(tuple),
    since=st.none() | st.integers(NOW, NOW + 5 * DAY),
    until=st.none() | st.integers(NOW, NOW + 5 * DAY),
    reference=st.none() | st.integers(0, 20),
    up_to=st.none() | st.integers(0, 20),
    not_reading_of=st.none() | st.sampled_from(PEOPLE),
)


@contextmanager
def rolled_back(db: Database) -> Iterator[None]:
    """Each example begins with an empty log."""
    with suppress(_Enough), db.transaction(write=True):
        yield
        raise _Enough


class _Enough(Exception):
    pass


def write(db: Database, written: list[Written]) -> None:
    with db.transaction(write=True):
        for one in written:
            db.audit.append(
                action=one.action,
                object=one.object,
                result="ok",
                origin=one.origin,
                actor=one.actor,
                at=one.at,
                at_wall=one.at,
            )


def numbers(db: Database, wanted: AuditFilter) -> list[int]:
    return [row.seq for row in db.audit_search.newest(wanted, limit=99)]


def is_wanted(seq: int, one: Written, wanted: AuditFilter) -> bool:
    read = one.action.startswith("audit.") and one.actor == wanted.not_reading_of
    return (
        (not wanted.people or one.actor in wanted.people or one.object in wanted.people)
        and (not wanted.actions or any(one.action == a or one.action.startswith(f"{a}.") for a in wanted.actions))
        and (not wanted.origins or one.origin in wanted.origins)
        and (wanted.since is None or one.at >= wanted.since)
        and (wanted.until is None or one.at < wanted.until)
        and (wanted.reference is None or seq % REFERENCES == wanted.reference)
        and (wanted.up_to is None or seq <= wanted.up_to)
        and (wanted.not_reading_of is None or not read)
    )


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(WRITTEN, max_size=8), wanted=FILTERS)
@pytest.mark.parametrize("recent", [0, 3, 20_000])
def test_what_is_found_is_what_a_look_at_each_row_finds(
    db: Database, recent: int, written: list[Written], wanted: AuditFilter
) -> None:
    with rolled_back(db), pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.audit_search.RECENT", recent)
        write(db, written)
        expected = [seq for seq, one in enumerate(written, 1) if is_wanted(seq, one, wanted)]
        assert [row.seq for row in db.audit_search.newest(wanted, limit=99)] == expected[::-1]
        assert [row.seq for row in db.audit_search.oldest(wanted, limit=99)] == expected
        first, last = (expected[0], expected[-1]) if expected else (0, 0)
        bounds = db.audit_search.bounds(wanted)
        assert bounds == AuditBounds(len(expected), first, last)
        raw = [(row["seq"], bool(row["wanted"])) for row in db.audit_search.raw(wanted, bounds)]
        assert raw == [(seq, seq in expected) for seq in range(first, last + 1) if seq]


def test_pages_follow_each_other_without_a_gap(db: Database, things: Things) -> None:
    things.audit(25)
    seen: list[int] = []
    before: int | None = None
    while rows := db.audit_search.newest(AuditFilter(), limit=10, before=before):
        seen += [row.seq for row in rows]
        before = rows[-1].seq
    assert seen == list(range(25, 0, -1))


def test_pages_from_the_beginning_follow_each_other_without_a_gap(db: Database, things: Things) -> None:
    things.audit(25)
    seen: list[int] = []
    while rows := db.audit_search.oldest(AuditFilter(), limit=10, after=seen[-1] if seen else 0):
        seen += [row.seq for row in rows]
    assert seen == list(range(1, 26))


def test_an_sms_is_found_under_the_person_it_went_to(db: Database, things: Things) -> None:
    sign_in = things.sign_in()
    message = things.message(sign_in)
    with db.transaction(write=True):
        db.audit.append(
            action="sms.sent", object=message.id, result="ok", origin="dispatcher", actor="-", at=NOW, at_wall=NOW
        )
    assert sign_in.user_id is not None
    [row] = db.audit_search.newest(AuditFilter(people=(sign_in.user_id,)), limit=9)
    assert row.event is not None
    assert row.event.action == "sms.sent"
    assert db.audit_search.recipient(message.id) == sign_in.user_id
    assert db.audit_search.recipient("no message") is None


def test_what_was_pruned_is_found_by_time_and_not_by_what_it_said(db: Database, things: Things) -> None:
    things.audit(3)
    with db.transaction(write=True):
        db.audit.prune("sign_in.password", NOW + 2, limit=9, at=NOW + 9, at_wall=NOW + 9, actor="-", origin="test")
    assert numbers(db, AuditFilter(until=NOW + 3)) == [3, 2, 1]
    assert numbers(db, AuditFilter(actions=("sign_in",))) == [3]
    assert db.audit_search.oldest_by_action() == {"sign_in.password": NOW + 2, "audit.pruned": NOW + 9}


def test_pruning_takes_the_oldest_of_one_action_and_no_more_than_it_was_allowed(db: Database, things: Things) -> None:
    things.audit(5)

    def prune(action: str, limit: int) -> int:
        with db.transaction(write=True):
            return db.audit.prune(action, NOW + 9, limit=limit, at=NOW + 9, at_wall=NOW + 9, actor="-", origin="test")

    assert [prune("sms.sent", 9), prune("sign_in.password", 2), prune("sign_in.password", 9)] == [0, 2, 3]
    assert [row.event is None for row in db.audit.rows()] == [True] * 5 + [False] * 2
    assert db.audit.verify().ok


def test_the_last_row_of_an_action_is_found(db: Database, things: Things) -> None:
    things.audit(2)
    assert db.audit_search.last("audit.checkpoint") is None
    found = db.audit_search.last("sign_in.password")
    assert found is not None
    assert found.seq == 2


def test_whether_anything_came_from_somewhere_is_known(db: Database, things: Things) -> None:
    things.audit()
    assert db.audit_search.known_origin("desk")
    assert not db.audit_search.known_origin("des")


@pytest.mark.parametrize(
    ("wanted", "indexes"),
    [
        (
            AuditFilter(people=("jan",)),
            {"audit_actor", "audit_object", "messages_of_user"},
        ),
        (AuditFilter(actions=("sign_in",), up_to=9), {"audit_action"}),
        (AuditFilter(origins=("desk:1",), up_to=9), {"audit_origin"}),
        (AuditFilter(since=NOW, up_to=9), {"audit_at"}),
    ],
)
def test_each_way_of_asking_has_its_index(db: Database, wanted: AuditFilter, indexes: set[str]) -> None:
    where, values = db.audit_search._conditions(wanted)
    plan = db._connection.rows(f"EXPLAIN QUERY PLAN SELECT count(*), min(seq) FROM audit WHERE {where}", values)
    steps = " ".join(row["detail"] for row in plan)
    assert {index for index in indexes if f"{index} " in steps} == indexes
    assert "SCAN audit" not in steps
