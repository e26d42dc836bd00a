"""Which modem a technician's command works with: one on a port, or one of the configuration, borrowed from the kiosk."""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from data.modems import Modem, ModemState
from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.settings import ModemSettings
from kiosk.commands.backstage import modem_settings
from kiosk.commands.configured import config_path
from kiosk.commands.driving import make_means
from kiosk.commands.modem_errand import state_directory
from kiosk.commands.site import Premises, command_actor, enter
from kiosk.commands.speak import FAILED, WRONG_USE, fail, told
from kiosk.config import Config
from kiosk.delivery.borrowing import Borrowed, LoanRefused, Purpose
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.language import Language
from kiosk.technician.postman import OutboxPostman
from kiosk.technician.workplace import DirectModem, Postman, Workplace

# Without a configuration there is no site to name in the SMS of a test.
NO_SITE: Final = "Kiosk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A modem to work with, and what goes with it."""

    modem: Workplace
    postman: Postman
    name: str
    site: str
    zone: str
    premises: Premises | None = None
    """Of the configuration; None for a modem on a port."""


borrow_option = click.option(
    "--borrow", is_flag=True, help="With --port: borrow the modem of the kiosk that has this port."
)


def place_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--port` or `--name`, with what belongs to each."""
    for option in reversed(
        (
            click.option("--port", help="Device (/dev/ttyUSB2) or URL (socket://host:port); needs no configuration."),
            click.option("--name", help="A modem of the configuration; it is borrowed from the kiosk for the moment."),
            borrow_option,
            click.option("--pin-file", type=click.Path(path_type=Path), help="With --port: file with the SIM PIN."),
            click.option(
                "--config", type=click.Path(path_type=Path), help="With --name or --borrow: the configuration file."
            ),
        )
    ):
        command = option(command)
    return command


@contextlib.contextmanager
def workplace(
    purpose: Purpose,
    words: Language,
    *,
    port: str | None,
    name: str | None,
    pin_file: Path | None,
    config: Path | None,
    borrow: bool = False,
) -> Iterator[Place]:
    """The modem for the time of a with block; what keeps us from it is told, and ends the command."""
    if (port is None) == (name is None):
        fail(words.text("command.modem.wrong.place"), WRONG_USE)
    if port is not None and borrow:
        name = name_at(port, config, words)
    elif port is not None:
        settings = ModemSettings(name="modem", port=port, pin_file=pin_file)
        with DirectModem(settings, RefusedPinsFile(state_directory())) as modem:
            yield Place(modem=modem, postman=modem, name=port, site=NO_SITE, zone="UTC")
        return
    assert name is not None
    with borrowed_place(purpose, words, name, config) as place:
        yield place


def name_at(port: str, config: Path | None, words: Language) -> str:
    """The modem of the configuration that has this port now, or should have; without one the command ends."""
    with told(words):
        configuration = Config.load(config_path(config))
        premises = enter(configuration)
        with premises.open_database() as database:
            found = modem_at(port, configuration, database.modems.all())
    if found is None:
        fail(words.text("command.modem.wrong.borrow", port=port), WRONG_USE)
    return found


def modem_at(port: str, config: Config, rows: Sequence[Modem]) -> str | None:
    """Who drives the modems wrote down where they are; what the configuration says holds for one that is nowhere."""
    here = os.path.realpath(port)
    configured = {modem.name: modem.port for modem in config.modems}
    seen = {row.name: json.loads(row.facts).get("port", "") for row in rows if row.state is not ModemState.GONE}
    for places in ({name: place for name, place in seen.items() if name in configured}, configured | seen):
        for name, place in places.items():
            if name in configured and place and os.path.realpath(place) == here:
                return name
    return None


@contextlib.contextmanager
def borrowed_place(purpose: Purpose, words: Language, name: str, config: Path | None) -> Iterator[Place]:
    """A modem of the configuration for the time of a with block."""
    with told(words):
        configuration = Config.load(config_path(config))
        premises = enter(configuration)
    waker = Waker(Doorbell(premises.doorbell_directory))
    waker.start()
    means = make_means(premises, modem_settings(configuration), waker.doorbell)
    actor = command_actor()
    borrowed = Borrowed(
        means,
        waker,
        name,
        purpose=purpose,
        borrower=f"kiosk modem ({actor})",
        actor=actor,
        dispatcher_lock=premises.dispatcher_lock,
        waiting=lambda: click.echo(words.text("command.modem.progress.lending"), err=True),
        cancelled=threading.Event(),
    )
    try:
        with _told_refusal(words), borrowed as modem:
            yield Place(
                modem=modem,
                postman=OutboxPostman(
                    means.open_database,
                    modem=name,
                    language=words.code,
                    policy=configuration.policy,
                    clock=premises.clock,
                    doorbell=waker.doorbell,
                ),
                name=name,
                site=configuration.site.name,
                zone=configuration.time_zone.key,
                premises=premises,
            )
    finally:
        waker.stop()


@contextlib.contextmanager
def _told_refusal(words: Language) -> Iterator[None]:
    try:
        yield
    except LoanRefused as refused:
        said = words.text(
            f"command.modem.loan.{refused.reason}",
            **{
                key: value
                for key, value in (("modem", refused.modem), ("who", refused.who or "?"))
                if key in words.placeholders(f"command.modem.loan.{refused.reason}")
            },
        )
        click.echo(said, err=True)
        sys.exit(WRONG_USE if refused.reason == "unknown" else FAILED)
