"""`kiosk-app`: starts one application for one request, ends whatever came of it, and says how it ended.

One process per connection. As root, socket-activated, it starts applications under their own account and believes
nothing but the root-owned configuration; as a child of the kiosk (`--same-account`) it starts those alone for which the
site wrote `same_account = true`. It ends when the connection does, so a kiosk that was killed leaves nothing behind.
"""

import argparse
import contextlib
import errno
import logging
import os
import pwd
import select
import signal
import socket
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.applications import process
from kiosk.applications.environment import environment
from kiosk.applications.wire import Answer, Ended, NotStarted, Request, Started, Why, answer_bytes
from kiosk.config import Config, ConfigurationErrors
from kiosk.config.model import Application
from kiosk.local_socket import END, PACKET_BYTES, BadPacket, caller_of, receive_with_descriptor
from kiosk.root_owned import owned_by_root

log = logging.getLogger("kiosk.launcher")

# A kiosk says at once what it wants.
REQUEST_SECONDS: Final = 5.0
# Between SIGTERM and SIGKILL.
PATIENCE_SECONDS: Final = 3.0

# Documentation/admin-guide/devices.txt of Linux: pseudo-terminal slaves.
_PTS_MAJORS: Final = range(136, 144)


class _Refused(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What this launcher may do."""

    config: Path
    peer: int
    """The only account that is served."""
    same_account: bool
    patience: float = PATIENCE_SECONDS


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the connection on standard input."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(prog="kiosk-app", description="Starts one application for the kiosk.")
    parser.add_argument("--config", type=Path, required=True)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--peer", help="The Unix account of the kiosk.")
    way.add_argument("--same-account", action="store_true", help="Start under the account of this process.")
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="Seconds between SIGTERM and SIGKILL.")
    given = parser.parse_args(arguments)
    peer = os.geteuid() if given.same_account else pwd.getpwnam(given.peer).pw_uid
    with socket.socket(fileno=os.dup(0)) as connection:
        # Else the connection would stay open in every child until it executes, and here.
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        rules = Rules(config=given.config, peer=peer, same_account=given.same_account, patience=given.patience)
        serve(connection, rules)


def serve(connection: socket.socket, rules: Rules) -> None:
    """One request, from its packet to the end of everything that it started."""
    try:
        pid = _begin(connection, rules)
    except _Refused as refused:
        log.warning("not started: %s", refused.why.value)
        _say(connection, NotStarted(refused.why))
        return
    _say(connection, Started())
    status = _watch(connection, pid)
    statuses = process.end_all(rules.patience)
    _say(connection, _ended(statuses.get(pid, 0) if status is None else status))


# The beginning


def _begin(connection: socket.socket, rules: Rules) -> int:
    if caller_of(connection) != rules.peer:
        raise _Refused(Why.REFUSED)
    request, terminal = _receive(connection)
    try:
        application = _application(request.application, rules)
        account = _account(application, rules)
        _check_terminal(terminal, rules.peer)
        if account is not None:
            # Programs open their terminal by its name, too; and nobody else needs it any more.
            os.fchown(terminal, account.uid, -1)
            os.fchmod(terminal, stat.S_IRUSR | stat.S_IWUSR)
        who = account or process.Account.own()
        process.adopt_orphans()
        given = environment(request, application, home=who.home, login=who.login)
        log.info("starting %s for the session %s", application.name, request.session)
        return process.start(application.argv, given, terminal, account)
    except process.CouldNotStart as error:
        log.warning("%s could not be executed: %s", request.application, error)
        why = {errno.ENOENT: Why.MISSING, errno.ENOTDIR: Why.MISSING}.get(error.number, Why.NOT_EXECUTABLE)
        raise _Refused(why) from None
    except (KeyError, OSError) as error:
        log.warning("%s could not be started: %r", request.application, error)
        raise _Refused(Why.ACCOUNT) from None
    finally:
        # Closed by then when the program runs: the kiosk would wait for a terminal that a launcher holds open.
        with contextlib.suppress(OSError):
            os.close(terminal)


def _receive(connection: socket.socket) -> tuple[Request, int]:
    try:
        packet, terminal = receive_with_descriptor(connection, REQUEST_SECONDS)
    except (BadPacket, OSError):
        raise _Refused(Why.REFUSED) from None
    try:
        return Request.from_bytes(packet), terminal
    except BadPacket:
        os.close(terminal)
        raise _Refused(Why.REFUSED) from None


def _application(name: str, rules: Rules) -> Application:
    path = rules.config if rules.same_account else owned_by_root(rules.config)
    if path is None:
        raise _Refused(Why.CONFIGURATION)
    try:
        config = Config.load(path)
    except ConfigurationErrors:
        raise _Refused(Why.CONFIGURATION) from None
    application = next((one for one in config.applications if one.name == name), None)
    if application is None:
        raise _Refused(Why.UNKNOWN)
    return application


def _account(application: Application, rules: Rules) -> process.Account | None:
    if rules.same_account != (application.account is None):
        raise _Refused(Why.REFUSED)
    if application.account is None:
        return None
    account = process.Account.named(application.account)
    # Neither may an application read what the kiosk keeps, nor do what root does.
    if account.uid in {0, rules.peer} or account.gid == 0:
        raise _Refused(Why.ACCOUNT)
    return account


def _check_terminal(terminal: int, peer: int) -> None:
    """A pseudo-terminal of the kiosk's own, and nothing else that somebody hands to root."""
    found = os.fstat(terminal)
    if not stat.S_ISCHR(found.st_mode) or os.major(found.st_rdev) not in _PTS_MAJORS or found.st_uid != peer:
        raise _Refused(Why.REFUSED)


# The end


def _watch(connection: socket.socket, pid: int) -> int | None:
    """Wait until the program has ended (its wait status) or must be ended (None)."""
    program = os.pidfd_open(pid)
    signal.signal(signal.SIGTERM, lambda *_: None)
    stopping, wakes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wakes)
    poll = select.poll()
    for descriptor in (program, connection.fileno(), stopping):
        poll.register(descriptor, select.POLLIN)
    try:
        while True:
            ready = {descriptor for descriptor, _events in poll.poll()}
            if program in ready:
                return os.waitpid(pid, 0)[1]
            if stopping in ready or _must_end(connection):
                return None
    finally:
        os.close(program)


def _must_end(connection: socket.socket) -> bool:
    try:
        packet = connection.recv(PACKET_BYTES)
    except OSError:
        return True
    if packet not in {END, b""}:
        log.warning("a packet that is not in the protocol")
    return True


def _ended(status: int) -> Ended:
    code = os.waitstatus_to_exitcode(status)
    return Ended(signal=-code) if code < 0 else Ended(code=code)


def _say(connection: socket.socket, answer: Answer) -> None:
    # Nobody may be there any more.
    with contextlib.suppress(OSError):
        connection.settimeout(REQUEST_SECONDS)
        connection.send(answer_bytes(answer))


if __name__ == "__main__":
    main()
    # Whatever a library left to do at the end would be done as root.
    sys.stderr.flush()
    os._exit(0)
