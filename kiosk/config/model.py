"""What a configuration says, after it was found right; each class is one table of the file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Words:
    """A text that the site wrote itself, in each language."""

    nl: str
    en: str

    def text(self, language: str) -> str:
        """Return the words in `language` (`nl` or `en`)."""
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True, slots=True)
class Site:
    """`[site]`: the name stands first in every SMS, at most 24 characters."""

    name: str


@dataclass(frozen=True, slots=True)
class Desk:
    """`[desk]`: None means that the machine and its terminal name it; `number` is what people read out to the help desk."""

    name: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Some days of the week with the same hours, in the time zone of the site: from `start` up to, not including, `end`."""

    # 0 is Monday.
    days: frozenset[int]
    start: time
    end: time

    def include(self, local: datetime) -> bool:
        """Whether `local`, a time in the site's zone, falls within these hours."""
        return local.weekday() in self.days and self.start <= local.time().replace(tzinfo=None) < self.end


@dataclass(frozen=True, slots=True)
class HelpDesk:
    """`[help_desk]`: whom people call; `hours` is what they read, `open` the same for the kiosk."""

    name: str
    phone: str
    hours: Words
    open: tuple[OpeningHours, ...] = ()

    def is_open(self, local: datetime) -> bool | None:
        """Whether someone answers at `local`, a time in the site's zone; None when the configuration does not say."""
        if not self.open:
            return None
        return any(hours.include(local) for hours in self.open)


@dataclass(frozen=True, slots=True)
class Place:
    """A file or directory, absolute."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemConfig:
    """`[modem.NAME]`: where a modem is and what it must turn out to be."""

    name: str
    # A path, or a URL as pyserial's `serial_for_url` understands it; empty when the IMEI says which modem it is.
    port: str = ""
    imei: str | None = None
    iccid: str | None = None
    # The file that holds the SIM's PIN; never the PIN itself.
    pin_file: Path | None = None
    # What people call the network of this SIM, at most 14 characters.
    network_label: str | None = None
    # The SIM's own number, so that people recognise the sender (E.164).
    number: str | None = None
    # The service centre, when the SIM does not know it (E.164).
    smsc: str | None = None
    # What to ask the operator of a prepaid SIM for its credit, by USSD; asked every night.
    prepaid: str | None = None
    # Whether the modem may come back in another USB socket without being adopted again.
    anywhere: bool = False
    # Whether its SIM may be moved to another network when a code must be sent again and no other modem serves one.
    roaming: bool = False


class GatewayMode(StrEnum):
    """Who may drive the modems: any process of the kiosk, or only `kiosk gateway`."""

    AUTO = "auto"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Gateway:
    """`[gateway]`."""

    mode: GatewayMode = GatewayMode.AUTO


@dataclass(frozen=True, slots=True)
class Alarm:
    """`[alarm]`: who gets an SMS when something is out of order (E.164), and after how many minutes a modem that is down."""

    phones: tuple[str, ...] = ()
    down_minutes: int = 10


@dataclass(frozen=True, slots=True)
class Backup:
    """`[backup]`: where a back-up goes every night (None: nowhere), how many stay there, and after how many hours without one technicians are told."""

    directory: Path | None = None
    kept: int = 14
    overdue_hours: int = 48


@dataclass(frozen=True, slots=True)
class Monitoring:
    """`[monitoring]`: the file that node_exporter's textfile collector reads (None: nobody does); its name ends in `.prom`."""

    textfile: Path | None = None


class AtExit(StrEnum):
    """What happens when an application ends by itself."""

    HOME = "home"
    SIGN_OUT = "sign_out"


# The values of `data.users.Role`; reading a configuration must not cost the import of the database.
ROLES = ("staff", "administrator", "technician", "auditor")

# The account under which applications run unless the site names another one; it owns nothing of the kiosk.
APPLICATION_ACCOUNT = "kiosk-app"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`[[application]]`: a program that people reach from Home; `argv[0]` is absolute."""

    # How the launcher knows it; the name of the program when the site gives none.
    name: str
    label: Words
    argv: tuple[str, ...] = field(repr=False)
    # Beside what the kiosk itself gives: KIOSK_USER, KIOSK_METHOD, KIOSK_SESSION, TERM, LANG, LESSSECURE.
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    roles: tuple[str, ...] = ROLES
    at_exit: AtExit = AtExit.HOME
    # Started by the sign-in itself, for whoever has no other one.
    directly: bool = False
    # The Unix account it runs under; None: that of the kiosk itself, which the site must have written.
    account: str | None = APPLICATION_ACCOUNT


class ThemeName(StrEnum):
    """Colours: found out at the start, true colour dark or light, or the 16 of a console."""

    AUTO = "auto"
    DARK = "dark"
    LIGHT = "light"
    SIXTEEN = "sixteen"


class Glyphs(StrEnum):
    """Signs: found out at the start, those of a terminal emulator, of a console font with half blocks, or of any."""

    AUTO = "auto"
    RICH = "rich"
    BLOCK = "block"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class Theme:
    """`[theme]`."""

    name: ThemeName = ThemeName.AUTO
    glyphs: Glyphs = Glyphs.AUTO
    # People point here with a finger; else that is found out by the first one who does.
    touch: bool = False
