"""Files on a machine: written whole, known again, and taken away to the last one."""

import json
from pathlib import Path, PurePosixPath

import pytest

from kiosk.machine.installed import RECORD, SAVED, Changed, Place, RecordUnreadable, State
from kiosk.machine.plan import File, Link

UNIT = PurePosixPath("/etc/systemd/system/a.service")
SCRIPT = PurePosixPath("/usr/local/bin/a")
MASK = PurePosixPath("/etc/systemd/system/getty@tty1.service")
FIRST = (File(UNIT, "one\n"), File(SCRIPT, "#!/bin/sh\n", 0o755), Link(MASK, "/dev/null"))
SECOND = (File(UNIT, "two\n"), Link(MASK, "/dev/null"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "etc").mkdir()
    return Place(tmp_path)


def everything(place: Place) -> dict[str, str]:
    return {
        str(path.relative_to(place.root)): str(path.readlink()) if path.is_symlink() else path.read_text()
        for path in place.root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def states(place: Place) -> list[State]:
    return [step.state for step in place.compare(FIRST)]


def test_what_was_written_is_taken_away_with_the_directories_that_were_made_for_it(place: Place) -> None:
    place.install(FIRST)
    assert states(place) == [State.SAME] * 3
    assert (place.at(SCRIPT).stat().st_mode & 0o777, place.at(MASK).is_symlink()) == (0o755, True)
    assert set(place.uninstall()) == {UNIT, SCRIPT, MASK}
    assert [str(path.relative_to(place.root)) for path in place.root.rglob("*")] == ["etc"]


def test_installing_twice_changes_nothing(place: Place) -> None:
    place.install(FIRST)
    before = everything(place)
    assert {step.state for step in place.install(FIRST)} == {State.SAME}
    assert everything(place) == before


def test_a_new_version_replaces_the_old_one_and_removes_what_it_has_no_more(place: Place) -> None:
    place.install(FIRST)
    assert [step.state for step in place.install(SECOND)] == [State.OLD, State.SAME]
    assert (place.at(UNIT).read_text(), place.at(SCRIPT).exists()) == ("two\n", False)
    place.uninstall()
    assert everything(place) == {}


@pytest.mark.parametrize("change", ["content", "mode", "target"])
def test_what_a_person_changed_is_neither_replaced_nor_removed(place: Place, change: str) -> None:
    place.install(FIRST)
    path = MASK if change == "target" else UNIT
    if change == "content":
        place.at(UNIT).write_text("mine\n")
    elif change == "mode":
        place.at(UNIT).chmod(0o600)
    else:
        place.at(MASK).unlink()
        place.at(MASK).symlink_to("/elsewhere")
    before = everything(place)
    for act in (lambda: place.install(SECOND), place.uninstall):
        with pytest.raises(Changed) as refused:
            act()
        assert refused.value.paths == (path,)
        assert everything(place) == before


def test_by_force_it_is_kept_beside_and_comes_back_at_the_end(place: Place) -> None:
    place.at(UNIT).parent.mkdir(parents=True)
    place.at(UNIT).write_text("mine\n")
    place.install(FIRST, force=True)
    assert place.at(UNIT).read_text() == "one\n"
    place.uninstall()
    assert everything(place) == {str(UNIT)[1:]: "mine\n"}


def test_by_force_what_a_person_changed_is_removed(place: Place) -> None:
    place.install(FIRST)
    place.at(UNIT).write_text("mine\n")
    place.uninstall(force=True)
    assert everything(place) == {}


def test_what_lay_there_just_so_before_stays(place: Place) -> None:
    place.at(MASK).parent.mkdir(parents=True)
    place.at(MASK).symlink_to("/dev/null")
    place.install(FIRST)
    place.uninstall()
    assert everything(place) == {str(MASK)[1:]: "/dev/null"}


def test_a_directory_in_which_somebody_put_something_stays(place: Place) -> None:
    place.install(FIRST)
    other = place.at(UNIT).with_name("other.service")
    other.write_text("theirs")
    place.uninstall()
    assert everything(place) == {str(other.relative_to(place.root)): "theirs"}


@pytest.mark.parametrize("failing", range(4))
def test_cut_off_in_the_middle_it_goes_on_or_goes_away(
    place: Place, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    place.install(FIRST)
    original, count = Path.replace, 0

    def replace(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count > failing:
            raise OSError(5, "power failed")
        return original(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(OSError, match="power failed"):
            place.install((File(UNIT, "two\n"), File(SCRIPT, "#!/bin/sh\nexit\n", 0o755), Link(MASK, "/dev/zero")))
    assert State.FOREIGN not in states(place)
    place.uninstall()
    assert {name for name in everything(place) if not name.endswith(".new")} == set()


def test_a_name_of_a_file_that_was_saved_before_is_not_written_over(place: Place) -> None:
    place.at(UNIT).parent.mkdir(parents=True)
    place.at(UNIT).write_text("theirs\n")
    place.install(FIRST, force=True)
    place.at(UNIT).write_text("changed\n")
    place.install(FIRST, force=True)
    assert place.at(UNIT).with_name(UNIT.name + SAVED).read_text() == "theirs\n"


@pytest.mark.parametrize("text", ["", "[]", '{"/etc": "link"}', "{"])
def test_a_damaged_record_is_told_and_nothing_is_touched(place: Place, text: str) -> None:
    place.install(FIRST)
    place.at(RECORD).write_text(text)
    for act in (lambda: place.install(SECOND), place.uninstall):
        with pytest.raises(RecordUnreadable):
            act()
    assert place.at(UNIT).read_text() == "one\n"


def test_the_record_is_for_root_alone_and_names_each_file(place: Place) -> None:
    place.install(FIRST)
    assert place.at(RECORD).stat().st_mode & 0o777 == 0o600
    assert set(json.loads(place.at(RECORD).read_text())) >= {str(UNIT), str(SCRIPT), str(MASK)}
