"""The test of a security key: what is plugged in, what it says of itself, two touches with their timing.

Makes a credential for a relying party that exists for nobody, proves it and forgets it: nothing stays in the key or here. The
measured facts (touch limits, whether a silent question moves the counter) are those that no specification tells for a real key.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from secrets import token_bytes
from typing import TYPE_CHECKING, Final

from hardware.yubikey import fido
from hardware.yubikey.bus import KeyBus, PluggedKey
from hardware.yubikey.conversation import Conversation, Matched
from hardware.yubikey.errors import Cancelled, KeyForbidden, KeyGone, KeyTrouble
from hardware.yubikey.facts import KeyFacts, read_facts
from kiosk.sign_in.outcomes import NO_VALUES
from kiosk.technician.steps import Mark
from kiosk.yubikey import relying_party as rp

if TYPE_CHECKING:
    from fido2.hid import CtapHidDevice

# Reserved for what exists nowhere (RFC 6761 §6.4), so that no credential of a site is ever near it.
PARTY: Final = rp.RelyingParty("kiosk-test.invalid", "test")
# Enough to tell a counter that moves at each from one that does not.
SILENT_QUESTIONS: Final = 3


@unique
class KeyStep(StrEnum):
    """In the order in which they are done; the values are the last part of `key_bench.step.*`."""

    INTERFACES = "interfaces"
    FACTS = "facts"
    FIRMWARE = "firmware"
    SLOTS = "slots"
    REGISTER = "register"
    SILENT = "silent"
    SIGN = "sign"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStepResult:
    """One step; `shown` are the values of the words `key_bench.shown.STEP[.VARIANT]`, `do` the id of what to do about it."""

    step: KeyStep
    mark: Mark
    seconds: float = 0.0
    variant: str = ""
    shown: Mapping[str, str | int] = field(default_factory=dict)
    do: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRun:
    """A whole test."""

    key: str
    steps: tuple[KeyStepResult, ...]
    facts: KeyFacts | None
    simulated: bool

    @property
    def verdict(self) -> Mark:
        """The worst of the steps; NOT_DONE when it was broken off."""
        marks = [step.mark for step in self.steps]
        for mark in (Mark.FAULT, Mark.ATTENTION, Mark.NOT_DONE):
            if mark in marks:
                return mark
        return Mark.GOOD


class KeyTest:
    """Runs in the thread of a conversation; `tell` gets each step when it begins and when it ends."""

    def __init__(self, bus: KeyBus, key: PluggedKey, tell: Callable[[KeyStepResult], None]) -> None:
        self._bus = bus
        self._key = key
        self._tell = tell
        self._results: dict[KeyStep, KeyStepResult] = {}
        self._facts: KeyFacts | None = None

    def run(self, conversation: Conversation) -> KeyRun:
        """All steps; what cannot be done after a fault is left out. Raises Cancelled and KeyGone."""
        conversation.tell(Matched(holds=True))
        if not conversation.wait_for_word():
            raise Cancelled
        if self._interfaces() and self._read():
            self._firmware()
            self._slots()
            self._touches(conversation)
        steps = tuple(self._results.get(step, KeyStepResult(step=step, mark=Mark.NOT_DONE)) for step in KeyStep)
        return KeyRun(key=self._key.key, steps=steps, facts=self._facts, simulated=self._bus.simulated)

    def _done(
        self,
        step: KeyStep,
        mark: Mark,
        began: float,
        variant: str = "",
        *,
        do: str = "",
        shown: Mapping[str, str | int] = NO_VALUES,
    ) -> None:
        result = KeyStepResult(
            step=step, mark=mark, seconds=time.monotonic() - began, variant=variant, shown=shown, do=do
        )
        self._results[step] = result
        self._tell(result)

    def _begin(self, step: KeyStep) -> float:
        self._tell(KeyStepResult(step=step, mark=Mark.BUSY))
        return time.monotonic()

    def _interfaces(self) -> bool:
        began = self._begin(KeyStep.INTERFACES)
        nodes = [node for node in (self._key.fido, self._key.otp) if node is not None]
        names = ", ".join(f"{node.kind.value.upper()} {node.path.rpartition('/')[2]}" for node in nodes)
        closed = [node for node in nodes if not node.may_open]
        if closed:
            self._done(KeyStep.INTERFACES, Mark.FAULT, began, "forbidden", do="rule", shown={"nodes": names})
            return False
        self._done(KeyStep.INTERFACES, Mark.GOOD, began, shown={"nodes": names})
        return True

    def _read(self) -> bool:
        began = self._begin(KeyStep.FACTS)
        try:
            facts = self._facts = read_facts(self._bus, self._key)
        except KeyForbidden:
            self._done(KeyStep.FACTS, Mark.FAULT, began, "forbidden", do="rule")
            return False
        serial: dict[str, str | int] = {} if facts.serial is None else {"serial": facts.serial}
        self._done(
            KeyStep.FACTS,
            Mark.GOOD,
            began,
            "serial" if facts.serial is not None else "",
            shown={"model": facts.model, "protocols": _protocols(facts), **serial},
        )
        return True

    def _firmware(self) -> None:
        assert self._facts is not None
        began = self._begin(KeyStep.FIRMWARE)
        if self._facts.firmware is None:
            self._done(KeyStep.FIRMWARE, Mark.SKIPPED, began, "unknown")
            return
        version = ".".join(map(str, self._facts.firmware))
        if self._facts.flawed_firmware:
            self._done(KeyStep.FIRMWARE, Mark.ATTENTION, began, do="flawed", shown={"version": version})
        else:
            self._done(KeyStep.FIRMWARE, Mark.GOOD, began, shown={"version": version})

    def _slots(self) -> None:
        assert self._facts is not None
        began = self._begin(KeyStep.SLOTS)
        if self._facts.types_letters is None:
            self._done(KeyStep.SLOTS, Mark.SKIPPED, began, "none")
            return
        variant = ("typing" if self._facts.types_letters else "silent") + (
            "_used" if self._facts.slot_two_used else "_free"
        )
        mark = Mark.ATTENTION if self._facts.types_letters else Mark.GOOD
        self._done(KeyStep.SLOTS, mark, began, variant, do="typing" if self._facts.types_letters else "")

    def _touches(self, conversation: Conversation) -> None:
        if self._key.fido is None:
            return
        with fido.opened(self._bus, self._key.fido) as device:
            registered = self._register(device, conversation)
            if registered is None:
                return
            credential = rp.credential_id(registered.credential)
            self._silent(device, credential)
            self._sign(device, registered, credential, conversation)

    def _register(self, device: "CtapHidDevice", conversation: Conversation) -> rp.Registered | None:
        began, challenge = self._begin(KeyStep.REGISTER), token_bytes(rp.CHALLENGE_BYTES)
        request = fido.RegistrationRequest(
            relying_party=PARTY.id,
            relying_party_name=PARTY.name,
            origin=PARTY.origin,
            challenge=challenge,
            user_handle=token_bytes(16),
            exclude=(),
            verify_user=False,
            attestation=True,
        )
        try:
            response = fido.registration(device, request, conversation)
            registered = rp.check_registration(PARTY, challenge, response, verify_user=False)
        except (Cancelled, KeyGone):
            raise
        except (KeyTrouble, rp.BadResponse) as error:
            self._done(KeyStep.REGISTER, Mark.FAULT, began, "failed", do="touch", shown={"why": _name(error)})
            return None
        self._done(
            KeyStep.REGISTER, Mark.GOOD, began, registered.attested.value, shown={"aaguid": registered.aaguid[:8]}
        )
        return registered

    def _silent(self, device: "CtapHidDevice", credential: bytes) -> None:
        began = self._begin(KeyStep.SILENT)
        found = [
            fido.holds_one_of(device, PARTY.id, [token_bytes(len(credential)), credential])
            for _ in range(SILENT_QUESTIONS)
        ]
        each = round((time.monotonic() - began) * 1000 / SILENT_QUESTIONS)
        right = all(list(one) == [credential] for one in found)
        # A key that insists on a PIN tells nothing silently; the kiosk then asks for the PIN first.
        mark = Mark.GOOD if right else Mark.ATTENTION
        self._done(KeyStep.SILENT, mark, began, "" if right else "mute", shown={"milliseconds": each})

    def _sign(
        self, device: "CtapHidDevice", registered: rp.Registered, credential: bytes, conversation: Conversation
    ) -> None:
        began, challenge = self._begin(KeyStep.SIGN), token_bytes(rp.CHALLENGE_BYTES)
        request = fido.AssertionRequest(
            relying_party=PARTY.id,
            origin=PARTY.origin,
            challenge=challenge,
            credentials=[credential],
            verify_user=False,
        )
        try:
            response = fido.assertion(device, request, conversation)
            asserted = rp.check_assertion(PARTY, challenge, [registered.credential], response, verify_user=False)
        except (Cancelled, KeyGone):
            raise
        except (KeyTrouble, rp.BadResponse) as error:
            self._done(KeyStep.SIGN, Mark.FAULT, began, "failed", do="touch", shown={"why": _name(error)})
            return
        rise = asserted.counter - registered.counter
        variant = "uncounted" if asserted.counter == 0 else "" if rise > 0 else "fallen"
        mark = Mark.FAULT if variant == "fallen" else Mark.GOOD
        self._done(KeyStep.SIGN, mark, began, variant, shown={"counter": asserted.counter, "rise": rise})


def _protocols(facts: KeyFacts) -> str:
    """FIDO2 and U2F, as boxes and manuals call them."""
    fido2 = any(version.startswith("FIDO_2") for version in facts.protocols)
    return "FIDO2" if fido2 else "U2F" if facts.protocols else "-"


def _name(error: Exception) -> str:
    return error.code if hasattr(error, "code") else type(error).__name__
