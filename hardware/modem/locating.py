"""Where a modem is now: ports are numbered anew at each start and replug, sockets and serial numbers are not.

A name such as /dev/ttyUSB2 is a hint. An adopted modem is looked for at its socket and interface. One that is not there, or whose
port turns out to be that of another modem, is found by its IMEI: what the modems of this process said of themselves is known, and
the free devices are asked who they are, without ever entering a PIN. Who a device is, is asked once for as long as its ports stay
as they are; one that did not tell is asked again after longer and longer pauses, for it may have been starting.
"""

import contextlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hardware.modem.finding import FoundModem, Search, look_at
from hardware.modem.probe import PROBE_PACE, PROBE_SECONDS
from hardware.modem.settings import ModemSettings, Pace
from hardware.modem.usb import Plugged, PortsUnlisted, SerialPort, Surroundings, plugged_in
from hardware.serial_line import PortMissing, PortOpener, SerialLine

# The directory of a USB interface in sysfs: bus-sockets:configuration.interface (Documentation/ABI/stable/sysfs-bus-usb).
_INTERFACE: Final = re.compile(r"(\d+-\d+(?:\.\d+)*):\d+\.(\d+)")
# Pseudo-terminals are programs of this machine.
_PSEUDO_TERMINALS: Final = "/dev/pts/"
# udev's names of sockets: what is configured by such a name belongs there.
_NAMES_OF_SOCKETS: Final = "/serial/by-path/"
# A modem needs up to half a minute before it answers; these are the first and the longest pause before a device is asked again.
_FIRST_PAUSE: Final = 15.0
_LONGEST_PAUSE: Final = 600.0
# Between two looks at whether the search of another modem is over, in seconds.
_TURN_SECONDS: Final = 0.05


def socket_of(port: str, sysfs: Path = Path("/sys")) -> tuple[str, int | None]:
    """Socket ("1-1.2") and USB interface of a port; empty and None for one that is not on USB."""
    if not port or "://" in port:
        return "", None
    device = (sysfs / "class" / "tty" / Path(os.path.realpath(port)).name / "device").resolve()
    for each in (device, *device.parents):
        if found := _INTERFACE.fullmatch(each.name):
            return found[1], int(found[2])
    return "", None


# The ports of a device and what they are at this moment: a port that comes back is another one, whatever its name.
_Ports = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """Who a device is: `imei` empty when it did not tell, and then it is not asked before `again_at` (`time.monotonic()`)."""

    ports: _Ports
    port: str
    imei: str
    again_at: float = 0.0
    pause: float = 0.0


