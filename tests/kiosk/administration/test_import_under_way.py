"""An import among sign-ins, and an import that is killed: people come in meanwhile, and all rows are there or none."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.accounts import Created
from kiosk.administration.finding import find
from kiosk.administration.importing import NotAllRight, discard, prepare, put_in_place
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.administration.office import BECAUSE, root
from tests.kiosk.world import PASSWORD, START, World, why

ROOT = Path(__file__).parents[3]
PEOPLE = 600


@pytest.fixture
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("usb") / "people.csv"
    lines = [f"p{number};Persoon {number};06{12000000 + number}" for number in range(PEOPLE)]
    path.write_text("\n".join(["inlognaam;naam;telefoon", *lines]), encoding="utf-8")
    return path


def test_people_sign_in_at_another_desk_while_a_list_is_staged(world: World, listed: Path) -> None:
    world.person()
    desk = world.neighbour()
    desk.modem()
    came_in: list[Stage] = []

    def another_desk(_rows: int) -> None:
        world.clock.pass_seconds(120)
        desk.modem()
        sign_in = desk.sign_in()
        assert isinstance(sign_in.begin("j.devries", PASSWORD), Moved)
        moved = sign_in.answer(desk.code_of_queued())
        assert isinstance(moved, Moved)
        came_in.append(moved.stage)
        sign_in.cancel("person")

    prepared = prepare(root(world), listed, stage=True, progress=another_desk)
    # Nobody of the list is there before all of it is.
    assert desk.site.database.users.count() == 1
    put_in_place(root(world), prepared, BECAUSE)

    assert len(came_in) == 3
    assert desk.site.database.users.count() == PEOPLE + 1
    assert desk.site.database.audit.verify().ok


@pytest.mark.parametrize(("killed_at", "people"), [("staged", 0), ("swapped", 0), ("done", PEOPLE)])
def test_an_import_that_is_killed_has_added_all_or_nobody(
    tmp_path: Path, listed: Path, killed_at: str, people: int
) -> None:
    World.make(tmp_path).close()
    command = [sys.executable, "-m", "tests.kiosk.administration.importer", str(tmp_path), str(listed), killed_at]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == killed_at:
                break
        process.kill()

    with closing(World.reopened(tmp_path, at=START + 3_600_001)) as world:
        database = world.site.database
        assert database.users.count() == people
        assert len(find(world.site, "0612000001", limit=9).people) == min(people, 1)
        assert database.audit.verify().ok
        assert database._connection.rows("PRAGMA integrity_check")[0][0] == "ok"
        again = prepare(root(world), listed, stage=True)
        assert (again.report.new, again.report.same) == (PEOPLE - people, people)
        put_in_place(root(world), again, BECAUSE)
        assert database.users.count() == PEOPLE
        assert world.table("staged_people") == []
        # What the killed one left is gone, too.
        assert (len(world.table("users")), len(world.table("factors"))) == (PEOPLE, PEOPLE)


def test_whoever_waits_to_be_put_in_place_is_nobody_yet(world: World, listed: Path) -> None:
    prepared = prepare(root(world), listed, stage=True)
    users = world.site.database.users

    assert users.by_name("p1") is None
    assert (users.count(), users.without_password()) == (0, [])
    for text in ("", "p1", "persoon", "0612000001", "01"):
        assert find(world.site, text, limit=9).people == ()
    assert why(world.attempt("x", "p1")) == "sign_in.login.wrong"
    assert isinstance(world.invite("p1"), Created)

    with pytest.raises(NotAllRight):
        put_in_place(root(world), prepared, BECAUSE)
    assert [row["name"] for row in world.table("users")] == ["p1"]
    assert len(world.table("factors")) == 1


@pytest.mark.parametrize("winner", [0, 1])
def test_of_two_imports_of_one_list_whichever_is_put_in_place_first_adds_everybody(
    world: World, listed: Path, winner: int
) -> None:
    both = [prepare(root(world), listed, stage=True) for _ in range(2)]
    put_in_place(root(world), both[winner], BECAUSE)
    with pytest.raises(NotAllRight) as caught:
        put_in_place(root(world), both[1 - winner], BECAUSE)
    assert caught.value.report.wrong == PEOPLE
    assert len(world.table("users")) == len(world.table("factors")) == PEOPLE
    assert {row["name_key"] for row in world.table("users")} == {f"p{number}" for number in range(PEOPLE)}


def test_a_name_that_a_discarded_import_held_is_free_again(world: World, listed: Path) -> None:
    office = root(world)
    first, second = (prepare(office, listed, stage=True) for _ in range(2))
    assert first.import_id is not None
    discard(office, first.import_id)
    assert put_in_place(office, second, BECAUSE).added == PEOPLE
    [found] = find(world.site, "p77", limit=1).people
    assert found.name_key == "p77"


def test_others_find_the_lock_free_as_long_as_cleaning_held_it(
    world: World, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free: list[float] = []
    monkeypatch.setattr("kiosk.administration.importing._DISCARDED_TOGETHER", PEOPLE // 3)
    monkeypatch.setattr("kiosk.administration.importing.time.sleep", free.append)
    office = root(world)
    put_in_place(office, prepare(office, listed, stage=True), BECAUSE)
    assert len(free) == 3
    assert min(free) > 0
    assert world.table("staged_people") == []


def test_what_is_put_in_place_survives_the_cleaning_after_it(world: World, listed: Path) -> None:
    office = root(world)
    done = put_in_place(office, prepare(office, listed, stage=True), BECAUSE)
    discard(office, done.import_id)
    [person] = find(world.site, "0612000007", limit=9).people
    assert (person.name, person.created_at, person.deleted_at) == ("p7", world.clock.now(), None)
