"""The modem behind its port: power, port, conversation and air in one thread."""

import select
from collections.abc import Callable
from pathlib import Path

from hardware.simulator.air import SimulatedNetwork
from hardware.simulator.equipment import Equipment, SentMessage
from hardware.simulator.event_loop import EventLoop
from hardware.simulator.faults import ActiveFaults, Fault
from hardware.simulator.interpreter import Interpreter
from hardware.simulator.pace import TIME_TO_READ_SECONDS, Pace
from hardware.simulator.phone import Delivery
from hardware.simulator.profile import Profile
from hardware.simulator.pseudo_terminal import PseudoTerminal
from hardware.simulator.service_centre import StatusReport
from hardware.simulator.sim_card import SimulatedSim
from hardware.simulator.tpdu import Submit
from hardware.simulator.wire import TranscriptEntry, Wire

# A stick that restarts is away at least so long, or nobody could notice.
SHORTEST_REPLUG_SECONDS = 0.05


class Machine:
    """What `SimulatedModem` drives: the `Body` of the equipment and the `Station` of the air.

    All but `number`, `reachable`, `receive_report`, `receive_message` and `weather_changed` belongs to the thread of
    `loop`.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        air: SimulatedNetwork,
        sim: SimulatedSim,
        network: str,
        imei: str,
        name: str,
        pace: Pace,
        faults: ActiveFaults,
        link: Path,
        note: Callable[[TranscriptEntry], None],
        on_sent: Callable[[SentMessage], None],
    ) -> None:
        self._profile = profile
        self._air = air
        self._sim = sim
        self._pace = pace
        self._faults = faults
        self._on_sent = on_sent
        self.port = PseudoTerminal(link)
        self._hang_up_is_our_own = False
        self.wire = Wire(self.port, faults=faults, after=self.after, note=note)
        self.loop = EventLoop(f"simulated-{name}", before_waiting=self.wire.flush)
        self.equipment = Equipment(
            profile, air=air, sim=sim, network=network, imei=imei, pace=pace, faults=faults, body=self
        )
        self._interpreter = Interpreter(
            self.equipment, write=self.wire.write, after=self.after, restart=self._restart, vanish=self.unplug
        )

    # Power and port

    def plug(self, *, says_banner: bool = True) -> None:
        """Make the port, switch on."""
        if not self.port.is_open:
            self._open_port()
            self._air.attach(self)
            self._power_on(says_banner=says_banner)
            self._air.notify()

    def unplug(self) -> None:
        """Take the port away, switch off."""
        if self.port.is_open:
            self.wire.flush()
            self.loop.cancel_timers()
            self.loop.unwatch(self.port.fileno())
            self.port.close()
            self._air.detach(self)
            self._air.notify()

    def fault_changed(self, fault: Fault, active: bool) -> None:
        """A fault was injected or cleared."""
        if fault is Fault.WRITE_BLOCKED and self.port.is_open:
            self.port.block_writes(active)
        if self.port.is_open:
            self.equipment.fault_changed(fault, active)

    def _power_on(self, *, says_banner: bool = True) -> None:
        self.loop.cancel_timers()
        self.wire.power_on()
        self._interpreter.power_on()
        self.equipment.power_on(says_banner=says_banner)
        if self._faults.active(Fault.WRITE_BLOCKED):
            self.port.block_writes(True)
        # At an instant pace the banner is gone before any program can have opened the port.
        self.wire.flush()
        self.on_network()

    def _restart(self) -> None:
        self.wire.flush()
        if self._profile.reset_replugs:
            self.loop.after(TIME_TO_READ_SECONDS, self._replug)
        else:
            self._power_on()

    def _replug(self) -> None:
        self.unplug()
        self.loop.after(max(self._pace.replug, SHORTEST_REPLUG_SECONDS), self.plug)

    def _port_event(self, events: int) -> None:
        of_our_own, self._hang_up_is_our_own = self._hang_up_is_our_own, False
        octets = self.wire.read()
        if octets:
            self._interpreter.feed(octets)
        if events & select.EPOLLHUP and not of_our_own and self.port.is_open and not self.port.attended:
            if self.port.client_left():
                # That opened and closed the port, which shows as one more event unless a client came meanwhile.
                self._hang_up_is_our_own = not self.port.attended
            else:
                self._replace_port()
            self._air.notify()

    def _replace_port(self) -> None:
        """A client that is gone left the port locked for everybody: offer a new one under the same path."""
        self.loop.unwatch(self.port.fileno())
        self.port.close()
        self._open_port()

    def _open_port(self) -> None:
        # Watched before anybody can find it, so that no event of a client is missed.
        self.port.open()
        self._hang_up_is_our_own = False
        self.loop.watch(self.port.fileno(), self._port_event)
        self.port.publish()

    def urc(self, text: str) -> None:
        """Write an unsolicited line, lost when nobody has the port open at this moment."""
        self.say(text)
        self.wire.flush()

    def ring(self, number: str) -> None:
        """Somebody calls."""
        self.urc("RING")
        if self.equipment.settings.caller_line:
            self.urc(f'+CLIP: "{number}",145,"",0,"",0')

    # Body of the equipment

    def say(self, text: str) -> None:
        """Write an unsolicited line, behind the answer of a command that is under way."""
        self._interpreter.say(text)

    def chat(self, text: str) -> None:
        """Write an unsolicited line now, but not into what is being typed."""
        self._interpreter.chat(text)

    def say_at_once(self, text: str) -> None:
        """Write an unsolicited line now, whatever is under way."""
        self._interpreter.say_at_once(text)

    def say_late(self, text: str) -> None:
        """Write an answer that belongs to a command long past, and OK."""
        self._interpreter.say(text)
        self._interpreter.say("OK")

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Do something later, unless the modem is switched off before."""
        self.loop.after(seconds, callback)

    def submit(self, network: str, submit: Submit, reference: int) -> int | None:
        """Give an SMS to the service centre: None when accepted, else the cause of the refusal."""
        return self._air.submit(self, network, submit, reference)

    def sent(self, message: SentMessage) -> None:
        """Note an SMS that the network took."""
        self._on_sent(message)

    def on_network(self) -> None:
        """Registered: fetch what waited at the network."""
        if self.reachable:
            self._air.registered(self)

    # Station of the air

    @property
    def number(self) -> str:
        """E.164 number of the SIM."""
        return self._sim.number

    @property
    def reachable(self) -> bool:
        """Whether the modem is on and registered."""
        return self.port.is_open and self.equipment.radio.serving_network is not None

    def receive_report(self, report: StatusReport) -> None:
        """Take a delivery report."""
        self.loop.post(lambda: self.equipment.arrivals.report(report, self.equipment.service_centre))

    def receive_message(self, delivery: Delivery) -> None:
        """Take an SMS for the modem's own number."""
        self.loop.post(lambda: self.equipment.arrivals.message(delivery, self.equipment.service_centre))

    def weather_changed(self) -> None:
        """Look at the network again."""
        self.loop.post(self.equipment.tell_registration)
