"""`kiosk users add` and `kiosk users list`."""

import json
import re
from pathlib import Path

import pytest

from kiosk.commands.site import open_site
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.commands.command_line import Kiosk, run_process, type_command

JAN = ("users", "add", "j.devries", "--phone", "06 12345678", "--reason", "nieuw")


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    return made


def people(kiosk: Kiosk) -> list[str]:
    with open_site(kiosk.premises()) as site:
        return [user.name for user in site.database.users.all()]


def test_somebody_who_was_added_signs_in_with_the_one_time_password(kiosk: Kiosk) -> None:
    done = kiosk.type(*JAN)

    found = re.search(r"([0-9a-z]{4}-){3}[0-9a-z]{4}", done.output)
    assert done.exit_code == 0
    assert found is not None
    assert "72" in done.output
    assert kiosk.attempt("j.devries", found[0]) == Moved(Stage.OWN_PASSWORD)


def test_the_answer_as_json_has_what_a_program_needs(kiosk: Kiosk) -> None:
    done = kiosk.type(*JAN, "--json")

    answer = json.loads(done.stdout)
    assert sorted(answer) == ["id", "name", "one_time_password", "valid_hours"]
    assert kiosk.attempt(answer["name"], answer["one_time_password"]) == Moved(Stage.OWN_PASSWORD)


def test_who_did_it_and_why_is_written_down_and_the_password_is_not(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.commands.site.real_account", lambda: "beheer")
    password = json.loads(kiosk.type(*JAN, "--json").stdout)["one_time_password"]

    with open_site(kiosk.premises()) as site:
        [event] = [row.event for row in site.database.audit.rows() if row.event is not None]
    assert (event.action, event.result, event.actor) == ("users.added", "ok", "unix:beheer")
    assert event.parameters == {"role": "staff", "sms": True, "app": False, "reason": "nieuw"}
    assert event.origin.startswith("command:")
    kept = b"".join(path.read_bytes() for path in kiosk.directory.rglob("*") if path.is_file())
    assert password.encode() not in kept
    assert b"12345678" not in kept


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("j.devries", "--reason", "x"), 2, "tweede stap"),
        (("j.devries", "--phone", "06 12345678"), 2, "--reason"),
        (("j.devries", "--phone", "12", "--reason", "x"), 1, "mobiel nummer"),
        (("j.devries", "--phone", "030 555 01 23", "--reason", "x"), 1, "mobiel nummer"),
        (("j.devries", "--phone", "0906 0123", "--reason", "x"), 1, "mobiel nummer"),
        (("j.devries", "--phone", "+32 470 12 34 56", "--reason", "x"), 1, "countries"),
        (("", "--app", "--reason", "x"), 1, "1 tot 64"),
        (("\x1b[2J", "--app", "--reason", "x"), 1, r"\x1b[2J"),
        (("x" * 65, "--app", "--reason", "x"), 1, "1 tot 64"),
        (("chef", "--role", "administrator", "--phone", "0612345678", "--reason", "x"), 1, "--app"),
        (("j.devries", "--app", "--reason", "BSN 111222333"), 1, "BSN"),
        (("chef", "--role", "koning", "--app", "--reason", "x"), 2, "koning"),
    ],
)
def test_what_cannot_be_is_told_and_adds_nobody(
    kiosk: Kiosk, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = kiosk.type("users", "add", *arguments)

    assert done.exit_code == code
    assert words in done.stderr
    assert "Traceback" not in done.output
    assert people(kiosk) == []


def test_a_name_that_is_taken_is_told_however_it_is_written(kiosk: Kiosk) -> None:
    kiosk.type(*JAN)

    done = kiosk.type("users", "add", "J.DEVRIES", "--app", "--reason", "x")

    assert done.exit_code == 1
    assert "J.DEVRIES" in done.stderr
    assert people(kiosk) == ["j.devries"]


def test_an_app_is_announced_and_never_shown_here(kiosk: Kiosk) -> None:
    done = kiosk.type("users", "add", "t.techniek", "--role", "technician", "--app", "--reason", "x")

    with open_site(kiosk.premises()) as site:
        [user] = site.database.users.all()
        [factor] = site.database.factors.of_user(user.id)
        secret = site.database.factors.secret(factor).decode()
    assert "authenticator app" in done.output
    assert secret not in done.output


def test_the_list_shows_methods_and_only_the_end_of_a_number(kiosk: Kiosk) -> None:
    kiosk.type(*JAN, "--display-name", "Jan de Vries")
    kiosk.type("users", "add", "a.bakker", "--app", "--reason", "x")

    listed = kiosk.type("users", "list")
    as_json = [json.loads(line) for line in kiosk.type("users", "list", "--json").output.splitlines()]

    assert [line.split()[0] for line in listed.output.splitlines()] == ["a.bakker", "j.devries"]
    assert "sms ..78 (offered)" in listed.output
    assert "12345678" not in listed.output
    assert [person["display_name"] for person in as_json] == ["a.bakker", "Jan de Vries"]
    assert as_json[1]["methods"] == [{"kind": "sms", "state": "offered", "tail": "78"}]


def test_the_list_can_be_searched_and_says_so_when_it_is_empty(kiosk: Kiosk) -> None:
    empty = kiosk.type("users", "list")
    kiosk.type(*JAN)

    assert "niemand" in empty.output
    assert "j.devries" in kiosk.type("users", "list", "--search", "VRIES").output
    assert "j.devries" not in kiosk.type("users", "list", "--search", "bakker").output


def test_the_language_of_the_command_is_that_of_the_environment(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_LANGUAGE", "en")

    assert "There is nobody yet" in kiosk.type("users", "list").output


def test_as_a_process_it_ends_with_its_exit_code_and_without_a_traceback(kiosk: Kiosk) -> None:
    config = ("--config", str(kiosk.config))
    done = run_process(*JAN, *config)
    again = run_process(*JAN, *config)

    assert (done.returncode, again.returncode) == (0, 1)
    assert "Traceback" not in done.stderr + again.stderr
    assert "bestaat al" in again.stderr
    assert "Traceback" not in again.stderr


def test_a_number_that_is_piped_in_stands_on_no_command_line(kiosk: Kiosk) -> None:
    command = ("users", "add", "j.devries", "--phone", "-", "--reason", "nieuw", "--config", str(kiosk.config))

    done = type_command(*command, answers="06 12345678\n")

    assert (done.exit_code, done.stderr) == (0, "")
    assert "sms ..78" in kiosk.type("users", "list").stdout
    nothing = type_command(*command, answers="")
    assert (nothing.exit_code, "geen nummer" in nothing.stderr) == (2, True)


def test_a_number_on_the_command_line_is_taken_with_a_warning_that_has_none(kiosk: Kiosk) -> None:
    done = kiosk.type(*JAN)

    assert "lijst van processen" in done.stderr
    assert "12345678" not in done.output
