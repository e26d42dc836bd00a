"""A machine of the test's own: a sysfs, names by path, udev's notes and a lister, with simulated modems behind the ports."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from serial.tools.list_ports_common import ListPortInfo

from hardware.modem.finding import Search
from hardware.modem.settings import Pace
from hardware.modem.usb import Surroundings
from tests.hardware.modem.harness import QUICK

# Ports that never answer are many here.
PACE = replace(QUICK, attention_tries=4, missing_final=0.1, late_information=0.05)

# Class, subclass and protocol of an interface.
Triple = tuple[int, int, int]
VENDOR_SPECIFIC: Triple = (0xFF, 0xFF, 0xFF)
DISC: Triple = (0x08, 0x06, 0x50)
ETHERNET: Triple = (0x02, 0x06, 0x00)
HUAWEI_AT: Triple = (0xFF, 0x01, 0x02)

EC25 = (0x2C7C, 0x0125)
UNKNOWN = (0xCAFE, 0x0001)
E3372_HILINK = (0x12D1, 0x14DC)


@dataclass(slots=True)
class Machine:
    """`plug` puts devices in; `around` and `search` are for the code under test."""

    root: Path
    listed: list[ListPortInfo] = field(default_factory=list)

    def __post_init__(self) -> None:
        for directory in ("sys/bus/usb/devices", "dev/serial/by-path", "proc", "udev"):
            (self.root / directory).mkdir(parents=True)

    @property
    def dev(self) -> Path:
        return self.root / "dev"

    @property
    def around(self) -> Surroundings:
        return Surroundings(
            lister=lambda: list(self.listed),
            sysfs=self.root / "sys",
            dev=self.dev,
            proc=self.root / "proc",
            udev=self.root / "udev",
        )

    def search(self, *, pace: Pace = PACE, seconds: float = 10.0) -> Search:
        return Search(around=self.around, pace=pace, seconds=seconds)

    def plug(
        self,
        path: str,
        identity: tuple[int, int],
        interfaces: Iterable[tuple[Triple, str | None]],
        *,
        manufacturer: str = "",
        name: str = "",
    ) -> None:
        """A USB device; each interface has its codes and the port that the kernel made of it."""
        device = self.root / "sys/bus/usb/devices" / path
        device.mkdir()
        described = list(interfaces)
        vendor, product = (f"{code:04x}" for code in identity)
        texts = {"idVendor": vendor, "idProduct": product, "manufacturer": manufacturer, "product": name}
        for file, text in texts.items():
            (device / file).write_text(f"{text}\n")
        for number, (triple, port) in enumerate(described):
            location = f"{path}:1.{number}"
            interface = device.with_name(location)
            interface.mkdir()
            names = ("bInterfaceNumber", "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
            for file, code in zip(names, (number, *triple), strict=True):
                (interface / file).write_text(f"{code:02x}\n")
            if port is not None:
                self._list(port, identity, location if len(described) > 1 else path)

    def plug_serial(self, port: str) -> None:
        """A port without USB."""
        self.listed.append(ListPortInfo(port))

    def name_by_path(self, name: str, port: str) -> str:
        link = self.dev / "serial/by-path" / name
        link.symlink_to(port)
        return str(link)

    def run(self, program: str, pid: int = 4711) -> None:
        """A program that runs, as everybody may see."""
        process = self.root / "proc" / str(pid)
        process.mkdir()
        (process / "comm").write_text(f"{program}\n")

    def _list(self, port: str, identity: tuple[int, int], location: str) -> None:
        info = ListPortInfo(port)
        info.vid, info.pid = identity
        info.location = location
        self.listed.append(info)
