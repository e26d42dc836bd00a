"""`kiosk init`: a kiosk whose first administrator can sign in, or nothing at all."""

import re
import stat
from pathlib import Path

import pytest

from kiosk.commands import init
from kiosk.commands.site import open_site
from kiosk.methods.totp import code_at
from kiosk.passwords import Secret
from kiosk.sign_in.outcomes import Moved, Stage
from kiosk.wall_clock import wall_ms
from tests.kiosk.commands.command_line import Kiosk, run_process, type_command
from tests.kiosk.world import other_than

PASSWORD = "vier losse woorden samen"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    directory = tmp_path / "kiosk"
    directory.mkdir()
    return Kiosk(directory)


@pytest.fixture
def answers(tmp_path: Path) -> dict[str, str]:
    """All that must be given when there is no keyboard."""
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return {
        "--site": "Receptie Noord",
        "--admin": "beheer",
        "--admin-name": "Els Beheer",
        "--password-file": str(password),
    }


def options(kiosk: Kiosk, answers: dict[str, str], **others: str) -> list[str]:
    given = {**answers, **{f"--{name.replace('_', '-')}": value for name, value in others.items()}}
    return ["init", "--config", str(kiosk.config), *(part for pair in given.items() for part in pair)]


def left_behind(kiosk: Kiosk) -> list[str]:
    return sorted(str(path.relative_to(kiosk.directory)) for path in kiosk.directory.rglob("*"))


