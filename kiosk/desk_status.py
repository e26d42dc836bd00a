"""What this desk can do right now, for the status strip, the login page and F1: data without words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from kiosk.sign_in.outcomes import MethodKind

# Between two tries of a terminal that is out of service.
RETRY_SECONDS: Final = 5.0


@unique
class SmsHealth(StrEnum):
    """The values are the last part of `strip.modem.line.*`."""

    READY = "ready"
    NO_NETWORK = "no_network"
    USED_UP = "used_up"
    """The SIM cards have sent what they may for now; it goes on by itself."""
    DOWN = "down"
    NONE = "none"


@unique
class ModemHealth(StrEnum):
    """State of one modem as the strip shows it."""

    STARTING = "starting"
    READY = "ready"
    NO_NETWORK = "no_network"
    SIM_PROBLEM = "sim_problem"
    USED_UP = "used_up"
    DOWN = "down"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemStrip:
    """One modem in the status strip."""

    name: str
    health: ModemHealth
    network: str | None
    """Name of the serving network."""
    bars: int
    """Signal, 0 to 4."""
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStatus:
    """A snapshot; equal snapshots mean that nothing needs to be painted again."""

    sms: SmsHealth
    modems: tuple[ModemStrip, ...]
    yubikey_present: bool | None
    """None: this desk does not look for keys."""
    clock_wrong: bool
    simulated: bool
    """A simulated port or key is in use: every page says SIMULATIE."""
    methods_working: tuple[MethodKind, ...]
    out_of_service: str | None = None
    """Catalogue id of the reason why nobody can sign in, such as `out.database.missing`."""
    out_reference: str | None = None
    """Finds that reason in the log."""


def out_of_service(text_id: str, reference: str | None, *, clock_wrong: bool, simulated: bool) -> DeskStatus:
    """Nobody can sign in here."""
    return DeskStatus(
        sms=SmsHealth.DOWN,
        modems=(),
        yubikey_present=None,
        clock_wrong=clock_wrong,
        simulated=simulated,
        methods_working=(),
        out_of_service=text_id,
        out_reference=reference,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpDesk:
    """Whom to call; empty fields mean that the site named nobody."""

    name: str
    phone: str
    hours: str
    """In the site's language."""
    hours_in_languages: Mapping[str, str] = field(default_factory=dict)

    def hours_in(self, language: str) -> str:
        """The hours in the language of the page."""
        return self.hours_in_languages.get(language, self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEntry:
    """One application of the site, as Home shows it; what is run and under which account only the launcher reads."""

    name: str
    labels: Mapping[str, str]
    """By language."""
    roles: tuple[str, ...]
    """Whose it is."""
    directly: bool = False
    """Started by the sign-in, for whoever has no other one."""
    signs_out: bool = False
    """Its end is the end of the session."""
    same_account: bool = False
    """It runs under the account of the kiosk, because the site wrote so."""

    def label(self, language: str) -> str:
        """What Home calls it."""
        return self.labels[language]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """What does not change while the terminal runs."""

    site: str
    desk_name: str
    desk_number: str
    help_desk: HelpDesk
    language: str
    time_zone: str
    """IANA name, for showing times."""
    login_idle_seconds: int
    sign_in_idle_seconds: int
    success_idle_seconds: int
    session_idle_seconds: int
    idle_warning_seconds: int
    idle_extensions: int
    applications: tuple[ApplicationEntry, ...] = ()
    """In the order of the configuration."""
    gate_account: int | None = None
    """The Unix account that called `kiosk gate`, by its number; None where people come to be signed in."""

    def applications_of(self, role: str) -> tuple[ApplicationEntry, ...]:
        """Those of a role."""
        return tuple(one for one in self.applications if role in one.roles)
