from typing import cast

import pytest
from fido2.ctap import CtapError
from yubikit.core import PID, TRANSPORT, Connection
from yubikit.management import ManagementSession
from yubikit.support import get_name, read_info

from hardware.simulator.yubikey import MODELS, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import fido_node, otp_node

YUBICO = [name for name, model in MODELS.items() if model.is_yubico]
WITH_OTP = [name for name, model in MODELS.items() if model.has_otp]


@pytest.mark.parametrize("model", YUBICO)
def test_a_yubikey_tells_of_itself_over_fido(model: str, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(model)

    info = ManagementSession(fido_node(usb, key).open()).read_device_info()

    assert info.version == key.model.firmware
    assert info.serial == (key.serial if key.model.has_serial else None)
    assert (info.form_factor, info.is_fips, info.is_sky) == (
        key.model.form_factor,
        key.model.is_fips,
        key.model.is_security_key,
    )
    assert info.supported_capabilities[TRANSPORT.USB] == key.model.capabilities


@pytest.mark.parametrize("model", WITH_OTP)
def test_it_tells_the_same_over_the_keyboard_node(model: str, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(model)

    over_otp = ManagementSession(otp_node(usb, key).open()).read_device_info()

    assert over_otp == ManagementSession(fido_node(usb, key).open()).read_device_info()


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("yubikey_5_nfc", "YubiKey 5 NFC"),
        ("yubikey_5_nfc_5_4", "YubiKey 5 NFC"),
        ("security_key_nfc", "Security Key NFC"),
        ("yubikey_bio", "YubiKey Bio - FIDO Edition"),
        ("yubikey_5_fips", "YubiKey 5 NFC FIPS"),
        ("yubikey_4", "YubiKey 4"),
    ],
)
def test_yubicos_own_library_names_it(model: str, name: str, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    node = fido_node(usb, plug_in(model))
    pid = PID(node.product_id)

    with node.open() as connection:
        # Registered as a Connection by yubikit.core.fido, which no type checker sees.
        info = read_info(cast("Connection", connection), pid)

    assert get_name(info, pid.yubikey_type) == name


def test_a_key_of_another_maker_does_not_know_the_question(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    session = ManagementSession(fido_node(usb, plug_in("foreign_key")).open())
    # The library asks only versions that Yubico has made.
    session.backend.version = type(session.version)(5, 0, 0)

    with pytest.raises(CtapError) as refusal:
        session.read_device_info()

    assert refusal.value.code is CtapError.ERR.INVALID_COMMAND


def test_a_serial_number_may_be_chosen() -> None:
    assert SimulatedYubiKey(serial=12345678).serial == 12345678
