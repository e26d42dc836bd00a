import logging
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.delivery.doorbell import AWAITED_POLL, IDLE_POLL, Doorbell, SafetyNet, Waker

ROOT = Path(__file__).resolve().parents[3]
Processes = Callable[[Path], "Ringer"]


class Ringer:
    """Another process with a doorbell in the same directory."""

    def __init__(self, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.kiosk.delivery.ringer", str(directory)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.answer() == "hung"

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


def bells(tmp_path: Path) -> list[str]:
    """Names of what hangs in the directory."""
    return [path.name for path in (tmp_path / "doorbell").iterdir()]


@pytest.fixture
def process() -> Iterator[Processes]:
    ringers: list[Ringer] = []

    def start(directory: Path) -> Ringer:
        ringers.append(Ringer(directory))
        return ringers[-1]

    yield start
    for ringer in ringers:
        ringer.end()


@pytest.fixture
def hang() -> Iterator[Callable[[Path], Doorbell]]:
    bells: list[Doorbell] = []

    def make(directory: Path) -> Doorbell:
        bells.append(Doorbell(directory))
        return bells[-1]

    yield make
    for bell in bells:
        bell.close()


@pytest.fixture
def bell(tmp_path: Path, hang: Callable[[Path], Doorbell]) -> Doorbell:
    return hang(tmp_path / "doorbell")


def test_a_ring_wakes_the_own_process(bell: Doorbell) -> None:
    bell.ring()
    assert bell.wait(5)


def test_many_rings_are_one_and_then_there_is_silence(bell: Doorbell) -> None:
    for _ in range(3):
        bell.ring()
    assert bell.wait(5)
    assert not bell.wait(0)


def test_a_ring_wakes_another_process(tmp_path: Path, bell: Doorbell, process: Processes) -> None:
    other = process(tmp_path / "doorbell")
    other.tell("wait")
    bell.ring()
    assert other.answer() == "rung"


def test_another_process_wakes_this_one(tmp_path: Path, bell: Doorbell, process: Processes) -> None:
    process(tmp_path / "doorbell").tell("ring")
    assert bell.wait(10)


def test_a_path_longer_than_a_socket_address_is_no_obstacle(
    tmp_path: Path, process: Processes, hang: Callable[[Path], Doorbell]
) -> None:
    directory = tmp_path / ("a" * 200) / ("b" * 200)
    directory.mkdir(parents=True)
    bell = hang(directory / "doorbell")
    other = process(directory / "doorbell")
    other.tell("wait")
    bell.ring()
    assert other.answer() == "rung"
    assert bell.wait(5)
    other.tell("ring")
    assert bell.wait(10)


def test_the_bell_of_a_killed_process_is_removed_by_the_next_ring(
    tmp_path: Path, bell: Doorbell, process: Processes
) -> None:
    dead = process(tmp_path / "doorbell")
    dead.process.kill()
    dead.process.wait()
    assert len(bells(tmp_path)) == 2
    bell.ring()
    assert len(bells(tmp_path)) == 1
    assert bell.wait(5)


def test_a_bell_that_nobody_empties_does_not_hold_up_the_ringer(bell: Doorbell, tmp_path: Path) -> None:
    deaf = Doorbell(tmp_path / "doorbell")
    for _ in range(2000):
        bell.ring()
    assert deaf.wait(0)
    assert not deaf.wait(0)
    deaf.close()


def test_a_bell_that_is_just_being_hung_is_neither_rung_nor_removed(bell: Doorbell, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unknown_to_the_kernel:
        directory = os.open(tmp_path / "doorbell", os.O_RDONLY)
        unknown_to_the_kernel.bind(f"/proc/self/fd/{directory}/.4711-half")
        os.close(directory)
    bell.ring()
    assert ".4711-half" in bells(tmp_path)


def test_a_closed_bell_leaves_nothing_behind_and_may_be_rung_and_closed_again(tmp_path: Path) -> None:
    bell = Doorbell(tmp_path / "doorbell")
    bell.close()
    bell.ring()
    bell.close()
    assert bells(tmp_path) == []


def test_only_the_own_account_can_reach_the_bells(bell: Doorbell, tmp_path: Path) -> None:
    assert (tmp_path / "doorbell").stat().st_mode & 0o777 == 0o700


def test_without_a_directory_the_own_process_is_still_woken(
    tmp_path: Path, hang: Callable[[Path], Doorbell], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "doorbell").write_text("a file stands where the directory should be")
    with caplog.at_level(logging.WARNING, "kiosk.delivery"):
        bell = hang(tmp_path / "doorbell")
    bell.ring()
    assert bell.wait(5)
    assert "no doorbell" in caplog.text


def test_a_vanished_directory_does_not_stop_the_ringer(
    bell: Doorbell, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in bells(tmp_path):
        (tmp_path / "doorbell" / name).unlink()
    (tmp_path / "doorbell").rmdir()
    bell.ring()
    assert bell.wait(5)


def test_the_descriptor_is_readable_from_the_ring_until_it_is_cleared(bell: Doorbell) -> None:
    assert select.select([bell.fileno()], [], [], 0)[0] == []
    bell.ring()
    assert select.select([bell.fileno()], [], [], 5)[0] == [bell.fileno()]
    bell.clear()
    assert select.select([bell.fileno()], [], [], 0)[0] == []


@pytest.fixture
def waker(tmp_path: Path) -> Iterator[Waker]:
    waker = Waker(Doorbell(tmp_path / "doorbell"))
    waker.start()
    yield waker
    assert waker.stop()


def test_everybody_in_the_process_is_woken(waker: Waker) -> None:
    dispatcher, domain = threading.Event(), threading.Event()
    waker.add(dispatcher.set)
    waker.add(domain.set)
    waker.doorbell.ring()
    assert dispatcher.wait(5)
    assert domain.wait(5)


def test_another_process_wakes_everybody_too(waker: Waker, tmp_path: Path, process: Processes) -> None:
    woken = threading.Event()
    waker.add(woken.set)
    process(tmp_path / "doorbell").tell("ring")
    assert woken.wait(10)


def test_who_fails_when_woken_keeps_nobody_else_asleep(waker: Waker, caplog: pytest.LogCaptureFixture) -> None:
    woken = threading.Event()

    def fail() -> None:
        raise LookupError

    waker.add(fail)
    waker.add(woken.set)
    with caplog.at_level(logging.CRITICAL, "kiosk.delivery"):
        waker.doorbell.ring()
        assert woken.wait(5)


def test_who_has_cancelled_is_woken_no_more(waker: Waker) -> None:
    calls: list[str] = []
    waker.add(lambda: calls.append("cancelled")).cancel()
    woken = threading.Event()
    waker.add(woken.set)
    waker.doorbell.ring()
    assert woken.wait(5)
    assert calls == []


def test_a_waker_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    assert Waker(Doorbell(tmp_path / "doorbell")).stop()


def test_the_safety_net_sees_each_change_once() -> None:
    versions = iter([7, 7, 8, 8])
    net = SafetyNet(lambda: next(versions))
    assert [net.changed() for _ in range(4)] == [True, False, True, False]


def test_the_safety_net_looks_often_only_while_something_is_awaited() -> None:
    assert SafetyNet.pause(awaited=True) == AWAITED_POLL
    assert SafetyNet.pause(awaited=False) == IDLE_POLL
