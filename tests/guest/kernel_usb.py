"""Simulated keys as devices of this machine's kernel; the counterpart of `SimulatedUsb`."""

import itertools
import threading
import time
from types import TracebackType
from typing import Final, Self

from ykman.scancodes import KEYBOARD_LAYOUT

from hardware.simulator.yubikey import SimulatedYubiKey
from tests.guest.uhid import FIDO_DESCRIPTOR, OTP_DESCRIPTOR, HidIdentity, HidReports, NoAnswer, UhidDevice

# A scan code of ykman with this bit is typed with the left Shift (HID Usage Tables §10, boot keyboard).
_SHIFTED: Final = 0x80
_LEFT_SHIFT: Final = 0x02
_ENTER: Final = 0x28
_RELEASED: Final = bytes(8)
# So often a host asks a keyboard for news; faster than it reads them, the kernel drops letters.
_POLL_SECONDS: Final = 0.01


class KernelPlug:
    """One key in a port, until `close`."""

    def __init__(self, key: SimulatedYubiKey, number: int) -> None:
        self.key = key
        self._place = f"usb-guest-{number}"
        self._gone = False
        self._fido: UhidDevice | None = None
        self._keyboard: UhidDevice | None = None
        key.power_up(self._send)
        if key.model.has_otp:
            self._plug_keyboard()
        self._plug_fido()
        self._heart = threading.Thread(target=self._live, name=self._place, daemon=True)
        self._heart.start()

    def close(self) -> None:
        """Pull it out, whatever it is doing."""
        for device in (self._fido, self._keyboard):
            if device is not None:
                device.close()
        with self.key.at_work():
            self._gone = True
        self._heart.join()
        self.key.power_down()

    def touch(self) -> None:
        """Touch it; it types when nothing waited for the touch."""
        for letter in self.key.touch():
            self._type(letter)

    def _plug_fido(self) -> None:
        reports = HidReports(output=self._receive)
        self._fido = UhidDevice(self._identity(FIDO_DESCRIPTOR, "input1"), reports)

    def _plug_keyboard(self) -> None:
        reports = HidReports(output=lambda _: None, get_feature=self._read_slot, set_feature=self._write_slot)
        self._keyboard = UhidDevice(self._identity(OTP_DESCRIPTOR, "input0"), reports)

    def _identity(self, descriptor: bytes, interface: str) -> HidIdentity:
        model = self.key.model
        return HidIdentity(
            name=model.product_name,
            place=f"{self._place}/{interface}",
            vendor=model.vendor_id,
            product=model.product_id,
            descriptor=descriptor,
        )

    def _live(self) -> None:
        """Say what has become due, such as the signs of life while it waits for a touch."""
        with self.key.at_work():
            while not self._gone:
                self.key.wait()

    def _send(self, packet: bytes) -> None:
        if self._fido is not None:
            self._fido.send(packet)

    def _receive(self, packet: bytes) -> None:
        with self.key.at_work():
            self.key.fido.receive(packet)

    def _read_slot(self) -> bytes:
        with self.key.at_work():
            if self.key.wedged:
                raise NoAnswer
            return self.key.otp.read()

    def _write_slot(self, report: bytes) -> None:
        with self.key.at_work():
            if self.key.wedged:
                raise NoAnswer
            self.key.otp.write(report)

    def _type(self, letter: str) -> None:
        assert self._keyboard is not None
        code: int = _ENTER if letter == "\n" else KEYBOARD_LAYOUT.MODHEX.value[letter]
        shift = _LEFT_SHIFT if code & _SHIFTED else 0
        for report in (bytes([shift, 0, code & ~_SHIFTED, 0, 0, 0, 0, 0]), _RELEASED):
            self._keyboard.send(report)
            time.sleep(_POLL_SECONDS)


class KernelUsb:
    """The ports of this machine; needs /dev/uhid."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._plugs: dict[SimulatedYubiKey, KernelPlug] = {}

    def plug(self, key: SimulatedYubiKey) -> None:
        """Plug a key in; its nodes appear a moment later, in an order that only the kernel knows."""
        self._plugs[key] = KernelPlug(key, next(self._numbers))

    def unplug(self, key: SimulatedYubiKey) -> None:
        """Pull a key out; a second time is no harm."""
        if key in self._plugs:
            self._plugs.pop(key).close()

    def touch(self, key: SimulatedYubiKey) -> None:
        """Touch a key that is plugged in."""
        self._plugs[key].touch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key in list(self._plugs):
            self.unplug(key)
