import threading

import pytest
from fido2.client import ClientError
from fido2.ctap1 import APDU, ApduError, Ctap1, RegistrationData
from fido2.ctap2.base import Ctap2
from fido2.utils import sha256

from hardware.simulator.yubikey import MODELS, LeapingClock, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import RP_ID, Desk, Person, credential, fido_node

APPLICATION = sha256(RP_ID.encode())
CHALLENGE = bytes(32)

NO_TOUCH = APDU.USE_NOT_SATISFIED

WITH_U2F = [name for name, model in MODELS.items() if model.has_u2f]


def u2f(usb: SimulatedUsb, key: SimulatedYubiKey) -> Ctap1:
    return Ctap1(fido_node(usb, key).open())


def status_of(call: object) -> int:
    with pytest.raises(ApduError) as refusal:
        call()  # type: ignore[operator]
    return int(refusal.value.code)


def register(ctap: Ctap1, key: SimulatedYubiKey) -> RegistrationData:
    assert status_of(lambda: ctap.register(CHALLENGE, APPLICATION)) == NO_TOUCH
    key.touch()
    registration = ctap.register(CHALLENGE, APPLICATION)
    registration.verify(APPLICATION, CHALLENGE)
    return registration


def test_a_key_without_fido2_works_through_the_same_client(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in("yubikey_4")
    person = Person(key)

    registered = desk.register(key, person)
    signed_in = desk.sign_in(key, [credential(registered)], person)

    assert person.asked == ["touch", "touch"]
    assert (registered.counter, signed_in.counter) == (0, 1)


def test_a_u2f_key_that_is_excluded_refuses(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in("yubikey_4")
    registered = desk.register(key)

    with pytest.raises(ClientError) as refusal:
        desk.register(key, exclude=[credential(registered)])

    assert refusal.value.code is ClientError.ERR.DEVICE_INELIGIBLE


def test_a_u2f_sign_in_is_cancelled_by_its_event(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in("yubikey_4")
    event = threading.Event()

    with pytest.raises(ClientError) as refusal:
        desk.register(key, Person(key, touch=event.set), event=event)

    assert refusal.value.code is ClientError.ERR.TIMEOUT


@pytest.mark.parametrize("model", WITH_U2F)
def test_a_check_tells_the_own_handle_from_a_strange_one(model: str, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key, other = plug_in(model), plug_in(model)
    ctap = u2f(usb, key)
    handle = register(ctap, key).key_handle

    assert status_of(lambda: ctap.authenticate(CHALLENGE, APPLICATION, handle, True)) == NO_TOUCH
    assert status_of(lambda: ctap.authenticate(CHALLENGE, bytes(32), handle, True)) == APDU.WRONG_DATA
    strange = u2f(usb, other)
    assert status_of(lambda: strange.authenticate(CHALLENGE, APPLICATION, handle, True)) == APDU.WRONG_DATA
    assert not key.blinking


def test_a_signature_carries_the_counter_and_is_good(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    ctap = u2f(usb, key)
    registered = register(ctap, key)
    assert status_of(lambda: ctap.authenticate(CHALLENGE, APPLICATION, registered.key_handle)) == NO_TOUCH
    key.touch()

    signed = ctap.authenticate(CHALLENGE, APPLICATION, registered.key_handle)

    signed.verify(APPLICATION, CHALLENGE, registered.public_key)
    assert (signed.user_presence, signed.counter) == (1, key.counter)


def test_a_touch_for_u2f_is_used_up(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    ctap = u2f(usb, key)
    handle = register(ctap, key).key_handle

    assert status_of(lambda: ctap.authenticate(CHALLENGE, APPLICATION, handle)) == NO_TOUCH


def test_the_lamp_goes_out_when_nobody_asks_any_more(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    ctap = u2f(usb, key)
    status_of(lambda: ctap.register(CHALLENGE, APPLICATION))
    lit = [key.blinking]

    key.slow = 6.0
    status_of(lambda: ctap.authenticate(CHALLENGE, APPLICATION, b"strange", True))

    lit.append(key.blinking)
    assert lit == [True, False]
    assert len(key.touch()) == 45


def test_a_touch_that_comes_too_late_is_forgotten(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    ctap = u2f(usb, key)
    status_of(lambda: ctap.register(CHALLENGE, APPLICATION))
    key.touch()

    key.slow = 6.0

    assert status_of(lambda: ctap.register(CHALLENGE, APPLICATION)) == NO_TOUCH


def test_what_u2f_registered_fido2_opens(desk: Desk, key: SimulatedYubiKey) -> None:
    handle = register(u2f(desk.usb, key), key).key_handle
    options, _ = desk.server.authenticate_begin()
    request = options.public_key
    device = fido_node(desk.usb, key).open()

    answer = Ctap2(device).get_assertion(
        RP_ID, request.challenge, [{"id": handle, "type": "public-key"}], options={"up": False}
    )

    assert answer.credential["id"] == handle


def test_a_key_that_always_verifies_has_no_u2f(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in("yubikey_5_fips")

    assert status_of(lambda: u2f(usb, key).register(CHALLENGE, APPLICATION)) == 0x6986


def test_the_version_is_told(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    assert u2f(usb, key).get_version() == "U2F_V2"


@pytest.mark.parametrize(
    ("apdu", "status"),
    [
        ("", 0x6700),
        ("000300", 0x6700),
        ("80030000", 0x6E00),
        ("00770000", 0x6D00),
        ("00030000", 0x9000),
        ("0003000001ff", 0x6700),
        ("00010000000010ffff", 0x6700),
        ("0001000005ff", 0x6700),
        ("00020300000003414243", 0x6700),
    ],
)
def test_a_malformed_apdu_gets_its_status_word(
    apdu: str, status: int, usb: SimulatedUsb, key: SimulatedYubiKey
) -> None:
    answer = fido_node(usb, key).open().call(0x03, bytes.fromhex(apdu))

    assert int.from_bytes(answer[-2:], "big") == status
