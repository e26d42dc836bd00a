"""`kiosk users import|export|slips`: many people at once."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TextIO

import click

from data.files import PRIVATE_FILE, sync_directory
from kiosk.administration import importing, slips
from kiosk.administration.exporting import export
from kiosk.administration.free_text import Why
from kiosk.administration.importing import NotAllRight, Report
from kiosk.administration.lists import ENCODINGS
from kiosk.administration.rows import CHANGE, Problem
from kiosk.administration.slips import Skipped, Slip, slip_text
from kiosk.commands.configured import config_option
from kiosk.commands.speak import FAILED, WRONG_USE, fail
from kiosk.commands.users_office import Desk, at_desk, json_option, reason_option, shown, ticket_option

# So many wrong cells are told in words; JSON has all that are kept.
_TOLD: Final = 50
_DELIMITERS: Final = {"\t": "TAB"}


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--update", is_flag=True, help="Change name and language of people who are there already.")
@click.option("--accept-cures", is_flag=True, help="Take what is proposed, such as a leading zero that was lost.")
@click.option("--reason", help="Why; needed unless --dry-run.")
@ticket_option
@json_option
@config_option
def import_people(
    file: Path,
    *,
    dry_run: bool,
    update: bool,
    accept_cures: bool,
    reason: str | None,
    ticket: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Add people from a CSV: all of them, or nobody when anything is wrong.

    Columns: inlognaam, naam, rol, telefoon, taal, app; UTF-8 or Windows-1252, separated by ; or , or tabs. New people
    are invited and get their one-time password with `kiosk users slips`.
    """
    with at_desk(config, as_json=as_json) as desk:
        if not dry_run and not reason:
            fail(desk.words.text("command.people.import.needs_reason"), WRONG_USE)

        def accepts(problem: Problem) -> bool:
            return update if problem.cure == CHANGE else accept_cures

        prepared = importing.prepare(desk.office, file, accepts=accepts, stage=not dry_run)
        facts: dict[str, Any] = report_facts(prepared.report)
        if not dry_run and prepared.import_id is not None:
            try:
                done = importing.put_in_place(desk.office, prepared, Why(reason or "", ticket))
            except NotAllRight as error:
                facts = report_facts(error.report)
                prepared = importing.Prepared(report=error.report, import_id=None)
            else:
                facts |= {"import": done.import_id, "reference": done.reference}
        _tell_import(desk, prepared.report, facts, dry_run=dry_run)
    if prepared.report.wrong:
        sys.exit(FAILED)


@click.command("export")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to make, for its owner only; else the list is printed."
)
@click.option("--json", "as_json", is_flag=True, help="Tell as JSON how many there are; needs --out.")
@reason_option
@ticket_option
@config_option
def export_people(*, out: Path | None, as_json: bool, reason: str, ticket: str, config: Path | None) -> None:
    """Write everybody as CSV: no secrets, of numbers only the end; cells are safe for spreadsheets."""
    with at_desk(config, as_json=as_json) as desk:
        if as_json and out is None:
            fail(desk.words.text("command.people.export.needs_out"), WRONG_USE)
        with _written(out) as file:
            count = export(desk.office, file, Why(reason, ticket)).people
        if out is not None:
            desk.answer({"people": count, "path": str(out)}, "command.people.export.done", count=count, path=str(out))


