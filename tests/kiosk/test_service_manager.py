"""What systemd hears, on a real datagram socket."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.service_manager import ServiceManager


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Manager:
    """Stands where systemd listens."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        heard = []
        while True:
            try:
                heard.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return heard


@pytest.fixture(params=["path", "@abstract"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "notify") if request.param == "path" else f"@kiosk-test-{os.getpid()}-{tmp_path.name}"


@pytest.fixture
def manager(address: str) -> Iterator[Manager]:
    made = Manager(address)
    yield made
    made.socket.close()


def test_it_hears_that_the_service_serves_how_it_is_and_that_it_ends(manager: Manager, address: str) -> None:
    service = ServiceManager(address)
    service.ready()
    service.status("bedient noord")
    service.stopping()
    assert manager.heard() == ["READY=1", "STATUS=bedient noord", "STOPPING=1"]


def test_the_watchdog_is_fed_three_times_in_its_patience_and_no_more(manager: Manager, address: str) -> None:
    clock = Clock()
    service = ServiceManager(address, 30.0, clock)
    for _ in range(31):
        service.alive()
        clock.seconds += 1.0
    assert manager.heard() == ["WATCHDOG=1"] * 4


def test_a_watchdog_that_was_not_asked_for_is_not_fed(manager: Manager, address: str) -> None:
    ServiceManager(address).alive()
    assert manager.heard() == []


def test_no_word_of_a_status_becomes_another_assignment(manager: Manager, address: str) -> None:
    ServiceManager(address).status("noord\nMAINPID=1\r\n zuid")
    assert manager.heard() == ["STATUS=noord MAINPID=1 zuid"]


def test_food_that_could_not_be_delivered_is_offered_again_at_once(address: str) -> None:
    clock = Clock()
    service = ServiceManager(address, 30.0, clock)
    service.alive()
    late = Manager(address)
    service.alive()
    assert late.heard() == ["WATCHDOG=1"]
    late.socket.close()


def environment(**changes: str) -> dict[str, str]:
    return {
        "HOME": "/",
        "NOTIFY_SOCKET": "/nobody/notify",
        "WATCHDOG_USEC": "30000000",
        "WATCHDOG_PID": str(os.getpid()),
    } | changes


def test_what_systemd_gave_is_taken_out_of_the_environment_so_that_no_child_speaks_for_us() -> None:
    environ = environment()
    ServiceManager.of(environ)
    assert environ == {"HOME": "/"}


@pytest.mark.parametrize(
    ("changes", "fed"),
    [
        ({}, ["WATCHDOG=1"]),
        ({"WATCHDOG_PID": "1"}, []),
        ({"WATCHDOG_PID": ""}, ["WATCHDOG=1"]),
        ({"WATCHDOG_USEC": "0"}, []),
        ({"WATCHDOG_USEC": "soon"}, []),
    ],
)
def test_only_the_watchdog_of_this_very_process_is_fed(
    changes: dict[str, str], fed: list[str], manager: Manager, address: str
) -> None:
    service = ServiceManager.of(environment(**changes) | {"NOTIFY_SOCKET": address})
    service.alive()
    assert manager.heard() == fed


@pytest.mark.parametrize("where", ["", "vsock:2:1234", "relative", "/nobody/listens"])
def test_where_nobody_listens_nothing_happens(where: str) -> None:
    service = ServiceManager.of(environment(NOTIFY_SOCKET=where))
    service.ready()
    service.alive()
    service.stopping()
