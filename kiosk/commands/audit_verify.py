"""`kiosk audit verify`: whether the log of this kiosk, or an export of it, is whole; what is wrong, exactly."""

import errno
import json
import os
import sys
from pathlib import Path
from typing import Any

import click

from data.audit_check import Fault, Verification
from kiosk.audit.asking import local_time, utc_time
from kiosk.audit.checking import in_groups, result_of, value_of, verify_log
from kiosk.audit.findings import WHOM, fault_of, remarks_on, verdict_of
from kiosk.audit.outside import ExportCheck, ExportFault, ExportFinding
from kiosk.commands.audit_progress import stoppable, teller
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.site import command_actor, command_trail, enter, open_site
from kiosk.commands.speak import FAILED, WRONG_USE, fail, load_language, told
from kiosk.config import Config
from kiosk.language import Language
from kiosk.sign_in.outcomes import Sentence
from kiosk.signatures import NoPublicKey, read_public_keys
from kiosk.site import Site


@click.command()
@click.option("--expect", "expected", help="The value that was written down at the last visit, such as 7F3A-91C2-...")
@click.option(
    "--export", "exported", type=click.Path(path_type=Path, dir_okay=False), help="Check this export, without a kiosk."
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --export: what `kiosk audit key` printed.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@config_option
def verify(
    *, expected: str | None, exported: Path | None, key_file: Path | None, as_json: bool, config: Path | None
) -> None:
    """Check every row, and show the value of the last one to be written down for the next visit.

    Ends with 0 when the log is whole, 1 when it is not or was not checked to its end, 2 for wrong use.
    """
    language = load_language()
    if (exported is None) is not (key_file is None):
        fail(language.text("command.audit.verify.both"), WRONG_USE)
    with told(language):
        if expected is None and sys.stdin.isatty() and not as_json:
            expected = click.prompt(language.text("command.audit.verify.ask"), default="", show_default=False)
        value = value_of(expected) if expected else None
        if exported is not None and key_file is not None:
            sys.exit(_verify_export(exported, key_file, value, language, as_json=as_json))
        # An older copy of the database must be seen, not mended first.
        with open_site(enter(Config.load(config_path(config)), heed_head=False)) as site, stoppable() as stop:
            found = verify_log(
                site.database,
                command_trail(site),
                actor=command_actor(),
                expected=value,
                progress=teller(language, "command.audit.progress"),
                cancelled=stop.is_set,
            )
            _tell(found, site, language, as_json=as_json)
    sys.exit(0 if found.ok else FAILED)


def _tell(found: Verification, site: Site, language: Language, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_as_data(found)))
        return
    if found.cancelled:
        click.echo(language.text("command.audit.verify.cancelled", rows=found.rows))
        return
    for remark in remarks_on(found):
        click.echo(_said(remark, language))
    fault = fault_of(found)
    if fault is None:
        for line in verdict_of(found):
            click.echo(_said(line, language))
        return
    click.echo(_said(fault, language), err=True)
    if found.good_until is not None and found.kind is not Fault.UNEXPECTED:
        good_until = local_time(found.good_until, site.zone)
        click.echo(language.text("command.audit.verify.good_until", row=found.last_seq, time=good_until), err=True)
    click.echo(_said(WHOM, language), err=True)


def _said(sentence: Sentence, language: Language) -> str:
    return language.text(sentence.text_id, **sentence.values)


def _as_data(found: Verification) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "result": result_of(found),
        "rows": found.rows,
        "pruned": found.pruned,
        "first_bad_seq": found.first_bad_seq,
        "last_bad_seq": found.last_bad_seq,
        "good_until": found.good_until,
        "restored_at": list(found.restored_at),
        "headless": found.headless,
        "expected_seq": found.expected_seq,
        "last_seq": found.last_seq,
        "value": in_groups(found.mac) if found.rows else None,
    }


def _verify_export(exported: Path, key_file: Path, value: bytes | None, language: Language, *, as_json: bool) -> int:
    """Check an export; the exit code."""
    try:
        keys = read_public_keys(key_file.read_bytes())
    except NoPublicKey:
        fail(language.text("command.audit.verify.no_key", path=str(key_file)), WRONG_USE)
    with exported.open("rb") as file, stoppable() as stop:
        if not file.seekable():
            raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE), str(exported))
        found = ExportCheck(file, keys, expected=value).run(
            teller(language, "command.audit.progress_bytes"), stop.is_set
        )
    if as_json:
        click.echo(json.dumps(_export_as_data(found)))
    else:
        _tell_export(found, language)
    return 0 if found.ok else FAILED


def _tell_export(found: ExportFinding, language: Language) -> None:
    if found.cancelled:
        click.echo(language.text("command.audit.verify.cancelled", rows=found.rows))
        return
    if found.kind is not None:
        click.echo(_export_sentence(found.kind, found, language), err=True)
        return
    header = found.header
    click.echo(
        language.text(
            "command.audit.verify.export.whole",
            site=str(header["site"]),
            time=utc_time(header["exported_at"]),
            rows=found.rows,
            whole=found.whole,
        )
    )
    click.echo(language.text("command.audit.verify.export.signed", name=found.key or "", count=found.checkpoints))
    if found.strange_checkpoints:
        click.echo(language.text("command.audit.verify.export.strange", count=found.strange_checkpoints))
    if found.expected_seq is not None:
        click.echo(language.text("command.audit.verify.expected", row=found.expected_seq))


def _export_sentence(kind: ExportFault, found: ExportFinding, language: Language) -> str:
    where = "somewhere" if found.first is None else "rows"
    text_id = f"command.audit.verify.export.fault.{kind.value}"
    if language.has(f"{text_id}.{where}"):
        text_id = f"{text_id}.{where}"
    values: dict[str, int | str] = {
        "first": found.first or 0,
        "last": found.last or 0,
        "line": found.line,
        "name": found.key or "",
    }
    return language.text(text_id, **{name: values[name] for name in language.placeholders(text_id)})


def _export_as_data(found: ExportFinding) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "result": "cancelled" if found.cancelled else ("ok" if found.kind is None else found.kind.value),
        "rows": found.rows,
        "whole": found.whole,
        "pruned": found.pruned,
        "first_bad_seq": found.first,
        "last_bad_seq": found.last,
        "line": found.line,
        "checkpoints": found.checkpoints,
        "strange_checkpoints": found.strange_checkpoints,
        "key": found.key,
        "header": dict(found.header),
        "expected_seq": found.expected_seq,
    }
