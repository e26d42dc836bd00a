"""Saving a report over a connection of its own: how far it is, stopped half-way, and for nobody whose session is over."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from data.audit_check import never, silent
from data.users import Role
from kiosk.administration.authority import PageAuthority
from kiosk.administration.errors import Forbidden
from kiosk.reports.report import Report
from kiosk.reports.room import SavingStopped
from kiosk.reports.saving_room import SavingKey, SavingRoom
from kiosk.site import Site
from tests.kiosk.administration.office import administrator, page
from tests.kiosk.world import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exchange"
    made.mkdir()
    return made


@pytest.fixture
def authority(world: World) -> PageAuthority:
    administrator(world)
    found = page(world).authority
    assert isinstance(found, PageAuthority)
    return found


@pytest.fixture
def room(world: World, authority: PageAuthority, folder: Path, tmp_path: Path) -> Iterator[SavingRoom]:
    @contextmanager
    def elsewhere() -> Iterator[Site]:
        with closing(
            world._enter(tmp_path, world.clock, world.site.policy, help_desk=None, desk="x", busy_ms=500)
        ) as own:
            yield own.site

    key = SavingKey(
        reader_id=authority.administrator_id,
        session_id=authority.session_id,
        role=Role.ADMINISTRATOR,
        origin=f"desk:{world.desk_id}",
        simulated=False,
        open_site=elsewhere,
        folder=folder,
    )
    with closing(key.enter()) as made:
        yield made


def test_a_report_is_saved_in_the_name_of_the_reader_with_how_far_it_is(
    world: World, room: SavingRoom, authority: PageAuthority, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.reports.room._TELL_EVERY", 1)
    world.person()
    told: list[tuple[int, int]] = []

    saved = room.save(Report.ONLY_SMS, world.site.languages["nl"], lambda *far: told.append(far), never)

    assert (saved.rows, told) == (1, [(1, 1)])
    assert [file.name for file in folder.iterdir()] == [saved.name]
    row = world.site.database.audit.by_reference(saved.reference)
    assert row is not None
    assert row.event is not None
    assert (row.event.action, row.event.result, row.event.actor) == (
        "reports.exported",
        "ok",
        authority.administrator_id,
    )


def test_what_is_stopped_is_not_there_and_not_in_the_log_as_saved(
    world: World, room: SavingRoom, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.reports.room._TELL_EVERY", 1)

    with pytest.raises(SavingStopped):
        room.save(Report.RIGHTS, world.site.languages["nl"], silent, lambda: True)

    assert list(folder.iterdir()) == []
    assert [action for action, _ in world.actions() if action.startswith("reports.")] == ["reports.read"]


def test_nothing_is_saved_after_the_session(
    world: World, room: SavingRoom, authority: PageAuthority, folder: Path
) -> None:
    with world.site.database.transaction(write=True):
        world.site.database.sessions.end(authority.session_id, "sign_out", world.clock.now())

    with pytest.raises(Forbidden):
        room.save(Report.RIGHTS, world.site.languages["nl"], silent, never)

    assert list(folder.iterdir()) == []
    assert not [action for action, _ in world.actions() if action.startswith("reports.")]
