"""`kiosk users report` and `kiosk users sign-off-rights`."""

import json
from pathlib import Path

import pytest

from tests.kiosk.commands.command_line import Kiosk

JAN = ("users", "add", "j.devries", "--phone", "06 12345678", "--reason", "nieuw")


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    return made


def test_a_report_is_told_in_words_as_json_and_for_a_spreadsheet(kiosk: Kiosk) -> None:
    kiosk.type(*JAN)

    told = kiosk.type("users", "report", "unconfirmed").output
    assert "j.devries" in told
    assert " 78 " in told
    [row] = map(json.loads, kiosk.type("users", "report", "unconfirmed", "--json").output.splitlines())
    assert (row["user"], row["tail"]) == ("j.devries", "78")
    assert b'"j.devries";"78"' in kiosk.type("users", "report", "unconfirmed", "--csv").stdout_bytes


def test_all_reports_are_told_in_a_figure_each(kiosk: Kiosk) -> None:
    kiosk.type(*JAN)

    figures = {
        row["report"]: row for row in map(json.loads, kiosk.type("users", "report", "--json").output.splitlines())
    }
    assert len(figures) == 11
    assert figures["unconfirmed"]["count"] == 1
    assert figures["special-rights"]["needs_attention"]
    assert "Nummer niet bevestigd" in kiosk.type("users", "report").output


def test_a_spreadsheet_of_everything_is_refused(kiosk: Kiosk) -> None:
    assert kiosk.type("users", "report", "--csv").exit_code == 2


def test_special_rights_are_signed_off_from_a_script(kiosk: Kiosk) -> None:
    answer = json.loads(kiosk.type("users", "sign-off-rights", "--reason", "kwartaalcontrole", "--json").output)

    assert answer["people"] == 0
    assert "users.rights_reviewed" in kiosk.type("audit", "list", "--action", "users.rights_reviewed").output
