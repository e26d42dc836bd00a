import pytest

from hardware.simulator.yubikey import SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import Desk, credential


def test_every_signature_counts_one_more(desk: Desk, key: SimulatedYubiKey) -> None:
    registered = desk.register(key)

    counters = [desk.sign_in(key, [credential(registered)]).counter for _ in range(3)]

    # The client probes silently before each, which is a signature too.
    assert counters == [3, 5, 7]


def test_all_credentials_of_a_key_share_one_counter(desk: Desk, key: SimulatedYubiKey) -> None:
    first, second = desk.register(key), desk.register(key)
    desk.sign_in(key, [credential(first)])

    assert desk.sign_in(key, [credential(second)]).counter == 6


@pytest.mark.parametrize("model", ["yubikey_5_nfc", "yubikey_4"])
def test_a_clone_signs_in_and_shows_by_its_lower_counter(
    model: str, desk: Desk, usb: SimulatedUsb, plug_in: PlugIn
) -> None:
    key = plug_in(model)
    registered = desk.register(key)
    for _ in range(2):
        known = desk.sign_in(key, [credential(registered)]).counter
    clone = key.cloned(counter_lag=3)
    usb.plug(clone)

    counter = desk.sign_in(clone, [credential(registered)]).counter

    assert counter <= known


def test_after_cloning_each_goes_its_own_way(desk: Desk, usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    registered = desk.register(key)
    clone = key.cloned()
    usb.plug(clone)

    desk.sign_in(clone, [credential(registered)])

    assert (key.counter, clone.counter) == (1, 3)
    assert clone.serial == key.serial


def test_a_clone_is_not_older_than_new(key: SimulatedYubiKey) -> None:
    assert key.cloned(counter_lag=1000).counter == 0


def test_a_frozen_counter_is_always_zero(desk: Desk, key: SimulatedYubiKey) -> None:
    key.counter_frozen = True
    registered = desk.register(key)

    signed_in = desk.sign_in(key, [credential(registered)])

    assert (registered.counter, signed_in.counter) == (0, 0)
