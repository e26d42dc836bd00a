"""The log at a desk: only for who may read it, each deed of theirs a row, in a thread of its own."""

import csv
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from data.audit_check import Fault
from data.users import Role
from kiosk.audit.asking import Asked
from kiosk.audit.checking import in_groups
from kiosk.audit.errors import ExportCancelled, WrongTime, WrongValue
from kiosk.audit.findings import fault_of
from kiosk.audit.room import AuditRoom, Form, MayNotRead, RoomKey
from kiosk.domain_thread import DomainThread
from kiosk.exchange import NoPlace
from kiosk.site import Site
from tests.data.test_tampering import EVERYTHING, Tamper, sql, swap, tamper
from tests.kiosk.world import World


@pytest.fixture
def key(busy: World, tmp_path: Path) -> RoomKey:
    """An auditor is signed in."""
    busy.person("auditor", phone=None, app=True)
    user = busy.user("auditor")
    database = busy.site.database
    with database.transaction(write=True):
        database.users.set_role(user.id, Role.AUDITOR)
        session = database.sessions.start(user.id, busy.desk_id, "totp", user.epoch, busy.clock.now())
    folder = tmp_path / "exchange"
    folder.mkdir()

    @contextmanager
    def elsewhere() -> Iterator[Site]:
        with closing(busy._enter(tmp_path, busy.clock, busy.site.policy, help_desk=None, desk="x", busy_ms=500)) as own:
            yield own.site

    return RoomKey(
        reader_id=user.id,
        session_id=session.id,
        origin=f"desk:{busy.desk_id}",
        simulated=False,
        open_site=elsewhere,
        folder=folder,
    )


@pytest.fixture
def room(key: RoomKey) -> Iterator[AuditRoom]:
    with closing(key.enter()) as made:
        yield made


def actions(world: World) -> list[str]:
    return [row.event.action for row in world.site.database.audit.rows() if row.event is not None]


def test_reading_checking_comparing_and_handing_over_are_rows(busy: World, room: AuditRoom) -> None:
    before = len(actions(busy))
    room.search(Asked())
    found = room.verify()
    room.row_with(in_groups(found.mac), found)
    room.export(Asked(), Form.TABLE)
    written = ["audit.read", "audit.verified", "audit.value_compared", "audit.exported"]
    assert actions(busy)[before:] == written


