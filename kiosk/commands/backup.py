"""`kiosk backup FILE`: a sealed copy of the database, made while people sign in."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from kiosk.commands.configured import config_option, config_path
from kiosk.commands.site import command_actor, command_trail, enter, open_site
from kiosk.commands.speak import load_language, told
from kiosk.config import Config
from kiosk.keeping.backup import Backups


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", help="Why; kept in the audit log.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@config_option
def backup(*, file: Path, reason: str | None, as_json: bool, config: Path | None) -> None:
    """Make the back-up FILE, sealed with the master key; people go on signing in. FILE must not exist.

    It can be put back only with the master key of now: keep a recovery copy of that elsewhere (kiosk key recovery).
    """
    language = load_language()
    with told(language):
        premises = enter(Config.load(config_path(config)))
        with open_site(premises) as site:
            backups = Backups(site.database, premises.vault, command_trail(site), site=site.name, clock=site.clock)
            manifest = backups.make(file.absolute(), actor=command_actor(), reason=reason)
    if as_json:
        click.echo(json.dumps(asdict(manifest)))
    else:
        people = manifest.rows.get("users", 0)
        click.echo(language.text("command.backup.done", path=str(file), people=people, key=manifest.key_id))
