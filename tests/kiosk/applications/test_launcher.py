"""The root-owned launcher: whom it serves, what it believes, and an application under a real other account."""

import asyncio
import json
import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.applications.launcher import Rules, serve
from kiosk.applications.launching import SOCKET, Ended, Launching, NotRunning, Why
from kiosk.applications.relay import Left
from kiosk.applications.wire import NotStarted, Request, answer_from
from kiosk.machine.plan import FILES
from kiosk.root_owned import owned_by_root
from tests.kiosk.applications.desk_terminal import REQUEST, SECONDS, DeskTerminal, Sitting, alive, site, terminal

ROOT = os.geteuid() == 0
# An account that every system has and that owns nothing.
OTHER = "nobody"


@pytest.fixture
def pty() -> Iterator[int]:
    near, far = os.openpty()
    yield far
    os.close(near)
    os.close(far)


def answer(rules: Rules, packet: bytes, descriptors: list[int]) -> Why:
    """What the launcher says instead of starting anything."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        socket.send_fds(ours, [packet], descriptors)
        serve(theirs, rules)
        said = answer_from(ours.recv(1000))
    assert isinstance(said, NotStarted)
    return said.why


def rules(launching: Launching, *, same_account: bool = True) -> Rules:
    return Rules(config=launching.config, peer=os.geteuid(), same_account=same_account)


def test_another_account_than_the_kiosks_is_not_served(tmp_path: Path, pty: int) -> None:
    stranger = replace(rules(site(tmp_path, "/bin/true")), peer=os.geteuid() + 1)
    assert answer(stranger, REQUEST.to_bytes(), [pty]) is Why.REFUSED


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"x",
        b"[]",
        b"{}",
        b"[" * 2000,
        b"x" * 5000,
        json.dumps({"argv": ["/bin/sh"]}).encode(),
        replace(REQUEST, user="a\nLD_PRELOAD=x").to_bytes(),
        replace(REQUEST, user="").to_bytes(),
        replace(REQUEST, term="../../../tmp/evil").to_bytes(),
        replace(REQUEST, session="a b").to_bytes(),
        replace(REQUEST, language="xx").to_bytes(),
        REQUEST.to_bytes()[:-1] + b', "argv": "/bin/sh"}',
    ],
)
def test_a_packet_that_is_not_a_request_starts_nothing(tmp_path: Path, pty: int, packet: bytes) -> None:
    assert answer(rules(site(tmp_path, "/bin/true")), packet or b" ", [pty]) is Why.REFUSED


def test_it_wants_one_terminal_and_nothing_else(tmp_path: Path, pty: int) -> None:
    one = rules(site(tmp_path, "/bin/true"))
    near, far = os.pipe()
    with os.fdopen(near), os.fdopen(far, "w"), (tmp_path / "kiosk.toml").open(encoding="utf-8") as file:
        assert answer(one, REQUEST.to_bytes(), [pty, pty]) is Why.REFUSED
        assert answer(one, REQUEST.to_bytes(), [near]) is Why.REFUSED
        assert answer(one, REQUEST.to_bytes(), [file.fileno()]) is Why.REFUSED


def test_an_application_that_the_site_did_not_name_is_unknown(tmp_path: Path, pty: int) -> None:
    one = rules(site(tmp_path, "/bin/true"))
    assert answer(one, replace(REQUEST, application="sh").to_bytes(), [pty]) is Why.UNKNOWN


def test_the_kiosks_own_account_is_used_only_where_the_site_wrote_so(tmp_path: Path, pty: int) -> None:
    other = rules(site(tmp_path, "/bin/true", extra=""))
    assert answer(other, REQUEST.to_bytes(), [pty]) is Why.REFUSED


def test_a_broken_configuration_starts_nothing(tmp_path: Path, pty: int) -> None:
    broken = site(tmp_path, "/bin/true", extra="argv = [")
    assert answer(rules(broken), REQUEST.to_bytes(), [pty]) is Why.CONFIGURATION


def test_a_configuration_that_others_can_write_is_not_believed(tmp_path: Path, pty: int) -> None:
    launching = site(tmp_path, "/bin/true", extra=f'account = "{OTHER}"')
    launching.config.chmod(0o664)
    assert owned_by_root(launching.config) is None
    assert answer(rules(launching, same_account=False), REQUEST.to_bytes(), [pty]) is Why.CONFIGURATION
    launching.config.chmod(0o644)
    tmp_path.chmod(0o777)
    assert owned_by_root(launching.config) is None


@pytest.mark.skipif(not ROOT, reason="only root's files can be believed, and only root owns some")
@pytest.mark.parametrize("account", ["no-such-account", "toor"])
def test_no_application_runs_as_root_or_as_nobody_knows_whom(
    tmp_path: Path, pty: int, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = pwd.getpwuid(0)

    def named(name: str) -> pwd.struct_passwd:
        if name == "toor":
            return root
        raise KeyError(name)

    monkeypatch.setattr(pwd, "getpwnam", named)
    launching = site(tmp_path, "/bin/true", extra=f'account = "{account}"')
    assert answer(rules(launching, same_account=False), REQUEST.to_bytes(), [pty]) is Why.ACCOUNT


class Systemd:
    """What a socket unit with `Accept=yes` does: one launcher per connection."""

    def __init__(self, launching: Launching) -> None:
        self._launching = launching
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.bind(str(launching.socket_path))
        self._socket.listen()
        self.launchers: list[subprocess.Popen[bytes]] = []
        asyncio.get_running_loop().add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        connection, _address = self._socket.accept()
        given = ["--config", str(self._launching.config), "--peer", "root", "--patience", "0.2"]
        with connection:
            command = [sys.executable, "-I", "-m", "kiosk.applications.launcher", *given]
            self.launchers.append(subprocess.Popen(command, stdin=connection.fileno(), stderr=subprocess.DEVNULL))

    def close(self) -> list[int]:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        return [launcher.wait(SECONDS) for launcher in self.launchers]


async def under_another_account(desk: DeskTerminal, launching: Launching, request: Request = REQUEST) -> Sitting:
    return Sitting(desk, await launching.start(request, same_account=False, size=(80, 24)))


def owner(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.mark.skipif(not ROOT, reason="only root can start a program under another account")
async def test_an_application_runs_under_its_own_account_and_ends_for_root_alone(tmp_path: Path) -> None:
    secret = tmp_path / "kiosk.db"
    secret.write_text("secret", encoding="utf-8")
    secret.chmod(0o600)
    code = (
        "id -u; id -G; echo HOME=$HOME USER=$USER; tty; cat " + str(secret) + "; trap '' TERM HUP;"
        " echo pid $$; echo x >$(tty) && echo ready; while :; do sleep 1; done"
    )
    launching = site(tmp_path, "/bin/sh", "-c", code, extra=f'account = "{OTHER}"')
    systemd = Systemd(launching)
    account = pwd.getpwnam(OTHER)
    try:
        with terminal() as desk:
            sitting = await under_another_account(desk, launching)
            shown = asyncio.create_task(sitting.shown())
            await desk.sees(rb"ready")
            drawn = desk.drawn
            pid = int((await desk.sees(rb"pid (\d+)"))[1])
            assert f"\r\n{account.pw_gid}\r\nHOME={account.pw_dir} USER={OTHER}".encode() in drawn
            assert owner(pid) == account.pw_uid
            assert b"Permission denied" in drawn
            assert b"secret" not in drawn
            assert await sitting.over() == Ended(signal=9)
            assert await shown is Left.ENDED
            assert not alive(pid)
    finally:
        assert systemd.close() == [0]


async def test_no_launcher_at_the_socket_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotRunning) as caught:
        await site(tmp_path, "/bin/true").start(REQUEST, same_account=False, size=(80, 24))
    assert caught.value.why is Why.NO_LAUNCHER


def test_the_unit_that_install_writes_asks_for_options_that_the_launcher_has() -> None:
    units = FILES / "etc/systemd/system"
    service = (units / "kiosk-app@.service").read_text(encoding="utf-8")
    assert f"ListenSequentialPacket={SOCKET}\n" in (units / "kiosk-app.socket").read_text(encoding="utf-8")
    given = service.split("kiosk.applications.launcher ")[1].split("\n")[0].split()
    found = subprocess.run(
        [sys.executable, "-I", "-m", "kiosk.applications.launcher", *given, "--help"], capture_output=True, check=False
    )
    assert found.returncode == 0
