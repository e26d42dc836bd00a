import re
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from yubikit.core.otp import check_crc, modhex_decode
from yubikit.yubiotp import SLOT, HmacSha1SlotConfiguration, YubiOtpSession, YubiOtpSlotConfiguration

from hardware.simulator.yubikey import ManualClock, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import otp_node

PUBLIC_ID = bytes.fromhex("000000000042")
PRIVATE_ID = bytes.fromhex("8792ebfe26cc")
AES_KEY = bytes.fromhex("ecde18dbe76fbd0c33330f1c354871db")


def decrypted(token: str) -> tuple[bytes, int, int, int]:
    """Private id, uses, time stamp, uses in this session (yubico-c, ykparse)."""
    aes = Cipher(algorithms.AES(AES_KEY), modes.ECB()).decryptor()
    plain = aes.update(modhex_decode(token)) + aes.finalize()
    assert check_crc(plain)
    uses, low, high, session = struct.unpack_from("<HHBB", plain, 6)
    return plain[:6], uses, high << 16 | low, session


def test_the_published_vector_decrypts_as_published() -> None:
    private_id, uses, _, session = decrypted("dteffujehknhfjbrjnlnldnhcujvddbikngjrtgh"[8:])

    assert (private_id, uses, session) == (PRIVATE_ID, 19, 17)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def known(usb: SimulatedUsb, plug_in: PlugIn, clock: ManualClock) -> SimulatedYubiKey:
    """A key whose slot 1 has known secrets."""
    key = plug_in(clock=clock)
    session = YubiOtpSession(otp_node(usb, key).open())
    session.put_configuration(SLOT.ONE, YubiOtpSlotConfiguration(PUBLIC_ID, PRIVATE_ID, AES_KEY))
    return key


def test_a_stray_touch_types_44_letters_and_enter(plug_in: PlugIn) -> None:
    for model in ("yubikey_5_nfc", "yubikey_4"):
        assert re.fullmatch("[cbdefghijklnrtuv]{44}\n", plug_in(model).touch())


def test_each_is_different_and_the_public_part_is_the_same(key: SimulatedYubiKey) -> None:
    first, second = key.types(), key.types()

    assert first[:12] == second[:12]
    assert first[12:] != second[12:]


def test_it_counts_uses_and_time(known: SimulatedYubiKey, usb: SimulatedUsb, clock: ManualClock) -> None:
    first = decrypted(known.types()[12:44])
    clock.advance(10)
    second = decrypted(known.types()[12:44])
    usb.unplug(known)
    usb.plug(known)
    third = decrypted(known.types()[12:44])

    assert [first, second, third] == [(PRIVATE_ID, 1, 0, 1), (PRIVATE_ID, 1, 80, 2), (PRIVATE_ID, 2, 0, 1)]


@pytest.mark.parametrize("model", ["security_key_nfc", "yubikey_bio", "foreign_key"])
def test_a_key_without_keyboard_types_nothing(model: str, plug_in: PlugIn) -> None:
    assert plug_in(model).touch() == ""


def test_a_key_in_the_pocket_types_nothing() -> None:
    assert SimulatedYubiKey().touch() == ""


def test_a_slot_for_challenges_types_nothing(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = YubiOtpSession(otp_node(usb, key).open())
    session.put_configuration(SLOT.ONE, HmacSha1SlotConfiguration(b"Jefe"))

    assert key.touch() == ""
