import hashlib
import hmac
import threading
from collections.abc import Callable

import pytest
from yubikit.core import TimeoutError as KeyTimeoutError
from yubikit.core.otp import CommandRejectedError
from yubikit.yubiotp import (
    SLOT,
    HmacSha1SlotConfiguration,
    UpdateConfiguration,
    YubiOtpSession,
    YubiOtpSlotConfiguration,
)

from hardware.simulator.yubikey import MODELS, ManualClock, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import otp_node, touching

SECRET = bytes(range(20))
ACCESS_CODE = b"open!!"
WRONG_CODE = b"closed"

# RFC 2202 §3, the cases whose key fits into a slot.
VECTORS = [
    (b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
    (b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (b"\xaa" * 20, b"\xdd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    (b"\x0c" * 20, b"Test With Truncation", "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
]

# Not annotated in the library.
update: Callable[[], UpdateConfiguration] = UpdateConfiguration
WITHOUT_ENTER = update().append_cr(False)

WITH_OTP = [name for name, model in MODELS.items() if model.has_otp]


def session_with(usb: SimulatedUsb, key: SimulatedYubiKey) -> YubiOtpSession:
    return YubiOtpSession(otp_node(usb, key).open())


@pytest.mark.parametrize("model", WITH_OTP)
@pytest.mark.parametrize(("secret", "challenge", "answer"), VECTORS)
def test_a_challenge_is_answered_as_in_rfc_2202(
    model: str, secret: bytes, challenge: bytes, answer: str, usb: SimulatedUsb, plug_in: PlugIn
) -> None:
    session = session_with(usb, plug_in(model))

    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(secret))

    assert session.calculate_hmac_sha1(SLOT.TWO, challenge).hex() == answer


@pytest.mark.parametrize("size", [1, 32, 63])
def test_a_challenge_that_ends_in_zeros_keeps_them(size: int, usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET))

    answer = session.calculate_hmac_sha1(SLOT.TWO, bytes(size))

    assert answer == hmac.digest(SECRET, bytes(size), hashlib.sha1)


def test_a_challenge_of_64_bytes_loses_its_end(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET))

    assert session.calculate_hmac_sha1(SLOT.TWO, b"a" + b"b" * 63) == session.calculate_hmac_sha1(SLOT.TWO, b"a")


def test_a_challenge_waits_for_a_touch(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(b"Jefe").require_touch(True))
    typed: list[str] = []

    def touch(status: int) -> None:
        assert (status, key.blinking) == (2, True)
        typed.append(key.touch())

    answer = session.calculate_hmac_sha1(SLOT.TWO, b"what do ya want for nothing?", on_keepalive=touch)

    assert answer.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    assert typed == [""]
    assert not key.blinking


def test_without_a_touch_a_challenge_times_out(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    clock = ManualClock()
    key = plug_in(clock=clock)
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET).require_touch(True))

    with pytest.raises(KeyTimeoutError, match="Timed out waiting for touch"):
        session.calculate_hmac_sha1(SLOT.TWO, b"x", on_keepalive=lambda _: clock.advance(5))

    assert clock.now() == pytest.approx(15)
    assert not key.blinking


def test_a_challenge_is_cancelled_by_its_event(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET).require_touch(True))
    event = threading.Event()

    with pytest.raises(KeyTimeoutError, match="cancelled"):
        session.calculate_hmac_sha1(SLOT.TWO, b"x", event, on_keepalive=lambda _: event.set())

    assert not key.blinking
    assert session_with(usb, key).get_serial() == key.serial


def test_a_key_pulled_while_a_challenge_waits_is_an_error_of_the_system(
    usb: SimulatedUsb, key: SimulatedYubiKey
) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET).require_touch(True))

    with pytest.raises(OSError) as broken:
        session.calculate_hmac_sha1(SLOT.TWO, b"x", on_keepalive=lambda _: usb.unplug(key))

    assert broken.value.errno == 5


