from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.audit import REFERENCE_LETTERS, REFERENCES, reference, sequence_number
from data.audit_check import HeadState
from data.canonical import JSON
from data.database import Database
from kiosk.keys import AuditHeadFile
from tests.data.conftest import OpenDatabase
from tests.data.things import NOW, Things

JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters=st.dictionaries(st.text(), JSONS, max_size=4), actor=st.none() | st.text())
def test_whatever_is_written_is_read_and_verifies(
    db: Database, parameters: Mapping[str, JSON], actor: str | None
) -> None:
    with db.transaction(write=True):
        entry = db.audit.append(
            action="a", result="done", origin="desk", actor=actor, at=NOW, at_wall=NOW - 1, parameters=parameters
        )
    [row] = db.audit.rows(after=entry.seq - 1)
    assert row.event is not None
    assert (row.event.actor, row.event.parameters) == (actor, parameters)
    assert (row.seq, row.at, row.at_wall, row.reference) == (entry.seq, NOW, NOW - 1, entry.reference)
    assert db.audit.verify().ok


@given(st.integers(1, 10**9))
def test_a_reference_is_a_letter_and_three_digits_that_lead_back(seq: int) -> None:
    name = reference(seq)
    assert name[0] in REFERENCE_LETTERS
    assert len(name) == 4
    assert sequence_number(f" {name.lower()} ") == seq % REFERENCES


@given(st.text())
def test_other_text_is_no_reference(text: str) -> None:
    number = sequence_number(text)
    assert number is None or reference(number) == text.strip().upper()


def test_letters_that_look_like_digits_are_not_used() -> None:
    assert not set("IOQ") & set(REFERENCE_LETTERS)


def test_a_reference_finds_its_row(db: Database, things: Things) -> None:
    things.audit(3)
    row = db.audit.by_reference("a002")
    assert row is not None
    assert row.seq == 2
    assert db.audit.by_reference("A004") is None
    assert db.audit.by_reference("Z001") is None
    assert db.audit.by_reference("nonsense") is None


def test_an_empty_log_is_whole(db: Database) -> None:
    assert db.audit.verify().ok
    assert db.audit.head_state() is HeadState.CURRENT


def test_rows_come_from_any_number_on(db: Database, things: Things) -> None:
    things.audit(2_500)
    assert [row.seq for row in db.audit.rows(after=1_400)] == list(range(1_401, 2_501))


def test_a_row_of_a_transaction_that_failed_is_neither_in_the_log_nor_in_the_head(
    db: Database, things: Things, head: AuditHeadFile
) -> None:
    things.audit()

    def fail() -> None:
        with db.transaction(write=True):
            things.audit()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with db.transaction(write=True):
        db.meta.set("key", "value")
    kept = head.load()
    assert kept is not None
    assert kept[0] == 1
    assert db.audit.verify().rows == 1


def test_two_writers_make_one_chain(db: Database, open_database: OpenDatabase, head: AuditHeadFile) -> None:
    writers = [Things(db), Things(open_database())]
    for turn in range(6):
        writers[turn % 2].audit()
    kept = head.load()
    assert kept is not None
    assert kept[0] == 6
    assert db.audit.verify().rows == 6


def test_the_check_tells_how_far_it_is_and_stops_when_asked(db: Database, things: Things) -> None:
    things.audit(4_500)
    told: list[tuple[int, int]] = []
    assert db.audit.verify(lambda done, total: told.append((done, total))).ok
    assert told == [(2_000, 4_500), (4_000, 4_500), (4_500, 4_500)]
    stopped = db.audit.verify(cancelled=lambda: len(told) == 3)
    assert (stopped.ok, stopped.cancelled, stopped.kind) == (False, True, None)


def test_pruning_wipes_what_old_rows_say_and_keeps_the_chain(db: Database, things: Things) -> None:
    things.audit(5, at=NOW, room=17)
    with db.transaction(write=True):
        assert (
            db.audit.prune(
                "sign_in.password", NOW + 3, limit=9, at=NOW + 9, at_wall=NOW + 9, actor="admin", origin="desk"
            )
            == 3
        )
    rows = list(db.audit.rows())
    assert [row.event is None for row in rows] == [True] * 3 + [False] * 3
    assert rows[-1].event is not None
    assert rows[-1].event.parameters == {
        "action": "sign_in.password",
        "before": NOW + 3,
        "rows": 3,
        "sum": 6,
        "to_seq": 3,
    }
    verification = db.audit.verify()
    assert (verification.ok, verification.rows, verification.pruned) == (True, 6, 3)


def test_pruning_twice_verifies_and_pruning_nothing_writes_nothing(db: Database, things: Things) -> None:
    things.audit(5)
    for before in (NOW + 2, NOW + 4, NOW + 4, 0):
        with db.transaction(write=True):
            db.audit.prune(
                "sign_in.password", before, limit=9, at=NOW + 9, at_wall=NOW + 9, actor="admin", origin="desk"
            )
    verification = db.audit.verify()
    assert (verification.ok, verification.rows, verification.pruned) == (True, 7, 4)
