"""`kiosk users break-glass`: the code in the sealed envelope, for an administrator who is alone where two are wanted."""

from pathlib import Path

import click

from kiosk.administration.break_glass import make
from kiosk.administration.free_text import Why
from kiosk.commands.configured import config_option
from kiosk.commands.users_office import at_desk, json_option, ticket_option


@click.command("break-glass")
@click.option("--reason", required=True, help="Why; kept in the audit log.")
@ticket_option
@json_option
@config_option
def break_glass(*, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Make the code that stands for a second administrator once, to be written down and sealed; one made before is void."""
    with at_desk(config, as_json=as_json) as desk:
        made = make(desk.office, Why(reason, ticket))
        facts = {"code": made.code, "replaced": made.replaced, "reference": made.reference}
        desk.answer(facts, "command.people.break_glass.done", code=made.code)
        if made.replaced and not as_json:
            click.echo(desk.words.text("command.people.break_glass.replaced"))
