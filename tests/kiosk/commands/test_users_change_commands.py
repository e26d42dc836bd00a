"""`kiosk users show|reset-password|unlock|disable|…`: root's door, in words and as JSON."""

import json
import os
import pwd
import re
from typing import Any

import pytest

from data.users import Role
from kiosk.commands.site import open_site
from kiosk.sign_in.outcomes import Moved, Refused, Stage
from tests.kiosk.commands.command_line import Kiosk, run_process, type_command

BECAUSE = ("--reason", "telefoon kwijt", "--ticket", "TD-4411")


@pytest.fixture
def kiosk(tmp_path: Any) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    made.type("users", "add", "j.devries", "--phone", "06 12345678", "--display-name", "Jan de Vries", "--reason", "x")
    return made


def answer(kiosk: Kiosk, *arguments: str) -> Any:
    done = kiosk.type("users", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def card(kiosk: Kiosk) -> Any:
    return answer(kiosk, "show", "j.devries")


def test_reset_password_shows_a_password_that_works(kiosk: Kiosk) -> None:
    told = kiosk.type("users", "reset-password", "J.DeVries", *BECAUSE)
    found = re.search(r"([0-9a-z]{4}-){3}[0-9a-z]{4}", told.output)
    assert found is not None
    assert kiosk.attempt("j.devries", found[0]) == Moved(Stage.OWN_PASSWORD)
    assert re.search(r"logboek: [A-Z]\d{3}", told.output)

    again = answer(kiosk, "reset-password", "j.devries", *BECAUSE)
    assert sorted(again) == ["expires_at", "name", "one_time_password", "reference"]
    assert isinstance(kiosk.attempt("j.devries", found[0]), Refused)
    assert kiosk.attempt("j.devries", again["one_time_password"]) == Moved(Stage.OWN_PASSWORD)


def test_unlock_says_which_stage_and_needs_one(kiosk: Kiosk) -> None:
    for _ in range(3):
        kiosk.attempt("j.devries", "fout")

    assert kiosk.type("users", "unlock", "j.devries", *BECAUSE).exit_code == 2
    assert card(kiosk)["password"]["failures"] == 3
    done = answer(kiosk, "unlock", "j.devries", "--password", "--second-factor", *BECAUSE)
    assert done["password"] == 3
    assert "second_factor" not in done
    assert card(kiosk)["password"]["failures"] == 0
    nothing = kiosk.type("users", "unlock", "j.devries", "--password", *BECAUSE)
    assert (nothing.exit_code, "al zo" in nothing.stderr) == (1, True)


def test_disable_now_on_a_day_and_enable(kiosk: Kiosk) -> None:
    assert answer(kiosk, "disable", "j.devries", "--on", "2999-01-31", *BECAUSE)["on"] == "2999-01-31"
    assert "2999-01-31" in kiosk.type("users", "show", "j.devries").output
    answer(kiosk, "disable", "j.devries", *BECAUSE)
    assert card(kiosk)["state"] == "disabled"
    answer(kiosk, "enable", "j.devries", *BECAUSE)
    assert (card(kiosk)["state"], card(kiosk)["disabled_from"]) == ("invited", None)
    assert kiosk.type("users", "disable", "j.devries", "--on", "2001-01-01", *BECAUSE).exit_code == 1
    assert kiosk.type("users", "disable", "j.devries", "--on", "morgen", *BECAUSE).exit_code == 2


def test_a_unix_account_is_of_one_person_until_it_is_taken_away(kiosk: Kiosk) -> None:
    mine = pwd.getpwuid(os.getuid()).pw_name
    kiosk.type("users", "add", "a.smit", "--phone", "06 12345679", "--reason", "x")

    assert answer(kiosk, "unix-account", "j.devries", mine, *BECAUSE)["unix_account"] == mine
    assert card(kiosk)["unix_account"] == mine
    assert card(kiosk)["changes"][0]["what"] == "unix_account_changed"
    taken = kiosk.type("users", "unix-account", "a.smit", mine, *BECAUSE)
    assert (taken.exit_code, mine in taken.stderr) == (1, True)
    assert answer(kiosk, "unix-account", "j.devries", "--none", *BECAUSE)["unix_account"] is None
    assert answer(kiosk, "unix-account", "a.smit", mine, *BECAUSE)["unix_account"] == mine


@pytest.mark.parametrize(("given", "code"), [(("no such account",), 1), ((), 2), (("root", "--none"), 2)])
def test_an_account_that_is_not_there_is_mapped_to_nobody(kiosk: Kiosk, given: tuple[str, ...], code: int) -> None:
    assert kiosk.type("users", "unix-account", "j.devries", *given, *BECAUSE).exit_code == code
    assert card(kiosk)["unix_account"] is None


def test_whoever_is_deleted_leaves_the_unix_account_to_the_next(kiosk: Kiosk) -> None:
    mine = pwd.getpwuid(os.getuid()).pw_name
    kiosk.type("users", "add", "a.smit", "--phone", "06 12345679", "--reason", "x")
    answer(kiosk, "unix-account", "j.devries", mine, *BECAUSE)
    answer(kiosk, "delete", "j.devries", "--yes", *BECAUSE)
    assert answer(kiosk, "unix-account", "a.smit", mine, *BECAUSE)["unix_account"] == mine


def test_whoever_was_to_be_off_by_now_is_listed_as_off(kiosk: Kiosk) -> None:
    with open_site(kiosk.premises()) as site, site.database.transaction(write=True):
        site.database.users.set_disabled_from(site.database.users.all()[0].id, 1)

    assert json.loads(kiosk.type("users", "list", "--json").output)["state"] == "disabled"
    assert card(kiosk)["state"] == "disabled"


def test_delete_asks_first_and_leaves_the_log(kiosk: Kiosk) -> None:
    unsure = kiosk.type("users", "delete", "j.devries", *BECAUSE)
    assert unsure.exit_code == 1
    assert kiosk.type("users", "delete", "j.devries", *BECAUSE, "--json").exit_code == 2
    user_id = card(kiosk)["id"]

    gone = answer(kiosk, "delete", "j.devries", "--yes", *BECAUSE)

    assert gone["id"] == user_id
    assert kiosk.type("users", "show", "j.devries").exit_code == 1
    with open_site(kiosk.premises()) as site:
        events = [row.event for row in site.database.audit.rows() if row.event is not None]
        assert site.database.audit.verify().ok
    assert [event.action for event in events if event.object == user_id] == ["users.added", "users.deleted"]
    assert events[-1].parameters["reason"] == "telefoon kwijt"


def test_methods_are_listed_added_replaced_and_revoked(kiosk: Kiosk) -> None:
    answer(kiosk, "methods", "add", "j.devries", "--app", *BECAUSE)
    answer(kiosk, "methods", "add", "j.devries", "--phone", "06 87654321", "--replaces", "sms", *BECAUSE)
    listed = answer(kiosk, "methods", "list", "j.devries")
    assert [(one["kind"], one["state"], one["tail"]) for one in listed] == [
        ("totp", "offered", None),
        ("sms", "offered", "21"),
    ]
    assert "87654321" not in kiosk.type("users", "show", "j.devries").output

    left = answer(kiosk, "methods", "revoke", "j.devries", listed[0]["id"], *BECAUSE)

    assert left["methods_left"] == 1
    assert kiosk.type("users", "methods", "revoke", "j.devries", "totp", *BECAUSE).exit_code == 1


def test_a_number_is_confirmed_by_the_code_that_was_sent_there(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.administration.proving.secrets.randbelow", lambda _below: 42)
    confirm = ("users", "methods", "confirm", "j.devries", *BECAUSE, "--config", str(kiosk.config))

    wrong = type_command(*confirm, answers="111111\n" * 5)
    done = type_command(*confirm, "--json", answers="12\n111111\n000042\n")
    again = type_command(*confirm)

    assert (wrong.exit_code, "Vraag een nieuwe code" in wrong.stderr) == (1, True)
    assert (done.exit_code, "eindigt op 78" in done.stderr) == (0, True)
    assert json.loads(done.stdout)["kind"] == "sms"
    assert card(kiosk)["methods"][0]["state"] == "active"
    assert again.exit_code == 1
    with open_site(kiosk.premises()) as site:
        queued = site.database.messages.next_queued(0, limit=9)
        assert [site.database.messages.text(one)[-6:] for one in queued] == ["000042", "000042"]


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--app", "--phone", "06 87654321"),
        ("--app", "--replaces", "sms"),
        ("--phone", "06 87654321", "--keep-old"),
    ],
)
def test_what_contradicts_is_wrong_use(kiosk: Kiosk, wrong: tuple[str, ...]) -> None:
    assert kiosk.type("users", "methods", "add", "j.devries", *wrong, *BECAUSE).exit_code == 2


