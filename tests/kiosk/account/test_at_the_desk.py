"""The desk hands out the account of whoever is signed in here, and forgets it with the session."""

import gc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.account.account import Account, NotSignedIn
from kiosk.account.adding import NewApp
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Stage
from tests.kiosk.account.owner import newest_code
from tests.kiosk.terminal import BUILT, DAY, Terminal
from tests.kiosk.world import World


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with closing(World.make(tmp_path)) as world:
        world.clock.at = BUILT + DAY
        world.person()
        world.modem("noord")
        opened = Terminal.open(world)
        yield opened
        opened.desk._presence.close()


def at_home(terminal: Terminal) -> SignIn:
    sign_in = terminal.begun()
    sign_in.answer(newest_code(terminal.world))
    if sign_in.stage is Stage.SUCCESS:
        sign_in.confirm_backup_code()
    return sign_in


def test_nobody_has_an_account_before_the_second_factor(terminal: Terminal) -> None:
    with pytest.raises(NotSignedIn):
        terminal.desk.account()
    terminal.begun()
    with pytest.raises(NotSignedIn):
        terminal.desk.account()


def test_a_session_has_one_account(terminal: Terminal) -> None:
    at_home(terminal)
    assert terminal.desk.account() is terminal.desk.account()


def test_nothing_of_it_stays_in_the_process_after_signing_out(terminal: Terminal) -> None:
    sign_in = at_home(terminal)
    terminal.desk.account().begin_app()
    assert terminal.desk.account().view().app is not None
    sign_in.cancel("sign_out")
    terminal.desk.poll()
    with pytest.raises(NotSignedIn):
        terminal.desk.account()
    gc.collect()
    assert [one for one in gc.get_objects() if isinstance(one, (Account, NewApp))] == []


def test_the_next_person_gets_their_own(terminal: Terminal) -> None:
    at_home(terminal)
    first = terminal.desk.account()
    first.begin_app()
    at_home(terminal)
    second = terminal.desk.account()
    assert second is not first
    assert second.view().app is None


def test_a_session_that_was_ended_elsewhere_has_no_account_after_the_next_look(terminal: Terminal) -> None:
    sign_in = at_home(terminal)
    sign_in.watch(lambda _view: None)
    terminal.desk.account()
    with terminal.world.site.database.transaction(write=True):
        terminal.world.site.database.sessions.end_all("administrator", terminal.world.clock.at)
    terminal.desk.poll()
    with pytest.raises(NotSignedIn):
        terminal.desk.account()
