"""What the tests in the guest do to their machine."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fido2.hid import CtapHidDevice
from ykman.hid import list_ctap_devices, list_otp_devices
from yubikit.core.fido import FidoConnection
from yubikit.core.otp import OtpConnection

from hardware.simulator.yubikey import SimulatedYubiKey

# Uid and gid of the kiosk's account.
KIOSK: Final = 4000
# An emulated processor is slow; nothing that works takes nearly as long.
DEADLINE: Final = 30.0


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until it holds; fails when it takes too long."""
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)


def nodes() -> list[Path]:
    """The nodes that the kernel has made."""
    return sorted(Path("/dev").glob("hidraw*"))


@contextmanager
def as_kiosk() -> Iterator[None]:
    """Be the kiosk's account, without any right of root."""
    os.setgroups([])
    os.setresgid(KIOSK, KIOSK, 0)
    os.setresuid(KIOSK, KIOSK, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


def open_fido() -> CtapHidDevice:
    """Open the only key that is plugged in, as soon as it is there."""
    until(list_ctap_devices, "the FIDO node")
    [device] = list_ctap_devices()
    connection: CtapHidDevice = device.open_connection(FidoConnection)  # type: ignore[no-untyped-call]  # ykman leaves it untyped
    return connection


def open_slots() -> OtpConnection:
    """Open the slots of the only key that is plugged in, as soon as they are there."""
    until(list_otp_devices, "the keyboard node")
    [device] = list_otp_devices()
    connection: OtpConnection = device.open_connection(OtpConnection)  # type: ignore[no-untyped-call]  # as above
    return connection


class Finger:
    """A finger that touches every key that asks for it."""

    def __init__(self) -> None:
        self.touches = 0

    def rest_on(self, key: SimulatedYubiKey) -> SimulatedYubiKey:
        """Touch that key from now on, as soon as it blinks."""

        def touch(lit: bool) -> None:
            if lit:
                self.touches += 1
                key.touch()

        key.on_blink = touch
        return key