def test_a_temporary_code_needs_a_reason_and_how_the_person_was_known(kiosk: Kiosk) -> None:
    code = ("temporary-code", "j.devries")
    assert kiosk.type("users", *code, "--reason", "no_sms").exit_code == 2
    assert kiosk.type("users", *code, "--identified", "in_person").exit_code == 2

    lost = (*code, "--reason", "phone_lost", "--identified", "called_back")
    warned = kiosk.type("users", *lost)
    assert (warned.exit_code, "--despite-warning" in warned.stderr) == (1, True)
    made = answer(kiosk, *lost, "--despite-warning", "--minutes", "30", "--add-app", "--revoke", "sms")

    assert re.fullmatch(r"\d{8}", made["code"])
    shown = card(kiosk)
    assert shown["temporary_code"]["expires_at"] == made["expires_at"]
    assert [one["kind"] for one in shown["methods"]] == ["totp"]
    kept = b"".join(path.read_bytes() for path in kiosk.directory.rglob("*") if path.is_file())
    assert made["code"].encode() not in kept
    spoken = kiosk.type("users", *code, "--reason", "no_sms", "--identified", "in_person")
    assert re.search(r": \d{4} \d{4}\. ", spoken.output)
    answer(kiosk, "withdraw-code", "j.devries", *BECAUSE)
    assert card(kiosk)["temporary_code"] is None


