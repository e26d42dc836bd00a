"""Whom `kiosk gate` lets go on as which Unix account, and what the log says of it."""

import os
import pwd
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.account.account import NotSignedIn
from tests.kiosk.terminal import BUILT, DAY, FACTS, Terminal
from tests.kiosk.world import World

CALLER = os.getuid()
OWN = pwd.getpwuid(CALLER).pw_name
OTHER = next(one.pw_name for one in pwd.getpwall() if one.pw_uid != CALLER)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with closing(World.make(tmp_path)) as world:
        world.clock.at = BUILT + DAY
        world.modem("noord", "20408")
        world.person()
        opened = Terminal.open(world)
        opened.desk.facts = replace(FACTS, gate_account=CALLER)
        yield opened
        opened.desk._presence.close()


def map_to(terminal: Terminal, account: str | None) -> None:
    users = terminal.world.site.database.users
    with terminal.world.site.database.transaction(write=True):
        users.set_unix_account(users.all()[0].id, account)


def sign_in(terminal: Terminal) -> None:
    begun = terminal.begun()
    begun.answer(terminal.world.code_of_queued())
    begun.confirm_backup_code()


def gate_rows(terminal: Terminal) -> list[tuple[str, str]]:
    return [row for row in terminal.world.actions() if row[0] == "session.gate"]


def test_the_person_of_the_account_passes(terminal: Terminal) -> None:
    map_to(terminal, OWN)
    sign_in(terminal)
    passed = terminal.desk.pass_gate()
    assert passed is not None
    assert (passed.user, passed.method) == ("j.devries", "sms")
    assert terminal.world.site.database.sessions.get(passed.session) is not None
    assert gate_rows(terminal) == [("session.gate", "passed")]


@pytest.mark.parametrize("account", [None, OTHER, "gone-since"])
def test_anybody_else_is_refused_and_written_down(terminal: Terminal, account: str | None) -> None:
    map_to(terminal, account)
    sign_in(terminal)
    assert terminal.desk.pass_gate() is None
    assert gate_rows(terminal) == [("session.gate", "refused")]


def test_what_was_mapped_is_read_when_it_counts(terminal: Terminal) -> None:
    map_to(terminal, OWN)
    sign_in(terminal)
    map_to(terminal, None)
    assert terminal.desk.pass_gate() is None


def test_nobody_passes_before_the_second_step(terminal: Terminal) -> None:
    map_to(terminal, OWN)
    terminal.begun()
    with pytest.raises(NotSignedIn):
        terminal.desk.pass_gate()


def test_nobody_passes_by_a_session_that_has_ended(terminal: Terminal) -> None:
    map_to(terminal, OWN)
    sign_in(terminal)
    database = terminal.world.site.database
    with database.transaction(write=True):
        database.sessions.end_all("clock", terminal.world.clock.at)
    with pytest.raises(NotSignedIn):
        terminal.desk.pass_gate()


def test_a_desk_is_no_gate(terminal: Terminal) -> None:
    map_to(terminal, OWN)
    sign_in(terminal)
    terminal.desk.facts = FACTS
    with pytest.raises(NotSignedIn):
        terminal.desk.pass_gate()
