"""Simulated security keys at the level of CTAPHID packets and OTP feature reports; the real client code talks to them.

usb = SimulatedUsb()
key = SimulatedYubiKey("yubikey_5_nfc", pin="123456")
usb.plug(key)
client = Fido2Client(usb.fido_nodes()[0].open(), …)
...  # in another thread, when key.blinking
key.touch()
"""

from hardware.simulator.yubikey.attestation import AttestationAuthority
from hardware.simulator.yubikey.clock import Clock, LeapingClock, ManualClock, RealClock
from hardware.simulator.yubikey.key import FIDO_TOUCH_SECONDS, HMAC_TOUCH_SECONDS, SimulatedYubiKey
from hardware.simulator.yubikey.models import (
    FOREIGN_KEY,
    MODELS,
    SECURITY_KEY_NFC,
    YUBIKEY_4,
    YUBIKEY_5_FIPS,
    YUBIKEY_5_NFC,
    YUBIKEY_5_NFC_5_4,
    YUBIKEY_BIO,
    Model,
)
from hardware.simulator.yubikey.usb import FidoNode, KeyNode, OtpNode, SimulatedUsb

__all__ = [
    "FIDO_TOUCH_SECONDS",
    "FOREIGN_KEY",
    "HMAC_TOUCH_SECONDS",
    "MODELS",
    "SECURITY_KEY_NFC",
    "YUBIKEY_4",
    "YUBIKEY_5_FIPS",
    "YUBIKEY_5_NFC",
    "YUBIKEY_5_NFC_5_4",
    "YUBIKEY_BIO",
    "AttestationAuthority",
    "Clock",
    "FidoNode",
    "KeyNode",
    "LeapingClock",
    "ManualClock",
    "Model",
    "OtpNode",
    "RealClock",
    "SimulatedUsb",
    "SimulatedYubiKey",
]
