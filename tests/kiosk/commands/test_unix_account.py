"""Who types a command is what the kernel says, whatever the environment says."""

import os
import pwd
from pathlib import Path

import pytest

from kiosk.commands.site import command_actor
from kiosk.commands.unix_account import real_account

ROOT_UID = 0


@pytest.fixture(autouse=True)
def forged(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("SUDO_USER", "SUDO_UID", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "somebody.else")


def test_the_environment_does_not_say_who_it_is() -> None:
    assert "somebody.else" not in command_actor()


def test_it_is_who_signed_in_to_the_machine_also_behind_sudo(tmp_path: Path) -> None:
    loginuid = tmp_path / "loginuid"
    loginuid.write_text(f"{ROOT_UID}", encoding="ascii")
    assert real_account(loginuid) == pwd.getpwuid(ROOT_UID).pw_name


@pytest.mark.parametrize("content", ["4294967295", "", None])
def test_where_nobody_signed_in_it_is_the_account_of_the_process(tmp_path: Path, content: str | None) -> None:
    loginuid = tmp_path / "loginuid"
    if content is not None:
        loginuid.write_text(content, encoding="ascii")
    assert real_account(loginuid) == pwd.getpwuid(os.getuid()).pw_name


def test_an_account_without_a_name_is_known_by_its_number(tmp_path: Path) -> None:
    loginuid = tmp_path / "loginuid"
    loginuid.write_text("3999999999", encoding="ascii")
    assert real_account(loginuid) == "3999999999"
