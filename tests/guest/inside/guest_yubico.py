"""Yubico's own tests for real devices, unchanged, from their source packages, against our simulated key.

They are asked for what we model: slots, device info, FIDO2 without discoverable credentials and extensions, U2F.
"""

import http.server
import os
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from yubikit.management import CAPABILITY

from hardware.simulator.yubikey import YUBIKEY_5_NFC, SimulatedYubiKey
from tests.guest.inside.machine import nodes, until
from tests.guest.kernel_usb import KernelUsb
from tests.guest.prepare import PYTHON_PATH, YUBICO

SERIAL: Final = 12_345_678
# As its owner leaves it who switches the smart card off: without that interface, which the simulator lacks.
KEY: Final = replace(
    YUBIKEY_5_NFC,
    product_id=0x0403,
    product_name="Yubico YubiKey OTP+FIDO",
    capabilities=CAPABILITY.OTP | CAPABILITY.U2F | CAPABILITY.FIDO2,
)
NOT_PASSED: Final = ("failure", "error", "skipped")
# What the pinned versions hold for such a key.
PASSED_BY_YUBIKEY_MANAGER: Final = 50
PASSED_BY_PYTHON_FIDO2: Final = 18


class Socket:
    """A key in a switchable socket and under a finger: what python-fido2's tests steer over HTTP (its PicoController)."""

    def __init__(self, usb: KernelUsb, key: SimulatedYubiKey) -> None:
        self._usb = usb
        self._key = key
        self._pressed = False
        key.on_blink = self._blinked

    def order(self, path: str) -> None:
        """/usb6/touch/on, /usb6/touch/off, /usb6/power/on, /usb6/power/off; anything else is a greeting."""
        match path.strip("/").split("/")[1:]:
            case ["touch", state]:
                self._pressed = state == "on"
                self._blinked(self._key.blinking)
            case ["power", "on"]:
                self._usb.plug(self._key)
            case ["power", "off"]:
                self._usb.unplug(self._key)

    def _blinked(self, lit: bool) -> None:
        if lit and self._pressed:
            self._key.touch()


@contextmanager
def served(socket: Socket) -> Iterator[str]:
    """Address of the socket's controller."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            socket.order(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """The orders are no news."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def passed(package: str, *words: str) -> int:
    """Number of tests that passed; fails when one did not, or could not be set up."""
    [place] = (YUBICO / package).iterdir()
    report = Path("/results") / f"{package}.xml"
    environment = {**os.environ, "PYTHONPATH": str(PYTHON_PATH), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", *words]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert report.exists(), (done.stdout, done.stderr)
    cases = list(ET.parse(report).iter("testcase"))
    outcomes = Counter(next((kind for kind in NOT_PASSED if case.find(kind) is not None), "passed") for case in cases)
    assert not outcomes["failure"] + outcomes["error"], done.stdout
    return outcomes["passed"]


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
        == PASSED_BY_YUBIKEY_MANAGER
    )


def test_the_tests_of_python_fido2_pass(usb: KernelUsb) -> None:
    key = SimulatedYubiKey(KEY, serial=SERIAL)
    usb.plug(key)
    until(lambda: len(nodes()) == 2, "two nodes")
    with served(Socket(usb, key)) as address:
        # Needs a discoverable credential.
        unlike = "--deselect=tests/device/test_client.py::test_allow_credentials_empty"
        assert passed("fido2", f"--controller={address}", unlike, "tests/device") == PASSED_BY_PYTHON_FIDO2
