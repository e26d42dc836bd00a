import contextlib
import fcntl
import grp
import os
import pwd
import re
import select
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware import port_user, serial_line
from hardware.errors import HardwareError
from hardware.serial_line import (
    NotAPort,
    PortBusy,
    PortError,
    PortForbidden,
    PortGone,
    PortMissing,
    SerialLine,
    WriteStuck,
)

# ioctl that reads what TIOCEXCL has set (Linux asm-generic/ioctls.h).
TIOCGEXCL = 0x80045440
HOLDER = """
import sys
from hardware.serial_line import SerialLine
with SerialLine(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


class Terminal:
    """A pseudo-terminal: `port` for the line under test, `master` for the test."""

    def __init__(self) -> None:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._open = [self.master, self._slave]

    def unplug(self) -> None:
        while self._open:
            os.close(self._open.pop())

    def fill(self) -> None:
        """Write into the port until it takes no more."""
        os.set_blocking(self._slave, False)
        # The kernel moves bytes on for a moment, which makes room again.
        while select.select([], [self._slave], [], 0.05)[1]:
            with contextlib.suppress(BlockingIOError):
                os.write(self._slave, b"x" * 4096)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.unplug()


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_what_comes_in_is_read_at_once(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        os.write(terminal.master, b"\r\nOK\r\n")
        assert line.read(soon()) == b"\r\nOK\r\n"


def test_what_is_written_goes_out_unchanged(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        line.write(b"AT\r\x1a\x1b\x00\xff")
        assert os.read(terminal.master, 100) == b"AT\r\x1a\x1b\x00\xff"


def test_nothing_is_read_at_the_deadline(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        started = time.monotonic()
        assert line.read(started + 0.05) == b""
        assert 0.04 < time.monotonic() - started < 2


def test_a_deadline_that_is_over_still_reads_what_is_there(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        os.write(terminal.master, b"x")
        select.select([line._serial.fileno()], [], [], 5)
        assert line.read(0.0) == b"x"


def test_an_idle_read_is_woken_within_a_millisecond(terminal: Terminal) -> None:
    waits = []
    with SerialLine(terminal.port) as line:
        for _ in range(20):
            woken = threading.Event()
            at: list[float] = []

            def read(at: list[float] = at, woken: threading.Event = woken) -> None:
                line.read(time.monotonic() + 5)
                at.append(time.monotonic())
                woken.set()

            thread = threading.Thread(target=read)
            thread.start()
            started = time.monotonic()
            line.cancel_read()
            assert woken.wait(5)
            thread.join()
            waits.append(at[0] - started)
    # The quickest quarter: on a busy machine the scheduler adds its own time to the others.
    assert sorted(waits)[len(waits) // 4] < 0.001


def test_waking_before_the_read_is_not_lost(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        line.cancel_read()
        started = time.monotonic()
        assert line.read(started + 5) == b""
        assert time.monotonic() - started < 2


def test_waking_a_closed_line_does_nothing(terminal: Terminal) -> None:
    line = SerialLine(terminal.port)
    line.close()
    line.close()
    line.cancel_read()


def test_an_unplugged_port_is_gone(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        terminal.unplug()
        with pytest.raises(PortGone):
            line.read(soon())


def test_writing_to_an_unplugged_port_says_gone(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        terminal.unplug()
        with pytest.raises(PortGone):
            line.write(b"AT\r")


def test_reading_a_closed_line_says_gone(terminal: Terminal) -> None:
    line = SerialLine(terminal.port)
    line.close()
    with pytest.raises(PortGone):
        line.read(soon(0.1))


def test_a_port_that_takes_no_bytes_is_stuck_after_the_limit(terminal: Terminal) -> None:
    with SerialLine(terminal.port, write_timeout=0.1) as line:
        terminal.fill()
        started = time.monotonic()
        with pytest.raises(WriteStuck):
            line.write(b"AT\r")
        assert time.monotonic() - started < 2


def test_a_missing_port_says_so(tmp_path: Path) -> None:
    with pytest.raises(PortMissing) as missing:
        SerialLine(str(tmp_path / "ttyUSB0"))
    assert (missing.value.port, missing.value.cure) == (str(tmp_path / "ttyUSB0"), "plug_in")


def test_a_link_to_a_stick_that_was_pulled_out_is_missing(tmp_path: Path, terminal: Terminal) -> None:
    link = tmp_path / "modem"
    link.symlink_to(terminal.port)
    terminal.unplug()
    with pytest.raises(PortMissing):
        SerialLine(str(link))


@pytest.mark.parametrize("kind", ["file", "directory", "/dev/null"])
def test_what_is_no_port_says_so(tmp_path: Path, kind: str) -> None:
    path = Path(kind) if kind.startswith("/") else tmp_path / kind
    if kind == "file":
        path.write_text("not a port")
    elif kind == "directory":
        path.mkdir()
    with pytest.raises(NotAPort):
        SerialLine(str(path))


@pytest.mark.parametrize("url", ["spy:///dev/null", "SPY:///dev/null", "nonsense://x", "socket://no-port"])
def test_urls_that_copy_traffic_or_mean_nothing_are_refused(url: str) -> None:
    with pytest.raises(NotAPort):
        SerialLine(url)


def test_a_port_without_permission_names_the_group(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serialposix.os.open", forbidden)
    with pytest.raises(PortForbidden) as refused:
        SerialLine(terminal.port)
    assert (refused.value.group, refused.value.account, refused.value.cure) == (
        grp.getgrgid(Path(terminal.port).stat().st_gid).gr_name,
        pwd.getpwuid(os.geteuid()).pw_name,
        "join_the_group",
    )


def test_a_port_in_use_names_the_process_that_holds_it(terminal: Terminal) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, terminal.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(PortBusy) as busy:
            SerialLine(terminal.port)
        comm = Path(f"/proc/{holder.pid}/comm").read_text().strip()
        assert (busy.value.owner_pid, busy.value.owner_name, busy.value.cure) == (
            holder.pid,
            comm,
            "stop_the_other_program",
        )
        holder.kill()


def test_a_port_is_free_again_after_its_owner_was_killed(terminal: Terminal) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, terminal.port], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.wait(10)
    SerialLine(terminal.port).close()


def test_the_opener_of_a_port_is_found_without_a_lock(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_user, "_lock_holders", lambda _: iter(()))
    user = port_user.find_user(terminal.port)
    assert user is not None
    assert user.pid == os.getpid()


def test_nobody_is_named_for_a_port_that_does_not_exist() -> None:
    assert port_user.find_user("/dev/ttyNONE0") is None


def test_a_pseudo_terminal_is_not_locked_for_ever(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        assert line.is_pseudo_terminal
        assert not _exclusive(terminal)


def test_a_real_terminal_is_closed_to_others_while_it_is_ours(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_line, "_PTY_MAJORS", ())
    line = SerialLine(terminal.port)
    held = _exclusive(terminal)
    line.close()
    assert (held, _exclusive(terminal)) == (True, False)


def test_flow_control_is_off_and_the_line_is_raw(terminal: Terminal) -> None:
    with SerialLine(terminal.port):
        input_flags, output_flags, control_flags, local_flags, *_ = termios.tcgetattr(terminal._slave)
    assert not control_flags & termios.CRTSCTS
    assert not input_flags & (termios.IXON | termios.IXOFF | termios.ICRNL)
    assert not output_flags & termios.OPOST
    assert not local_flags & (termios.ECHO | termios.ICANON | termios.ISIG)


def test_the_speed_can_be_set(terminal: Terminal) -> None:
    with SerialLine(terminal.port) as line:
        line.set_baud(9600)
        assert termios.tcgetattr(terminal._slave)[4] == termios.B9600


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_a_socket_url_works_and_is_woken_like_a_port(server: socket.socket) -> None:
    with SerialLine(f"socket://127.0.0.1:{server.getsockname()[1]}") as line:
        peer, _ = server.accept()
        with peer:
            line.write(b"AT\r")
            assert peer.recv(100) == b"AT\r"
            peer.sendall(b"OK\r\n")
            assert line.read(soon()) == b"OK\r\n"
            line.cancel_read()
            started = time.monotonic()
            assert line.read(started + 5) == b""
            assert time.monotonic() - started < 2
            assert not line.is_pseudo_terminal


def test_a_lost_connection_is_gone(server: socket.socket) -> None:
    with SerialLine(f"socket://127.0.0.1:{server.getsockname()[1]}") as line:
        server.accept()[0].close()
        with pytest.raises(PortGone):
            line.read(soon())


def test_an_address_where_nobody_listens_is_missing(server: socket.socket) -> None:
    port = server.getsockname()[1]
    server.close()
    with pytest.raises(PortMissing):
        SerialLine(f"socket://127.0.0.1:{port}")


def test_a_port_without_a_descriptor_reads_wakes_and_ends() -> None:
    with SerialLine("loop://") as line:
        line.write(b"x")
        assert line.read(soon()) == b"x"
        line.cancel_read()
        assert line.read(soon()) == b""
        assert line.read(soon(0.05)) == b""


def test_errors_are_one_family_with_a_cure_each() -> None:
    kinds: list[type[PortError]] = [PortMissing, PortBusy, PortForbidden, PortGone, WriteStuck, NotAPort]
    assert all(re.fullmatch(r"[a-z_]+", kind.cure) and issubclass(kind, HardwareError) for kind in kinds)


def _exclusive(terminal: Terminal) -> bool:
    answer = fcntl.ioctl(terminal._slave, TIOCGEXCL, b"\0\0\0\0")
    return answer != b"\0\0\0\0"