@dataclass(slots=True, eq=False)
class Locator:
    """Finds the modems of one process; safe from any thread.

    `settings` gives all that are configured: which IMEI each must have, and the only pseudo-terminals that may be asked.
    """

    settings: Callable[[], Iterable[ModemSettings]]
    around: Surroundings = field(default_factory=Surroundings)
    opener: PortOpener = SerialLine
    pace: Pace = PROBE_PACE
    seconds: float = PROBE_SECONDS
    now: Callable[[], float] = time.monotonic
    _known: dict[str, _Known] = field(default_factory=dict)
    _seen: dict[str, _Ports] = field(default_factory=dict)
    _silent: set[tuple[str, int]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _searching: threading.Lock = field(default_factory=threading.Lock)

    def locate(self, settings: ModemSettings, cancelled: threading.Event) -> str:
        """The port to open now; PortMissing when nothing says where it is.

        May ask devices for `seconds` and a moment; when `cancelled` is set it ends at once, within a second at the latest.
        """
        first = self._first_choice(settings)
        if not first and not settings.expected_imei:
            raise PortMissing(settings.port)
        if first and self._may_be(settings, first):
            return first
        if found := self._find(settings, cancelled):
            return found
        if not first or self._is_wanted(settings, first):
            raise PortMissing(settings.port)
        # Another modem than the configured one, that nobody else waits for: a technician wants to see it.
        return first

    def note(self, port: str, imei: str) -> None:
        """The modem at this port has said who it is."""
        with self._lock, contextlib.suppress(PortsUnlisted):
            self._silent.discard(_identity(port))
            for device in self._devices():
                if any(_same(each.device, port) for each in device.ports):
                    self._known[_key(device)] = _Known(_ports(device), port, imei)

    def note_silence(self, port: str) -> None:
        """Nothing answers at this port: unless it once said who it is, it may now be another port of the modem, or another device."""
        with self._lock:
            self._silent.add(_identity(port))

    def is_elsewhere(self, settings: ModemSettings, port: str, cancelled: threading.Event) -> bool:
        """Whether `port`, which has another modem than this one, should be let go: for that one's owner, or for the right port."""
        if self._is_wanted(settings, port):
            return True
        found = self._find(settings, cancelled)
        return bool(found) and not _same(found, port)

    def _first_choice(self, settings: ModemSettings) -> str:
        adopted = settings.adopted
        if adopted is not None and adopted.socket and (found := self._at_socket(adopted.socket, adopted.interface)):
            return found
        there = settings.port and ("://" in settings.port or os.path.exists(settings.port))  # noqa: PTH110  it may be no path
        return settings.port if there else ""

    def _at_socket(self, socket: str, interface: int | None) -> str:
        directory = self.around.sysfs / "class" / "tty"
        names = sorted(directory.iterdir()) if directory.is_dir() else []
        for name in names:
            port = str(self.around.dev / name.name)
            if (name / "device").exists() and socket_of(port, self.around.sysfs) == (socket, interface):
                return port
        return ""

    def _may_be(self, settings: ModemSettings, port: str) -> bool:
        """Whether nothing is known that speaks against this port."""
        if not settings.expected_imei or "://" in port:
            return True
        imei = self._imei_at(port)
        with self._lock:
            return imei == settings.expected_imei or (imei == "" and _identity(port) not in self._silent)

    def _is_wanted(self, settings: ModemSettings, port: str) -> bool:
        """Whether another modem of the configuration is at this port."""
        imei = self._imei_at(port)
        return bool(imei) and any(each.expected_imei == imei for each in self.settings() if each.name != settings.name)

    def _imei_at(self, port: str) -> str:
        if "://" in port:
            return ""
        with self._lock:
            self._forget_what_changed()
            return next((known.imei for known in self._known.values() if known.imei and _same(known.port, port)), "")

    def _find(self, settings: ModemSettings, cancelled: threading.Event) -> str:
        """The port of the modem with the right IMEI; empty when it is nowhere, or must not be looked for."""
        imei = settings.expected_imei
        if not imei or not _may_be_elsewhere(settings):
            return ""
        with self._lock:
            # What is known need not wait for the search of another modem.
            self._forget_what_changed()
            if place := self._place_of(imei):
                return place
        with self._turn(cancelled) as mine, contextlib.suppress(PortsUnlisted):
            with self._lock:
                devices = [] if self._place_of(imei) else [one for one in self._devices() if self._is_due(one)]
            if devices and mine:
                search = Search(
                    around=self.around, opener=self.opener, pace=self.pace, seconds=self.seconds, cancelled=cancelled
                )
                found = look_at(search, devices)
                with self._lock:
                    for device, said in zip(devices, found, strict=True):
                        self._remember(device, said, called_off=cancelled.is_set())
        with self._lock:
            return self._place_of(imei)

    @contextlib.contextmanager
    def _turn(self, cancelled: threading.Event) -> Iterator[bool]:
        """One search at a time: two would take each other's ports. False when it was cancelled before its turn."""
        while not self._searching.acquire(timeout=_TURN_SECONDS):
            if cancelled.is_set():
                yield False
                return
        try:
            yield not cancelled.is_set()
        finally:
            self._searching.release()

    # With the lock

    def _place_of(self, imei: str) -> str:
        return next((known.port for known in self._known.values() if known.imei == imei), "")

    def _devices(self) -> list[Plugged]:
        """What may be asked: devices on USB, and what is configured; a port of the board has no other name to come back by."""
        configured = {os.path.realpath(one.port): one.port for one in self.settings() if "://" not in one.port}
        listed = [device for device in plugged_in(self.around) if device.ports]
        found = [device for device in listed if _may_be_asked(device, configured.keys())]
        known = {os.path.realpath(port.device) for device in listed for port in device.ports}
        unlisted = [configured[port] for port in sorted(configured.keys() - known) if Path(port).is_char_device()]
        return found + [Plugged(None, (SerialPort(device=port),)) for port in unlisted]

    def _forget_what_changed(self) -> None:
        try:
            here = {_key(device): _ports(device) for device in self._devices()}
        except PortsUnlisted:
            return
        if here != self._seen:
            # Something was plugged in or out, or is configured anew: those that said nothing may have waited for just that.
            self._seen = here
            self._known = {
                key: known for key, known in self._known.items() if known.imei and known.ports == here.get(key)
            }

    def _is_due(self, device: Plugged) -> bool:
        known = self._known.get(_key(device))
        return known is None or (not known.imei and self.now() >= known.again_at)

    def _remember(self, device: Plugged, said: FoundModem, *, called_off: bool) -> None:
        key, port = _key(device), said.port
        if port is not None and said.usable and port.probed is not None and port.probed.imei:
            self._known[key] = _Known(_ports(device), port.port.device, port.probed.imei)
        elif not called_off:
            before = self._known.get(key)
            pause = _FIRST_PAUSE if before is None else min(before.pause * 2, _LONGEST_PAUSE)
            self._known[key] = _Known(_ports(device), "", "", self.now() + pause, pause)


def _may_be_elsewhere(settings: ModemSettings) -> bool:
    """A port that is named by its socket is the only place, unless adoption or the configuration says more about places."""
    watched = settings.adopted is not None and settings.adopted.socket != ""
    return settings.anywhere or watched or _NAMES_OF_SOCKETS not in settings.port


def _may_be_asked(device: Plugged, configured: AbstractSet[str]) -> bool:
    ports = {os.path.realpath(port.device) for port in device.ports}
    if ports & configured:
        return True
    return device.usb is not None and not any(port.startswith(_PSEUDO_TERMINALS) for port in ports)


def _key(device: Plugged) -> str:
    return device.usb.path if device.usb is not None else os.path.realpath(device.ports[0].device)


def _ports(device: Plugged) -> _Ports:
    return tuple(_identity(port.device) for port in device.ports)


def _identity(port: str) -> tuple[str, int]:
    """The device node and its number: it is made anew when a port comes back."""
    try:
        return os.path.realpath(port), Path(port).stat().st_ino
    except OSError:
        return os.path.realpath(port), 0


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
