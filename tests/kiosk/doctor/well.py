"""A machine, a configuration and a database in which nothing is wrong; each test spoils one thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from data.audit_check import HeadState
from hardware.port_user import PortUser
from kiosk.clock import ClockComparison, ClockHealth
from kiosk.config import Config
from kiosk.doctor.checks import examine
from kiosk.doctor.facts import Facts, Known
from kiosk.doctor.found import Found, Sign
from kiosk.doctor.machine import FileFacts, Room
from kiosk.keeping.state import Kept
from kiosk.methods.phone_clocks import PhoneClocks
from kiosk.technician.overview import Health, ModemOverview, Overview

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_000 * DAY
PORT = Path("/dev/ttyUSB2")
LOCK = Path("/srv/kiosk/dispatcher.lock")
KIOSK = PortUser(4711, "kiosk")
MODEM_RULE = Path("/etc/udev/rules.d/78-kiosk-modem.rules")
KEY_RULE = Path("/etc/udev/rules.d/70-kiosk-yubikey.rules")
CONFIGURATION = """
[site]
name = "Receptie Noord"
[modem.noord]
port = "/dev/ttyUSB2"
[backup]
directory = "/media/backup"
[[application]]
label = "Roosters"
argv = ["/usr/bin/roosters"]
"""


def config(text: str = CONFIGURATION) -> Config:
    return Config.parse(text, Path("/srv/kiosk/kiosk.toml"))


PRIVATE = FileFacts(mode=0o600, group="kiosk", ours=True, usable=True)
DIRECTORY = FileFacts(mode=0o700, group="kiosk", ours=True, usable=True)


@dataclass
class WellMachine:
    """Answers what it was made with."""

    account: str = "kiosk"
    is_root: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: {"TERM": "linux", "LANG": "C.UTF-8"})
    files: dict[Path, FileFacts | None] = field(default_factory=dict)
    texts: dict[Path, str] = field(
        default_factory=lambda: {
            MODEM_RULE: 'ENV{ID_MM_DEVICE_IGNORE}="1"',
            KEY_RULE: 'KERNEL=="hidraw*", GROUP="kiosk"',
            Path("/etc/default/console-setup"): 'FONTFACE="Terminus"\n',
        }
    )
    rooms: dict[Path, Room | None] = field(default_factory=dict)
    beneath: tuple[str, ...] | None = ("CRYPT-LUKS2-ab12",)
    running: frozenset[str] = frozenset({"systemd", "kiosk"})
    holders: dict[Path, PortUser | None] = field(default_factory=lambda: {LOCK: KIOSK, PORT: KIOSK})
    answers: dict[str, str] = field(default_factory=dict)
    closed: tuple[str, ...] | None = None

    def file(self, path: Path) -> FileFacts | None:
        return self.files.get(path, DIRECTORY if "." not in path.name else PRIVATE)

    def text(self, path: Path) -> str:
        return self.texts.get(path, "")

    def names(self, directory: Path) -> tuple[str, ...]:
        return tuple(sorted(path.name for path in self.texts if path.parent == directory))

    def room(self, path: Path) -> Room | None:
        return self.rooms.get(path, Room(total=10**10, free=5 * 10**9))

    def layers(self, path: Path) -> tuple[str, ...] | None:
        del path
        return self.beneath

    def programs(self) -> frozenset[str]:
        return self.running

    def holder(self, path: Path) -> PortUser | None:
        return self.holders.get(path)

    def answer(self, *argv: str) -> str:
        return self.answers.get(argv[0], "")

    def closed_key_nodes(self) -> tuple[str, ...] | None:
        return self.closed


def modem(**changes: Any) -> ModemOverview:
    well = ModemOverview(
        name="noord", health=Health.GOOD, model="EC25", revision="", port=str(PORT), imei_tail="", iccid_tail="",
        network="KPN", network_code="20408", technology="4G", dbm=-71, bars=4, pin_tries=3, storage=None,
        clock_offset=None, simulated=False, on_time=1, failed=0, unknown=0, last_sent_at=NOW, last_unknown_at=None,
        results=(), history=(), recovery=(),
    )  # fmt: skip
    return replace(well, **changes)


def known(**changes: Any) -> Known:
    well = Known(
        now=NOW,
        damage="",
        head=HeadState.CURRENT,
        checked_at=NOW - 6 * HOUR,
        overview=Overview(at=NOW, modems=(modem(),)),
        health=ClockHealth.OK,
        times=ClockComparison(network=None, modems={}),
        phones=PhoneClocks(people=0, steps=None),
        kept=Kept(backup_at=NOW - 6 * HOUR, rehearsed_at=NOW - 30 * DAY, key_on_paper=True),
        only_sms=(),
        administrators=2,
        suspended=(),
        break_glass=False,
        expected_since=NOW - 90 * DAY,
    )
    return replace(well, **changes)


def facts(machine: WellMachine | None = None, *, configuration: str = CONFIGURATION, **changes: Any) -> Facts:
    return Facts(machine=machine or WellMachine(), config=config(configuration), known=known(**changes))


def wrong(given: Facts) -> set[tuple[str, str, Sign]]:
    """Everything that is not good."""
    return {(one.check, one.variant, one.sign) for one in examine(given) if one.sign is not Sign.GOOD}


def only(given: Facts, check: str) -> Found:
    """What one check found."""
    [found] = [one for one in examine(given) if one.check == check]
    return found
