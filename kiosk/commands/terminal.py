"""The threads of one terminal: the domain, the doorbell, and the dispatcher that may drive the modems."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from hardware.modem.settings import ModemSettings
from hardware.serial_line import PortOpener, SerialLine
from kiosk.commands.driving import make_dispatcher
from kiosk.commands.site import Premises
from kiosk.config import Config, GatewayMode
from kiosk.delivery.dispatcher import Dispatcher
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.desk import Desk
from kiosk.desk_status import DeskFacts, HelpDesk
from kiosk.domain_thread import DomainThread

# Opening and migrating a database of a million people takes seconds, not more.
START_SECONDS: Final = 60.0
NO_HELP: Final = HelpDesk(name="", phone="", hours="")


@dataclass(slots=True)
class Terminal:
    """Everything behind the screen of one process; `start` before the screen, `stop` after it."""

    premises: Premises
    facts: DeskFacts
    settings: Sequence[ModemSettings]
    opener: PortOpener = SerialLine
    simulated: bool = False
    thread: DomainThread[Desk] = field(init=False)
    _waker: Waker = field(init=False)
    _dispatcher: Dispatcher = field(init=False)

    def __post_init__(self) -> None:
        self._waker = Waker(Doorbell(self.premises.doorbell_directory))
        self._waker.start()
        self.thread = DomainThread(self._open_desk)
        self._dispatcher = make_dispatcher(self.premises, self.settings, self._waker, opener=self.opener)

    def start(self) -> None:
        """Start the domain and, where this process may, the dispatcher; raises what the domain raised."""
        self.thread.start().result(START_SECONDS)
        self._waker.add(self.thread.wake)
        if self.premises.config.gateway.mode is GatewayMode.AUTO and self.settings:
            self._dispatcher.start()

    def stop(self) -> None:
        """Let the person go, finish a committed SMS within its patience, and close everything."""
        self.thread.stop()
        self._dispatcher.stop()
        self._waker.stop()

    def _open_desk(self) -> Desk:
        database = self.premises.open_database()
        try:
            hasher = self.premises.hasher()
            site = self.premises.site(database, hasher, self._waker.doorbell)
            return Desk(site, self.facts, self.premises.clock, simulated=self.simulated, closing=hasher.close)
        except BaseException:
            database.close()
            raise


def modem_settings(config: Config) -> tuple[ModemSettings, ...]:
    """The configured modems as the hardware storey takes them."""
    return tuple(
        ModemSettings(
            name=modem.name,
            port=modem.port,
            pin_file=modem.pin_file,
            imei=modem.imei,
            iccid=modem.iccid,
            smsc=modem.smsc,
        )
        for modem in config.modems
    )


def facts_of(config: Config, desk_name: str) -> DeskFacts:
    """What the screens show and never changes while they run."""
    idle = config.policy.idle
    return DeskFacts(
        site=config.site.name,
        desk_name=desk_name,
        desk_number=config.desk.number or desk_name,
        help_desk=_help_desk(config),
        language=config.language,
        time_zone=config.time_zone.key,
        login_idle_seconds=idle.login_seconds,
        sign_in_idle_seconds=idle.sign_in_seconds,
        success_idle_seconds=idle.success_seconds,
        session_idle_seconds=idle.session_seconds,
        idle_warning_seconds=idle.warning_seconds,
        idle_extensions=idle.extensions,
        applications=tuple(application.label.text(config.language) for application in config.applications),
    )


def _help_desk(config: Config) -> HelpDesk:
    desk = config.help_desk
    if desk is None:
        return NO_HELP
    return HelpDesk(
        name=desk.name,
        phone=desk.phone,
        hours=desk.hours.text(config.language),
        hours_in_languages={"nl": desk.hours.nl, "en": desk.hours.en},
    )
