"""What the tests in the guest share. `make test-guest` runs them there; nowhere else do they find /dev/uhid and root."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guest.inside.machine import KIOSK, Finger, until
from tests.guest.kernel_usb import KernelUsb


@pytest.fixture(scope="session", autouse=True)
def accounts() -> None:
    """The account of the kiosk and its group, as an installation makes them."""
    with Path("/etc/passwd").open("a", encoding="utf-8") as accounts:
        accounts.write(f"kiosk:x:{KIOSK}:{KIOSK}::/nonexistent:/usr/sbin/nologin\n")
    with Path("/etc/group").open("a", encoding="utf-8") as groups:
        groups.write(f"kiosk:x:{KIOSK}:\n")


@pytest.fixture
def usb() -> Iterator[KernelUsb]:
    with KernelUsb() as usb:
        yield usb
    until(lambda: not list(Path("/dev").glob("hidraw*")), "the nodes are gone")


@pytest.fixture
def finger() -> Finger:
    return Finger()
