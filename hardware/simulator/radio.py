"""The radio part of a simulated modem: where it is registered, and how well it hears."""

from hardware.simulator.air import SimulatedNetwork
from hardware.simulator.faults import ActiveFaults, Fault
from hardware.simulator.sim_card import PinState, SimulatedSim

# <stat> of +CREG, +CGREG and +CEREG (3GPP TS 27.007 §7.2).
IDLE = 0
HOME = 1
SEARCHING = 2
DENIED = 3
ROAMING = 5

# <mode> of +COPS (§7.3).
AUTOMATIC = 0
MANUAL = 1
DEREGISTERED = 2
FORMAT_ONLY = 3
MANUAL_THEN_AUTOMATIC = 4

# <fun> of +CFUN (§8.2).
FULL_FUNCTIONALITY = 1

# A signal at a desk near a window.
COMMON_SIGNAL_DBM = -77


class Radio:
    """Registration and signal.

    Attributes:
        network: MCC-MNC that automatic selection finds first.
        functionality: <fun> of +CFUN.
        mode: <mode> of +COPS.
        selected: MCC-MNC chosen by hand.
        signal_dbm: received signal strength.
    """

    def __init__(self, *, air: SimulatedNetwork, sim: SimulatedSim, faults: ActiveFaults, network: str) -> None:
        self._air = air
        self._sim = sim
        self._faults = faults
        self.network = network
        self.functionality = FULL_FUNCTIONALITY
        self.mode = AUTOMATIC
        self.selected: str | None = None
        self.signal_dbm = COMMON_SIGNAL_DBM

    @property
    def hears(self) -> bool:
        """Whether there is any signal."""
        on = self.functionality == FULL_FUNCTIONALITY and not self._faults.active(Fault.NO_SIGNAL)
        return on and any(self._air.is_up(operator.mccmnc) for operator in self._air.operators)

    @property
    def signal_quality(self) -> int:
        """<rssi> of +CSQ: 0 to 31, 99 unknown (§8.5)."""
        return max(0, min(31, (self.signal_dbm + 113) // 2)) if self.hears else 99

    def may_use(self, mccmnc: str) -> bool:
        """Whether the SIM may register there: at home, or anywhere when it may roam."""
        return self._sim.may_roam or mccmnc == self._sim.home_network

    @property
    def registration(self) -> int:
        """<stat>, the same in all domains but for faults of one domain."""
        if self.functionality != FULL_FUNCTIONALITY or self.mode == DEREGISTERED or not self.sim_ready:
            return IDLE
        if self._faults.active(Fault.NO_SIGNAL) or self._faults.active(Fault.NOT_REGISTERED):
            return SEARCHING
        if self._faults.active(Fault.REGISTRATION_DENIED):
            return DENIED
        found = self._candidate()
        if found is None:
            return SEARCHING
        if not self.may_use(found):
            return DENIED
        return HOME if found == self._sim.home_network else ROAMING

    def domain_registration(self, domain: str) -> int:
        """<stat> as one of +CREG, +CGREG, +CEREG says it."""
        return DENIED if domain == "+CREG" and self._faults.active(Fault.CS_DENIED) else self.registration

    @property
    def serving_network(self) -> str | None:
        """MCC-MNC of the network it is registered at."""
        return self._candidate() if self.registration in {HOME, ROAMING} else None

    @property
    def sim_ready(self) -> bool:
        """Whether the SIM is in and open."""
        broken = self._faults.active(Fault.SIM_ABSENT) or self._faults.active(Fault.SIM_FAILURE)
        return self._sim.pin_state is PinState.READY and not broken and not self._faults.lasts(Fault.SIM_BUSY)

    def _candidate(self) -> str | None:
        if self.mode in {MANUAL, MANUAL_THEN_AUTOMATIC} and self.selected is not None:
            usable = self._air.is_up(self.selected) and self.may_use(self.selected)
            if self.mode == MANUAL or usable:
                return self.selected if self._air.is_up(self.selected) else None
        others = [operator.mccmnc for operator in self._air.operators if self.may_use(operator.mccmnc)]
        return next((mccmnc for mccmnc in (self.network, *others) if self._air.is_up(mccmnc)), None)
