"""`kiosk key`: a recovery copy of the master key on paper, and another key while people sign in."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from data.database import Database
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.site import command_actor, command_trail, enter, open_site
from kiosk.commands.speak import WRONG_USE, fail, load_language, told
from kiosk.config import Config
from kiosk.keeping.recovery import (
    LINES,
    PASSPHRASE_CHARACTERS,
    LineWrong,
    key_of,
    line_from_words,
    parse,
    to_text,
    to_words,
    unwrap,
    wrap,
)
from kiosk.keeping.rotation import Rotation
from kiosk.keeping.state import RECOVERY_COPY
from kiosk.key_ring import KeyRing
from kiosk.keys import KeyExists
from kiosk.language import Language
from kiosk.vault import FileVault
from kiosk.wall_clock import wall_ms


@click.group()
def key() -> None:
    """Look after the master key."""


@key.command("recovery")
@click.option("--restore", is_flag=True, help="Put the key back from a copy, where there is none.")
@click.option("--from", "source", type=click.Path(path_type=Path), help="With --restore: file with the words or text.")
@click.option("--passphrase-file", type=click.Path(path_type=Path), help="File with the passphrase; else it is asked.")
@click.option("--reason", help="Why; kept in the audit log. Required for a copy.")
@config_option
def recovery(
    *, restore: bool, source: Path | None, passphrase_file: Path | None, reason: str | None, config: Path | None
) -> None:
    """Write a copy of the master key on paper, wrapped by a passphrase: as words, as text and as QR code.

    The copy and its passphrase belong in two places; together they are the key.
    """
    language = load_language()
    if not restore and not reason:
        fail(language.text("command.restore.needs_reason"), WRONG_USE)
    with told(language):
        configuration = Config.load(config_path(config))
        if restore:
            _put_back(language, configuration, source, passphrase_file)
        else:
            _write_down(language, configuration, passphrase_file, reason)


@key.command("rotate")
@click.option("--reason", required=True, help="Why; kept in the audit log.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@config_option
def rotate(*, reason: str, as_json: bool, config: Path | None) -> None:
    """Give the site another master key while people sign in, or finish a change that was stopped.

    Passwords and codes that people keep are hashed anew when they are next used; the audit log, the index of phone
    numbers and running SMS codes keep their own keys, sealed under the new one.
    """
    language = load_language()
    with told(language):
        configuration = Config.load(config_path(config))
        premises = enter(configuration)
        with open_site(premises) as site:
            rotation = Rotation(site.database, premises.vault, KeyRing(configuration.keys.path), command_trail(site))
            rotated = rotation.run(actor=command_actor(), reason=reason)
    if as_json:
        click.echo(json.dumps({**asdict(rotated), "old": None if rotated.old is None else str(rotated.old)}))
    else:
        click.echo(language.text("command.key.rotated.done", key=rotated.key_id, rows=rotated.resealed))
    if rotated.old is not None and not as_json:
        click.echo(language.text("command.key.rotated.old", path=str(rotated.old)))
    if rotated.unreadable:
        for row in rotated.unreadable:
            click.echo(f"  {row}", err=True)
        fail(language.text("command.key.rotated.unreadable", rows=len(rotated.unreadable)))


def _write_down(language: Language, configuration: Config, passphrase_file: Path | None, reason: str | None) -> None:
    # Entering proves that it is the key of this database.
    premises = enter(configuration)
    copy = wrap(premises.vault.master, _choose_passphrase(language, passphrase_file))
    with open_site(premises) as site, site.database.transaction(write=True):
        site.database.meta.set(RECOVERY_COPY, f"{key_of(copy)} {site.clock.now()}")
        command_trail(site).record(
            "key.recovery_copy", "done", actor=command_actor(), parameters={"key": key_of(copy), "reason": reason}
        )
    click.echo(language.text("command.key.recovery.words", site=configuration.site.name, key=key_of(copy)))
    for number, line in enumerate(to_words(copy), 1):
        click.echo(f"{number:2}  {line}")
    click.echo(language.text("command.key.recovery.text"))
    click.echo(to_text(copy))
    if sys.stdout.isatty():
        import segno  # noqa: PLC0415  needed here only

        segno.make(to_text(copy)).terminal(compact=True, border=4)
    click.echo(language.text("command.key.recovery.keep"))


def _put_back(language: Language, configuration: Config, source: Path | None, passphrase_file: Path | None) -> None:
    path = configuration.keys.path
    if path.exists():
        raise KeyExists(path)
    copy = _read_copy(language, source)
    master = unwrap(copy, _read_passphrase(language, passphrase_file))
    if configuration.database.path.exists():
        # Before it is kept: the wrong key beside a database would be one more thing to find out.
        Database.open(configuration.database.path, FileVault(master), now=wall_ms(), create=False).close()
    master.keep(path)
    click.echo(language.text("command.key.recovery.restored", path=str(path), key=key_of(copy)))


def _read_copy(language: Language, source: Path | None) -> bytes:
    """From the file, from what is piped in, or line by line."""
    if source is not None:
        return parse(source.read_text(encoding="utf-8", errors="replace"))
    if not sys.stdin.isatty():
        return parse("\n".join(sys.stdin.readline() for _ in range(LINES)))
    click.echo(language.text("command.key.recovery.type", lines=LINES))
    copy = b""
    for number in range(LINES):
        while True:
            try:
                copy += line_from_words(number, click.prompt(f"{number + 1:2}", prompt_suffix="  "))
                break
            except LineWrong as error:
                click.echo(language.text("command.error.recovery.wrong_line", number=error.number))
    return copy


def _choose_passphrase(language: Language, file: Path | None) -> str:
    if file is not None:
        return _read_passphrase(language, file)
    while True:
        passphrase: str = click.prompt(
            language.text("command.key.recovery.choose", minimum=PASSPHRASE_CHARACTERS), hide_input=True
        )
        if len(passphrase.strip()) < PASSPHRASE_CHARACTERS:
            click.echo(language.text("command.error.recovery.short", minimum=PASSPHRASE_CHARACTERS))
        elif passphrase == click.prompt(language.text("command.key.recovery.again"), hide_input=True):
            return passphrase
        else:
            click.echo(language.text("first.password.different"))


def _read_passphrase(language: Language, file: Path | None) -> str:
    if file is None:
        passphrase: str = click.prompt(language.text("command.key.recovery.passphrase"), hide_input=True)
        return passphrase
    return file.read_text(encoding="utf-8", errors="replace").strip("\r\n")
