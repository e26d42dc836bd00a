"""Lists that go out, and the slips: no secret leaves, and what leaves can come in again."""

import csv
import hashlib
import io
import stat
from datetime import date
from pathlib import Path

import pytest

from data.users import Role
from kiosk.administration.accounts import disable
from kiosk.administration.errors import ChangedMeanwhile, Forbidden, NothingToDo, PersonUnknown, Rule
from kiosk.administration.exporting import PeopleFile, export, export_to_file
from kiosk.administration.free_text import Why
from kiosk.administration.importing import Stopped, prepare
from kiosk.administration.slips import Skipped, Slip, slips_of, slips_of_new
from kiosk.administration.temporary import issue
from kiosk.exchange import NoPlace
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.administration.office import BECAUSE, NO_SMS, administrator, page, root, rows
from tests.kiosk.world import PHONE, World, why


def exported(world: World) -> str:
    out = io.StringIO(newline="")
    export(root(world), out, BECAUSE)
    return out.getvalue()


def test_an_export_has_no_secret_and_no_whole_number(world: World) -> None:
    created = world.person(app=True)
    world.give_backup_code()

    text = exported(world)

    assert PHONE[-8:] not in text
    assert created.totp_secret is not None
    assert created.totp_secret not in text
    assert created.user.id not in text
    [_, line] = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";")
    assert line == ["j.devries", "J.DEVRIES", "medewerker", "nl", "ja", "active", "sms:active totp:active", "78", ""]


def test_a_cell_that_a_spreadsheet_would_run_is_harmless_and_comes_back_as_it_was(world: World, tmp_path: Path) -> None:
    for name in ("=1+1", "@sum", "-x", "+x", "'=x"):
        world.invite(name, phone=None, app=True)

    text = exported(world)
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8", newline="")
    report = prepare(root(world), path, stage=False).report

    for line in csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"):
        assert all(cell[:1] not in set("=+-@") for cell in line if cell)
    assert (report.rows, report.same, report.wrong) == (5, 5, 0)


def test_who_exported_and_why_is_in_the_log_before_the_first_row(world: World) -> None:
    world.person()

    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left")

    with pytest.raises(OSError):
        export(root(world), Full(), BECAUSE)

    [(result, actor, _, parameters)] = rows(world, "exported")
    assert (result, actor, parameters["people"]) == ("ok", "unix:beheer", 1)


def test_more_than_a_page_of_people_is_exported_whole_and_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.administration.exporting.PAGE", 2)
    for number in range(5):
        world.invite(f"p{number}", phone=None, app=True)

    assert [line.split(";")[0] for line in exported(world).splitlines()[1:]] == ["p0", "p1", "p2", "p3", "p4"]


def to_file(world: World, folder: Path, *, stop: bool = False) -> PeopleFile:
    return export_to_file(
        root(world), BECAUSE, folder=folder, progress=lambda _done, _total: None, stopped=lambda: stop
    )


def test_a_file_that_goes_out_is_for_its_owner_alone_and_has_the_checksum_that_is_told(
    world: World, tmp_path: Path
) -> None:
    world.person()

    done = to_file(world, tmp_path)

    file = tmp_path / done.name
    assert (stat.S_IMODE(file.stat().st_mode), done.people) == (0o600, 1)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == done.checksum
    assert file.read_bytes().decode() == exported(world)
    assert world.recorded(done.reference) == ("users.exported", "ok")


def test_an_export_that_was_stopped_leaves_no_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.administration.exporting.PAGE", 1)
    monkeypatch.setattr("kiosk.exchange.MEDIA", ())
    world.person()
    folder = tmp_path / "exchange"
    folder.mkdir()

    with pytest.raises(Stopped):
        to_file(world, folder, stop=True)
    with pytest.raises(NoPlace):
        to_file(world, folder / "gone")

    assert [*folder.iterdir()] == []


def test_only_an_administrator_exports(world: World) -> None:
    chef = administrator(world)
    office = page(world)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(chef.id, Role.AUDITOR)

    out = io.StringIO()
    with pytest.raises(Forbidden):
        export(office, out, BECAUSE)

    assert out.getvalue() == ""


def without_password(world: World, name: str) -> None:
    world.invite(name)
    with world.site.database.transaction(write=True):
        world.site.database._connection.change(
            "UPDATE users SET password_hash = NULL WHERE id = :id", {"id": world.user(name).id}
        )


