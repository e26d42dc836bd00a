"""What is behind the screen of one process: the desk, the doorbell, and the dispatcher that may drive the modems."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hardware.modem.settings import ModemSettings
from hardware.serial_line import PortOpener, SerialLine
from hardware.yubikey.bus import KeyBus
from hardware.yubikey.hidraw import HidrawBus
from hardware.yubikey.port_watch import PortWatch
from kiosk.audit.daily import DailyAudit
from kiosk.commands.driving import make_dispatcher, make_means
from kiosk.commands.looking import make_reporter
from kiosk.commands.night import make_keeper, make_night
from kiosk.commands.site import Premises, alarm_means, daily_means, enter, open_site
from kiosk.config import Config, GatewayMode, ModemConfig
from kiosk.delivery.dispatcher import Dispatcher
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.desk import Desk
from kiosk.desk_status import DeskFacts
from kiosk.doctor.textfile import Reporter
from kiosk.keeping.nightly import Keeper
from kiosk.keeping.reserve import Reserve
from kiosk.technician.bench_means import BenchMeans
from kiosk.technician.night import Night
from kiosk.technician.setting_clock import leave_clock, set_clock
from kiosk.yubikey.means import KeyMeans

# What a nightly round may need to give back a modem, in seconds.
NIGHT_SECONDS: Final = 5.0
# What the daily round of the audit log may need to end a transaction, in seconds.
DAILY_SECONDS: Final = 2.0


@dataclass(slots=True)
class Backstage:
    """`open` it in the domain thread, `stop` it in any other one when that thread has ended."""

    premises: Premises
    settings: Sequence[ModemSettings]
    opener: PortOpener = SerialLine
    simulated: bool = False
    keys: KeyBus | None = field(default_factory=lambda: ports_of_this_desk())  # noqa: PLW0108  it is defined below
    serves_machine: bool = True
    """Also what the machine needs: modems driven, and its daily and nightly rounds. Else others do."""
    _ports: PortWatch | None = field(init=False, default=None)
    _waker: Waker = field(init=False)
    _dispatcher: Dispatcher = field(init=False)
    _night: Night = field(init=False)
    _daily: DailyAudit = field(init=False)
    _keeper: Keeper = field(init=False)
    _reporter: Reporter = field(init=False)

    def __post_init__(self) -> None:
        self._waker = Waker(Doorbell(self.premises.doorbell_directory))
        self._waker.start()
        self._dispatcher = make_dispatcher(self.premises, self.settings, self._waker, opener=self.opener)
        self._night = make_night(self.premises, self.settings, self._waker, self._dispatcher, opener=self.opener)
        self._daily = DailyAudit(daily_means(self.premises))
        self._keeper = make_keeper(self.premises)
        self._reporter = make_reporter(self.premises)

    def open(self, facts: DeskFacts, *, woken: Callable[[], None]) -> Desk:
        """The desk, for the calling thread; where this process may, the dispatcher begins. Raises DataError.

        `woken` is called when somebody rang.
        """
        desk = self._open_desk(facts, woken)
        self._waker.add(woken)
        if self.keys is not None:
            self._ports = PortWatch(self.keys, woken)
            self._ports.start()
        if self.serves_machine:
            self._serve_machine()
        return desk

    def _serve_machine(self) -> None:
        self._daily.start()
        self._keeper.start()
        self._reporter.start()
        if self.premises.config.gateway.mode is GatewayMode.AUTO and self.settings:
            self._dispatcher.start()
            self._night.start()

    def stop(self) -> None:
        """Finish a committed SMS within its patience, and close everything."""
        if self._ports is not None:
            self._ports.stop()
        self._daily.stop(DAILY_SECONDS)
        self._night.stop(NIGHT_SECONDS)
        self._keeper.stop(NIGHT_SECONDS)
        self._reporter.stop(DAILY_SECONDS)
        self._dispatcher.stop()
        self._waker.stop()

    def _open_desk(self, facts: DeskFacts, woken: Callable[[], None]) -> Desk:
        database = self.premises.open_database()
        try:
            hasher = self.premises.hasher()
            alarms = alarm_means(self.premises.config, self.premises.languages)
            keys = None if self.keys is None else KeyMeans(bus=self.keys, woken=woken, alarms=alarms)
            site = self.premises.site(database, hasher, self._waker.doorbell, keys=keys)
            return Desk(
                site,
                facts,
                self.premises.clock,
                simulated=self.simulated or (self.keys is not None and self.keys.simulated),
                closing=hasher.close,
                bench=self._bench_means(),
                elsewhere=lambda: open_site(self.premises),
                exchange=self._exchange,
                # A demonstration keeps nothing, so it has nothing to go on with.
                reserve=None if self.simulated else Reserve(self.premises.reserve),
            )
        except BaseException:
            database.close()
            raise

    @property
    def _exchange(self) -> Path | None:
        exchange = self.premises.config.exchange
        return None if exchange is None else exchange.path

    def _bench_means(self) -> BenchMeans:
        config = self.premises.config
        return BenchMeans(
            means=make_means(self.premises, self.settings, self._waker.doorbell, opener=self.opener),
            waker=self._waker,
            policy=config.policy,
            dispatcher_lock=self.premises.dispatcher_lock,
            site=config.site.name,
            zone=config.time_zone,
            set_clock=leave_clock if self.simulated else set_clock,
            exchange=self._exchange,
            keys=self.keys,
        )


def _must_be_adopted(modem: ModemConfig) -> bool:
    """Whoever wrote IMEI and ICCID into the file has confirmed both there; a simulated modem has nothing to guard."""
    simulated = modem.port != "" and os.path.realpath(modem.port).startswith("/dev/pts/")
    return not (modem.imei and modem.iccid) and not simulated


def ports_of_this_desk() -> KeyBus | None:
    """The USB ports of this machine, where the person who signs in stands before it.

    Whoever comes over SSH does not: a touch at the desk would be theirs.
    """
    return None if os.environ.get("SSH_CONNECTION") else HidrawBus()


def backstage_of(config: Config) -> Backstage:
    """What `kiosk run` has behind its screen; raises KeyFileError and DataError."""
    return Backstage(enter(config, check=True), modem_settings(config))


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
            must_be_adopted=_must_be_adopted(modem),
            anywhere=modem.anywhere,
        )
        for modem in config.modems
    )