def test_a_role_needs_more_than_sms_and_the_last_administrator_stays(kiosk: Kiosk) -> None:
    refused = kiosk.type("users", "role", "j.devries", "administrator", *BECAUSE)
    assert (refused.exit_code, "SMS" in refused.stderr) == (1, True)
    kiosk.type("users", "add", "chef", "--app", "--role", "administrator", "--reason", "x")
    with open_site(kiosk.premises()) as site, site.database.transaction(write=True):
        [user] = site.database.users.all(search="chef")
        site.database.factors.confirm(site.database.factors.of_user(user.id)[0].id, 1)

    last = kiosk.type("users", "role", "chef", "staff", *BECAUSE)

    assert (last.exit_code, "laatste beheerder" in last.stderr) == (1, True)
    assert re.search(r"logboek: [A-Z]\d{3}", last.stderr)
    with open_site(kiosk.premises()) as site:
        assert [user.role for user in site.database.users.all(search="chef")] == [Role.ADMINISTRATOR]


def test_sessions_and_back_up_code_are_told_when_there_are_none(kiosk: Kiosk) -> None:
    for command in (("sessions", "end"), ("backup-code",)):
        done = kiosk.type("users", *command, "j.devries", *BECAUSE)
        assert (done.exit_code, "al zo" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "command",
    [
        ("reset-password",),
        ("unlock", "--password"),
        ("disable",),
        ("enable",),
        ("delete", "--yes"),
        ("backup-code",),
        ("sessions", "end"),
        ("methods", "add", "--app"),
        ("withdraw-code",),
    ],
)
def test_every_change_needs_a_reason_and_somebody(kiosk: Kiosk, command: tuple[str, ...]) -> None:
    assert kiosk.type("users", *command, "j.devries").exit_code == 2
    empty = kiosk.type("users", *command, "j.devries", "--reason", " ")
    assert (empty.exit_code, "reason" in empty.stderr) == (1, True)
    nobody = kiosk.type("users", *command, "niemand", *BECAUSE)
    assert (nobody.exit_code, "Deze gebruikersnaam" in nobody.stderr) == (1, True)
    with open_site(kiosk.premises()) as site:
        assert [row.event.action for row in site.database.audit.rows() if row.event] == ["users.added"]


def test_the_actor_is_the_account_of_the_machine(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.commands.site.real_account", lambda: "beheer")
    answer(kiosk, "methods", "add", "j.devries", "--app", *BECAUSE)

    [change] = card(kiosk)["changes"]
    assert (change["by"], change["what"], change["reason"], change["seen"]) == (
        "unix:beheer",
        "method_added",
        "telefoon kwijt",
        False,
    )


def test_a_hostile_name_is_shown_as_text(kiosk: Kiosk) -> None:
    with open_site(kiosk.premises()) as site, site.database.transaction(write=True):
        user = site.database.users.by_name("j.devries")
        assert user is not None
        site.database._connection.change(
            "UPDATE users SET display_name = :name WHERE id = :id", {"name": "\x1b[2J[bold]", "id": user.id}
        )

    shown = kiosk.type("users", "show", "j.devries")

    assert "\x1b" not in shown.output
    assert r"\x1b[2J[bold]" in shown.output


def test_as_a_process_there_is_no_traceback(kiosk: Kiosk) -> None:
    done = run_process("users", "show", "niemand", "--config", str(kiosk.config))

    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr


def test_the_code_for_the_envelope_is_shown_once_and_a_new_one_voids_it(kiosk: Kiosk) -> None:
    told = kiosk.type("users", "break-glass", "--reason", "enveloppe in de kluis")
    found = re.search(r"([0-9a-z]{4}-){5}[0-9a-z]{4}", told.output)
    assert found is not None
    assert "vernietig de oude envelop" not in told.output

    again = answer(kiosk, "break-glass", "--reason", "enveloppe kwijt")
    assert sorted(again) == ["code", "reference", "replaced"]
    assert (again["replaced"], again["code"] == found[0]) == (True, False)
    assert kiosk.type("users", "break-glass").exit_code == 2
