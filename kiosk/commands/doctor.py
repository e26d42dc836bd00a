"""`kiosk doctor`: what is not right on this machine, and how to mend it."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

import click

from kiosk.commands.configured import config_option, config_path
from kiosk.commands.looking import examined
from kiosk.commands.speak import load_language
from kiosk.config import ConfigurationErrors, sentence
from kiosk.doctor.checks import examine
from kiosk.doctor.found import EXIT_CODES, Found, Sign, worst
from kiosk.doctor.linux import LinuxMachine
from kiosk.doctor.machine import Machine
from kiosk.language import Language, printable
from kiosk.technician.words import do_of, what_of

# Columns of sign and name.
_SIGN: Final = 8
_NAME: Final = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option(
    "--fix", is_flag=True, help="Take away rights of others on files of the kiosk, where that is all it takes."
)
@config_option
@click.pass_obj
def doctor(around: object, *, as_json: bool, fix: bool, config: Path | None) -> None:
    """Say what is not right on this machine and how to mend it; asks nothing of a modem.

    Ends with 0 when all is good, 1 when something is to be looked at, 2 when something does not work, 3 when it cannot be told.
    """
    language = load_language()
    # A test gives a machine of its own.
    machine = LinuxMachine() if around is None else cast("Machine", around)
    found = examine(examined(machine, config_path(config)))
    fixed: list[str] = []
    if fix and (mended := [one for one in found if one.fix is not None]):
        fixed = [_mend(one, language) for one in mended]
        found = examine(examined(machine, config_path(config)))
    if as_json:
        answer = {"sign": worst(found).value, "checks": [data_of(one, language) for one in found], "fixed": fixed}
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo("\n".join([*lines_of(found, language), "", _summary(found, language), *fixed]))
    sys.exit(EXIT_CODES[worst(found)])


def _mend(found: Found, language: Language) -> str:
    assert found.fix is not None
    path, mode = found.fix.path, found.fix.mode
    try:
        path.chmod(mode)
    except OSError as error:
        return language.text("doctor.not_fixed", path=printable(str(path)), detail=error.strerror or "-")
    return language.text("doctor.fixed", path=printable(str(path)), mode=f"{mode:04o}")


def lines_of(found: Sequence[Found], language: Language) -> list[str]:
    """A sign, a name and a sentence each, with what to do below it."""
    lines = []
    for one in found:
        sign = language.text(f"doctor.sign.{one.sign.value}")
        name = language.text(f"doctor.name.{one.check}")
        what, do = words_of(one, language)
        first, *rest = what.split("\n")
        lines.append(f"{sign:<{_SIGN}}{name:<{_NAME}}{first}")
        lines += [" " * (_SIGN + _NAME) + line for line in rest]
        if do:
            lines.append(" " * (_SIGN + _NAME) + language.text("doctor.do.line", words=do))
    return lines


def _summary(found: Sequence[Found], language: Language) -> str:
    counts = Counter(one.sign for one in found)
    return language.text(
        "doctor.summary",
        good=counts[Sign.GOOD],
        attention=counts[Sign.ATTENTION],
        fault=counts[Sign.FAULT],
        unknown=counts[Sign.UNKNOWN],
    )


def words_of(found: Found, language: Language) -> tuple[str, str]:
    """What is, and what to do about it (empty: nothing)."""
    values = {name: printable(value) if isinstance(value, str) else value for name, value in found.values.items()}
    if found.error is not None:
        return _told(found.error, language), ""
    if found.finding is not None:
        what = f"{values['modem']}: {what_of(found.finding, language)}"
        return what, "" if found.sign is Sign.GOOD else do_of(found.finding, language)
    if found.check == "disk":
        values["place"] = language.text(f"doctor.place.{values['place']}")
    what_id, do_id = f"doctor.what.{found.check}.{found.variant}", f"doctor.do.{found.check}.{found.variant}"
    what = language.text(what_id, **_asked(what_id, values, language))
    if found.sign is Sign.GOOD:
        return what, ""
    return what, language.text(do_id, **_asked(do_id, values, language))


def _asked(text_id: str, values: dict[str, str | int], language: Language) -> dict[str, str | int]:
    return {name: values[name] for name in language.placeholders(text_id)}


def _told(error: Exception, language: Language) -> str:
    from kiosk.commands.failures import sentence_of  # noqa: PLC0415  only when something is wrong

    if isinstance(error, ConfigurationErrors):
        return "\n".join(sentence(one, language) for one in error.errors)
    if isinstance(error, OSError):
        return language.text("command.error.file", path=str(error.filename or "-"), detail=error.strerror or "-")
    return sentence_of(error, language) or type(error).__name__


def data_of(found: Found, language: Language) -> dict[str, Any]:
    """The same for a program."""
    what, do = words_of(found, language)
    finding = found.finding
    return {
        "check": found.check,
        "variant": finding.cause if finding is not None else found.variant,
        "sign": found.sign.value,
        "what": what,
        "do": do,
        "fixable": found.fix is not None,
        "values": {name: value for name, value in found.values.items() if name != "names"},
    }
