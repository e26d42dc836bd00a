"""Which process holds a device: what /proc tells this account (proc(5): /proc/locks, /proc/PID/fd)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class PortUser:
    """A process: its id and its name as the kernel knows it."""

    pid: int
    name: str


def find_user(path: str) -> PortUser | None:
    """The process that has locked the device at `path`, else one that has it open; None when it cannot be seen."""
    try:
        device = Path(path).stat()
    except OSError:
        return None
    for pid in (*_lock_holders(device), *_openers(device)):
        try:
            return PortUser(pid, (_PROC / str(pid) / "comm").read_text("utf-8", "replace").strip())
        except OSError:
            continue
    return None


def _lock_holders(device: os.stat_result) -> Iterator[int]:
    """Ids in lines like `1: FLOCK  ADVISORY  WRITE 4711 00:18:5 0 EOF` (the device in hexadecimal, then the inode)."""
    wanted = f"{os.major(device.st_dev):02x}:{os.minor(device.st_dev):02x}:{device.st_ino}"
    try:
        lines = (_PROC / "locks").read_text("ascii", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        words = line.split()
        if "FLOCK" in words and wanted in words:
            pid = words[words.index(wanted) - 1]
            if pid.isdecimal() and int(pid) > 0:
                yield int(pid)


def _openers(device: os.stat_result) -> Iterator[int]:
    for process in _PROC.iterdir():
        if not process.name.isdecimal():
            continue
        try:
            descriptors = list((process / "fd").iterdir())
        except OSError:  # it has ended, or belongs to another account
            continue
        if any(_is_device(descriptor, device) for descriptor in descriptors):
            yield int(process.name)


def _is_device(descriptor: Path, device: os.stat_result) -> bool:
    try:
        return descriptor.stat().st_rdev == device.st_rdev and device.st_rdev != 0
    except OSError:
        return False
