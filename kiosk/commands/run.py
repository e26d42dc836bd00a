"""`kiosk run`: the terminal."""

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kiosk.commands.configured import config_option, config_path, desk_name
from kiosk.commands.logs import log_to, log_to_journal
from kiosk.commands.speak import load_language, told
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.config import Config

if TYPE_CHECKING:
    from kiosk.applications.launching import Launching
    from kiosk.commands.backstage import Backstage


@click.command()
@click.option("--desk", help="Name of this desk; else [desk] name, else host and terminal.")
@click.option("--plain", is_flag=True, help="Lines and prompts without drawing, for Braille and speech.")
@config_option
def run(desk: str | None, config: Path | None, *, plain: bool) -> None:
    """Run the terminal of this desk."""
    language = load_language()
    log_to_journal()
    with told(language):
        path = config_path(config)
        configuration = Config.load(path)
    # Before the database is looked at: what is found there belongs in the log, not on the screen.
    log_to(configuration.state.path)

    def backstage() -> "Backstage":
        from kiosk.commands.backstage import backstage_of  # noqa: PLC0415  not before the first page is painted

        return backstage_of(configuration)

    def launching() -> "Launching":
        from kiosk.applications.launching import Launching  # noqa: PLC0415  not before somebody wants an application

        return Launching(config=path.absolute())

    terminal = Terminal(facts_of(configuration, desk_name(configuration, desk)), backstage)
    if plain:
        from kiosk.commands.show_plain import show_plain  # noqa: PLC0415  only one of the two faces is loaded

        sys.exit(show_plain(terminal, language, launching=launching))
    # Nothing that is loaded for the first page is garbage, and looking for some takes a fifteenth of the start; `begin` looks again.
    gc.disable()
    # Imported now: whoever has a mistake in the configuration is told without waiting for the pages.
    from kiosk.commands.show import show  # noqa: PLC0415  see above

    sys.exit(show(terminal, configuration, language, launching=launching))
