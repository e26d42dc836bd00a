"""What is known of one modem at one moment."""

from dataclasses import dataclass, field
from enum import StrEnum

ModemName = str


class ModemState(StrEnum):
    """Whether a modem can send, and what kind of help it needs if not."""

    STARTING = "starting"  # being opened and set up
    READY = "ready"  # registered: an SMS can go out
    NO_NETWORK = "no_network"  # well, but not registered
    SIM_PROBLEM = "sim_problem"  # no SIM, locked, blocked, or not the adopted one
    DOWN = "down"  # there, but it does not serve: silent, unfit, barred
    GONE = "gone"  # the port cannot be opened or has vanished


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemStatus:
    """One modem's state with its reason code and what it says of itself; empty text and None mean "not known".

    `network` is MCC and MNC of the serving network in digits ("20408"), `imsi_network` the first five or six digits of the
    IMSI (home network), `technology` "2G", "3G", "4G", "5G" or "NB-IoT", `bars` 0 to 4, `pin_tries` the SIM PIN tries left,
    `detail` a few technical words beside the reason (the program that holds the port), `since` the `time.monotonic()` at which `state` or `reason` last changed. Reason codes are listed in
    `hardware.modem.reasons`.
    """

    name: ModemName
    port: str
    state: ModemState
    reason: str = ""
    detail: str = ""
    manufacturer: str = ""
    model: str = ""
    revision: str = ""
    imei: str = ""
    iccid: str = ""
    imsi_network: str = ""
    network: str = ""
    network_name: str = ""
    technology: str = ""
    registered: bool = False
    signal_dbm: int | None = None
    bars: int = 0
    service_centre: str = field(default="", repr=False)
    pin_tries: int | None = None
    simulated: bool = False
    since: float = 0.0


def bars(signal_dbm: int | None) -> int:
    """Bars 0 to 4 for a received level in dBm (the usual thresholds of phones for RSSI)."""
    if signal_dbm is None:
        return 0
    return sum(signal_dbm >= threshold for threshold in (-107, -97, -87, -77))
