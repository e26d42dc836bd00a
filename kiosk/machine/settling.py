"""What a machine does with the files of `kiosk install`: accounts, directories, rights; and the data go to their account.

Programs are started without a shell, each with a deadline; what they wrote is kept for whoever must mend it.
"""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.machine.plan import ACCOUNT, GATEWAY_UNIT, SOCKET_UNITS, Machine

SECONDS: Final = 60.0
# There while systemd is the first process (sd_booted(3)); not in a container or while an image is made.
BOOTED: Final = Path("/run/systemd/system")

ACCOUNTS: Final = (("systemd-sysusers", "kiosk.conf"),)
DIRECTORIES: Final = (("systemd-tmpfiles", "--create", "kiosk.conf"),)
RULES: Final = (
    ("systemctl", "daemon-reload"),
    ("systemctl", "restart", "systemd-modules-load.service"),
    ("udevadm", "control", "--reload"),
    ("udevadm", "trigger", "--action=change", "--subsystem-match=tty", "--subsystem-match=hidraw"),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """A program that did not do its part."""

    command: tuple[str, ...]
    said: str


class DataForeign(Exception):
    """The data belong to somebody who is neither root nor the kiosk."""

    def __init__(self, path: Path, owner: int) -> None:
        super().__init__(f"{path}: {owner}")
        self.path = path
        self.owner = owner


def booted() -> bool:
    """Whether systemd runs this machine."""
    return BOOTED.is_dir()


def run_all(commands: Sequence[Sequence[str]]) -> tuple[Failure, ...]:
    """Run them in their order; one that fails does not keep the others from their work."""
    failures = (_run(tuple(command)) for command in commands)
    return tuple(failure for failure in failures if failure is not None)


def _run(command: tuple[str, ...]) -> Failure | None:
    try:
        done = subprocess.run(  # noqa: S603  fixed words and no shell
            command, check=False, capture_output=True, text=True, errors="replace", timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Failure(command, str(error))
    return None if done.returncode == 0 else Failure(command, (done.stderr or done.stdout).strip())


def compile_packages() -> tuple[Failure, ...]:
    """Compile our own modules: the account of the kiosk cannot, and would start three times slower."""
    packages = [str(Path(__file__).parents[2] / name) for name in ("kiosk", "screens", "hardware", "data")]
    return run_all([(sys.executable, "-m", "compileall", "-q", *packages)])


def stop_units() -> tuple[Failure, ...]:
    """Stop all that the files started."""
    return run_all(
        [("systemctl", "stop", "kiosk-terminal@*.service", GATEWAY_UNIT, *SOCKET_UNITS, "kiosk-gate@*.service")]
    )


def check_owners(machine: Machine) -> None:
    """Before anything is written: raises DataForeign for data that are neither root's nor the kiosk's."""
    ours = {0, *(account.pw_uid for account in pwd.getpwall() if account.pw_name == ACCOUNT)}
    for directory in (machine.data, *machine.others):
        if directory.is_dir() and (owner := directory.stat().st_uid) not in ours:
            raise DataForeign(directory, owner)


def hand_over(machine: Machine) -> None:
    """Give what `kiosk init` made as root to the account of the kiosk; raises KeyError and OSError.

    Only where the directory is still root's: below one of somebody else's, root must change nothing by name.
    """
    account = pwd.getpwnam(ACCOUNT)
    for directory in (machine.data, *machine.others):
        if directory.is_dir() and directory.stat().st_uid == 0:
            _give(directory, account.pw_uid, account.pw_gid)
    if machine.config.exists():
        os.chown(machine.config, 0, account.pw_gid)
        machine.config.chmod(0o640)


def _give(directory: Path, uid: int, gid: int) -> None:
    for names, descriptor in _walk(directory):
        for name in names:
            os.chown(name, uid, gid, dir_fd=descriptor, follow_symlinks=False)
    os.chown(directory, uid, gid, follow_symlinks=False)


def _walk(directory: Path) -> Iterator[tuple[list[str], int]]:
    # From the inside out: what is given away is not walked through any more.
    for _path, directories, files, descriptor in os.fwalk(directory, topdown=False):
        yield [*files, *directories], descriptor