def test_an_abandoned_challenge_does_not_answer_the_next_client(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(clock=ManualClock())
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(b"Jefe").require_touch(True))

    class Abandoned(Exception):
        """The client is gone without a word."""

    def leave(_status: int) -> None:
        raise Abandoned

    with pytest.raises(Abandoned):
        session.calculate_hmac_sha1(SLOT.TWO, b"old", on_keepalive=leave)
    answer = session_with(usb, key).calculate_hmac_sha1(
        SLOT.TWO,
        b"what do ya want for nothing?",
        on_keepalive=touching(key),
    )

    assert answer.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


def test_an_empty_slot_refuses(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    with pytest.raises(CommandRejectedError):
        session_with(usb, key).calculate_hmac_sha1(SLOT.TWO, b"x")


def test_a_slot_that_types_answers_no_challenge(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    with pytest.raises(CommandRejectedError):
        session_with(usb, key).calculate_hmac_sha1(SLOT.ONE, b"x")


def test_the_state_tells_which_slots_are_used_and_how(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET).require_touch(True))

    state = session.get_config_state()

    assert (state.is_configured(SLOT.ONE), state.is_configured(SLOT.TWO)) == (True, True)
    assert (state.is_touch_triggered(SLOT.ONE), state.is_touch_triggered(SLOT.TWO)) == (True, False)


def test_without_the_access_code_nobody_rewrites_a_slot(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(b"Jefe"), ACCESS_CODE)

    for code in (None, WRONG_CODE):
        with pytest.raises(CommandRejectedError):
            session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET), cur_acc_code=code)
        with pytest.raises(CommandRejectedError):
            session.delete_slot(SLOT.TWO, code)
    with pytest.raises(CommandRejectedError):
        session.swap_slots()

    answer = session.calculate_hmac_sha1(SLOT.TWO, b"what do ya want for nothing?")
    assert answer.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


def test_with_the_access_code_a_slot_is_rewritten_and_deleted(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET), ACCESS_CODE)

    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(b"Jefe"), WRONG_CODE, ACCESS_CODE)
    session.delete_slot(SLOT.TWO, WRONG_CODE)

    assert not session.get_config_state().is_configured(SLOT.TWO)


def test_deleting_the_last_slot_is_noticed(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)

    session.delete_slot(SLOT.ONE)

    assert not session.get_config_state().is_configured(SLOT.ONE)
    assert key.touch() == ""


def test_the_sequence_counts_configurations_and_is_zero_without_any(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    connection = otp_node(usb, key).open()
    session = YubiOtpSession(connection)
    sequences = [connection.receive()[4]]

    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(SECRET))
    sequences.append(connection.receive()[4])
    for slot in SLOT:
        session.delete_slot(slot)
        sequences.append(connection.receive()[4])

    assert sequences == [1, 2, 3, 0]


def test_slots_change_places(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(b"Jefe"))

    session.swap_slots()

    answer = session.calculate_hmac_sha1(SLOT.ONE, b"what do ya want for nothing?")
    assert answer.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    assert len(key.types(2)) == 45


def test_an_update_changes_flags_and_keeps_secrets(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.ONE, YubiOtpSlotConfiguration(b"\1" * 6, bytes(6), bytes(16)))

    session.update_configuration(SLOT.ONE, WITHOUT_ENTER)

    typed = key.types()
    assert (len(typed), typed[:12]) == (44, "cb" * 6)


def test_an_update_that_the_slot_does_not_allow_is_refused(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.ONE, YubiOtpSlotConfiguration(b"\1", bytes(6), bytes(16)).allow_update(False))

    with pytest.raises(CommandRejectedError):
        session.update_configuration(SLOT.ONE, WITHOUT_ENTER)


def test_a_serial_number_that_is_hidden_is_not_told(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session = session_with(usb, key)
    session.put_configuration(SLOT.ONE, YubiOtpSlotConfiguration(b"\1", bytes(6), bytes(16)).serial_api_visible(False))

    with pytest.raises(CommandRejectedError):
        session.get_serial()


def test_slots_outlive_the_unplugging(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    session_with(usb, key).put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(b"Jefe"))
    usb.unplug(key)
    usb.plug(key)

    answer = session_with(usb, key).calculate_hmac_sha1(SLOT.TWO, b"what do ya want for nothing?")

    assert answer.hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
