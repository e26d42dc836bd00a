"""Finding modems: every device that may be one, which of its ports to use, and what is in the way.

A stick shows three to five ports. Where the port for AT is known, only that one is asked; else all are, one after another, and all
devices at the same time. A device that another program uses is left in peace: it may be sending at this moment.
"""

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from hardware.modem.known_modems import Portless, at_interface, portless
from hardware.modem.probe import PROBE_PACE, PROBE_SECONDS, Probed, SimState, probe
from hardware.modem.settings import Pace
from hardware.modem.usb import Plugged, SerialPort, Surroundings, UsbDevice, plugged_in, port_by_name
from hardware.port_user import PortUser, find_user
from hardware.serial_line import (
    NotAPort,
    PortBusy,
    PortError,
    PortForbidden,
    PortGone,
    PortMissing,
    PortOpener,
    SerialLine,
)

MODEM_MANAGER: Final = "ModemManager"
# Beyond the limit of the last probe: closing a port that does not let go.
_GRACE: Final = 2.0
# Between two looks at whether the search was cancelled, and what a port that takes no bytes gets after that, in seconds.
_LOOK_SECONDS: Final = 0.1
_LET_GO: Final = 1.0


class Obstacle(StrEnum):
    """Why a device cannot be used as it is, or what its SIM needs; screens have a sentence for each."""

    NONE = ""

    # The port cannot be had.
    PORT_BUSY = "port_busy"  # `holder` has it, when that can be seen
    MODEM_MANAGER = "modem_manager"  # ModemManager has it
    MODEM_MANAGER_PERHAPS = "modem_manager_perhaps"  # somebody who cannot be seen, and ModemManager runs
    PORT_FORBIDDEN = "port_forbidden"  # `group` may open it, `account` is not in it
    PORT_MISSING = "port_missing"  # unplugged meanwhile, or never there
    NOT_A_PORT = "not_a_port"

    # It is no modem that can be used.
    DISC = "disc"
    NETWORK_CARD = "network_card"
    NO_DRIVER = "no_driver"
    SILENT = "silent"  # no port answers AT
    NO_SMS = "no_sms"  # AT answers, and SMS does not go over any of its ports

    # Not known yet.
    NOT_PROBED = "not_probed"

    # A modem that can be used, once its SIM can.
    NO_SIM = "no_sim"
    PIN_REQUIRED = "pin_required"
    PUK_REQUIRED = "puk_required"
    SIM_FAILURE = "sim_failure"
    SIM_BUSY = "sim_busy"
    SIM_UNREADABLE = "sim_unreadable"


