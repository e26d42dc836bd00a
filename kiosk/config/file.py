"""The configuration as a whole, and the file it comes from."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from kiosk.config import checks, sections, sms_texts
from kiosk.config.errors import ConfigurationError, ConfigurationErrors, Problem
from kiosk.config.model import (
    Alarm,
    Application,
    Backup,
    Desk,
    Gateway,
    HelpDesk,
    ModemConfig,
    Monitoring,
    Place,
    Site,
    Theme,
)
from kiosk.config.table import Table
from kiosk.language import LANGUAGES, printable
from kiosk.policy import Policy

DEFAULT_TIME_ZONE = "Europe/Amsterdam"

# Where things lie when the file does not say, beside the file. The key has its own directory, so that it has its own rights.
DEFAULT_DATABASE = "kiosk.db"
DEFAULT_KEY = "keys/master.key"
DEFAULT_STATE = "state"

_NO_MODEMS: tuple[ModemConfig, ...] = ()

# tomllib ends its message so; its line is not an attribute before Python 3.14.
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole configuration; every path in it is absolute."""

    # The file it was read from.
    source: Path
    site: Site
    database: Place
    # The file of the master key.
    keys: Place
    # A directory for what must survive a restart without being in the database.
    state: Place
    language: str = LANGUAGES[0]
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_TIME_ZONE))
    desk: Desk = field(default_factory=Desk)
    # None where no help desk exists: people then ask at reception.
    help_desk: HelpDesk | None = None
    modems: tuple[ModemConfig, ...] = ()
    alarm: Alarm = field(default_factory=Alarm)
    backup: Backup = field(default_factory=Backup)
    monitoring: Monitoring = field(default_factory=Monitoring)
    gateway: Gateway = field(default_factory=Gateway)
    policy: Policy = field(default_factory=Policy)
    applications: tuple[Application, ...] = ()
    theme: Theme = field(default_factory=Theme)
    # The one folder for files in and out; None allows removable media only.
    exchange: Place | None = None

    @property
    def dispatcher_lock(self) -> Path:
        """Who holds it drives the modems of this database."""
        return self.database.path.with_name("dispatcher.lock")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file at `path`; raises `ConfigurationErrors` with every mistake at once."""
        source = path.absolute()
        return cls.parse(_read(source), source)

    @classmethod
    def parse(cls, text: str, source: Path) -> Self:
        """Read `text` as the content of the file at the absolute path `source`; raises as `load` does."""
        mistakes: list[ConfigurationError] = []
        whole = Table(_toml(text, source), "", mistakes)
        values = _values(whole, source.parent)
        whole.finish()
        site, policy = values["site"], values["policy"]
        if not mistakes:
            mistakes = sms_texts.mistakes(site, values["help_desk"], policy)
        if mistakes:
            raise ConfigurationErrors(mistakes)
        return cls(source=source, **values)


def _values(whole: Table, base: Path) -> dict[str, Any]:
    """Everything that `Config` holds, by name; after a mistake some of it is None."""
    nearby = sections.place(base)
    return {
        # The one table that cannot be left out: read as an empty one, it says itself what is missing.
        "site": sections.section(whole, "site", sections.site, None) or sections.site(whole.empty("site")),
        "language": whole.optional("language", checks.choice(*LANGUAGES), LANGUAGES[0]),
        "time_zone": whole.optional("time_zone", checks.time_zone, ZoneInfo(DEFAULT_TIME_ZONE)),
        "desk": sections.section(whole, "desk", sections.desk, Desk()),
        "help_desk": sections.section(whole, "help_desk", sections.help_desk, None),
        "database": sections.section(whole, "database", nearby, Place(base / DEFAULT_DATABASE)),
        "keys": sections.section(whole, "keys", nearby, Place(base / DEFAULT_KEY)),
        "state": sections.section(whole, "state", nearby, Place(base / DEFAULT_STATE)),
        "modems": sections.section(whole, "modem", lambda table: sections.modems(table, base), _NO_MODEMS),
        "alarm": sections.section(whole, "alarm", sections.alarm, Alarm()),
        "backup": sections.section(whole, "backup", sections.backup(base), Backup()),
        "monitoring": sections.section(whole, "monitoring", sections.monitoring(base), Monitoring()),
        "gateway": sections.section(whole, "gateway", sections.gateway, Gateway()),
        "policy": sections.section(whole, "policy", sections.policy, Policy()),
        "applications": sections.applications(whole.tables("application")),
        "theme": sections.section(whole, "theme", sections.theme, Theme()),
        "exchange": sections.section(whole, "exchange", nearby, None),
    }


def _read(source: Path) -> str:
    def refused(problem: Problem, detail: str = "", line: int | None = None) -> ConfigurationErrors:
        name = printable(str(source))
        return ConfigurationErrors(
            [ConfigurationError(path=name, problem=problem, detail=printable(detail), line=line)]
        )

    try:
        content = source.read_bytes()
    except FileNotFoundError:
        raise refused(Problem.FILE_MISSING) from None
    except OSError as error:
        raise refused(Problem.FILE_UNREADABLE, error.strerror or type(error).__name__) from None
    try:
        # Editors of other systems begin a file with a byte order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(Problem.NOT_UTF8, line=content.count(b"\n", 0, error.start) + 1) from None


def _toml(text: str, source: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    # Besides its own error tomllib lets a ValueError pass for numbers beyond measure and a RecursionError for deep nesting.
    except (ValueError, RecursionError) as error:
        message = str(error)
        place = _PLACE.search(message)
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        detail = printable(_PLACE.sub("", message))
        mistake = ConfigurationError(path=printable(str(source)), problem=Problem.SYNTAX, detail=detail, line=line)
        raise ConfigurationErrors([mistake]) from None
