"""Typing commands against a kiosk with real files: configuration, key, database."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from kiosk.audit import AuditTrail
from kiosk.commands.cli import main
from kiosk.commands.site import Premises, enter, open_site
from kiosk.config import Config
from kiosk.keys import MasterKey
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Outcome

ROOT = Path(__file__).parents[3]
# The cheap hash that a site may choose, so that the tests do not wait.
CONFIGURATION = """
language = "nl"
[site]
name = "Receptie Noord"
[policy.password]
low_memory = true
"""


def type_command(*arguments: str, answers: str | None = None) -> Result:
    """Run a command in this process; what it cannot handle is raised."""
    done = CliRunner().invoke(main, arguments, input=answers)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def run_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as people do, in a process of its own without a keyboard."""
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def run_on_terminal(*arguments: str, typed: str = "") -> tuple[int, str]:
    """Run a command as people do, on a terminal of its own, until it ends; exit code and all that it painted."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    environ = os.environ | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "kiosk", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
    ) as process:
        os.close(slave)
        os.write(master, typed.encode())
        painted = b""
        deadline = time.monotonic() + 60
        try:
            while select.select([master], [], [], max(0.0, deadline - time.monotonic()))[0]:
                painted += os.read(master, 65536)
        except OSError:
            # Nobody holds the other end any more: it has ended.
            pass
        else:
            process.kill()
        os.close(master)
    return process.returncode, painted.decode(errors="replace")


@dataclass(slots=True)
class Kiosk:
    """The files of one kiosk."""

    directory: Path

    @property
    def config(self) -> Path:
        return self.directory / "kiosk.toml"

    @property
    def database(self) -> Path:
        return self.directory / "kiosk.db"

    @property
    def key(self) -> Path:
        return self.directory / "keys" / "master.key"

    def make(self) -> None:
        """What `kiosk init` makes, without an administrator."""
        self.config.write_text(CONFIGURATION, encoding="utf-8")
        MasterKey.create(self.key)
        self.premises(create=True)

    def premises(self, *, create: bool = False) -> Premises:
        return enter(Config.load(self.config), create=create)

    def type(self, *arguments: str) -> Result:
        """A command with `--config`."""
        return type_command(*arguments, "--config", str(self.config))

    def attempt(self, name: str, password: str) -> Outcome:
        """Sign in at a desk of this kiosk."""
        with open_site(self.premises()) as site:
            with site.database.transaction(write=True):
                desk = site.database.desks.ensure(site.name, "balie")
            trail = AuditTrail(site.database, site.clock, origin="test")
            sign_in = SignIn(site, trail, desk_id=desk.id, language="nl")
            outcome = sign_in.begin(name, password)
            sign_in.cancel("person")
            return outcome
