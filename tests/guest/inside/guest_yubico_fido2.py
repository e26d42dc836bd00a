"""The tests of python-fido2 for real devices: all but those for a credential that the key itself keeps."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hardware.simulator.yubikey import SimulatedYubiKey
from tests.guest.inside.machine import nodes, until
from tests.guest.inside.yubico import KEY, SERIAL, passed
from tests.guest.kernel_usb import KernelUsb

# What the pinned version holds for such a key; it skips what the key does not announce.
PASSED: Final = 18


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


def test_the_tests_of_python_fido2_pass(usb: KernelUsb) -> None:
    key = SimulatedYubiKey(KEY, serial=SERIAL)
    usb.plug(key)
    until(lambda: len(nodes()) == 2, "two nodes")
    with served(Socket(usb, key)) as address:
        # Needs a discoverable credential.
        unlike = "--deselect=tests/device/test_client.py::test_allow_credentials_empty"
        assert passed("fido2", f"--controller={address}", unlike, "tests/device") == PASSED
