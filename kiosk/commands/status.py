"""`kiosk status`: how the kiosk does right now, for monitoring."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import click

from kiosk.commands.configured import config_option, config_path
from kiosk.commands.doctor import data_of, lines_of
from kiosk.commands.looking import status_of
from kiosk.commands.speak import load_language
from kiosk.doctor.found import Sign
from kiosk.doctor.linux import LinuxMachine
from kiosk.doctor.machine import Machine
from kiosk.doctor.status import EXIT_CODES, Status
from kiosk.language import Language


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@config_option
@click.pass_obj
def status(around: object, *, as_json: bool, config: Path | None) -> None:
    """Say how the kiosk does, for monitoring; asks nothing of a modem and takes no time worth naming.

    Ends with 0 when all is well, 1 when something needs attention, 2 when people cannot sign in, or not by SMS.
    """
    language = load_language()
    # A test gives a machine of its own.
    machine = LinuxMachine() if around is None else cast("Machine", around)
    found = status_of(machine, config_path(config))
    if as_json:
        click.echo(json.dumps(_data(found, language), ensure_ascii=False))
    else:
        click.echo("\n".join(_page(found, language)))
    sys.exit(EXIT_CODES[found.state])


def _page(found: Status, language: Language) -> list[str]:
    """The whole in one line, then what is not good."""
    return [
        language.text(f"status.state.{found.state.value}"),
        *lines_of([one for one in found.found if one.sign is not Sign.GOOD], language),
    ]


def _data(found: Status, language: Language) -> dict[str, Any]:
    known, numbers = found.facts.known, found.numbers
    return {
        "state": found.state.value,
        "at": None if known is None else _time(known.now),
        "checks": [data_of(one, language) for one in found.found],
        "sms": None if numbers is None else numbers.sms.value,
        "waiting": None if numbers is None else numbers.waiting,
        "sessions": None if numbers is None else numbers.sessions,
        "modems": [] if numbers is None else [asdict(one) for one in numbers.modems],
        "backup_at": None if known is None else _time(known.kept.backup_at),
        "audit_checked_at": None if known is None else _time(known.checked_at),
    }


def _time(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")
