import pytest
from fido2.client import ClientError, PinRequiredError
from fido2.ctap import CtapError
from fido2.ctap2.base import Ctap2
from fido2.ctap2.pin import ClientPin, PinProtocol, PinProtocolV1, PinProtocolV2

from hardware.simulator.yubikey import MODELS, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import REQUIRED, RP_ID, Desk, Person, credential, fido_node

PIN = "87654321"
WRONG = "12344321"

PAIRS = [
    (name, protocol)
    for name, model in MODELS.items()
    for protocol in (PinProtocolV1(), PinProtocolV2())
    if protocol.VERSION in model.pin_protocols
]


def pins(usb: SimulatedUsb, key: SimulatedYubiKey, protocol: PinProtocol | None = None) -> ClientPin:
    return ClientPin(Ctap2(fido_node(usb, key).open()), protocol)


@pytest.mark.parametrize(("model", "protocol"), PAIRS)
def test_a_pin_is_set_changed_and_used(model: str, protocol: PinProtocol, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(model)
    pins(usb, key, protocol).set_pin(WRONG)
    pins(usb, key, protocol).change_pin(WRONG, PIN)

    token = pins(usb, key, protocol).get_pin_token(PIN, ClientPin.PERMISSION.GET_ASSERTION, RP_ID)

    assert len(token) == 32
    with pytest.raises(CtapError):
        pins(usb, key, protocol).get_pin_token(WRONG, ClientPin.PERMISSION.GET_ASSERTION, RP_ID)


@pytest.mark.parametrize(("model", "short"), [("yubikey_5_nfc", "1234"), ("yubikey_5_fips", "12345678")])
def test_a_pin_one_code_point_too_short_is_refused(model: str, short: str, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(model)
    # The client pads a PIN to 64 bytes, so its own check does not see a zero at the end.
    too_short = short[:-1] + "\0"

    with pytest.raises(CtapError) as refusal:
        pins(usb, key).set_pin(too_short)

    assert refusal.value.code is CtapError.ERR.PIN_POLICY_VIOLATION
    pins(usb, key).set_pin(short)


def test_a_pin_that_is_set_is_not_set_again(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(pin=PIN)

    with pytest.raises(CtapError) as refusal:
        pins(usb, key).set_pin(WRONG)

    assert refusal.value.code is CtapError.ERR.PIN_AUTH_INVALID


def test_a_key_without_a_pin_has_no_tries_to_tell(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    with pytest.raises(CtapError) as refusal:
        pins(usb, key).get_pin_retries()

    assert refusal.value.code is CtapError.ERR.PIN_NOT_SET


def test_without_the_pin_nobody_is_verified(desk: Desk, plug_in: PlugIn) -> None:
    key = plug_in(pin=PIN)
    registered = desk.register(key)

    with pytest.raises(PinRequiredError):
        desk.sign_in(key, [credential(registered)], Person(key), verification=REQUIRED)


def cause(desk: Desk, key: SimulatedYubiKey, pin: str) -> CtapError.ERR:
    with pytest.raises(ClientError) as refusal:
        desk.register(key, Person(key, pin=pin), verification=REQUIRED)
    assert refusal.value.code is ClientError.ERR.BAD_REQUEST
    code: CtapError.ERR = refusal.value.cause.code
    return code


def test_the_third_wrong_pin_in_a_row_needs_the_key_to_be_pulled_out(
    desk: Desk, usb: SimulatedUsb, plug_in: PlugIn
) -> None:
    key = plug_in(pin=PIN)

    causes = [cause(desk, key, WRONG) for _ in range(3)]

    error = CtapError.ERR
    assert causes == [error.PIN_INVALID, error.PIN_INVALID, error.PIN_AUTH_BLOCKED]
    assert cause(desk, key, PIN) is error.PIN_AUTH_BLOCKED
    assert pins(usb, key).get_pin_retries() == (5, True)
    usb.unplug(key)
    usb.plug(key)
    assert pins(usb, key).get_pin_retries() == (5, False)
    desk.register(key, Person(key, pin=PIN), verification=REQUIRED)
    assert pins(usb, key).get_pin_retries() == (8, False)


def test_the_eighth_wrong_pin_blocks_it_for_good(desk: Desk, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(pin=PIN)
    for _ in range(8):
        if pins(usb, key).get_pin_retries()[1]:
            usb.unplug(key)
            usb.plug(key)
        last = cause(desk, key, WRONG)

    assert last is CtapError.ERR.PIN_BLOCKED
    usb.unplug(key)
    usb.plug(key)
    assert cause(desk, key, PIN) is CtapError.ERR.PIN_BLOCKED
    assert pins(usb, key).get_pin_retries() == (0, False)


def test_a_token_is_good_for_one_relying_party(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(pin=PIN)
    ctap = Ctap2(fido_node(usb, key).open())
    client = ClientPin(ctap)
    token = client.get_pin_token(PIN, ClientPin.PERMISSION.GET_ASSERTION, RP_ID)
    proof = client.protocol.authenticate(token, bytes(32))

    with pytest.raises(CtapError) as refusal:
        ctap.get_assertion("other.internal", bytes(32), None, None, {"up": False}, proof, client.protocol.VERSION)

    assert refusal.value.code is CtapError.ERR.PIN_AUTH_INVALID


def test_a_token_for_signing_in_creates_nothing(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in(pin=PIN)
    ctap = Ctap2(fido_node(usb, key).open())
    client = ClientPin(ctap)
    token = client.get_pin_token(PIN, ClientPin.PERMISSION.GET_ASSERTION, RP_ID)
    proof = client.protocol.authenticate(token, bytes(32))

    with pytest.raises(CtapError) as refusal:
        ctap.make_credential(
            bytes(32),
            {"id": RP_ID, "name": "Kiosk"},
            {"id": b"1", "name": "A"},
            [{"type": "public-key", "alg": -7}],
            pin_uv_param=proof,
            pin_uv_protocol=client.protocol.VERSION,
        )

    assert refusal.value.code is CtapError.ERR.PIN_AUTH_INVALID


def test_a_pin_that_the_model_does_not_take_makes_no_key() -> None:
    with pytest.raises(CtapError):
        SimulatedYubiKey("yubikey_5_fips", pin="1234567")
