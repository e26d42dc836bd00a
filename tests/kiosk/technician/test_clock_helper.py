"""The helper that sets the clock for the kiosk: for whom, within what, and what the kiosk hears of it."""

import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.machine.plan import FILES
from kiosk.technician import setting_clock
from kiosk.technician.clock_helper import Means, rtc_time, serve
from kiosk.technician.setting_clock import SET, SOCKET, ClockNotSet, Obstacle, Setting, set_clock

HOUR = 3_600 * 10**9
SECONDS = 20.0


@dataclass
class Hands:
    """Holds the clock; `error` is what the kernel says."""

    error: OSError | None = None
    battery_error: OSError | None = None
    synchronised: bool = False
    set_to: list[int] = field(default_factory=list)
    batteries: int = 0

    def means(self, *, peer: int | None = None) -> Means:
        return Means(
            peer=os.geteuid() if peer is None else peer,
            synchronised=lambda: self.synchronised,
            set_clock=self._set,
            set_battery=self._set_battery,
        )

    def _set(self, ns: int) -> None:
        if self.error is not None:
            raise self.error
        self.set_to.append(ns)

    def _set_battery(self) -> None:
        self.batteries += 1
        if self.battery_error is not None:
            raise self.battery_error


def soon() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) + 60 * 10**9


def said(means: Means, packet: bytes) -> str:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.send(packet)
        serve(theirs, means)
        return ours.recv(100).decode()


def test_it_puts_the_clock_and_the_one_on_the_battery_forward() -> None:
    hands = Hands()
    before = time.time_ns()
    assert said(hands.means(), Setting(nanoseconds=HOUR, until=soon()).to_bytes()) == SET
    assert len(hands.set_to) == 1
    assert before + HOUR <= hands.set_to[0] <= time.time_ns() + HOUR
    assert hands.batteries == 1


def test_a_machine_without_a_clock_on_a_battery_has_its_clock_set_all_the_same() -> None:
    hands = Hands(battery_error=FileNotFoundError(2, "no such device"))
    assert said(hands.means(), Setting(nanoseconds=HOUR, until=soon()).to_bytes()) == SET


@pytest.mark.parametrize(
    ("hands", "nanoseconds", "answer"),
    [
        (Hands(synchronised=True), HOUR, Obstacle.SYNCHRONISED),
        (Hands(error=PermissionError(1, "no")), HOUR, Obstacle.NO_RIGHT),
        (Hands(), -20 * 365 * 24 * HOUR, Obstacle.REFUSED),
        (Hands(), 60 * 365 * 24 * HOUR, Obstacle.REFUSED),
        (Hands(), 10**60, Obstacle.REFUSED),
    ],
    ids=["ntp", "no capability", "before it was made", "after everybody", "no time"],
)
def test_what_it_does_not_set_it_says(hands: Hands, nanoseconds: int, answer: Obstacle) -> None:
    assert said(hands.means(), Setting(nanoseconds=nanoseconds, until=soon()).to_bytes()) == answer
    assert hands.set_to == []


def test_it_sets_nothing_for_whoever_waits_no_more() -> None:
    hands = Hands()
    assert said(hands.means(), Setting(nanoseconds=HOUR, until=1).to_bytes()) == Obstacle.REFUSED
    assert hands.set_to == []


@pytest.mark.parametrize(
    "packet",
    [
        b"x",
        b"{}",
        b'{"nanoseconds": 1, "until": "9"}',
        b'{"nanoseconds": "1e3", "until": "9"}',
        b'{"nanoseconds": "' + b"9" * 1900 + b'", "until": "9"}',
        b"x" * 3000,
    ],
)
def test_what_is_no_setting_sets_nothing(packet: bytes) -> None:
    hands = Hands()
    assert said(hands.means(), packet) in {Obstacle.NO_RIGHT, Obstacle.REFUSED}
    assert hands.set_to == []


def test_nobody_but_the_kiosk_is_served() -> None:
    hands = Hands()
    stranger = hands.means(peer=os.geteuid() + 1)
    assert said(stranger, Setting(nanoseconds=HOUR, until=soon()).to_bytes()) == Obstacle.NO_RIGHT
    assert hands.set_to == []


# The kiosk's side


