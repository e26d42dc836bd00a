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


class Rung(StrEnum):
    """What was done to get a modem to serve again, from the gentlest on."""

    RESYNC = "resync"  # ESC, silence, AT: the dialogue was out of step
    REOPEN = "reopen"  # the port was closed and opened again
    SET_UP = "set_up"  # everything was set up again
    AUTOMATIC = "automatic"  # another program had left the choice of network manual: AT+COPS=0
    SMS_SERVICE = "sms_service"  # SMS were moved to the other side of the network: AT+CGSMS
    RADIO = "radio"  # the radio was switched off and on: AT+CFUN=0 and 1
    OUT_OF_SERVICE = "out_of_service"  # left alone for a while, since the network refuses the SIM


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryStep:
    """One attempt: `reason` is a reason code, a command or a cause ("cms_50"), `at` is `time.monotonic()`."""

    rung: Rung
    reason: str
    at: float


class ClockSource(StrEnum):
    """Where the time in a status comes from."""

    NONE = ""
    NETWORK = "network"  # the network told it just then (NITZ)
    MODEM = "modem"  # the modem's clock, which the network sets on most modems


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemStatus:
    """One modem's state with its reason code and what it says of itself; empty text and None mean "not known".

    `network` is MCC and MNC of the serving network in digits ("20408"), `imsi_network` the first five or six digits of the
    IMSI (home network), `technology` "2G", "3G", "4G", "5G" or "NB-IoT", `bars` 0 to 4, `pin_tries` the SIM PIN tries left,
    `detail` a few technical words beside the reason (the program that holds the port, the cause "cms_50" of `barred`), `since`
    the `time.monotonic()` at which `state` or `reason` last changed. Reason codes are listed in `hardware.modem.reasons`.

    `selection` is <mode> of +COPS (0 automatic, 1 manual, 2 deregistered, 4 manual first), `sms_service` <service> of +CGSMS,
    `storage_used` and `storage_total` say how full the memory is that receives messages. `clock_offset_seconds` is how far the
    time from `clock_source` is ahead of ours, read at `clock_at` (`time.monotonic()`), `clock_from_network` whether the network sets
    the modem's clock (+CTZU), None when it does not tell. `recovery` holds the last steps that were
    taken to get the modem to serve, oldest first. `socket` and `interface` say where on USB the open port is.
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
    selection: int | None = None
    sms_service: int | None = None
    storage_used: int | None = None
    storage_total: int | None = None
    clock_offset_seconds: float | None = None
    clock_source: ClockSource = ClockSource.NONE
    clock_at: float | None = None
    clock_from_network: bool | None = None
    recovery: tuple[RecoveryStep, ...] = ()
    socket: str = ""
    interface: int | None = None


def bars(signal_dbm: int | None) -> int:
    """Bars 0 to 4 for a received level in dBm (the usual thresholds of phones for RSSI)."""
    if signal_dbm is None:
        return 0
    return sum(signal_dbm >= threshold for threshold in (-107, -97, -87, -77))
