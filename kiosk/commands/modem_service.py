"""`kiosk modem out|in`: a modem of the configuration out of service and back, whichever process drives it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kiosk.commands.configured import config_option, config_path
from kiosk.commands.site import command_actor, command_trail, enter, open_site
from kiosk.commands.speak import WRONG_USE, fail, load_language, told
from kiosk.config import Config
from kiosk.delivery.doorbell import Doorbell
from kiosk.language import Language
from kiosk.site import Site

name_argument = click.argument("name")
reason_option = click.option("--reason", required=True, help="Why; kept in the audit log.")


@click.command("out")
@name_argument
@reason_option
@config_option
def take_out(name: str, reason: str, config: Path | None) -> None:
    """Take a modem out of service: its port is let go of after the SMS it is sending, also after a restart.

    Ends with 0 when it is out, also when it was already; 2 when no modem has that name.
    """
    words = load_language()
    with _site(name, config, words) as site:
        actor = command_actor()
        with site.database.transaction(write=True):
            done = site.database.loans.take_out(modem=name, reason=reason, actor=actor, now=site.clock.now())
            if done:
                command_trail(site).record(
                    "modem.taken_out", "ok", actor=actor, about=name, parameters={"reason": reason}
                )
    click.echo(words.text("command.modem.service.out" if done else "command.modem.service.out_already", modem=name))


@click.command("in")
@name_argument
@reason_option
@config_option
def put_back(name: str, reason: str, config: Path | None) -> None:
    """Put a modem into service again.

    Ends with 0 when it is in service, also when it was already; 2 when no modem has that name.
    """
    words = load_language()
    with _site(name, config, words) as site, site.database.transaction(write=True):
        done = site.database.loans.put_back(name)
        if done:
            command_trail(site).record(
                "modem.put_back", "ok", actor=command_actor(), about=name, parameters={"reason": reason}
            )
    click.echo(words.text("command.modem.service.in" if done else "command.modem.service.in_already", modem=name))


@contextmanager
def _site(name: str, config: Path | None, words: Language) -> Iterator[Site]:
    """The site that has a modem of this name; whoever drives it is told when all is done."""
    with told(words):
        configuration = Config.load(config_path(config))
        if not any(modem.name == name for modem in configuration.modems):
            fail(words.text("command.modem.loan.unknown", modem=name), WRONG_USE)
        premises = enter(configuration)
        with open_site(premises) as site:
            yield site
        doorbell = Doorbell(premises.doorbell_directory)
        doorbell.ring()
        doorbell.close()
