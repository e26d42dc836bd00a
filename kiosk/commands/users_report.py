"""`kiosk users report` and `sign-off-rights`: what somebody should look at, for people, programs and spreadsheets."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import click

from data.canonical import JSON
from data.users import Role
from kiosk.administration.free_text import Why
from kiosk.commands.configured import config_option
from kiosk.commands.speak import WRONG_USE, fail
from kiosk.commands.users_office import Desk, at_desk, json_option, reason_option, ticket_option
from kiosk.language import printable
from kiosk.reports.report import COLUMNS, Figure, Report, ReportRow
from kiosk.reports.rights import sign_off
from kiosk.reports.room import ReportRoom, name_of
from kiosk.reports.words import change_of, count_of, noted_of, text_of

REPORTS: Final = {name_of(report): report for report in Report}
# Of a column that takes what the others leave.
_WIDE: Final = 28


@click.command("report")
@click.argument("name", type=click.Choice(list(REPORTS)), required=False)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, one row per line.")
@click.option("--csv", "as_table", is_flag=True, help="All rows of NAME for a spreadsheet, on standard output.")
@config_option
def report(name: str | None, *, as_json: bool, as_table: bool, config: Path | None) -> None:
    """Show one report, or all of them in one figure each; that it was read is in the log."""
    with at_desk(config, as_json=as_json) as desk:
        site = desk.site
        room = ReportRoom(
            site=site, trail=desk.office.trail, actor=desk.office.authority.actor, role=Role.ADMINISTRATOR
        )
        if as_table and (name is None or as_json):
            fail(desk.words.text("command.reports.error.csv"), WRONG_USE)
        if name is None:
            _tell_figures(desk, [room.figure(each) for each in Report])
        elif as_table:
            click.echo(room.table(REPORTS[name], desk.words).content, nl=False)
        else:
            _tell_rows(desk, REPORTS[name], room.all(REPORTS[name]))


@click.command("sign-off-rights")
@reason_option
@ticket_option
@json_option
@config_option
def sign_off_rights(*, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Write down that the list of special rights was looked at and is right (once a quarter)."""
    with at_desk(config, as_json=as_json) as desk:
        done = sign_off(desk.office, Why(reason, ticket))
        facts = {"people": done.people, "reference": done.reference}
        desk.answer(facts, "command.reports.signed_off", count=done.people)


def _tell_figures(desk: Desk, figures: list[Figure]) -> None:
    for figure in figures:
        if desk.as_json:
            click.echo(json.dumps(_facts(figure)))
            continue
        words = desk.words
        name, sign = words.text(f"reports.name.{figure.report.value}"), "!" if figure.needs else " "
        beside = noted_of(figure, words, desk.site.zone) or change_of(figure, words)
        line = f"{sign} {name_of(figure.report):<16} {name:<40} {count_of(figure, words):>8}  {beside}"
        click.echo(line.rstrip())


def _facts(figure: Figure) -> dict[str, Any]:
    return {
        "report": name_of(figure.report),
        "count": figure.count,
        "week_before": figure.before,
        "at": figure.at,
        "needs_attention": figure.needs,
        "noted_at": figure.noted,
    }


def _tell_rows(desk: Desk, report: Report, rows: Iterable[ReportRow]) -> None:
    columns, words, zone = COLUMNS[report], desk.words, desk.site.zone

    def line(cells: list[str]) -> str:
        widths = (column.width or _WIDE for column in columns)
        return "  ".join(f"{printable(cell):<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()

    none = True
    for row in rows:
        values = list(zip(columns, row.values, strict=True))
        if desk.as_json:
            facts: dict[str, JSON] = {column.name: value for column, value in values}
            click.echo(json.dumps(facts | {"person_id": row.person_id}))
            continue
        if none:
            click.echo(line([words.text(f"reports.column.{column.name}") for column in columns]))
        none = False
        click.echo(line([text_of(value, column, words, zone) for column, value in values]))
    if none and not desk.as_json:
        click.echo(words.text("reports.nothing"))
