"""A simulated GSM modem on a pseudo-terminal: real programs talk to it as to a real one."""

import contextlib
import secrets
import tempfile
import zlib
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from hardware.simulator.air import SimulatedNetwork
from hardware.simulator.equipment import SentMessage
from hardware.simulator.errors import NotPlugged
from hardware.simulator.faults import ActiveFaults, Fault, InjectedFault
from hardware.simulator.machine import Machine
from hardware.simulator.pace import INSTANT, Pace
from hardware.simulator.profile import Profile
from hardware.simulator.profiles import QUECTEL_EC25
from hardware.simulator.profiles import profile as profile_named
from hardware.simulator.sim_card import SimulatedSim, with_luhn_digit
from hardware.simulator.wire import TranscriptEntry

# A modem that runs for weeks forgets its oldest traffic.
LONGEST_TRANSCRIPT = 50_000


class SimulatedModem:
    """One modem with a SIM, on one network, behind one port whose path stays the same.

    It keeps its state (echo, a prompt that nobody answered, message format) when programs open and close the port,
    as a real one does; only `unplug`, a restart or `stop` switch it off. All methods may be called from any thread.
    As a context manager it is started and stopped.

    Attributes:
        profile: the family. name: last part of the port's path. sim: its card. imei: 15 digits.
    """

    def __init__(
        self,
        profile: Profile | str = QUECTEL_EC25,
        *,
        air: SimulatedNetwork,
        network: str = "20408",
        sim: SimulatedSim | None = None,
        name: str = "modem",
        imei: str | None = None,
        faults: Iterable[Fault | str | InjectedFault] = (),
        pace: Pace = INSTANT,
        directory: Path | None = None,
        log: Callable[[TranscriptEntry], None] | None = None,
    ) -> None:
        """Describe a modem; it has no port before `start`.

        Args:
            profile: the family, or its name.
            air: the networks around it.
            network: MCC-MNC that it finds first.
            sim: its card; one of `network`, with a number made from `name`, when not given.
            name: last part of the port's path.
            imei: 15 digits; made from family and name when not given.
            faults: what is wrong from the start.
            pace: how fast it is.
            directory: where the port's path lies; a new temporary directory when not given.
            log: told every piece of traffic, in the modem's thread.

        Raises:
            UnknownProfile, UnknownOperator, UnknownFault, BadFaultValue: a name or value that does not exist.
        """
        air.operator(network)
        self.profile = profile if isinstance(profile, Profile) else profile_named(profile)
        self.name = name
        self.sim = sim or SimulatedSim(network=network, number=f"+3161{zlib.crc32(name.encode()) % 10**7:07d}")
        serial = zlib.crc32(f"{self.profile.name} {name}".encode()) % 10**6
        self.imei = imei or with_luhn_digit(f"{self.profile.type_allocation_code}{serial:06d}")
        self._air = air
        self._log = log
        self._sent: list[SentMessage] = []
        self._transcript: deque[TranscriptEntry] = deque(maxlen=LONGEST_TRANSCRIPT)
        self._temporary = directory is None
        if directory is None:
            directory = Path(tempfile.gettempdir()) / f"kiosk-simulator-{secrets.token_hex(4)}"
        self._faults = ActiveFaults(faults, self._fault_changed)
        self._machine = Machine(
            self.profile,
            air=air,
            sim=self.sim,
            network=network,
            imei=self.imei,
            name=name,
            pace=pace,
            faults=self._faults,
            link=directory / name,
            note=self._note,
            on_sent=self._note_sent,
        )

    def __repr__(self) -> str:
        return f"<SimulatedModem {self.name} {self.profile.name} {'plugged' if self.plugged else 'unplugged'}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # Port

    def start(self) -> str:
        """Make the port of a modem that has been on for a while; the port's path."""
        if not self._machine.loop.running:
            self._machine.loop.start()
        self._machine.loop.call(lambda: self._machine.plug(says_banner=False))
        return self.port

    def stop(self) -> None:
        """Unplug and end; the path is gone. It may be started again."""
        self.unplug()
        self._machine.loop.stop()
        if self._temporary:
            with contextlib.suppress(FileNotFoundError):
                self._machine.port.link.parent.rmdir()

    def plug(self) -> str:
        """Plug in, which switches on and says the banner; the same path as before."""
        self._machine.loop.call(self._machine.plug)
        return self.port

    def unplug(self) -> None:
        """Pull out: the path is gone, clients get end of file or EIO, the modem is off."""
        self._machine.loop.call(self._machine.unplug)

    @property
    def path(self) -> str:
        """The port's path, whether or not it is there now."""
        return str(self._machine.port.link)

    @property
    def port(self) -> str:
        """The port's path.

        Raises:
            NotPlugged: it is not there now.
        """
        if not self.plugged:
            raise NotPlugged
        return self.path

    @property
    def plugged(self) -> bool:
        """Whether the port is there."""
        return self._machine.port.is_open

    @property
    def attended(self) -> bool:
        """Whether any program has the port open."""
        return self._machine.port.attended

    # Weather of this modem

    def inject(
        self, fault: Fault | str | InjectedFault, value: float | None = None, *, times: int | None = None
    ) -> None:
        """Let a fault happen from now on; one of the same name is replaced.

        Args:
            fault: member, name, or text as `NAME=VALUE:once`, see `InjectedFault.of`.
            value: in the fault's own unit.
            times: occasions after which it ends by itself; None = until `clear`.

        Raises:
            UnknownFault, BadFaultValue: there is no such fault, or it takes no such value or count.
        """
        injected = InjectedFault.of(fault, value, times)
        self._machine.loop.call(lambda: self._faults.inject(injected))

    def clear(self, fault: Fault | str | None = None) -> None:
        """End a fault, or all.

        Raises:
            UnknownFault: there is none of that name.
        """
        one = None if fault is None else InjectedFault.of(fault).fault
        self._machine.loop.call(lambda: self._faults.clear(one))

    @property
    def faults(self) -> tuple[InjectedFault, ...]:
        """What is wrong now."""
        return self._faults.all

    def set_signal(self, dbm: int) -> None:
        """Set the received signal strength."""
        self._machine.loop.call(lambda: setattr(self._machine.equipment.radio, "signal_dbm", dbm))

    def urc(self, text: str) -> None:
        """Write an unsolicited line, behind the answer of a command that is under way; lost when nobody listens."""
        self._machine.loop.call(lambda: self._machine.urc(text))

    def call_in(self, number: str) -> None:
        """Let somebody ring: RING, with +CLIP when it was asked for."""
        self._machine.loop.call(lambda: self._machine.ring(number))

    # What it did

    @property
    def serving_network(self) -> str | None:
        """MCC-MNC of the network it is registered at, None when nowhere."""
        return self._machine.equipment.radio.serving_network if self.plugged else None

    @property
    def sent(self) -> tuple[SentMessage, ...]:
        """Every SMS that the network took from it, in order."""
        with self._air.changed:
            return tuple(self._sent)

    @property
    def transcript(self) -> tuple[TranscriptEntry, ...]:
        """All traffic over the port, in order."""
        with self._air.changed:
            return tuple(self._transcript)

    @property
    def received(self) -> bytes:
        """All octets that clients wrote."""
        return b"".join(entry.octets for entry in self.transcript if entry.direction == "in")

    def wait_for(self, predicate: Callable[[], bool], timeout: float = 5.0) -> bool:
        """Wait until `predicate` holds, asked again at each change; whether it did within `timeout` seconds.

        The predicate reads; it must not tell a modem to do something.
        """
        return self._air.wait_for(predicate, timeout)

    def _fault_changed(self, fault: Fault, active: bool) -> None:
        self._machine.fault_changed(fault, active)

    def _note(self, entry: TranscriptEntry) -> None:
        with self._air.changed:
            self._transcript.append(entry)
            self._air.notify()
        if self._log is not None:
            self._log(entry)

    def _note_sent(self, message: SentMessage) -> None:
        with self._air.changed:
            self._sent.append(message)
            self._air.notify()
