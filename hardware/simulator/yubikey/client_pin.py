"""authenticatorClientPIN (CTAP 2.1 §6.5): PIN, tries, tokens, and built-in user verification by finger."""

import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.ctap import CtapError
from fido2.ctap2.pin import ClientPin, PinProtocol, PinProtocolV1, PinProtocolV2

from hardware.simulator.yubikey.chip import FINGER_TRIES, PIN_TRIES, Chip
from hardware.simulator.yubikey.operation import AwaitTouch, Step, Touch
from hardware.simulator.yubikey.parameters import Parameters, as_parameters

Error = CtapError.ERR
Permission = ClientPin.PERMISSION
Result = ClientPin.RESULT

# Wrong PINs after which the key must be pulled out and put back (CTAP 2.1 §6.5.5.1).
TRIES_PER_POWER_CYCLE = 3

Answer = Generator[Step, Touch | None, dict[int, Any]]


@dataclass(slots=True)
class Token:
    """A pinUvAuthToken in use.

    Attributes:
        permissions: what it may still be used for.
        rp_id: the only relying party it is good for; None = the first one that uses it.
        present, verified: what the person has shown when it was issued.
    """

    value: bytes = field(repr=False)
    permissions: Permission
    rp_id: str | None = None
    present: bool = False
    verified: bool = True


