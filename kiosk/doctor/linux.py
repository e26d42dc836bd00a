"""The machine that this process runs on."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hardware.port_user import PortUser, find_user
from hardware.yubikey.bus import KeyBus
from hardware.yubikey.hidraw import HidrawBus
from kiosk.doctor.machine import FileFacts, Room

_ANSWER_SECONDS: Final = 3.0
# Rules of udev and settings of the console are far smaller.
_LARGEST_TEXT: Final = 100_000
_BLOCK: Final = Path("/sys/dev/block")


class LinuxMachine:
    """See `Machine`."""

    def __init__(self, keys: KeyBus | None = None) -> None:
        self._keys = HidrawBus() if keys is None else keys

    @property
    def account(self) -> str:
        """Name of our account; its number where it has no name, as in a container."""
        try:
            return pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            return str(os.geteuid())

    @property
    def is_root(self) -> bool:
        """Whether we are root."""
        return os.geteuid() == 0

    @property
    def environment(self) -> Mapping[str, str]:
        """Our variables."""
        return os.environ

    def file(self, path: Path) -> FileFacts | None:
        """Of what a link leads to."""
        try:
            facts = path.stat()
        except OSError:
            return None
        try:
            group = grp.getgrgid(facts.st_gid).gr_name
        except KeyError:
            group = str(facts.st_gid)
        return FileFacts(
            mode=stat.S_IMODE(facts.st_mode),
            group=group,
            ours=facts.st_uid == os.geteuid(),
            usable=os.access(path, os.R_OK | os.W_OK),
        )

    def text(self, path: Path) -> str:
        """The beginning of a text."""
        try:
            with path.open("rb") as file:
                return file.read(_LARGEST_TEXT).decode("utf-8", "replace")
        except OSError:
            return ""

    def names(self, directory: Path) -> tuple[str, ...]:
        """Names in a directory."""
        try:
            return tuple(sorted(path.name for path in directory.iterdir()))
        except OSError:
            return ()

    def room(self, path: Path) -> Room | None:
        """As `df` shows it to us."""
        try:
            usage = shutil.disk_usage(path)
        except OSError:
            return None
        return Room(total=usage.total, free=usage.free)

    def layers(self, path: Path) -> tuple[str, ...] | None:
        """The device mapper's names of the block device under `path` and of those that it lies on."""
        try:
            device = path.stat().st_dev
        except OSError:
            return None
        block = _BLOCK / f"{os.major(device)}:{os.minor(device)}"
        if not block.exists():
            return None
        found: list[str] = []
        waiting = [block]
        while waiting:
            one = waiting.pop()
            found.append(self.text(one / "dm" / "uuid").strip())
            waiting += [one / "slaves" / name for name in self.names(one / "slaves")]
        return tuple(name for name in found if name)

    def programs(self) -> frozenset[str]:
        """Names of processes, cut by the kernel at 15 characters."""
        names = (
            self.text(Path("/proc") / name / "comm").strip() for name in self.names(Path("/proc")) if name.isdecimal()
        )
        return frozenset(name for name in names if name)

    def holder(self, path: Path) -> PortUser | None:
        """As /proc tells this account."""
        return find_user(str(path))

    def answer(self, *argv: str) -> str:
        """Standard output of a program without a keyboard."""
        try:
            done = subprocess.run(  # noqa: S603  the checks hold the names of programs
                argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=_ANSWER_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""

    def closed_key_nodes(self) -> tuple[str, ...] | None:
        """Without opening any."""
        nodes = self._keys.nodes()
        return tuple(node.path for node in nodes if not node.may_open) if nodes else None
