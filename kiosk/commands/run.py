"""`kiosk run`: the terminal."""

import sys
from pathlib import Path

import click

from kiosk.commands.logs import log_to
from kiosk.commands.site import config_path, desk_name, enter
from kiosk.commands.speak import load_language, told
from kiosk.commands.terminal import Terminal, facts_of, modem_settings
from kiosk.commands.users import config_option
from kiosk.config import Config


@click.command()
@click.option("--desk", help="Name of this desk; else [desk] name, else host and terminal.")
@config_option
def run(desk: str | None, config: Path | None) -> None:
    """Run the terminal of this desk."""
    language = load_language()
    with told(language):
        configuration = Config.load(config_path(config))
        # Before the database is looked at: what is found there belongs in the log, not on the screen.
        log_to(configuration.state.path)
        premises = enter(configuration)
    name = desk_name(configuration, desk)
    terminal = Terminal(premises, facts_of(configuration, name), modem_settings(configuration))
    # Imported now: whoever has a mistake in the configuration is told without waiting for the pages.
    from kiosk.commands.show import show  # noqa: PLC0415  see above

    sys.exit(show(terminal, language))