def test_turning_pages_is_no_row(busy: World, room: AuditRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.audit.room.LINES", 4)
    found = room.search(Asked())
    before = len(actions(busy))
    older = room.older(found.lines[-1].seq)
    numbers = [line.seq for line in (*found.lines, *older)]
    assert numbers == list(range(numbers[0], numbers[0] - 8, -1))
    assert [line.seq for line in room.oldest()] == [4, 3, 2, 1]
    assert [line.seq for line in room.newer(2)] == [6, 5, 4, 3]
    assert room.newest() == found.lines
    assert len(actions(busy)) == before


@pytest.mark.parametrize(
    "what",
    [
        lambda room: room.search(Asked()),
        lambda room: room.oldest(),
        lambda room: room.verify(),
        lambda room: room.export(Asked(), Form.LINES),
    ],
    ids=["search", "oldest", "verify", "export"],
)
@pytest.mark.parametrize("over", ["session", "role"])
def test_whose_session_or_role_is_over_reads_nothing_more(
    busy: World, key: RoomKey, room: AuditRoom, over: str, what: Callable[[AuditRoom], object]
) -> None:
    with busy.site.database.transaction(write=True):
        if over == "session":
            busy.site.database.sessions.end(key.session_id, "administrator", busy.clock.now())
        else:
            busy.site.database.users.set_role(key.reader_id, Role.TECHNICIAN)
    before = len(actions(busy))
    with pytest.raises(MayNotRead):
        what(room)
    assert len(actions(busy)) == before
    assert key.folder is not None
    assert not list(key.folder.iterdir())


def test_the_value_of_the_last_visit_is_found_until_the_log_is_another(busy: World, room: AuditRoom) -> None:
    noted = in_groups(room.verify().mac)
    room.search(Asked())
    later = room.verify()
    assert room.row_with(noted.replace(" ", "-").lower(), later) == later.last_seq - 2
    assert room.row_with("1111 2222 3333 4444", later) is None
    assert busy.site.database.audit_search.last("audit.value_compared") is not None
    with pytest.raises(WrongValue):
        room.row_with("7F3A 91C2", later)


def test_a_value_of_a_row_that_was_not_checked_is_of_no_use(room: AuditRoom) -> None:
    checked = room.verify()
    assert room.row_with(in_groups(room.verify().mac), checked) is None


def test_an_export_of_lines_is_signed_and_no_file_is_written_over(key: RoomKey, room: AuditRoom) -> None:
    first, second = (room.export(Asked(), Form.LINES) for _ in range(2))
    assert first.exported.sealed
    assert first.name != second.name
    assert key.folder is not None
    assert {file.name for file in key.folder.iterdir()} == {first.name, second.name}


def test_a_cell_of_an_export_is_no_formula(busy: World, key: RoomKey, room: AuditRoom) -> None:
    with busy.site.database.transaction(write=True):
        busy.trail.record("test", "=1+1", actor="@x")
    done = room.export(Asked(actions=("test",)), Form.TABLE)
    assert key.folder is not None
    with (key.folder / done.name).open(encoding="utf-8-sig", newline="") as file:
        _heading, row = csv.reader(file, delimiter=";")
    assert {"'=1+1", "'@x"} < set(row)


def test_what_is_stopped_or_asked_wrongly_leaves_no_file(key: RoomKey, room: AuditRoom) -> None:
    with pytest.raises(ExportCancelled):
        room.export(Asked(), Form.LINES, cancelled=lambda: True)
    with pytest.raises(WrongTime):
        room.export(Asked(since="ooit"), Form.LINES)
    assert key.folder is not None
    assert not list(key.folder.iterdir())


def test_without_a_folder_or_a_stick_nothing_goes_out(key: RoomKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.exchange.MEDIA", ())
    with closing(replace(key, folder=None).enter()) as room, pytest.raises(NoPlace):
        room.export(Asked(), Form.LINES)


def test_it_lives_in_a_thread_of_its_own_and_closes_there(key: RoomKey) -> None:
    thread = DomainThread(key.enter)
    thread.start().result(5)
    assert thread.call(lambda room: room.search(Asked())).result(5).count > 0
    assert thread.stop(5)


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (sql("UPDATE audit SET body = replace(body, 'ok', 'no') WHERE seq = 5"), Fault.ALTERED),
        (sql("UPDATE audit SET body = NULL, salt = NULL WHERE seq = 5"), Fault.WIPED),
        (sql("DELETE FROM audit WHERE seq = 5"), Fault.MISSING_MIDDLE),
        (sql("DELETE FROM audit WHERE seq = 1"), Fault.MISSING_FIRST),
        (sql("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)"), Fault.MISSING_LAST),
        (sql("DELETE FROM audit"), Fault.MISSING_ALL),
        (swap(EVERYTHING, 4, 6), Fault.SWAPPED),
    ],
)
def test_what_was_done_to_the_log_is_named_at_the_desk(busy: World, room: AuditRoom, how: Tamper, kind: Fault) -> None:
    tamper(busy.site.database.path, how)
    found = room.verify()
    assert found.kind is kind
    sentence = fault_of(found)
    assert sentence is not None
    for language in busy.site.languages.values():
        assert language.text(sentence.text_id, **sentence.values)
    last = room.last_check()
    assert last is not None
    assert last.result == kind.value


def test_an_older_copy_under_a_running_desk_is_named_and_stays_named(busy: World, key: RoomKey, tmp_path: Path) -> None:
    path = busy.site.database.path
    busy.site.database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(path, tmp_path / "copy.db")
    with busy.site.database.transaction(write=True):
        busy.trail.record("test", "ok")
    busy.site.database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(tmp_path / "copy.db", path)
    with closing(key.enter()) as room:
        # Looking does not make the file beside the key forget the later row.
        assert [room.verify().kind, room.verify().kind] == [Fault.OLD_COPY, Fault.OLD_COPY]
