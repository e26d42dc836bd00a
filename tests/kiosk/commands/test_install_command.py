"""`kiosk install` in a directory that stands for a machine."""

import os
import sys
from pathlib import Path

import pytest

from tests.kiosk.commands.command_line import type_command

UNIT = "etc/systemd/system/kiosk-terminal@.service"


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    # Wherever these tests run: a program that is where it should be.
    monkeypatch.setattr(sys, "executable", "/opt/kiosk/.venv/bin/python3")
    monkeypatch.delenv("KIOSK_CONFIG", raising=False)
    monkeypatch.setenv("KIOSK_LANGUAGE", "en")


def names(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_a_dry_run_shows_every_file_with_its_content_and_writes_nothing(tmp_path: Path) -> None:
    done = type_command("install", "--dry-run", "--root", str(tmp_path))
    assert done.exit_code == 0
    assert "─── /etc/systemd/system/kiosk-terminal@.service  [0644]  new" in done.output
    assert "ExecStart=/opt/kiosk/.venv/bin/kiosk run --config /etc/kiosk/kiosk.toml\n" in done.output
    assert "─── /etc/systemd/system/ctrl-alt-del.target  [link]  new\n-> /dev/null\n" in done.output
    assert names(tmp_path) == []


def test_it_writes_says_so_and_takes_all_away_again(tmp_path: Path) -> None:
    done = type_command("install", "--root", str(tmp_path))
    assert done.exit_code == 0
    assert f"Written: /{UNIT}\n" in done.output
    assert "kiosk init --config /etc/kiosk/kiosk.toml --data /var/lib/kiosk" in done.output
    assert type_command("install", "--uninstall", "--root", str(tmp_path)).exit_code == 0
    assert names(tmp_path) == []


def test_a_dry_run_shows_what_a_person_changed_and_both_refuse_it(tmp_path: Path) -> None:
    type_command("install", "--root", str(tmp_path))
    unit = tmp_path / UNIT
    unit.write_text(unit.read_text().replace("RestartSec=3", "RestartSec=9"))
    shown = type_command("install", "--dry-run", "--root", str(tmp_path)).output
    assert "-RestartSec=9\n+RestartSec=3\n" in shown
    assert "only with --force" in shown
    for more in ((), ("--uninstall",)):
        refused = type_command("install", "--root", str(tmp_path), *more)
        assert (refused.exit_code, f"  /{UNIT}\n" in refused.output) == (1, True)
    assert "RestartSec=9" in unit.read_text()
    assert type_command("install", "--uninstall", "--force", "--root", str(tmp_path)).exit_code == 0
    assert names(tmp_path) == []


def test_what_would_start_is_that_of_the_configuration(tmp_path: Path) -> None:
    place = tmp_path / "etc" / "kiosk"
    place.mkdir(parents=True)
    (place / "kiosk.toml").write_text(
        '[site]\nname = "Noord"\n[modem.noord]\nport = "/dev/ttyUSB0"\n'
        '[database]\npath = "/srv/data/kiosk.db"\n[keys]\npath = "/srv/data/keys/key"\n[state]\npath = "/srv/data/state"\n'
    )
    done = type_command("install", "--root", str(tmp_path), "--console", "1", "--console", "2", "--technician", "0")
    assert done.exit_code == 0, done.output
    wanted = tmp_path / "etc/systemd/system/multi-user.target.wants"
    assert {path.name for path in wanted.iterdir()} == {
        "kiosk-terminal@tty1.service",
        "kiosk-terminal@tty2.service",
        "kiosk-gateway.service",
    }
    assert "ReadWritePaths=/srv/data\n" in (tmp_path / UNIT).read_text()
    assert "ReserveVT=0\n" in (tmp_path / "etc/systemd/logind.conf.d/kiosk.conf").read_text()


def test_a_mistake_in_the_configuration_is_wrong_use_and_nothing_is_written(tmp_path: Path) -> None:
    place = tmp_path / "etc" / "kiosk"
    place.mkdir(parents=True)
    (place / "kiosk.toml").write_text("[site]\n")
    done = type_command("install", "--root", str(tmp_path))
    assert (done.exit_code, "site.name" in done.output) == (2, True)
    assert names(tmp_path) == ["etc", "etc/kiosk", "etc/kiosk/kiosk.toml"]


def test_it_goes_away_whatever_the_configuration_says_meanwhile_and_can_be_asked_first(tmp_path: Path) -> None:
    type_command("install", "--root", str(tmp_path))
    (tmp_path / "etc/kiosk/kiosk.toml").write_text("[site\n")
    before = names(tmp_path)
    asked = type_command("install", "--uninstall", "--dry-run", "--root", str(tmp_path))
    assert (asked.exit_code, f"/{UNIT}\n" in asked.output, names(tmp_path)) == (0, True, before)
    assert type_command("install", "--uninstall", "--root", str(tmp_path)).exit_code == 0
    assert names(tmp_path) == ["etc", "etc/kiosk", "etc/kiosk/kiosk.toml"]


def test_a_console_cannot_be_a_desks_and_the_technicians(tmp_path: Path) -> None:
    assert type_command("install", "--root", str(tmp_path), "--technician", "1").exit_code == 2


def test_without_root_it_says_how_to_type_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    done = type_command("install")
    assert (done.exit_code, "sudo" in done.output) == (1, True)


def test_a_program_that_others_can_change_is_not_given_to_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    done = type_command("install")
    assert (done.exit_code, "/opt/kiosk/.venv/bin/kiosk" in done.output) == (1, True)
