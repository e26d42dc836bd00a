"""What the applications of one key share: its model, its memory, the clock, the faults and the attestation key."""

import hashlib
import secrets
from dataclasses import dataclass, field
from functools import cached_property

from hardware.simulator.yubikey.attestation import AttestationAuthority, AttestationCertificate, self_certified
from hardware.simulator.yubikey.clock import Clock
from hardware.simulator.yubikey.models import Model
from hardware.simulator.yubikey.otp_slot import Slot

PIN_TRIES = 8
FINGER_TRIES = 3

# After a U2F request the lamp blinks so long; the host asks again several times a second while it still wants the touch.
POLLED_TOUCH_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class Memory:
    """What a key remembers without power.

    Attributes:
        counter: signatures made.
        pin_hash: the left 16 bytes of the PIN's SHA-256; None without a PIN.
        pin_tries: left before the PIN is blocked.
        finger_tries: left before only the PIN counts.
        slots: 1 and 2 of the OTP application; None = empty.
        otp_uses: times that it was plugged in and typed a one-time password.
    """

    serial: int
    credential_secret: bytes = field(repr=False)
    counter: int = 0
    pin_hash: bytes | None = field(default=None, repr=False)
    pin_tries: int = PIN_TRIES
    finger_tries: int = FINGER_TRIES
    slots: list[Slot | None] = field(default_factory=lambda: [None, None], repr=False)
    otp_uses: int = 0

    def set_pin(self, pin: bytes) -> None:
        """Keep a new PIN."""
        self.pin_hash = hashlib.sha256(pin).digest()[:16]
        self.pin_tries = PIN_TRIES
        self.finger_tries = FINGER_TRIES

    def erase_fido(self) -> None:
        """Forget all credentials and the PIN; the counter goes on."""
        self.credential_secret = secrets.token_bytes(32)
        self.pin_hash = None
        self.pin_tries = PIN_TRIES
        self.finger_tries = FINGER_TRIES


@dataclass(slots=True)
class PolledPresence:
    """A touch for U2F, whose host asks again and again instead of waiting for an answer."""

    clock: Clock
    _until: float = 0.0
    _touched: bool = False

    @property
    def asked(self) -> bool:
        """Whether the lamp blinks for it."""
        return not self._touched and self.clock.now() < self._until

    def touch(self) -> bool:
        """Note a touch; False when nobody asked for one."""
        if not self.asked:
            return False
        self._touched = True
        return True

    def take(self) -> bool:
        """Use up the touch; False, and ask for one, when there is none."""
        now = self.clock.now()
        if self._touched and now < self._until:
            self._until = 0.0
            self._touched = False
            return True
        self._touched = False
        self._until = now + POLLED_TOUCH_SECONDS
        return False

    def forget(self) -> None:
        """Lose power."""
        self._until = 0.0
        self._touched = False


class Chip:
    """One key from the inside.

    Attributes:
        plugged_at: when power came on, seconds of the clock.
        wedged: answers nothing any more.
        slow_seconds: how long each command takes.
        counter_frozen: signatures always carry counter 0.
        fido_touch_seconds, otp_touch_seconds: how long it waits for a touch.
    """

    def __init__(
        self,
        model: Model,
        memory: Memory,
        clock: Clock,
        *,
        authority: AttestationAuthority | None,
        fido_touch_seconds: float,
        otp_touch_seconds: float,
    ) -> None:
        self.model = model
        self.memory = memory
        self.clock = clock
        self.authority = authority
        self.fido_touch_seconds = fido_touch_seconds
        self.otp_touch_seconds = otp_touch_seconds
        self.presence = PolledPresence(clock)
        self.plugged_at = 0.0
        self.wedged = False
        self.slow_seconds = 0.0
        self.counter_frozen = False

    @cached_property
    def certificate(self) -> AttestationCertificate:
        """What it attests with; of its own making when no authority vouches for it."""
        if self.authority is None:
            return self_certified(self.model.title)
        return self.authority.certify(self.model.title, self.model.aaguid)

    @property
    def knows_finger(self) -> bool:
        """Whether a fingerprint is enrolled: a key with a sensor takes one when its PIN is set."""
        return self.model.has_sensor and self.memory.pin_hash is not None

    def count(self) -> int:
        """Move the signature counter (WebAuthn §6.1.1) and tell what to sign with; one counter for all credentials."""
        self.memory.counter += 1
        return 0 if self.counter_frozen else self.memory.counter
