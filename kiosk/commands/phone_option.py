"""A phone number as an option: asked or read with `-`, because everybody on the machine can read what stands on a command line."""

import sys
from typing import Any, Final

import click

from kiosk.commands.speak import WRONG_USE, fail, load_language

ASKED: Final = "-"


class PhoneNumber(click.ParamType[str]):
    """A number as people write it; `-` asks for it, or reads the first line of what is piped in.

    Given outright it is taken, and told on the standard error that it stands in the list of processes: a script that a
    site has must not stop working, and whoever wrote it should know.
    """

    name = "number"

    def __init__(self, *, warns: bool) -> None:
        self._warns = warns

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002  click's
        """The number."""
        words = load_language()
        if value == ASKED:
            if sys.stdin.isatty():
                typed: str = click.prompt(words.text("command.phone.ask"), err=True)
                return typed
            return sys.stdin.readline().strip() or fail(words.text("command.phone.none"), WRONG_USE)
        if self._warns and value:
            option = "--phone" if param is None else param.opts[0]
            click.echo(words.text("command.phone.seen", option=option), err=True)
        return str(value)


# A person's: it stays in the history of the shell, too.
PERSONAL: Final = PhoneNumber(warns=True)
# That of whoever tests a modem, mostly.
OWN: Final = PhoneNumber(warns=False)
HELP: Final = "; - asks for it or reads it from standard input, so that it stands in no list of processes."
