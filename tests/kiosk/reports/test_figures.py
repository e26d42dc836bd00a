"""A report in one number: compared with last week, remembered, and calling for attention only where something must be done."""

import pytest

from data.errors import DatabaseUnavailable
from data.users import Role
from kiosk.keeping.state import BACKUP_AT, REHEARSED_AT
from kiosk.reports.counting import count_per_day
from kiosk.reports.report import Figure, Report
from kiosk.reports.room import NotReadable
from kiosk.reports.words import change_of, count_of, noted_of
from tests.kiosk.reports.reader import change, figure, room
from tests.kiosk.world import START, World

DAY_MS = 24 * 3600 * 1000
WEEK = 7 * 24 * 3600


def test_a_figure_says_what_it_was_a_week_ago(world: World) -> None:
    world.person("j.devries")
    count_per_day(world.site)
    world.clock.pass_seconds(WEEK)
    world.person("m.visser", phone="+31687654321")

    found = figure(world, Report.ONLY_SMS)
    assert (found.count, found.before) == (2, 1)


def test_what_nobody_counted_a_week_ago_is_not_made_up(world: World) -> None:
    world.person("j.devries")
    count_per_day(world.site)
    world.clock.pass_seconds(3 * 24 * 3600)

    assert figure(world, Report.ONLY_SMS).before is None


def test_the_last_count_is_there_before_the_new_one_and_says_that_it_is_old(world: World) -> None:
    world.person("j.devries")
    count_per_day(world.site)
    world.clock.pass_seconds(60)

    kept = room(world).kept()[Report.ONLY_SMS]
    assert (kept.count, kept.at, kept.old) == (1, START, True)


def test_counts_are_forgotten_after_two_months(world: World) -> None:
    count_per_day(world.site)
    world.clock.pass_seconds(61 * 24 * 3600)
    count_per_day(world.site)

    days = {row["day"] for row in world.table("report_counts")}
    assert len(days) == 1


def test_a_report_that_fails_leaves_the_others_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_now: int) -> int:
        raise DatabaseUnavailable("busy", world.site.database.path)

    monkeypatch.setattr(world.site.database.reports, "count_only_sms", broken)
    count_per_day(world.site)

    assert Report.ONLY_SMS not in room(world).kept()
    assert Report.NEVER in room(world).kept()


def test_home_counts_what_wants_something_done(world: World) -> None:
    before = room(world).attention()
    world.person("j.devries")
    change(world, "UPDATE users SET second_factor_failures = 20")

    assert room(world).attention() == before + 1


def test_a_back_up_of_yesterday_and_a_restore_of_this_year_want_nothing(world: World) -> None:
    assert figure(world, Report.BACKUPS).needs
    with world.site.database.transaction(write=True):
        world.site.database.meta.set(BACKUP_AT, str(START - DAY_MS))
        world.site.database.meta.set(REHEARSED_AT, str(START - 300 * DAY_MS))

    found = figure(world, Report.BACKUPS)
    assert (found.count, found.needs) == (1, False)


def test_who_reads_a_report_is_in_the_log_once_for_each_time(world: World) -> None:
    for _ in room(world).all(Report.ONLY_SMS):
        pass

    assert world.actions() == [("reports.read", "ok")]


@pytest.mark.parametrize("role", [Role.STAFF, Role.TECHNICIAN])
def test_only_administrators_and_auditors_read_reports(world: World, role: Role) -> None:
    assert room(world, role).reports == ()
    with pytest.raises(NotReadable):
        room(world, role).page(Report.LOCK_OUTS, limit=1)


def test_an_auditor_reads_how_rights_are_handled_and_not_whom_to_help(world: World) -> None:
    reader = room(world, Role.AUDITOR)

    assert reader.page(Report.RIGHTS, limit=1).rows == ()
    with pytest.raises(NotReadable):
        reader.figure(Report.ONLY_SMS)


def test_figures_are_said_as_people_read_them(world: World) -> None:
    words, zone = world.site.languages["nl"], world.site.zone

    def made(report: Report, count: int | None, before: int | None = None, noted: int | None = None) -> Figure:
        return Figure(report=report, count=count, before=before, at=START, noted=noted)

    assert count_of(made(Report.SMS, 12), words) == "1,2%"
    assert count_of(made(Report.SMS, None), words) == "-"
    assert change_of(made(Report.SMS, 12, 15), words) == "0,3% minder"
    assert change_of(made(Report.ONLY_SMS, 5, 3), words) == "2 meer"
    assert change_of(made(Report.ONLY_SMS, 5, 5), words) == "gelijk"
    assert change_of(made(Report.ONLY_SMS, 5), words) == ""
    assert noted_of(made(Report.RIGHTS, 5, noted=START), words, zone) == "gezien 2026-11-18"
    assert noted_of(made(Report.BACKUPS, 5), words, zone) == "geen herstelproef"
