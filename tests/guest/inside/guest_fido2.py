"""FIDO2 through fido2's own client and server, over the kernel's hidraw."""

import threading

import pytest
from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap import CtapError
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from ykman.hid import list_ctap_devices

from hardware.simulator.yubikey import MODELS, YUBIKEY_5_FIPS, YUBIKEY_5_NFC, SimulatedYubiKey
from tests.guest.inside.machine import Finger, open_fido, until
from tests.guest.kernel_usb import KernelUsb

RP = PublicKeyCredentialRpEntity(name="Kiosk", id="kiosk.example.internal")
USER = PublicKeyCredentialUserEntity(id=bytes(range(16)), name="j.jansen", display_name="J. Jansen")
ORIGIN = "kiosk://kiosk.example.internal"
PIN = "24681357"


class Keyboard(UserInteraction):
    def request_pin(self, permissions: object, rp_id: object) -> str:
        return PIN


class Desk:
    """Server and client of one desk, with the only key that is plugged in."""

    def __init__(self, verification: str = UserVerificationRequirement.DISCOURAGED) -> None:
        self.server = Fido2Server(RP, verify_origin=lambda origin: origin == ORIGIN)
        self.verification = verification
        collector = DefaultClientDataCollector(ORIGIN, verify=lambda rp_id, origin: True)
        self.client = Fido2Client(open_fido(), collector, user_interaction=Keyboard())

    def register(self, event: threading.Event | None = None) -> AuthenticatorData:
        options, state = self.server.register_begin(
            USER,
            resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement(self.verification),
        )
        return self.server.register_complete(state, self.client.make_credential(options.public_key, event=event))

    def sign(self, credential: AttestedCredentialData, event: threading.Event | None = None) -> int:
        """Counter of a signature that the server has verified."""
        options, state = self.server.authenticate_begin(
            [credential], user_verification=UserVerificationRequirement(self.verification)
        )
        answer = self.client.get_assertion(options.public_key, event=event).get_response(0)
        self.server.authenticate_complete(state, [credential], answer)
        return answer.response.authenticator_data.counter


@pytest.mark.parametrize("model", ["yubikey_5_nfc", "yubikey_5_nfc_5_4", "security_key_nfc", "yubikey_4"])
def test_a_key_registers_and_signs(usb: KernelUsb, finger: Finger, model: str) -> None:
    usb.plug(finger.rest_on(SimulatedYubiKey(MODELS[model])))
    desk = Desk()
    registered = desk.register()
    assert registered.credential_data is not None
    first, second = (desk.sign(registered.credential_data) for _ in range(2))
    assert registered.counter < first < second
    assert finger.touches == 3


def test_a_key_that_always_verifies_asks_for_its_pin(usb: KernelUsb, finger: Finger) -> None:
    usb.plug(finger.rest_on(SimulatedYubiKey(YUBIKEY_5_FIPS, pin=PIN)))
    desk = Desk()
    registered = desk.register()
    assert registered.is_user_verified()


def test_a_key_whose_pin_is_required_signs_with_it(usb: KernelUsb, finger: Finger) -> None:
    usb.plug(finger.rest_on(SimulatedYubiKey(YUBIKEY_5_NFC, pin=PIN)))
    desk = Desk(UserVerificationRequirement.REQUIRED)
    registered = desk.register()
    assert registered.credential_data is not None
    assert desk.sign(registered.credential_data) > 0


def test_a_key_signs_after_it_was_pulled_out_and_put_back(usb: KernelUsb, finger: Finger) -> None:
    key = finger.rest_on(SimulatedYubiKey(YUBIKEY_5_NFC))
    usb.plug(key)
    registered = Desk().register()
    assert registered.credential_data is not None
    usb.unplug(key)
    until(lambda: not list_ctap_devices(), "no key")
    usb.plug(key)
    assert Desk().sign(registered.credential_data) > registered.counter


def test_a_wait_for_a_touch_can_be_cancelled(usb: KernelUsb) -> None:
    event = threading.Event()
    usb.plug(SimulatedYubiKey(YUBIKEY_5_NFC, on_blink=lambda lit: event.set()))
    with pytest.raises(ClientError) as refused:
        Desk().register(event)
    assert refused.value.code is ClientError.ERR.TIMEOUT
    assert isinstance(refused.value.cause, CtapError)
    assert refused.value.cause.code is CtapError.ERR.KEEPALIVE_CANCEL


def test_a_touch_that_does_not_come_ends_the_wait(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(YUBIKEY_5_NFC, fido_touch_seconds=0.5))
    with pytest.raises(ClientError) as refused:
        Desk().register()
    assert isinstance(refused.value.cause, CtapError)
    assert refused.value.cause.code is CtapError.ERR.USER_ACTION_TIMEOUT


def test_a_key_that_is_pulled_out_while_it_blinks_is_an_error_of_the_line(usb: KernelUsb) -> None:
    blinks = threading.Event()
    key = SimulatedYubiKey(YUBIKEY_5_NFC, on_blink=lambda lit: blinks.set())
    usb.plug(key)
    desk = Desk()

    def pull() -> None:
        blinks.wait()
        usb.unplug(key)

    puller = threading.Thread(target=pull)
    puller.start()
    with pytest.raises(OSError, match=r"\[Errno 5\]"):
        desk.register()
    puller.join()


def test_another_key_says_that_it_is_not_the_one(usb: KernelUsb, finger: Finger) -> None:
    key = finger.rest_on(SimulatedYubiKey(YUBIKEY_5_NFC))
    usb.plug(key)
    registered = Desk().register()
    assert registered.credential_data is not None
    usb.unplug(key)
    until(lambda: not list_ctap_devices(), "no key")
    usb.plug(finger.rest_on(SimulatedYubiKey(YUBIKEY_5_NFC)))
    with pytest.raises(ClientError) as refused:
        Desk().sign(registered.credential_data)
    assert refused.value.code is ClientError.ERR.DEVICE_INELIGIBLE
