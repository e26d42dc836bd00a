"""What is known of the network: registration in every domain, operator, signal; read by asking and by listening."""

from hardware.modem.answers_network import (
    Registration,
    extended_signal,
    generation,
    network_code,
    registration,
    serving_operator,
    signal_dbm,
)
from hardware.modem.at import AtChannel
from hardware.modem.errors import AtTimeout
from hardware.modem.reasons import Reason
from hardware.modem.status import ModemState, bars
from hardware.modem.status_board import StatusBoard

# Circuit switched, LTE, GPRS: an SMS can go out in any of them, and each may be refused while another serves.
DOMAINS = ("CREG", "CEREG", "CGREG")
# <stat> (27.007 7.2) that is not registered, the one that tells most first.
_REASONS = {
    3: Reason.DENIED,
    8: Reason.EMERGENCY_ONLY,
    11: Reason.EMERGENCY_ONLY,
    2: Reason.SEARCHING,
    0: Reason.NOT_SEARCHING,
}


class NetworkState:
    """Keeps the network part of a status up to date."""

    def __init__(self, channel: AtChannel, board: StatusBoard) -> None:
        self._channel = channel
        self._board = board
        self._domains: dict[str, Registration] = {}

    @property
    def registered(self) -> bool:
        """Whether an SMS can be sent in any domain."""
        return any(domain.registered for domain in self._domains.values())

    def read_all(self) -> None:
        """Operator with its name, registration and signal; then READY or NO_NETWORK."""
        self._domains.clear()
        self.read_operator(with_name=True)
        self.read_registration()
        self.read_signal()
        if not self.registered:
            self._ask_to_be_told()
        self.announce()

    def read_registration(self) -> None:
        """The domains in turn until one is registered: in the usual case one command."""
        for domain in DOMAINS:
            if self.read_domain(domain):
                return

    def read_domain(self, domain: str) -> bool:
        """Whether an SMS can be sent in one domain."""
        for line in self._channel.command(f"AT+{domain}?", prefixes=(f"+{domain}",)).lines:
            self._keep(line)
        known = self._domains.get(domain)
        return known is not None and known.registered

    def heard(self, line: str) -> bool:
        """Take an unsolicited registration line; whether it was one."""
        if not self._keep(line):
            return False
        if self._board.status.state in {ModemState.READY, ModemState.NO_NETWORK}:
            self.announce()
        return True

    def announce(self) -> None:
        """Set READY or NO_NETWORK with its reason from what is known."""
        self._board.update(registered=self.registered)
        if self.registered:
            self._board.set_state(ModemState.READY)
            return
        stats = {domain.stat for domain in self._domains.values()}
        reason = next((reason for stat, reason in _REASONS.items() if stat in stats), Reason.NETWORK_UNKNOWN)
        self._board.update(network="", network_name="", technology="")
        self._board.set_state(ModemState.NO_NETWORK, reason)

    def read_operator(self, *, with_name: bool = False) -> None:
        """The serving network in digits, with its name when asked; the numeric form stays in force."""
        name = ""
        if with_name:
            self._channel.command("AT+COPS=3,0")
            name = self._operator()[0]
            # Some modems know the digits alone.
            name = "" if name.isdecimal() else name
            self._channel.command("AT+COPS=3,2")
        operator, act = self._operator()
        changes: dict[str, object] = {"network": network_code(operator), "technology": generation(act)}
        if name or changes["network"] != self._board.status.network:
            changes["network_name"] = name
        self._board.update(**changes)

    def read_signal(self) -> None:
        """The level by +CSQ, or by +CESQ where that one does not know (LTE)."""
        level = signal_dbm(self._channel.command("AT+CSQ", prefixes=("+CSQ",)).first)
        if level is None:
            extended = extended_signal(self._channel.command("AT+CESQ", prefixes=("+CESQ",)).first)
            levels = (extended.rsrp_dbm, extended.rscp_dbm, extended.gsm_dbm) if extended else ()
            level = next((each for each in levels if each is not None), None)
        self.take_signal(level)

    def take_signal(self, level: int | None) -> None:
        """The level in dBm as it was just read, None when unknown."""
        self._board.update(signal_dbm=level, bars=bars(level))

    def _operator(self) -> tuple[str, int | None]:
        answer = self._channel.command("AT+COPS?", prefixes=("+COPS",))
        serving = serving_operator(answer.first)
        if serving:
            self._board.update(selection=serving.mode)
        return (serving.operator or "", serving.act) if serving else ("", None)

    def _keep(self, line: str) -> bool:
        known = registration(line)
        if known:
            self._domains[known.domain] = known
            if known.act is not None and known.registered:
                self._board.update(technology=generation(known.act))
        return known is not None

    def _ask_to_be_told(self) -> None:
        """Changes of registration at once, instead of by asking again and again."""
        for domain in DOMAINS[:2]:
            try:
                self._channel.command(f"AT+{domain}=1")
            except AtTimeout:
                self._channel.resync()
