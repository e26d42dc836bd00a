"""Simulated modems and phones around a house, and a dispatcher between them."""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from data.database import Database
from data.messages import Message, MessageState
from data.modems import Modem, ModemState
from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.settings import ModemSettings, Pace
from hardware.serial_line import PortOpener, SerialLine
from hardware.simulator.air import SimulatedNetwork
from hardware.simulator.modem import SimulatedModem
from hardware.simulator.phone import SimulatedPhone
from hardware.simulator.sim_card import SimulatedSim
from kiosk.delivery.alarms import AlarmMeans
from kiosk.delivery.dispatcher import Dispatcher
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.delivery.jobs import ModemLabel
from kiosk.delivery.loans import loan_locks
from kiosk.delivery.outbox import Delivery, DeliveryState
from kiosk.delivery.tenure import Means
from kiosk.policy import Policy
from tests.kiosk.delivery.house import PHONE, House, TestClock, open_database

OpenDatabase = Callable[[Path, int], Database]

# How long a test waits for what must happen; two busy cores are slow.
DEADLINE = 20.0

# The engine's own limits made short: a simulated modem answers at once or never.
QUICK = Pace(
    attention=0.2,
    drain=0.01,
    quiet=0.02,
    prompt=1.5,
    final=1.0,
    slow_network=0.5,
    after_ok=0.3,
    late=30.0,
    escape=0.1,
    stop=2.0,
    reopen_first=0.02,
    reopen_most=0.1,
    out_of_service=0.2,
    sim_retry=0.2,
)


def settings_of(modem: str, port: str, pace: Pace = QUICK) -> ModemSettings:
    return ModemSettings(name=modem, port=port, pace=pace, simulated=True, health_seconds=0.2)


def make_dispatcher(
    directory: Path,
    settings: Sequence[ModemSettings],
    waker: Waker,
    *,
    clock: TestClock,
    policy: Policy,
    opener: PortOpener = SerialLine,
    open_one: OpenDatabase = open_database,
    alarms: AlarmMeans | None = None,
    roaming: Collection[str] = (),
) -> Dispatcher:
    """A dispatcher as a command would make it, for the database in `directory`."""
    means = make_means(
        directory, settings, waker.doorbell, clock=clock, policy=policy, opener=opener, open_one=open_one
    )
    labels = {name: replace(label, may_roam=name in roaming) for name, label in means.labels.items()}
    return Dispatcher(replace(means, alarms=alarms, labels=labels), waker, directory / "dispatcher.lock")


def make_means(
    directory: Path,
    settings: Sequence[ModemSettings],
    doorbell: Doorbell,
    *,
    clock: TestClock,
    policy: Policy,
    opener: PortOpener = SerialLine,
    open_one: OpenDatabase = open_database,
) -> Means:
    """What a driver works with, for the database in `directory`."""
    return Means(
        open_database=lambda: open_one(directory, clock.now()),
        settings=tuple(settings),
        labels={one.name: ModemLabel(number_tail=str(number).zfill(2)) for number, one in enumerate(settings, start=1)},
        opener=opener,
        refused_pins=RefusedPinsFile(directory / "pins"),
        clock=clock,
        policy=policy.sms,
        doorbell=doorbell,
        locks=loan_locks(directory / "kiosk.db"),
    )


@dataclass(slots=True)
class Stage:
    """A house with modems; `house.doorbell` hears what the dispatcher rings."""

    house: House
    air: SimulatedNetwork = field(default_factory=SimulatedNetwork)
    modems: dict[str, SimulatedModem] = field(default_factory=dict)
    settings: list[ModemSettings] = field(default_factory=list)
    running: list[tuple[Dispatcher, Waker]] = field(default_factory=list)
    alarms: AlarmMeans | None = None
    roaming: set[str] = field(default_factory=set)

    @property
    def phone(self) -> SimulatedPhone:
        return self.air.phone(PHONE)

    def modem(
        self, name: str = "noord", network: str = "20408", *, pace: Pace = QUICK, sim: SimulatedSim | None = None
    ) -> SimulatedModem:
        """A modem that is configured, switched on and plugged in; with a `sim` that may roam the site lets it."""
        modem = SimulatedModem(air=self.air, network=network, name=name, sim=sim)
        if sim is not None and sim.may_roam:
            self.roaming.add(name)
        self.phone  # noqa: B018  it exists before anything is sent to it
        self.modems[name] = modem
        self.settings.append(settings_of(name, modem.start(), pace))
        return modem

    def dispatcher(self, policy: Policy | None = None, *, open_one: OpenDatabase = open_database) -> Dispatcher:
        """A running dispatcher in this process."""
        waker = Waker(Doorbell(self.house.directory / "doorbell"))
        waker.start()
        dispatcher = make_dispatcher(
            self.house.directory,
            self.settings,
            waker,
            clock=self.house.clock,
            policy=policy or self.house.policy,
            open_one=open_one,
            alarms=self.alarms,
            roaming=self.roaming,
        )
        self.running.append((dispatcher, waker))
        dispatcher.start()
        return dispatcher

    def ready(self, policy: Policy | None = None) -> Dispatcher:
        """A running dispatcher whose modems are all ready."""
        dispatcher = self.dispatcher(policy)
        self.until_ready()
        return dispatcher

    def close(self) -> None:
        for dispatcher, waker in self.running:
            assert dispatcher.stop(patience=0.5)
            assert waker.stop()
        for modem in self.modems.values():
            modem.stop()
        self.air.close()
        self.house.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else can write to the database."""
        with closing(sqlite3.connect(self.house.directory / "kiosk.db", isolation_level=None)) as locker:
            locker.execute("BEGIN IMMEDIATE")
            yield
            locker.execute("ROLLBACK")

    # waiting

    def until(self, holds: Callable[[], bool], what: str = "") -> None:
        """Wait for the table to say so, woken by the dispatcher's rings."""
        deadline = time.monotonic() + DEADLINE
        while not holds():
            left = deadline - time.monotonic()
            assert left > 0, what or f"waited {DEADLINE} s in vain"
            self.house.doorbell.wait(min(left, 0.25))

    def until_state(self, message: Message, *states: MessageState) -> Message:
        self.until(lambda: self.house.state(message) in states, f"{states}, but {self.house.message(message)}")
        return self.house.message(message)

    def until_shown(self, message: Message, *states: DeliveryState) -> Delivery:
        self.until(lambda: self.house.delivery(message).state in states, f"{states}")
        return self.house.delivery(message)

    def until_modem(self, name: str, *states: ModemState) -> Modem:
        self.until(lambda: any(one.name == name and one.state in states for one in self._rows()), f"{name} {states}")
        return next(one for one in self._rows() if one.name == name)

    def until_ready(self) -> None:
        for name in self.modems:
            self.until_modem(name, ModemState.READY)

    def until_sent(self, message: Message) -> None:
        """The network has taken it, and perhaps reported already."""
        self.until_state(message, MessageState.SENT, MessageState.DELIVERED)

    def _rows(self) -> list[Modem]:
        return self.house.outbox.modems(self.house.clock.now())

    # what went out

    @property
    def texts(self) -> tuple[str, ...]:
        """What the phone shows."""
        return self.phone.texts

    def written(self, name: str = "noord") -> bytes:
        """Everything that was written to a modem."""
        return self.modems[name].received

    def until_written(self, octets: bytes, name: str = "noord") -> None:
        modem = self.modems[name]
        assert modem.wait_for(lambda: octets in modem.received, DEADLINE), octets

    def networks_used(self) -> list[str]:
        """Over which network each accepted SMS came, in order."""
        return [sms.network for sms in self.air.accepted]
