from collections.abc import Callable
from typing import Any

import pytest

from hardware.simulator.yubikey import Model, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.desk import Desk

PlugIn = Callable[..., SimulatedYubiKey]


@pytest.fixture
def usb() -> SimulatedUsb:
    return SimulatedUsb()


@pytest.fixture
def desk(usb: SimulatedUsb) -> Desk:
    return Desk(usb)


@pytest.fixture
def plug_in(usb: SimulatedUsb) -> PlugIn:
    """Make a key and plug it in."""

    def make(model: Model | str = "yubikey_5_nfc", **options: Any) -> SimulatedYubiKey:
        key = SimulatedYubiKey(model, **options)
        usb.plug(key)
        return key

    return make


@pytest.fixture
def key(plug_in: PlugIn) -> SimulatedYubiKey:
    return plug_in()
