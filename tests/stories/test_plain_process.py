"""The plain terminal as a process on a tty: it loads no pages, and whatever ends it leaves nobody half signed in."""

import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.factors import FactorKind
from data.users import PasswordState, Role, UserState
from kiosk.accounts import Accounts, NewPerson
from kiosk.commands.site import Premises, command_trail, enter, open_site
from kiosk.config import Config, example_configuration
from kiosk.keys import MasterKey
from kiosk.methods.totp import code_at
from tests.stories.kiosk_story import CHEAP, PATIENCE_SECONDS
from tests.stories.plain_story import Line

PASSWORD = "vier losse woorden samen"
# Importing it is a fault of its own, whoever does.
WITHOUT_TEXTUAL = "import sys; sys.modules['textual'] = None; from kiosk.__main__ import main; main()"


class Process(Line):
    """`kiosk run --plain` on a terminal of its own."""

    def __init__(self, config: Path) -> None:
        self.far, self.near = pty.openpty()
        self.attributes = termios.tcgetattr(self.near)
        super().__init__(self.far)
        self.process = subprocess.Popen(
            [sys.executable, "-c", WITHOUT_TEXTUAL, "run", "--plain", "--config", str(config)],
            stdin=self.near,
            stdout=self.near,
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            start_new_session=True,
        )

    def hang_up(self) -> None:
        """The line is gone, without any signal."""
        for end in (self.far, self.near):
            os.close(end)
        self.far = self.near = -1

    def wait(self) -> int:
        """Its exit code; nothing was written beside the terminal."""
        _nothing, errors = self.process.communicate(timeout=PATIENCE_SECONDS)
        assert errors == b""
        return self.process.returncode


@pytest.fixture
def premises(tmp_path: Path) -> Premises:
    """A site without modems and one person with an app."""
    path = tmp_path / "kiosk.toml"
    text = example_configuration(site="Receptie Noord", desk="1")
    path.write_text(text)
    config = Config.parse(text, path)
    MasterKey.create(config.keys.path)
    premises = enter(config, create=True, hash_cost=CHEAP)
    with open_site(premises) as site:
        accounts = Accounts(site, command_trail(site), actor="test")
        created = accounts.create(
            NewPerson(name="jan", display_name="Jan", role=Role.STAFF, phone=None, app=True), reason="test"
        )
        with site.database.transaction(write=True):
            users, now = site.database.users, site.clock.now()
            hashed = site.hasher.hash(PASSWORD)
            users.set_password(
                created.user.id, hashed, PasswordState.OWN, expires_at=None, if_epoch=created.user.epoch, now=now
            )
            users.set_state(created.user.id, UserState.ACTIVE)
            site.database.factors.confirm(site.database.factors.of_user(created.user.id)[0].id, now)
        accounts.issue_backup_code(created.user)
    return premises


@pytest.fixture
def process(premises: Premises) -> Iterator[Process]:
    started = Process(premises.config.source)
    yield started
    if started.process.poll() is None:
        started.process.kill()
        started.process.communicate()
    if started.far >= 0:
        started.hang_up()


def until_the_code(process: Process) -> None:
    process.until("Gebruikersnaam: ")
    process.type("jan\r")
    process.until("Wachtwoord: ")
    process.type(f"{PASSWORD}\r")
    process.until("Code uit de app: ")


def until_home(process: Process, premises: Premises) -> None:
    until_the_code(process)
    process.type(f"{app_code(premises)}\r")
    process.until("Uitloggen (U)", "Keuze: ")


def app_code(premises: Premises) -> str:
    with premises.open_database() as database:
        user = database.users.by_name("jan")
        assert user is not None
        factor = next(one for one in database.factors.of_user(user.id) if one.kind is FactorKind.TOTP)
        return code_at(database.factors.secret(factor).decode(), premises.clock.wall())


def left_open(premises: Premises) -> int:
    """Sign-ins and sessions that nobody ended."""
    with premises.open_database() as database:
        count = "SELECT (SELECT count(*) FROM sign_ins WHERE ended_at IS NULL) + (SELECT count(*) FROM sessions WHERE ended_at IS NULL)"
        return int(database._connection.rows(count, {})[0][0])


ENDS: list[tuple[Callable[[Process], None], int]] = [
    (lambda process: process.process.send_signal(signal.SIGTERM), 0),
    (Process.hang_up, 1),
]


@pytest.mark.parametrize(("ends", "code"), ENDS, ids=["SIGTERM", "hang-up"])
def test_whatever_ends_it_ends_the_session_and_gives_the_terminal_back_empty(
    premises: Premises, process: Process, ends: Callable[[Process], None], code: int
) -> None:
    until_home(process, premises)
    assert left_open(premises) == 1
    ends(process)
    assert process.wait() == code
    assert left_open(premises) == 0
    if process.far >= 0:
        process.read()
        assert "jan" not in process.readable.lower()
        assert termios.tcgetattr(process.near) == process.attributes


def test_no_key_and_no_signal_of_the_keyboard_ends_or_stops_it(process: Process) -> None:
    process.until("Gebruikersnaam: ")
    process.type("\x1a\x1c")
    for number in (signal.SIGTSTP, signal.SIGUSR1, signal.SIGALRM):
        process.process.send_signal(number)
    process.type("\x03\x04")
    for _ in range(2):
        process.until("verder terug kan niet", "Gebruikersnaam: ")
    process.process.send_signal(signal.SIGQUIT)
    assert process.wait() == 0
    assert termios.tcgetattr(process.near) == process.attributes


def test_without_a_terminal_it_says_so(premises: Premises) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "kiosk", "run", "--plain", "--config", str(premises.config.source)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert process.returncode == 1
    assert "heeft een scherm en een toetsenbord nodig" in process.stderr