class PinApplication:
    """PIN and tokens of one key, from power-on to power-off."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._protocols: dict[int, PinProtocol] = {1: PinProtocolV1(), 2: PinProtocolV2()}
        self.power_up()

    def power_up(self) -> None:
        """Make fresh keys and forget tokens and wrong PINs in a row."""
        self._private_key = ec.generate_private_key(ec.SECP256R1())
        self._token: Token | None = None
        self._wrong_in_a_row = 0

    def run(self, parameters: Parameters) -> Answer:
        """Run one subcommand.

        Raises:
            CtapError: refused.
        """
        command = parameters.need(2, int)
        model = self._chip.model
        if command == ClientPin.CMD.GET_PIN_RETRIES:
            return self._tell_tries()
        if command == ClientPin.CMD.GET_UV_RETRIES and model.has_sensor:
            return {Result.UV_RETRIES: self._chip.memory.finger_tries}
        protocol = self._protocol(parameters.need(1, int))
        match command:
            case ClientPin.CMD.GET_KEY_AGREEMENT:
                return {Result.KEY_AGREEMENT: self._key_agreement()}
            case ClientPin.CMD.SET_PIN:
                return self._set_pin(protocol, parameters)
            case ClientPin.CMD.CHANGE_PIN:
                return self._change_pin(protocol, parameters)
            case ClientPin.CMD.GET_TOKEN_USING_PIN_LEGACY:
                return self._token_by_pin(protocol, parameters, legacy=True)
            case ClientPin.CMD.GET_TOKEN_USING_PIN if model.has_pin_token:
                return self._token_by_pin(protocol, parameters, legacy=False)
            case ClientPin.CMD.GET_TOKEN_USING_UV if model.has_pin_token and model.has_sensor:
                return (yield from self._token_by_finger(protocol, parameters))
            case _:
                raise CtapError(Error.INVALID_SUBCOMMAND)

    # What makeCredential and getAssertion ask

    def check(
        self, parameters: Parameters, keys: tuple[int, int], message: bytes, need: Permission, rp_id: str
    ) -> Token:
        """The token behind pinUvAuthParam, whose parameter keys are `keys` (value, protocol).

        Raises:
            CtapError: PIN_AUTH_INVALID and what §6.1.2 and §6.2.2 say of the parameters.
        """
        protocol = self._protocol(parameters.need(keys[1], int))
        token = self._token
        proof = parameters.need(keys[0], bytes)
        if token is None or not secrets.compare_digest(protocol.authenticate(token.value, message), proof):
            raise CtapError(Error.PIN_AUTH_INVALID)
        if not token.permissions & need or token.rp_id not in {None, rp_id}:
            raise CtapError(Error.PIN_AUTH_INVALID)
        token.rp_id = rp_id
        return token

    def spend(self) -> None:
        """End what a token may do after a touch was used; keys before CTAP 2.1 let it live."""
        if self._token is not None and self._chip.model.has_pin_token:
            self._token.permissions = Permission(0)
            self._token.present = self._token.verified = False

    def verify_finger(self) -> Generator[Step, Touch | None, None]:
        """Wait for a finger and recognise it; that is presence too.

        Raises:
            CtapError: UV_BLOCKED or UV_INVALID.
        """
        memory = self._chip.memory
        if memory.finger_tries == 0:
            raise CtapError(Error.UV_BLOCKED)
        touch = yield AwaitTouch(self._chip.fido_touch_seconds)
        if touch is None or not touch.known:
            memory.finger_tries -= 1
            raise CtapError(Error.UV_INVALID if memory.finger_tries else Error.UV_BLOCKED)
        memory.finger_tries = FINGER_TRIES

    def put(self, pin: str) -> None:
        """Set a PIN without any protocol, as if it had been set long ago.

        Raises:
            CtapError: PIN_POLICY_VIOLATION.
        """
        self._keep(pin.encode())

    # Subcommands

    def _tell_tries(self) -> dict[int, Any]:
        """Without a PIN Yubico's keys refuse to tell (python-fido2, tests/device/test_clientpin.py)."""
        memory = self._chip.memory
        if memory.pin_hash is None:
            raise CtapError(Error.PIN_NOT_SET)
        return {
            Result.PIN_RETRIES: memory.pin_tries,
            Result.POWER_CYCLE_STATE: self._wrong_in_a_row >= TRIES_PER_POWER_CYCLE and memory.pin_tries > 0,
        }

    def _key_agreement(self) -> dict[int, Any]:
        numbers = self._private_key.public_key().public_numbers()
        # Algorithm -25 by the norm, "although this is not the algorithm actually used" (§6.5.6).
        return {1: 2, 3: -25, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}

    def _set_pin(self, protocol: PinProtocol, parameters: Parameters) -> dict[int, Any]:
        if self._chip.memory.pin_hash is not None:
            raise CtapError(Error.PIN_AUTH_INVALID)
        shared = self._shared_secret(protocol, parameters)
        encrypted = parameters.need(5, bytes)
        _check_proof(protocol, shared, encrypted, parameters)
        self._keep(_decrypted_pin(protocol, shared, encrypted))
        return {}

    def _change_pin(self, protocol: PinProtocol, parameters: Parameters) -> dict[int, Any]:
        if self._chip.memory.pin_hash is None:
            raise CtapError(Error.PIN_NOT_SET)
        shared = self._shared_secret(protocol, parameters)
        encrypted = parameters.need(5, bytes)
        pin_hash = parameters.need(6, bytes)
        _check_proof(protocol, shared, encrypted + pin_hash, parameters)
        self._compare(protocol, shared, pin_hash)
        self._keep(_decrypted_pin(protocol, shared, encrypted))
        self._token = None
        return {}

    def _token_by_pin(self, protocol: PinProtocol, parameters: Parameters, *, legacy: bool) -> dict[int, Any]:
        permissions, rp_id = _asked_permissions(parameters, legacy=legacy)
        if self._chip.memory.pin_hash is None:
            raise CtapError(Error.PIN_NOT_SET)
        shared = self._shared_secret(protocol, parameters)
        self._compare(protocol, shared, parameters.need(6, bytes))
        return self._issue(protocol, shared, Token(secrets.token_bytes(32), permissions, rp_id))

    def _token_by_finger(self, protocol: PinProtocol, parameters: Parameters) -> Answer:
        permissions, rp_id = _asked_permissions(parameters, legacy=False)
        if not self._chip.knows_finger:
            raise CtapError(Error.NOT_ALLOWED)
        shared = self._shared_secret(protocol, parameters)
        yield from self.verify_finger()
        return self._issue(protocol, shared, Token(secrets.token_bytes(32), permissions, rp_id, present=True))

    # Within

    def _protocol(self, number: int) -> PinProtocol:
        if number not in self._chip.model.pin_protocols:
            raise CtapError(Error.INVALID_PARAMETER)
        return self._protocols[number]

    def _shared_secret(self, protocol: PinProtocol, parameters: Parameters) -> bytes:
        peer = as_parameters(parameters.need(3, dict))
        x, y = peer.need(-2, bytes), peer.need(-3, bytes)
        try:
            point = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
            public_key = point.public_key()
        except ValueError:
            raise CtapError(Error.INVALID_PARAMETER) from None
        # Version 2 derives from version 1 in the library; only their common base is annotated.
        assert isinstance(protocol, PinProtocolV1)
        derive: Callable[[bytes], bytes] = protocol.kdf
        return derive(self._private_key.exchange(ec.ECDH(), public_key))

    def _compare(self, protocol: PinProtocol, shared: bytes, encrypted_hash: bytes) -> None:
        """Count the try, then compare (§6.5.5.6)."""
        memory = self._chip.memory
        if memory.pin_tries == 0:
            raise CtapError(Error.PIN_BLOCKED)
        if self._wrong_in_a_row >= TRIES_PER_POWER_CYCLE:
            raise CtapError(Error.PIN_AUTH_BLOCKED)
        memory.pin_tries -= 1
        given = _decrypted(protocol, shared, encrypted_hash)
        if memory.pin_hash is None or not secrets.compare_digest(given, memory.pin_hash):
            self._private_key = ec.generate_private_key(ec.SECP256R1())
            self._wrong_in_a_row += 1
            if memory.pin_tries == 0:
                raise CtapError(Error.PIN_BLOCKED)
            blocked = self._wrong_in_a_row >= TRIES_PER_POWER_CYCLE
            raise CtapError(Error.PIN_AUTH_BLOCKED if blocked else Error.PIN_INVALID)
        memory.pin_tries = PIN_TRIES
        memory.finger_tries = FINGER_TRIES
        self._wrong_in_a_row = 0

    def _keep(self, pin: bytes) -> None:
        try:
            code_points = len(pin.decode())
        except UnicodeDecodeError:
            raise CtapError(Error.PIN_POLICY_VIOLATION) from None
        if code_points < self._chip.model.minimum_pin or len(pin) > 63:
            raise CtapError(Error.PIN_POLICY_VIOLATION)
        self._chip.memory.set_pin(pin)
        self._wrong_in_a_row = 0

    def _issue(self, protocol: PinProtocol, shared: bytes, token: Token) -> dict[int, Any]:
        self._token = token
        return {Result.PIN_UV_TOKEN: protocol.encrypt(shared, token.value)}


