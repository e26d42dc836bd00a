from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import load_der_x509_certificate
from fido2.attestation.base import AttestationResult, AttestationVerifier, UntrustedAttestation
from fido2.client import ClientError
from fido2.ctap import CtapError
from fido2.ctap2.base import Ctap2
from fido2.webauthn import Aaguid, AttestationObject, AuthenticatorData

from hardware.simulator.yubikey import MODELS, AttestationAuthority, LeapingClock, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import REQUIRED, RP_ID, Desk, Person, credential, fido_node, touching

WITH_FIDO2 = [name for name, model in MODELS.items() if model.has_fido2]
PIN = "87654321"


class TrustedRoot(AttestationVerifier):
    def __init__(self, authority: AttestationAuthority) -> None:
        super().__init__()
        self._authority = authority

    def ca_lookup(self, attestation_result: AttestationResult, auth_data: AuthenticatorData) -> bytes:
        return self._authority.root


@pytest.mark.parametrize("model", WITH_FIDO2)
def test_every_model_registers_and_signs_in_with_a_pin_set(model: str, desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in(model, pin=PIN)

    registered = desk.register(key, Person(key, pin=PIN))
    signed_in = desk.sign_in(key, [credential(registered)], Person(key, pin=PIN))

    assert registered.counter < signed_in.counter
    assert signed_in.is_user_present()
    assert credential(registered).aaguid == Aaguid(key.model.aaguid.bytes if key.model.aaguid else b"")


@pytest.mark.parametrize("model", [name for name in WITH_FIDO2 if name != "yubikey_5_fips"])
def test_a_key_without_a_pin_asks_for_a_touch_alone(model: str, desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in(model)
    person = Person(key)

    registered = desk.register(key, person)
    desk.sign_in(key, [credential(registered)], person)

    assert person.asked == ["touch", "touch"]


@pytest.mark.parametrize(
    ("model", "registering", "signing_in"),
    [
        ("yubikey_5_nfc", ["touch"], ["touch"]),
        ("yubikey_5_nfc_5_4", ["pin", "touch"], ["touch"]),
        ("foreign_key", ["pin", "touch"], ["touch"]),
        ("yubikey_bio", ["touch"], ["touch"]),
        ("yubikey_5_fips", ["pin", "touch"], ["pin", "touch"]),
    ],
)
def test_what_a_key_with_a_pin_asks_when_verification_is_discouraged(
    model: str, registering: list[str], signing_in: list[str], desk: Desk, plug_in: PlugIn
) -> None:
    key = plug_in(model, pin=PIN)
    first, second = Person(key, pin=PIN), Person(key, pin=PIN)

    registered = desk.register(key, first)
    desk.sign_in(key, [credential(registered)], second)

    assert (first.asked, second.asked) == (registering, signing_in)


@pytest.mark.parametrize("model", WITH_FIDO2)
def test_required_verification_is_in_the_signed_data(model: str, desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in(model, pin=PIN)

    registered = desk.register(key, Person(key, pin=PIN), verification=REQUIRED)
    signed_in = desk.sign_in(key, [credential(registered)], Person(key, pin=PIN), verification=REQUIRED)

    assert registered.is_user_verified()
    assert signed_in.is_user_verified()


def test_a_finger_verifies_and_is_the_touch_too(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in("yubikey_bio", pin=PIN)
    person = Person(key)

    registered = desk.register(key, person, verification=REQUIRED)

    assert person.asked == ["finger", "touch"]
    assert registered.is_user_verified()
    assert registered.is_user_present()


def test_after_three_strange_fingers_only_the_pin_counts(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in("yubikey_bio", pin=PIN)
    registered = desk.register(key, Person(key), verification=REQUIRED)
    stranger = Person(key, touch=lambda: key.touch(known_finger=False))
    for _ in range(2):
        with pytest.raises(ClientError):
            desk.sign_in(key, [credential(registered)], stranger, verification=REQUIRED)
    # The third blocks the sensor, and the client falls back to the PIN by itself; then any finger is a touch.
    third = Person(key, pin=PIN, touch=lambda: key.touch(known_finger=False))

    desk.sign_in(key, [credential(registered)], third, verification=REQUIRED)

    assert third.asked == ["finger", "touch", "pin", "touch"]


def test_a_key_that_is_excluded_asks_for_a_touch_and_refuses(desk: Desk, key: SimulatedYubiKey) -> None:
    registered = desk.register(key)
    person = Person(key)

    with pytest.raises(ClientError) as refusal:
        desk.register(key, person, exclude=[credential(registered)])

    assert (refusal.value.code, refusal.value.cause.code) == (
        ClientError.ERR.DEVICE_INELIGIBLE,
        CtapError.ERR.CREDENTIAL_EXCLUDED,
    )
    assert person.asked == ["touch"]


def test_a_key_of_somebody_else_asks_for_a_touch_and_refuses(desk: Desk, plug_in: PlugIn) -> None:
    mine, yours = plug_in(), plug_in()
    registered = desk.register(mine)
    person = Person(yours)

    with pytest.raises(ClientError) as refusal:
        desk.sign_in(yours, [credential(registered)], person)

    assert (refusal.value.code, refusal.value.cause.code) == (
        ClientError.ERR.DEVICE_INELIGIBLE,
        CtapError.ERR.NO_CREDENTIALS,
    )
    assert person.asked == ["touch"]


def silently(desk: Desk, key: SimulatedYubiKey, rp_id: str, credential_id: bytes) -> bool:
    ctap = Ctap2(fido_node(desk.usb, key).open())
    try:
        ctap.get_assertion(rp_id, bytes(32), [{"id": credential_id, "type": "public-key"}], options={"up": False})
    except CtapError as error:
        if error.code is not CtapError.ERR.NO_CREDENTIALS:
            raise
        return False
    return True


@pytest.mark.parametrize("model", WITH_FIDO2)
def test_a_silent_probe_finds_the_right_key_without_a_touch(model: str, desk: Desk, plug_in: PlugIn) -> None:
    mine, yours = plug_in(model, pin=PIN), plug_in(model, pin=PIN)
    credential_id = credential(desk.register(mine, Person(mine, pin=PIN))).credential_id

    assert silently(desk, mine, RP_ID, credential_id)
    assert not silently(desk, yours, RP_ID, credential_id)
    assert not silently(desk, mine, "other.site.internal", credential_id)
    assert not mine.blinking


def test_what_a_silent_probe_signs_shows_that_nobody_was_there(desk: Desk, key: SimulatedYubiKey) -> None:
    registered = credential(desk.register(key))
    ctap = Ctap2(fido_node(desk.usb, key).open())
    allowed: list[Mapping[str, Any]] = [{"id": registered.credential_id, "type": "public-key"}]

    answer = ctap.get_assertion(RP_ID, bytes(32), allowed, options={"up": False})

    assert not answer.auth_data.is_user_present()
    answer.verify(bytes(32), registered.public_key)
    with pytest.raises(InvalidSignature):
        answer.verify(b"\1" * 32, registered.public_key)


@pytest.mark.parametrize("model", WITH_FIDO2)
def test_the_attestation_leads_to_the_authority(model: str, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    authority = AttestationAuthority()
    key = plug_in(model, pin=PIN, attestation=authority)
    desk = Desk(usb, verify_attestation=TrustedRoot(authority))

    response, state = desk.respond(key, Person(key, pin=PIN))
    desk.server.register_complete(state, response)

    statement = response.response.attestation_object.att_stmt
    assert load_der_x509_certificate(statement["x5c"][0]).subject.rfc4514_string().startswith(f"CN={key.model.title}")


def test_an_attestation_of_another_authority_is_refused(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(attestation=AttestationAuthority())
    desk = Desk(usb, verify_attestation=TrustedRoot(AttestationAuthority()))
    response, state = desk.respond(key)

    with pytest.raises(UntrustedAttestation):
        desk.server.register_complete(state, response)


def test_without_an_authority_a_key_attests_by_itself(desk: Desk, key: SimulatedYubiKey) -> None:
    response, _ = desk.respond(key)

    attestation: AttestationObject = response.response.attestation_object

    assert (attestation.fmt, set(attestation.att_stmt)) == ("packed", {"alg", "sig"})


def test_a_reset_forgets_credentials_and_pin(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in(pin=PIN)
    credential_id = credential(desk.register(key)).credential_id

    Ctap2(fido_node(desk.usb, key).open()).reset(on_keepalive=touching(key))

    assert not silently(desk, key, RP_ID, credential_id)
    assert Ctap2(fido_node(desk.usb, key).open()).info.options["clientPin"] is False


def test_a_reset_is_only_for_who_has_just_plugged_in(desk: Desk, plug_in: PlugIn) -> None:
    clock = LeapingClock()
    key = plug_in(clock=clock)
    ctap = Ctap2(fido_node(desk.usb, key).open())
    key.slow = 10.5

    with pytest.raises(CtapError) as refusal:
        ctap.reset()

    assert refusal.value.code is CtapError.ERR.NOT_ALLOWED


def test_selection_tells_which_key_was_touched(desk: Desk, key: SimulatedYubiKey) -> None:
    Ctap2(fido_node(desk.usb, key).open()).selection(on_keepalive=touching(key))

    assert not key.blinking
