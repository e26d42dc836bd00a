"""The nightly round: a check and a back-up, once for all processes, and an alarm when there is none for too long."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.database import Database
from data.errors import DatabaseUnavailable
from data.messages import MessageKind
from kiosk.commands.backstage import backstage_of
from kiosk.config import Config
from kiosk.delivery.alarms import AlarmMeans
from kiosk.keeping.nightly import Keeper, NightlyMeans
from kiosk.keeping.restore import rehearse
from kiosk.keeping.sealed_file import write_sealed
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.vault import FileVault
from tests.kiosk.commands.command_line import Kiosk
from tests.kiosk.world import START, TurnedClock, World

HOUR = 3600
TECHNICIAN = "+31600000001"
# START is an afternoon; the small hours after it, in Amsterdam.
NIGHT = START - START % 86_400_000 + 86_400_000 + 2 * 3_600_000 + 600_000


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    path = tmp_path / "stick"
    path.mkdir()
    return path


@pytest.fixture
def means(world: World, stick: Path) -> NightlyMeans:
    vault = world.site.vault
    assert isinstance(vault, FileVault)
    directory = world.site.database.path.parent

    def open_database() -> Database:
        head = AuditHeadFile(directory / "keys" / "audit.head")
        return Database.open(directory / "kiosk.db", vault, head, now=world.clock.now())

    return NightlyMeans(
        open_database=open_database,
        keys=vault,
        directory=stick,
        kept=3,
        overdue_hours=48,
        site="Receptie Noord",
        zone=ZoneInfo("Europe/Amsterdam"),
        clock=world.clock,
        alarms=AlarmMeans(
            phones=[TECHNICIAN], words=world.site.languages["nl"], site="Receptie Noord", down_minutes=10
        ),
    )


@pytest.fixture
def nightly(world: World, means: NightlyMeans) -> Iterator[Callable[[], None]]:
    """Looks at `world`'s clock, as the thread does; the first round of a new kiosk is made."""
    Keeper(means).look()
    yield lambda: Keeper(means).look()
    assert world.site.database.audit.verify().ok


def made(stick: Path) -> list[str]:
    return sorted(path.name for path in stick.iterdir())


def damage(database: Path) -> None:
    """Where nothing looks at a start."""
    with closing(sqlite3.connect(database)) as raw:
        [page] = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'loop_tests'").fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


def alarms(world: World) -> list[str]:
    rows = world.site.database._connection.rows("SELECT id FROM messages WHERE kind = 'alarm' ORDER BY rowid")
    messages = [world.site.database.messages.get(row["id"]) for row in rows]
    return [world.site.database.messages.text(message) for message in messages if message is not None]


def days(world: World, clock: TurnedClock, count: int, look: Callable[[], None]) -> None:
    """So many days, with a look every hour."""
    for _ in range(24 * count):
        clock.pass_seconds(HOUR)
        look()
    assert world.clock is clock


def test_a_new_kiosk_makes_one_at_once_that_can_be_put_back(world: World, stick: Path, means: NightlyMeans) -> None:
    Keeper(means).look()

    [name] = made(stick)
    assert isinstance(means.keys, FileVault)
    assert rehearse(stick / name, means.keys, world.site.database.path, now=START).site == "Receptie Noord"


def test_one_is_made_each_night_at_three_and_only_so_many_are_kept(
    world: World, stick: Path, nightly: Callable[[], None]
) -> None:
    days(world, world.clock, 5, nightly)

    names = made(stick)
    assert len(names) == 3
    assert [name.split("-")[2][:2] for name in names] == ["02", "02", "02"]
    assert [result for action, result in world.actions() if action == "backup.made"] == ["done"] * 6


def test_a_machine_that_is_off_at_night_makes_it_in_the_daytime(
    world: World, stick: Path, nightly: Callable[[], None]
) -> None:
    world.clock.at = START + 26 * HOUR * 1000
    nightly()
    assert len(made(stick)) == 2


def test_of_two_processes_one_makes_it(world: World, stick: Path, nightly: Callable[[], None]) -> None:
    world.clock.at = NIGHT + 24 * HOUR * 1000
    nightly()
    nightly()
    world.clock.pass_seconds(1200)
    nightly()
    assert len(made(stick)) == 2


