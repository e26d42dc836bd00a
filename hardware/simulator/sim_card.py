"""A simulated SIM: its numbers, its PIN and PUK with their tries, its message reference and its messages."""

import zlib
from enum import Enum, StrEnum

from hardware.simulator.message_store import MessageStore
from hardware.simulator.operators import OPERATORS

# A real SIM blocks its PIN after three wrong ones and itself after ten wrong PUKs (ETSI TS 102 221 §9.5).
PIN_TRIES = 3
PUK_TRIES = 10

# Messages that a common SIM keeps.
CAPACITY = 20


class PinState(StrEnum):
    """What the SIM waits for, as +CPIN? says it (3GPP TS 27.007 §8.3)."""

    READY = "READY"
    PIN = "SIM PIN"
    PUK = "SIM PUK"
    DEAD = "SIM BLOCKED"


class PinAnswer(Enum):
    """What the SIM made of a PIN or a PUK."""

    ACCEPTED = "accepted"
    WRONG = "wrong"
    NOT_ASKED = "not asked"


class SimulatedSim:
    """One SIM card.

    Attributes:
        number: the E.164 number that its messages come from.
        iccid, imsi: as the card tells them; made from number and network when not given.
        pin: None = the card asks for none.
        may_roam: whether it may register at networks other than its own.
        service_centre: +CSCA, None once lost.
        messages: its message store.
    """

    def __init__(
        self,
        *,
        number: str = "+31612000001",
        network: str = "20408",
        iccid: str | None = None,
        imsi: str | None = None,
        pin: str | None = None,
        puk: str = "12345678",
        pin_tries: int = PIN_TRIES,
        puk_tries: int = PUK_TRIES,
        may_roam: bool = False,
        service_centre: str | None = None,
        capacity: int = CAPACITY,
    ) -> None:
        serial = zlib.crc32(f"{network} {number}".encode()) % 10**9
        self.number = number
        self.iccid = iccid or with_luhn_digit(f"8931{network[3:5]}{serial:012d}")
        self.imsi = imsi or f"{network}{serial:010d}"
        self.pin = pin
        self.puk = puk
        self.pin_tries = pin_tries
        self.puk_tries = puk_tries
        self.may_roam = may_roam
        centres = {operator.mccmnc: operator.service_centre for operator in OPERATORS}
        self.service_centre: str | None = service_centre or centres.get(network, "+31653131313")
        self.messages = MessageStore(capacity)
        self._verified = False
        self._last_reference = -1

    def __repr__(self) -> str:
        return f"<SimulatedSim …{self.iccid[-4:]} {self.pin_state}>"

    @property
    def home_network(self) -> str:
        """MCC-MNC of the operator that issued the card."""
        return self.imsi[:5]

    @property
    def pin_state(self) -> PinState:
        """What the card waits for."""
        if self.puk_tries == 0:
            return PinState.DEAD
        if self.pin_tries == 0:
            return PinState.PUK
        return PinState.READY if self.pin is None or self._verified else PinState.PIN

    @property
    def pin_verified(self) -> bool:
        """Whether the PIN was entered since power came on."""
        return self._verified

    def power_on(self) -> None:
        """Forget that the PIN was entered."""
        self._verified = False

    def repair(self) -> None:
        """All tries again and open, as if somebody had entered the right PUK and PIN."""
        self.pin_tries, self.puk_tries = PIN_TRIES, PUK_TRIES
        self._verified = True

    def enter_pin(self, pin: str) -> PinAnswer:
        """Enter the PIN; a wrong one costs a try."""
        if self.pin_state is not PinState.PIN:
            return PinAnswer.NOT_ASKED
        return self.check_pin(pin)

    def check_pin(self, pin: str) -> PinAnswer:
        """Compare a PIN, for entering it or for switching it on and off; a wrong one costs a try."""
        if self.pin_tries == 0:
            return PinAnswer.NOT_ASKED
        if pin != self.pin:
            self.pin_tries -= 1
            return PinAnswer.WRONG
        self.pin_tries = PIN_TRIES
        self._verified = True
        return PinAnswer.ACCEPTED

    def switch_pin(self, *, on: bool, pin: str) -> PinAnswer:
        """Switch the PIN request on or off (+CLCK="SC"); a wrong PIN costs a try.

        A card whose request is off keeps no PIN here, so any is accepted for switching it on.
        """
        if self.pin is None and self.pin_tries:
            self.pin = pin if on else None
            self._verified = True
            return PinAnswer.ACCEPTED
        answer = self.check_pin(pin)
        if answer is PinAnswer.ACCEPTED and not on:
            self.pin = None
        return answer

    def enter_puk(self, puk: str, new_pin: str) -> PinAnswer:
        """Unblock with the PUK and set a new PIN; a wrong PUK costs one of its tries."""
        if self.pin_state is not PinState.PUK:
            return PinAnswer.NOT_ASKED
        if puk != self.puk:
            self.puk_tries -= 1
            return PinAnswer.WRONG
        self.pin, self.pin_tries, self.puk_tries = new_pin, PIN_TRIES, PUK_TRIES
        self._verified = True
        return PinAnswer.ACCEPTED

    def next_reference(self) -> int:
        """Count the message reference TP-MR, kept in EF_SMSS (3GPP TS 31.102 §4.2.28)."""
        self._last_reference = (self._last_reference + 1) % 256
        return self._last_reference


def with_luhn_digit(digits: str) -> str:
    """Add the check digit of ITU-T E.118."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)
