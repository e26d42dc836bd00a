"""The terminal that this runs on, and the applications that people reach from Home."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from kiosk.doctor.escapes import Escape, escape_of
from kiosk.doctor.facts import Facts
from kiosk.doctor.found import Found, attention, fault, good
from kiosk.terminal_names import ONLY_PRINT

_LOCALE: Final = ("LC_ALL", "LC_CTYPE", "LANG")
_FONTS: Final = (Path("/etc/default/console-setup"), Path("/etc/vconsole.conf"))
_FONT_KEYS: Final = ("FONT=", "FONTFACE=")


def console(facts: Facts) -> Iterator[Found]:
    """It can draw: TERM, character set, font of the console."""
    environment = facts.machine.environment
    term = environment.get("TERM", "")
    if term in ONLY_PRINT:
        yield attention("console", "no_term", term=term or "-")
    elif not _is_utf8(environment):
        yield attention("console", "not_utf8", term=term)
    elif term == "linux" and not any(_names_font(facts.machine.text(path)) for path in _FONTS):
        yield attention("console", "no_font")
    else:
        yield good("console", term=term)


def _is_utf8(environment: Mapping[str, str]) -> bool:
    value = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return "utf-8" in value.lower() or "utf8" in value.lower()


def _names_font(text: str) -> bool:
    lines = [line.strip() for line in text.splitlines()]
    return any(line.startswith(_FONT_KEYS) and line.partition("=")[2].strip("\"' ") for line in lines)


def applications(facts: Facts) -> Iterator[Found]:
    """Each is there, runs under another account, and offers no way into a shell."""
    if facts.config is None:
        return
    for application in facts.config.applications:
        label, program = application.label.text(facts.config.language), application.argv[0]
        values: dict[str, Any] = {"application": label, "program": PurePosixPath(program).name}
        if facts.machine.file(Path(program)) is None:
            yield fault("application", "missing", application=label, program=program)
            continue
        same_account = application.account is None
        if same_account:
            yield attention("application", "same_account", **values)
        match escape_of(application.argv):
            case Escape.SHELL:
                yield (fault if same_account else attention)("application", "shell", **values)
            case Escape.COMMANDS:
                yield (fault if same_account else attention)("application", "commands", **values)
            case Escape.WRITES:
                yield attention("application", "writes", **values)
            case _ if not same_account:
                yield good("application", **values)
