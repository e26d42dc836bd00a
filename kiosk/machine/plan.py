"""What `kiosk install` puts on a machine: one data file for each, below `files/`, at the place where it will lie.

A word between two `@` in such a file is filled in; nothing else in it changes.
"""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from kiosk.config import Config

FILES: Final = Path(__file__).with_name("files")
SANDBOX: Final = Path(__file__).with_name("sandbox.conf")
UNITS: Final = PurePosixPath("/etc/systemd/system")
GATEWAY_UNIT: Final = "kiosk-gateway.service"
SOCKET_UNITS: Final = ("kiosk-app.socket", "kiosk-gate.socket", "kiosk-clock.socket")
ACCOUNT: Final = "kiosk"
DEFAULT_CONFIG: Final = Path("/etc/kiosk/kiosk.toml")
DEFAULT_DATA: Final = Path("/var/lib/kiosk")
# Debian's console-setup-linux; an odd name for the one font that has all signs of the pages.
FONT: Final = "CyrKoi-TerminusBold16"
# F1 to F10 follow each other on the keyboard; logind keeps one of them free for a login.
CONSOLES: Final = range(1, 11)

_PLACEHOLDER: Final = re.compile(r"@([A-Z_]+)@")
# Means the same in a unit, in a rule of udev, in tmpfiles.d and in a shell script, without any quoting.
_PLAIN: Final = re.compile(r"/[A-Za-z0-9._/+-]*")
# What a sandboxed service does not see (systemd.exec(5), ProtectHome= and PrivateTmp=).
_HIDDEN: Final = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))  # noqa: S108  nothing is written there


@dataclass(frozen=True, slots=True)
class File:
    """A file to write: where, what, and with which permissions."""

    path: PurePosixPath
    content: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link to make."""

    path: PurePosixPath
    target: str


Item = File | Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What differs from machine to machine; every path is absolute."""

    program: Path
    python: Path
    config: Path
    data: Path
    """The directory of database, key and state."""
    others: tuple[Path, ...] = ()
    """Other directories of the kiosk, which may come and go: key, back-ups, the exchange folder."""
    lent: tuple[Path, ...] = ()
    """Somebody else's directories that the kiosk writes: that of the status file."""
    consoles: tuple[int, ...] = (1,)
    technician: int = 6
    """The console with a login for the technician; 0: none."""
    gateway: bool = True
    network: bool = False
    """A modem is reached over the network."""


class PlaceUnusable(Exception):
    """A path cannot be given to a service: `why` is `characters`, `hidden` or `shared`."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def machine_of(
    config: Config | None,
    *,
    path: Path,
    program: Path,
    python: Path,
    consoles: tuple[int, ...] = (1,),
    technician: int = 6,
) -> Machine:
    """The machine of a site, or of one that is still to be made at `path`; raises PlaceUnusable."""
    data = DEFAULT_DATA if config is None else config.database.path.parent
    others: tuple[Path, ...] = ()
    lent: tuple[Path, ...] = ()
    if config is not None:
        kept = (config.keys.path.parent, config.state.path, config.backup.directory)
        wanted = (*kept, None if config.exchange is None else config.exchange.path)
        others = tuple(place for place in wanted if place is not None and not place.is_relative_to(data))
        status = config.monitoring.textfile
        # The file is replaced, so its directory must be writable.
        lent = () if status is None or status.is_relative_to(data) else (status.parent,)
    machine = Machine(
        program=program,
        python=python,
        config=path,
        data=data,
        others=others,
        lent=lent,
        consoles=consoles,
        technician=technician,
        gateway=config is not None and bool(config.modems),
        network=config is not None and any("://" in modem.port for modem in config.modems),
    )
    _check_places(machine)
    return machine


def _check_places(machine: Machine) -> None:
    for place in (machine.program, machine.python, machine.config, machine.data, *machine.others, *machine.lent):
        if not _PLAIN.fullmatch(str(place)):
            raise PlaceUnusable(place, "characters")
        if any(place.is_relative_to(hidden) for hidden in _HIDDEN):
            raise PlaceUnusable(place, "hidden")
    if any(machine.config.is_relative_to(place) for place in (machine.data, *machine.others, *machine.lent)):
        # Whoever may replace the configuration decides what root's launcher starts.
        raise PlaceUnusable(machine.config, "shared")


def plan(machine: Machine) -> tuple[Item, ...]:
    """Everything to write, in a fixed order; the directory of the configuration takes the place of /etc/kiosk."""
    return (*_files(machine), *_links(machine))


def _files(machine: Machine) -> Iterator[File]:
    words = _words(machine)
    for source in sorted(FILES.rglob("*")):
        if source.is_file():
            below = source.relative_to(FILES)
            place = PurePosixPath("/") / below
            if place.is_relative_to("/etc/kiosk"):
                place = PurePosixPath(machine.config.parent) / place.name
            content = source.read_text(encoding="utf-8")
            yield File(place, _fill(content, words), 0o755 if content.startswith("#!") else 0o644)


def _links(machine: Machine) -> Iterator[Link]:
    wanted = UNITS / "multi-user.target.wants"
    for number in machine.consoles:
        yield Link(UNITS / f"getty@tty{number}.service", "/dev/null")
        yield Link(wanted / f"kiosk-terminal@tty{number}.service", str(UNITS / "kiosk-terminal@.service"))
    yield Link(UNITS / "ctrl-alt-del.target", "/dev/null")
    for unit in SOCKET_UNITS:
        yield Link(UNITS / "sockets.target.wants" / unit, str(UNITS / unit))
    if machine.gateway:
        yield Link(wanted / GATEWAY_UNIT, str(UNITS / GATEWAY_UNIT))


def _words(machine: Machine) -> Mapping[str, str]:
    consoles = sorted({*machine.consoles, machine.technician} - {0})
    writable = [str(machine.data), *(f"-{place}" for place in (*machine.others, *machine.lent))]
    words = {
        "PROGRAM": str(machine.program),
        "PYTHON": str(machine.python),
        "CONFIG": str(machine.config),
        "CONFIG_DIRECTORY": str(machine.config.parent),
        "DATA": str(machine.data),
        "WRITABLE": " ".join(writable),
        "FONT": FONT,
        "TECHNICIAN": str(machine.technician),
        "OPEN": " ".join(map(str, consoles)),
        "OFFLINE": "no" if machine.network else "yes",
        "FAMILIES": "AF_UNIX AF_INET AF_INET6" if machine.network else "AF_UNIX",
    }
    return words | {"SANDBOX": _fill(SANDBOX.read_text(encoding="utf-8"), words).rstrip("\n")}


def _fill(text: str, words: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: words[found[1]], text)


def runs_for_all(path: Path) -> bool:
    """Whether a service of another account can start what lies at `path`, through every link on the way."""
    try:
        whole = path.resolve(strict=True)
        hidden = any(whole.is_relative_to(place) for place in _HIDDEN)
        return not hidden and all(place.stat().st_mode & stat.S_IXOTH for place in (whole, *whole.parents))
    except OSError:
        return False
