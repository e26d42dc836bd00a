"""What `kiosk-gate@.service` runs: the gate, for one connection on standard input; and the pages that it shows.

Both as the account of the kiosk. The gate itself watches caller and terminal; the pages are a child of it, with that terminal.
"""

import logging
import os
import pwd
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from kiosk.commands.logs import log_to, log_to_journal
from kiosk.commands.speak import load_language, told
from kiosk.config import Config
from kiosk.gate.serving import Rules, serve
from kiosk.gate.wire import Face, answer_bytes

if TYPE_CHECKING:
    from kiosk.commands.backstage import Backstage

# The pages said on the terminal why nobody can sign in.
OUT_OF_SERVICE: Final = 75

_config = click.option("--config", type=click.Path(path_type=Path), required=True)


@click.group()
def main() -> None:
    """The gate of this machine, for the accounts that may call it."""


@main.command()
@_config
@click.option("--slots", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
def connection(*, config: Path, slots: Path) -> None:
    """Serve the connection on standard input."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    with socket.socket(fileno=os.dup(0)) as caller:
        # Else the connection would stay open in every child until it executes, and here.
        os.dup2(os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC), 0)
        serve(caller, Rules(pages=pages_of(config), slots=slots, environ=_environ()))


def pages_of(config: Path) -> Sequence[str]:
    """The program that shows the sign-in."""
    return (sys.executable, "-I", "-m", "kiosk.commands.gate_service", "pages", "--config", str(config))


def _environ() -> dict[str, str]:
    # The key may have come as a credential of the unit (systemd.exec(5)).
    kept = {name: os.environ[name] for name in ("CREDENTIALS_DIRECTORY",) if name in os.environ}
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"} | kept


@main.command()
@_config
@click.option("--account", type=int, required=True)
@click.option("--answer", type=int, required=True)
@click.option("--face", type=click.Choice([one.value for one in Face]), required=True)
def pages(*, config: Path, account: int, answer: int, face: str) -> None:
    """Let somebody sign in on this terminal, and write into the pipe ANSWER whether they pass as the number ACCOUNT."""
    from kiosk.commands.gate_sign_in import sign_in  # noqa: PLC0415  the gate itself needs none of it

    os.set_inheritable(answer, False)
    # Until the pages hear it themselves: what has begun is put back on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(OUT_OF_SERVICE))
    language = load_language()
    try:
        log_to_journal()
        with told(language):
            configuration = Config.load(config)
        log_to(configuration.state.path)
        found = sign_in(
            configuration,
            language,
            desk=_desk_of(account),
            account=account,
            face=Face(face),
            backstage=lambda: _backstage(configuration),
        )
    except SystemExit:
        sys.exit(OUT_OF_SERVICE)
    os.write(answer, answer_bytes(found))


def _desk_of(account: int) -> str:
    """One desk for each account: as many terminals as it opens, it has the tries and the SMS of one, and stops no other."""
    return f"{socket.gethostname()} gate {pwd.getpwuid(account).pw_name}"


def _backstage(configuration: Config) -> "Backstage":
    from kiosk.commands.backstage import Backstage, modem_settings  # noqa: PLC0415  not before the first page is painted
    from kiosk.commands.site import enter  # noqa: PLC0415  see above

    # Who calls may be far away, and a touch at the desk would be theirs; and they may end this process when they like.
    return Backstage(enter(configuration, check=True), modem_settings(configuration), keys=None, serves_machine=False)


if __name__ == "__main__":
    main()
