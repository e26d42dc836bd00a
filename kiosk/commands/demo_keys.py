"""The security keys of the demonstration: three in a drawer, one of which belongs to somebody."""

import secrets
from collections.abc import Callable
from threading import Event
from typing import Final

from data.factors import FactorKind, FactorState
from data.users import User
from hardware.simulator.yubikey import SimulatedUsb, SimulatedYubiKey
from hardware.simulator.yubikey.key_bus import SimulatedKeyBus
from hardware.yubikey import fido
from hardware.yubikey.bus import plugged_keys
from hardware.yubikey.facts import read_facts
from kiosk.demo import DemoKey
from kiosk.site import Site
from kiosk.yubikey import relying_party as rp
from kiosk.yubikey.enrolment import papers_of
from kiosk.yubikey.kept import Attested, KeptKey

PIN: Final = "87654321"
# Name on the panel, model, PIN.
KEYS: Final = (
    ("sam", "yubikey_5_nfc", None),
    ("fips", "yubikey_5_fips", PIN),
    ("solo", "foreign_key", None),
)


class DemoKeys:
    """The keys and the USB ports; every method may be called from any thread."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self.usb = SimulatedUsb()
        self.bus = SimulatedKeyBus(self.usb)
        self.keys = {
            name: SimulatedYubiKey(model, pin=pin, on_blink=lambda _lit: changed()) for name, model, pin in KEYS
        }
        self._changed = changed

    def states(self) -> tuple[DemoKey, ...]:
        """What the panel shows."""
        return tuple(
            DemoKey(
                name=name,
                model=self.keys[name].model.product_name,
                pin=pin,
                plugged=self.keys[name].plugged,
                blinking=self.keys[name].blinking,
            )
            for name, _model, pin in KEYS
        )

    def toggle(self, name: str) -> None:
        """Put the key in, or pull it out, whatever it is doing."""
        key = self.keys[name]
        if key.plugged:
            self.usb.unplug(key)
        else:
            self.usb.plug(key)
        self._changed()

    def touch(self) -> str:
        """Touch the key that blinks, else the ones that are in; gives what that types."""
        keys = [key for key in self.keys.values() if key.plugged]
        blinking = [key for key in keys if key.blinking]
        typed = "".join(key.touch() for key in blinking or keys[:1])
        self._changed()
        return typed

    def give(self, site: Site, user: User, name: str, label: str) -> None:
        """Make the key one of the person's, as if they had enrolled it long ago."""
        key = self.keys[name]
        self.usb.plug(key)
        try:
            plugged = plugged_keys(self.bus.nodes())[0]
            facts = read_facts(self.bus, plugged)
            assert plugged.fido is not None
            with site.database.transaction(write=True):
                party = rp.relying_party(site.database, site.name)
            challenge = secrets.token_bytes(rp.CHALLENGE_BYTES)
            request = fido.RegistrationRequest(
                relying_party=party.id,
                relying_party_name=party.name,
                origin=party.origin,
                challenge=challenge,
                user_handle=rp.user_handle(user.id),
                exclude=(),
                verify_user=False,
                attestation=False,
            )
            device = self.bus.open_fido(plugged.fido)
            try:
                response = fido.registration(device, request, _Hand(key))
            finally:
                device.close()
            registered = rp.check_registration(party, challenge, response, verify_user=False)
            kept = KeptKey(credential=registered.credential, papers=papers_of(facts, registered.aaguid, Attested.NONE))
            with site.database.transaction(write=True):
                factor = site.database.factors.add(
                    user.id,
                    kind=FactorKind.YUBIKEY_FIDO2,
                    label=label,
                    state=FactorState.ACTIVE,
                    secret=kept.to_bytes(),
                    index=None,
                    now=site.clock.now(),
                )
                site.database.factors.raise_counter(factor.id, registered.counter)
        finally:
            self.usb.unplug(key)


class _Hand:
    """Touches at once, long ago."""

    def __init__(self, key: SimulatedYubiKey) -> None:
        self.cancelled = Event()
        self._key = key

    def touch(self) -> None:
        """The key blinks."""
        self._key.touch()

    def finger(self) -> None:
        """The key waits for a finger."""
        self._key.touch()

    def pin(self, left: int | None, *, wrong: bool) -> str | None:  # noqa: ARG002  the protocol's signature
        """None of these keys asks for one."""
        return None
