"""What is asked of a modem that has nothing to do: one small question at a time, under 120 bytes a minute on the line."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from hardware.modem.answers import after_prefix, clock, number
from hardware.modem.answers_sim import USABLE, sim_state
from hardware.modem.at import AtChannel
from hardware.modem.network_state import DOMAINS, NetworkState
from hardware.modem.network_time import modem_clock_offset_seconds, network_time, offset_seconds, plausible
from hardware.modem.recovery import SMS_SERVICES, Recovery
from hardware.modem.status import ClockSource, Rung
from hardware.modem.status_board import StatusBoard
from hardware.modem.stored import MessageMemory

# At one check in 30 s these come by every ten minutes; the others take registration and signal in turn.
_ROUND = 20
_OPERATOR_TURN, _MEMORY_TURN, _CLOCK_TURN, _SETTINGS_TURN, _DOMAIN_TURN = 19, 5, 11, 13, 15
# What must stay as it was set up: the form of messages and where reports go (27.005 3.2.3 and 3.4.1).
_SETTINGS = ("+CMGF", "+CNMI")
# <service> of +CGSMS with which SMS go over packet data, which several operators do not carry (27.007 10.1.21).
_PACKET_SERVICES = {0, 2}
# <onoff> of +CTZU: the network sets the modem's clock (27.007 8.40).
_NETWORK_SETS_CLOCK = 1


class Health:
    """The questions of one session; `check` asks the next one and may raise AtTimeout.

    `stale` says that the modem must be set up again: its SIM is gone, or it is not as it was set up.
    """

    def __init__(
        self,
        channel: AtChannel,
        board: StatusBoard,
        network: NetworkState,
        memory: MessageMemory,
        recovery: Recovery,
    ) -> None:
        self._channel = channel
        self._board = board
        self._network = network
        self._memory = memory
        self._recovery = recovery
        self._turn = 0
        self._settings: dict[str, str] = {}
        self._settling: list[Callable[[], None]] = []
        self._clock_was_alone = False
        self.stale = False

    def begin(self) -> None:
        """The modem was set up: what need not be known before the first SMS is asked in the first checks."""
        self.stale = False
        self._board.update(sms_service=None, storage_used=None, storage_total=None)
        self._settings = {}
        self._settling = [
            self._check_settings,
            self._read_sms_service,
            self._memory.check,
            self._let_network_set_clock,
            self._read_clock,
        ]

    def check(self) -> None:
        """One small question; over some checks everything has been asked."""
        was_registered = self._network.registered
        if was_registered and self._settling:
            self._settling.pop(0)()
            return
        turn, self._turn = self._turn, (self._turn + 1) % _ROUND
        if not was_registered:
            self._look_for_network(turn)
        else:
            self._follow_network(turn)
        if turn == _OPERATOR_TURN or (self._network.registered and not was_registered):
            self._network.read_operator(with_name=not self._board.status.network_name)

    def heard(self, line: str) -> bool:
        """Take a line with the network's time; whether it was one."""
        theirs = network_time(line)
        if theirs:
            self._keep_clock(offset_seconds(theirs, datetime.now(UTC)), ClockSource.NETWORK)
        return theirs is not None

    def change_sms_service(self, service: int) -> None:
        """Send SMS over the other side of the network from now on (+CGSMS)."""
        self._recovery.climb(Rung.SMS_SERVICE, f"{self._board.status.sms_service} to {service}")
        if self._channel.command(f"AT+CGSMS={service}").ok:
            self._board.update(sms_service=service)

    def _look_for_network(self, turn: int) -> None:
        if turn % 2:
            # A SIM that was pulled out shows as a lost network first.
            state = sim_state(self._channel.command("AT+CPIN?", prefixes=("+CPIN",), final_optional=True).first)
            self.stale |= state not in USABLE
            return
        self._network.read_domain(DOMAINS[turn // 2 % len(DOMAINS)])
        self._network.announce()

    def _follow_network(self, turn: int) -> None:
        if turn == _MEMORY_TURN:
            self._memory.check()
        elif turn == _CLOCK_TURN:
            self._read_clock()
        elif turn == _SETTINGS_TURN:
            self._check_settings()
        elif turn == _DOMAIN_TURN:
            for domain in DOMAINS:
                self._network.read_domain(domain)
            self._network.announce()
        elif turn % 2 == 0:
            self._network.read_registration()
            self._network.announce()
        else:
            self._network.read_signal()

    def _check_settings(self) -> None:
        """A modem that restarted without a word, or that another program changed, is not as it was set up."""
        for name in _SETTINGS:
            now = self._channel.command(f"AT{name}?", prefixes=(name,)).first
            if now and self._settings.setdefault(name, now) != now:
                self._recovery.climb(Rung.SET_UP, f"{now} instead of {self._settings[name]}")
                self.stale = True
                return

    def _read_sms_service(self) -> None:
        """SMS must not go over packet data alone; the circuit switched side works at every operator."""
        answer = self._channel.command("AT+CGSMS?", prefixes=("+CGSMS",))
        service = number((after_prefix(answer.first, "+CGSMS") or "").split(",", maxsplit=1)[0])
        self._board.update(sms_service=service)
        if service not in _PACKET_SERVICES:
            return
        for wanted in SMS_SERVICES:
            self.change_sms_service(wanted)
            if self._board.status.sms_service == wanted:
                return

    def _let_network_set_clock(self) -> None:
        setting = number(after_prefix(self._channel.command("AT+CTZU?", prefixes=("+CTZU",)).first, "+CTZU") or "")
        if setting == 0:
            self._channel.command(f"AT+CTZU={_NETWORK_SETS_CLOCK}")
            # Until the network tells its time anew the clock stays what it was, and that may take days.
            self._clock_was_alone = True
        self._board.update(clock_from_network=None if setting is None else not self._clock_was_alone)

    def _read_clock(self) -> None:
        theirs = plausible(clock(self._channel.command("AT+CCLK?", prefixes=("+CCLK",)).first))
        offset = modem_clock_offset_seconds(theirs, datetime.now(UTC)) if theirs else None
        if offset is not None:
            self._keep_clock(offset, ClockSource.MODEM)

    def _keep_clock(self, offset: float, source: ClockSource) -> None:
        self._board.update(clock_offset_seconds=offset, clock_source=source, clock_at=time.monotonic())
