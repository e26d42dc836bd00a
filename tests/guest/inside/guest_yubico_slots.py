"""The tests of yubikey-manager for real devices: slots, device info, and the `ykman` command for both."""

from typing import Final

from hardware.simulator.yubikey import SimulatedYubiKey
from tests.guest.inside.machine import nodes, until
from tests.guest.inside.yubico import KEY, SERIAL, passed
from tests.guest.kernel_usb import KernelUsb

# What the pinned version holds for such a key.
PASSED: Final = 50


def test_the_tests_of_yubikey_manager_pass(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(KEY, serial=SERIAL))
    until(lambda: len(nodes()) == 2, "two nodes")
    files = ("test_otp.py", "test_interfaces.py", "cli/test_otp.py", "cli/test_misc.py")
    assert (
        passed(
            "yubikey_manager",
            f"--device={SERIAL}",
            # Smart cards and what a reader of NFC tags is told are not simulated.
            "-k=not SmartCardConnection and not ndef",
            *(f"tests/device/{file}" for file in files),
        )
        == PASSED
    )