def made(batches: list[list[Slip | Skipped]]) -> dict[str, Slip]:
    return {one.user.name: one for batch in batches for one in batch if isinstance(one, Slip)}


def test_slips_are_for_who_never_had_a_password_each_with_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.administration.slips.BATCH", 2)
    world.invite("heeft.al")
    for number in range(5):
        without_password(world, f"p{number}")

    slips = made(list(slips_of_new(root(world), BECAUSE)))

    assert sorted(slips) == ["p0", "p1", "p2", "p3", "p4"]
    assert len({slip.password for slip in slips.values()}) == 5
    assert world.attempt(slips["p3"].password, "p3") == Moved(Stage.OWN_PASSWORD)
    assert why(world.attempt(slips["p3"].password, "p2")) == "sign_in.login.wrong"
    assert list(slips_of_new(root(world), BECAUSE)) == []
    assert len(rows(world, "slip_made")) == 5
    # At a first sign-in all is new: nobody is warned of the slip in their hand.
    assert world.site.database.changes.unseen(world.user("p3").id) == []
    kept = world.everything_kept()
    assert not any(slip.password.encode() in kept for slip in slips.values())


def test_a_slip_that_was_lost_is_made_again_by_name_and_the_old_one_is_void(world: World) -> None:
    without_password(world, "p")
    first = made(list(slips_of_new(root(world), BECAUSE)))["p"]

    again = made([slips_of(root(world), ["P"], BECAUSE)])["p"]

    assert why(world.attempt(first.password, "p")) == "sign_in.login.wrong"
    assert world.attempt(again.password, "p") == Moved(Stage.OWN_PASSWORD)


def test_nobody_who_has_come_in_gets_a_slip(world: World) -> None:
    world.person()
    without_password(world, "p")

    with pytest.raises(NothingToDo):
        slips_of(root(world), ["p", "j.devries"], BECAUSE)
    with pytest.raises(PersonUnknown):
        slips_of(root(world), ["p", "niemand"], BECAUSE)

    assert rows(world, "slip_made") == []


def test_who_may_not_have_one_is_skipped_and_the_others_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.administration.slips.BATCH", 1)
    administrator(world)
    for name in ("a", "b", "c", "d"):
        without_password(world, name)
    disable(root(world), world.user("b").id, BECAUSE)
    disable(root(world), world.user("d").id, BECAUSE, on=date(2030, 1, 1))
    world.clock.at = 1_900_000_000_000

    batches = list(slips_of_new(page(world), BECAUSE))

    skipped = {one.user.name: one.rule for batch in batches for one in batch if isinstance(one, Skipped)}
    assert skipped == {"d": Rule.DISABLED}
    assert sorted(made(batches)) == ["a", "c"]


def test_on_the_first_day_the_same_administrator_helps_with_the_second_step(world: World) -> None:
    administrator(world)
    administrator(world, "c.dekker")
    without_password(world, "p")
    list(slips_of_new(page(world), BECAUSE))

    issue(page(world), world.user("p").id, NO_SMS)


def test_of_two_who_print_at_the_same_time_each_person_gets_one_slip(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.administration.slips.BATCH", 1)
    for number in range(2):
        without_password(world, f"p{number}")
    first, second = slips_of_new(root(world), BECAUSE), slips_of_new(root(world), BECAUSE)

    begun = [next(first)]
    other = list(second)
    begun += list(first)

    assert (sorted(made(begun)), sorted(made(other))) == (["p0"], ["p1"])
    assert world.attempt(made(other)["p1"].password, "p1") == Moved(Stage.OWN_PASSWORD)


def test_a_slip_by_name_is_refused_to_who_comes_second(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.invite("p0")
    printed: list[Slip | Skipped] = []

    def colleague_first(why: Why) -> Why:
        monkeypatch.undo()
        printed.extend(slips_of(root(world), ["p0"], BECAUSE))
        return why

    monkeypatch.setattr("kiosk.administration.slips.checked_why", colleague_first)
    with pytest.raises(ChangedMeanwhile):
        slips_of(root(world), ["p0"], BECAUSE)

    assert world.attempt(made([printed])["p0"].password, "p0") == Moved(Stage.OWN_PASSWORD)
