"""Models of security keys as data: what they can do, and what they say of themselves.

AAGUIDs are those that Yubico publishes for its firmware series and the FIDO metadata service lists. Of what real keys offer,
discoverable credentials and extensions are not simulated, so no model announces them.
"""

from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from yubikit.management import CAPABILITY, FORM_FACTOR

from hardware.simulator.errors import UnknownKeyModel

YUBICO = 0x1050

_EVERYTHING = (
    CAPABILITY.OTP
    | CAPABILITY.U2F
    | CAPABILITY.FIDO2
    | CAPABILITY.OATH
    | CAPABILITY.PIV
    | CAPABILITY.OPENPGP
    | CAPABILITY.HSMAUTH
)
_FIDO_ONLY = CAPABILITY.U2F | CAPABILITY.FIDO2


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model of key.

    Attributes:
        name: by which it is asked for.
        title: what people call it.
        firmware: major, minor, patch.
        product_name: as the USB descriptor tells it, with the manufacturer before it as Linux does.
        aaguid: None for keys without FIDO2.
        capabilities: applications over USB.
        has_serial: whether software can read the serial number.
        is_security_key: the blue series (`is_sky` in device info).
        versions: of CTAP, as getInfo lists them; empty without FIDO2.
        pin_protocols: in the order of preference.
        has_pin_token: pinUvAuthToken with permissions (CTAP 2.1).
        creates_without_pin: makeCredUvNotRqd.
        always_verifies: alwaysUv, which also switches U2F off.
        minimum_pin: code points.
        has_sensor: reads fingerprints.
        lists_limits: whether getInfo tells the sizes of lists and ids.
        maximum_message: bytes of a CTAP2 message.
    """

    name: str
    title: str
    firmware: tuple[int, int, int]
    vendor_id: int = YUBICO
    product_id: int
    product_name: str
    aaguid: UUID | None
    form_factor: FORM_FACTOR = FORM_FACTOR.USB_A_KEYCHAIN
    capabilities: CAPABILITY
    has_nfc: bool = True
    has_serial: bool = True
    is_security_key: bool = False
    is_fips: bool = False
    versions: tuple[str, ...] = ("U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1")
    pin_protocols: tuple[int, ...] = (2, 1)
    has_pin_token: bool = True
    creates_without_pin: bool = True
    always_verifies: bool = False
    minimum_pin: int = 4
    has_sensor: bool = False
    lists_limits: bool = True
    maximum_message: int = 1280

    @property
    def has_fido2(self) -> bool:
        """Whether it speaks CTAP2."""
        return self.aaguid is not None

    @property
    def has_u2f(self) -> bool:
        """Whether it speaks CTAP1."""
        return not self.has_fido2 or "U2F_V2" in self.versions

    @property
    def has_otp(self) -> bool:
        """Whether it is a keyboard too, with two slots."""
        return CAPABILITY.OTP in self.capabilities

    @property
    def is_yubico(self) -> bool:
        """Whether it understands Yubico's own commands."""
        return self.vendor_id == YUBICO


YUBIKEY_5_NFC = Model(
    name="yubikey_5_nfc",
    title="YubiKey 5 NFC",
    firmware=(5, 7, 1),
    product_id=0x0407,
    product_name="Yubico YubiKey OTP+FIDO+CCID",
    aaguid=UUID("a25342c0-3cdc-4414-8e46-f4807fca511c"),
    capabilities=_EVERYTHING,
)

YUBIKEY_5_NFC_5_4 = Model(
    name="yubikey_5_nfc_5_4",
    title="YubiKey 5 NFC (5.4)",
    firmware=(5, 4, 3),
    product_id=0x0407,
    product_name="Yubico YubiKey OTP+FIDO+CCID",
    aaguid=UUID("2fc0579f-8113-47ea-b116-bb5a8db9202a"),
    capabilities=_EVERYTHING,
    versions=("U2F_V2", "FIDO_2_0", "FIDO_2_1_PRE"),
    has_pin_token=False,
    creates_without_pin=False,
    maximum_message=1200,
)

SECURITY_KEY_NFC = Model(
    name="security_key_nfc",
    title="Security Key NFC",
    firmware=(5, 7, 1),
    product_id=0x0402,
    product_name="Yubico YubiKey FIDO",
    aaguid=UUID("e77e3c64-05e3-428b-8824-0cbeb04b829d"),
    capabilities=_FIDO_ONLY,
    has_serial=False,
    is_security_key=True,
)

YUBIKEY_BIO = Model(
    name="yubikey_bio",
    title="YubiKey Bio",
    firmware=(5, 7, 2),
    product_id=0x0402,
    product_name="Yubico YubiKey FIDO",
    aaguid=UUID("dd86a2da-86a0-4cbe-b462-4bd31f57bc6f"),
    form_factor=FORM_FACTOR.USB_A_BIO,
    capabilities=_FIDO_ONLY,
    has_nfc=False,
    has_sensor=True,
)

YUBIKEY_5_FIPS = Model(
    name="yubikey_5_fips",
    title="YubiKey 5 NFC FIPS",
    firmware=(5, 7, 1),
    product_id=0x0407,
    product_name="Yubico YubiKey OTP+FIDO+CCID",
    aaguid=UUID("fcc0118f-cd45-435b-8da1-9782b2da0715"),
    capabilities=_EVERYTHING,
    is_fips=True,
    versions=("FIDO_2_0", "FIDO_2_1_PRE", "FIDO_2_1"),
    pin_protocols=(2,),
    creates_without_pin=False,
    always_verifies=True,
    minimum_pin=8,
)

YUBIKEY_4 = Model(
    name="yubikey_4",
    title="YubiKey 4",
    firmware=(4, 3, 7),
    product_id=0x0407,
    product_name="Yubico Yubikey 4 OTP+U2F+CCID",
    aaguid=None,
    capabilities=CAPABILITY.OTP | CAPABILITY.U2F | CAPABILITY.OATH | CAPABILITY.PIV | CAPABILITY.OPENPGP,
    has_nfc=False,
    versions=(),
    pin_protocols=(),
)

FOREIGN_KEY = Model(
    name="foreign_key",
    title="Feitian ePass FIDO2-NFC",
    firmware=(1, 4, 0),
    vendor_id=0x096E,
    product_id=0x0858,
    product_name="FT FIDO-NFC",
    aaguid=UUID("ee041bce-25e5-4cdb-8f86-897fd6418464"),
    capabilities=_FIDO_ONLY,
    has_serial=False,
    versions=("U2F_V2", "FIDO_2_0"),
    pin_protocols=(1,),
    has_pin_token=False,
    creates_without_pin=False,
    lists_limits=False,
    maximum_message=1024,
)

MODELS = MappingProxyType(
    {
        model.name: model
        for model in (
            YUBIKEY_5_NFC,
            YUBIKEY_5_NFC_5_4,
            SECURITY_KEY_NFC,
            YUBIKEY_BIO,
            YUBIKEY_5_FIPS,
            YUBIKEY_4,
            FOREIGN_KEY,
        )
    }
)


def model_named(name: str) -> Model:
    """The model of that name.

    Raises:
        UnknownKeyModel: there is none.
    """
    try:
        return MODELS[name]
    except KeyError:
        raise UnknownKeyModel(name, MODELS) from None
