"""A report as a file: nothing in it runs in a spreadsheet, and it lies where the site says or nowhere."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.exchange import NotSaved
from kiosk.reports.report import Report
from tests.kiosk.reports.reader import change, room
from tests.kiosk.world import World


def test_a_name_that_is_a_formula_runs_in_no_spreadsheet(world: World) -> None:
    world.person("j.devries")
    change(world, "UPDATE users SET display_name = :name", name='=HYPERLINK("x";"y")')

    table = room(world).table(Report.ONLY_SMS, world.site.languages["nl"])
    [heading, row] = csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";")
    assert heading == ["Naam", "Inlognaam", "Nummer", "Laatst in"]
    assert row == ['\'=HYPERLINK("x";"y")', "j.devries", "78", ""]


def test_a_file_lies_in_the_exchange_folder_and_the_log_says_so(world: World, tmp_path: Path) -> None:
    world.person("j.devries")
    folder = tmp_path / "exchange"
    folder.mkdir()

    saved = replace(room(world), folder=folder).save(Report.ONLY_SMS, world.site.languages["en"])
    assert saved.name == "only-sms-20261118-1206.csv"
    assert b"j.devries" in (folder / saved.name).read_bytes()
    assert world.recorded(saved.reference) == ("reports.exported", "ok")


def test_what_lies_there_under_the_same_name_is_neither_written_over_nor_followed(world: World, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "exchange", tmp_path / "other.db"
    folder.mkdir()
    elsewhere.write_bytes(b"people")
    (folder / "only-sms-20261118-1206.csv").symlink_to(elsewhere)

    saved = replace(room(world), folder=folder).save(Report.ONLY_SMS, world.site.languages["en"])
    assert elsewhere.read_bytes() == b"people"
    assert saved.name == "only-sms-20261118-1206-2.csv"
    assert (folder / saved.name).stat().st_mode & 0o077 == 0


def test_what_could_not_be_written_is_told(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "exchange"
    folder.mkdir()
    # A link to nothing: the name is taken, and nobody may make what it leads to.
    (folder / "only-sms-20261118-1206.csv").symlink_to(tmp_path / "nothing")

    with pytest.raises(NotSaved):
        replace(room(world), folder=folder).save(Report.ONLY_SMS, world.site.languages["en"])
    assert world.actions()[-1] == ("reports.exported", "failed")
