"""What a key says of itself: model, serial number, firmware, what it can do; read once, without a touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from hardware.yubikey import challenge_response, fido
from hardware.yubikey.bus import KeyBus, PluggedKey
from hardware.yubikey.errors import KeyForbidden, KeyGone, KeyTrouble

if TYPE_CHECKING:
    from fido2.hid import CtapHidDevice
    from yubikit.core import Connection

# First firmware without the flaw of YSA-2024-03 (ECDSA leaks over a side channel), as (major, minor, patch).
SOUND_FIRMWARE: Final = (5, 7, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """None and empty where the key does not say."""

    model: str
    """What its maker calls it; the name on the USB bus for a key that is not Yubico's."""
    yubico: bool
    serial: int | None
    firmware: tuple[int, int, int] | None
    aaguid: str | None
    """Model of the authenticator (WebAuthn §6.5.1) as a UUID."""
    protocols: tuple[str, ...]
    """Such as FIDO_2_1 and U2F_V2."""
    options: Mapping[str, bool] = field(default_factory=dict)
    """Of authenticatorGetInfo (CTAP 2.1 §6.4)."""
    pin_tries: int | None = None
    minimum_pin_length: int | None = None
    types_letters: bool | None = None
    """Slot 1 is set: a stray touch types."""
    slot_two_used: bool | None = None
    interfaces: tuple[str, ...] = ()

    @property
    def pin_set(self) -> bool:
        """The person chose a PIN."""
        return bool(self.options.get("clientPin"))

    @property
    def always_verifies(self) -> bool:
        """It asks for a PIN or a finger even when nobody wants it to."""
        return bool(self.options.get("alwaysUv"))

    @property
    def flawed_firmware(self) -> bool:
        """Yubico's advisory YSA-2024-03 is about it: a laboratory that holds the key can copy it."""
        return self.yubico and self.firmware is not None and self.firmware < SOUND_FIRMWARE


def read_facts(bus: KeyBus, key: PluggedKey) -> KeyFacts:
    """Ask the key over every interface that may be opened; raises KeyGone, KeyForbidden when none may."""
    if key.forbidden:
        raise KeyForbidden
    facts = KeyFacts(
        model=key.product_name,
        yubico=key.yubico,
        serial=None,
        firmware=None,
        aaguid=None,
        protocols=(),
        interfaces=tuple(node.kind.value for node in (key.fido, key.otp) if node is not None),
    )
    facts = _over_fido(bus, key, facts)
    return _over_otp(bus, key, facts)


def _over_fido(bus: KeyBus, key: PluggedKey, facts: KeyFacts) -> KeyFacts:

    if key.fido is None or not key.fido.may_open:
        return facts
    with fido.opened(bus, key.fido) as device:
        if (information := fido.information(device)) is not None:
            facts = replace(
                facts,
                aaguid=str(information.aaguid),
                protocols=tuple(str(version) for version in information.versions),
                options={str(name): bool(value) for name, value in information.options.items()},
                pin_tries=fido.pin_tries(device),
                minimum_pin_length=information.min_pin_length if "clientPin" in information.options else None,
            )
        else:
            facts = replace(facts, protocols=("U2F_V2",))
        try:
            return _named(facts, device, key) if key.yubico else facts
        except OSError:
            raise KeyGone from None


def _named(facts: KeyFacts, device: "CtapHidDevice", key: PluggedKey) -> KeyFacts:
    """Model, serial number and firmware, by Yubico's own commands over CTAPHID."""
    from yubikit.core import PID  # noqa: PLC0415  72 ms that a start without a key does not pay
    from yubikit.support import get_name, read_info  # noqa: PLC0415  as above

    try:
        pid = PID(key.product_id)
    except ValueError:
        # A key that is newer than this program: it works, and is called what it calls itself.
        return facts
    # yubikit makes every CTAP device a connection of its own when it is imported, which no type checker sees.
    info = read_info(cast("Connection", device), pid)
    major, minor, patch = info.version
    return replace(facts, model=get_name(info, pid.yubikey_type), serial=info.serial, firmware=(major, minor, patch))


def _over_otp(bus: KeyBus, key: PluggedKey, facts: KeyFacts) -> KeyFacts:

    from yubikit.core import CommandError  # noqa: PLC0415  as above
    from yubikit.yubiotp import SLOT, YubiOtpSession  # noqa: PLC0415  as above

    if key.otp is None or not key.otp.may_open:
        return facts
    try:
        connection = bus.open_otp(key.otp)
    except (OSError, CommandError, KeyTrouble):
        return facts
    try:
        state = YubiOtpSession(connection).get_config_state()
        serial = facts.serial if facts.serial is not None else challenge_response.serial_of(connection)
    except (OSError, CommandError, KeyTrouble):
        return facts
    finally:
        connection.close()
    return replace(
        facts, serial=serial, types_letters=state.is_configured(SLOT.ONE), slot_two_used=state.is_configured(SLOT.TWO)
    )
