"""Who is in which report, and that the figure counts whom the list names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from data.users import Role
from kiosk.administration.accounts import change_role, delete, disable
from kiosk.administration.errors import Forbidden
from kiosk.administration.importing import prepare, put_in_place
from kiosk.administration.temporary import issue
from kiosk.reports.report import COLUMNS, Report
from tests.kiosk.administration.office import BECAUSE, NO_SMS, administrator, page, root
from tests.kiosk.reports.reader import change, figure, names, values
from tests.kiosk.world import START, World

DAY_MS = 24 * 3600 * 1000


def only_sms(world: World) -> None:
    world.person("j.devries")
    world.person("m.app", app=True)


def never(world: World) -> None:
    world.invite("j.devries")
    world.person("m.app")
    change(world, "UPDATE users SET last_sign_in_at = 1 WHERE name = 'm.app'")


def unconfirmed(world: World) -> None:
    world.invite("j.devries")
    world.person("m.app", phone="+31687654321")


def backup_used(world: World) -> None:
    for name, times in (("j.devries", 3), ("m.app", 2)):
        world.person(name)
        for _ in range(times):
            world.give_backup_code(name)
            change(
                world,
                "UPDATE backup_codes SET state = 'used', used_at = :now WHERE state = 'confirmed'",
                now=world.clock.now(),
            )


def drifting(world: World) -> None:
    world.person("j.devries", app=True)
    world.person("m.app", app=True)
    user = world.user("j.devries")
    change(world, "UPDATE factors SET drift = 2 WHERE kind = 'totp' AND user_id = :user", user=user.id)


def locked(world: World) -> None:
    world.person("j.devries")
    world.person("m.app")
    change(world, "UPDATE users SET second_factor_failures = CASE name WHEN 'j.devries' THEN 20 ELSE 9 END")


LISTS = {
    Report.ONLY_SMS: only_sms,
    Report.NEVER: never,
    Report.UNCONFIRMED: unconfirmed,
    Report.BACKUP_USED: backup_used,
    Report.DRIFTING: drifting,
    Report.LOCKED: locked,
}


@pytest.mark.parametrize(("report", "made"), LISTS.items())
def test_a_list_names_whom_it_is_about_and_the_figure_counts_them(
    world: World, report: Report, made: Callable[[World], None]
) -> None:
    made(world)

    assert names(world, report) == ["j.devries"]
    assert figure(world, report).count == 1


@pytest.mark.parametrize(("report", "made"), LISTS.items())
def test_who_is_switched_off_is_in_no_list_of_what_somebody_should_do(
    world: World, report: Report, made: Callable[[World], None]
) -> None:
    made(world)
    disable(root(world), world.user("j.devries").id, BECAUSE)

    assert names(world, report) == []
    assert figure(world, report).count == 0


@pytest.mark.parametrize(("report", "made"), LISTS.items())
def test_who_is_deleted_is_in_no_list(world: World, report: Report, made: Callable[[World], None]) -> None:
    made(world)
    delete(root(world), world.user("j.devries").id, BECAUSE)

    assert names(world, report) == []


def test_wrong_passwords_count_for_the_person_whose_name_was_typed(world: World) -> None:
    world.person("j.devries")
    change(
        world,
        "INSERT INTO throttles (scope, key, count, first_at, last_at) VALUES (:scope, :key, 100, :now, :now)",
        scope="password",
        key=world.site.name_hash("j.devries"),
        now=START,
    )

    assert values(world, Report.LOCKED) == [("J.DEVRIES", "j.devries", 0, 100, "locked_password")]


def test_a_temporary_code_is_told_with_who_for_whom_why_and_how_identified(world: World) -> None:
    administrator(world)
    world.person("j.devries")
    issue(page(world), world.user("j.devries").id, NO_SMS)

    [row] = values(world, Report.TEMPORARY)
    assert row[1:4] == ("a.bakker", "J.DEVRIES", "no_sms")
    assert row[4] == "in_person"
    assert row[6] == "issued"
    assert figure(world, Report.TEMPORARY).count == 1


def test_special_rights_name_who_gave_them_and_when_they_were_used_last(world: World) -> None:
    world.invite("t.visser", role=Role.TECHNICIAN, app=True)
    change(world, "UPDATE users SET last_sign_in_at = 7 WHERE name = 't.visser'")
    world.person("j.devries")

    assert values(world, Report.RIGHTS) == [("T.VISSER", "t.visser", "technician", 7, "unix:test", START)]


def test_special_rights_that_came_with_a_list_were_given_by_who_imported_it(world: World, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("inlognaam;naam;rol;app\na.audit;Ada;auditor;ja\n")
    put_in_place(root(world), prepare(root(world), path, stage=True), BECAUSE)
    assert [row[4] for row in values(world, Report.RIGHTS)] == ["unix:beheer"]

    change_role(root(world, "ander"), world.user("a.audit").id, Role.TECHNICIAN, BECAUSE)
    assert [row[4] for row in values(world, Report.RIGHTS)] == ["unix:ander"]


def test_sms_are_counted_per_day_of_the_site_and_network_with_what_failed(world: World) -> None:
    world.person("j.devries")
    modem = world.modem()
    world.begun()
    world.transmit(modem)
    for state, days in (("failed", 0), ("sent", 2), ("not_sent", 0)):
        change(
            world,
            """INSERT INTO transmissions (id, message_id, modem_id, network_name, state, started_at)
            SELECT lower(hex(randomblob(13))), message_id, modem_id, network_name, :state, started_at - :before
            FROM transmissions WHERE state = 'sent' LIMIT 1""",
            state=state,
            before=days * DAY_MS,
        )

    newest, older = values(world, Report.SMS)
    assert newest == ("2026-11-18", "KPN", 2, 1, 500)
    assert older == ("2026-11-16", "KPN", 1, 0, 0)
    assert figure(world, Report.SMS).count == 333


def test_lock_outs_are_counted_per_desk_and_week_and_whoever_comes_back_locked_is_not(world: World) -> None:
    def locked(*, anew: bool) -> None:
        with world.site.database.transaction(write=True):
            world.trail.record("sign_in.sms", "locked", parameters={"failures": 20} if anew else {})

    locked(anew=True)
    world.clock.pass_seconds(8 * 24 * 3600)
    locked(anew=True)
    locked(anew=False)
    locked(anew=True)

    [row] = values(world, Report.LOCK_OUTS)
    assert row[:3] == ("balie 1", 2, 1)
    found = figure(world, Report.LOCK_OUTS)
    assert (found.count, found.before) == (2, 1)


def test_a_role_that_was_refused_was_not_given(world: World) -> None:
    administrator(world)
    user = world.invite("t.visser", role=Role.TECHNICIAN, app=True).user
    with pytest.raises(Forbidden):
        change_role(page(world, reauthenticated_at=0), user.id, Role.STAFF, BECAUSE)

    assert next(row for row in values(world, Report.RIGHTS) if row[1] == "t.visser")[4] == "unix:test"


def test_a_row_has_a_cell_for_every_column(world: World) -> None:
    world.person("j.devries")
    world.invite("m.app", role=Role.TECHNICIAN, app=True)
    change(world, "UPDATE factors SET drift = 1 WHERE kind = 'totp'")
    world.give_temporary_code()

    for report in Report:
        assert all(len(row) == len(COLUMNS[report]) for row in values(world, report))
