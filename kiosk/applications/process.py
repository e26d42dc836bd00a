"""Starting one program on a terminal of its own, and ending everything that came of it; for the launcher alone, which has one thread.

CouldNotStart   the program could not be executed; carries the errno
"""

import contextlib
import ctypes
import fcntl
import os
import pwd
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# prctl(2), from linux/prctl.h.
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38

# tty_ioctl(2), TIOCSCTTY: make this the controlling terminal.
_TIOCSCTTY: Final = 0x540E

_ERRNO_BYTES: Final = 4
_OUT_OF_THE_WAY: Final = 16
_LOOK_SECONDS: Final = 0.05
# What a process that was killed may take to be gone, such as one that waits for a disk.
_KILLED_SECONDS: Final = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


class CouldNotStart(Exception):
    """`number` is the errno of execve, setuid or whatever failed before it."""

    def __init__(self, number: int) -> None:
        super().__init__(os.strerror(number))
        self.number = number


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a program; None instead of it leaves this process's own."""

    login: str
    uid: int
    gid: int
    home: Path

    @classmethod
    def named(cls, login: str) -> "Account":
        """Look it up; raises KeyError."""
        found = pwd.getpwnam(login)
        return cls(found.pw_name, found.pw_uid, found.pw_gid, Path(found.pw_dir))

    @classmethod
    def own(cls) -> "Account":
        """That of this process; raises KeyError."""
        found = pwd.getpwuid(os.geteuid())
        return cls(found.pw_name, found.pw_uid, found.pw_gid, Path(found.pw_dir))


def adopt_orphans() -> None:
    """Children of children that ended become ours: a program that goes to the background stays in reach."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def start(argv: tuple[str, ...], environment: dict[str, str], terminal: int, account: Account | None) -> int:
    """Execute `argv` on `terminal` and close that here; the process id. Raises CouldNotStart."""
    heard, told = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        number = 0
        try:
            os.close(heard)
            told = _become(terminal, account, told)
            os.execve(argv[0], argv, environment)  # noqa: S606  argv comes from the configuration, and no shell reads it
        except OSError as error:
            number = error.errno or 0
        finally:
            # Whatever happened, this copy of the launcher must not go on.
            os.write(told, number.to_bytes(_ERRNO_BYTES, "little"))
            os._exit(127)
    os.close(told)
    os.close(terminal)
    with os.fdopen(heard, "rb") as answer:
        failed = answer.read(_ERRNO_BYTES)
    if failed:
        os.waitpid(pid, 0)
        raise CouldNotStart(int.from_bytes(failed, "little"))
    return pid


def _become(terminal: int, account: Account | None, told: int) -> int:
    """In the child: session, terminal, descriptors, signals and account of the program; where `told` is now."""
    launcher = os.getppid()
    os.setsid()
    # Out of the way of 0, 1 and 2.
    told, terminal = (
        fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY) for descriptor in (told, terminal)
    )
    fcntl.ioctl(terminal, _TIOCSCTTY, 0)
    for descriptor in (0, 1, 2):
        os.dup2(terminal, descriptor)
    last = 3
    os.dup2(told, last, inheritable=False)
    os.closerange(last + 1, os.sysconf("SC_OPEN_MAX"))
    for number in signal.valid_signals():
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o077)
    if account is not None:
        os.initgroups(account.login, account.gid)
        os.setresgid(account.gid, account.gid, account.gid)
        os.setresuid(account.uid, account.uid, account.uid)
    # After the change of account, which clears it.
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != launcher:
        os._exit(127)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    home = Path("/") if account is None else account.home
    try:
        os.chdir(home)
    except OSError:
        os.chdir("/")
    return last


def end_all(patience: float) -> dict[int, int]:
    """End every process below this one: ask, wait `patience` seconds, then kill; the wait statuses of its children by id."""
    statuses: dict[int, int] = {}
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, _KILLED_SECONDS)):
        asked: set[int] = set()
        deadline = time.monotonic() + seconds
        while True:
            statuses.update(reap())
            below = descendants()
            if not below:
                return statuses
            # Once; but whoever was born meanwhile too, and to kill is repeated.
            for pid in below - (asked if number is signal.SIGTERM else set()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, number)
                    # A stopped one could not hear it; what reads its terminal takes it that this is gone.
                    os.kill(pid, signal.SIGCONT)
                    if number is signal.SIGTERM:
                        os.kill(pid, signal.SIGHUP)
            asked |= below
            if time.monotonic() >= deadline:
                break
            time.sleep(_LOOK_SECONDS)
    statuses.update(reap())
    return statuses


def reap() -> dict[int, int]:
    """Wait for children that have ended, without waiting for one that has not; their statuses by id."""
    statuses = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            statuses[pid] = status
    return statuses


def descendants() -> set[int]:
    """Every living process below this one."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # proc(5): the name in brackets may hold anything; state and parent follow the last bracket.
            with contextlib.suppress(OSError):
                state, parent, *_ = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                if state != "Z":
                    children.setdefault(int(parent), []).append(int(entry.name))
    found: set[int] = set()
    waiting = [os.getpid()]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            found.add(child)
            waiting.append(child)
    return found


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