def _asked_permissions(parameters: Parameters, *, legacy: bool) -> tuple[Permission, str | None]:
    both = Permission.MAKE_CREDENTIAL | Permission.GET_ASSERTION
    if legacy:
        if parameters.find(9, int) is not None or parameters.find(10, str) is not None:
            raise CtapError(Error.INVALID_PARAMETER)
        return both, None
    asked = parameters.need(9, int)
    if asked <= 0:
        raise CtapError(Error.INVALID_PARAMETER)
    if asked & ~both:
        raise CtapError(Error.UNAUTHORIZED_PERMISSION)
    # Both permissions are for one relying party (§6.5.5.7, table of permissions).
    return Permission(asked), parameters.need(10, str)


def _check_proof(protocol: PinProtocol, shared: bytes, message: bytes, parameters: Parameters) -> None:
    if not secrets.compare_digest(protocol.authenticate(shared, message), parameters.need(4, bytes)):
        raise CtapError(Error.PIN_AUTH_INVALID)


def _decrypted(protocol: PinProtocol, shared: bytes, encrypted: bytes) -> bytes:
    try:
        plain: bytes = protocol.decrypt(shared, encrypted)
    except ValueError:
        raise CtapError(Error.PIN_AUTH_INVALID) from None
    return plain


def _decrypted_pin(protocol: PinProtocol, shared: bytes, encrypted: bytes) -> bytes:
    padded = _decrypted(protocol, shared, encrypted)
    if len(padded) != 64:
        raise CtapError(Error.INVALID_PARAMETER)
    return padded.rstrip(b"\0")
