"""Importing people: a trial that says per row what will happen, then all of it or nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import DataError
from data.factors import FactorKind
from data.imports import Imports
from data.users import Role, UserState
from kiosk.administration.authority import PageAuthority
from kiosk.administration.errors import Forbidden, Rule
from kiosk.administration.importing import (
    Imported,
    NotAllRight,
    Prepared,
    StagedLost,
    Stopped,
    accept_all,
    accept_nothing,
    prepare,
    put_in_place,
)
from kiosk.administration.lists import Column, ListUnreadable
from kiosk.administration.rows import Problem, Wrong
from kiosk.administration.slips import Slip, slips_of_new
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.administration.office import BECAUSE, administrator, page, root, rows
from tests.kiosk.world import PHONE, World, why

HEADER = "inlognaam;naam;rol;telefoon;taal;app"
GOOD = ("t.vrijman;Ton Vrijman;medewerker;06 87654321;nl;", "a.bakker;Anna Bakker;beheerder;;en;ja")


@pytest.fixture
def listed(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str, header: str = HEADER) -> Path:
        path = tmp_path / "people.csv"
        path.write_text("\r\n".join([header, *lines]), encoding="cp1252")
        return path

    return write


def trial(world: World, path: Path, accepts: Callable[[Problem], bool] = accept_nothing) -> Prepared:
    return prepare(root(world), path, accepts=accepts, stage=False)


def taken(world: World, path: Path, accepts: Callable[[Problem], bool] = accept_nothing) -> Imported:
    office = root(world)
    return put_in_place(office, prepare(office, path, accepts=accepts, stage=True), BECAUSE)


def told(prepared: Prepared) -> list[tuple[int, str | None, str, str | None]]:
    return [
        (one.line, None if one.column is None else one.column.value, one.wrong.value, one.cure)
        for one in prepared.report.problems
    ]


def test_a_trial_changes_nothing_at_all(world: World, listed: Callable[..., Path]) -> None:
    before = {name: world.table(name) for name in ("users", "factors", "audit", "staged_people", "changes")}

    report = trial(world, listed(*GOOD)).report

    assert (report.rows, report.new, report.wrong, report.encoding, report.delimiter) == (2, 2, 0, "utf-8-sig", ";")
    assert {name: world.table(name) for name in before} == before


def test_a_trial_shows_the_first_rows_of_each_outcome_without_their_numbers(
    world: World, listed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.administration.importing.SEEN_KEPT", 2)
    world.person()
    new = [f"n{number};Nina;;06 8765432{number};;" for number in range(4)]
    user = world.user("j.devries")
    path = listed(*new, f"j.devries;{user.display_name};;;;", f"{user.name};[b]Ander\x1b;;;;", "x;;;;;")

    seen = trial(world, path).report.rows_seen

    assert [(row.line, row.outcome.value, row.was) for row in seen] == [
        (2, "new", ""),
        (3, "new", ""),
        (6, "same", user.display_name),
        (7, "wrong", ""),
        (8, "wrong", ""),
    ]
    assert (seen[0].cells[Column.NAME], Column.PHONE in seen[0].cells) == ("n0", False)
    assert "\x1b" not in seen[3].cells[Column.DISPLAY_NAME]


def test_imported_people_are_invited_without_a_password(world: World, listed: Callable[..., Path]) -> None:
    done = taken(world, listed(*GOOD))

    assert (done.added, done.changed) == (2, 0)
    ton, anna = world.user("t.vrijman"), world.user("a.bakker")
    assert (ton.state, ton.password_hash, ton.role, ton.language) == (UserState.INVITED, None, Role.STAFF, "nl")
    assert (anna.display_name, anna.role, anna.language) == ("Anna Bakker", Role.ADMINISTRATOR, "en")
    assert why(world.attempt("", "t.vrijman")) == "sign_in.login.missing"
    assert why(world.attempt("x", "t.vrijman")) == "sign_in.login.wrong"
    [phone] = world.site.database.factors.of_user(ton.id)
    assert (phone.kind, phone.state, phone.number_tail) == (FactorKind.SMS, "offered", "21")
    assert world.site.database.factors.secret(phone) == b"+31687654321"
    assert world.site.database.factors.by_phone("+31687654321") == [phone]
    [app] = world.site.database.factors.of_user(anna.id)
    assert len(world.site.database.factors.secret(app)) == 32
    assert world.site.database.users.all(search="a bak") == [anna]


def test_an_imported_person_signs_in_with_the_password_of_the_slip(world: World, listed: Callable[..., Path]) -> None:
    world.modem()
    done = taken(world, listed(*GOOD))

    [batch] = list(slips_of_new(root(world), BECAUSE, import_id=done.import_id))
    slips = {one.user.name: one for one in batch if isinstance(one, Slip)}
    ton = slips["t.vrijman"]
    assert (ton.phone_tail, ton.app, slips["a.bakker"].phone_tail, slips["a.bakker"].app) == ("21", False, None, True)
    sign_in = world.sign_in()
    assert sign_in.begin("t.vrijman", ton.password) == Moved(Stage.OWN_PASSWORD)
    moved = sign_in.choose_own_password("een nieuw wachtwoord dan", "een nieuw wachtwoord dan")
    assert isinstance(moved, Moved)
    assert moved.stage is Stage.CONFIRM_PHONE


def test_the_log_names_everybody_by_id_and_the_list_by_its_digest(world: World, listed: Callable[..., Path]) -> None:
    done = taken(world, listed(*GOOD))

    [(_, actor, about, parameters)] = rows(world, "imported")
    assert (actor, about) == ("unix:beheer", done.import_id)
    assert (parameters["added"], parameters["reason"], parameters["ticket"]) == (2, "telefoon kwijt", "TD-4411")
    assert len(str(parameters["sha256"])) == 64
    [(_, _, _, named)] = rows(world, "import_added")
    assert named["people"] == [world.user("t.vrijman").id, world.user("a.bakker").id]
    assert world.recorded(done.reference) == ("users.imported", "ok")


@pytest.mark.parametrize(
    ("line", "column", "wrong", "cure"),
    [
        (";Ton;;0687654321;;", "inlognaam", "missing", None),
        ("t;;;0687654321;;", "naam", "missing", None),
        ("t\x1b[2J;Ton;;0687654321;;", "inlognaam", "unusable", None),
        (f"{'x' * 65};Ton;;0687654321;;", "inlognaam", "unusable", None),
        ("\xad;Ton;;0687654321;;", "inlognaam", "unusable", None),
        ("t;Ton;beheerdr;0687654321;;ja", "rol", "role", "beheerder"),
        ("t;Ton;koning;0687654321;;ja", "rol", "role", None),
        ("t;Ton;;687654321;;", "telefoon", "zero_lost", "0687654321"),
        ("t;Ton;;31687654321;;", "telefoon", "zero_lost", "+31687654321"),
        ("t;Ton;;12;;", "telefoon", "number", None),
        ("t;Ton;;6,87654E+08;;", "telefoon", "number", None),
        ("t;Ton;;030 5550123;;", "telefoon", "number", None),
        ("t;Ton;;+44 7400 123456;;", "telefoon", "country", None),
        ("t;Ton;;0687654321;fr;", "taal", "language", None),
        ("t;Ton;;0687654321;;misschien", "app", "flag", None),
        ("t;Ton;;;;", "app", "no_factor", "ja"),
        ("t;Ton;technicus;0687654321;;", "app", "needs_app", "ja"),
        ("t;Ton;;0687654321;;;;;", None, "cells", None),
        ("t;Ton", None, "cells", None),
    ],
)
def test_what_is_wrong_is_told_with_its_cell_and_cure(
    world: World, listed: Callable[..., Path], line: str, column: str | None, wrong: str, cure: str | None
) -> None:
    prepared = trial(world, listed(GOOD[0].replace("t.vrijman", "goed"), line))

    assert told(prepared) == [(3, column, wrong, cure)]
    assert (prepared.report.new, prepared.report.wrong) == (1, 1)


def test_several_mistakes_in_one_row_are_all_told(world: World, listed: Callable[..., Path]) -> None:
    assert [wrong for _, _, wrong, _ in told(trial(world, listed("t;;koning;12;fr;")))] == [
        "missing",
        "role",
        "language",
        "number",
    ]


def test_a_name_that_stands_twice_is_told_with_the_first_line(world: World, listed: Callable[..., Path]) -> None:
    prepared = trial(world, listed(GOOD[0], "b;B;;0612345678;;", GOOD[0].replace("t.vrijman", "T.VRIJMAN")))

    [problem] = prepared.report.problems
    assert (problem.line, problem.wrong, problem.detail) == (4, Wrong.TWICE, "2")


def test_one_wrong_row_keeps_all_others_out(world: World, listed: Callable[..., Path]) -> None:
    office = root(world)
    lines = [f"p{number};Persoon;;;;ja" for number in range(600)]
    prepared = prepare(office, listed(*lines, "fout;;;;;"), stage=True)

    with pytest.raises(NotAllRight):
        put_in_place(office, prepared, BECAUSE)

    assert world.table("users") == world.table("factors") == world.table("staged_people") == []


def test_cures_that_are_accepted_are_what_is_imported(world: World, listed: Callable[..., Path]) -> None:
    path = listed("t;Ton;beheerdr;687654321;;", "b;Bea;;;;")

    assert trial(world, path, accept_all).report.cured == 4
    taken(world, path, accept_all)

    assert world.user("t").role is Role.ADMINISTRATOR
    kinds = [one.kind.value for one in world.site.database.factors.of_user(world.user("t").id)]
    assert kinds == ["sms", "totp"]
    assert [one.kind.value for one in world.site.database.factors.of_user(world.user("b").id)] == ["totp"]


def test_a_cure_may_be_taken_for_one_row_alone(world: World, listed: Callable[..., Path]) -> None:
    path = listed("a;A;;687654321;;", "b;B;;687654322;;")

    prepared = trial(world, path, lambda problem: problem.line == 2)

    assert [line for line, *_ in told(prepared)] == [3]


def test_people_who_are_there_are_the_same_changed_or_refused(world: World, listed: Callable[..., Path]) -> None:
    world.person()
    same = f"j.devries;J.DEVRIES;medewerker;{PHONE};nl;"

    assert trial(world, listed(same)).report.same == 1
    [(_, column, wrong, cure)] = told(trial(world, listed("J.DEVRIES;Jan de Vries;;;;")))
    assert (column, wrong, cure) == ("inlognaam", "exists", "change")
    assert [one[2] for one in told(trial(world, listed("j.devries;Jan;beheerder;;;"), accept_all))] == ["other_role"]
    other = trial(world, listed("j.devries;Jan;;0687654321;;"), accept_all)
    assert [one[2] for one in told(other)] == ["other_phone"]


def test_a_list_changes_name_and_language_and_shows_it_to_the_person(world: World, listed: Callable[..., Path]) -> None:
    before = world.person().user

    done = taken(world, listed("j.devries;Jan de Vries;;;en;"), accept_all)

    after = world.user()
    assert (done.added, done.changed) == (0, 1)
    assert (after.id, after.display_name, after.language) == (before.id, "Jan de Vries", "en")
    assert (after.password_hash, after.role, after.epoch) == (world.user().password_hash, Role.STAFF, after.epoch)
    assert world.site.database.users.all(search="jan de") == [after]
    [change] = world.site.database.changes.unseen(after.id)
    assert (change.what, change.actor, len(change.id)) == ("imported", "unix:beheer", 26)
    assert rows(world, "import_changed")[0][3]["people"] == [after.id]


def test_a_name_taken_between_trial_and_import_stops_it_all(world: World, listed: Callable[..., Path]) -> None:
    office = root(world)
    prepared = prepare(office, listed(*GOOD), stage=True)
    world.invite("T.Vrijman")

    with pytest.raises(NotAllRight) as caught:
        put_in_place(office, prepared, BECAUSE)

    [problem] = caught.value.report.problems
    assert (problem.line, problem.wrong, problem.value) == (2, Wrong.TAKEN_SINCE, "t.vrijman")
    assert [row["name"] for row in world.table("users")] == ["T.Vrijman"]
    assert world.table("staged_people") == []


def test_a_failure_in_the_middle_leaves_nothing(
    world: World, listed: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = root(world)
    prepared = prepare(office, listed(*GOOD), stage=True)

    def broken(*_given: object, **_named: object) -> int:
        raise DataError

    monkeypatch.setattr(Imports, "show_changes", broken)
    with pytest.raises(DataError):
        put_in_place(office, prepared, BECAUSE)

    assert world.table("users") == world.table("factors") == world.table("audit") == world.table("staged_people") == []


def test_what_an_import_that_died_left_staged_goes_with_the_next(world: World, listed: Callable[..., Path]) -> None:
    prepare(root(world), listed(*GOOD), stage=True)
    assert len(world.table("staged_people")) == 2
    world.clock.pass_seconds(3601)

    taken(world, listed("b;Bea;;;;ja"))

    assert [row["name"] for row in world.table("users")] == ["b"]
    assert world.table("staged_people") == []


def test_two_imports_at_once_leave_each_others_rows_alone(world: World, listed: Callable[..., Path]) -> None:
    first = prepare(root(world), listed(*GOOD), stage=True)
    second = prepare(root(world), listed("b;Bea;;;;ja"), stage=True)

    put_in_place(root(world), second, BECAUSE)
    put_in_place(root(world), first, BECAUSE)

    assert sorted(row["name"] for row in world.table("users")) == ["a.bakker", "b", "t.vrijman"]


def test_what_is_not_staged_whole_any_more_is_not_put_in_place_in_part(
    world: World, listed: Callable[..., Path]
) -> None:
    first = prepare(root(world), listed(*GOOD), stage=True)
    assert first.import_id is not None
    with world.site.database.transaction(write=True):
        world.site.database.imports.discard(first.import_id, limit=1)

    with pytest.raises(StagedLost):
        put_in_place(root(world), first, BECAUSE)

    assert world.table("users") == world.table("staged_people") == world.table("audit") == []


def test_what_was_put_in_place_is_not_put_there_twice(world: World, listed: Callable[..., Path]) -> None:
    prepared = prepare(root(world), listed(*GOOD), stage=True)
    put_in_place(root(world), prepared, BECAUSE)

    with pytest.raises(StagedLost):
        put_in_place(root(world), prepared, BECAUSE)


def test_it_can_be_stopped_and_tells_how_far_it_is(world: World, listed: Callable[..., Path]) -> None:
    path = listed(*(f"p{number};Persoon;;;;ja" for number in range(600)))
    seen: list[int] = []

    with pytest.raises(Stopped):
        prepare(root(world), path, stage=True, progress=seen.append, stopped=lambda: len(seen) == 2)

    assert seen == [250, 500]
    assert world.table("staged_people") == []


def test_a_file_that_breaks_off_leaves_nothing_staged(world: World, listed: Callable[..., Path]) -> None:
    path = listed(*(f"p{number};Persoon;;;;ja" for number in range(300)), 'x;"never closed')

    with pytest.raises(ListUnreadable):
        prepare(root(world), path, stage=True)

    assert world.table("staged_people") == []


def test_only_an_administrator_imports(world: World, listed: Callable[..., Path]) -> None:
    administrator(world)
    office = page(world)
    assert isinstance(office.authority, PageAuthority)
    prepared = prepare(office, listed("b;Bea;;;;ja"), stage=True)
    world.clock.pass_seconds(601)

    for act in (lambda: prepare(office, listed(*GOOD), stage=False), lambda: put_in_place(office, prepared, BECAUSE)):
        with pytest.raises(Forbidden) as caught:
            act()
        assert caught.value.rule is Rule.REAUTHENTICATE
        assert world.recorded(caught.value.reference) == ("users.imported", "refused")
    assert world.site.database.users.by_name("b") is None
    assert world.table("staged_people") == []


@pytest.mark.parametrize(
    "hostile",
    ["=cmd|'/c calc'!A1", "[bold red]x[/]", "'; DROP TABLE users; --", "{site}", "a,b", "x" * 64, "\u202c", "%s%n"],
)
def test_a_hostile_name_is_a_name_or_refused_and_breaks_nothing(world: World, tmp_path: Path, hostile: str) -> None:
    path = tmp_path / "people.csv"
    quoted = hostile.replace('"', '""')
    path.write_text(f'{HEADER}\nt.vrijman;"{quoted}";;0687654321;;\n', encoding="utf-8")

    prepared = trial(world, path)
    if prepared.report.wrong:
        assert hostile == "\u202c"
        return
    taken(world, path)

    assert world.user("t.vrijman").display_name == hostile
    assert world.site.database.audit.verify().ok


def test_numbers_and_keys_are_in_no_file_and_the_staged_rows_are_gone(
    world: World, listed: Callable[..., Path]
) -> None:
    path = listed("t;Ton;;0687654321;;ja")
    taken(world, path)
    path.unlink()

    assert b"87654321" not in world.everything_kept()
    secret = world.site.database.factors.secret(world.site.database.factors.of_user(world.user("t").id)[1])
    assert secret not in world.everything_kept()


def test_a_number_on_two_rows_is_worth_a_look_and_no_mistake(world: World, listed: Callable[..., Path]) -> None:
    report = trial(world, listed("a;A;;0687654321;;", "b;B;;+31 6 87654321;;")).report

    assert (report.shared_numbers, report.wrong) == (1, 0)
