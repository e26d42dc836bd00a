import errno
import threading

import pytest
from fido2.ctap import STATUS
from fido2.ctap2.base import Ctap2
from yubikit.yubiotp import SLOT, HmacSha1SlotConfiguration, YubiOtpSession

from hardware.simulator.yubikey import LeapingClock, ManualClock, SimulatedUsb
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import Background, Desk, Person, fido_node, otp_node


def test_a_wedged_key_is_silent_until_it_is_pulled_out(desk: Desk, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(clock=LeapingClock())
    wedged = threading.Event()

    def wedge() -> None:
        key.wedged = True
        wedged.set()

    registering = Background(lambda: desk.register(key, Person(key, touch=wedge)))
    assert wedged.wait(10)

    # With this clock every wait that has an end is over at once.
    assert key.touch() == ""
    assert not key.blinking
    assert registering.running
    usb.unplug(key)
    with pytest.raises(OSError) as broken:
        registering.result()
    assert broken.value.errno == errno.EIO


def test_a_wedged_key_does_not_even_open(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(clock=LeapingClock())
    key.wedged = True
    opening = Background(fido_node(usb, key).open)

    key.wedged = False
    key.wedged = True

    assert opening.running
    usb.unplug(key)
    with pytest.raises(OSError):
        opening.result()


def test_a_wedged_key_times_out_at_the_keyboard_node(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    connection = otp_node(usb, key).open()
    key.wedged = True

    with pytest.raises(OSError) as late:
        connection.receive()

    assert late.value.errno == errno.ETIMEDOUT
    assert clock.now() == pytest.approx(5.0)


def test_a_slow_key_shows_signs_of_life(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    ctap = Ctap2(fido_node(usb, key).open())
    key.slow = 2.55
    heard: list[int] = []

    def hear(status: int) -> None:
        heard.append(status)
        if status == STATUS.UPNEEDED:
            key.touch()

    ctap.selection(on_keepalive=hear)

    assert heard == [STATUS.PROCESSING, STATUS.UPNEEDED]
    assert clock.now() == pytest.approx(2.55)


def test_a_slow_key_registers_all_the_same(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in(clock=LeapingClock())
    key.slow = 3.0

    assert desk.register(key).counter == 1


def test_a_slow_challenge_is_answered_too(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    clock = ManualClock()
    key = plug_in(clock=clock)
    session = YubiOtpSession(otp_node(usb, key).open())
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(b"Jefe"))
    key.slow = 2.0
    heard: list[int] = []

    def hear(status: int) -> None:
        heard.append(status)
        clock.advance(1.0)

    answer = session.calculate_hmac_sha1(SLOT.TWO, b"what do ya want for nothing?", on_keepalive=hear)

    assert answer.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    assert heard == [STATUS.PROCESSING] * 2
