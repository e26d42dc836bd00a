"""Slips in a file: each works once and stands nowhere else; a file that cannot be made leaves nobody with a password."""

import os
import re
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk.administration import slip_file
from kiosk.administration.changing import Office
from kiosk.administration.errors import Forbidden, NothingToDo, Rule
from kiosk.administration.importing import Stopped
from kiosk.administration.passwords import reset_password
from kiosk.administration.slip_file import SlipFile, make_file
from kiosk.administration.slips import Slip, awaiting, slips_of_new, take_back
from kiosk.exchange import NoPlace, NotSaved
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.administration.office import BECAUSE, administrator, page, root, rows
from tests.kiosk.administration.test_exporting import without_password
from tests.kiosk.world import World, why

PEOPLE = ("p0", "p1", "p2")


@pytest.fixture
def folder(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kiosk.exchange.MEDIA", ())
    monkeypatch.setattr("kiosk.administration.slips.BATCH", 1)
    administrator(world)
    for name in PEOPLE:
        without_password(world, name)
    made = tmp_path / "exchange"
    made.mkdir()
    return made


def make(office: Office, folder: Path | None, *, told: list[int] | None = None, stop_at: int = 99) -> SlipFile:
    """All slips; stopped as soon as so many are made."""
    told = [] if told is None else told
    return make_file(
        office,
        BECAUSE,
        import_id=None,
        folder=folder,
        progress=told.append,
        stopped=lambda: told[-1:] == [stop_at],
    )


def waiting(world: World) -> list[str]:
    return [user.name for user in awaiting(world.site, limit=9).people]


def test_everybody_has_a_slip_that_stands_in_the_file_alone(world: World, folder: Path) -> None:
    told: list[int] = []
    done = make(page(world), folder, told=told)

    assert (done.made, done.skipped, told) == (3, (), [1, 2, 3])
    [file] = folder.iterdir()
    assert (file.name, stat.S_IMODE(file.stat().st_mode)) == (done.name, 0o600)
    *slips, rest = file.read_text(encoding="utf-8").split("\f")
    assert rest == ""
    passwords = dict(re.findall(r"Gebruikersnaam: (\S+)\nEenmalig wachtwoord: (\S+)", "".join(slips)))
    assert (sorted(passwords), waiting(world)) == ([*PEOPLE], [])
    assert world.attempt(passwords["p1"], "p1") == Moved(Stage.OWN_PASSWORD)
    file.unlink()
    kept = world.everything_kept()
    assert not any(one.encode() in kept for one in passwords.values())
    assert [row[0] for row in rows(world, "slip_made")] == ["ok"] * 3

    with pytest.raises(NothingToDo):
        make(page(world), folder)
    assert [*folder.iterdir()] == []


def test_a_stick_that_fills_up_leaves_nobody_with_a_password_that_is_on_no_paper(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_paper: list[str] = []

    def full(descriptor: int) -> None:
        on_paper.append(Path(f"/proc/self/fd/{descriptor}").read_text(encoding="utf-8"))
        if len(on_paper) == 2:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(slip_file, "os", SimpleNamespace(fsync=full))
        with pytest.raises(NotSaved):
            make(page(world), folder)

    assert (waiting(world), [*folder.iterdir()]) == ([*PEOPLE], [])
    [void] = re.findall(r"p0\nEenmalig wachtwoord: (\S+)", on_paper[0])
    assert why(world.attempt(void, "p0")) == "sign_in.login.wrong"
    withdrawn = rows(world, "slip_withdrawn")
    assert [about for _result, _actor, about, _facts in withdrawn] == [world.user(one).id for one in ("p0", "p1")]
    assert make(page(world), folder).made == 3


def test_stopping_leaves_nobody_with_a_password(world: World, folder: Path) -> None:
    with pytest.raises(Stopped):
        make(page(world), folder, stop_at=2)

    assert (waiting(world), [*folder.iterdir()]) == ([*PEOPLE], [])


def test_without_a_place_or_without_the_right_nothing_is_made(world: World, folder: Path) -> None:
    with pytest.raises(NoPlace):
        make(page(world), None)
    office = page(world, reauthenticated_at=0)
    with pytest.raises(Forbidden) as caught:
        make(office, folder)

    assert caught.value.rule is Rule.REAUTHENTICATE
    assert (waiting(world), [*folder.iterdir()], rows(world, "slip_withdrawn")) == ([*PEOPLE], [], [])


def test_a_password_that_was_replaced_since_is_not_taken_back(world: World, folder: Path) -> None:
    del folder
    given = {
        one.user.id: one.user.epoch + 1
        for batch in slips_of_new(page(world), BECAUSE)
        for one in batch
        if isinstance(one, Slip)
    }
    again = reset_password(root(world), world.user("p1").id, BECAUSE)

    take_back(page(world), given, BECAUSE)

    assert waiting(world) == ["p0", "p2"]
    assert world.attempt(again.password, "p1") == Moved(Stage.OWN_PASSWORD)


def test_what_is_written_is_on_the_disk_before_more_is_made(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[int, int]] = []
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        sync(descriptor)
        synced.append((os.fstat(descriptor).st_size, len(waiting(world))))

    monkeypatch.setattr(slip_file, "os", SimpleNamespace(fsync=fsync))
    make(page(world), folder)

    sizes = [size for size, _left in synced]
    assert [left for _size, left in synced] == [2, 1, 0]
    assert sizes == sorted(set(sizes))
