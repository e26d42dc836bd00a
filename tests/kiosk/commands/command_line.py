"""Typing commands against a kiosk with real files: configuration, key, database."""

import subprocess
import sys
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
