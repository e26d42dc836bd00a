"""Which configuration a command works with, and which desk this is; light, because every start begins here."""

import os
import socket
from pathlib import Path
from typing import Final

import click

from kiosk.config import Config

CONFIG_VARIABLE: Final = "KIOSK_CONFIG"
DEFAULT_CONFIG: Final = Path("kiosk.toml")

config_option = click.option(
    "--config", type=click.Path(path_type=Path), help="The configuration file; else $KIOSK_CONFIG, else kiosk.toml."
)


def config_path(given: Path | None) -> Path:
    """The configuration file: as given, else `$KIOSK_CONFIG`, else `kiosk.toml` here."""
    if given is not None:
        return given
    from_environment = os.environ.get(CONFIG_VARIABLE)
    return Path(from_environment) if from_environment else DEFAULT_CONFIG


def desk_name(config: Config, given: str | None) -> str:
    """Name of this desk: as given, as configured, else host and terminal."""
    if given or config.desk.name:
        return given or config.desk.name or ""
    terminal = os.ttyname(0).removeprefix("/dev/") if os.isatty(0) else "-"
    return f"{socket.gethostname()} {terminal}"
