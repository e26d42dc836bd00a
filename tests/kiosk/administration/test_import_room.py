"""Lists at a desk: those of the exchange folder only, tried, and put in place as they were tried or not at all."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from data.approvals import ApprovalState
from kiosk.administration.authority import PageAuthority
from kiosk.administration.errors import Forbidden, Rule
from kiosk.administration.free_text import Why
from kiosk.administration.import_room import Attempt, ImportKey, ImportRoom, ListChanged, StillWrong
from kiosk.administration.importing import Stopped, accept_all, accept_nothing
from kiosk.administration.lists import ListUnreadable
from kiosk.administration.requests import approve, leave_waiting
from kiosk.administration.rows import Accepts
from kiosk.policy import AdministrationPolicy, Policy
from kiosk.site import Site
from tests.kiosk.administration.office import administrator, page, rows
from tests.kiosk.world import World

BECAUSE = Why("new_colleague", "")
LIST = "inlognaam;naam;telefoon\r\na;Ann;0611111111\r\nb;Bob;622222222\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exchange"
    made.mkdir()
    (made / "people.csv").write_text(LIST)
    return made


@pytest.fixture
def room(world: World, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportRoom]:
    monkeypatch.setattr("kiosk.exchange.MEDIA", ())

    @contextmanager
    def elsewhere() -> Iterator[Site]:
        with closing(
            world._enter(tmp_path, world.clock, world.site.policy, help_desk=None, desk="x", busy_ms=500)
        ) as own:
            yield own.site

    key = ImportKey(origin=f"desk:{world.desk_id}", simulated=False, open_site=elsewhere, folder=folder)
    with closing(key.enter()) as made:
        yield made


@pytest.fixture
def authority(world: World) -> PageAuthority:
    administrator(world)
    found = page(world).authority
    assert isinstance(found, PageAuthority)
    return found


def silent(_done: int, _total: int) -> None:
    pass


def never() -> bool:
    return False


def attempt(room: ImportRoom, authority: PageAuthority, accepts: Accepts = accept_all) -> Attempt:
    [file] = room.files()
    return Attempt(authority, file, accepts)


def names(world: World) -> set[str]:
    return {user.name for user in world.site.database.users.all()}


def staged(world: World) -> int:
    return len(world.table("staged_people"))


def test_a_list_is_tried_and_put_in_place_with_how_far_it_is(
    world: World, room: ImportRoom, authority: PageAuthority
) -> None:
    told: list[tuple[int, int]] = []
    tried = room.trial(attempt(room, authority, accept_nothing), lambda *far: told.append(far), never)
    assert (tried.new, tried.wrong, told) == (1, 1, [(2, 3)])
    assert names(world) == {"a.bakker"}

    done = room.carry_out(attempt(room, authority), tried, BECAUSE, silent, never)
    assert (done.added, names(world), staged(world)) == (2, {"a.bakker", "a", "b"}, 0)
    [(result, actor, _about, _facts)] = rows(world, "imported")
    assert (result, actor) == ("ok", authority.administrator_id)


def test_what_was_not_accepted_stays_wrong_and_nothing_is_changed(
    world: World, room: ImportRoom, authority: PageAuthority
) -> None:
    one = attempt(room, authority, accept_nothing)
    tried = room.trial(one, silent, never)
    with pytest.raises(StillWrong) as caught:
        room.carry_out(one, tried, BECAUSE, silent, never)
    assert caught.value.report.wrong == 1
    assert (names(world), staged(world)) == ({"a.bakker"}, 0)


def test_another_list_than_the_one_that_was_tried_is_not_put_in_place(
    world: World, room: ImportRoom, authority: PageAuthority, folder: Path
) -> None:
    tried = room.trial(attempt(room, authority), silent, never)
    old = attempt(room, authority)
    times = (folder / "people.csv").stat()
    (folder / "people.csv").write_text(LIST.replace("Ann", "Eve"))
    with pytest.raises(FileNotFoundError):
        room.carry_out(old, tried, BECAUSE, silent, never)
    # Also when its size and time are those of the other.
    os.utime(folder / "people.csv", ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(ListChanged):
        room.carry_out(attempt(room, authority), tried, BECAUSE, silent, never)
    assert (names(world), staged(world)) == ({"a.bakker"}, 0)


def test_a_stick_that_is_pulled_out_changes_nothing(
    world: World, room: ImportRoom, authority: PageAuthority, folder: Path
) -> None:
    one = attempt(room, authority)
    tried = room.trial(one, silent, never)
    (folder / "people.csv").unlink()
    with pytest.raises(FileNotFoundError):
        room.carry_out(one, tried, BECAUSE, silent, never)
    assert (names(world), room.files()) == ({"a.bakker"}, [])


def test_stopping_changes_nothing(world: World, room: ImportRoom, authority: PageAuthority) -> None:
    one = attempt(room, authority)
    tried = room.trial(one, silent, never)
    with pytest.raises(Stopped):
        room.carry_out(one, tried, BECAUSE, silent, lambda: True)
    assert (names(world), staged(world)) == ({"a.bakker"}, 0)


def test_whose_session_is_over_or_whose_proof_is_old_imports_nothing(
    world: World, room: ImportRoom, authority: PageAuthority
) -> None:
    one = attempt(room, authority)
    tried = room.trial(one, silent, never)
    old = replace(authority, reauthenticated_at=0)
    with pytest.raises(Forbidden) as caught:
        room.carry_out(attempt(room, old), tried, BECAUSE, silent, never)
    assert caught.value.rule is Rule.REAUTHENTICATE
    with world.site.database.transaction(write=True):
        world.site.database.sessions.end(authority.session_id, "administrator", world.clock.now())
    with pytest.raises(Forbidden) as caught:
        room.carry_out(one, tried, BECAUSE, silent, never)
    assert caught.value.rule is Rule.NOT_ADMINISTRATOR
    assert names(world) == {"a.bakker"}


def test_neither_links_nor_hidden_files_nor_directories_are_lists(room: ImportRoom, folder: Path) -> None:
    (folder / "secret.csv").symlink_to("/etc/passwd")
    (folder / ".people.csv").write_text(LIST)
    (folder / "people.txt").write_text(LIST)
    (folder / "directory.csv").mkdir()
    os.mkfifo(folder / "pipe.csv")
    (folder / "MORE.CSV").write_text(LIST)
    assert {file.path.name for file in room.files()} == {"people.csv", "MORE.CSV"}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\xff\xfei\x00", "utf16"),
        (b"inlognaam;naam\r\na;\x00", "nul"),
        (b'inlognaam;naam\r\n"a;b', "quotes"),
        (b"inlognaam;naam\r\na;" + b"x" * 200_000, "field"),
        (b"inlognaam;naam\r\na;\x81", "encoding"),
    ],
)
def test_a_hostile_file_is_told_and_the_next_one_is_tried(
    room: ImportRoom, authority: PageAuthority, folder: Path, content: bytes, why: str
) -> None:
    (folder / "people.csv").write_bytes(content)
    with pytest.raises(ListUnreadable) as caught:
        room.trial(attempt(room, authority), silent, never)
    assert caught.value.why == why
    (folder / "people.csv").write_text(LIST)
    assert room.trial(attempt(room, authority), silent, never).rows == 2


def test_the_list_of_what_is_wrong_runs_in_no_spreadsheet(
    room: ImportRoom, authority: PageAuthority, folder: Path
) -> None:
    (folder / "people.csv").write_text('inlognaam;naam;rol\r\na;Ann;"@SUM(1)"\r\n')
    problems = room.trial(attempt(room, authority, accept_nothing), silent, never).problems
    name = room.save_problems([[str(one.line), "rol", one.value, one.wrong.value] for one in problems])
    assert '"2";"rol";"\'@SUM(1)";"role"' in (folder / name).read_text(encoding="utf-8-sig")


def test_a_trial_wants_no_second_administrator_and_putting_in_place_does(
    world: World, folder: Path, room: ImportRoom, authority: PageAuthority
) -> None:
    room._site = replace(room._site, policy=Policy(administration=AdministrationPolicy(four_eyes_role=True)))
    attempt = Attempt(authority, room.files()[0], accept_all)

    report = room.trial(attempt, silent, lambda: False)
    assert report.new == 2
    with pytest.raises(Forbidden) as refused:
        room.carry_out(attempt, report, BECAUSE, silent, lambda: False)
    assert refused.value.rule is Rule.FOUR_EYES
    assert staged(world) == 0
    wanted = refused.value.wanted
    assert wanted is not None
    assert (wanted.content.shown["new"], wanted.content.shown["sha256"]) == (2, report.digest)


def test_a_list_that_was_approved_is_put_in_place_once_and_no_other_list(
    world: World, folder: Path, room: ImportRoom, authority: PageAuthority
) -> None:
    room._site = replace(room._site, policy=Policy(administration=AdministrationPolicy(four_eyes_role=True)))
    (folder / "people.csv").write_text("inlognaam;naam;telefoon\r\na;Ann;0611111111\r\n")
    attempt = Attempt(authority, room.files()[0], accept_all)
    report = room.trial(attempt, silent, never)
    with pytest.raises(Forbidden) as refused:
        room.carry_out(attempt, report, BECAUSE, silent, never)
    assert refused.value.wanted is not None
    administrator(world, "c.dekker")
    first = replace(page(world), authority=authority)
    request_id = leave_waiting(first, refused.value.wanted).request_id
    approve(page(world, "c.dekker"), request_id)

    (folder / "people.csv").write_text("inlognaam;naam;telefoon\r\nb;Bob;0622222222\r\n")
    other = Attempt(authority, room.files()[0], accept_all)
    with pytest.raises(Forbidden):
        room.carry_out(other, room.trial(other, silent, never), BECAUSE, silent, never)
    (folder / "people.csv").write_text("inlognaam;naam;telefoon\r\na;Ann;0611111111\r\n")
    again = Attempt(authority, room.files()[0], accept_all)
    assert room.carry_out(again, report, BECAUSE, silent, never).added == 1
    assert rows(world, "imported")[-1][3]["approved_by"] == world.user("c.dekker").id
    request = world.site.database.approvals.get(request_id)
    assert request is not None
    assert request.state is ApprovalState.USED
