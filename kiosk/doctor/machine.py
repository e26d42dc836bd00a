"""What the checks ask of a machine; `kiosk.doctor.linux` asks the real one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hardware.port_user import PortUser


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """`mode` are permission bits, `group` is a name; `ours`: it belongs to this account, `usable`: we may read and write it."""

    mode: int
    group: str
    ours: bool
    usable: bool


@dataclass(frozen=True, slots=True)
class Room:
    """Of a file system, in bytes."""

    total: int
    free: int


class Machine(Protocol):
    """Asking never changes anything and never waits longer than some seconds."""

    @property
    def account(self) -> str:
        """Name of the account that this process belongs to."""

    @property
    def is_root(self) -> bool:
        """Whether permissions mean nothing to it."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables of this process."""

    def file(self, path: Path) -> FileFacts | None:
        """A file or directory; None when it is not there or cannot be seen."""

    def text(self, path: Path) -> str:
        """The contents of a small text; empty when it cannot be read."""

    def names(self, directory: Path) -> tuple[str, ...]:
        """What is in a directory, sorted; empty when it cannot be read."""

    def room(self, path: Path) -> Room | None:
        """Of the file system that `path` is on; None when it cannot be asked."""

    def layers(self, path: Path) -> tuple[str, ...] | None:
        """Kinds of what the file system of `path` lies on, such as "CRYPT-LUKS2-…"; None when its device cannot be seen."""

    def programs(self) -> frozenset[str]:
        """Names of all that runs, as the kernel knows them."""

    def holder(self, path: Path) -> PortUser | None:
        """The process that has a file or device locked or open."""

    def answer(self, *argv: str) -> str:
        """What a program says; empty when it is not there, fails or takes too long."""

    def closed_key_nodes(self) -> tuple[str, ...] | None:
        """Nodes of security keys that we may not open; None when none is plugged in."""
