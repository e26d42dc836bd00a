"""What the commands that change people share: options, the office of root, and how an answer is given."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from kiosk.administration.authority import RootAuthority
from kiosk.administration.card import PersonCard, card_by_name
from kiosk.administration.changing import Office
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.site import command_actor, command_trail, enter, open_site
from kiosk.commands.speak import load_language, told
from kiosk.config import Config
from kiosk.language import Language, printable
from kiosk.site import Site

F = TypeVar("F", bound=Callable[..., Any])

name_argument = click.argument("name")
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
reason_option = click.option("--reason", required=True, help="Why; kept in the audit log and shown to the person.")
ticket_option = click.option("--ticket", default="", help="Number under which the help desk knows it.")


def changing_options(command: F) -> F:
    """`NAME --reason … --ticket … --json --config …`."""
    for option in (config_option, json_option, ticket_option, reason_option, name_argument):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Desk:
    """One command at work."""

    office: Office
    words: Language
    as_json: bool

    @property
    def site(self) -> Site:
        """The site."""
        return self.office.site

    def card(self, name: str) -> PersonCard:
        """The card of whoever has this user name; raises PersonUnknown."""
        return card_by_name(self.site, name)

    def answer(self, facts: dict[str, Any], text_id: str, **values: str | int) -> None:
        """As JSON, or in words with the reference under which the log has it."""
        if self.as_json:
            click.echo(json.dumps(facts))
            return
        click.echo(self.words.text(text_id, **values))
        if facts.get("reference"):
            click.echo(self.words.text("command.people.logged", reference=facts["reference"]))

    def moment(self, at: int | None) -> str:
        """A time of the site, or a dash."""
        return "-" if at is None else datetime.fromtimestamp(at / 1000, self.site.zone).strftime("%Y-%m-%d %H:%M")


@contextmanager
def at_desk(config: Path | None, *, as_json: bool) -> Iterator[Desk]:
    """Open the site in root's name; what people can mend is told and ends the command."""
    words = load_language()
    with told(words), open_site(enter(Config.load(config_path(config)))) as site:
        yield Desk(Office(site, command_trail(site), RootAuthority(actor=command_actor())), words, as_json)


def shown(text: str) -> str:
    """A name for a line of the answer."""
    return printable(text, maximum=80)