@contextmanager
def helper(directory: Path, answer: Callable[[socket.socket], object]) -> Iterator[Path]:
    path = directory / "clock.socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.settimeout(SECONDS)
        listening.bind(str(path))
        listening.listen()

        def accept() -> None:
            connection, _address = listening.accept()
            with connection:
                answer(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield path
        thread.join(SECONDS)


def no_right(_ns: int) -> None:
    raise PermissionError


def no_timedated(_command: list[str], **_how: object) -> "subprocess.CompletedProcess[str]":
    pytest.fail("the helper has answered")


def test_without_the_right_of_its_own_the_kiosk_asks_the_helper(tmp_path: Path) -> None:
    hands = Hands()
    with helper(tmp_path, lambda connection: serve(connection, hands.means())) as path:
        set_clock(-2.5, helper=path, settime=no_right, run=no_timedated)
    assert -3 < (hands.set_to[0] - time.time_ns()) / 1e9 < -2.4


@pytest.mark.parametrize(
    ("answer", "obstacle"),
    [
        (b"synchronised", Obstacle.SYNCHRONISED),
        (b"refused", Obstacle.REFUSED),
        (b"\xff", Obstacle.NO_RIGHT),
        (b"", Obstacle.NO_RIGHT),
    ],
)
def test_what_keeps_the_helper_from_it_is_told(tmp_path: Path, answer: bytes, obstacle: Obstacle) -> None:
    def says(connection: socket.socket) -> None:
        connection.recv(1000)
        if answer:
            connection.send(answer)

    with helper(tmp_path, says) as path, pytest.raises(ClockNotSet) as refused:
        set_clock(1.0, helper=path, settime=no_right, run=no_timedated)
    assert refused.value.obstacle is obstacle


def test_a_helper_that_is_too_late_has_set_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_clock, "_PATIENCE_SECONDS", 0.05)
    hands, given_up = Hands(), threading.Event()

    def late(connection: socket.socket) -> None:
        assert given_up.wait(SECONDS)
        serve(connection, hands.means())

    with helper(tmp_path, late) as path:
        with pytest.raises(ClockNotSet) as refused:
            set_clock(1.0, helper=path, settime=no_right, run=no_timedated)
        given_up.set()
    assert refused.value.obstacle is Obstacle.REFUSED
    assert hands.set_to == []


# What the machine is told


@pytest.mark.parametrize(
    ("now", "fields"),
    [
        (datetime(2026, 11, 29, 23, 59, 58, tzinfo=UTC), (58, 59, 23, 29, 10, 126, 0, 332, 0)),
        (datetime(2028, 2, 29, 1, 2, 3, tzinfo=UTC), (3, 2, 1, 29, 1, 128, 2, 59, 0)),
    ],
)
def test_the_battery_is_told_in_the_words_of_the_kernel(now: datetime, fields: tuple[int, ...]) -> None:
    assert struct.unpack("9i", rtc_time(now, local=False)) == fields


def test_the_units_that_install_writes_are_for_this_helper() -> None:
    units = FILES / "etc/systemd/system"
    listening = (units / "kiosk-clock.socket").read_text(encoding="utf-8")
    assert f"ListenSequentialPacket={SOCKET}\n" in listening
    assert "SocketUser=kiosk\nSocketMode=0600\n" in listening
    service = (units / "kiosk-clock@.service").read_text(encoding="utf-8")
    given = service.split("kiosk.technician.clock_helper ")[1].split("\n")[0].split()
    found = subprocess.run(
        [sys.executable, "-I", "-m", "kiosk.technician.clock_helper", *given, "--help"],
        capture_output=True,
        check=False,
    )
    assert found.returncode == 0


def test_the_filter_of_the_helper_gives_back_what_the_usual_one_takes() -> None:
    units = FILES / "etc/systemd/system"
    service = (units / "kiosk-clock@.service").read_text(encoding="utf-8")
    filters = [line for line in service.splitlines() if line.startswith("SystemCallFilter=")]
    # Later lines win (systemd.exec(5)): what @privileged takes away, @clock gives back.
    assert filters.index("SystemCallFilter=@clock") > filters.index("SystemCallFilter=~@privileged @resources")
    assert "CapabilityBoundingSet=CAP_SYS_TIME\n" in service
