"""A simulated security key: YubiKeys of several kinds, and one of another maker."""

import copy
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hardware.simulator.yubikey.attestation import AttestationAuthority
from hardware.simulator.yubikey.chip import Chip, Memory
from hardware.simulator.yubikey.clock import Clock, RealClock
from hardware.simulator.yubikey.ctap1 import Ctap1Application
from hardware.simulator.yubikey.ctap2 import Ctap2Application
from hardware.simulator.yubikey.ctap_hid import CtapHidInterface
from hardware.simulator.yubikey.models import YUBIKEY_5_NFC, Model, model_named
from hardware.simulator.yubikey.operation import Touch
from hardware.simulator.yubikey.otp_interface import OtpInterface
from hardware.simulator.yubikey.typed_otp import Typist, factory_slot

# How long real keys wait for a touch.
FIDO_TOUCH_SECONDS = 30.0
HMAC_TOUCH_SECONDS = 15.0


class SimulatedYubiKey:
    """One key, plugged into a `SimulatedUsb` or in somebody's pocket; all of it may be used from any thread.

    Attributes:
        on_blink: called with True when the lamp begins to blink and with False when it ends, in the thread that
            brought it about. A time-out is noticed by the host's next read or by whoever looks at `blinking`.
    """

    def __init__(
        self,
        model: Model | str = YUBIKEY_5_NFC,
        *,
        serial: int | None = None,
        pin: str | None = None,
        attestation: AttestationAuthority | None = None,
        clock: Clock | None = None,
        fido_touch_seconds: float = FIDO_TOUCH_SECONDS,
        hmac_touch_seconds: float = HMAC_TOUCH_SECONDS,
        on_blink: Callable[[bool], object] | None = None,
    ) -> None:
        """A new key as it comes from the factory, but with a PIN if one is given.

        Raises:
            UnknownKeyModel: no model has that name.
            fido2.ctap.CtapError: PIN_POLICY_VIOLATION.
        """
        model = model_named(model) if isinstance(model, str) else model
        memory = Memory(
            serial=10_000_000 + secrets.randbelow(20_000_000) if serial is None else serial,
            credential_secret=secrets.token_bytes(32),
        )
        if model.has_otp:
            memory.slots[0] = factory_slot(memory.serial)
        chip = Chip(
            model,
            memory,
            RealClock() if clock is None else clock,
            authority=attestation,
            fido_touch_seconds=fido_touch_seconds,
            otp_touch_seconds=hmac_touch_seconds,
        )
        self._build(chip)
        self.on_blink = on_blink
        if pin is not None:
            self._ctap2.pin.put(pin)

    def _build(self, chip: Chip) -> None:
        self._chip = chip
        self._ctap1 = Ctap1Application(chip)
        self._ctap2 = Ctap2Application(chip)
        self._condition = threading.Condition()
        self._fido: CtapHidInterface | None = None
        self._otp: OtpInterface | None = None
        self._typist: Typist | None = None
        self._lit = False

    def __repr__(self) -> str:
        return f"<SimulatedYubiKey {self.model.name} {self.serial}>"

    @property
    def model(self) -> Model:
        """What kind of key it is."""
        return self._chip.model

    @property
    def serial(self) -> int:
        """What is printed on it; not every model tells it to software."""
        return self._chip.memory.serial

    @property
    def counter(self) -> int:
        """Signatures made so far."""
        return self._chip.memory.counter

    @property
    def clock(self) -> Clock:
        """Its time."""
        return self._chip.clock

    @property
    def plugged(self) -> bool:
        """Whether it has power."""
        return self._fido is not None

    @property
    def blinking(self) -> bool:
        """Whether it asks for a touch now."""
        with self.at_work():
            return self._is_lit()

    @property
    def winks(self) -> int:
        """How often it was asked to show itself since it was plugged in."""
        return 0 if self._fido is None else self._fido.winks

    # Fingers

    def touch(self, *, known_finger: bool = True) -> str:
        """Touch it, and tell what it types into the machine: nothing when something waited for the touch.

        Args:
            known_finger: whether a fingerprint sensor recognises it; other models do not care.
        """
        with self.at_work():
            if self._fido is None or self._otp is None or self._chip.wedged:
                return ""
            touch = Touch(known_finger)
            if self._fido.touch(touch) or self._otp.touch(touch) or self._chip.presence.touch():
                return ""
        return self.types()

    def types(self, slot: int = 1) -> str:
        """What a stray touch types: 44 letters and Enter for a slot as it comes from the factory, else nothing."""
        with self.at_work():
            return "" if self._typist is None else self._typist.text(slot)

    # Faults

    @property
    def wedged(self) -> bool:
        """Fault: answers nothing and shows no sign of life until it is unplugged."""
        return self._chip.wedged

    @wedged.setter
    def wedged(self, wedged: bool) -> None:
        with self.at_work():
            self._chip.wedged = wedged

    @property
    def slow(self) -> float:
        """Fault: seconds that each command takes before anything else, with signs of life meanwhile."""
        return self._chip.slow_seconds

    @slow.setter
    def slow(self, seconds: float) -> None:
        self._chip.slow_seconds = seconds

    @property
    def counter_frozen(self) -> bool:
        """Fault: signatures always carry counter 0, as some makers' keys do."""
        return self._chip.counter_frozen

    @counter_frozen.setter
    def counter_frozen(self, frozen: bool) -> None:
        self._chip.counter_frozen = frozen

    def cloned(self, *, counter_lag: int = 0) -> "SimulatedYubiKey":
        """Another key with the same secrets, whose counter is so much older; from then on each goes its own way."""
        clone = object.__new__(SimulatedYubiKey)
        with self.at_work():
            chip = copy.copy(self._chip)
            chip.memory = copy.deepcopy(self._chip.memory)
        chip.memory.counter = max(chip.memory.counter - counter_lag, 0)
        chip.presence = type(chip.presence)(chip.clock)
        clone._build(chip)
        clone.on_blink = None
        return clone

    # For the bus

    def power_up(self, send: Callable[[bytes], None]) -> None:
        """Start afresh; `send` gets each CTAPHID packet for the host."""
        with self.at_work():
            self._chip.plugged_at = self._chip.clock.now()
            self._chip.presence.forget()
            self._ctap2.pin.power_up()
            self._fido = CtapHidInterface(self._chip, self._ctap1, self._ctap2, send)
            self._otp = OtpInterface(self._chip)
            self._typist = Typist(self._chip)

    def power_down(self) -> None:
        """Lose power in the middle of whatever it does."""
        with self.at_work():
            self._fido = self._otp = self._typist = None
            self._chip.presence.forget()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Be the only one who uses the key; afterwards wake those who wait, and tell when the lamp has changed."""
        with self._condition:
            self._settle()
            yield
            lit = self._is_lit()
            changed, self._lit = lit != self._lit, lit
            self._condition.notify_all()
        if changed and self.on_blink is not None:
            # Another thread may have changed it since: tell what holds, so that the last word is never stale.
            self.on_blink(self._lit)

    def wait(self, deadline: float | None = None) -> None:
        """Inside `at_work`: let others, until something happens or is due."""
        next_event = None if self._fido is None else self._fido.next_event
        due = [moment for moment in (deadline, next_event) if moment is not None]
        self._chip.clock.wait_until(self._condition, min(due, default=None))
        self._settle()

    @property
    def fido(self) -> CtapHidInterface:
        """The FIDO interface; only with power."""
        assert self._fido is not None
        return self._fido

    @property
    def otp(self) -> OtpInterface:
        """The keyboard interface; only with power."""
        assert self._otp is not None
        return self._otp

    def _settle(self) -> None:
        if self._fido is not None:
            self._fido.settle()
        if self._otp is not None:
            self._otp.settle()

    def _is_lit(self) -> bool:
        if self._fido is None or self._otp is None or self._chip.wedged:
            return False
        return self._fido.waits_for_touch or self._otp.waits_for_touch or self._chip.presence.asked