def test_it_makes_all_that_a_kiosk_needs_and_an_administrator_who_can_sign_in(
    kiosk: Kiosk, answers: dict[str, str]
) -> None:
    done = type_command(*options(kiosk, answers, phone="06 12345678"), "--no-code-check")

    assert done.exit_code == 0, done.output
    assert {"kiosk.toml", "kiosk.db", "keys", "keys/master.key", "state"} <= set(left_behind(kiosk))
    assert stat.S_IMODE(kiosk.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(kiosk.database.stat().st_mode) == 0o600
    assert kiosk.attempt("beheer", PASSWORD) == Moved(Stage.TOTP)
    code = re.search(r"(\d{4}) (\d{4})", done.output)
    assert code is not None
    with open_site(kiosk.premises()) as site:
        [user] = site.database.users.all()
        backup = site.database.backup_codes.live(user.id)
        assert backup is not None
        assert site.hasher.verify(code[1] + code[2], backup.code_hash, Secret.CODE)
        actions = [row.event.action for row in site.database.audit.rows() if row.event is not None]
    assert actions[:2] == ["users.added", "backup_code.issued"]
    assert PASSWORD not in done.output


def test_no_number_is_warned_of_that_was_not_given(kiosk: Kiosk, answers: dict[str, str]) -> None:
    done = type_command(*options(kiosk, answers, phone=""), "--no-code-check")

    assert done.exit_code == 0, done.output
    assert "lijst van processen" not in done.stderr


def test_the_data_can_lie_apart_from_the_configuration(kiosk: Kiosk, answers: dict[str, str], tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = type_command(*options(kiosk, answers, data=str(data)), "--no-code-check")

    assert done.exit_code == 0, done.output
    assert left_behind(kiosk) == ["kiosk.toml"]
    assert {path.name for path in data.iterdir()} >= {"kiosk.db", "keys", "state"}
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert kiosk.attempt("beheer", PASSWORD) == Moved(Stage.TOTP)


def test_the_app_is_proved_by_a_code_before_anything_is_made(
    kiosk: Kiosk, answers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "new_secret", lambda: SECRET)
    right = code_at(SECRET, wall_ms())

    done = type_command(*options(kiosk, answers), answers=f"{other_than(right)}\n{right[:3]} {right[3:]}\n")
    asked_in_vain = type_command(*options(Kiosk(kiosk.directory / "b"), answers), answers="000000\n")

    assert done.exit_code == 0
    assert "klopt niet" in done.output
    assert "GEZD GNBV GY3T" in done.output
    assert asked_in_vain.exit_code == 1
    assert not (kiosk.directory / "b").exists()


def test_a_kiosk_that_is_there_is_never_touched(kiosk: Kiosk, answers: dict[str, str]) -> None:
    kiosk.make()
    before = {path: path.read_bytes() for path in kiosk.directory.rglob("*") if path.is_file()}

    done = type_command(*options(kiosk, answers), "--no-code-check")

    assert done.exit_code == 1
    assert str(kiosk.config) in done.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_a_database_whose_configuration_was_lost_is_never_touched(kiosk: Kiosk, answers: dict[str, str]) -> None:
    kiosk.make()
    kiosk.config.unlink()

    done = type_command(*options(kiosk, answers), "--no-code-check")

    assert done.exit_code == 1
    assert str(kiosk.database) in done.stderr
    assert not kiosk.config.exists()


def test_a_first_try_that_ended_after_the_key_can_be_done_again(kiosk: Kiosk, answers: dict[str, str]) -> None:
    kiosk.make()
    key = kiosk.key.read_bytes()
    kiosk.config.unlink()
    kiosk.database.unlink()

    done = type_command(*options(kiosk, answers), "--no-code-check")

    assert done.exit_code == 0
    assert kiosk.key.read_bytes() == key
    assert kiosk.attempt("beheer", PASSWORD) == Moved(Stage.TOTP)


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"site": "Een naam die veel te lang is voor een SMS"}, 2, "site.name"),
        ({"admin": " "}, 1, "1 tot 64"),
        ({"admin_name": "Els\x07"}, 1, "1 tot 64"),
        ({"phone": "030 555 01 23"}, 1, "mobiel nummer"),
        ({"phone": "+32 470 12 34 56"}, 1, "countries"),
        ({"language": "fr"}, 2, "fr"),
        ({"password_file": "/nowhere/password"}, 1, "/nowhere/password"),
        ({"password_file": "/"}, 1, "kan niet worden gelezen"),
    ],
)
def test_a_wrong_answer_is_told_and_leaves_nothing_behind(
    kiosk: Kiosk, answers: dict[str, str], given: dict[str, str], code: int, words: str
) -> None:
    done = type_command(*options(kiosk, answers, **given), "--no-code-check")

    assert done.exit_code == code
    assert words in done.stderr
    assert left_behind(kiosk) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"kort", "te kort"),
        (b"Welkom2026!!", "Veel mensen"),
        (b"altijd bij Receptie Noord", "locatie"),
        (b"beheer beheer samen", "gebruikersnaam"),
        (b"\xff\xfe\xfd", "UTF-8"),
    ],
)
def test_a_password_in_a_file_must_keep_the_rules(
    kiosk: Kiosk, answers: dict[str, str], content: bytes, words: str
) -> None:
    Path(answers["--password-file"]).write_bytes(content)

    done = type_command(*options(kiosk, answers), "--no-code-check")

    assert done.exit_code == 1
    assert words in done.stderr
    assert left_behind(kiosk) == []


@pytest.mark.parametrize("missing", ["--site", "--admin", "--admin-name", "--password-file"])
def test_without_a_keyboard_every_answer_must_be_given(kiosk: Kiosk, answers: dict[str, str], missing: str) -> None:
    del answers[missing]

    done = type_command(*options(kiosk, answers))

    assert done.exit_code == 2
    assert missing in done.stderr
    assert left_behind(kiosk) == []


def test_as_a_process_it_makes_a_kiosk_that_other_commands_use(kiosk: Kiosk, answers: dict[str, str]) -> None:
    help_desk = ("--help-desk", "Servicedesk", "030 555 01 23", "ma-vr 8-17")

    done = run_process(*options(kiosk, answers), "--no-code-check", *help_desk, "--language", "en")
    listed = run_process("users", "list", "--config", str(kiosk.config))
    again = run_process(*options(kiosk, answers), "--no-code-check")

    assert (done.returncode, listed.returncode, again.returncode) == (0, 0, 1)
    assert done.stderr == listed.stderr == ""
    assert listed.stdout.split()[:2] == ["beheer", "administrator"]
    assert 'name = "Servicedesk"' in kiosk.config.read_text(encoding="utf-8")
    assert "Traceback" not in again.stderr