@click.command("slips")
@click.argument("names", nargs=-1)
@click.option("--import", "import_id", help="Only people of this import.")
@click.option("--out", type=click.Path(path_type=Path), help="File to make, for its owner only; else they are printed.")
@reason_option
@ticket_option
@json_option
@config_option
def make_slips(
    names: tuple[str, ...],
    *,
    import_id: str | None,
    out: Path | None,
    reason: str,
    ticket: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Make one-time passwords, one slip per person: for NAMES, else for all who were invited and never had one.

    With --json one slip per line. Whoever never came in can get a new slip by name.
    """
    with at_desk(config, as_json=as_json) as desk:
        if names and import_id:
            fail(desk.words.text("command.people.slips.which"), WRONG_USE)
        made, skipped = 0, []
        batches = (
            iter([slips.slips_of(desk.office, names, Why(reason, ticket))])
            if names
            else slips.slips_of_new(desk.office, Why(reason, ticket), import_id=import_id)
        )
        with _written(out) as file:
            for batch in batches:
                for one in batch:
                    if isinstance(one, Skipped):
                        skipped.append(one.user.name)
                        continue
                    made += 1
                    file.write(json.dumps(_slip_facts(one)) + "\n" if as_json else slip_text(desk.site, one))
                # What is in the database must be on the paper.
                _keep(file)
        if out is not None or not made:
            click.echo(desk.words.text("command.people.slips.done", count=made), err=as_json)
        for name in skipped:
            click.echo(desk.words.text("command.people.slips.skipped", name=name), err=True)


def report_facts(report: Report) -> dict[str, Any]:
    """A trial as a program reads it."""
    return {
        "encoding": report.encoding,
        "delimiter": report.delimiter,
        "rows": report.rows,
        "new": report.new,
        "changed": report.changed,
        "same": report.same,
        "wrong": report.wrong,
        "cured": report.cured,
        "shared_numbers": report.shared_numbers,
        "problems": [
            {
                "line": one.line,
                "column": None if one.column is None else one.column.value,
                "value": one.value,
                "wrong": one.wrong.value,
                "cure": one.cure,
                "detail": one.detail,
            }
            for one in report.problems
        ],
    }


def _tell_import(desk: Desk, report: Report, facts: dict[str, Any], *, dry_run: bool) -> None:
    if desk.as_json:
        click.echo(json.dumps(facts))
        return
    words = desk.words
    delimiter = _DELIMITERS.get(report.delimiter, report.delimiter)
    encoding = ENCODINGS[report.encoding]
    click.echo(words.text("command.people.import.read", rows=report.rows, encoding=encoding, delimiter=delimiter))
    click.echo(
        words.text(
            "command.people.import.counts",
            new=report.new,
            changed=report.changed,
            same=report.same,
            wrong=report.wrong,
        )
    )
    for problem in report.problems[:_TOLD]:
        click.echo(_problem_line(desk, problem))
    if report.wrong > _TOLD:
        click.echo(words.text("command.people.import.more", count=report.wrong - _TOLD))
    if report.shared_numbers:
        click.echo(words.text("command.people.import.shared", count=report.shared_numbers))
    if report.wrong:
        click.echo(words.text("command.people.import.nothing"))
    elif dry_run:
        click.echo(words.text("command.people.import.trial"))
    else:
        click.echo(words.text("command.people.import.done", id=str(facts["import"])))
        click.echo(words.text("command.people.logged", reference=str(facts["reference"])))


def _problem_line(desk: Desk, problem: Problem) -> str:
    column = "-" if problem.column is None else problem.column.value
    text_id = f"command.people.wrong.{problem.wrong.value}"
    values = {"detail": problem.detail} if "detail" in desk.words.placeholders(text_id) else {}
    what = desk.words.text(text_id, **values)
    cure = "" if problem.cure is None else f"  -> {problem.cure}"
    return f"{problem.line:>7}  {column:<10} {shown(problem.value):<24}  {what}{cure}"


def _slip_facts(slip: Slip) -> dict[str, Any]:
    return {
        "name": slip.user.name,
        "display_name": slip.user.display_name,
        "one_time_password": slip.password,
        "expires_at": slip.expires_at,
        "phone_tail": slip.phone_tail,
        "app": slip.app,
        "reference": slip.reference,
    }


@contextmanager
def _written(out: Path | None) -> Iterator[TextIO]:
    """A new file of its owner alone, or what the command prints to."""
    if out is None:
        yield sys.stdout
        return
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        sync_directory(out.absolute().parent)
        yield file
        _keep(file)


def _keep(file: TextIO) -> None:
    """Bring what was written so far out of this process, and of a file onto the disk."""
    file.flush()
    if file is not sys.stdout:
        os.fsync(file.fileno())
