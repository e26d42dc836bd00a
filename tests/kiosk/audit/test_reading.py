"""Reading the log: names for ids, and a row that says who read it."""

from data.audit import AuditEvent
from kiosk.audit.asking import Asked
from kiosk.audit.reading import AuditFound, AuditLine, AuditReader
from tests.data.test_tampering import sql, tamper
from tests.kiosk.world import World


def reader(world: World, actor: str = "unix:auditor") -> AuditReader:
    return AuditReader(world.site, world.trail, actor=actor)


def found(world: World, asked: Asked, actor: str = "unix:auditor") -> AuditFound:
    return reader(world, actor).search(asked)


def last_event(world: World) -> AuditEvent:
    event = list(world.site.database.audit.rows())[-1].event
    assert event is not None
    return event


def by_action(lines: list[AuditLine], action: str) -> AuditLine:
    [line] = [line for line in lines if line.event is not None and line.event.action == action]
    return line


def test_ids_become_names_as_long_as_the_person_exists(busy: World) -> None:
    line = by_action(found(busy, Asked(actions=("session.started",))).newest(9), "session.started")
    assert line.event is not None
    assert (line.actor_name, line.event.actor, line.desk) == ("jan", busy.user("jan").id, "balie 1")
    assert busy.recorded(line.reference) == ("session.started", "ok")


def test_who_does_not_exist_stays_an_id(busy: World) -> None:
    lines = found(busy, Asked(actions=("sign_in.password",))).newest(99)
    unknown = [line for line in lines if line.event is not None and str(line.event.actor).startswith("name:")]
    assert [line.actor_name for line in unknown] == [None]


def test_everything_about_one_person_is_found(busy: World) -> None:
    names = {(line.actor_name, line.object_name) for line in found(busy, Asked(person="jan")).all()}
    assert names
    assert all("jan" in pair for pair in names)


def test_who_looked_for_what_is_written_down_before_anything_is_shown(busy: World) -> None:
    count = found(busy, Asked(person="jan", actions=("sign_in",))).count
    event = last_event(busy)
    assert (event.action, event.result, event.actor) == ("audit.read", "ok", "unix:auditor")
    assert event.parameters["rows"] == count
    assert event.parameters["actions"] == ["sign_in"]
    assert "jan" not in str(event.parameters)


def test_reading_does_not_change_what_is_read(busy: World) -> None:
    first = found(busy, Asked())
    before = [line.seq for line in first.all()]
    found(busy, Asked())
    assert [line.seq for line in first.all()] == before == list(range(first.count, 0, -1))


def test_who_reads_can_leave_out_that_they_did(busy: World) -> None:
    found(busy, Asked())
    found(busy, Asked(), actor="unix:other")
    actions = [
        (line.event.action, line.event.actor)
        for line in found(busy, Asked(not_own_reading=True)).all()
        if line.event is not None and line.event.action.startswith("audit.")
    ]
    assert actions == [("audit.read", "unix:other")]


def test_a_clock_that_was_not_believed_marks_the_row(world: World) -> None:
    world.clock.wrong_ms = 3 * 60_000
    with world.site.database.transaction(write=True):
        world.trail.record("clock", "jumped")
    world.clock.wrong_ms = 0
    with world.site.database.transaction(write=True):
        world.trail.record("clock", "ok")
    assert [line.clock_uncertain for line in found(world, Asked()).newest(9)] == [False, True]


def test_pruned_and_altered_rows_are_told_apart(busy: World) -> None:
    database, now = busy.site.database, busy.clock.now()
    with database.transaction(write=True):
        database.audit.prune("users.added", now + 1, limit=1, at=now, at_wall=now, actor="-", origin="-")
    tamper(database.path, sql("UPDATE audit SET body = 'nonsense' WHERE seq = 3"))
    data = {line.seq: line.as_data() for line in found(busy, Asked()).all()}
    assert (data[1]["pruned"], data[1]["altered"], "action" in data[1]) == (True, False, False)
    assert (data[3]["pruned"], data[3]["altered"], "action" in data[3]) == (False, True, False)
    assert data[2]["action"] == "users.added"
