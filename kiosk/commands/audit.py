"""`kiosk audit`: the log for administrators and auditors; that somebody read it is a row itself."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from kiosk.audit.asking import Asked, local_time
from kiosk.audit.export import AuditExport, Exported
from kiosk.audit.reading import AuditLine, AuditReader
from kiosk.commands.audit_progress import Stop, stoppable, teller
from kiosk.commands.audit_verify import verify
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.site import command_actor, command_trail, enter, open_site
from kiosk.commands.speak import FAILED, fail, load_language, told
from kiosk.config import Config
from kiosk.keys import MasterKey
from kiosk.language import Language, printable
from kiosk.new_file import new_file
from kiosk.site import Site
from kiosk.vault import FileVault

STANDARD_OUTPUT: Final = Path("-")
_LIMIT: Final = 50
# Columns of who, what and for whom.
_WHO: Final = 18
_WHAT: Final = 34


@click.group()
def audit() -> None:
    """Read, verify and export the audit log."""


audit.add_command(verify)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What may be asked for."""
    moment = "a date, a date with a time (local), or so long ago (7d, 24h)."
    for option in reversed(
        (
            click.option("--person", default="", help="User name or a part of it, unix:LOGIN, or an id."),
            click.option("--action", "actions", multiple=True, help="Such as sign_in or users.added; may be repeated."),
            click.option("--since", default="", help=f"From then on: {moment}"),
            click.option("--until", default="", help=f"Up to then: {moment}"),
            click.option("--desk", default="", help="Name of a desk, or another origin as it stands in the log."),
            click.option("--reference", default="", help="What the person saw, such as K482."),
            click.option(
                "--not-own-reading", is_flag=True, help="Leave out that you read, verified or exported the log."
            ),
        )
    ):
        command = option(command)
    return command


@audit.command("list")
@filter_options
@click.option("--limit", type=click.IntRange(1), help=f"At most so many rows; {_LIMIT} when left out, all with --json.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, one row per line.")
@config_option
def list_rows(*, limit: int | None, as_json: bool, config: Path | None, **asked: Any) -> None:
    """Show rows, newest first: when, reference, who, what, for whom, with what result."""
    language = load_language()
    with told(language), open_site(enter(Config.load(config_path(config)))) as site:
        found = AuditReader(site, command_trail(site), actor=command_actor()).search(Asked(**asked))
        most = limit or (found.count if as_json else _LIMIT)
        for shown, line in enumerate(found.all()):
            if shown == most:
                break
            click.echo(json.dumps(line.as_data()) if as_json else _shown(line, site, language))
        if not as_json:
            _conclude(found.count, most, language)


def _conclude(count: int, most: int, language: Language) -> None:
    if count == 0:
        click.echo(language.text("command.audit.list.empty"))
    elif count > most:
        click.echo(language.text("command.audit.list.more", shown=most, count=count))


@audit.command("export")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True, dir_okay=False))
@filter_options
@click.option("--csv", "as_table", is_flag=True, help="For a spreadsheet; such a file cannot be verified elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what was written.")
@config_option
def export(*, file: Path, as_table: bool, as_json: bool, config: Path | None, **asked: Any) -> None:
    """Write rows to a new FILE (- for standard output): JSON lines that `kiosk audit verify --export` can check, or CSV.

    The whole log is verified first. Ends with 1 when it is not whole; the export is made all the same, without signature.
    """
    language = load_language()
    with told(language), open_site(enter(Config.load(config_path(config)))) as site, stoppable() as stop:
        done = _export(site, file, Asked(**asked), stop, language, as_table=as_table)
    answer = _answer(file, done)
    # Standard output may be the export itself.
    aside = file == STANDARD_OUTPUT
    if as_json:
        click.echo(json.dumps(answer), err=aside)
    else:
        click.echo(language.text("command.audit.export.done", rows=done.rows, path=str(file)), err=aside)
        click.echo(language.text("command.audit.export.checksum", checksum=done.sha256), err=aside)
    if done.found is not None and not done.sealed:
        fail(language.text("command.audit.export.unsealed"), FAILED)


def _export(site: Site, file: Path, asked: Asked, stop: Stop, language: Language, *, as_table: bool) -> Exported:
    export_ = AuditExport(
        site,
        command_trail(site),
        actor=command_actor(),
        progress=teller(language, "command.audit.progress"),
        cancelled=stop.is_set,
    )
    if file == STANDARD_OUTPUT:
        return _write(export_, sys.stdout.buffer, asked, as_table=as_table)
    with new_file(file) as out:
        return _write(export_, out, asked, as_table=as_table)


def _write(export_: AuditExport, out: BinaryIO, asked: Asked, *, as_table: bool) -> Exported:
    return export_.table(out, asked) if as_table else export_.lines(out, asked)


def _answer(file: Path, done: Exported) -> dict[str, Any]:
    whole = None if done.found is None else done.found.ok
    return {"file": str(file), "rows": done.rows, "sha256": done.sha256, "log_whole": whole, "signed": done.sealed}


@audit.command("key")
@config_option
def key(config: Path | None) -> None:
    """Print the public key with which exports are verified elsewhere; its name, for comparing, on standard error."""
    language = load_language()
    with told(language):
        public = FileVault(MasterKey.load(Config.load(config_path(config)).keys.path)).public_key
    click.echo(public.to_pem(), nl=False)
    click.echo(language.text("command.audit.key.name", name=public.name), err=True)


def _shown(line: AuditLine, site: Site, language: Language) -> str:
    """One line for people."""
    uncertain = f" {language.text('command.audit.list.clock_uncertain')}" if line.clock_uncertain else ""
    begin = f"{local_time(line.at_wall, site.zone)}{uncertain}  {line.reference}"
    event = line.event
    if event is None:
        return (
            f"{begin}  {language.text('command.audit.list.altered' if line.altered else 'command.audit.list.pruned')}"
        )
    simulated = f" {language.text('command.audit.list.simulated')}" if event.simulated else ""
    who = line.actor_name or event.actor or "-"
    whom = line.object_name or event.object or "-"
    where = line.desk or event.origin
    shown = f"{begin}  {printable(who):<{_WHO}} {printable(event.action):<{_WHAT}} {printable(whom):<{_WHO}}"
    return f"{shown} {printable(event.result)}  ({printable(where)}){simulated}"