def test_one_that_fails_is_tried_again_each_hour_and_told_once_a_day_when_it_is_overdue(
    world: World, stick: Path, nightly: Callable[[], None]
) -> None:
    for path in stick.iterdir():
        path.unlink()
    stick.rmdir()

    days(world, world.clock, 2, nightly)
    assert alarms(world) == []
    days(world, world.clock, 2, nightly)
    told = alarms(world)
    assert len(told) in {2, 3}
    assert all("geen back-up" in text for text in told)
    assert ("backup.failed", "PlaceMissing") in world.actions()
    assert not stick.exists()

    stick.mkdir()
    days(world, world.clock, 1, nightly)
    assert len(made(stick)) in {1, 2}


def test_one_on_demand_counts_against_overdue(world: World, stick: Path, nightly: Callable[[], None]) -> None:
    world.clock.pass_seconds(72 * HOUR)
    stick.rename(stick.with_name("away"))
    nightly()
    assert len(alarms(world)) == 1


def test_back_ups_of_another_site_on_the_same_medium_stay(
    world: World, stick: Path, nightly: Callable[[], None]
) -> None:
    foreign = stick / "kiosk-20200101-000000.backup"
    write_sealed(foreign, FileVault(MasterKey(bytes(32))), iter([b"theirs"]))
    days(world, world.clock, 5, nightly)
    assert foreign.exists()
    assert len(made(stick)) == 4


def test_what_a_killed_one_left_is_taken_away_and_what_another_writes_now_stays(
    world: World, stick: Path, nightly: Callable[[], None]
) -> None:
    killed, writing = (stick / f".kiosk-20261101-02000{number}.backup.part" for number in range(2))
    for path in (killed, writing):
        path.touch()
    world.clock.at = NIGHT + 24 * HOUR * 1000
    os.utime(killed, (world.clock.at / 1000 - 25 * HOUR,) * 2)
    os.utime(writing, (world.clock.at / 1000 - HOUR,) * 2)

    nightly()

    assert (killed.exists(), writing.exists()) == (False, True)


def test_names_go_up_and_the_newest_stay_when_the_clock_of_the_machine_goes_back(
    world: World, stick: Path, nightly: Callable[[], None]
) -> None:
    world.clock.wrong_ms = -400 * 86_400_000
    newest: list[str] = []
    for _ in range(5):
        before = set(made(stick))
        world.clock.pass_seconds(26 * HOUR)
        nightly()
        newest += set(made(stick)) - before
    assert made(stick) == newest[-3:]


def test_a_medium_that_lets_nothing_be_thrown_away_still_gets_one_a_night(
    world: World, stick: Path, nightly: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def refuse(path: Path, *, missing_ok: bool = False) -> None:
        if path.suffix == ".backup" and path.parent == stick:
            raise PermissionError(1, "no", str(path))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    days(world, world.clock, 5, nightly)
    assert len(made(stick)) == 6
    assert "backup.failed" not in {action for action, _ in world.actions()}


@pytest.mark.parametrize("to_a_medium", [True, False])
def test_a_damaged_database_is_told_and_no_good_back_up_is_thrown_away(
    world: World, stick: Path, nightly: Callable[[], None], means: NightlyMeans, to_a_medium: bool
) -> None:
    days(world, world.clock, 4, nightly)
    before = made(stick)
    world.site.database._connection.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(world.site.database.path)
    world.clock.pass_seconds(26 * HOUR)

    Keeper(means if to_a_medium else replace(means, directory=None)).look()

    assert made(stick) == before
    assert ("storage.check", "damaged") in world.actions()
    assert [text for text in alarms(world) if "beschadigd" in text]
    assert {message.kind for message in world.messages()} <= {MessageKind.ALARM}


def test_what_runs_for_months_does_not_start_on_a_database_that_is_damaged_where_a_start_does_not_look(
    world: World, kiosk: Kiosk
) -> None:
    world.close()
    damage(kiosk.database)

    with pytest.raises(DatabaseUnavailable) as caught:
        backstage_of(Config.load(kiosk.config))
    assert caught.value.reason == "corrupt"


def test_a_round_throws_away_what_ran_out_and_nothing_else_does(world: World, means: NightlyMeans) -> None:
    tidied: list[int] = []
    keeper = Keeper(replace(means, tidy=lambda: tidied.append(world.clock.now())))
    keeper.look()
    keeper.look()
    assert tidied == [world.clock.now()]
