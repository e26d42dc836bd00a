"""Challenge-response over feature reports, and the letters that a stray touch types into the machine."""

import struct
import threading
from pathlib import Path

import pytest
from yubikit.core import TimeoutError as KeyTimeout
from yubikit.core.otp import CommandRejectedError, modhex_decode
from yubikit.yubiotp import SLOT, HmacSha1SlotConfiguration, YubiOtpSession

from hardware.simulator.yubikey import YUBIKEY_4, YUBIKEY_5_NFC, Model, SimulatedYubiKey
from tests.guest.inside.machine import Finger, nodes, open_slots, until
from tests.guest.kernel_usb import KernelUsb

# RFC 2202, case 1.
KEY = bytes([0x0B] * 20)
CHALLENGE = b"Hi There"
ANSWER = bytes.fromhex("b617318655057264e28bc0b6fb378c8ef146be00")
ACCESS_CODE = b"123456"

# struct input_event on 64 bits; types and codes of the kernel's input-event-codes.h.
INPUT_EVENT = struct.Struct("<qqHHi")
EV_KEY = 1
KEY_ENTER = 28
LETTERS = dict(zip((*range(16, 26), *range(30, 39), *range(44, 51)), "qwertyuiopasdfghjklzxcvbnm", strict=True))


@pytest.mark.parametrize("model", [YUBIKEY_5_NFC, YUBIKEY_4], ids=lambda model: model.name)
def test_a_slot_answers_after_a_touch(usb: KernelUsb, finger: Finger, model: Model) -> None:
    usb.plug(finger.rest_on(SimulatedYubiKey(model)))
    with open_slots() as connection:
        session = YubiOtpSession(connection)
        session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(KEY).require_touch(True), ACCESS_CODE)
        states: list[int] = []
        assert session.calculate_hmac_sha1(SLOT.TWO, CHALLENGE, on_keepalive=states.append) == ANSWER
    assert finger.touches == 1


def test_a_slot_that_nobody_touches_says_so(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(YUBIKEY_5_NFC, hmac_touch_seconds=0.5))
    with open_slots() as connection:
        session = YubiOtpSession(connection)
        session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(KEY).require_touch(True))
        with pytest.raises(KeyTimeout, match="Timed out waiting for touch"):
            session.calculate_hmac_sha1(SLOT.TWO, CHALLENGE)


def test_a_wait_for_a_slot_can_be_cancelled(usb: KernelUsb) -> None:
    event = threading.Event()
    usb.plug(SimulatedYubiKey(YUBIKEY_5_NFC, on_blink=lambda lit: event.set()))
    with open_slots() as connection:
        session = YubiOtpSession(connection)
        session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(KEY).require_touch(True))
        with pytest.raises(KeyTimeout, match="cancelled"):
            session.calculate_hmac_sha1(SLOT.TWO, CHALLENGE, event)


def test_a_slot_with_an_access_code_is_not_overwritten_without_it(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(YUBIKEY_5_NFC))
    with open_slots() as connection:
        session = YubiOtpSession(connection)
        session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(KEY), ACCESS_CODE)
        with pytest.raises(CommandRejectedError):
            session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(bytes(20)))
        assert session.calculate_hmac_sha1(SLOT.TWO, CHALLENGE) == ANSWER


def keyboard() -> Path | None:
    """The input device of the key's keyboard."""
    return next(iter(sorted(Path("/dev/input").glob("event*"), key=lambda path: -int(path.name[5:]))), None)


def test_a_stray_touch_types_44_letters_and_enter(usb: KernelUsb) -> None:
    key = SimulatedYubiKey(YUBIKEY_5_NFC)
    before = keyboard()
    usb.plug(key)
    until(lambda: len(nodes()) == 2 and keyboard() != before, "the keyboard")
    path = keyboard()
    assert path is not None
    typed = ""
    with path.open("rb", buffering=0) as file:
        toucher = threading.Thread(target=usb.touch, args=[key])
        toucher.start()
        while not typed.endswith("\n"):
            for *_, kind, code, value in INPUT_EVENT.iter_unpack(file.read(64 * INPUT_EVENT.size)):
                if kind == EV_KEY and value == 1:
                    typed += "\n" if code == KEY_ENTER else LETTERS[code]
        toucher.join()
    assert len(typed) == 45
    assert modhex_decode(typed[:12]) == key.serial.to_bytes(6, "big")
