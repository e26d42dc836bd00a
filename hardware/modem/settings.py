"""What the configuration says of one modem, and every time limit of the engine."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from hardware.modem.status import ModemName


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Every wait of the engine in seconds, so that tests can shorten them.

    The defaults come from what other senders use and from 24.011 clause 10.1 (TR1M is 35 to 45 s): `final` must never be
    below 60 s on a real network.
    """

    basic: float = 3.0  # an ordinary command
    first: float = 5.0  # an ordinary command right after opening
    attention: float = 0.5  # one AT while waking the modem up
    attention_tries: int = 10
    drain: float = 0.2  # after ESC CR at opening
    quiet: float = 0.3  # silence that counts as "nothing more is coming"
    sim_read: float = 10.0  # +CPIN?
    sim_enter: float = 30.0  # +CPIN=
    sim_busy: float = 30.0  # total patience with a SIM that is busy or an SMS service that is not ready
    sim_busy_first: float = 0.2  # first back-off of those, doubling up to
    sim_busy_most: float = 2.0
    radio: float = 15.0  # +CFUN=1
    prompt: float = 10.0  # AT+CMGS → >
    final: float = 120.0  # Ctrl-Z → +CMGS
    slow_network: float = 25.0  # Ctrl-Z → "still waiting"
    after_ok: float = 5.0  # an OK without +CMGS → the +CMGS that may follow it
    late: float = 180.0  # after an unknown result a late +CMGS still counts
    missing_final: float = 1.0  # an answer to +CPIN? without its OK
    late_information: float = 0.2  # an information line that comes after its OK
    escape: float = 1.0  # ESC → what the modem says to it
    operator_set: float = 180.0
    operator_scan: float = 300.0
    operator_arrive: float = 10.0  # a network was chosen → registered there
    ussd: float = 20.0
    ussd_more: float = 2.0  # after an answer by USSD: a second one may follow
    job_read: float = 0.02  # longest single read while a job runs: how soon a cancellation is seen
    idle_read: float = 1.0  # longest single read while idle
    close: float = 2.0  # giving the port back, on top of `stop`
    stop: float = 10.0  # patience with a committed job when the owner stops
    reopen_first: float = 0.5  # first wait before a lost port is opened again, doubling up to
    reopen_most: float = 10.0
    busy_retry: float = 5.0  # before a modem that is still at an unanswered message is asked again
    sim_retry: float = 30.0  # before a SIM that cannot be used is looked at again
    no_network: float = 300.0  # without a network → the radio is switched off and on
    radio_again: float = 900.0  # at least so long between two of those
    echo: float = 2.0  # sixteen characters written → their echo
    list_messages: float = 60.0  # fifty messages on a slow SIM
    empty_memory: float = 10.0  # deleting what is read in the memory
    out_of_service: float = 600.0  # before a modem that was refused by its network is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a technician confirmed: this modem with this SIM in this socket ("1-1.2", empty without USB)."""

    imei: str
    iccid: str
    socket: str = ""
    interface: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemSettings:
    """One configured modem.

    `port` is a path or a pyserial URL (`socket://host:port`). `pin_file` holds the SIM PIN (4 to 8 digits, readable by its
    owner only) and is read only when the SIM asks. `imei` and `iccid`, when given, must be those of the device: another
    modem or SIM gets no PIN and no SMS. `smsc` (E.164) is written to the SIM only when that has none.

    `adopted` is what a technician confirmed; without it a modem that `must_be_adopted` is only looked at. `anywhere` lets it
    come back in another socket.
    """

    name: ModemName
    port: str
    pin_file: Path | None = None
    imei: str | None = None
    iccid: str | None = None
    smsc: str | None = field(default=None, repr=False)
    baud: int = 115200
    health_seconds: float = 30.0
    simulated: bool = False
    pace: Pace = Pace()
    adopted: Identity | None = None
    must_be_adopted: bool = False
    anywhere: bool = False

    @property
    def expected_imei(self) -> str:
        """The modem that it must be; empty for any."""
        return self.imei or (self.adopted.imei if self.adopted is not None else "")

    @property
    def expected_iccid(self) -> str:
        """The SIM that it must be; empty for any."""
        return self.iccid or (self.adopted.iccid if self.adopted is not None else "")


class RefusedPins(Protocol):
    """Memory of PIN entries, so that no wrong value is ever entered twice; survives a crash between entry and answer."""

    def may_enter(self, iccid: str, pin: str, *, tries_left: int) -> bool:
        """Whether this pair has never been refused, and a try without a known outcome has not cost a try."""
        ...

    def entering(self, iccid: str, pin: str, *, tries_left: int) -> None:
        """Note, durably, that the value is about to be entered; OSError when that is not possible."""
        ...

    def accepted(self, iccid: str, pin: str) -> None:
        """The SIM took it: forget the note."""
        ...

    def refused(self, iccid: str, pin: str) -> None:
        """The SIM refused it: never again."""
        ...
