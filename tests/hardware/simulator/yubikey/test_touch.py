import threading

import pytest
from fido2.client import ClientError
from fido2.ctap import STATUS, CtapError
from fido2.ctap2.base import Ctap2

from hardware.simulator.yubikey import LeapingClock, ManualClock, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import Background, Desk, Person, credential, fido_node, told


class Watched(threading.Event):
    """Notes when the client looks at it, which it does before each packet, and is set at last."""

    def __init__(self, clock: LeapingClock, packets: int) -> None:
        super().__init__()
        self.times: list[float] = []
        self._clock = clock
        self._packets = packets

    def is_set(self) -> bool:
        self.times.append(self._clock.now())
        return len(self.times) == self._packets


def nothing() -> None:
    """Nobody touches."""


def test_without_a_touch_the_key_gives_up_after_its_time(desk: Desk, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    registered = desk.register(key)
    before = clock.now()

    with pytest.raises(ClientError) as refusal:
        desk.sign_in(key, [credential(registered)], Person(key, touch=nothing))

    assert (refusal.value.code, refusal.value.cause.code) == (
        ClientError.ERR.TIMEOUT,
        CtapError.ERR.USER_ACTION_TIMEOUT,
    )
    assert clock.now() - before == pytest.approx(30.0)
    assert not key.blinking


def test_a_key_takes_the_time_that_a_test_gives_it(desk: Desk, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock, fido_touch_seconds=3.0)

    with pytest.raises(ClientError):
        desk.register(key, Person(key, touch=nothing))

    assert clock.now() == pytest.approx(3.0)


def test_a_command_is_taken_back_at_the_next_sign_of_life(desk: Desk, plug_in: PlugIn) -> None:
    clock = ManualClock()
    key = plug_in(clock=clock)
    event = threading.Event()

    with pytest.raises(ClientError) as refusal:
        desk.register(key, Person(key, touch=event.set), event=event)

    assert (refusal.value.code, refusal.value.cause.code) == (
        ClientError.ERR.TIMEOUT,
        CtapError.ERR.KEEPALIVE_CANCEL,
    )
    assert not key.blinking
    assert clock.now() == pytest.approx(0.0)


def test_a_reader_that_waits_hears_a_sign_of_life_every_tenth_of_a_second(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    ctap = Ctap2(fido_node(usb, key).open())
    event = Watched(clock, packets=5)

    with pytest.raises(CtapError) as refusal:
        ctap.selection(event=event)

    assert refusal.value.code is CtapError.ERR.KEEPALIVE_CANCEL
    assert event.times == pytest.approx([0.0, 0.0, 0.1, 0.2, 0.3])


def test_a_touch_from_another_thread_ends_the_waiting(desk: Desk, plug_in: PlugIn) -> None:
    lit = threading.Event()
    key = plug_in(clock=ManualClock(), on_blink=told(lit))
    registering = Background(lambda: desk.register(key, Person(key, touch=nothing)))
    assert lit.wait(10)

    assert key.touch() == ""

    assert registering.result().counter == 1


def test_the_lamp_is_told_on_and_off(desk: Desk, plug_in: PlugIn) -> None:
    seen: list[bool] = []
    key = plug_in(on_blink=seen.append)

    desk.register(key)

    assert seen == [True, False]


def test_the_lamp_goes_out_when_the_key_is_pulled(desk: Desk, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    seen: list[tuple[bool, int]] = []
    # Whoever is told may look at the bus.
    key = plug_in(on_blink=lambda on: seen.append((on, len(usb.keys()))))

    with pytest.raises(OSError):
        desk.register(key, Person(key, touch=lambda: usb.unplug(key)))

    assert seen == [(True, 1), (False, 0)]


def test_a_touch_before_the_question_does_not_count(desk: Desk, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    assert len(key.touch()) == 45

    with pytest.raises(ClientError):
        desk.register(key, Person(key, touch=nothing))


def test_a_touch_counts_once(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in(clock=LeapingClock())
    registered = desk.register(key)

    with pytest.raises(ClientError):
        desk.sign_in(key, [credential(registered)], Person(key, touch=nothing))


def test_the_client_hears_that_a_touch_is_needed(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    heard: list[int] = []

    def hear(status: int) -> None:
        heard.append(status)
        key.touch()

    Ctap2(fido_node(usb, key).open()).selection(on_keepalive=hear)

    assert heard == [STATUS.UPNEEDED]