_PORTLESS: Final = {
    Portless.DISC: Obstacle.DISC,
    Portless.NETWORK_CARD: Obstacle.NETWORK_CARD,
    Portless.NO_DRIVER: Obstacle.NO_DRIVER,
}
_IN_USE: Final = (Obstacle.MODEM_MANAGER, Obstacle.MODEM_MANAGER_PERHAPS, Obstacle.PORT_BUSY)
# When no port of a device can be used, the one that says most about what to do stands for all.
_TELLING: Final = (
    *_IN_USE,
    Obstacle.PORT_FORBIDDEN,
    Obstacle.NO_SMS,
    Obstacle.PORT_MISSING,
    Obstacle.NOT_A_PORT,
    Obstacle.SILENT,
    Obstacle.NOT_PROBED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPort:
    """One port and what came of asking it; `known_at` when its interface is known to speak AT."""

    port: SerialPort
    known_at: bool = False
    obstacle: Obstacle = Obstacle.NOT_PROBED
    probed: Probed | None = None
    holder: PortUser | None = None
    group: str = ""
    account: str = ""

    @property
    def usable(self) -> bool:
        """Whether AT answers and SMS goes over it, as far as its SIM lets it tell."""
        return self.probed is not None and self.probed.speaks_at and self.probed.speaks_sms is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModem:
    """One device: `port` is the one to configure or, when nothing can be used, the one that says why; None without ports.

    `interferes` when ModemManager runs, and nothing tells it to leave this device alone.
    """

    usb: UsbDevice | None
    ports: tuple[FoundPort, ...]
    port: FoundPort | None
    obstacle: Obstacle
    interferes: bool = False

    @property
    def usable(self) -> bool:
        """Whether this can be configured as a modem."""
        return self.port is not None and self.port.usable


@dataclass(frozen=True, slots=True)
class FindingProgress:
    """`port` is asked now; so many of all devices are done."""

    port: str
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How to look: `probing` asks the ports, else only their identity is read; `progress` is called from several threads."""

    around: Surroundings = field(default_factory=Surroundings)
    opener: PortOpener = SerialLine
    probing: bool = True
    pace: Pace = PROBE_PACE
    seconds: float = PROBE_SECONDS
    cancelled: threading.Event = field(default_factory=threading.Event)
    progress: Callable[[FindingProgress], None] = lambda _: None


def find_modems(search: Search, ports: Sequence[str] = ()) -> tuple[FoundModem, ...]:
    """Every device that is or may be a modem; with `ports` only those, by path or URL.

    Takes `Search.seconds` and 2 s more at most; after `Search.cancelled` no time at all, or a second for a port that takes no
    bytes, which is closed as soon as it lets go. What was not asked by then is NOT_PROBED. Raises PortsUnlisted.
    """
    around = search.around
    # A port that is named twice is one, and asked once.
    named = {port if "://" in port else os.path.realpath(port): port for port in ports}
    devices = [port_by_name(port, around) for port in named.values()] if ports else plugged_in(around)
    return look_at(search, [device for device in devices if device.ports or _portless(device)])


def look_at(search: Search, devices: Sequence[Plugged]) -> tuple[FoundModem, ...]:
    """What each of these devices is; limits as in `find_modems`."""
    looks = [_Look(search, device) for device in devices]
    if search.probing:
        _ask_all(search, looks)
    else:
        for look in looks:
            look.note_holders()
    managed = _runs(MODEM_MANAGER, search.around.proc)
    return tuple(look.result(managed=managed) for look in looks)


def _ask_all(search: Search, looks: Sequence["_Look"]) -> None:
    limit = time.monotonic() + search.seconds + _GRACE
    over, called_off = threading.Event(), False
    done: list[_Look] = []

    def ask(look: "_Look") -> None:
        try:
            look.ask(lambda port: search.progress(FindingProgress(port, len(done), len(looks))))
        finally:
            done.append(look)
            if len(done) == len(looks):
                over.set()

    threads = [threading.Thread(target=ask, args=(look,), name="finding modems", daemon=True) for look in looks]
    for thread in threads:
        thread.start()
    try:
        while looks and (left := limit - time.monotonic()) > 0 and not over.wait(min(left, _LOOK_SECONDS)):
            if search.cancelled.is_set() and not called_off:
                called_off, limit = True, min(limit, time.monotonic() + _LET_GO)
    except BaseException:
        # So that every port is closed in good order before the program ends.
        search.cancelled.set()
        for thread in threads:
            thread.join(_GRACE)
        raise


class _Look:
    """One device: asked in a thread of its own, read when that has ended or its time is over."""

    def __init__(self, search: Search, device: Plugged) -> None:
        self._search = search
        self._usb = device.usb
        known = at_interface(device.usb) if device.usb else None
        self._found = [
            FoundPort(port=port, known_at=known is not None and port.interface == known) for port in device.ports
        ]
        self._asking: int | None = None
        self._without_port = _portless(device) or Obstacle.NOT_PROBED

    def ask(self, tell: Callable[[str], None]) -> None:
        """The port that is known first; when that is not the one, and nobody uses the device, each of the others."""
        deadline = time.monotonic() + self._search.seconds
        known = [place for place, found in enumerate(self._found) if found.known_at]
        for place in known:
            self._ask_port(place, deadline, tell)
            if self._found[place].usable or self._found[place].obstacle is Obstacle.PORT_BUSY:
                return
        if self.note_holders():
            return
        for place in range(len(self._found)):
            if place not in known and self._found[place].obstacle is Obstacle.NOT_PROBED:
                self._ask_port(place, deadline, tell)
                if self._found[place].obstacle is Obstacle.PORT_BUSY:
                    return

    def note_holders(self) -> bool:
        """Write down which ports other programs have open; whether there are any."""
        held = [self._note_holder(place) for place in range(len(self._found))]
        return any(held)

    def result(self, *, managed: bool) -> FoundModem:
        """What is known now; `managed` when ModemManager runs."""
        asking = self._asking
        ports = [_named(found, managed=managed) for found in self._found]
        if asking is not None and ports[asking].obstacle is Obstacle.NOT_PROBED:
            ports[asking] = dataclasses.replace(ports[asking], obstacle=Obstacle.SILENT)
        port = _best(ports)
        return FoundModem(
            usb=self._usb,
            ports=tuple(ports),
            port=port,
            obstacle=port.obstacle if port else self._without_port,
            interferes=managed and self._usb is not None and port is not None and _is_in_reach(port),
        )

    def _ask_port(self, place: int, deadline: float, tell: Callable[[str], None]) -> None:
        left = deadline - time.monotonic()
        if left <= 0 or self._search.cancelled.is_set() or self._note_holder(place):
            return
        found = self._found[place]
        self._asking = place
        tell(found.port.device)
        try:
            probed = probe(
                found.port.device,
                opener=self._search.opener,
                pace=self._search.pace,
                seconds=left,
                cancelled=self._search.cancelled,
            )
        except PortError as error:
            self._found[place] = _refused(found, error)
        else:
            called_off = not probed.speaks_at and self._search.cancelled.is_set()
            obstacle = Obstacle.NOT_PROBED if called_off else _obstacle(probed)
            self._found[place] = dataclasses.replace(found, probed=probed, obstacle=obstacle)
        self._asking = None

    def _note_holder(self, place: int) -> bool:
        """Whether another program has the port open, also one that takes no lock; as root we could open it all the same."""
        found = self._found[place]
        user = find_user(found.port.device)
        if user is None or user.pid == os.getpid():
            return False
        self._found[place] = dataclasses.replace(found, obstacle=Obstacle.PORT_BUSY, holder=user)
        return True


def _portless(device: Plugged) -> Obstacle | None:
    kind = portless(device.usb) if device.usb and not device.ports else None
    return _PORTLESS[kind] if kind else None


def _obstacle(probed: Probed) -> Obstacle:
    if not probed.speaks_at:
        return Obstacle.SILENT
    if probed.speaks_sms is False:
        return Obstacle.NO_SMS
    return Obstacle.NONE if probed.sim is SimState.READY else Obstacle(probed.sim.value)


def _refused(found: FoundPort, error: PortError) -> FoundPort:
    match error:
        case PortBusy(owner_pid=int(pid), owner_name=str(name)):
            return dataclasses.replace(found, obstacle=Obstacle.PORT_BUSY, holder=PortUser(pid, name))
        case PortBusy():
            return dataclasses.replace(found, obstacle=Obstacle.PORT_BUSY)
        case PortForbidden():
            return dataclasses.replace(
                found, obstacle=Obstacle.PORT_FORBIDDEN, group=error.group, account=error.account
            )
        case PortMissing() | PortGone():
            return dataclasses.replace(found, obstacle=Obstacle.PORT_MISSING)
        case NotAPort():
            return dataclasses.replace(found, obstacle=Obstacle.NOT_A_PORT)
        case _:
            # It takes no bytes.
            return dataclasses.replace(found, obstacle=Obstacle.SILENT)


def _named(found: FoundPort, *, managed: bool) -> FoundPort:
    """The port with ModemManager named when that has it, or may have it."""
    if found.obstacle is not Obstacle.PORT_BUSY:
        return found
    if found.holder and found.holder.name == MODEM_MANAGER:
        return dataclasses.replace(found, obstacle=Obstacle.MODEM_MANAGER)
    # It runs as root, and only root sees which ports it has.
    perhaps = managed and found.holder is None and not found.port.left_alone
    return dataclasses.replace(found, obstacle=Obstacle.MODEM_MANAGER_PERHAPS) if perhaps else found


def _is_in_reach(found: FoundPort) -> bool:
    """Whether ModemManager would take a modem that we can use."""
    return found.usable and not found.port.left_alone


def _best(ports: Sequence[FoundPort]) -> FoundPort | None:
    """The port to configure, else the one whose obstacle says most.

    A device that somebody uses over one port is not to be driven over another, unless that is known to be the one for us.
    """
    in_use = any(found.obstacle in _IN_USE for found in ports)
    usable = [found for found in ports if found.usable and (found.known_at or not in_use)]
    if usable:
        return min(usable, key=lambda found: (not (found.probed and found.probed.speaks_sms), not found.known_at))
    rest = [found for found in ports if not found.usable]
    return min(rest, key=lambda found: (_TELLING.index(found.obstacle), not found.known_at), default=None)


def _runs(name: str, proc: Path) -> bool:
    """Whether a program of that name runs; every account may read the names (proc(5): /proc/PID/comm)."""
    for process in proc.iterdir():
        if process.name.isdecimal():
            try:
                if (process / "comm").read_text("utf-8", "replace").strip() == name:
                    return True
            except OSError:  # it has ended
                continue
    return False
