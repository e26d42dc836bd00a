"""`kiosk restore FILE`: puts a back-up in the place of the database, or rehearses that."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from data.errors import DataError
from data.users import User
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.site import command_actor, command_trail, enter, head_file, load_vault, open_site
from kiosk.commands.speak import WRONG_USE, fail, load_language, told
from kiosk.config import Config
from kiosk.keeping.manifest import Manifest
from kiosk.keeping.restore import Restored, rehearse
from kiosk.keeping.restore import restore as put_back
from kiosk.keeping.state import REHEARSED_AT
from kiosk.key_ring import KeyRing
from kiosk.language import Language, printable
from kiosk.wall_clock import wall_ms


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Rehearse: open FILE and check all of it, change nothing.")
@click.option(
    "--forget-newer",
    is_flag=True,
    help="Leave aside what the database that is replaced knows of what was taken away since, because it is not to be trusted.",
)
@click.option("--reason", help="Why; kept in the audit log. Required, except with --verify.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@config_option
def restore(
    *, file: Path, verify: bool, forget_newer: bool, reason: str | None, as_json: bool, config: Path | None
) -> None:
    """Put the back-up FILE in the place of the database, which is kept aside; no terminal or gateway may run.

    Codes that were handed out before are void afterwards: everybody gets a new back-up code at the next sign-in, and
    whoever still had a one-time password needs a new one. Methods, passwords, roles and accounts that were taken away
    since are taken away again when the database that is replaced is whole; when it is not, nobody knows them, and
    every role but staff is suspended until it is given again.
    """
    language = load_language()
    if not verify and not reason:
        fail(language.text("command.restore.needs_reason"), WRONG_USE)
    with told(language):
        configuration = Config.load(config_path(config))
        vault = load_vault(configuration)
        if verify:
            manifest = rehearse(file.absolute(), vault, configuration.database.path, now=wall_ms())
            _say(language, "command.restore.verified", manifest, as_json=as_json)
            _remember(language, configuration, manifest)
        else:
            restored = put_back(
                file.absolute(),
                vault,
                configuration.database.path,
                head_file(configuration),
                now=wall_ms(),
                forget_newer=forget_newer,
            )
            suspended = _note(configuration, restored, reason)
            _say(language, "command.restore.done", restored.manifest, as_json=as_json)
            if not as_json:
                _say_what_now(language, restored, suspended)


def _say_what_now(language: Language, restored: Restored, suspended: list[User]) -> None:
    if restored.carried is None:
        click.echo(language.text("command.restore.unknown"))
    else:
        click.echo(language.text("command.restore.carried", count=restored.carried))
    for user in suspended:
        click.echo(f"  kiosk users role {printable(user.name)} {user.suspended_role}")
    if restored.aside is not None:
        click.echo(language.text("command.restore.aside", path=str(restored.aside)))


def _note(configuration: Config, restored: Restored, reason: str | None) -> list[User]:
    """Write it down; who has lost a role until it is given again."""
    # Entering applies the rules of a restore first.
    premises = enter(configuration)
    # Nobody may take the key of this database for one that only back-ups need.
    KeyRing(configuration.keys.path).settle(premises.vault.key_id)
    with open_site(premises) as site, site.database.transaction(write=True):
        command_trail(site).record(
            "restore.done",
            "done",
            actor=command_actor(),
            parameters={**_about(restored.manifest), "carried": restored.carried, "reason": reason},
        )
        return site.database.users.with_suspended_role()


def _remember(language: Language, configuration: Config, manifest: Manifest) -> None:
    """When it was rehearsed, for reports; on a machine without a database there is nothing to remember it in."""
    if not configuration.database.path.exists():
        return
    try:
        with open_site(enter(configuration)) as site, site.database.transaction(write=True):
            site.database.meta.set(REHEARSED_AT, str(site.clock.now()))
            command_trail(site).record("restore.rehearsed", "done", actor=command_actor(), parameters=_about(manifest))
    except DataError:
        # Rehearsed because of that, perhaps.
        click.echo(language.text("command.restore.not_remembered"), err=True)


def _about(manifest: Manifest) -> dict[str, int | str]:
    return {"made_at": manifest.made_at, "backup_seq": manifest.audit_seq, "schema": manifest.schema}


def _say(language: Language, text_id: str, manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(manifest)))
        return
    made = datetime.fromtimestamp(manifest.made_at_wall / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    click.echo(
        language.text(
            text_id, site=manifest.site, made=made, people=manifest.rows.get("users", 0), rows=manifest.audit_seq
        )
    )
