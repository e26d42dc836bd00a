"""What a key tells of itself over Yubico's management commands, as tag, length and value."""

from yubikit.core import Tlv
from yubikit.management import (
    CAPABILITY,
    TAG_AUTO_EJECT_TIMEOUT,
    TAG_CHALRESP_TIMEOUT,
    TAG_CONFIG_LOCK,
    TAG_DEVICE_FLAGS,
    TAG_FIPS_APPROVED,
    TAG_FIPS_CAPABLE,
    TAG_FORM_FACTOR,
    TAG_NFC_ENABLED,
    TAG_NFC_SUPPORTED,
    TAG_PIN_COMPLEXITY,
    TAG_SERIAL,
    TAG_USB_ENABLED,
    TAG_USB_SUPPORTED,
    TAG_VERSION,
)

from hardware.simulator.yubikey.models import Model

_FIPS_FORM = 0x80
_SECURITY_KEY_FORM = 0x40

# FIDO2, PIV, OpenPGP, OATH and YubiHSM Auth in the numbering of the FIPS tags.
_FIPS_EVERYTHING = 0b11111


def device_info(model: Model, serial: int) -> bytes:
    """One page with everything, its length first."""
    capabilities = _number(model.capabilities, 2)
    fields = [Tlv(TAG_USB_SUPPORTED, capabilities)]
    if model.has_serial:
        fields.append(Tlv(TAG_SERIAL, _number(serial, 4)))
    fields.append(Tlv(TAG_FORM_FACTOR, _number(_form(model), 1)))
    if model.firmware >= (5, 0, 0):
        fields += _since_5(model, capabilities)
    if model.firmware >= (5, 7, 0):
        fips = _number(_FIPS_EVERYTHING if model.is_fips else 0, 2)
        fields += [Tlv(TAG_FIPS_CAPABLE, fips), Tlv(TAG_FIPS_APPROVED, fips), Tlv(TAG_PIN_COMPLEXITY, b"\0")]
    body = b"".join(fields)
    return bytes([len(body)]) + body


def _since_5(model: Model, capabilities: bytes) -> list[Tlv]:
    fields = [
        Tlv(TAG_VERSION, bytes(model.firmware)),
        Tlv(TAG_USB_ENABLED, capabilities),
        Tlv(TAG_AUTO_EJECT_TIMEOUT, bytes(2)),
        Tlv(TAG_CHALRESP_TIMEOUT, b"\x0f"),
        Tlv(TAG_DEVICE_FLAGS, b"\0"),
        Tlv(TAG_CONFIG_LOCK, b"\0"),
    ]
    if model.has_nfc:
        fields += [Tlv(TAG_NFC_SUPPORTED, capabilities), Tlv(TAG_NFC_ENABLED, capabilities)]
    return fields


def _form(model: Model) -> int:
    return model.form_factor | model.is_fips * _FIPS_FORM | model.is_security_key * _SECURITY_KEY_FORM


def _number(value: int | CAPABILITY, size: int) -> bytes:
    return int(value).to_bytes(size, "big")
